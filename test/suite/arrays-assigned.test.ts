import { Field, Model, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Note extends Model(
  {
    title: Field.string(),
    size: Field.integer({ default: 0 }),
    tags: Field.array(Field.string({ max: 30 }), { default: [] }),
    words: Field.array(Field.text(), { default: [] }),
    holes: Field.array(Field.string({ nullable: true }), { default: [] }),
    numbers: Field.array(Field.integer(), { default: [] }),
    bigs: Field.array(Field.bigInteger(), { default: [] }),
    few: Field.array(Field.enum(['a', 'b']), { default: [] }),
    many: Field.array(Field.enum(['a', 'b', 'c']), { default: [] }),
    data: Field.json<unknown>({ default: {} }),
  },
  { table: 'array_notes' },
) {}

describeDatabases('arrays in updates by expression', (database) => {
  database.useTables([Note])

  it('take arrays of the same elements', async () => {
    const { id } = await Note.create({ title: 'one', tags: ['x'], few: ['a'] })
    await Note.where({ id }).update((c) => ({ words: c.tags, many: c.few, size: c.tags.length() }))
    await Note.where({ id }).update((c) => ({ holes: c.tags }))
    expect(await Note.find(id)).toMatchObject({ words: ['x'], many: ['a'], size: 1, holes: ['x'] })
  })

  it('refuse what would leave a row that cannot be read', async () => {
    const { id } = await Note.create({ title: 'one', holes: [null], numbers: [1], many: ['c'], data: [1] })
    // the types refuse most of these
    const update = (data: (c: never) => object) => Note.where({ id }).update(data as never)
    const c = Note.columns
    const wrong: [object, RegExp][] = [
      [{ tags: c.title }, /"Note.tags" is an array, so it can't be set to a single value/],
      [{ tags: c.data }, /"Note.tags" is an array/],
      [{ numbers: c.size }, /"Note.numbers" is an array/],
      [{ title: c.tags }, /"Note.title" is no array, so it can't be set to one/],
      [{ data: c.numbers }, /"Note.data" is no array/],
      [{ tags: c.numbers }, /"Note.tags" has elements of another type/],
      [{ bigs: c.numbers }, /"Note.bigs" has elements of another type/],
      [{ few: c.many }, /"Note.few" has elements of another type/],
      [{ tags: c.holes }, /The elements of "Note.tags" must not be null/],
      [{ tags: Note.where({ id }).select('title') }, /"Note.tags" is an array/],
    ]
    for (const [data, message] of wrong) {
      const failing = async () => update(() => data)
      await expect(failing(), message.source).rejects.toThrow(UsageError)
      await expect(failing()).rejects.toThrow(message)
    }
    expect(await Note.find(id)).toMatchObject({ title: 'one', tags: [], holes: [null], numbers: [1], few: [] })
  })
})
