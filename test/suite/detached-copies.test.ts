import { Field, Model, Relation } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Shelf extends Model({ name: Field.string({ default: 's' }) }, { table: 'copy_shelves' }) {
  static books = Relation.hasMany(() => Book)
  static card = Relation.hasOne(() => Card)
}
class Book extends Model(
  {
    title: Field.string({ default: 'b' }),
    shelfId: Field.foreignKey(() => Shelf, { nullable: true }),
    changed: Field.dateTime({ autoNow: true }),
  },
  { table: 'copy_books' },
) {}
class Card extends Model(
  { shelfId: Field.oneToOne(() => Shelf, { nullable: true }), changed: Field.dateTime({ autoNow: true }) },
  { table: 'copy_cards' },
) {}

const old = new Date('2020-01-01T00:00:00.000Z')

describeDatabases('copies of rows that have another owner', (database) => {
  database.useTables([Shelf, Book, Card])

  /** A shelf with a book, and a loaded copy of the book, whose row has moved meanwhile. */
  async function moved(to: 'other' | 'none') {
    const [shelf, other] = await Shelf.createMany([{}, {}])
    const book = await Book.create({ shelfId: shelf?.id, changed: old }, { guarded: true })
    const more = await Book.create({ shelfId: shelf?.id })
    const [loaded] = await Shelf.where('id', shelf?.id as number)
      .with('books')
      .get()
    const shelfId = to === 'other' ? other?.id : null
    await Book.where('id', book.id).update({ shelfId, changed: old } as never, { guarded: true })
    return { shelf: loaded as NonNullable<typeof loaded>, other: other as Shelf, book, more }
  }
  const state = async (...copies: Book[]) => {
    const rows = await Book.findMany(copies.map(({ id }) => id))
    return copies.map((copy) => {
      const row = rows.find(({ id }) => id === copy.id) as Book
      return [copy.isDirty(), copy.shelfId === row.shelfId, copy.changed.getTime() === row.changed.getTime()]
    })
  }
  const TRUE_COPY = [false, true, true]

  it('keep what they have in detach()', async () => {
    const { shelf, book, more } = await moved('other')
    const before = [book.shelfId, book.changed]
    expect(await shelf.related(Shelf.books).detach(book, more)).toBe(1)
    expect([book.shelfId, book.changed]).toEqual(before)
    expect(await state(more)).toEqual([TRUE_COPY])
  })
  it('learn in detach() that they have none, and get no time that was not written', async () => {
    const { shelf, book, more } = await moved('none')
    expect(await shelf.related(Shelf.books).detach(book, more)).toBe(1)
    expect(await state(book, more)).toEqual([TRUE_COPY, TRUE_COPY])
  })
  it('keep what they have in clear() and sync()', async () => {
    for (const call of ['clear', 'sync'] as const) {
      const { shelf, book } = await moved('other')
      const loaded = [...shelf.books] as Book[]
      const [copy, copyOfMore] = [loaded.find(({ id }) => id === book.id), loaded.find(({ id }) => id !== book.id)]
      const before = [copy?.shelfId, copy?.changed]
      await (call === 'clear' ? shelf.related(Shelf.books).clear() : shelf.related(Shelf.books).sync([]))
      expect([copy?.shelfId, copy?.changed], call).toEqual(before)
      expect(await state(copyOfMore as Book), call).toEqual([TRUE_COPY])
      expect([...shelf.books], call).toEqual([])
    }
  })
  it('keep what they have where another row replaces them', async () => {
    const [shelf, other] = (await Shelf.createMany([{}, {}])) as [Shelf, Shelf]
    const card = await Card.create({ shelfId: shelf.id })
    const loaded = await Shelf.where('id', shelf.id).with('card').sole()
    const copy = loaded.card as Card
    await Card.where('id', card.id).update({ shelfId: other.id, changed: old } as never, { guarded: true })
    const second = await Card.create({ shelfId: shelf.id })
    await loaded.related('card').create({})
    expect(copy.shelfId).toBe(shelf.id)
    expect([(await Card.findOrFail(card.id)).shelfId, (await Card.findOrFail(second.id)).shelfId]).toEqual([
      other.id,
      null,
    ])
  })
})
