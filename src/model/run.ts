import { Database } from '../database/database.js'
import type { Executor } from '../database/executor.js'
import { currentTransaction, Transaction } from '../database/transaction.js'
import { type DatabaseError, UsageError } from '../errors.js'
import type { ModelMetadata } from '../metadata/metadata.js'
import { constraintsOf } from '../schema/constraints.js'
import { andThen, type MaybePromise } from '../util/maybe-promise.js'

/** Where a statement of this model runs: what was named, else the running transaction, else the model's database. */
export function executorFor(meta: ModelMetadata, named: object | null): MaybePromise<Executor> {
  if (named === null)
    return andThen(Database.resolve(meta.databaseName), (database) => currentTransaction(database) ?? database)
  if (named instanceof Transaction) return named
  if (named instanceof Database) return currentTransaction(named) ?? named
  throw new UsageError('using() takes a database or a transaction.')
}

/** The database behind a database or transaction. */
export function databaseOf(executor: object): Database {
  return (executor instanceof Transaction ? executor.database : executor) as Database
}

/** Adds the names of the model's fields to an error of the database. */
export function explainFor(meta: ModelMetadata): (error: DatabaseError) => void {
  return (error) => {
    const byColumn = error.columns.flatMap((column) => meta.fieldOfColumn(column)?.name ?? [])
    error.fields = byColumn.length > 0 ? byColumn : fieldsOfConstraint(meta, error.constraint)
  }
}

function fieldsOfConstraint(meta: ModelMetadata, constraint: string | undefined): readonly string[] {
  if (constraint === undefined) return []
  const names = constraintsOf(meta).fieldsOf
  return names.get(constraint) ?? names.get(constraint.slice(constraint.lastIndexOf('.') + 1)) ?? []
}
