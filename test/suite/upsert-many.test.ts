import { Field, Model } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Word extends Model({
  text: Field.string({ max: 50, unique: true, nullable: true }),
  uses: Field.integer({ default: 0 }),
  note: Field.string({ max: 50, nullable: true }),
}) {}

class Seat extends Model({
  row: Field.integer({ primaryKey: true }),
  place: Field.string({ max: 5, primaryKey: true }),
  name: Field.string({ max: 50, nullable: true }),
}) {}

describeDatabases('upserting many rows', (database) => {
  database.useTables([Word, Seat])

  it('tells inserted from updated', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => ({ text: `w${i}`, uses: i }))
    expect(await Word.upsertMany(rows.slice(0, 5), { conflict: 'text' })).toEqual({
      inserted: 5,
      updated: 0,
      skipped: 0,
    })
    // the first five stay as they are, and count as updated
    expect(await Word.upsertMany(rows, { conflict: 'text' })).toEqual({ inserted: 2995, updated: 5, skipped: 0 })
    expect(await Word.upsertMany(rows, { conflict: 'text', update: (word) => ({ uses: word.uses.plus(1) }) })).toEqual({
      inserted: 0,
      updated: 3000,
      skipped: 0,
    })
    expect(await Word.query().sum('uses')).toBe((2999 * 3000) / 2 + 3000)
    expect(await Word.upsertMany([], { conflict: 'text' })).toEqual({ inserted: 0, updated: 0, skipped: 0 })
  })

  it('takes the later of two rows that are the same', async () => {
    const rows = [
      { text: 'a', note: 'first' },
      { text: 'b', note: 'b' },
      { text: 'A', note: 'other' },
      { text: 'a', note: 'later' },
    ]
    expect(await Word.upsertMany(rows, { conflict: 'text' })).toEqual({ inserted: 3, updated: 0, skipped: 1 })
    expect(await Word.upsertMany(rows, { conflict: 'text' })).toEqual({ inserted: 0, updated: 3, skipped: 1 })
    expect((await Word.findBy({ text: 'a' }))?.note).toBe('later')
    expect(await Word.count()).toBe(3)
  })

  it('leaves what is there with update: false', async () => {
    await Word.create({ text: 'a', note: 'old' })
    const rows = ['a', 'b', 'b', 'c'].map((text, i) => ({ text, note: `new ${i}` }))
    expect(await Word.upsertMany(rows, { conflict: 'text', update: false })).toEqual({
      inserted: 2,
      updated: 0,
      skipped: 2,
    })
    expect(await Word.query().orderBy('text').pluck('note')).toEqual(['old', 'new 1', 'new 3'])
  })

  it('never takes rows with NULL for the same', async () => {
    const rows = [{ text: null, uses: 1 }, { text: null, uses: 2 }, { text: 'x' }]
    expect(await Word.upsertMany(rows, { conflict: 'text' })).toEqual({ inserted: 3, updated: 0, skipped: 0 })
    expect(await Word.upsertMany(rows, { conflict: 'text' })).toEqual({ inserted: 2, updated: 1, skipped: 0 })
  })

  it('takes several fields', async () => {
    const rows = Array.from({ length: 250 }, (_, i) => ({ row: i % 50, place: `p${i % 125}`, name: `n${i}` }))
    await Seat.create({ row: 1, place: 'p1' })
    expect(await Seat.upsertMany(rows, { conflict: ['row', 'place'] })).toEqual({
      inserted: 249,
      updated: 1,
      skipped: 0,
    })
    expect((await Seat.find({ row: 1, place: 'p1' }))?.name).toBe('n1')
  })

  it('is undone with the transaction around it, and stores nothing when a row fails', async () => {
    await Word.transaction(async (trx) => {
      expect(await Word.upsertMany([{ text: 'a' }], { conflict: 'text' })).toMatchObject({ inserted: 1 })
      trx.rollback()
    })
    expect(await Word.count()).toBe(0)
    const broken = [{ text: 'a' }, { text: 'x'.repeat(51) }]
    await expect(Word.upsertMany(broken, { conflict: 'text' })).rejects.toThrow()
    expect(await Word.count()).toBe(0)
  })
})
