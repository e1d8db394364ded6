import type { SchemaOperation, SchemaState } from '../ast/schema.js'
import type { Dialect } from '../dialect/dialect.js'
import type { DriverRow } from '../driver/driver.js'
import {
  AbortedError,
  ConnectionError,
  DatabaseError,
  DeadlockError,
  LockTimeoutError,
  MigrationError,
  UnsupportedError,
} from '../errors.js'
import { leadsIndex } from './definitions.js'
import { type Obstacle, obstaclesOf, obstaclesOfOperations, obstaclesOfRebuild, refuseRows } from './obstacles.js'
import { applied } from './operation/index.js'
import { stepsByTable } from './plan.js'
import { type SchemaNode, type SchemaStatement, statementsOf } from './statements.js'
import { type SchemaStep, statementsStep } from './step.js'

// Runs a list of operations in the steps that a database needs.

export type { RebuildStep, SchemaStep, StatementsStep } from './step.js'

/** The connection that a step is run on. */
export interface SchemaSession {
  readonly dialect: Dialect
  /** Whether its statements are part of a transaction. */
  readonly inTransaction: boolean
  /** Sends one statement; `rows` says whether it returns rows. Rejects with corm's errors. */
  run(sql: string, rows?: boolean): Promise<readonly DriverRow[]>
}

/** The steps of operations, with the state of the schema before and after each step. */
export function schemaSteps(
  operations: readonly SchemaOperation[],
  before: SchemaState,
  dialect: Dialect,
): readonly SchemaStep[] {
  const statements = statementsIn(operations, before, dialect)
  if (dialect.rebuilding !== null) return stepsByTable(statements, before, dialect)
  return statements.flatMap(({ operation, around }) =>
    inTurn(statementsOf(operation, around)).map((nodes) => statementsStep([operation], around, nodes)),
  )
}

/** What follows the look at the rows is one transaction, which does not wait for that. */
function inTurn(nodes: readonly SchemaNode[]): readonly (readonly SchemaNode[])[] {
  const end = nodes.findIndex(({ kind }) => kind === 'validateConstraint') + 1
  return end === 0 || end === nodes.length ? [nodes] : [nodes.slice(0, end), nodes.slice(end)]
}

function statementsIn(operations: readonly SchemaOperation[], before: SchemaState, dialect: Dialect) {
  const created = new Set<string>()
  let state = before
  const statements = operations.map((operation): SchemaStatement => {
    const after = applied(operation, state)
    if (operation.op === 'createTable') created.add(operation.table.name)
    if (operation.op === 'renameTable' && created.has(operation.table)) created.add(operation.to)
    const around = { before: state, after, dialect, created }
    state = after
    return { operation, around }
  })
  if (dialect.capabilities.keysNeedIndexes)
    for (const operation of operations) refuseUnindexed(operation, state, dialect)
  return statements
}

/** Refuses a new column that the database would have to number without an index. */
function refuseUnindexed(operation: SchemaOperation, state: SchemaState, { name: dialect }: Dialect): void {
  if (operation.op !== 'createTable' && operation.op !== 'addColumn') return
  const [name, columns] =
    operation.op === 'createTable'
      ? [operation.table.name, operation.table.columns]
      : [operation.table, [operation.column]]
  const table = state.tables.get(name)
  const column = columns.find(
    (each) => each.type.autoIncrement === true && table !== undefined && !leadsIndex(table, each.name),
  )
  if (column !== undefined)
    throw new UnsupportedError(
      `The number "${name}.${column.name}" without an index`,
      dialect,
      'Add an index that begins with it: { unique: true } or { index: true } of the field, or "indexes" of the model.',
    )
}

/** The SQL of a step, as far as it is known before the step runs. */
export function textsOf(step: SchemaStep, { compiler, rebuilding }: Dialect): readonly string[] {
  const compiled = (nodes: readonly SchemaNode[]) => nodes.map((node) => compiler.compileInline(node))
  if (step.kind === 'statements') return compiled(step.nodes)
  const { inPlace, rebuild } = step
  if (inPlace !== null) return compiled(inPlace)
  return rebuilding?.texts(rebuild, compiler) ?? []
}

/**
 * Runs a step. The caller begins and ends the transaction around it. If `needsForeignKeysOff` is true, the caller turns foreign
 * keys off before the transaction.
 */
export async function runStep(step: SchemaStep, session: SchemaSession): Promise<void> {
  const { compiler, rebuilding } = session.dialect
  const rebuildSession = { compiler, run: session.run }
  if (step.kind === 'rebuild') {
    if (rebuilding === null) throw new TypeError('a database that alters every table has nothing to make again')
    if (step.inPlace !== null && (await worksInPlace(step.inPlace, session))) return
    await refuseRows(obstaclesOfRebuild(step, session.dialect), session)
    const others = obstaclesOfOperations(step, session.dialect)
    return naming(others, session, () => rebuilding.rebuild(step.rebuild, rebuildSession))
  }
  const isRenamed = step.nodes.some(({ kind }) => kind === 'renameTable' || kind === 'renameColumn')
  if (isRenamed) await rebuilding?.refuseBroken(rebuildSession)
  const obstacles = obstaclesOf(step.nodes, step.before, session.dialect)
  for (const node of step.nodes)
    await runStatement(session.dialect.compiler.compileInline(node), obstacles.get(node) ?? [], session)
}

/** Runs a statement. Throws MigrationError that names the rows it can't take. */
export async function runStatement(
  text: string,
  obstacles: readonly Obstacle[],
  session: SchemaSession,
): Promise<void> {
  const { dialect, run, inTransaction } = session
  const silent = obstacles.filter(({ isSilent }) => isSilent)
  const others = obstacles.filter(({ isSilent }) => !isSilent)
  const change = () => naming(others, session, () => run(text))
  const locked = silent.filter((each) => !Object.hasOwn(each, 'isRefused'))
  const [first] = locked
  await refuseRows(
    silent.filter((each) => !locked.includes(each)),
    session,
  )
  if (first === undefined) return void (await change())
  // keeps other writers from adding such a value between the check and the change
  const lock = dialect.migration.lockTable
  if (lock === null || lock.inTransaction !== inTransaction) {
    await refuseRows(locked, session)
    return void (await change())
  }
  await run(lock.take(first.table))
  try {
    await refuseRows(locked, session)
    await change()
  } finally {
    if (lock.release !== null) await run(lock.release)
  }
}

/** Runs work that the database may refuse because of existing rows. The error then names them. */
async function naming<R>(obstacles: readonly Obstacle[], session: SchemaSession, work: () => Promise<R>): Promise<R> {
  const { dialect, run, inTransaction } = session
  if (obstacles.length === 0) return work()
  const name = 'corm_rows'
  if (inTransaction) await run(dialect.savepoint.begin(name))
  try {
    const result = await work()
    if (inTransaction) await run(dialect.savepoint.release(name))
    return result
  } catch (error) {
    if (!isRefusal(error)) throw error
    if (inTransaction) await run(dialect.savepoint.rollback(name))
    await refuseRows(obstacles, session).catch((found: unknown) => {
      // if the search itself fails, the first error is thrown
      if (found instanceof MigrationError) throw found
    })
    throw error
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof DatabaseError &&
  !(
    error instanceof ConnectionError ||
    error instanceof LockTimeoutError ||
    error instanceof DeadlockError ||
    error instanceof AbortedError
  )

/** Tries to run statements. Returns false if one of them failed; then nothing was changed. */
async function worksInPlace(nodes: readonly SchemaNode[], { dialect, run }: SchemaSession): Promise<boolean> {
  const { compiler, savepoint } = dialect
  const name = 'corm_in_place'
  await run(savepoint.begin(name))
  try {
    for (const node of nodes) await run(compiler.compileInline(node))
    await run(savepoint.release(name))
    return true
  } catch (error) {
    if (!isRefusal(error)) throw error
    await run(savepoint.rollback(name))
    await run(savepoint.release(name))
    return false
  }
}

/** Whether the checks of foreign keys must be off around the transaction in which the steps run. */
export const needsForeignKeysOff = (steps: readonly SchemaStep[]): boolean =>
  steps.some((step) => step.kind === 'rebuild' || step.withoutKeys)

/** Checks all foreign keys before the commit of a transaction that ran without them. Throws MigrationError. */
export async function checkForeignKeys({ dialect: { compiler, rebuilding }, run }: SchemaSession): Promise<void> {
  await rebuilding?.refuseLostKeys({ compiler, run })
}

/**
 * Runs work, which begins and ends its own transaction, with the checks of foreign keys off. Afterwards, or after an error,
 * they are on again.
 */
export async function withoutForeignKeys<R>(
  { dialect: { rebuilding }, run }: SchemaSession,
  work: () => Promise<R>,
): Promise<R> {
  if (rebuilding === null) return work()
  const { off, on, areOn } = rebuilding.foreignKeys
  const areChecked = async () => Number((await run(areOn, true))[0]?.[0]) !== 0
  await run(off)
  if (await areChecked())
    throw new MigrationError(
      'A table must be made again, for which foreign keys can only be switched off outside a transaction. Run the migration by itself.',
    )
  const isOnAgain = async () => {
    await run(on)
    return areChecked()
  }
  const result = await work().catch(async (error: unknown) => {
    await isOnAgain()
    throw error
  })
  if (await isOnAgain()) return result
  throw new MigrationError('Foreign keys are still not checked after a migration: its transaction did not end.')
}
