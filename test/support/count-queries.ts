import { Database, type QueryEvent } from 'corm'
import { expect } from 'vitest'

/** The statements that `work` sends to the default database, and what it returns or throws. */
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

/** What begins, ends and subdivides a transaction. */
const CONTROL = /^\s*(begin|start transaction|commit|rollback|savepoint|release|set transaction)\b/i

/** A number of statements: where each relation is read by one of its own, and where rows can bring those of relations. */
interface Count {
  readonly apart: number
  readonly together: number
  /** Where queries don't wait for the rows of those above them: for once more than `apart` where such rows are none. */
  readonly atOnce?: number | readonly number[]
}

function countIn({ dialect: { capabilities } }: Database, { apart, together, atOnce = apart }: Count) {
  if (capabilities.jsonRows !== null) return together
  return capabilities.pipelining ? atOnce : apart
}

/**
 * Expects `work` to send exactly `count` statements, transaction control aside, and gives what it returns.
 * A failure lists what was sent.
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

/** Expects `work` to throw before anything is sent, and gives the error. */
export async function expectRefusal(
  work: () => unknown | PromiseLike<unknown>,
  database: Database = Database.get(),
): Promise<Error> {
  const { events, error } = await recordQueries(work, database)
  expect(error, 'expected an error').toBeInstanceOf(Error)
  expect(events.map(({ sql }) => sql)).toEqual([])
  return error as Error
}
