import { Field, Model } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Reused extends Model({ id: Field.id({ reuse: true }), name: Field.string() }) {}
class Counted extends Model({ name: Field.string() }) {}
class Pointing extends Model({ reusedId: Field.foreignKey(() => Reused) }) {}

describeDatabases('keys whose numbers may be used again', (database) => {
  database.useTables([Reused, Counted, Pointing])

  it('give the number of a deleted last row out again on SQLite, and other keys do not', async () => {
    const [reused, counted] = [await Reused.create({ name: 'a' }), await Counted.create({ name: 'a' })]
    await reused.delete()
    await counted.delete()
    const again = await Reused.create({ name: 'b' })
    expect((await Counted.create({ name: 'b' })).id).toBeGreaterThan(counted.id)
    if (database.db.toSQLCreateTables([Counted]).includes('autoincrement')) expect(again.id).toBe(reused.id)
    else expect(again.id).toBeGreaterThan(reused.id)
  })

  it('are generated, found, pointed at and started again as others are', async () => {
    const rows = await Reused.createMany([{ name: 'a' }, { name: 'b' }])
    expect(rows[1]?.id).toBe(rows[0]!.id + 1)
    const pointing = await Pointing.create({ reusedId: rows[1]!.id })
    expect((await Reused.findOrFail(pointing.reusedId)).name).toBe('b')
    await Pointing.truncate()
    await Reused.truncate({ restartIds: true, cascade: true })
    expect((await Reused.create({ name: 'c' })).id).toBe(1)
  })
})
