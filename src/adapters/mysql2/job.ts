import type { Cancellation } from '../../driver/cancellation.js'
import type { QueryResult, Statement } from '../../driver/driver.js'
import type { MysqlModule } from './client.js'

/** A statement that waits to be sent or to be answered. */
export interface Job {
  /** Null for control statements, which are constant texts. */
  readonly statement: Statement | null
  /** Set for a commit, which fails if the transaction is gone. */
  readonly commit: boolean | undefined
  readonly sql: string
  /** Sent outside a loan, so no transaction may remain open after it. */
  lone: boolean | undefined
  readonly limit: number
  resolve(result: QueryResult): void
  reject(error: unknown): void
  readonly cancellation: Cancellation | undefined
  /** Stops listening to the cancellation: the statement was answered and must not be killed any more. */
  readonly forget: (() => void) | undefined
  /** A request to the server to stop the statement. It resolves when the server has received it. */
  kill: Promise<void> | undefined
  /** Called when the statement was answered, which stops further attempts to kill it. */
  answered: (() => void) | undefined
  /** The answer arrived after the server was asked to stop the statement. */
  killed: boolean | undefined
}

/**
 * Jobs are made as `{ ...JOB, sql, … }`. All members are own properties, so that reading one never looks at
 * Object.prototype.
 */
export const JOB: Readonly<Omit<Job, 'statement' | 'sql' | 'limit' | 'resolve' | 'reject'>> = Object.freeze({
  commit: undefined,
  lone: undefined,
  cancellation: undefined,
  forget: undefined,
  kill: undefined,
  answered: undefined,
  killed: undefined,
})

export interface SessionOptions {
  readonly module: MysqlModule
  readonly statementTimeout: number
  /** Asks a server to stop the running statement of one of its connections. */
  kill(id: number, server: string): Promise<void>
}

/** Called when the statement was answered and must not be killed any more. */
export function endAsking(job: Job): void {
  job.forget?.()
  job.answered?.()
}

interface JobOutcome extends Pick<Job, 'resolve' | 'reject'> {
  stop(): void
}

/** The job of a statement that its caller may cancel. */
export function cancellableJob(
  statement: Statement,
  limit: number,
  cancellation: Cancellation,
  { stop, resolve, reject }: JobOutcome,
): Job {
  const forget = cancellation.watch(stop)
  const job: Job = {
    ...JOB,
    statement,
    sql: statement.sql,
    limit,
    cancellation,
    forget,
    resolve: (result) => {
      endAsking(job)
      resolve(result)
    },
    reject: (error) => {
      endAsking(job)
      reject(error)
    },
  }
  return job
}
