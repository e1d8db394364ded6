import { Decimal, Field, Model, sql } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Tag extends Model({
  name: Field.string({ max: 50, unique: true }),
  uses: Field.integer({ default: 0 }),
  price: Field.decimal({ precision: 10, scale: 2, default: 0 }),
  note: Field.string({ nullable: true }),
}) {}

describeDatabases('upserting', (database) => {
  database.useTables([Tag])

  it('computes with the row that is there and with the incoming one', async () => {
    await Tag.create({ name: 'a', uses: 2, price: '1.50', note: 'old' })
    const tag = await Tag.upsert(
      { name: 'a', uses: 5, price: '2.25', note: 'new' },
      {
        conflict: 'name',
        update: (tag, incoming) => ({ uses: tag.uses.plus(incoming.uses), price: incoming.price.plus(tag.price) }),
      },
    )
    expect(tag).toMatchObject({ uses: 7, price: new Decimal('3.75'), note: 'old' })
  })

  it('binds values of the update, anew each time', async () => {
    const add = (by: number, note: string | null, price: string) =>
      Tag.upsert({ name: 'a' }, { conflict: 'name', update: (tag) => ({ uses: tag.uses.plus(by), note, price }) })
    await add(1, 'first', '9.99')
    expect(await add(10, `it's "second"`, '1.5')).toMatchObject({
      uses: 10,
      note: `it's "second"`,
      price: new Decimal('1.50'),
    })
    expect(await add(100, null, '2')).toMatchObject({ uses: 110, note: null, price: new Decimal(2) })
  })

  it('does so for many rows', async () => {
    await Tag.createMany([{ name: 'a', uses: 1 }, { name: 'b' }])
    const rows = Array.from({ length: 1203 }, (_, i) => ({ name: i === 7 ? 'a' : i === 9 ? 'b' : `n${i}`, uses: i }))
    await Tag.upsertMany(rows, {
      conflict: 'name',
      update: (tag, incoming) => ({ uses: tag.uses.plus(incoming.uses).plus(1000), note: sql`${'seen'}` }),
    })
    expect(await Tag.count()).toBe(1203)
    expect(await Tag.query().whereIn('name', ['a', 'b']).orderBy('name').values('uses', 'note')).toEqual([
      { uses: 1008, note: 'seen' },
      { uses: 1009, note: 'seen' },
    ])
    expect(await Tag.where('note', 'seen').count()).toBe(2)
  })

  it('refuses lists in the update', async () => {
    const upsert = Tag.upsert(
      { name: 'a' },
      { conflict: 'name', update: (tag) => ({ note: tag.name.in(['a', 'b']) as never }) },
    )
    await expect(upsert).rejects.toThrow('takes no lists')
  })
})
