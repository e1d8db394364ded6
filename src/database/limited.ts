import type { Dialect } from '../dialect/dialect.js'
import { Cancellation } from '../driver/cancellation.js'
import type { QueryResult } from '../driver/driver.js'
import type { Signal } from '../types/database.js'
import type { MaybePromise } from '../util/maybe-promise.js'
import type { BatchConnection, Executor } from './executor.js'
import type { NamedStatement } from './statement.js'
import type { UndoLog } from './undo.js'

/** What a query asks for. */
interface Limits {
  /** Milliseconds, from now on. */
  readonly timeout: number | null
  readonly signal: Signal | null
  /** Where the time runs already. */
  readonly deadline: number | null
}

export function cancellationOf({ timeout, signal, deadline }: Limits): Cancellation {
  const end = deadline ?? (timeout === null ? Number.POSITIVE_INFINITY : performance.now() + timeout)
  return new Cancellation(end, timeout, signal === null ? [] : [signal])
}

/** A database or transaction whose statements are given up when it is over: that of one awaited query, with its relations. */
export class Limited implements Executor {
  readonly executor: Executor
  readonly #cancellation: Cancellation

  readonly together = undefined

  constructor(executor: Executor, cancellation: Cancellation) {
    if (executor instanceof Limited) {
      this.executor = executor.executor
      this.#cancellation = executor.#cancellation.and(cancellation)
    } else {
      this.executor = executor
      this.#cancellation = cancellation
    }
  }

  get undo(): UndoLog | null {
    return this.executor.undo
  }

  get dialect(): Dialect {
    return this.executor.dialect
  }

  run(statement: NamedStatement): MaybePromise<QueryResult> {
    return this.#run(this.executor, statement)
  }

  atomically<R>(work: (connection: BatchConnection) => MaybePromise<R>): Promise<R> {
    return this.executor.atomically((connection) =>
      work({ run: (statement) => this.#run(connection, statement), runMany: connection.runMany }),
    )
  }

  #run(on: Pick<Executor, 'run'>, statement: NamedStatement): MaybePromise<QueryResult> {
    const cancellation = this.#cancellation
    cancellation.check()
    const result = on.run({ ...statement, cancellation })
    if (!(result instanceof Promise) || mayWrite(statement)) return result
    return result.then((found) => {
      // a server may answer a statement that was stopped as if it were done, with what it had until then
      cancellation.check()
      return found
    })
  }
}

/** Reports what was done, however late. */
const mayWrite = ({ intent }: NamedStatement): boolean => intent === 'write' || intent === 'schema'
