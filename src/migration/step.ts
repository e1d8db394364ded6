import type { DialectSql, SchemaState } from '../ast/schema.js'
import type { Dialect } from '../dialect/dialect.js'
import { type Obstacle, obstaclesOf } from '../schema/obstacles.js'
import { describeOperation } from '../schema/operation/index.js'
import type { SchemaNode } from '../schema/statements.js'
import {
  needsForeignKeysOff,
  runStatement,
  runStep,
  type SchemaSession,
  type SchemaStep,
  schemaSteps,
  textsOf,
} from '../schema/steps.js'
import type { PlannedStep } from '../types/migration.js'
import type { DataFunction } from './definition.js'
import { NONE, type OnlineOperations } from './online.js'
import { type Probe, probeOf } from './probe.js'
import type { Work } from './work.js'

/** The action of a step. */
export type StepAction =
  | { readonly kind: 'schema'; run(session: SchemaSession): Promise<void> }
  /** SQL of the user. */
  | { readonly kind: 'sql'; readonly sql: string }
  | { readonly kind: 'data'; readonly run: DataFunction; readonly before: SchemaState }

/** A part of a migration that is either done or not done. */
export interface MigrationStep extends PlannedStep {
  readonly action: StepAction
  /** The step commits an open transaction, or can't run in one. */
  readonly outsideTransaction: boolean
  /** The step needs a transaction in which no other step has locked tables. */
  readonly ownTransaction: boolean
  /** How to find out whether the step is done, if it runs outside a transaction. */
  readonly probe: Probe
  /** SQL that removes the remains of an interrupted attempt, null if there are none. */
  readonly cleanUp: string | null
  readonly foreignKeysOff: boolean
  /** The statements that change the schema, and the rows that may stop them. */
  readonly nodes: readonly SchemaNode[]
  readonly obstacles: ReadonlyMap<SchemaNode, readonly Obstacle[]>
}

export interface StepsContext {
  readonly dialect: Dialect
  /** Whether steps share a transaction if possible. */
  readonly transaction: boolean
  readonly online?: OnlineOperations
}

/** The steps that a database needs for the work. */
export function stepsOf(
  work: readonly Work[],
  { dialect, transaction, online = NONE }: StepsContext,
): readonly MigrationStep[] {
  const steps: MigrationStep[] = []
  for (let i = 0; i < work.length; i++) {
    const each = work[i] as Work
    if (each.kind === 'sql') steps.push(...sqlStep(each, dialect, transaction))
    else if (each.kind === 'data') steps.push(dataStep(each))
    else {
      const operations = [each.operation]
      for (let next = work[i + 1]; next?.kind === 'schema'; next = work[i + 1]) {
        operations.push(next.operation)
        i++
      }
      steps.push(...schemaSteps(operations, each.before, dialect).flatMap((step) => stepsFrom(step, dialect, online)))
    }
  }
  return steps
}

const IN_TRANSACTION = {
  outsideTransaction: false,
  ownTransaction: false,
  probe: { kind: 'none' },
  cleanUp: null,
  foreignKeysOff: false,
  nodes: [],
  obstacles: new Map(),
} as const

function sqlStep({ sql, probe }: Work & { kind: 'sql' }, dialect: Dialect, transaction: boolean): MigrationStep[] {
  const text = textFor(sql, dialect)
  if (text === null) return []
  const question = probe === null ? null : textFor(probe, dialect)
  return [
    {
      ...IN_TRANSACTION,
      description: `run SQL: ${firstWords(text)}`,
      sql: [text],
      action: { kind: 'sql', sql: text },
      // the SQL may contain a statement that commits
      outsideTransaction: !transaction || !dialect.capabilities.transactionalDdl,
      probe: question === null ? { kind: 'none' } : { kind: 'asks', sql: question },
    },
  ]
}

const dataStep = ({ name, run, before }: Work & { kind: 'data' }): MigrationStep => ({
  ...IN_TRANSACTION,
  description: `change data: ${name}`,
  sql: [],
  action: { kind: 'data', run, before },
})

const firstWords = (text: string) => {
  const line = text.trim().replace(/\s+/g, ' ')
  return line.length > 60 ? `${line.slice(0, 60)}…` : line
}

/** The SQL for this dialect; null if there is none. */
function textFor(sql: DialectSql, { name }: Dialect): string | null {
  const text = Object.hasOwn(sql, name) ? sql[name] : sql.default
  return text ?? null
}

/**
 * Whether a step needs a separate transaction: the one that adds a constraint keeps its lock until the end, so the rows are
 * checked in another one.
 */
const needsOwnTransaction = (node: SchemaNode): boolean => node.kind === 'validateConstraint'

const isConcurrent = (node: SchemaNode): boolean =>
  (node.kind === 'createIndex' || node.kind === 'dropIndex') && node.concurrently

/** If the database supports schema changes in transactions, the step stays whole. Otherwise each statement is a step. */
function stepsFrom(step: SchemaStep, dialect: Dialect, online: OnlineOperations): readonly MigrationStep[] {
  const description = step.operations.map(describeOperation).join(', ')
  if (
    dialect.capabilities.transactionalDdl &&
    !(step.kind === 'statements' && step.nodes.some((node) => isConcurrent(node) || needsOwnTransaction(node)))
  ) {
    const nodes = step.kind === 'statements' ? step.nodes : []
    const obstacles = obstaclesOf(nodes, step.before, dialect)
    const foreignKeysOff = needsForeignKeysOff([step])
    const action = { kind: 'schema', run: (session: SchemaSession) => runStep(step, session) } as const
    return [{ ...IN_TRANSACTION, description, sql: textsOf(step, dialect), action, foreignKeysOff, nodes, obstacles }]
  }
  if (step.kind === 'rebuild') throw new TypeError('a table is made again in a transaction only')
  const obstacles = obstaclesOf(step.nodes, step.before, dialect)
  return step.nodes.map((node, i) => {
    const part = step.nodes.length === 1 ? '' : ` (statement ${i + 1} of ${step.nodes.length})`
    const condition = step.operations.some((each) => online.has(each)) ? conditionOf(node, step.before, dialect) : ''
    return nodeStep(node, { description: description + part, obstacles, dialect, condition })
  })
}

interface NodeContext {
  readonly description: string
  readonly obstacles: MigrationStep['obstacles']
  readonly dialect: Dialect
  /** The end of the statement. */
  readonly condition: string
}

function conditionOf(node: SchemaNode, { tables }: SchemaState, { migration }: Dialect): string {
  const table = 'table' in node ? node.table : node.kind === 'createFullText' ? node.index.table : undefined
  return (table !== undefined && migration.online?.(node, tables.get(table))) || ''
}

/** Statements that run in a transaction on every database. */
const WRITES: ReadonlySet<SchemaNode['kind']> = new Set(['fillColumn', 'convertColumn'])

function nodeStep(node: SchemaNode, { description, obstacles, dialect, condition }: NodeContext): MigrationStep {
  const { compiler, capabilities } = dialect
  const text = compiler.compileInline(node) + condition
  return {
    description,
    sql: [text],
    action: { kind: 'schema', run: (session) => runStatement(text, obstacles.get(node) ?? [], session) },
    outsideTransaction: !WRITES.has(node.kind) && (!capabilities.transactionalDdl || isConcurrent(node)),
    ownTransaction: needsOwnTransaction(node),
    probe: probeOf(node),
    cleanUp:
      node.kind === 'createIndex' && node.concurrently
        ? compiler.compileInline({ kind: 'dropIndex', table: node.table, name: node.name, concurrently: true })
        : null,
    foreignKeysOff: false,
    nodes: [node],
    obstacles,
  }
}

/** Steps that run together in one transaction, or a single step outside a transaction. */
export interface Segment {
  readonly outsideTransaction: boolean
  /** The index of the first step in the migration. */
  readonly start: number
  readonly steps: readonly MigrationStep[]
}

/** Groups steps into segments. `transaction`: steps share transactions if possible; otherwise each has a separate one. */
export function segmentsOf(steps: readonly MigrationStep[], transaction: boolean): readonly Segment[] {
  const segments: { outsideTransaction: boolean; start: number; steps: MigrationStep[] }[] = []
  for (const [start, step] of steps.entries()) {
    const last = segments.at(-1)
    const isShared = last?.outsideTransaction === false && last.steps.every(({ ownTransaction }) => !ownTransaction)
    if (transaction && !step.outsideTransaction && !step.ownTransaction && isShared) last.steps.push(step)
    else segments.push({ outsideTransaction: step.outsideTransaction, start, steps: [step] })
  }
  return segments
}
