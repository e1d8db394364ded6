import type { Dialect } from '../dialect/dialect.js'
import { Cancellation } from '../driver/cancellation.js'
import type { QueryResult } from '../driver/driver.js'
import type { Signal, TransactionOptions } from '../types/database.js'
import type { MaybePromise } from '../util/maybe-promise.js'
import type { BatchConnection, Executor, OpenTransaction } from './executor.js'
import { type NamedStatement, statementWith } from './statement.js'
import type { UndoLog } from './undo.js'

/** When a query is cancelled. */
export interface TimeLimits {
  /** In milliseconds from when the query is awaited. */
  readonly timeout: number | null
  readonly signal: Signal | null
  /** If the time is already running, when it ends, on the clock of `performance.now()`. */
  readonly deadline: number | null
}

/** The cancellation for these limits, with the timeout counted from now. */
export function cancellationOf({ timeout, signal, deadline }: TimeLimits): Cancellation {
  const end = deadline ?? (timeout === null ? Number.POSITIVE_INFINITY : performance.now() + timeout)
  return new Cancellation(end, timeout, signal === null ? [] : [signal])
}

/**
 * A database or transaction whose statements are cancelled when the limits of one awaited query, with its relations, are
 * reached.
 */
export class LimitedExecutor implements Executor {
  readonly #executor: Executor
  readonly #cancellation: Cancellation

  readonly runTogether = undefined

  constructor(executor: Executor, cancellation: Cancellation) {
    if (executor instanceof LimitedExecutor) {
      this.#executor = executor.#executor
      this.#cancellation = executor.#cancellation.and(cancellation)
    } else {
      this.#executor = executor
      this.#cancellation = cancellation
    }
  }

  get database(): Executor {
    return this.#executor.database
  }

  get openTransaction(): OpenTransaction | null {
    return this.#executor.openTransaction
  }

  get current(): Executor {
    return this
  }

  get undo(): UndoLog | null {
    return this.#executor.undo
  }

  get dialect(): Dialect {
    return this.#executor.dialect
  }

  run(statement: NamedStatement): MaybePromise<QueryResult> {
    return this.#run(this.#executor, statement)
  }

  atomically<R>(work: (connection: BatchConnection) => MaybePromise<R>): Promise<R> {
    return this.#executor.atomically((connection) =>
      work({ run: (statement) => this.#run(connection, statement), runMany: connection.runMany }),
    )
  }

  /** The transaction itself has no limits, because its caller runs several statements in it. */
  transaction<R>(work: (trx: OpenTransaction) => Promise<R>, options?: TransactionOptions): Promise<R> {
    return this.#executor.transaction(work, options)
  }

  #run(on: Pick<Executor, 'run'>, statement: NamedStatement): MaybePromise<QueryResult> {
    const cancellation = this.#cancellation
    cancellation.check()
    const result = on.run(statementWith(statement, { cancellation }))
    if (!(result instanceof Promise) || mayWrite(statement)) return result
    return result.then((found) => {
      // a server may return a partial result for a stopped statement as if it were complete
      cancellation.check()
      return found
    })
  }
}

/** The result of a write is reported even when it comes too late, because the write has happened. */
const mayWrite = ({ intent }: NamedStatement): boolean => intent === 'write' || intent === 'schema'
