import { Database } from '../../database/database.js'
import { withRetries } from '../../database/retries.js'
import { Transaction } from '../../database/transaction.js'
import { type DatabaseError, DeadlockError, UsageError } from '../../errors.js'
import type { Executor, OpenTransaction, Using } from '../../execution/executor.js'
import { cancellationOf, LimitedExecutor, type TimeLimits } from '../../execution/limited.js'
import type { Explain } from '../../execution/statement.js'
import type { UndoLog } from '../../execution/undo.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { QueryState } from '../../query/runner/runner.js'
import { constraintsOf } from '../../schema/constraints.js'
import { copyHint } from '../../util/copies.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { memo } from '../../util/memo.js'

/** Where a statement of this model runs: what was named, else the running transaction, else the model's database. */
export function executorFor(meta: ModelMetadata, using: Using): MaybePromise<Executor> {
  if (using !== null) return using.current
  return andThen(Database.resolve(meta.databaseName), (database) => database.current)
}

/** Where a query runs. From here on its time counts. */
export function executorOf(query: QueryState): MaybePromise<Executor> {
  const { meta } = query.source
  if (query.limits === null) return executorFor(meta, usingOf(query))
  const cancellation = cancellationOf(query.limits)
  cancellation.check()
  return andThen(executorFor(meta, usingOf(query)), (executor) => new LimitedExecutor(executor, cancellation))
}

/** What a query names: by its own `using()`, or by that of its model. */
export const usingOf = ({ executor, source }: QueryState): Using => executor ?? source.executor

/** The same executor with the limits of a query, whose time runs from now on. */
export function limited(executor: Executor, limits: TimeLimits | null): Executor {
  return limits === null ? executor : new LimitedExecutor(executor, cancellationOf(limits))
}

/** Whether work can run on this value of the user's. */
export const isExecutor = (value: unknown): value is Executor =>
  value instanceof Database || value instanceof Transaction || value instanceof LimitedExecutor

/** The argument of using(). */
export function requireExecutor(given: unknown): Executor {
  if (isExecutor(given)) return given
  throw new UsageError(`using() takes a database or a transaction.${copyHint(given)}`)
}

/**
 * Whether a plain read may miss what others have committed: in a transaction that may have read before. One that corm has just
 * begun has not.
 */
export function readsStale({ openTransaction, dialect }: Executor): boolean {
  return openTransaction !== null && openTransaction.parent !== null && dialect.capabilities.staleReads
}

/** How often corm tries its own work again. */
const RETRIES = 8

/**
 * Runs work that leaves nothing behind where it fails. Calls that write the same rows at once may wait for each other, and the
 * database ends one of them: that one is run again, unless it is a part of the user's own transaction.
 */
export function pastDeadlocks<R>({ openTransaction }: Executor, work: () => Promise<R>): Promise<R> {
  return openTransaction === null ? withRetries(RETRIES, work, (error) => error instanceof DeadlockError) : work()
}

/** Runs work all or nothing, where statements of this model run. */
export async function inTransaction<R>(
  meta: ModelMetadata,
  using: Using,
  work: (trx: OpenTransaction) => Promise<R>,
): Promise<R> {
  return (await executorFor(meta, using)).transaction(work)
}

/** Where a write of this model says what a rollback puts back; null outside transactions. */
export async function undoOf(meta: ModelMetadata, using: Using): Promise<UndoLog | null> {
  return (await executorFor(meta, using)).undo
}

/** Runs all statements in the transaction itself, for work whose failure ends that. */
export function within(trx: OpenTransaction): Executor {
  const executor: Executor = {
    dialect: trx.dialect,
    database: trx.database,
    openTransaction: trx,
    get current() {
      return executor
    },
    undo: trx.undo,
    runTogether: undefined,
    run: (statement) => trx.run(statement),
    atomically: async (work) => work(trx.batch()),
    transaction: (work, options) => trx.transaction(work, options),
  }
  return executor
}

/** Adds the names of the model's fields to an error of the database. */
export function explainFor(meta: ModelMetadata): Explain {
  return memo(explains, meta, explainer)
}

const explains = new WeakMap<ModelMetadata, Explain>()

function explainer(meta: ModelMetadata): Explain {
  return (error) => {
    const byColumn = error.columns.flatMap((column) => fieldNamed(meta, error.table, column))
    const fields = byColumn.length > 0 ? byColumn : fieldsOfConstraint(meta, error)
    error.fields =
      meta.blindIndexes.length === 0 ? fields : fields.map((name) => meta.fieldOrNull(name)?.indexOf?.name ?? name)
  }
}

/** Databases write `table.column`: where the table's own name has a dot, the column begins after it. */
function fieldNamed(meta: ModelMetadata, table: string | undefined, column: string): string[] {
  const path = `${table}.${column}`
  const rest = path.startsWith(`${meta.table}.`) ? path.slice(meta.table.length + 1) : column
  const field = meta.fieldOfColumn(rest) ?? meta.fieldOfColumn(column)
  return field === undefined ? [] : [field.name]
}

function fieldsOfConstraint(meta: ModelMetadata, { table, constraint }: DatabaseError): readonly string[] {
  if (constraint === undefined) return []
  const { fieldsOf } = constraintsOf(meta)
  const names = [constraint, `${table}.${constraint}`, constraint.slice(constraint.lastIndexOf('.') + 1)]
  for (const name of names) if (fieldsOf.has(name)) return fieldsOf.get(name) ?? []
  return []
}
