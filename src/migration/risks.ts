import { isSame } from '../ast/canonical.js'
import {
  type ColumnState,
  needsValue,
  type OperationName,
  type OperationOf,
  type SchemaOperation,
  type SchemaState,
} from '../ast/schema.js'
import type { Dialect } from '../dialect/dialect.js'
import { columnChange, type LockTable, lockIn } from '../dialect/locks.js'
import { applied, describeOperation, lossOf } from '../schema/operation/index.js'
import type { MigrationRisk, RiskLevel } from '../types/migration.js'
import { isSchema } from './definition.js'
import { LargeTables, type RowCounts } from './large-tables.js'
import type { ReplayedStep } from './replay.js'

// What is dangerous about the operations of migrations: what they lose, what they break, and whom they keep waiting.

export interface RiskContext {
  readonly dialect: Pick<Dialect, 'name' | 'locks'>
  readonly rows: RowCounts
}

/**
 * The risks of operations that run one after the other, in their order. Tables that they create have none. `large` follows the
 * operations, and knows those that ran before them.
 */
export function risksOf(
  steps: readonly ReplayedStep[],
  context: RiskContext,
  large = new LargeTables(context.rows),
): readonly MigrationRisk[] {
  return steps.flatMap(({ operation, before, safe }, index): MigrationRisk[] => {
    const tables = isSchema(operation) ? tablesOf(operation) : []
    const isNew = operation.op === 'createTable' || tables.every((table) => large.isNew(table))
    const isLarge = tables.some((table) => large.isLarge(table))
    large.follow(operation)
    if (!isSchema(operation) || isNew) return []
    const risk = riskOf(operation, before, { locks: context.dialect.locks, isLarge })
    return risk === null ? [] : [{ ...risk, index, operation: describeOperation(operation), safe }]
  })
}

/** The risks of operations that are about to be written to a file. */
export function risksOfChange(
  from: SchemaState,
  operations: readonly SchemaOperation[],
  context: RiskContext,
): readonly MigrationRisk[] {
  let state = from
  const steps = operations.map((operation): ReplayedStep => {
    const before = state
    state = applied(operation, state)
    return { operation, before, safe: null }
  })
  return risksOf(steps, context)
}

type RiskFinding = Omit<MigrationRisk, 'index' | 'operation' | 'safe'>

interface TableSize {
  readonly locks: LockTable
  readonly isLarge: boolean
}

/** The gravest one; null if there is none. */
function riskOf(operation: SchemaOperation, before: SchemaState, { locks, isLarge }: TableSize): RiskFinding | null {
  const lock = lockIn(locks, operation, before)
  const found = (level: RiskLevel, why: string, instead: string | null): RiskFinding => ({
    level,
    why,
    instead,
    lock: lock.name,
    rewrites: lock.lasts === 'rewrite',
    blocksReads: lock.blocksReads && lock.lasts !== 'moment',
    blocksWrites: lock.blocksWrites && lock.lasts !== 'moment',
  })
  const loss = lossOf(operation, before)
  if (loss !== null)
    return found(
      'loses',
      `loses ${loss}`,
      isRetired(operation, before) ? null : (INSTEAD_OF_LOSS[operation.op] ?? null),
    )
  const broken = brokenBy(operation, before)
  if (broken !== null) return found('breaks-old-code', broken.why, broken.instead)
  if (!isLarge || lock.lasts === 'moment' || !(lock.blocksReads || lock.blocksWrites)) return null
  const waiting = lock.blocksReads ? 'reads and writes wait' : 'writes wait'
  const instead = insteadOfWaiting(operation, before, locks)
  return lock.lasts === 'rewrite'
    ? found('rewrites', `writes all rows again; ${waiting} meanwhile`, instead)
    : found('blocks', `reads all rows; ${waiting} meanwhile`, instead)
}

const OTHER_TYPE =
  'Let "corm migrate make --safe" write the change, or add a column of the new type, copy the values in batches, and retire the old one.'

const INSTEAD_OF_LOSS: Partial<Record<OperationName, string>> = {
  dropTable: 'Retire the table first, and drop it once no running program uses it.',
  removeColumn: 'Retire the column first, and remove it once no running program uses it.',
  alterColumn: OTHER_TYPE,
}

const INSTEAD_OF_WAITING: Partial<Record<OperationName, string>> = {
  addColumn: 'Add the column as nullable or with a constant default, fill it in batches, then make it NOT NULL.',
  alterColumn: OTHER_TYPE,
}

const CONCURRENTLY: Partial<Record<OperationName, string>> = {
  createIndex: 'Create the index',
  addForeignKey: 'Add the foreign key',
  addCheck: 'Add the check',
}

/** It has the form already that other columns should have. */
const isPlain = (column: ColumnState): boolean =>
  !needsValue(column) && column.default !== 'uuid' && column.generated === null && column.type.autoIncrement !== true

function insteadOfWaiting(operation: SchemaOperation, before: SchemaState, locks: LockTable): string | null {
  if (operation.op === 'addColumn' && isPlain(operation.column)) return null
  const what = CONCURRENTLY[operation.op]
  if (what === undefined) return INSTEAD_OF_WAITING[operation.op] ?? null
  const { blocksWrites, lasts } = lockIn(locks, { ...operation, concurrently: true } as SchemaOperation, before)
  return blocksWrites && lasts !== 'moment' ? null : `${what} with "concurrently: true".`
}

function isRetired(operation: SchemaOperation, { tables }: SchemaState): boolean {
  if (operation.op === 'dropTable') return tables.get(operation.table)?.retired === true
  if (operation.op !== 'removeColumn') return false
  const table = tables.get(operation.table)
  return table?.columns.find(({ name }) => name === operation.column)?.retired === true
}

interface RiskReason {
  readonly why: string
  readonly instead: string | null
}

type BreakTable = {
  readonly [Name in OperationName]?: (operation: OperationOf<Name>, before: SchemaState) => RiskReason | null
}

const oldType = (table: string, column: string) =>
  `programs that run now write "${table}.${column}" as a value of the old type`

/** What programs that were deployed earlier stumble over. */
const BREAKS: BreakTable = {
  renameTable: ({ table }) => ({
    why: `programs that run now still use the name "${table}"`,
    instead: 'Rename while no program runs, or create the new table, copy in batches, and retire the old one.',
  }),
  renameColumn: ({ table, from }) => ({
    why: `programs that run now still use the name "${table}.${from}"`,
    instead: 'Rename while no program runs, or let "corm migrate make --safe" write the rename.',
  }),
  swapColumns({ table, column }, { tables }) {
    const from = tables.get(table)?.columns.find(({ name }) => name === column.name)
    if (from === undefined || isSame(from.type.name, column.type.name)) return null
    return { why: oldType(table, column.name), instead: 'Swap them when every program that runs can use both types.' }
  },
  addColumn: ({ table, column }) =>
    needsValue(column)
      ? {
          why: `programs that run now insert rows without "${table}.${column.name}", which fails`,
          instead: 'Add the column as nullable, deploy, fill it in batches, then make it NOT NULL.',
        }
      : null,
  alterColumn(operation, before) {
    const change = columnChange(operation, before)
    const name = `${operation.table}.${operation.column.name}`
    if (change?.isTightened === true)
      return {
        why: `programs that run now may still insert NULL into "${name}"`,
        instead: 'Deploy what writes a value first.',
      }
    if (change === null || isSame(change.from.type.name, change.to.type.name)) return null
    return {
      why: oldType(operation.table, operation.column.name),
      instead: OTHER_TYPE,
    }
  },
}

function brokenBy(operation: SchemaOperation, before: SchemaState): RiskReason | null {
  const find = BREAKS[operation.op] as ((each: SchemaOperation, state: SchemaState) => RiskReason | null) | undefined
  return find?.(operation, before) ?? null
}

/** The tables that an operation locks. */
function tablesOf(operation: SchemaOperation): readonly string[] {
  switch (operation.op) {
    case 'createTable':
      return [operation.table.name]
    case 'createView':
    case 'dropView':
      return []
    case 'addForeignKey':
      return [operation.table, operation.foreignKey.table]
    default:
      return [operation.table]
  }
}
