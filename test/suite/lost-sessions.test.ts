import { Database, Field, Model, sql } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Row extends Model({ name: Field.string() }, { table: 'lost_rows' }) {}

describeDatabases('connections that died unseen', (database) => {
  database.useTables([Row])
  const own = () => (database.kind === 'mysql' ? sql`select connection_id() as id` : sql`select pg_backend_pid() as id`)

  it('are met by no transaction that begins', async () => {
    if (!database.facts.concurrent) return expect(await Row.count()).toBe(0)
    await using admin = await Database.connect({ name: 'killer', url: database.url })
    for (let round = 0; round < 4; round++) {
      const [row] = await database.db.transaction((trx) => trx.select<{ id: number }>(own()))
      const id = sql.raw(String(row?.id))
      if (database.kind === 'mysql') await admin.execute(sql`kill ${id}`)
      else await admin.select(sql`select pg_terminate_backend(${id})`)
      await database.db.transaction(() => Row.create({ name: `row ${round}` }))
    }
    expect(await Row.count()).toBe(4)
  })

  it('are not kept after a statement that is too large for the server', async () => {
    if (database.kind !== 'mysql') return expect(await Row.count()).toBe(0)
    const [limit] = await database.db.select<{ bytes: number }>(sql`select @@max_allowed_packet as bytes`)
    const large = 'x'.repeat(Number(limit?.bytes) + 1000)
    await expect(database.db.select(sql`select length(${large})`)).rejects.toMatchObject({ code: 'CONNECTION' })
    for (let i = 0; i < 4; i++) await Row.create({ name: `row ${i}` })
    expect(await Row.count()).toBe(4)
  })
})
