import { Field, Model, Relation, sql } from 'corm'
import { Decimal } from 'decimal.js'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

// keys are compared by what is stored of them, in whatever form instances hold it

class Tag {
  constructor(readonly text: string) {}
}
const tag = Field.custom<Tag>({ type: 'string', encode: (value) => value.text, decode: (raw) => new Tag(String(raw)) })
const hash = Field.custom<string>({
  type: 'integer',
  encode: (value) => Number(value.slice(1)),
  decode: (raw) => `h${raw}`,
})
const bigHash = Field.custom<string>({
  type: 'bigInteger',
  encode: (value) => BigInt(value.slice(1)),
  decode: (raw) => `b${raw}`,
})
const day = Field.custom<string>({
  type: 'dateTime',
  encode: (value) => new Date(`${value}T00:00:00Z`),
  decode: (raw) => (raw as Date).toISOString().slice(0, 10),
})
/** Its order is not that of what is stored. */
const turned = Field.custom<number>({ type: 'integer', encode: (value) => -value, decode: (raw) => -Number(raw) })

class Owner extends Model({
  name: Field.string(),
  tag: tag({ unique: true }),
  hash: hash({ unique: true }),
  big: bigHash({ unique: true }),
  turned: turned({ unique: true }),
  day: day({ unique: true }),
  price: Field.decimal({ precision: 12, scale: 2, unique: true }),
  at: Field.dateTime({ precision: 6, unique: true }),
  code: Field.char(6, { unique: true }),
  whole: Field.bigInteger({ as: 'number', unique: true }),
  small: Field.integer({ unique: true }),
  uuid: Field.uuid({ unique: true }),
  kind: Field.enum(['one', 'two', 'three'], { unique: true }),
}) {
  static byTag = Relation.hasMany(() => Item, { foreignKey: 'tag', localKey: 'tag' })
  static byHash = Relation.hasMany(() => Item, { foreignKey: 'hash', localKey: 'hash' })
  static byNumber = Relation.hasMany(() => Item, { foreignKey: 'number', localKey: 'hash' })
  static byBig = Relation.hasMany(() => Item, { foreignKey: 'big', localKey: 'big' })
  static byTurned = Relation.hasMany(() => Item, { foreignKey: 'turned', localKey: 'turned' })
  static byDay = Relation.hasMany(() => Item, { foreignKey: 'day', localKey: 'day' })
  static byPrice = Relation.hasMany(() => Item, { foreignKey: 'price', localKey: 'price' })
  static byDigits = Relation.hasMany(() => Item, { foreignKey: 'digits', localKey: 'price' })
  static byCoarse = Relation.hasMany(() => Item, { foreignKey: 'coarse', localKey: 'price' })
  static byTime = Relation.hasMany(() => Item, { foreignKey: 'at', localKey: 'at' })
  static byCode = Relation.hasMany(() => Item, { foreignKey: 'code', localKey: 'code' })
}

class Item extends Model({
  title: Field.string(),
  tag: tag({ nullable: true }),
  hash: hash({ nullable: true }),
  number: Field.integer({ nullable: true }),
  big: bigHash({ nullable: true }),
  turned: turned({ nullable: true }),
  day: day({ nullable: true }),
  price: Field.decimal({ precision: 12, scale: 2, as: 'number', nullable: true }),
  digits: Field.decimal({ precision: 12, scale: 4, as: 'string', nullable: true }),
  coarse: Field.decimal({ precision: 12, scale: 0, nullable: true }),
  at: Field.dateTime({ precision: 6, nullable: true }),
  millis: Field.dateTime({ nullable: true }),
  code: Field.string({ max: 10, nullable: true }),
  huge: Field.bigInteger({ nullable: true }),
  uuid: Field.string({ max: 40, nullable: true }),
  kind: Field.string({ max: 10, nullable: true }),
}) {
  static ofTag = Relation.belongsTo(() => Owner, { foreignKey: 'tag', localKey: 'tag' })
  static ofHash = Relation.belongsTo(() => Owner, { foreignKey: 'hash', localKey: 'hash' })
  static ofNumber = Relation.belongsTo(() => Owner, { foreignKey: 'number', localKey: 'hash' })
  static ofBig = Relation.belongsTo(() => Owner, { foreignKey: 'big', localKey: 'big' })
  static ofTurned = Relation.belongsTo(() => Owner, { foreignKey: 'turned', localKey: 'turned' })
  static ofDay = Relation.belongsTo(() => Owner, { foreignKey: 'day', localKey: 'day' })
  static ofPrice = Relation.belongsTo(() => Owner, { foreignKey: 'price', localKey: 'price' })
  static ofDigits = Relation.belongsTo(() => Owner, { foreignKey: 'digits', localKey: 'price' })
  static ofCoarse = Relation.belongsTo(() => Owner, { foreignKey: 'coarse', localKey: 'price' })
  static ofTime = Relation.belongsTo(() => Owner, { foreignKey: 'at', localKey: 'at' })
  static ofMillis = Relation.belongsTo(() => Owner, { foreignKey: 'millis', localKey: 'at' })
  static ofCode = Relation.belongsTo(() => Owner, { foreignKey: 'code', localKey: 'code' })
  static ofHuge = Relation.belongsTo(() => Owner, { foreignKey: 'huge', localKey: 'small' })
  static ofHugeNumber = Relation.belongsTo(() => Owner, { foreignKey: 'huge', localKey: 'whole' })
  static ofUuid = Relation.belongsTo(() => Owner, { foreignKey: 'uuid', localKey: 'uuid' })
  static ofKind = Relation.belongsTo(() => Owner, { foreignKey: 'kind', localKey: 'kind' })
}

/** A model with hash ids throughout. */
class Page extends Model({ id: hash({ primaryKey: true }), name: Field.string() }) {
  static words = Relation.manyToMany(() => Word)
  static lines = Relation.hasMany(() => Line)
}
class Line extends Model({ text: Field.string(), pageId: Field.foreignKey(() => Page, { key: 'string' }) }) {
  static page = Relation.belongsTo(() => Page)
}
class Word extends Model({ id: hash({ primaryKey: true }), text: Field.string() }) {
  static pages = Relation.manyToMany(() => Page)
}

type Many =
  | 'byTag'
  | 'byHash'
  | 'byNumber'
  | 'byBig'
  | 'byTurned'
  | 'byDay'
  | 'byPrice'
  | 'byDigits'
  | 'byTime'
  | 'byCode'
type One =
  | 'ofTag'
  | 'ofHash'
  | 'ofNumber'
  | 'ofBig'
  | 'ofTurned'
  | 'ofDay'
  | 'ofPrice'
  | 'ofDigits'
  | 'ofTime'
  | 'ofCode'
const KEYS: readonly (readonly [string, Many, One])[] = [
  ['custom objects over a text', 'byTag', 'ofTag'],
  ['custom texts over an integer', 'byHash', 'ofHash'],
  ['custom texts, and integers', 'byNumber', 'ofNumber'],
  ['custom texts over a big integer', 'byBig', 'ofBig'],
  ['custom numbers of another order', 'byTurned', 'ofTurned'],
  ['custom days over a moment', 'byDay', 'ofDay'],
  ['decimals and numbers', 'byPrice', 'ofPrice'],
  ['decimals of other scales, as text', 'byDigits', 'ofDigits'],
  ['times of a microsecond', 'byTime', 'ofTime'],
  ['texts that end in blanks of all sorts', 'byCode', 'ofCode'],
]

const CODES = ['A', 'A\n', 'A\u00a0']
const micro = (n: number) => `2026-01-02 03:04:05.00100${n}`

/** A relation by a name that the types don't know. */
const rowsOf = async (owner: object, relation: string) =>
  [...(await (owner as Record<string, PromiseLike<Item[]>>)[relation])!].map(({ title }) => title)
const nameOf = async (item: object, relation: string) =>
  (await (item as Record<string, PromiseLike<Owner | null>>)[relation])?.name ?? null

describeDatabases('keys of relations by what is stored', (database) => {
  database.useTables([Owner, Item, Page, Line, Word])

  const stamp = async (table: string, column: string, n: number) => {
    const value = `${micro(n)}${database.kind === 'sqlite' || database.kind === 'mysql' ? '' : '+00'}`
    const set = sql`update ${sql.id(table)} set ${sql.id('at')} = ${value}`
    await database.db.execute(sql`${set} where ${sql.id(column)} = ${`${table.slice(0, -1)} ${n}`}`)
  }

  beforeEach(async () => {
    for (const n of [1, 2, 3]) {
      const common = {
        tag: new Tag(`t${n}`),
        hash: `h${n}`,
        big: `b${n}`,
        turned: n,
        day: `2026-01-0${n}`,
        code: CODES[n - 1] as string,
      }
      await Owner.create({
        ...common,
        name: `owner ${n}`,
        price: new Decimal(n).plus('0.5'),
        at: new Date(n),
        whole: n,
        small: n,
        uuid: `00000000-0000-4000-8000-00000000000${n}`,
        kind: (['one', 'two', 'three'] as const)[n - 1] as 'one',
      })
      await Item.create({
        ...common,
        title: `item ${n}`,
        number: n,
        price: n + 0.5,
        digits: `${n}.50`,
        at: new Date(n),
      })
      await stamp('owners', 'name', n)
      await stamp('items', 'title', n)
    }
  })

  describe.each(KEYS)('%s', (_, many, one) => {
    it('meet their equals only', async () => {
      const names = async (owners: Owner[]) => {
        const found: string[] = []
        for (const owner of owners) found.push((await rowsOf(owner, many)).join())
        return found
      }
      const expected = ['item 1', 'item 2', 'item 3']
      expect(await names(await Owner.query().with(many).orderBy('id'))).toEqual(expected)
      expect(await names(await Owner.where('id', '>', 0).with(many).orderBy('id'))).toEqual(expected)
      expect(await names(await Owner.query().orderBy('id'))).toEqual(expected)
      for (const items of [
        await Item.query().with(one).orderBy('id'),
        await Item.where('id', '>', 0).with(one).orderBy('id'),
        await Item.query().orderBy('id'),
      ])
        for (const item of items) expect(await nameOf(item, one)).toBe(item.title.replace('item', 'owner'))
      const [first, second] = await Owner.query().orderBy('id')
      expect(await first?.related(many).pluck('title')).toEqual(['item 1'])
      expect(
        await Owner.query()
          .whereHas(many, (q) => q.where('title', 'item 2'))
          .pluck('name'),
      ).toEqual(['owner 2'])
      expect((await second?.load(many))?.[many]).toHaveLength(1)
    })
  })

  it('that the other column can not hold meet nothing', async () => {
    await Item.all().delete()
    await Item.createMany([
      { title: 'large', huge: 2n ** 40n, digits: '1.5055', uuid: 'no uuid', kind: 'four', millis: new Date(5) },
      { title: 'larger', huge: 2n ** 60n, digits: '1.5000', uuid: '00000000-0000-4000-8000-000000000001', kind: 'one' },
      { title: 'fits', huge: 1n, coarse: new Decimal(1), millis: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 1)) },
    ])
    const relations = ['ofHuge', 'ofHugeNumber', 'ofDigits', 'ofCoarse', 'ofUuid', 'ofKind', 'ofMillis'] as const
    const expected = [
      [null, null, null, null, null, null, null],
      [null, null, 'owner 1', null, 'owner 1', 'owner 1', null],
      ['owner 1', 'owner 1', null, null, null, null, null],
    ]
    const seen = async (items: Item[]) => {
      const rows: unknown[] = []
      for (const item of items) {
        const row: unknown[] = []
        for (const relation of relations) row.push(await nameOf(item, relation))
        rows.push(row)
      }
      return rows
    }
    expect(
      await seen(
        await Item.where('id', '>', 0)
          .with(...relations)
          .orderBy('id'),
      ),
    ).toEqual(expected)
    expect(await seen(await Item.query().orderBy('id'))).toEqual(expected)
    const [large] = await Item.query().orderBy('id')
    expect(await large?.related('ofHuge').count()).toBe(0)
    expect((await Owner.query().with('byCoarse').orderBy('id')).map((owner) => owner.byCoarse.length)).toEqual([
      0, 0, 0,
    ])
  })

  it('of hash ids go through tables between', async () => {
    const [one, two] = await Page.createMany([
      { id: 'h1', name: 'one' },
      { id: 'h2', name: 'two' },
    ])
    const words = await Word.createMany(['h5', 'h6', 'h7'].map((id) => ({ id, text: id })))
    await Line.createMany([
      { text: 'first', pageId: 'h2' },
      { text: 'second', pageId: 'h1' },
    ])
    expect(await one?.related('words').attach(words)).toBe(3)
    expect(await two?.related('words').sync(['h6'])).toEqual({ attached: 1, detached: 0, updated: 0 })
    expect(await one?.related('words').detach('h5')).toBe(1)
    const pages = await Page.query().with('words', 'lines').orderBy('name')
    expect(
      pages.map((page) => [page.id, page.words.map(({ id }) => id).sort(), page.lines.map(({ text }) => text)]),
    ).toEqual([
      ['h1', ['h6', 'h7'], ['second']],
      ['h2', ['h6'], ['first']],
    ])
    const lines = await Line.query().with('page.words').orderBy('text')
    expect(lines.map((line) => line.page.words.length)).toEqual([1, 2])
    expect((await Word.query().with('pages').findOrFail('h6')).pages.map(({ name }) => name).sort()).toEqual([
      'one',
      'two',
    ])
    expect((await Word.findMany(['h7', 'h5'])).map(({ id }) => id)).toEqual(['h7', 'h5'])
    const lazy = await Word.query().orderBy('text')
    expect((await lazy[2]?.pages)?.length).toBe(1)
  })
})
