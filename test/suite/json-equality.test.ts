import { Field, JsonNull, not, oneOf, sql } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { looseModel } from '../support/loose.js'

class Paper extends looseModel({
  name: Field.string(),
  data: Field.json({ nullable: true }),
  copy: Field.json({ nullable: true }),
}) {}
class Blob extends looseModel({ name: Field.string(), data: Field.json({ storage: 'blob' as never }) }) {}

/** What is stored, as other programs write it. */
const STORED: Readonly<Record<string, string>> = {
  plain: '{"a": 1, "b": 2}',
  turned: '{"b":2.0,"a":1.0e0}',
  deep: '{"x": {"list": [{"d": 0.10, "c": null}], "t": "é\\n\\"😀"}}',
  turnedDeep: '{"x":{"t":"é\\n\\"😀","list":[{"c":null,"d":1e-1}]}}',
  list: '[1, 2]',
  turnedList: '[2, 1]',
  more: '{"a":1,"b":2,"c":null}',
  text: '"1"',
  number: '1',
  fraction: '1.0',
  yes: 'true',
  upper: '{"A":1,"b":2}',
  empty: '{}',
  none: '[]',
  null: 'null',
}

describeDatabases('JSON documents that are compared', (database) => {
  database.useTables([Paper])
  const jsonb = () => (database.kind === 'sqlite' || database.kind === 'mysql' ? sql`` : sql`::text::jsonb`)

  beforeEach(async () => {
    for (const [name, text] of Object.entries(STORED))
      await database.db.execute(sql`insert into papers (name, data, copy) values (${name}, ${text}${jsonb()}, null)`)
    await Paper.create({ name: 'nothing', data: null })
  })

  const names = async (query: any): Promise<string[]> => (await query.pluck('name')).sort()
  const where = (...args: unknown[]) => names(Paper.query().where(...args))
  const deep = { x: { t: 'é\n"😀', list: [{ c: null, d: 0.1 }] } }
  const everything = Object.keys(STORED)

  it('are equal when they have the same parts, whatever the order of their keys and the form of their numbers', async () => {
    const same: readonly (readonly [value: unknown, names: string[]])[] = [
      [{ b: 2, a: 1 }, ['plain', 'turned']],
      [deep, ['deep', 'turnedDeep']],
      [[1, 2], ['list']],
      [[2, 1], ['turnedList']],
      [{ c: null, b: 2, a: 1 }, ['more']],
      [{ a: 1, b: 2, c: undefined }, ['plain', 'turned']],
      ['1', ['text']],
      [1, ['fraction', 'number']],
      [true, ['yes']],
      [{ b: 2, A: 1 }, ['upper']],
      [{}, ['empty']],
      [[], ['none']],
      [JsonNull, ['null']],
      [{ a: 1, b: '2' }, []],
      [{ a: 1 }, []],
      [{ A: 1, B: 2 }, []],
    ]
    for (const [value, expected] of same) {
      const rest = everything.filter((name) => !expected.includes(name)).sort()
      expect([value, await where('data', value)]).toEqual([value, expected])
      expect([value, await where({ data: value })]).toEqual([value, expected])
      expect([value, await where((c: any) => c.data.eq(value))]).toEqual([value, expected])
      expect([value, await where('data', 'in', [value])]).toEqual([value, expected])
      // NULL is neither
      expect([value, await where('data', '!=', value)]).toEqual([value, rest])
      expect([value, await where({ data: not(oneOf([value])) })]).toEqual([value, rest])
      expect([value, await names(Paper.query().whereNot('data', value))]).toEqual([value, rest])
      expect([value, await names(Paper.query().whereNotIn('data', [value]))]).toEqual([value, rest])
    }
  })

  it('are looked for in lists', async () => {
    const list = [{ b: 2, a: 1 }, [2, 1], 1, JsonNull]
    const found = ['fraction', 'null', 'number', 'plain', 'turned', 'turnedList']
    expect(await where('data', 'in', list)).toEqual(found)
    expect(await names(Paper.query().whereIn('data', list))).toEqual(found)
    expect(await where({ data: oneOf(list) })).toEqual(found)
    expect(await where('data', 'in', [...list, null])).toEqual([...found, 'nothing'].sort())
    const rest = everything.filter((name) => !found.includes(name)).sort()
    expect(await where('data', 'not in', list)).toEqual(rest)
    expect(await where('data', 'not in', [...list, null])).toEqual(rest)
    expect(await where('data', 'in', [])).toEqual([])
    expect(await where((c: any) => c.data.json('x').in([deep.x, [1]]))).toEqual(['deep', 'turnedDeep'])
    expect(await where((c: any) => c.data.json('x').notIn([{ a: 1 }, [1]]))).toEqual(['deep', 'turnedDeep'])
    expect(await where((c: any) => c.data.json('x', 'list').ne([1]))).toEqual(['deep', 'turnedDeep'])
    expect(await where((c: any) => c.data.json('x', 'list').eq([{ d: 0.1, c: null }]))).toEqual(['deep', 'turnedDeep'])
    await expectRefusal(() => where((c: any) => c.data.json('x').in([deep.x, 1])))
    await expectRefusal(() => where((c: any) => c.data.json('x').in([1, deep.x])))
  })

  it('are compared with those of other fields, and where rows are looked up, changed and removed', async () => {
    await Paper.query()
      .where('name', 'plain')
      .update({ copy: { b: 2, a: 1 } })
    await Paper.query()
      .where('name', 'list')
      .update({ copy: [2, 1] })
    expect(await names(Paper.query().whereColumn('data', '=', 'copy'))).toEqual(['plain'])
    expect(await where((c: any) => c.data.ne(c.copy))).toEqual(['list'])
    expect(
      await names(
        Paper.query()
          .annotate({ d: (c: any) => c.data })
          .where('d', { b: 2, a: 1 }),
      ),
    ).toEqual(['plain', 'turned'])
    const query = Paper.query().where('data', { b: 2, a: 1 })
    expect(await query.count()).toBe(2)
    expect(await query.update({ copy: null })).toBe(2)
    expect(await query.where('name', 'turned').delete()).toBe(1)
    expect((await Paper.findBy({ data: { b: 2, a: 1 } })).name).toBe('plain')
    const [found, made] = await Paper.firstOrCreate({ data: { b: 2, a: 1 } }, { name: 'new' })
    expect([found.name, made]).toEqual(['plain', false])
  })

  it('are compared in the storage of another program, and what is no JSON is equal to none', async () => {
    if (database.kind !== 'sqlite') return
    await database.db.createTables([Blob])
    for (const text of ['{"b":2,"a":1.0}', 'no json', '[1]'])
      await database.db.execute(sql`insert into blobs (name, data) values (${text}, ${Buffer.from(text)})`)
    const value = { a: 1, b: 2 }
    expect(await Blob.query().where('data', value).pluck('name')).toEqual(['{"b":2,"a":1.0}'])
    expect(await Blob.query().where('data', '!=', value).orderBy('id').pluck('name')).toEqual(['no json', '[1]'])
    expect(
      await Blob.query()
        .whereIn('data', [value, [1]])
        .orderBy('id')
        .pluck('name'),
    ).toEqual(['{"b":2,"a":1.0}', '[1]'])
    await database.db.dropTables([Blob])
  })
})
