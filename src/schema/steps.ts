import type { SchemaOperation, SchemaState } from '../ast/schema.js'
import type { Dialect } from '../dialect/dialect.js'
import type { Row } from '../driver/driver.js'
import { applied } from './operation/index.js'
import { type SchemaNode, statementsOf } from './statements.js'

// The work of a list of operations, in the steps in which a database takes it.

/** One operation, by statements that can be sent one after the other. */
export interface StatementsStep {
  readonly kind: 'statements'
  readonly operations: readonly SchemaOperation[]
  readonly before: SchemaState
  readonly after: SchemaState
  readonly nodes: readonly SchemaNode[]
}

/** Changes of one table that the database makes by creating the table again. */
export interface RebuildStep {
  readonly kind: 'rebuild'
  readonly operations: readonly SchemaOperation[]
  readonly before: SchemaState
  readonly after: SchemaState
  /** The name of the table after the step. */
  readonly table: string
}

export type SchemaStep = StatementsStep | RebuildStep

/** The connection that a step is run on. */
export interface SchemaSession {
  readonly dialect: Dialect
  /** Sends one statement; `rows` says whether it returns rows. */
  run(sql: string, rows?: boolean): Promise<readonly Row[]>
}

/** The steps of operations, with the state of the schema before and after each step. */
export function schemaSteps(
  operations: readonly SchemaOperation[],
  before: SchemaState,
  dialect: Dialect,
): readonly SchemaStep[] {
  let state = before
  return operations.map((operation): SchemaStep => {
    const around = { before: state, after: applied(operation, state), dialect }
    state = around.after
    const nodes = statementsOf(operation, around)
    return { kind: 'statements', operations: [operation], before: around.before, after: around.after, nodes }
  })
}

/** The SQL of a step, as far as it is known before the step runs. */
export function textsOf(step: SchemaStep, { compiler }: Dialect): readonly string[] {
  if (step.kind === 'rebuild') throw new TypeError('no database makes tables again')
  return step.nodes.map((node) => compiler.compileInline(node))
}

/**
 * Runs a step. The caller begins and ends the transaction around it; where `needsForeignKeysOff` says so, foreign keys are
 * off before it begins.
 */
export async function runStep(step: SchemaStep, session: SchemaSession): Promise<void> {
  for (const text of textsOf(step, session.dialect)) await session.run(text)
}

/** Whether the checks of foreign keys must be off around the transaction in which the steps run. */
export const needsForeignKeysOff = (steps: readonly SchemaStep[]): boolean =>
  steps.some(({ kind }) => kind === 'rebuild')
