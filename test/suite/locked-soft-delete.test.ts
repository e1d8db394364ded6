import { Field, PermissionError, Relation, StaleModelError } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseModel } from '../support/loose.js'

// A soft delete is a delete: who sees a row in a locked scope may delete it, though the mark takes it out of the scope. To set
// the time as data is an update, which may not take a row out.

class Shelf extends looseModel(
  { name: Field.string(), deletedAt: Field.softDelete() },
  { globalScopes: { live: { apply: (q: any) => q.whereNull('deletedAt'), locked: true } } },
) {
  static books = Relation.hasMany(() => Book, { onSoftDelete: 'cascade' } as never)
}
class Book extends looseModel(
  {
    title: Field.string(),
    tenant: Field.integer({ default: 1 }),
    changed: Field.dateTime({ autoNow: true }),
    shelfId: Field.foreignKey(() => Shelf, { nullable: true }),
    deletedAt: Field.softDelete(),
  },
  {
    globalScopes: {
      live: { apply: (q: any) => q.where('tenant', 1).where((c: any) => c.deletedAt.isNull()), locked: true },
    },
  },
) {}

describeDatabases('soft deletes under a locked scope that reads the time of the deletion', (database) => {
  database.useTables([Shelf, Book])
  let books: any[]
  beforeEach(async () => {
    for (const model of [Book, Shelf]) await model.withoutGlobalScope('live').withTrashed().all().forceDelete()
    books = await Book.createMany(['a', 'b', 'c', 'd', 'e'].map((title) => ({ title })))
    await Book.withoutGlobalScope('live').where('title', 'e').update({ tenant: 2 })
  })
  const seen = () => Book.query().orderBy('title').pluck('title')
  const kept = () => Book.withoutGlobalScope('live').withTrashed().orderBy('title').values('title', 'deletedAt')
  const marked = async () => (await kept()).filter((row: any) => row.deletedAt !== null).map((row: any) => row.title)

  it('are deletes, whichever way they go', async () => {
    const [a] = books
    await a.delete()
    expect([a.isDeleted, await seen(), await marked()]).toEqual([true, ['b', 'c', 'd'], ['a']])
    expect(await Book.where('title', 'b').delete()).toBe(1)
    expect(await Book.deleteMany([books[2].id, books[4].id])).toBe(1)
    const [d] = await Book.where('title', 'd').deleteReturning()
    expect(d.title).toBe('d')
    // a row that the scope hides is deleted by none of them
    await books[4].delete()
    expect(await Book.all().delete()).toBe(0)
    expect([await seen(), await marked()]).toEqual([[], ['a', 'b', 'c', 'd']])
  })

  it('take the rows along that follow', async () => {
    const shelf = await Shelf.create({ name: 's' })
    await Book.withoutGlobalScope('live').whereIn('title', ['a', 'e']).update({ shelfId: shelf.id })
    await shelf.delete()
    expect(await Shelf.count()).toBe(0)
    expect(await seen()).toEqual(['b', 'c', 'd'])
  })

  it('are undone by who lifts the scope: without that the row is not there', async () => {
    const [a, b] = books
    await a.delete()
    await b.delete()
    await expect(a.restore()).rejects.toBeInstanceOf(StaleModelError)
    expect(await Book.onlyTrashed().restore()).toBe(0)
    expect(await Book.withoutGlobalScope('live').where('title', 'a').restore()).toBe(1)
    expect([await seen(), await marked()]).toEqual([['a', 'c', 'd'], ['b']])
  })

  it('written as data are updates, which may not take a row out of the scope', async () => {
    const [a] = books
    const deletedAt = new Date()
    const guarded = { guarded: true }
    for (const write of [
      () => Book.where('title', 'a').update({ deletedAt }, guarded),
      () => a.update({ deletedAt }, guarded),
      () => Book.create({ title: 'x', deletedAt }, guarded),
      () => Book.insertMany([{ title: 'x', deletedAt }]),
    ])
      await expect(write()).rejects.toBeInstanceOf(PermissionError)
    expect([await seen(), await marked()]).toEqual([['a', 'b', 'c', 'd'], []])
    const other = await Book.findOrFail(a.id)
    expect(await other.update({ title: 'changed' })).toBeDefined()
  })
})
