import { expect, it } from 'vitest'
import { type DatabaseKind, databaseKinds, describeDatabases, type TestDatabase } from '../support/databases.js'
import { environmentNumber } from '../support/environment-number.js'
import { fillTables } from './models.js'
import { createContext } from './reference.js'
import { report, runChains } from './run.js'
import { makeRows } from './world.js'

const seed = environmentNumber('CORM_FUZZ_SEED', 1)
// without servers half of them: people wait for those
const chains = environmentNumber('CORM_FUZZ_CHAINS', databaseKinds.length > 2 ? 2000 : 1000)
const from = environmentNumber('CORM_FUZZ_FROM', 0)
const most = environmentNumber('CORM_FUZZ_FAILURES', 1)
const PROGRESS = 50_000

/**
 * The test of one kind of database. Each has a file of its own, so that both workers run them; vitest.config.ts leaves out those of
 * databases that are not tested.
 */
export function testQueries(kind: DatabaseKind): void {
  describeDatabases('random queries', testChains, [kind])
}

function testChains(database: TestDatabase): void {
  it(`answer as the reference does, ${chains} chains of seed ${seed}`, { timeout: 0 }, async () => {
    const rows = makeRows(seed)
    await fillTables(database.db, rows)
    const context = createContext(rows, database.capabilities.nullsLargest)
    const together = database.facts.concurrent ? 16 : 1
    let told = PROGRESS
    const onProgress = (done: number) => {
      if (done < told) return
      console.log(`${done} chains on ${database.kind}`)
      told += PROGRESS
    }
    const { nothing, found } = await runChains(context, { seed, chains, from, most, together, onProgress })
    if (found.length > 0) expect.fail(found.map((each) => report(each, seed)).join('\n\n'))
    // most chains must mean something, or the net has no threads
    expect(nothing).toBeLessThan(Math.max(chains * 0.1, 5))
  })
}
