import { Database, sql } from 'corm'
import { range } from './data.js'
import type { DatabaseKey } from './lines.js'
import { quartiles } from './measure.js'
import { Item } from './models.js'

const ROUNDS = 7
/** Milliseconds of one nap. */
const NAP = 300

const NAPS = { postgres: sql`select pg_sleep(0.3)`, mysql: sql`select sleep(0.3)` }

export const WAITING = ['ten naps of 0.3 s at once, pool of 10', 'find by key beside three naps'] as const

/** What slow statements cost others: ten of them as a multiple of one, and milliseconds of a short one that comes after three. */
export async function measureWaiting(key: Exclude<DatabaseKey, 'sqlite'>): Promise<{ naps: number; beside: number }> {
  const nap = () => Database.get().select(NAPS[key])
  const ten = await median(async () => {
    const start = performance.now()
    await Promise.all(range(10).map(nap))
    return performance.now() - start
  })
  const beside = await median(async () => {
    const naps = Promise.all(range(3).map(nap))
    await new Promise((resolve) => setTimeout(resolve, 5))
    const start = performance.now()
    await Item.find(1)
    const time = performance.now() - start
    await naps
    return time
  })
  return { naps: ten / NAP, beside }
}

async function median(round: () => Promise<number>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < ROUNDS; i++) times.push(await round())
  return quartiles(times)[1]
}
