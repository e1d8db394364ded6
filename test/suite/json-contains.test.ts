import { contains, type Expression, Field, JsonNull, Model, not, UndefinedValueError, UsageError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Doc extends Model({
  name: Field.string(),
  data: Field.json<{
    topics?: string[]
    sizes?: number[]
    flags?: boolean[]
    list?: (string | number | boolean)[]
    text?: string
    deep?: { topics?: string[] }[]
  }>({ default: {} }),
  tags: Field.json<string[]>({ nullable: true }),
  // names that are also columns of SQLite's json_each
  value: Field.json<(string | number)[]>({ default: [] }),
  type: Field.array(Field.string(), { default: [] }),
}) {}

const HOSTILE = [
  '',
  ' ',
  'a',
  'a ',
  'A',
  'ä',
  'Ä',
  "'",
  '"',
  '\\',
  '\\\\',
  '\\"',
  '\\u0041',
  '%',
  '_',
  '%a%',
  '|',
  '[',
  '["a"]',
  '{}',
  '$',
  '?',
  '*',
  '1',
  '1.0',
  'true',
  'null',
  '😀',
  'e\u0301',
  '\u0001',
  '\n',
  '\u2028',
  "x' or 1=1 --",
  'x'.repeat(5000),
]
const NUMBERS = [0, 1, -1, 1.5, -1.5, 0.1, 1e20, 1e-7, 2 ** 53, -(2 ** 53), 2 ** 60, 123456789012]

describeDatabases('contains() of JSON', (database) => {
  database.useTables([Doc])
  type Columns = typeof Doc.columns
  const where = (condition: (c: Columns) => Expression<boolean>) => Doc.where(condition).orderBy('id').pluck('name')
  const put = (data: unknown, name = 'x') => Doc.create({ name, data: data as never })

  describe('of a list at a path', () => {
    beforeEach(async () => {
      await put({ topics: ['sql', 'orm'] }, 'both')
      await put({ topics: ['mysql'] }, 'longer')
      await put({ topics: [] }, 'empty')
      await put({ topics: null }, 'null')
      await put({}, 'missing')
      await put({ topics: 'nosql' }, 'text')
      await put({ topics: 5 }, 'number')
      await put({ topics: { sql: 'sql' } }, 'object')
      await put({ topics: [['sql'], { a: 'sql' }, null] }, 'nested')
    })

    it('finds an element of a list, and a part of a text', async () => {
      expect(await where((c) => c.data.json('topics').contains('sql'))).toEqual(['both', 'text'])
      expect(await where((c) => c.data.json('topics').contains('SQL'))).toEqual([])
      expect(await where((c) => c.data.json('topics').contains(['sql', 'orm']))).toEqual(['both'])
      expect(await where((c) => c.data.json('topics').contains(['sql']))).toEqual(['both'])
      expect(await where((c) => c.data.json('topics').contains(['sql', 'x']))).toEqual([])
      expect(await where((c) => c.data.json<number[]>('topics').contains(5))).toEqual([])
    })

    it('is NULL where there is neither', async () => {
      expect(await where((c) => c.data.json('topics').contains('sql').not())).toEqual(['longer', 'empty', 'nested'])
      expect(await where((c) => not(c.data.json('topics').contains(['sql', 'orm'])))).toEqual([
        'longer',
        'empty',
        'nested',
      ])
      expect(await where((c) => not(c.data.json<number[]>('topics').contains(5)))).toEqual([
        'both',
        'longer',
        'empty',
        'nested',
      ])
      expect(
        await Doc.query()
          .annotate({ has: (c) => c.data.json('topics').contains('sql') })
          .orderBy('id')
          .pluck('has'),
      ).toEqual([true, false, false, null, null, true, null, null, false])
    })

    it('of no values finds all lists', async () => {
      expect(await where((c) => c.data.json('topics').contains([]))).toContain('empty')
      expect(await where((c) => c.data.json('topics').contains([]))).not.toContain('missing')
    })

    it('is a condition of updates and deletes, and combines with others', async () => {
      expect(
        await Doc.where((c) => c.data.json('topics').contains('sql')).update((c) => ({
          data: c.data.jsonSet('text', 'found'),
        })),
      ).toBe(2)
      expect(await where((c) => c.data.json('text').eq('found'))).toEqual(['both', 'text'])
      expect(await where((c) => c.data.json('topics').contains('orm').or(c.name.eq('null')))).toEqual(['both', 'null'])
      expect(await Doc.where((c) => c.data.json('topics').contains('sql')).delete()).toBe(2)
      expect(await Doc.query().count()).toBe(7)
    })

    it('works on a value that a subquery or an annotation returns', async () => {
      const annotated = Doc.query().annotate({ topics: (c) => c.data.json('topics') })
      expect(
        await annotated
          .where((c) => c.topics.contains('sql'))
          .orderBy('id')
          .pluck('name'),
      ).toEqual(['both', 'text'])
      expect(
        await Doc.query()
          .whereIn('id', Doc.where((c) => c.data.json('topics').contains('orm')).select('id'))
          .pluck('name'),
      ).toEqual(['both'])
    })
  })

  it('follows keys and indexes of the path', async () => {
    await put({ deep: [{ topics: ['a'] }, { topics: ['b'] }] }, 'list')
    await put({ deep: { 0: { topics: ['a'] } } }, 'object')
    await put({ deep: [['a']] }, 'nested')
    expect(await where((c) => c.data.json('deep', 0, 'topics').contains('a'))).toEqual(['list'])
    expect(await where((c) => c.data.json('deep', 1, 'topics').contains('a'))).toEqual([])
    expect(await where((c) => c.data.json<string[]>('deep', 0).contains('a'))).toEqual(['nested'])
  })

  it('compares texts exactly', async () => {
    const texts = HOSTILE
    await Doc.createMany(
      texts.map((text) => ({ name: JSON.stringify(text).slice(0, 30), data: { topics: [text, 'z'] } })),
    )
    for (const text of texts)
      expect(await where((c) => c.data.json('topics').contains([text])), text).toEqual([
        JSON.stringify(text).slice(0, 30),
      ])
    for (const text of texts)
      expect(await where((c) => c.data.json('topics').contains(text)), text).toEqual([
        JSON.stringify(text).slice(0, 30),
      ])
  })

  it('compares numbers by value', async () => {
    await Doc.createMany(NUMBERS.map((number) => ({ name: String(number), data: { sizes: [number, 77] } })))
    for (const number of NUMBERS)
      expect(await where((c) => c.data.json('sizes').contains(number)), String(number)).toEqual([String(number)])
    expect(await where((c) => c.data.json('sizes').contains(-0))).toEqual(['0'])
    expect(await where((c) => c.data.json('sizes').contains([1, 77]))).toEqual(['1'])
  })

  it('tells texts, numbers and booleans apart', async () => {
    for (const [name, list] of Object.entries({
      number: [1],
      text: ['1'],
      yes: [true],
      'text of yes': ['true'],
      no: [false],
      zero: [0],
      null: [null],
      'text of null': ['null'],
    }))
      await put({ list }, name)
    const having = (value: string | number | boolean) =>
      where((c) => c.data.json<(string | number | boolean)[]>('list').contains(value))
    expect(await having(1)).toEqual(['number'])
    expect(await having('1')).toEqual(['text'])
    expect(await having(true)).toEqual(['yes'])
    expect(await having('true')).toEqual(['text of yes'])
    expect(await having(false)).toEqual(['no'])
    expect(await having(0)).toEqual(['zero'])
    expect(await having('null')).toEqual(['text of null'])
    expect(await having('false')).toEqual([])
  })

  it('finds elements of a whole document', async () => {
    await Doc.create({ name: 'both', tags: ['a', 'b'] })
    await Doc.create({ name: 'one', tags: ['b'] })
    await Doc.create({ name: 'empty', tags: [] })
    await Doc.create({ name: 'NULL', tags: null })
    await Doc.create({ name: 'null', tags: JsonNull as never })
    await Doc.create({ name: 'object', tags: { a: 'a' } as never })
    expect(await where((c) => c.tags.contains('a'))).toEqual(['both'])
    expect(await where((c) => c.tags.contains(['b', 'a']))).toEqual(['both'])
    expect(await where((c) => c.tags.contains('b').not())).toEqual(['empty'])
    expect(await Doc.where('tags', 'contains', 'b').orderBy('id').pluck('name')).toEqual(['both', 'one'])
    expect(await Doc.where({ tags: contains('b') }).count()).toBe(2)
    expect(await Doc.where({ tags: contains(['a', 'b']) }).count()).toBe(1)
    expect(await Doc.where({ tags: not(contains('a')) }).count()).toBe(2)
    expect(await Doc.query().whereNot('tags', 'contains', 'a').count()).toBe(2)
  })

  it('works in fields with the names of the columns of json_each', async () => {
    await Doc.create({ name: 'x', value: ['a', 1], type: ['a'] })
    await Doc.create({ name: 'y', value: ['value', 2], type: ['text'] })
    expect(await where((c) => c.value.contains('a'))).toEqual(['x'])
    expect(await where((c) => c.value.contains(2))).toEqual(['y'])
    expect(await where((c) => c.type.contains('a'))).toEqual(['x'])
    expect(await where((c) => c.type.contains(['text']))).toEqual(['y'])
    expect(await Doc.where('type', 'contains', 'a').where('value', 'contains', 1).count()).toBe(1)
  })

  it('refuses other values', async () => {
    const build = (value: unknown) => () => Doc.where((c) => c.data.json('topics').contains(value as never))
    for (const value of [null, {}, [['a']], [{}], [null], 1n, new Date(), Symbol('a'), () => 1])
      expect(build(value)).toThrow(/contains\(\) of a JSON value takes a string, a number or a boolean/)
    expect(build(undefined)).toThrow(UndefinedValueError)
    expect(build([undefined])).toThrow(UndefinedValueError)
    expect(() => Doc.where((c) => c.data.json('topics').contains(c.name as never))).toThrow(/no expression/)
    expect(() => Doc.where((c) => c.data.json('topics').icontains(['a'] as never))).toThrow(UsageError)
    expect(() => Doc.where((c) => c.tags.startsWith('a'))).toThrow('A JSON value has no text to search in')
    await expect((async () => await where((c) => c.data.json('sizes').contains(Number.NaN)))()).rejects.toThrow()
  })
})
