import { Field, Model, sql } from 'corm'
import { column, type Migration, migration } from 'corm/migration'
import { afterEach, expect, it } from 'vitest'
import type { SchemaState } from '../../src/ast/schema.js'
import { metadataOf } from '../../src/metadata/metadata.js'
import { describeDifference, driftOf } from '../../src/migration/drift.js'
import { makeMigration } from '../../src/migration/make.js'
import { down, up } from '../../src/migration/migrator.js'
import { namedMigrations } from '../../src/migration/modules.js'
import { replay } from '../../src/migration/replay.js'
import { stateOfModels } from '../../src/schema/from-models.js'
import { isPlainObject } from '../../src/util/own.js'
import { describeDatabases } from '../support/databases.js'
import { dropAll, exportOf } from '../support/migrations.js'

// A column that has another name for new programs, while old ones go on with the old name.

const KEY = '01890a5d-ac96-774b-bcce-b302099a8057'
const OTHER = '01890a5d-ac96-774b-bcce-b302099a8058'

/** Values that differ by their form only. */
const textOf = (value: unknown) => {
  if (value instanceof Uint8Array) return [...value].join()
  return isPlainObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value)
}

const INITIAL = '20260101T000000_initial'

const shared = { pages: Field.integer({ default: 0 }), note: Field.text({ nullable: true }) }
const indexes = [{ fields: ['title'], unique: true }] as const

class OldBook extends Model(
  {
    title: Field.string({ max: 50 }),
    status: Field.string({ max: 20, dbDefault: 'new' }),
    code: Field.string({ max: 20, nullable: true }),
    ...shared,
  },
  { table: "o'books", indexes },
) {}

class NewBook extends Model(
  {
    headline: Field.string({ max: 50 }),
    stage: Field.string({ max: 20, dbDefault: 'new' }),
    isbn: Field.string({ max: 20, nullable: true }),
    ...shared,
  },
  { table: "o'books", indexes: [{ fields: ['headline'], unique: true }] },
) {}

const RENAMES = new Map([
  ["o'books.title", 'headline'],
  ["o'books.status", 'stage'],
  ["o'books.code", 'isbn'],
])

describeDatabases('columns that are renamed while programs run', (database) => {
  afterEach(() => dropAll(database.db))

  const request = (from: SchemaState, to: SchemaState, parents: readonly string[]) => ({
    from,
    to,
    parents,
    renames: { tables: new Map(), columns: RENAMES },
    fills: new Map(),
    name: null,
    now: new Date('2026-11-29T07:12:03Z'),
    dropRetired: false,
    dialect: database.db.dialect,
    safe: true,
  })

  /** The migrations as the command line writes them. */
  function written() {
    const empty = { tables: new Map(), views: new Map() }
    const [before, after] = [stateOfModels([metadataOf(OldBook)]), stateOfModels([metadataOf(NewBook)])]
    const initial = makeMigration({ ...request(empty, before, []), renames: { tables: new Map(), columns: new Map() } })
    const made = makeMigration(request(before, after, [INITIAL]))
    if (initial.kind !== 'migration' || made.kind !== 'migration' || made.contract === null)
      throw new Error('nothing was made')
    const modules: Record<string, Migration> = {
      [INITIAL]: exportOf(initial.text),
      [made.id]: exportOf(made.text),
      [made.contract.id]: exportOf(made.contract.text),
    }
    return { modules, migrations: namedMigrations(modules), expand: made.id, contract: made.contract.id, made, after }
  }

  const stored = () => database.db.select<Record<string, unknown>>(sql`select * from ${sql.id("o'books")} order by id`)
  const old = (title: string) => ({ title, status: 'sold', code: 'c' })

  async function expanded() {
    const { db } = database
    const plan = written()
    await up(db, { migrations: plan.migrations, to: INITIAL })
    await OldBook.insertMany([old('first'), old('second'), { ...old('third'), code: null }])
    await up(db, { migrations: plan.migrations })
    return plan
  }

  it('have both names, with the same values, until the deployment is over', async () => {
    const { db } = database
    const { migrations, made } = await expanded()
    if (made.kind === 'migration') expect(made.text).not.toContain('breaks programs')
    expect(await NewBook.all().orderBy('id').valuesList('headline', 'stage', 'isbn')).toEqual([
      ['first', 'sold', 'c'],
      ['second', 'sold', 'c'],
      ['third', 'sold', null],
    ])
    const first = await OldBook.findOrFail(1)
    first.title = 'old title'
    first.code = null
    await first.save()
    await NewBook.where('headline', 'second').update({ headline: 'Second', stage: 'gone' })
    await OldBook.create({ title: 'by an old program' })
    await NewBook.create({ headline: 'by a new program', isbn: 'i' })
    await NewBook.insertMany([{ headline: 'many', stage: 'x' }])
    await NewBook.where('headline', 'third').update({ pages: 3 })
    const both = (await stored()).map((row) => [row.title, row.headline, row.status, row.stage, row.code, row.isbn])
    expect(both).toEqual([
      ['old title', 'old title', 'sold', 'sold', null, null],
      ['Second', 'Second', 'gone', 'gone', 'c', 'c'],
      ['third', 'third', 'sold', 'sold', null, null],
      ['by an old program', 'by an old program', 'new', 'new', null, null],
      ['by a new program', 'by a new program', 'new', 'new', 'i', 'i'],
      ['many', 'many', 'x', 'x', null, null],
    ])
    await expect(OldBook.create({ title: 'many' })).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
    const state = replay(migrations.slice(0, 2)).state
    const { differences, unmanaged } = await driftOf(db, state, { ignore: [], own: ['corm_migrations'] })
    expect(differences.map(describeDifference)).toEqual([])
    expect(unmanaged.filter(({ kind }) => kind === 'trigger' || kind === 'function')).toEqual([])
  })

  it('go on with that where another migration makes the table again', async () => {
    const { modules, expand, contract } = await expanded()
    // it would have to come after what waits for the deployment
    delete modules[contract]
    const retyped = migration({
      parents: [expand],
      operations: [{ op: 'alterColumn', table: "o'books", column: 'pages', to: column.bigInteger() }],
    })
    await up(database.db, { migrations: namedMigrations({ ...modules, '20270101T000000_z': retyped }) })
    await OldBook.create({ title: 'again' })
    expect((await stored()).at(-1)).toMatchObject({ title: 'again', headline: 'again', stage: 'new' })
    const removed = migration({
      parents: ['20270101T000000_z'],
      operations: [{ op: 'renameColumn', table: "o'books", from: 'headline', to: 'subject' }],
    })
    const all = { ...modules, '20270101T000000_z': retyped, '20270102T000000_z': removed }
    await expect(up(database.db, { migrations: namedMigrations(all) })).rejects.toThrow(
      `The column "o'books.headline" can't be removed or renamed while "title" and "headline" are mirrored.`,
    )
  })

  it('have the new name only after it, and both again if that is reversed', async () => {
    const { db } = database
    const { migrations, after } = await expanded()
    const run = await up(db, { migrations, contract: true })
    expect(run.finished).toHaveLength(1)
    await NewBook.create({ headline: 'fourth', isbn: 'i' })
    await NewBook.where('headline', 'first').update({ headline: 'First' })
    expect((await stored()).map((row) => [row.title, row.headline])).toEqual([
      ['first', 'First'],
      ['second', 'second'],
      ['third', 'third'],
      [null, 'fourth'],
    ])
    await expect(NewBook.create({ headline: null as never })).rejects.toThrow()
    await expect(NewBook.create({ headline: 'fourth' })).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
    const { state } = replay(migrations)
    const { differences } = await driftOf(db, state, { ignore: [], own: ['corm_migrations'] })
    expect(differences.map(describeDifference)).toEqual([])
    expect(
      makeMigration({ ...request(state, after, []), renames: { tables: new Map(), columns: new Map() } }).kind,
    ).toBe('nothing')
    await down(db, { migrations })
    await OldBook.create({ title: 'fifth' })
    expect((await stored()).map((row) => [row.title, row.headline, row.code, row.isbn])).toEqual([
      ['First', 'First', 'c', 'c'],
      ['second', 'second', 'c', 'c'],
      ['third', 'third', null, null],
      ['fourth', 'fourth', 'i', 'i'],
      ['fifth', 'fifth', null, null],
    ])
    await down(db, { migrations, allowLoss: true })
    const [row = {}] = await stored()
    expect(Object.keys(row).sort()).toEqual(['code', 'id', 'note', 'pages', 'status', 'title'])
    await OldBook.create({ title: 'sixth' })
    await expect(OldBook.create({ title: null as never })).rejects.toThrow()
    expect(await OldBook.count()).toBe(6)
  })

  it('go on with what they were interrupted at, whatever step that is', async () => {
    const { db } = database
    const { migrations, expand, contract } = written()
    const initial = migrations.filter(({ id }) => id === INITIAL)
    const [planned] = (await up(db, { migrations, dryRun: true })).planned.filter(({ id }) => id === expand)
    const steps = planned?.steps.length ?? 0
    expect(steps).toBeGreaterThan(6)
    for (let stop = 1; stop <= steps; stop++) {
      await up(db, { migrations: initial })
      await OldBook.create(old('first'))
      const controller = new AbortController()
      let seen = 0
      const onProgress = (event: { readonly kind: string }) => {
        if (event.kind === 'step' && ++seen === stop) controller.abort()
      }
      await up(db, { migrations, signal: controller.signal, onProgress }).catch(() => {})
      // a step is done, and nobody has recorded that
      if (database.kind === 'mysql' && stop < steps)
        await db.execute(sql`update corm_migrations set step_state = ${'running'} where id = ${expand}`)
      await up(db, { migrations })
      await OldBook.create(old(`after ${stop}`))
      expect((await stored()).map(({ headline }) => headline)).toEqual(['first', `after ${stop}`])
      const contracted = await up(db, { migrations, contract: true })
      expect(contracted.finished.map(({ id }) => id)).toEqual([contract])
      await dropAll(db)
    }
  }, 120_000)

  it('may have any type', async () => {
    const { db } = database
    const columns = {
      flag: column.boolean({ nullable: true }),
      small: column.smallInteger({ nullable: true }),
      big: column.bigInteger({ nullable: true }),
      price: column.decimal({ precision: 10, scale: 2, nullable: true }),
      ratio: column.float({ nullable: true }),
      name: column.string({ max: 10, nullable: true }),
      day: column.date({ nullable: true }),
      at: column.dateTime({ nullable: true }),
      key: column.uuid({ nullable: true }),
      data: column.json({ nullable: true }),
      bytes: column.binary({ nullable: true }),
    }
    const pairs = Object.entries(columns)
    const table = migration({
      parents: [],
      operations: [
        {
          op: 'createTable',
          table: 'pairs',
          columns: {
            id: column.id(),
            ...columns,
            ...Object.fromEntries(pairs.map(([name, type]) => [`new_${name}`, type])),
          },
        },
        ...pairs.map(([from]) => ({ op: 'mirrorColumn', table: 'pairs', from, to: `new_${from}` }) as const),
      ],
    })
    await db.migrate({ migrations: { [INITIAL]: table } })
    const fields = (prefix: string) => ({
      flag: Field.boolean({ nullable: true, column: `${prefix}flag` }),
      small: Field.smallInteger({ nullable: true, column: `${prefix}small` }),
      big: Field.bigInteger({ nullable: true, column: `${prefix}big` }),
      price: Field.decimal({ precision: 10, scale: 2, nullable: true, column: `${prefix}price` }),
      ratio: Field.float({ nullable: true, column: `${prefix}ratio` }),
      name: Field.string({ max: 10, nullable: true, column: `${prefix}name` }),
      day: Field.date({ nullable: true, column: `${prefix}day` }),
      at: Field.dateTime({ nullable: true, column: `${prefix}at` }),
      key: Field.uuid({ nullable: true, column: `${prefix}key` }),
      data: Field.json({ nullable: true, column: `${prefix}data` }),
      bytes: Field.binary({ nullable: true, column: `${prefix}bytes` }),
    })
    class Before extends Model(fields(''), { table: 'pairs' }) {}
    class After extends Model(fields('new_'), { table: 'pairs' }) {}
    const values = {
      flag: true,
      small: 3,
      big: 2n ** 40n,
      price: 1.5,
      ratio: 0.1,
      name: 'a',
      day: '2026-01-02',
      at: new Date(0),
      key: KEY,
      data: { a: [1] },
      bytes: Buffer.from([0, 255]),
    }
    const others = {
      flag: false,
      small: -3,
      big: 5n,
      price: -2.25,
      ratio: 1e20,
      name: 'A',
      day: '1999-12-31',
      at: new Date(1e12),
      key: OTHER,
      data: ['b'],
      bytes: Buffer.from([7]),
    }
    const none = Object.fromEntries(pairs.map(([name]) => [name, null]))
    const plain = (row: object) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, textOf(value)]))
    const expectBoth = async (row: object) => {
      const [before, after] = [await Before.all().firstOrFail(), await After.all().firstOrFail()]
      for (const each of [before.toObject(), after.toObject()])
        expect(plain(each)).toEqual({ id: textOf(each.id), ...plain(row) })
    }
    await Before.create(values)
    await expectBoth(values)
    await After.all().update(others)
    await expectBoth(others)
    await Before.all().update(values)
    await expectBoth(values)
    await After.all().update(none)
    await expectBoth(none)
    await After.create(others)
    await After.where('id', 1).delete()
    await expectBoth(others)
  })
})
