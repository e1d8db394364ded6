import { type Expression, Field, fn, Model, or, UnsupportedError, UsageError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

interface Settings {
  theme?: string | null
  size?: number
  on?: boolean
  tags?: string[]
  address?: { city?: string; lines?: string[] } | null
}

class Person extends Model({
  name: Field.string(),
  settings: Field.json<Settings>({ default: {} }),
  more: Field.json<Record<string, unknown>>({ nullable: true }),
}) {}

const HOSTILE = [
  '',
  "'",
  '"',
  '`',
  '\\',
  '$',
  '*',
  '**',
  '.',
  'a.b',
  'tags[0]',
  '[0]',
  '[*]',
  '0',
  'a"."b',
  '$.a',
  '$."a"',
  '@',
  '#',
  '#-1',
  '?',
  "a\\' or 1=1 --",
  "first' as x from secret; --",
  '😀',
  'é',
  '\n',
  '\t',
  '\\"',
  '\\\\',
  '\\u0041',
  '/',
  ' ',
  '  ',
  '%',
  '_',
  '{}',
  '{a}',
  '__proto__',
  'constructor',
  'last',
  'to',
  'null',
  'true',
  '\u0001',
  '\u2028',
  '\u007f',
  'A',
  'key with space',
  '"quoted"',
  ':a',
  '$1',
  '??',
  'x'.repeat(10_000),
]

describeDatabases('JSON paths', (database) => {
  database.useTables([Person])
  const c = Person.columns
  const names = (query: { orderBy(key: 'name'): { pluck(key: 'name'): Promise<string[]> } }) =>
    query.orderBy('name').pluck('name')
  type Columns = typeof Person.columns
  const where = (condition: (p: Columns) => Expression<boolean>) => names(Person.query().where(condition(c)))

  beforeEach(async () => {
    await Person.createMany([
      {
        name: 'a',
        settings: { theme: 'dark', size: 10, on: true, tags: ['x', 'y'], address: { city: 'Rome', lines: ['1', '2'] } },
      },
      { name: 'b', settings: { theme: 'light', size: 9.5, on: false, tags: [], address: null } },
      { name: 'c', settings: { theme: null, address: {} } },
      { name: 'd', settings: {} },
      { name: 'e', settings: { theme: 5, size: '10', on: 'true', tags: 'x', address: [1] } as never },
    ])
  })

  it('are read as the values they are', async () => {
    const rows = await Person.query()
      .annotate({
        theme: c.settings.json('theme'),
        size: c.settings.json('size'),
        on: c.settings.json('on'),
        tags: c.settings.json('tags'),
        city: c.settings.json('address', 'city'),
        line: c.settings.json(['address', 'lines', 1]),
      })
      .orderBy('name')
      .valuesList('theme', 'size', 'on', 'tags', 'city', 'line')
    expect(rows).toEqual([
      ['dark', 10, true, ['x', 'y'], 'Rome', '2'],
      ['light', 9.5, false, [], null, null],
      [null, null, null, null, null, null],
      [null, null, null, null, null, null],
      [5, '10', 'true', 'x', null, null],
    ])
  })

  it('an index is one of a list only', async () => {
    const value = async (...path: (string | number)[]) =>
      await Person.query()
        .annotate({ v: c.settings.json(...path) })
        .orderBy('name')
        .pluck('v')
    expect(await value('tags', 0)).toEqual(['x', null, null, null, null])
    expect(await value('theme', 0)).toEqual([null, null, null, null, null])
    expect(await value('address', 0)).toEqual([null, null, null, null, 1])
    expect(await value('tags', '0')).toEqual([null, null, null, null, null])
    expect(await value('tags', 5)).toEqual([null, null, null, null, null])
    await Person.all().update({ settings: { '0': 'key' } as never })
    expect(await value(0)).toEqual([null, null, null, null, null])
    expect((await value('0'))[0]).toBe('key')
  })

  it('compare with what they are: texts with texts, numbers with numbers', async () => {
    expect(await where((p) => p.settings.json('theme').eq('dark'))).toEqual(['a'])
    expect(await where((p) => p.settings.json('theme').ne('dark'))).toEqual(['b'])
    expect(await where((p) => p.settings.json('theme').in(['dark', 'light']))).toEqual(['a', 'b'])
    expect(await where((p) => p.settings.json('theme').in(['dark', null as never]))).toEqual(['a', 'c', 'd'])
    expect(await where((p) => p.settings.json<string>('theme').eq('5'))).toEqual([])
    expect(await where((p) => p.settings.json<number>('theme').eq(5))).toEqual(['e'])
    expect(await where((p) => p.settings.json('size').gt(9.5))).toEqual(['a'])
    expect(await where((p) => p.settings.json('size').between(9, 10))).toEqual(['a', 'b'])
    expect(await where((p) => p.settings.json<string>('size').eq('10'))).toEqual(['e'])
    expect(await where((p) => p.settings.json('on').eq(true))).toEqual(['a'])
    expect(await where((p) => p.settings.json('on').eq(false))).toEqual(['b'])
    expect(await where((p) => p.settings.json('theme').startsWith('d'))).toEqual(['a'])
    // a document has no text
    await expect((async () => await where((p) => p.settings.icontains('light')))()).rejects.toThrow(
      'A JSON value has no text to search in',
    )
    expect(await where((p) => p.settings.json('theme').icontains('IGH'))).toEqual(['b'])
    expect(await where((p) => p.settings.json('theme').upper().eq('DARK'))).toEqual(['a'])
    expect(await where((p) => or(p.settings.json('theme').eq('dark'), { name: 'd' }))).toEqual(['a', 'd'])
    expect(await where((p) => p.settings.json('theme').cast('text').eq(p.settings.json('theme').cast('text')))).toEqual(
      ['a', 'b'],
    )
    expect(await where((p) => p.settings.json<string>('theme').eq(p.name.concat('ark')))).toEqual([])
    expect(await where((p) => p.name.ne(p.settings.json('theme').cast('text')))).toEqual(['a', 'b'])
    expect(await where((p) => p.settings.json('theme').eq('dark '))).toEqual([])
    expect(await where((p) => p.settings.json('theme').eq('DARK'))).toEqual([])
  })

  it('JSON null and what is missing are NULL', async () => {
    expect(await where((p) => p.settings.json('theme').isNull())).toEqual(['c', 'd'])
    expect(await where((p) => p.settings.json('theme').isNotNull())).toEqual(['a', 'b', 'e'])
    expect(await where((p) => p.settings.json('theme').eq(null))).toEqual(['c', 'd'])
    expect(
      await Person.query()
        .annotate({ t: c.settings.json('theme').coalesce('none') })
        .orderBy('name')
        .pluck('t'),
    ).toEqual(['dark', 'light', 'none', 'none', 'none'])
  })

  it('lists and objects compare by their parts', async () => {
    expect(await where((p) => p.settings.json('tags').eq(['x', 'y']))).toEqual(['a'])
    expect(await where((p) => p.settings.json('tags').eq(['y', 'x']))).toEqual([])
    expect(await where((p) => p.settings.json('tags').eq([]))).toEqual(['b'])
    expect(await where((p) => p.settings.json('address').eq({ lines: ['1', '2'], city: 'Rome' }))).toEqual(['a'])
    expect(await where((p) => p.settings.json('tags').ne([]))).toEqual(['a', 'e'])
    expect(() => c.settings.json('tags').gt([] as never)).toThrow(UsageError)
  })

  it('sort, sum and group by their type', async () => {
    expect(
      await Person.query()
        .where('name', '<', 'c')
        .orderBy((p) => p.settings.json('size').cast('float').asc())
        .pluck('name'),
    ).toEqual(['b', 'a'])
    expect(
      await Person.query()
        .where('name', '<', 'c')
        .orderBy((p) => p.settings.json('theme').cast('text').desc())
        .pluck('name'),
    ).toEqual(['b', 'a'])
    expect(() => c.settings.json('size').asc()).toThrow(/cast/)
    expect(
      await Person.query().aggregate({
        sum: fn.sum(c.settings.json('size')),
        max: fn.max(c.settings.json('size').cast('integer')),
        n: fn.count(c.settings.json('theme')),
      }),
    ).toEqual({ sum: 19.5, max: 10, n: 3 })
    const groups = await Person.query()
      .annotate({ on: c.settings.json('on') })
      .groupBy('on')
      .aggregate({ n: fn.count() })
    expect(groups.map(({ on, n }) => JSON.stringify([on, n])).sort()).toEqual([
      '["true",1]',
      '[false,1]',
      '[null,2]',
      '[true,1]',
    ])
    expect(await where((p) => p.settings.json('size').plus(0.5).eq(10))).toEqual(['b'])
  })

  it('a key is exactly that key, whatever is in it', async () => {
    const document = Object.fromEntries(HOSTILE.map((key, i) => [key, `v${i}`]))
    Object.defineProperty(document, '__proto__', { value: `v${HOSTILE.indexOf('__proto__')}`, enumerable: true })
    await Person.where('name', 'a').update({ more: { ...document, deep: document } })
    const stored = await Person.where('name', 'a').firstOrFail()
    for (const [i, key] of HOSTILE.entries()) {
      const shown = key.slice(0, 30)
      expect(Object.getOwnPropertyDescriptor(stored.more, key)?.value, shown).toBe(`v${i}`)
      expect(
        await Person.where('name', 'a')
          .annotate({ v: c.more.json(key), d: c.more.json('deep', key) })
          .valuesList('v', 'd'),
        shown,
      ).toEqual([[`v${i}`, `v${i}`]])
      expect(await where((p) => p.more.json<string>(key).eq(`v${i}`)), shown).toEqual(['a'])
      expect(await where((p) => p.more.json<string>('deep', key).eq(`v${i}`)), shown).toEqual(['a'])
    }
    for (const [i, key] of HOSTILE.entries()) {
      await Person.where('name', 'a').update((p) => ({ more: p.more.jsonSet(['deep', key], `w${i}`) }))
      await Person.where('name', 'a').update((p) => ({ more: p.more.jsonSet(key, i) }))
    }
    const { more } = await Person.where('name', 'a').firstOrFail()
    expect(Object.keys(more as object)).toHaveLength(HOSTILE.length + 1)
    for (const [i, key] of HOSTILE.entries()) {
      expect(Object.getOwnPropertyDescriptor(more, key)?.value, key.slice(0, 30)).toBe(i)
      expect(Object.getOwnPropertyDescriptor((more as { deep: object }).deep, key)?.value, key.slice(0, 30)).toBe(
        `w${i}`,
      )
    }
  })

  it('a key that the database can not name is refused, never another one', async () => {
    for (const key of ['-1', '-', '-a"', '\0', 'a\0b']) {
      await Person.where('name', 'a').update({ more: { a: 'no', ...(key.includes('\0') ? {} : { [key]: 'yes' }) } })
      const found = await Person.where('name', 'a')
        .annotate({ v: c.more.json(key) })
        .pluck('v')
        .catch((error: unknown) => error)
      if (found instanceof UnsupportedError || found instanceof UsageError) continue
      expect(found, key).toEqual([key.includes('\0') ? null : 'yes'])
    }
  })

  describe('jsonSet', () => {
    const set = async (name: string, path: string | string[], value: unknown) => {
      await Person.where('name', name).update((p) => ({ settings: p.settings.jsonSet(path, value) }))
      return (await Person.where('name', name).firstOrFail()).settings
    }

    it('sets one place and leaves the others', async () => {
      for (const value of ['dark "x"\\', 1, 1.5, -0.25, true, false, null, [1, { a: 'b' }], { a: [] }, '', 'é😀'])
        expect(await set('b', 'theme', value)).toEqual({ theme: value, size: 9.5, on: false, tags: [], address: null })
    })

    it('makes the objects on the way, and leaves what is no object', async () => {
      expect(await set('d', ['a', 'b', 'c'], 1)).toEqual({ a: { b: { c: 1 } } })
      expect(await set('d', ['a', 'b', 'd'], 2)).toEqual({ a: { b: { c: 1, d: 2 } } })
      expect(await set('c', ['address', 'city'], 'Rome')).toEqual({ theme: null, address: { city: 'Rome' } })
      expect((await set('b', ['address', 'city'], 'Rome')).address).toBeNull()
      expect((await set('a', ['tags', 'city'], 'Rome')).tags).toEqual(['x', 'y'])
      expect((await set('a', ['theme', 'city', 'deep'], 'Rome')).theme).toBe('dark')
    })

    it('takes expressions that are texts or numbers', async () => {
      expect(await set('a', 'size', c.settings.json('size').plus(1))).toMatchObject({ size: 11 })
      expect(await set('a', 'theme', c.name.upper())).toMatchObject({ theme: 'A' })
      expect(() => c.settings.jsonSet('x', c.settings.json('theme'))).toThrow(UsageError)
      expect(() => c.settings.jsonSet([0 as never], 1)).toThrow(UsageError)
    })

    it('of a column that is NULL is NULL', async () => {
      await Person.where('name', 'a').update((p) => ({ more: p.more.jsonSet('x', 1) }))
      expect((await Person.where('name', 'a').firstOrFail()).more).toBeNull()
    })

    it('two at once both survive', async () => {
      await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          Person.where('name', 'd').update((p) => ({ settings: p.settings.jsonSet(`k${i}`, i) })),
        ),
      )
      expect(Object.keys((await Person.where('name', 'd').firstOrFail()).settings)).toHaveLength(20)
    })
  })

  it('refuses what is no path, and what is no JSON', () => {
    expect(() => c.settings.json()).toThrow(UsageError)
    expect(() => c.settings.json(-1)).toThrow(UsageError)
    expect(() => c.settings.json({} as never)).toThrow(UsageError)
    expect(() => c.settings.json('\ud800')).toThrow(UsageError)
    expect(() => c.settings.json(...Array.from({ length: 101 }, () => 'a'))).toThrow(UsageError)
    expect(() => (c.name as never as typeof c.settings).json('a')).toThrow(UsageError)
    expect(() =>
      Person.query()
        .annotate({ t: c.settings.json('theme') })
        .where('t', 'dark'),
    ).toThrow(/cast/)
  })

  it('stands in updates as the type of the field', async () => {
    await Person.where('name', 'a').update((p) => ({ name: p.settings.json('theme') as never }))
    expect(await Person.where('name', 'dark').count()).toBe(1)
  })
})
