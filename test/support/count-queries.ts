import { Database, type QueryEvent } from 'corm'
import { expect } from 'vitest'

/** Records the statements that `work` sends to the default database, and what it returns or throws. */
export async function recordQueries<R>(
  work: () => R | PromiseLike<R>,
  database: Database = Database.get(),
): Promise<{ events: QueryEvent[]; result: R | undefined; error: unknown }> {
  const events: QueryEvent[] = []
  const stop = database.on('query', (event) => events.push(event))
  try {
    return { events, result: await work(), error: undefined }
  } catch (error) {
    return { events, result: undefined, error }
  } finally {
    stop()
  }
}

/** Statements of transaction control, which are not counted. */
const CONTROL = /^\s*(begin|start transaction|commit|rollback|savepoint|release|set transaction)\b/i

/** The number of statements: `apart` if each relation is read by its own query, `together` if related rows are embedded. */
interface Count {
  readonly apart: number
  readonly together: number
  /**
   * The number if queries don't wait for their parent rows. It can be higher than `apart`, because queries for parents
   * without rows are sent too.
   */
  readonly atOnce?: number | readonly number[]
}

function countIn({ dialect: { capabilities } }: Database, { apart, together, atOnce = apart }: Count) {
  if (capabilities.jsonRows !== null) return together
  return capabilities.pipelining ? atOnce : apart
}

/**
 * Expects `work` to send exactly `count` statements, not counting transaction control, and returns its result. A failure
 * lists the statements.
 */
export async function expectQueries<R>(
  expected: number | Count,
  work: () => R | PromiseLike<R>,
  database: Database = Database.get(),
): Promise<R> {
  const { events, result, error } = await recordQueries(work, database)
  const counts = [typeof expected === 'number' ? expected : countIn(database, expected)].flat()
  if (error !== undefined) throw error
  const sent = events.map(({ sql }) => sql).filter((text) => !CONTROL.test(text))
  expect(counts, `expected ${counts.join(' or ')} statements, sent were:\n${sent.join('\n')}\n`).toContain(sent.length)
  return result as R
}

/** Expects `work` to throw before anything is sent, and returns the error. */
export async function expectRefusal(
  work: () => unknown | PromiseLike<unknown>,
  database: Database = Database.get(),
): Promise<Error> {
  const { events, error } = await recordQueries(work, database)
  expect(error, 'expected an error').toBeInstanceOf(Error)
  expect(events.map(({ sql }) => sql)).toEqual([])
  return error as Error
}
