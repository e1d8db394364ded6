import { Database } from '../../database/database.js'
import type { Executor } from '../../database/executor.js'
import { cancellationOf, Limited } from '../../database/limited.js'
import type { Explain } from '../../database/statement.js'
import { currentTransaction, Transaction } from '../../database/transaction.js'
import type { UndoLog } from '../../database/undo.js'
import { type DatabaseError, UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { Limits } from '../../query/runner/limits.js'
import { constraintsOf } from '../../schema/constraints.js'
import { copyHint } from '../../util/copies.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'

/** Where a statement of this model runs: what was named, else the running transaction, else the model's database. */
export function executorFor(meta: ModelMetadata, named: object | null): MaybePromise<Executor> {
  if (named === null)
    return andThen(Database.resolve(meta.databaseName), (database) => currentTransaction(database) ?? database)
  if (named instanceof Transaction) return named
  if (named instanceof Database) return currentTransaction(named) ?? named
  if (named instanceof Limits) return startLimits(meta, named)
  if (named instanceof Limited) return named
  throw new UsageError(`using() takes a database or a transaction.${copyHint(named)}`)
}

/** What `executorFor` takes. */
export const isConnection = (value: unknown): boolean =>
  value instanceof Transaction || value instanceof Database || value instanceof Limits || value instanceof Limited

/** From here on the query's time runs. */
function startLimits(meta: ModelMetadata, limits: Limits): MaybePromise<Executor> {
  const cancellation = cancellationOf(limits)
  cancellation.check()
  return andThen(executorFor(meta, limits.executor), (executor) => new Limited(executor, cancellation))
}

/** The same executor with the limits that a query names, counted from now. */
export function limited(executor: Executor, named: object | null): Executor {
  return named instanceof Limits ? new Limited(executor, cancellationOf(named)) : executor
}

/** Where a query runs that names this, whatever its limits. */
export function withoutLimits(named: object | null): object | null {
  return named instanceof Limits ? named.executor : named
}

/** The database behind a database or transaction. */
export function databaseOf(executor: object): Database {
  if (executor instanceof Limited) return databaseOf(executor.executor)
  return (executor instanceof Transaction ? executor.database : executor) as Database
}

/**
 * Whether a plain read may miss what others have committed: in a transaction that may have read before. One that corm has just
 * begun has not.
 */
export function readsStale(executor: object | null): boolean {
  if (executor instanceof Limited) return readsStale(executor.executor)
  return executor instanceof Transaction && executor.parent !== null && executor.dialect.capabilities.staleReads
}

/** Where a write of this model says what a rollback puts back; null outside of transactions. */
export async function undoOf(meta: ModelMetadata, named: object | null): Promise<UndoLog | null> {
  return (await executorFor(meta, named)).undo
}

/** Runs work all or nothing: in a transaction of this database, or inside of this transaction. */
export function inTransaction<R>(executor: Executor, work: (trx: Transaction) => Promise<R>): Promise<R> {
  if (executor instanceof Limited) return inTransaction(executor.executor, work)
  return (executor instanceof Transaction ? executor : databaseOf(executor)).transaction(work)
}

/** Runs all statements in the transaction itself, for work whose failure ends that. */
export function within(trx: Transaction): Executor {
  return {
    dialect: trx.dialect,
    undo: trx.undo,
    together: undefined,
    run: (statement) => trx.run(statement),
    atomically: async (work) => work(trx.batch()),
  }
}

/** Adds the names of the model's fields to an error of the database. */
export function explainFor(meta: ModelMetadata): Explain {
  let explain = explains.get(meta)
  if (explain === undefined) explains.set(meta, (explain = explainer(meta)))
  return explain
}

const explains = new WeakMap<ModelMetadata, Explain>()

function explainer(meta: ModelMetadata): Explain {
  const explain = (error: DatabaseError): void => {
    const byColumn = error.columns.flatMap((column) => fieldNamed(meta, error.table, column))
    error.fields = byColumn.length > 0 ? byColumn : fieldsOfConstraint(meta, error)
  }
  return Object.assign(explain, { table: { name: meta.table, fields: meta.fields } })
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
