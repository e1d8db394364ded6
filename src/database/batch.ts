import { type BeginOptions, type Connection, type QueryResult, resultOf } from '../driver/driver.js'
import { ConnectionError, type CormError, TransactionError } from '../errors.js'
import type { BatchConnection } from '../execution/executor.js'
import { controlStatement } from '../execution/statement.js'
import type { MaybePromise } from '../util/maybe-promise.js'
import { own } from '../util/own.js'
import type { Observer } from './observe.js'

/** A transaction of corm's own statements only: no code of the user's runs in it, so it needs no context. */
export async function inBatch<R>(
  observer: Observer,
  connection: Connection,
  work: (connection: BatchConnection) => MaybePromise<R>,
): Promise<R> {
  // an await costs more than the statement on SQLite, whose results are not promises
  const begun = guard(observer, 'begin', () => connection.begin(own<BeginOptions>(undefined)))
  if (begun instanceof Promise) await begun
  try {
    const done = work(batchOn(observer, connection))
    const result = done instanceof Promise ? await done : done
    const committed = guard(observer, 'commit', () => connection.commit())
    if (committed instanceof Promise) await committed
    return result
  } catch (error) {
    throw await abandon(observer, connection, error)
  }
}

/** Rolls back because of an error, which is what the caller is to see: a failure of that is attached to it. */
export async function abandon(observer: Observer, connection: Connection, error: unknown): Promise<unknown> {
  try {
    await guard(observer, 'rollback', () => connection.rollback())
    if (connection.lost === true)
      throw new ConnectionError('The connection to the database was lost before the rollback.')
  } catch (failure) {
    broken.add(connection)
    attachRollbackError(error, observer.map(failure))
  }
  return error
}

/** What was thrown may be anything: where nothing can be attached to it, the process is warned. */
export function attachRollbackError(error: unknown, failure: CormError): void {
  // a lost connection is reported once
  if (error instanceof ConnectionError && failure instanceof ConnectionError) return
  const attached = new TransactionError(
    `The transaction could not be rolled back: ${failure.message} The database does that itself when the connection ends.`,
    { cause: failure },
  )
  if (error instanceof Error && Object.isExtensible(error) && !Object.hasOwn(error, 'rollbackError'))
    Object.defineProperty(error, 'rollbackError', { value: attached, enumerable: true, configurable: true })
  else process.emitWarning(attached)
}

export function batchOn(observer: Observer, connection: Connection): BatchConnection {
  const { runMany } = connection
  return {
    run: (statement) => observer.run(statement, connection),
    runMany:
      runMany &&
      ((statement, count, parametersOf) =>
        observer.run(statement, { run: () => runMany.call(connection, statement, count, parametersOf) })),
  }
}

/** Connections whose rollback failed: their lender throws them away. */
export const broken = new WeakSet<Connection>()

/** Runs one of the statements that begin and end transactions. */
export function guard(observer: Observer, sql: string, send: () => MaybePromise<void>): MaybePromise<unknown> {
  const run = () => {
    const done = send()
    return done instanceof Promise ? done.then(() => NOTHING) : NOTHING
  }
  return observer.run(controlStatement(sql), { run })
}

const NOTHING: QueryResult = resultOf([], 0)
