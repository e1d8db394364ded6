import { Field, fn, Model, type QueryEvent, UniqueViolationError } from 'corm'
import { describe, expect, it } from 'vitest'
import { type DatabaseKind, describeDatabases } from '../support/databases.js'
import { looseModel } from '../support/loose.js'

/** Names that have broken the quoting, the placeholders or the parsers of one library or another. */
const HOSTILE = [
  'boring',
  'per cent',
  'per % cent',
  '%percent',
  'par(ens)',
  'percent%(ens)yah',
  'col:ons',
  'more :: %colons%',
  '_name',
  '[BracketsAndCase]',
  '42numbers',
  'percent%signs',
  'has spaces',
  '/slashes/',
  'q?marks',
  '1param',
  '1col:on',
  'dot.s',
  "quote ' one",
  'quote " two',
  'back`tick',
  'back\\slash',
  'semi;colon',
  'dash--dash',
  'new\nline',
  'tab\tbed',
  'ünïcødé',
  '表',
  ' leading blank',
  '$1',
  '$$',
  ':name',
  '@name',
  '?',
  '??',
  '*',
  '/* comment */',
  '#hash',
  'x" or ""="',
  'x` or ``=`',
  "'; drop table canary; --",
  'a'.repeat(63),
  'select',
  'from',
  'where',
  'order',
  'group',
  'table',
  'user',
  'default',
  'null',
  'true',
  'key',
  'index',
  'primary',
  'references',
  'limit',
  'offset',
  'returning',
  'values',
  'rowid',
  'ROW_NUMBER',
  'constructor',
  '__proto__',
  'hasOwnProperty',
  'toString',
]

/** What a server does not take as a name, by its manual: these must fail, not be stored under another one. */
const REFUSED: Readonly<Record<DatabaseKind, readonly string[]>> = {
  sqlite: [],
  pglite: [],
  postgres: [],
  mysql: ['a'.repeat(65), 'trailing blank ', 'tab\t', '😀'],
}

describeDatabases('names', (database) => {
  it.each(HOSTILE.map((name) => [JSON.stringify(name), name]))('are exact in every statement: %s', async (_, name) => {
    class Hostile extends Model(
      {
        word: Field.string({ column: name, unique: true }),
        count: Field.integer({ column: `${name.slice(0, 50)} 2` }),
      },
      { table: name, indexes: [['word', 'count']], checks: { positive: (c) => c.count.gte(0) } },
    ) {}
    const { db } = database
    await db.createTables([Hostile])
    try {
      const one = await Hostile.create({ word: 'one', count: 1 })
      await Hostile.createMany([
        { word: 'two', count: 2 },
        { word: 'three', count: 3 },
      ])
      await expect(Hostile.create({ word: 'one', count: 4 })).rejects.toMatchObject({ fields: ['word'] })
      await one.update({ count: 10 })
      await Hostile.where('word', 'two').update((c) => ({ count: c.count.plus(20) }))
      await Hostile.upsert({ word: 'three', count: 33 }, { conflict: 'word' })
      expect(await Hostile.query().orderBy('-count').values('word', 'count')).toEqual([
        { word: 'three', count: 33 },
        { word: 'two', count: 22 },
        { word: 'one', count: 10 },
      ])
      expect(await Hostile.query().sum('count')).toBe(65)
      expect(
        await Hostile.query()
          .groupBy('word')
          .orderBy('word')
          .aggregate({ top: (c) => fn.max(c.count) }),
      ).toHaveLength(3)
      await Hostile.where('count', '<', 20).delete()
      expect((await Hostile.findMany([one.id])).length).toBe(0)
      await Hostile.truncate()
      expect(await Hostile.count()).toBe(0)
      await db.createTables([Hostile], { ifNotExists: true })
    } finally {
      await db.dropTables([Hostile])
    }
    await expect(db.createTables([Hostile])).resolves.toBeUndefined()
    await db.dropTables([Hostile])
  })

  it('fail rather than be cut or changed', async () => {
    const { db, kind } = database
    for (const name of REFUSED[kind]) {
      class Refused extends Model({ word: Field.string({ column: name }) }, { table: 'refused' }) {}
      await expect(db.createTables([Refused]), JSON.stringify(name)).rejects.toThrow()
      class Refused2 extends Model({ word: Field.string() }, { table: name }) {}
      await expect(db.createTables([Refused2]), JSON.stringify(name)).rejects.toThrow()
    }
  })

  it('with an emoji are what they are, or are refused in words', async () => {
    const { db, kind } = database
    class Smile extends Model({ word: Field.string({ column: 'w😀' }) }, { table: 'smiles' }) {}
    if (REFUSED[kind].includes('😀'))
      return void (await expect(db.createTables([Smile])).rejects.toThrow(
        'The name "w😀" has a character beyond U+FFFF, like an emoji, which the database does not take in names. Choose another one.',
      ))
    await db.createTables([Smile])
    await Smile.create({ word: 'a' })
    expect(await Smile.query().pluck('word')).toEqual(['a'])
    await db.dropTables([Smile])
  })

  it('give way to SQL where it calls the incoming row of an upsert "excluded"', async () => {
    class Excluded extends Model({ word: Field.string({ unique: true }) }, { table: 'excluded' }) {}
    const { db } = database
    await db.createTables([Excluded])
    await Excluded.create({ word: 'a' })
    await expect(Excluded.upsert({ word: 'a' }, { conflict: 'word' })).rejects.toThrow(
      'upsert() can\'t write the table "excluded": that is what SQL calls the incoming row.',
    )
    await db.dropTables([Excluded])
  })

  it('of properties become snake_case columns and are read back under their own', async () => {
    class CamelThing extends Model({
      userID: Field.integer(),
      htmlBody2: Field.string(),
      isEU: Field.boolean(),
      x1y2: Field.integer(),
      HTTPServer: Field.string(),
      aB: Field.integer(),
      éclairTop: Field.string(),
    }) {}
    const { db } = database
    await db.createTables([CamelThing])
    const data = { userID: 1, htmlBody2: 'b', isEU: true, x1y2: 3, HTTPServer: 'h', aB: 4, éclairTop: 'é' }
    const made = await CamelThing.create(data)
    expect(
      await CamelThing.where(data).values('userID', 'htmlBody2', 'isEU', 'x1y2', 'HTTPServer', 'aB', 'éclairTop'),
    ).toEqual([data])
    expect(await CamelThing.find(made.id)).toEqual(made)
    const { sql } = CamelThing.query().toSQL()
    for (const column of ['camel_things', 'user_id', 'html_body2', 'is_eu', 'x1y2', 'http_server', 'a_b', 'éclair_top'])
      expect(sql).toMatch(new RegExp(`["\`]${column}["\`]`))
    await db.dropTables([CamelThing])
  })

  it('follow the naming of the model, and column and table options win over it', async () => {
    const { db } = database
    class CamelCased extends Model({ firstName: Field.string() }, { naming: 'camelCase' }) {}
    class Shouted extends Model(
      { firstName: Field.string(), other: Field.string({ column: 'Other Column' }) },
      { naming: (name) => `c_${name.toUpperCase()}`, table: 'shouted table' },
    ) {}
    const events: QueryEvent[] = []
    const stop = db.on('query', (event) => events.push(event))
    await db.createTables([CamelCased, Shouted])
    stop()
    const text = events.map(({ sql }) => sql.replaceAll('`', '"')).join('\n')
    expect(text).toContain('"camelCaseds"')
    expect(text).toContain('"firstName"')
    expect(text).toContain('"shouted table"')
    expect(text).toContain('"c_FIRSTNAME"')
    expect(text).toContain('"Other Column"')
    const made = await Shouted.create({ firstName: 'a', other: 'b' })
    expect(await Shouted.find(made.id)).toEqual(made)
    await CamelCased.create({ firstName: 'x' })
    expect(await CamelCased.where('firstName', 'x').count()).toBe(1)
    await db.dropTables([CamelCased, Shouted])
  })

  it('of constraints stay apart when they are too long for the database', async () => {
    const { db } = database
    const long = (end: string) => `a_column_with_a_name_that_fills_most_of_what_is_allowed_${end}`
    class LongNames extends Model(
      { a: Field.string({ unique: true, column: long('1') }), b: Field.string({ unique: true, column: long('2') }) },
      { table: 'a_table_with_a_name_that_fills_most_of_what_is_allowed' },
    ) {}
    await db.createTables([LongNames])
    await LongNames.create({ a: 'x', b: 'y' })
    const violation = LongNames.create({ a: 'z', b: 'y' })
    await expect(violation).rejects.toBeInstanceOf(UniqueViolationError)
    await expect(violation).rejects.toMatchObject({ fields: ['b'] })
    await db.dropTables([LongNames])
  })
})

describe('names of tables', () => {
  const tableOf = (model: { query(): { toSQL(options: object): { sql: string } } }) =>
    /from "([^"]+)"/.exec(model.query().toSQL({ dialect: 'sqlite' }).sql)?.[1]

  it.each([
    ['User', 'users'],
    ['OrderItem', 'order_items'],
    ['Category', 'categories'],
    ['Person', 'people'],
    ['SalesPerson', 'sales_people'],
    ['Box', 'boxes'],
    ['HTTPRequest', 'http_requests'],
    ['Data', 'data'],
  ])('are the plural of the class: %s is %s', (name, table) => {
    const model = Object.defineProperty(class extends looseModel({ a: Field.integer() }) {}, 'name', { value: name })
    expect(tableOf(model as any)).toBe(table)
  })
})
