import { Database } from 'corm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Chain, Invalid } from './chain.js'
import { type Rules, sqlRules } from './evaluate.js'
import { makeChain } from './make.js'
import { fillTables } from './models.js'
import { printChain } from './print.js'
import { answerOf, createContext } from './reference.js'
import { report, runChains } from './run.js'
import { shrink } from './shrink.js'
import { makeRows } from './world.js'

// Does the net catch? A reference with a wrong rule must be told from a right database.

const rows = makeRows(1)

/** Mistakes of a reference, each of which a database, or a library over it, could make as well. */
const MISTAKES: Readonly<Record<string, { rules?: Partial<Rules>; nullsLargest?: boolean }>> = {
  'NULL = NULL is true': { rules: { equal: (a, b) => (a === null && b === null ? true : sqlRules.equal(a, b)) } },
  'NULL differs from every value': { rules: { equal: (a, b) => sqlRules.equal(a, b) ?? false } },
  'NOT of unknown is true': { rules: { negate: (value) => value !== true } },
  'NULL sorts at the other end': { nullsLargest: true },
}

describe('the fuzzer', () => {
  let db: Database
  beforeAll(async () => {
    db = await Database.connect('sqlite::memory:')
    await fillTables(db, rows)
  })
  afterAll(() => db.close())

  it.each(Object.keys(MISTAKES))(
    'finds out soon that it is wrong that %s, and shows it in few calls',
    async (title) => {
      const { rules = {}, nullsLargest = false } = MISTAKES[title] as (typeof MISTAKES)[string]
      const context = createContext(rows, nullsLargest, { ...sqlRules, ...rules })
      const { found } = await runChains(context, { seed: 1, chains: 1000, together: 1 })
      expect(found).toHaveLength(1)
      const [{ chain, index, failure } = expect.fail('nothing found')] = found
      expect(chain.calls.length).toBeLessThanOrEqual(5)
      expect(failure.code.length).toBeLessThan(250)
      expect(report({ chain, index, failure }, 1)).toContain(`Chain ${index} of seed 1 fails (`)
      // the rules of SQL have nothing against the same chain
      const right = createContext(rows, false)
      expect(await runChains(right, { seed: 1, chains: 1, from: index, together: 1 })).toEqual({
        nothing: 0,
        found: [],
      })
    },
  )

  it('makes the same chains of the same seed, and others of another', () => {
    const printed = (seed: number) => Array.from({ length: 200 }, (_, index) => printChain(makeChain(seed, index)))
    expect(printed(3)).toEqual(printed(3))
    expect(new Set([...printed(3), ...printed(4)]).size).toBeGreaterThan(350)
    expect(makeRows(3)).toEqual(makeRows(3))
  })

  it('uses every call and every end', () => {
    const chains = Array.from({ length: 3000 }, (_, index) => makeChain(5, index))
    const calls = new Set(chains.flatMap((chain) => chain.calls.map(({ c }) => c)))
    const ends = new Set(chains.map(({ end }) => end.e))
    expect(calls.size).toBeGreaterThanOrEqual(28)
    expect(ends.size).toBeGreaterThanOrEqual(22)
  })

  it('takes away whatever a failure does not need', async () => {
    const chain = Array.from({ length: 400 }, (_, index) => makeChain(2, index)).find(
      ({ calls, end }) => calls.length > 4 && end.e === 'get' && calls.some(({ c }) => c === 'orWhere'),
    ) as Chain
    const small = await shrink(chain, async ({ calls }) => calls.some(({ c }) => c === 'orWhere'))
    expect(small.calls.map(({ c }) => c)).toEqual(['orWhere'])
  })

  it('says nothing of chains whose answer is not determined', () => {
    const chain: Chain = { model: 'Team', calls: [{ c: 'limit', count: 2 }], end: { e: 'get' } }
    expect(() => answerOf(chain, createContext(rows, false))).toThrow(Invalid)
  })
})
