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
import type { MigrationColumn } from '../../src/types/migration.js'
import { describeDatabases } from '../support/databases.js'
import { dropAll, exportOf } from '../support/migrations.js'

// A column of another type, which takes the place of the old one when it has all values.

const INITIAL = '20260101T000000_initial'
const NEXT = '20270101T000000_next'
const LARGE = 2n ** 40n

const shared = { title: Field.string({ max: 50 }), pages: Field.integer({ nullable: true }) }
const table = "o'books"
const options = {
  table,
  indexes: [{ fields: ['amount'], unique: true }, { fields: ['title', 'amount'] }],
} as const

class OldBook extends Model(
  { amount: Field.integer(), price: Field.decimal({ precision: 10, scale: 4, dbDefault: '1.5' }), ...shared },
  options,
) {}

class NewBook extends Model(
  { amount: Field.bigInteger(), price: Field.decimal({ precision: 12, scale: 2, dbDefault: '1.5' }), ...shared },
  options,
) {}

/** The same with one column, for tests that run each step. */
const ofOne = { table, indexes: [{ fields: ['amount'], unique: true }] } as const
class OldShelf extends Model({ amount: Field.integer() }, ofOne) {}
class NewShelf extends Model({ amount: Field.bigInteger() }, ofOne) {}

describeDatabases('columns that get another type while programs run', (database) => {
  afterEach(() => dropAll(database.db))

  const nothing = { tables: new Map(), columns: new Map() }
  const request = (from: SchemaState, to: SchemaState, parents: readonly string[]) => ({
    from,
    to,
    parents,
    renames: nothing,
    fills: new Map(),
    name: null,
    now: new Date('2026-11-29T07:12:03Z'),
    dropRetired: false,
    // the files are the same for every database
    dialect: null,
    safe: true,
  })

  /** The migrations as the command line writes them. */
  function written(old: Parameters<typeof metadataOf>[0] = OldBook, retyped: typeof old = NewBook) {
    const empty = { tables: new Map(), views: new Map() }
    const [before, after] = [stateOfModels([metadataOf(old)]), stateOfModels([metadataOf(retyped)])]
    const initial = makeMigration(request(empty, before, []))
    const made = makeMigration(request(before, after, [INITIAL]))
    if (initial.kind !== 'migration' || made.kind !== 'migration' || made.contract === null)
      throw new Error('nothing was made')
    const modules: Record<string, Migration> = {
      [INITIAL]: exportOf(initial.text),
      [made.id]: exportOf(made.text),
      [made.contract.id]: exportOf(made.contract.text),
    }
    return { modules, migrations: namedMigrations(modules), expand: made.id, contract: made.contract.id, after }
  }

  const stored = () => database.db.select<Record<string, unknown>>(sql`select * from ${sql.id(table)} order by id`)
  const amounts = async () => (await stored()).map((row) => [Number(row.amount), Number(row.amount_other_type)])

  async function expanded() {
    const { db } = database
    const plan = written()
    await up(db, { migrations: plan.migrations, to: INITIAL })
    await OldBook.insertMany([
      { title: 'first', amount: 1, price: '2.25' },
      { title: 'second', amount: 2, price: '-3.1' },
    ])
    await up(db, { migrations: plan.migrations })
    return plan
  }

  async function differences(state: SchemaState) {
    const found = await driftOf(database.db, state, { ignore: [], own: ['corm_migrations'] })
    const made = found.unmanaged.filter(({ kind }) => kind === 'trigger' || kind === 'function')
    return [...found.differences.map(describeDifference), ...made]
  }

  it('have the values of both types until the deployment is over', async () => {
    const { migrations } = await expanded()
    expect(await amounts()).toEqual([
      [1, 1],
      [2, 2],
    ])
    const first = await OldBook.findOrFail(1)
    first.amount = 10
    await first.save()
    await OldBook.where('title', 'second').update({ amount: 20, price: '4.5' })
    await OldBook.create({ title: 'third', amount: 30 })
    await NewBook.insertMany([{ title: 'fourth', amount: 40 }])
    await NewBook.where('title', 'third').update({ pages: 3 })
    expect(await amounts()).toEqual([10, 20, 30, 40].map((each) => [each, each]))
    await expect(OldBook.create({ title: 'again', amount: 40 })).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
    expect(await differences(replay(migrations.slice(0, 2)).state)).toEqual([])
  })

  it('refuse values that the new type can not hold', async () => {
    const { db } = database
    const { migrations } = await expanded()
    await expect(OldBook.create({ title: 'long', amount: 3, price: '1.2345' })).rejects.toThrow()
    await expect(OldBook.where('amount', 1).update({ price: '1.2345' })).rejects.toThrow()
    expect(await OldBook.count()).toBe(2)
    await down(db, { migrations, allowLoss: true })
    await OldBook.where('amount', 1).update({ price: '1.2345' })
    await expect(up(db, { migrations })).rejects.toThrow(
      `The column "${table}.price" can't become decimal: 1 row (id: 1) has values that would change. Change them first.`,
    )
    await OldBook.where('amount', 1).update({ price: '1.23' })
    await up(db, { migrations })
    expect((await stored()).map(({ price_other_type }) => price_other_type != null)).toEqual([true, true])
  })

  it('have the new type after it, and both again if that is reversed', async () => {
    const { db } = database
    const { migrations, after } = await expanded()
    const run = await up(db, { migrations, contract: true })
    expect(run.finished).toHaveLength(1)
    await NewBook.create({ title: 'third', amount: LARGE })
    await NewBook.where('title', 'first').update({ amount: 11 })
    const rows = await NewBook.all().orderBy('id')
    expect(rows.map(({ amount, price }) => [amount, Number(price)])).toEqual([
      [11n, 2.25],
      [2n, -3.1],
      [LARGE, 1.5],
    ])
    await expect(NewBook.create({ title: 'again', amount: 11n })).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
    await expect(NewBook.create({ title: 'none', amount: null as never })).rejects.toThrow()
    const { state } = replay(migrations)
    expect(await differences(state)).toEqual([])
    expect(makeMigration(request(state, after, [])).kind).toBe('nothing')
    // the old type can't hold it
    await expect(down(db, { migrations })).rejects.toThrow(
      `The column "${table}.amount" can't become integer: 1 row (id: 3) has values that would change. Change them first.`,
    )
    await NewBook.where('title', 'third').update({ amount: 3 })
    await down(db, { migrations })
    await OldBook.create({ title: 'fourth', amount: 4 })
    expect(await amounts()).toEqual([11, 2, 3, 4].map((each) => [each, each]))
    expect(await differences(replay(migrations.slice(0, 2)).state)).toEqual([])
    await down(db, { migrations, allowLoss: true })
    expect(await differences(replay(migrations.slice(0, 1)).state)).toEqual([])
    expect((await OldBook.all().orderBy('id')).map(({ amount, price }) => [amount, Number(price)])).toEqual([
      [11, 2.25],
      [2, -3.1],
      [3, 1.5],
      [4, 1.5],
    ])
  })

  it.each(['expand', 'contract', 'reversed'] as const)(
    'go on with what they were interrupted at: %s',
    async (part) => {
      const { db } = database
      const { migrations, expand, contract } = written(OldShelf, NewShelf)
      const id = part === 'expand' ? expand : contract
      const kept = migrations.filter((each) => each.id === INITIAL || (part !== 'expand' && each.id === expand))
      const direction = part === 'reversed' ? ('down' as const) : ('up' as const)
      const start = async () => {
        await up(db, { migrations: kept })
        await OldShelf.create({ amount: 1 })
        if (part === 'reversed') await up(db, { migrations, contract: true })
      }
      const run = (more: object) =>
        direction === 'down'
          ? down(db, { migrations, to: expand, ...more })
          : up(db, { migrations, contract: part === 'contract', ...more })
      await start()
      const planned = (await run({ dryRun: true })).planned.filter((each) => each.id === id)
      const steps = planned[0]?.steps.length ?? 0
      expect(steps).toBeGreaterThan(3)
      await dropAll(db)
      for (let stop = 1; stop <= steps; stop++) {
        await start()
        const controller = new AbortController()
        let seen = 0
        const onProgress = (event: { readonly kind: string }) => {
          if (event.kind === 'step' && ++seen === stop) controller.abort()
        }
        await run({ signal: controller.signal, onProgress }).catch(() => {})
        // a step is done, and nobody has recorded that
        if (database.kind === 'mysql' && stop < steps)
          await db.execute(sql`update corm_migrations set step_state = ${'running'} where id = ${id}`)
        const Shelf = part === 'contract' ? NewShelf : OldShelf
        await Shelf.create({ amount: 7 })
        await run({})
        await Shelf.create({ amount: 8 })
        expect((await amounts()).map(([amount]) => amount)).toEqual([1, 7, 8])
        if (part !== 'contract') expect((await amounts()).map(([, other]) => other)).toEqual([1, 7, 8])
        const done = part === 'contract' ? migrations : migrations.filter((each) => each.id !== contract)
        expect(await differences(replay(done).state)).toEqual([])
        await dropAll(db)
      }
    },
    240_000,
  )

  it('have the values that a change in place gives them', async () => {
    const { db } = database
    const nullable = { nullable: true }
    const decimal = (precision: number, scale: number) => column.decimal({ precision, scale, ...nullable })
    const text = (max: number) => column.string({ max, ...nullable })
    const pairs: readonly (readonly [MigrationColumn, MigrationColumn, unknown])[] = [
      [column.integer(nullable), column.bigInteger(nullable), -5],
      [column.bigInteger(nullable), column.smallInteger(nullable), 300],
      [column.integer(nullable), decimal(10, 2), 7],
      [column.integer(nullable), text(10), -12],
      [decimal(10, 4), decimal(8, 2), '-1.25'],
      [decimal(30, 4), decimal(12, 2), '123456789.25'],
      [decimal(10, 2), column.bigInteger(nullable), '12'],
      [decimal(10, 2), text(20), '0.5'],
      [text(20), text(5), "it's"],
      [column.text(nullable), text(100), 'long'],
      [text(20), column.integer(nullable), '0042'],
      [text(20), decimal(10, 2), '-7.5'],
      [text(20), column.date(nullable), '2026-02-28'],
      [text(30), column.dateTime(nullable), '2026-02-28 10:11:12.123'],
      [column.date(nullable), column.dateTime(nullable), '2026-02-28'],
      [column.date(nullable), text(10), '2026-02-28'],
      [column.dateTime(nullable), text(40), new Date('2026-02-28T10:11:12.120Z')],
      [column.dateTime(nullable), column.date(nullable), new Date('2026-02-28T00:00:00Z')],
    ]
    const names = pairs.map((_, i) => `c${i}`)
    const columnsOf = (index: 0 | 1, prefix: string) =>
      Object.fromEntries(pairs.map((pair, i) => [`${prefix}${names[i]}`, pair[index]]))
    const insert = (prefix: string) =>
      ({
        op: 'data',
        name: `insert ${prefix}`,
        up: async (data) =>
          void (await data
            .table('pairs')
            .insert([Object.fromEntries(pairs.map(([, , value], i) => [`c${i}`, value]))])),
        down: 'none',
      }) as const satisfies Parameters<typeof migration>[0]['operations'][number]
    const initial = migration({
      parents: [],
      operations: [
        {
          op: 'createTable',
          table: 'pairs',
          columns: { id: column.id(), ...columnsOf(0, ''), ...columnsOf(1, 'other_') },
        },
        ...names.map(
          (name) => ({ op: 'mirrorColumn', table: 'pairs', from: name, to: `other_${name}`, oneWay: true }) as const,
        ),
        insert('values'),
      ],
    })
    const retyped = migration({
      parents: [INITIAL],
      operations: [
        ...names.map((name) => ({ op: 'unmirrorColumn', table: 'pairs', from: name, to: `other_${name}` }) as const),
        ...pairs.map(([, to], i) => ({ op: 'alterColumn', table: 'pairs', column: `c${i}`, to }) as const),
      ],
    })
    await up(db, { migrations: namedMigrations({ [INITIAL]: initial, [NEXT]: retyped }) })
    const [row = {}] = await db.select<Record<string, unknown>>(sql`select * from pairs`)
    for (const name of names) {
      expect([name, row[name]]).not.toEqual([name, null])
      expect([name, row[`other_${name}`]]).toEqual([name, row[name]])
    }
  })
})
