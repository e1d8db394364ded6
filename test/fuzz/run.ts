import * as corm from 'corm'
import { type Chain, Invalid } from './chain.js'
import type { Context } from './evaluate.js'
import { makeChain } from './make.js'
import { models } from './models.js'
import { printChain, printSteps } from './print.js'
import { isSame, type Read, read } from './read.js'
import { type Answer, answerOf } from './reference.js'
import { shrink } from './shrink.js'

// Runs chains, and compares what comes with what the reference says.

async function collect(rows: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const row of rows) all.push(row)
  return all
}

interface Page {
  items: object[]
  nextCursor: string | null
  previousCursor: string | null
}

/** All pages by cursor. From each, the one before it is reached as well. */
async function walk(query: { cursorPaginate(options: object): Promise<Page> }, size: number): Promise<object[]> {
  let page = await query.cursorPaginate({ size })
  const all = [...page.items]
  while (page.nextCursor !== null) {
    const next = await query.cursorPaginate({ size, after: page.nextCursor })
    const back = await query.cursorPaginate({ size, before: next.previousCursor })
    if (keysOf(back.items) !== keysOf(page.items))
      throw new Error(`Back from the next page are ${keysOf(back.items)}, not ${keysOf(page.items)}.`)
    all.push(...next.items)
    page = next
  }
  return all
}

const keysOf = (rows: readonly object[]) => rows.map((row) => (row as { id: number }).id).join()

class Undo extends Error {}

/** What a write answers, and the rows after it; then all is as it was. */
async function rolledBack(model: typeof models.Person, write: () => Promise<number>): Promise<unknown> {
  let result: unknown
  try {
    await corm.Database.get().transaction(async () => {
      const count = await write()
      result = [count, await model.query().orderBy('id').values()]
      throw new Undo()
    })
  } catch (error) {
    if (!(error instanceof Undo)) throw error
  }
  return result
}

const scope = { ...corm, ...models, collect, walk, rolledBack }
const names = Object.keys(scope)
const values = Object.values(scope)

/** Runs code in which everything of corm, the models and the helpers have their names. */
function evaluateCode<V>(code: string): V {
  return new Function(...names, `return ${code}`)(...values) as V
}

export interface Failure {
  /** Failures of the same kind are the same one, for shrinking. */
  readonly kind: string
  readonly code: string
  readonly expected: string
  readonly got: string
}

/** Runs one chain. Null: it does what it must, or nothing can be said of it. */
export async function check(chain: Chain, context: Context, thorough = false): Promise<Failure | null | 'nothing'> {
  let expected: Answer
  try {
    expected = answerOf(chain, context)
  } catch (error) {
    if (error instanceof Invalid) return 'nothing'
    throw error
  }
  const code = printChain(chain)
  const shown = (answer: Read) => [answer.also, ...answer.items].filter((text) => text !== '').join('\n  ') || 'no rows'
  const failed = (kind: string, got: string): Failure => ({ kind, code, expected: shown(expected), got })
  let got: Read
  try {
    got = read(chain, await evaluateCode<Promise<unknown>>(code), expected.shape)
    if (thorough) checkSteps(chain)
  } catch (error) {
    if (error instanceof corm.UnsupportedError) return 'nothing'
    if (!(error instanceof Error)) throw error
    got = { items: [], also: error.name }
    const isAnswer = expected.also === error.name
    if (!isAnswer) return failed(`${error.name} ${error.message.slice(0, 30)}`, `${error.name}: ${error.message}`)
  }
  return isSame(expected, got) ? null : failed('mismatch', shown(got))
}

interface Query {
  toSQL(): { sql: string; parameters: unknown[] }
}

/** The same steps give the same SQL, and going on from a query leaves it as it is. */
function checkSteps(chain: Chain): void {
  if (chain.calls.some(({ c }) => c === 'groupBy')) return
  const whole = printSteps(chain)
  const part = printSteps({ ...chain, calls: chain.calls.slice(0, Math.floor(chain.calls.length / 2)) })
  const start = evaluateCode<Query>(part)
  const before = printSQL(start)
  const end = evaluateCode<(q: Query) => Query>(`(q) => q${whole.slice(part.length)}`)(start)
  if (printSQL(end) !== printSQL(evaluateCode<Query>(whole))) throw new Error('The same steps gave other SQL.')
  if (printSQL(start) !== before) throw new Error('A query changed when another went on from it.')
}

const printSQL = (query: Query): string => {
  const { sql, parameters } = query.toSQL()
  return `${sql} ${parameters.map(String).join()}`
}

export interface Run {
  readonly seed: number
  readonly chains: number
  /** Chains that run at the same time; writes never do. */
  readonly together: number
  readonly from?: number
  /** Stops at so many failures; 1 when it is left out. */
  readonly most?: number
  readonly onProgress?: (done: number) => void
}

export interface Found {
  readonly index: number
  readonly chain: Chain
  readonly failure: Failure
}

export interface Summary {
  /** Chains of which nothing could be said. */
  readonly nothing: number
  readonly found: readonly Found[]
}

const THOROUGH = 10

/** Runs chains until one fails. */
export async function runChains(
  context: Context,
  { seed, chains, together, from = 0, most = 1, onProgress }: Run,
): Promise<Summary> {
  let nothing = 0
  const found: Found[] = []
  for (let start = from; start < from + chains; start += together) {
    const made = Array.from({ length: Math.min(together, from + chains - start) }, (_, at) => ({
      index: start + at,
      chain: makeChain(seed, start + at),
    }))
    const results = new Map<number, Failure | null | 'nothing'>()
    const isWrite = ({ chain }: { chain: Chain }) => chain.end.e === 'update' || chain.end.e === 'delete'
    const run = async ({ index, chain }: { index: number; chain: Chain }) => {
      results.set(index, await check(chain, context, index % THOROUGH === 0))
    }
    await Promise.all([
      ...made.filter((one) => !isWrite(one)).map(run),
      made.filter(isWrite).reduce((before, one) => before.then(() => run(one)), Promise.resolve()),
    ])
    for (const { index, chain } of made) {
      const failure = results.get(index)
      if (failure === 'nothing') nothing++
      else if (failure != null) found.push(await smallest({ index, chain, failure }, context))
      if (found.length >= most) return { nothing, found }
    }
    onProgress?.(start - from + made.length)
    // databases in the process answer at once: without a turn of the event loop the runner takes the tests for dead
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { nothing, found }
}

async function smallest({ index, chain, failure }: Found, context: Context): Promise<Found> {
  const thorough = index % THOROUGH === 0
  const small = await shrink(chain, async (smaller) => {
    const result = await check(smaller, context, thorough)
    return result !== null && result !== 'nothing' && result.kind === failure.kind
  })
  const again = await check(small, context, thorough)
  return { index, chain: small, failure: again !== null && again !== 'nothing' ? again : failure }
}

/** What a person needs to see a failure again and to understand it. */
export function report({ index, chain, failure }: Found, seed: number): string {
  const sql = sqlOf(chain)
  return [
    `Chain ${index} of seed ${seed} fails (${failure.kind}). Made smaller:`,
    `  await ${failure.code}`,
    ...(sql === '' ? [] : [`SQL: ${sql}`]),
    `Expected:\n  ${failure.expected}`,
    `Got:\n  ${failure.got}`,
  ].join('\n')
}

function sqlOf(chain: Chain): string {
  try {
    return printSQL(evaluateCode<Query>(printSteps(chain)))
  } catch {
    return ''
  }
}
