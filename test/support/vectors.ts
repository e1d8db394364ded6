import { sql } from 'corm'
import { afterAll, beforeAll, beforeEach, type TestContext } from 'vitest'
import type { TestDatabase } from './databases.js'

/** Whether tables with vectors can be created: a server may lack the extension. */
export async function storesVectors({ db, capabilities }: TestDatabase): Promise<boolean> {
  const { vectors } = capabilities
  if (vectors === null) return false
  if (vectors.extension === null) return true
  const found = await db.select(sql`select 1 from pg_available_extensions where name = ${vectors.extension}`)
  return found.length > 0
}

type Table = Parameters<TestDatabase['db']['createTables']>[0][number]

/** Like `useTables`, but skips all tests of the block if the database has no vectors. */
export function useVectorTables(database: TestDatabase, tables: readonly Table[]): void {
  let isThere = false
  beforeAll(async () => {
    isThere = await storesVectors(database)
    if (isThere) await database.db.createTables(tables)
  })
  afterAll(async () => {
    if (isThere) await database.db.dropTables(tables)
  })
  beforeEach(async (context: TestContext) => {
    if (!isThere) context.skip()
    for (const table of [...tables].reverse())
      await (table as unknown as Emptied).withoutGlobalScopes().all().forceDelete()
  })
}

interface Emptied {
  withoutGlobalScopes(): { all(): { forceDelete(): Promise<number> } }
}

/** Creates a generator of pseudo-random numbers, which are the same in each run. */
export function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 0) / 2 ** 32 - 0.5
  }
}
