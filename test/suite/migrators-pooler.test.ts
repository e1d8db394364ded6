import { Database, MigrationError, sql } from 'corm'
import { column, type Migration, migration } from 'corm/migration'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { databaseKinds, freshDatabase } from '../support/databases.js'
import { dropAll, recorded } from '../support/migrations.js'
import { TransactionPooler } from '../support/transaction-pooler.js'

const A = '20260101T000000_a'
const B = '20260102T000000_b'
const tables = migration({
  parents: [],
  operations: [
    { op: 'createTable', table: 'books', columns: { id: column.id(), title: column.string({ max: 100 }) } },
    { op: 'createTable', table: 'log', columns: { id: column.id(), name: column.string({ max: 20 }) } },
    { op: 'data', name: 'log', up: async (m) => void (await m.table('log').insert([{ name: 'a' }])), down: 'none' },
  ],
})
const concurrent = migration({
  parents: [A],
  operations: [
    { op: 'createIndex', table: 'books', name: 'books_title_index', columns: ['title'], concurrently: true },
  ],
})

// Poolers in transaction mode are PostgreSQL's: a session of a client is none of the server.
describe.runIf(databaseKinds.includes('postgres'))('migrations behind a pooler', () => {
  let place: Awaited<ReturnType<typeof freshDatabase>>
  let pooler: TransactionPooler
  let direct: Database

  beforeAll(async () => {
    place = await freshDatabase('postgres')
    pooler = await TransactionPooler.start(place.url)
    direct = await Database.connect({ name: 'direct', url: place.url })
  })
  afterEach(() => dropAll(direct))
  afterAll(async () => {
    await direct.close()
    await pooler.stop()
    await place.drop()
  })

  const through = (name: string, max = 3) => Database.connect({ name, url: pooler.url, pool: { max } })
  const locks = () =>
    direct.select(
      sql`select l.* from pg_locks l join pg_database d on d.oid = l.database where locktype = 'advisory' and datname = current_database()`,
    )

  it('run once, and leave no lock on a connection of the server', async () => {
    const modules: Record<string, Migration> = { [A]: tables }
    const all = await Promise.all(['one', 'two', 'three'].map((name) => through(name)))
    try {
      const runs = await Promise.all(all.map((db) => db.migrate({ migrations: modules })))
      expect(runs.flatMap(({ finished }) => finished)).toHaveLength(1)
      expect(await direct.select(sql`select name from log`)).toEqual([{ name: 'a' }])
      expect(await locks()).toEqual([])
    } finally {
      for (const db of all) await db.close()
    }
  })

  it.each([1, 3])('stop at a step that needs a session of its own, with %d connections', async (max) => {
    await direct.migrate({ migrations: { [A]: tables } })
    await using db = await through('pooled', max)
    const refused = db.migrate({ migrations: { [A]: tables, [B]: concurrent } })
    await expect(refused).rejects.toThrow(MigrationError)
    await expect(refused).rejects.toThrow(/create index books_title_index on books.*pooler.*migrationUrl/)
    expect(await recorded(direct)).toEqual([A])
    expect(await locks()).toEqual([])
    await direct.migrate({ migrations: { [A]: tables, [B]: concurrent } })
    expect(await recorded(direct)).toEqual([A, B])
  })
})
