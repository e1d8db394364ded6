import type { Cancellation } from '../../driver/cancellation.js'
import type { QueryResult, Statement } from '../../driver/driver.js'
import type { MysqlModule } from './client.js'

/** A statement of a session, from when it is given until it is answered. */
export interface Job {
  /** null: control statements, which are constant texts. */
  readonly statement: Statement | null
  /** Makes no sense without a transaction. */
  readonly commit: boolean | undefined
  readonly sql: string
  /** Sent by itself, and not by somebody who has the connection. */
  lone: boolean | undefined
  readonly limit: number
  resolve(result: QueryResult): void
  reject(error: unknown): void
  readonly cancellation: Cancellation | undefined
  /** Ends the watch of its cancellation: it is answered, and must not be killed any more. */
  readonly forget: (() => void) | undefined
  /** The server is asked to stop it, and has taken note of all that it was asked when this resolves. */
  kill: Promise<void> | undefined
  /** Ends the asking. */
  answered: (() => void) | undefined
  /** It was answered after that. */
  killed: boolean | undefined
}

/** Jobs are made as `{ ...JOB, sql, … }`: each has all members, so that none is read from Object.prototype. */
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
  /** Stops what a server does for one of its connections. */
  kill(id: number, server: string): Promise<void>
}

/** It is answered and must not be killed any more. */
export function endAsking(job: Job): void {
  job.forget?.()
  job.answered?.()
}

interface Outcome extends Pick<Job, 'resolve' | 'reject'> {
  stop(): void
}

/** The job of a statement that may be given up. */
export function cancellableJob(
  statement: Statement,
  limit: number,
  cancellation: Cancellation,
  { stop, resolve, reject }: Outcome,
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
