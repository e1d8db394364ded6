import { Database, sql } from 'corm'
import { describe, expect, it } from 'vitest'
import { environmentNumber } from '../support/environment-number.js'
import { recorded } from '../support/migrations.js'
import { ROWS, starts } from '../support/migrators/histories.js'
import { sharedDatabases, sharedKinds } from '../support/migrators/places.js'
import { migrators } from '../support/migrators/processes.js'

// Goal G16: processes that start at the same time on an empty database run each migration once.

const STARTS = environmentNumber('CORM_COLD_STARTS', 1)
const PROCESSES = 5
const ids = Object.keys(starts)

describe.each(sharedKinds)('five processes that start at once on %s', (kind) => {
  const { start } = migrators()
  const fresh = sharedDatabases()

  it('run each migration once', { timeout: 0 }, async () => {
    const shares: string[] = []
    for (let round = 0; round < STARTS; round++) {
      const { url, drop } = await fresh(kind)
      const waiting = Array.from({ length: PROCESSES }, () => start())
      await Promise.all(waiting.map(({ ready }) => ready))
      const job = { url, history: 'starts', direction: 'up', kill: null } as const
      const results = await Promise.all(waiting.map((process) => process.run(job)))
      expect(results.map((result) => result?.error)).toEqual(Array.from({ length: PROCESSES }, () => null))
      expect(results.flatMap((result) => result?.finished ?? []).sort()).toEqual(ids)
      await using db = await Database.connect(url)
      expect(await recorded(db)).toEqual(ids)
      const traces = await db.select<{ name: string }>(sql`select name from log order by name`)
      expect(traces.map(({ name }) => name)).toEqual(ids)
      expect(await db.select(sql`select n from counters`)).toEqual(Array.from({ length: ROWS }, () => ({ n: 1 })))
      await db.close()
      await drop()
      shares.push(results.map((result) => result?.finished.length).join(' / '))
    }
    if (STARTS > 1) console.log(`${kind}: ${STARTS} starts, each migration once. Shares: ${shares.join(', ')}`)
  })
})
