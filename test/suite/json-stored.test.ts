import { Field, Relation, StoredValueError, sql } from 'corm'
import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseModel } from '../support/loose.js'

class Shelf extends looseModel({ name: Field.string() }) {
  static docs = Relation.hasMany(() => Doc)
}
class Doc extends looseModel({
  data: Field.json({ nullable: true }),
  must: Field.json({ default: {} }),
  shelfId: Field.foreignKey(() => Shelf, { nullable: true }),
}) {}

const proto = (value: unknown) => JSON.parse(`{"__proto__":${JSON.stringify(value)}}`)

/** What another program may have stored, and what it is; an error where JavaScript has no such value. */
const STORED: readonly (readonly [text: string, value: unknown])[] = [
  ['{"a":-0}', { a: 0 }],
  ['{"a":1,"a":2}', { a: 2 }],
  ['{"__proto__":{"x":1}}', proto({ x: 1 })],
  ['{"a":{"__proto__":5}}', { a: proto(5) }],
  ['{"constructor":{"prototype":{"x":1}}}', { constructor: { prototype: { x: 1 } } }],
  ['{"a":[1e22, 12345678901234567000]}', { a: [1e22, 12345678901234567000] }],
  ['{"a":"\\u00e9\\ud83d\\ude00"}', { a: 'é😀' }],
  ['{"a":1e400}', Error],
  ['{"a":-1e400}', Error],
  ['{"a":[{"b":[1, 1e999]}]}', Error],
  ['{"a":9007199254740993}', Error],
  ['{"a":1e-400}', Error],
  [`{"a":${'['.repeat(600)}${']'.repeat(600)}}`, Error],
]

describeDatabases('JSON that other programs have stored', (database) => {
  database.useTables([Shelf, Doc])

  const jsonb = () => (database.kind === 'sqlite' || database.kind === 'mysql' ? sql`` : sql`::text::jsonb`)

  async function store(text: string) {
    const shelf = await Shelf.create({ name: 's' })
    const insert = sql`insert into docs (data, must, shelf_id) values (${text}${jsonb()}, ${text}${jsonb()}, ${shelf.id})`
    // some servers refuse what is too deep, or half of a pair
    await database.db.execute(insert)
    return shelf
  }

  const reads: Record<string, (shelf: any) => Promise<unknown>> = {
    get: async () => (await Doc.query().get())[0].data,
    must: async () => (await Doc.query().first()).must,
    pluck: async () => (await Doc.query().pluck('data'))[0],
    values: async () => ((await Doc.query().values('data')) as any)[0].data,
    raw: async () => (await Doc.raw(sql`select * from docs`))[0].data,
    select: async () => (await Doc.query().select('must').first()).must,
    with: async () => (await Shelf.query().with('docs').first()).docs[0].data,
    'a lazy relation': async (shelf) => (await (await Shelf.find(shelf.id)).docs)[0].data,
    refresh: async () => (await Doc.ref((await Doc.query().pluck('id'))[0]).refresh('data')).data,
    stream: async () => {
      for await (const doc of Doc.query().stream()) return (doc as any).data
    },
    union: async () => (await Doc.query().unionAll(Doc.query()).get())[0].data,
    annotate: async () =>
      (
        await Doc.query()
          .annotate({ x: (c: any) => c.data })
          .first()
      ).x,
  }

  describe.each(STORED.map(([text]) => text.slice(0, 60)))('%s', (title) => {
    const [text, value] = STORED.find(([each]) => each.slice(0, 60) === title) as (typeof STORED)[number]

    it('is read as what it is, or is an error, wherever it is read', async () => {
      const shelf = await store(text).catch(() => null)
      if (shelf === null) return
      for (const [name, read] of Object.entries(reads)) {
        const result = await read(shelf).catch((error: unknown) => error)
        if (value === Error) expect([name, result instanceof StoredValueError]).toEqual([name, true])
        else expect([name, JSON.stringify(result)]).toEqual([name, JSON.stringify(value)])
      }
      expect(({} as any).x).toBe(undefined)
      if (value === Error) return
      const doc = await Doc.query().first()
      expect(doc.isDirty()).toBe(false)
      await doc.update({ must: { copy: doc.data } })
      expect(JSON.stringify((await Doc.query().first()).must)).toBe(JSON.stringify({ copy: value }))
    })
  })

  it('keys named __proto__ go through every write', async () => {
    const value = { a: proto({ x: 1 }), ...proto(2) }
    const text = JSON.stringify(value)
    const made = await Doc.create({ data: value, must: proto([1]) })
    await Doc.createMany([{ data: value }])
    await Doc.insertMany([{ data: value }])
    await made.update({ must: value })
    await Doc.query().all().update({ must: value })
    const copy = made.clone()
    await copy.save()
    const rows = await Doc.query().get()
    expect(rows).toHaveLength(4)
    for (const row of [made, ...rows])
      expect([JSON.stringify(row.data), JSON.stringify(row.must), JSON.stringify(row.toJSON().data)]).toEqual([
        text,
        text,
        text,
      ])
    expect(({} as any).x).toBe(undefined)
  })
})
