import { AssertionError } from 'node:assert'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { isControl, type QueryEvent } from '../database/observe.js'
import { UsageError } from '../errors.js'
import { isWhole } from '../util/number.js'
import { optionReader, whole } from '../util/options.js'
import { userCall } from '../util/user-line.js'

/** How many queries are expected. */
export interface ExpectedQueries {
  readonly min?: number
  readonly max?: number
}

const rangeOf = optionReader<ExpectedQueries>('expectQueries()', { min: whole(0), max: whole(0) })

/**
 * Runs `work` and returns its result. Throws an `AssertionError` that lists the queries if their number is not the expected one.
 * It counts every statement that corm sends meanwhile, to any database, except its own that begin and end transactions.
 *
 *     const authors = await expectQueries(2, () => Author.with('books').get())
 *     await expectQueries({ max: 3 }, () => app.request('/books'))
 */
export async function expectQueries<R>(
  expected: number | ExpectedQueries,
  work: () => R | PromiseLike<R>,
): Promise<Awaited<R>> {
  const call: { stack?: string } = {}
  Error.captureStackTrace(call, expectQueries)
  const { min, max } = readExpected(expected)
  if (typeof work !== 'function')
    throw new UsageError(
      'expectQueries() takes a number and a function: expectQueries(2, () => Author.with("books").get()).',
    )
  const sent: { readonly sql: string; readonly line: string | null }[] = []
  const listen = (event: unknown) => {
    const { sql } = event as QueryEvent
    if (!isControl(event as QueryEvent)) sent.push({ sql, line: userCall()?.line ?? null })
  }
  subscribe('corm:query', listen)
  let result: Awaited<R>
  try {
    result = await work()
  } finally {
    unsubscribe('corm:query', listen)
  }
  if (sent.length >= min && sent.length <= max) return result
  const list = sent.map(({ sql, line }, i) => `\n  ${i + 1}. ${sql}${line === null ? '' : `\n     at ${line}`}`)
  const message = `Expected ${describe(min, max)}, but ${ran(sent.length)}${list.length === 0 ? '.' : `:${list.join('')}`}`
  const error = new AssertionError({
    message,
    actual: sent.length,
    expected: min === max ? min : { min, max },
    operator: 'expectQueries',
  })
  error.stack = `AssertionError: ${message}\n${String(call.stack).split('\n').slice(1).join('\n')}`
  throw error
}

function readExpected(expected: number | ExpectedQueries): { min: number; max: number } {
  if (typeof expected !== 'number') {
    const { min = 0, max = Number.POSITIVE_INFINITY } = rangeOf(expected)
    if (expected !== undefined && (min > 0 || max < Number.POSITIVE_INFINITY) && min <= max) return { min, max }
  } else if (isWhole(expected) && expected >= 0) return { min: expected, max: expected }
  throw new UsageError('expectQueries() takes the number of queries, or its limits: expectQueries({ max: 3 }, …).')
}

const queries = (count: number) => `${count} ${count === 1 ? 'query' : 'queries'}`
const ran = (count: number) => (count === 0 ? 'none ran' : count === 1 ? '1 ran' : `${count} ran`)

function describe(min: number, max: number): string {
  if (min === max) return queries(min)
  if (max === Number.POSITIVE_INFINITY) return `at least ${queries(min)}`
  return min === 0 ? `at most ${queries(max)}` : `${min} to ${queries(max)}`
}
