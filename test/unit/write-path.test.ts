import { Database, Field, Model, Relation } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import type { RowAction, RowHook } from '../../src/model/runtime/row-hooks.js'
import { runtimeOf } from '../../src/model/runtime/runtime.js'
import { describeDatabases } from '../support/databases.js'

// hooks are data of a model: whatever writes an instance runs them, around its statement and in its transaction

class Shelf extends Model({ name: Field.string({ unique: true, max: 50 }) }, { table: 'path_shelves' }) {
  static books = Relation.hasMany(() => Book)
}
class Book extends Model(
  {
    title: Field.string({ max: 50 }),
    pages: Field.integer({ default: 1 }),
    shelfId: Field.foreignKey(() => Shelf, { nullable: true }),
    deletedAt: Field.softDelete(),
  },
  { table: 'path_books' },
) {
  static shelf = Relation.belongsTo(() => Shelf)
  static tags = Relation.manyToMany(() => Tag, { through: 'path_book_tags', foreignKey: 'bookId', otherKey: 'tagId' })
}
class Tag extends Model({ name: Field.string({ max: 50 }) }, { table: 'path_tags' }) {}

const actions = new Set<RowAction>(['insert', 'update', 'delete', 'mark', 'restore'])
const models = { path_shelves: Shelf, path_books: Book, path_tags: Tag }

/** In place of the key of the shelf. */
const SHELF = -1

const gone = (name: string) => [`before delete ${name}`, `delete ${name}`, `after delete ${name}`]

describeDatabases('the write path', (database) => {
  database.useTables([Shelf, Tag, Book])

  /** What happens, in order: hooks, and statements that write. */
  let log: string[] = []
  let change: (instance: any) => void = () => {}
  let refuse: ((name: string) => unknown) | null = null

  const recorder = (name: string): RowHook => ({
    actions,
    before({ instance, action }, { trx }) {
      log.push(`before ${action} ${name}${trx === Database.get().current ? '' : ', outside its transaction'}`)
      change(instance)
    },
    async after({ action, previous }) {
      const changed = Object.keys(previous).length === 0 ? '' : ` ${JSON.stringify(previous)}`
      log.push(`after ${action} ${name}${changed}`)
      await refuse?.(name)
    },
  })

  beforeEach(() => {
    for (const model of Object.values(models)) runtimeOf(model).hooks = []
  })

  async function logged(work: () => Promise<unknown>): Promise<string[]> {
    const listener = ({ sql }: { sql: string }) => {
      const verb = /^(insert|update|delete)\b/i.exec(sql)?.[1]?.toLowerCase()
      const table = Object.keys(models).find((name) => sql.includes(name))
      if (verb !== undefined && table !== undefined) log.push(`${verb} ${models[table as keyof typeof models].name}`)
    }
    log = []
    for (const model of Object.values(models)) runtimeOf(model).hooks = [recorder(model.name)]
    const stop = database.db.on('query', listener)
    try {
      await work()
    } finally {
      stop()
      for (const model of Object.values(models)) runtimeOf(model).hooks = []
    }
    return log
  }

  interface World {
    /** On a shelf, with a change that is not saved. */
    readonly book: any
    readonly shelf: any
  }
  async function world(): Promise<World> {
    const shelf = await Shelf.create({ name: 'full' })
    const book = await Book.create({ title: 'a', shelfId: shelf.id })
    book.pages = 2
    return { book, shelf }
  }

  const inserts = (name: string, ...statements: string[]) => [
    `before insert ${name}`,
    ...(statements.length === 0 ? [`insert ${name}`] : statements),
    `after insert ${name}`,
  ]
  const two = (name: string) => [
    ...[`before insert ${name}`, `before insert ${name}`],
    `insert ${name}`,
    ...[`after insert ${name}`, `after insert ${name}`],
  ]
  const updates = (name: string, previous: object) => [
    `before update ${name}`,
    `update ${name}`,
    `after update ${name} ${JSON.stringify(previous)}`,
  ]

  const rows: [call: string, (world: World) => Promise<unknown>, readonly string[]][] = [
    ['create()', () => Book.create({ title: 'b' }), inserts('Book')],
    ['createMany()', () => Book.createMany([{ title: 'b' }, { title: 'c' }]), two('Book')],
    ['save() of a new one', () => new Book({ title: 'b' }).save(), inserts('Book')],
    ['save() of a changed one', ({ book }) => book.save(), updates('Book', { pages: 1 })],
    ['save({ only })', ({ book }) => book.save({ only: ['title'] }), ['before update Book']],
    ['save() without changes', ({ shelf }) => shelf.save(), ['before update Shelf']],
    ['update()', ({ book }) => book.update({ title: 'b' }), updates('Book', { title: 'a' })],
    [
      'saveMany()',
      ({ book }) => Book.saveMany([book, new Book({ title: 'n' })]),
      [
        ...['before update Book', 'before insert Book'],
        ...['update Book', 'insert Book'],
        ...['after update Book {"pages":1}', 'after insert Book'],
      ],
    ],
    ['a soft delete()', ({ book }) => book.delete(), ['before mark Book', 'update Book', 'after mark Book']],
    ['forceDelete()', ({ book }) => book.forceDelete(), ['before delete Book', 'delete Book', 'after delete Book']],
    ['delete()', async () => (await Shelf.create({ name: 'no' })).delete(), [...inserts('Shelf'), ...gone('Shelf')]],
    ['firstOrCreate() of a new row', () => Shelf.firstOrCreate({ name: 'new' }), inserts('Shelf')],
    ['firstOrCreate() of one that is there', () => Shelf.firstOrCreate({ name: 'full' }), []],
    [
      'firstOrCreate() in a transaction',
      () => Shelf.transaction(() => Shelf.firstOrCreate({ name: 'new' })),
      inserts('Shelf'),
    ],
    [
      'updateOrCreate()',
      () => Shelf.updateOrCreate({ name: 'full' }, { name: 'x' }),
      updates('Shelf', { name: 'full' }),
    ],
    ['create() of a hasMany', ({ shelf }) => shelf.related('books').create({ title: 'b' }), inserts('Book')],
    [
      'createMany() of a hasMany',
      ({ shelf }) => shelf.related('books').createMany([{ title: 'b' }, { title: 'c' }]),
      two('Book'),
    ],
    ['save() of a hasMany', ({ shelf, book }) => shelf.related('books').save(book), updates('Book', { pages: 1 })],
    ['create() of a manyToMany', ({ book }) => book.related('tags').create({ name: 't' }), inserts('Tag')],
    ['save() of a manyToMany', ({ book }) => book.related('tags').save(new Tag({ name: 't' })), inserts('Tag')],
    ['dissociate()', ({ book }) => book.related('shelf').dissociate(), updates('Book', { shelfId: SHELF })],
    [
      'createWithRelations()',
      () => Shelf.createWithRelations({ name: 'q', books: [{ title: '1', tags: [{ name: 't' }] }, { title: '2' }] }),
      [...inserts('Shelf'), ...two('Book'), ...inserts('Tag')],
    ],
    [
      'saveWithRelations()',
      ({ shelf }) => shelf.saveWithRelations({ name: 'x', books: { create: [{ title: '9' }] } }),
      [...updates('Shelf', { name: 'full' }), ...inserts('Book')],
    ],
    // those below have no instances, or are said to run no hooks
    ['insertMany()', () => Tag.insertMany([{ name: 't' }]), ['insert Tag']],
    ['upsert()', () => Shelf.upsert({ name: 'full' }, { conflict: 'name' }), ['insert Shelf']],
    ['upsertMany()', () => Shelf.upsertMany([{ name: 'full' }], { conflict: 'name' }), ['insert Shelf']],
    ['updateMany()', ({ book }) => Book.updateMany([book], ['pages']), ['update Book']],
    ['deleteMany()', ({ book }) => Book.deleteMany([book.id]), ['update Book']],
    ['update() of a query', () => Book.where('title', 'a').update({ pages: 9 }), ['update Book']],
    ['delete() of a query', () => Book.where('title', 'a').delete(), ['update Book']],
    ['increment()', ({ book }) => book.increment('pages'), ['update Book']],
  ]

  it.each(rows)('runs the hooks of %s', async (_, call, expected) => {
    const given = await world()
    expect(await logged(() => call(given))).toEqual(
      expected.map((line) => line.replace(`${SHELF}`, `${given.shelf.id}`)),
    )
  })

  it('runs those of restore()', async () => {
    const { book } = await world()
    await book.save()
    await book.delete()
    expect(await logged(() => book.restore())).toEqual(['before restore Book', 'update Book', 'after restore Book'])
    expect(book.deletedAt).toBe(null)
  })

  it('writes what a hook has set before, though the call names other fields', async () => {
    const { book } = await world()
    await book.save()
    change = (instance) => {
      instance.pages = 40
    }
    await logged(() => book.update({ title: 'set' }))
    await logged(() => Book.create({ title: 'new' }))
    change = () => {}
    expect(await Book.query().orderBy('id').valuesList('title', 'pages')).toEqual([
      ['set', 40],
      ['new', 40],
    ])
    expect(book.isDirty()).toBe(false)
  })

  it('undoes a write, in memory too, when a hook throws after it', async () => {
    const { book } = await world()
    const made = new Book({ title: 'made' })
    refuse = () => {
      throw new Error('no')
    }
    await logged(() => expect(book.save()).rejects.toThrow('no'))
    await logged(() => expect(made.save()).rejects.toThrow('no'))
    await logged(() => expect(Book.saveMany([made, book])).rejects.toThrow('no'))
    await logged(() => expect(book.delete()).rejects.toThrow('no'))
    refuse = null
    expect([made.isPersisted, made.id, book.getChanges(), book.isDeleted]).toEqual([
      false,
      undefined,
      { pages: [1, 2] },
      false,
    ])
    expect(await Book.withTrashed().valuesList('title', 'pages', 'deletedAt')).toEqual([['a', 1, null]])
    await Book.saveMany([made, book])
    expect(await Book.query().orderBy('id').valuesList('title', 'pages')).toEqual([
      ['a', 2],
      ['made', 1],
    ])
  })

  it('refuses a before-hook that saves its own instance, and writes at once what an after-hook saves', async () => {
    const { book } = await world()
    change = (instance) => {
      // a promise that a hook does not return would be rejected for nobody
      if (instance.pages === 2) refused.push(instance.save().catch((error: Error) => error.message))
    }
    const refused: Promise<string>[] = []
    await logged(() => book.save())
    change = () => {}
    expect(await Promise.all(refused)).toEqual([
      'A hook that runs before the write of a "Book" writes it itself. Set its values: the write under way stores them.',
    ])
    refuse = () => {
      if (book.pages >= 5) return null
      book.pages++
      return Promise.all([book.save(), book.refresh('title')])
    }
    expect(await logged(() => book.update({ title: 'z' }))).toEqual([
      ...updates('Book', { title: 'a' }),
      ...updates('Book', { pages: 2 }),
      ...updates('Book', { pages: 3 }),
      ...updates('Book', { pages: 4 }),
    ])
    refuse = null
    expect(await Book.query().valuesList('title', 'pages')).toEqual([['z', 5]])
    expect(book.isDirty()).toBe(false)
  })

  it('sends one statement and begins no transaction where a model has no hooks', async () => {
    const { book } = await world()
    const sent: string[] = []
    const stop = database.db.on('query', ({ sql }) => void sent.push(sql))
    await Book.create({ title: 'b' })
    await book.save()
    await book.delete()
    await book.restore()
    await book.forceDelete()
    stop()
    expect(sent.map((sql) => sql.split(' ')[0])).toEqual(['insert', 'update', 'update', 'update', 'delete'])
  })
})
