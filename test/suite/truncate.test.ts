import { Field, ForeignKeyViolationError, Model, UnsupportedError, UsageError } from 'corm'
import { afterEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Region extends Model({ name: Field.string() }) {}

class City extends Model({
  name: Field.string(),
  deletedAt: Field.softDelete(),
  regionId: Field.foreignKey(() => Region),
  twinId: Field.foreignKey((): any => City, { nullable: true }),
}) {}

class Street extends Model({ name: Field.string(), cityId: Field.foreignKey(() => City, { nullable: true }) }) {}

class Lamp extends Model({
  streetId: Field.foreignKey(() => Street, { nullable: true, onDelete: 'setNull' }),
}) {}

class Alone extends Model({ name: Field.string() }) {}

describeDatabases('truncate()', (database) => {
  database.useTables([Region, City, Street, Lamp, Alone])

  async function fill(): Promise<void> {
    const region = await Region.create({ name: 'r' })
    const one = await City.create({ name: 'one', regionId: region.id })
    const two = await City.create({ name: 'two', regionId: region.id, twinId: one.id } as never)
    await City.where('id', one.id).update({ twinId: two.id } as never)
    await two.delete()
    const street = await Street.create({ name: 's', cityId: one.id })
    await Lamp.create({ streetId: street.id })
  }
  // rows that point at each other can't be deleted one by one
  afterEach(() =>
    City.withoutGlobalScopes()
      .all()
      .update({ twinId: null } as never),
  )

  const counts = () => Promise.all([Region, City, Street, Lamp].map((each) => each.withoutGlobalScopes().count()))

  it('deletes all rows, deleted ones too, and numbers go on', async () => {
    const { id } = await Alone.create({ name: 'a' })
    await Alone.truncate()
    expect(await Alone.count()).toBe(0)
    expect((await Alone.create({ name: 'b' })).id).toBeGreaterThan(id)
    await fill()
    await Street.truncate()
    await City.truncate()
    expect(await counts()).toEqual([1, 0, 0, 1])
    // the foreign key of the lamp does what it does on every delete
    expect((await Lamp.query().firstOrFail()).streetId).toBeNull()
  })

  it('{ restartIds: true } begins again with 1', async () => {
    await Alone.create({ name: 'a' })
    await Alone.truncate({ restartIds: true })
    expect((await Alone.create({ name: 'b' })).id).toBe(1)
    await Region.create({ name: 'a' })
    await Region.truncate({ restartIds: true })
    expect((await Region.create({ name: 'b' })).id).toBe(1)
  })

  it('is refused while rows point at it, and deletes nothing then', async () => {
    await fill()
    await expect(Region.truncate()).rejects.toBeInstanceOf(ForeignKeyViolationError)
    await expect(City.truncate({ restartIds: true })).rejects.toBeInstanceOf(ForeignKeyViolationError)
    expect(await counts()).toEqual([1, 2, 1, 1])
  })

  it('{ cascade: true } empties the tables that point at it as well', async () => {
    await fill()
    await Alone.create({ name: 'a' })
    await City.truncate({ cascade: true })
    expect(await counts()).toEqual([1, 0, 0, 0])
    await fill()
    await Region.truncate({ cascade: true, restartIds: true })
    expect(await counts()).toEqual([0, 0, 0, 0])
    expect(await Alone.count()).toBe(1)
    const region = await Region.create({ name: 'r' })
    const city = await City.create({ name: 'c', regionId: region.id })
    expect([region.id, city.id, (await Lamp.create({})).id]).toEqual([1, 1, 1])
    await expect(City.create({ name: 'x', regionId: 999 })).rejects.toBeInstanceOf(ForeignKeyViolationError)
  })

  it('is a part of its transaction', async () => {
    await fill()
    await Alone.create({ name: 'a' })
    await database.db
      .transaction(async () => {
        await Alone.truncate()
        await Region.truncate({ cascade: true })
        expect([await Alone.count(), ...(await counts())]).toEqual([0, 0, 0, 0, 0])
        throw new RangeError('no')
      })
      .catch(() => {})
    expect([await Alone.count(), ...(await counts())]).toEqual([1, 1, 2, 1, 1])
    const restarting = database.db.transaction(() => Alone.truncate({ restartIds: true }))
    if (database.capabilities.transactionalDdl) await restarting
    else await expect(restarting).rejects.toBeInstanceOf(UnsupportedError)
    expect(await Alone.count()).toBe(database.capabilities.transactionalDdl ? 0 : 1)
  })

  it('takes no other options', async () => {
    await expect((Alone as any).truncate({ restart: true })).rejects.toBeInstanceOf(UsageError)
    await expect((Alone as any).truncate({ cascade: 'yes' })).rejects.toBeInstanceOf(UsageError)
  })
})
