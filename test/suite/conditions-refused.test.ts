import { and, eq, fn, gt, not, oneOf, or, sql, UndefinedValueError, UnknownFieldError, UsageError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { fillItems, Item } from '../support/items.js'

describeDatabases('conditions that are refused', (database) => {
  database.useTables([Item])
  beforeEach(async () => {
    await fillItems()
  })
  const query = () => Item.query() as any
  const c = Item.columns as any

  describe('undefined', () => {
    const cases: [string, () => unknown][] = [
      ['as a value', () => query().where('age', undefined)],
      ['after an operator', () => query().where('age', '>', undefined)],
      ['in an object', () => query().where({ name: 'axe', age: undefined })],
      ['as the only argument', () => query().where(undefined)],
      ['as a key', () => query().where(undefined, 1)],
      ['in orWhere', () => query().orWhere('age', undefined)],
      ['in whereNot', () => query().whereNot({ age: undefined })],
      ['in a list', () => query().whereIn('age', [1, undefined])],
      ['as a list', () => query().whereIn('age', undefined)],
      ['in NOT IN', () => query().whereNotIn('age', [undefined])],
      ['in a range', () => query().whereBetween('age', [1, undefined])],
      ['as a range', () => query().whereBetween('age', undefined)],
      ['as a primary key', () => query().whereKey(undefined)],
      ['in a list of keys', () => query().whereKey([1, undefined])],
      ['in find()', () => query().find(undefined)],
      ['in the static find()', () => (Item as any).find(undefined)],
      ['in findMany()', () => (Item as any).findMany([1, undefined])],
      ['in findBy()', () => (Item as any).findBy({ age: undefined })],
      ['in a helper function', () => query().where({ age: gt(undefined) })],
      ['in not()', () => query().where({ age: not(undefined) })],
      ['in eq()', () => query().where({ age: eq(undefined) })],
      ['in oneOf()', () => query().where({ age: oneOf([undefined]) })],
      ['in a method of a column', () => query().where(c.age.eq(undefined))],
      ['in a computation', () => query().where(c.age.plus(undefined).gt(1))],
      ['in contains', () => query().where('name', 'contains', undefined)],
      ['in a method that searches text', () => query().where(c.name.contains(undefined))],
      ['in regex', () => query().where('name', 'regex', undefined)],
      ['in an sql template', () => query().whereRaw(sql`${c.age} = ${undefined}`)],
    ]
    it.each(cases)('%s is an error, never "no filter"', async (_, work) => {
      const error = await expectRefusal(work as () => Promise<unknown>)
      expect(error).toBeInstanceOf(UndefinedValueError)
      expect(error).toMatchObject({ code: 'UNDEFINED_VALUE' })
    })
  })

  describe('values of another shape', () => {
    const shapes: [string, unknown][] = [
      ['an operator as a plain object', { gt: 5 }],
      ['an operator of another library', { $ne: null }],
      ['an imitation of raw SQL', { __raw: true, sql: '1=1' }],
      ['another imitation of raw SQL', { isRawInstance: true, sql: '1=1', bindings: [] }],
      ['the fields of our own expressions', JSON.parse('{"kind":"raw","texts":["1=1"],"nodes":[],"dynamic":false}')],
      ['an own __proto__', JSON.parse('{"__proto__": {"kind": "raw"}}')],
      ['an empty object', {}],
      ['a list', [1, 2]],
      ['a list of one', ['axe']],
      ['an empty list', []],
      ['a function', () => 1],
      ['a symbol', Symbol('axe')],
      ['a Map', new Map([['gt', 5]])],
      ['an object with toString', { toString: () => 'axe' }],
      ['an object with toJSON', { toJSON: () => 'axe' }],
      ['a String object', Object('axe')],
    ]
    it.each(shapes)('%s is no value of a field', async (_, value) => {
      for (const field of ['name', 'age', 'price', 'active', 'big', 'rating', 'day', 'at', 'kind', 'id'])
        for (const work of [
          () => query().where(field, value).get(),
          () =>
            query()
              .where({ [field]: value })
              .get(),
          () => query().where(field, '!=', value).get(),
          () => query().where(field, 'in', [value, value]).get(),
          () => query().where(c[field].eq(value)).get(),
          () =>
            query()
              .where({ [field]: eq(value) })
              .get(),
        ])
          expect(await expectRefusal(work)).toMatchObject({ code: expect.stringMatching(/^(USAGE|VALIDATION)$/) })
    })
    const wrong: [string, unknown[]][] = [
      ['name', [5, true, new Date(0), 0, 1n]],
      ['age', ['5', 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, true, new Date(0)]],
      ['active', [1, 0, '1', 'true', 'on']],
      ['price', ['abc', '1,5', Number.NaN, '', true]],
      ['big', ['x', 1.5, 2n ** 63n, true]],
      ['rating', ['1.5', Number.NaN, Number.NEGATIVE_INFINITY, true]],
      ['day', ['2024-02-30', 'yesterday', new Date(0), 5]],
      ['at', ['now', new Date(Number.NaN), 5]],
    ]
    it.each(wrong)('%s takes nothing of another type', async (field, values) => {
      for (const value of values) {
        const error = await expectRefusal(() => query().where(field, value).get())
        expect(error).toMatchObject({ code: 'VALIDATION', issues: [{ path: field }] })
      }
    })
    it('a list for one value names the way to say it', async () => {
      const error = await expectRefusal(() => query().where({ age: [1, 2] }))
      expect(error.message).toContain('whereIn')
      expect(error.message).toContain('"Item.age"')
    })
    it('a callback that treats the columns as a query names the way to combine conditions', async () => {
      const error = await expectRefusal(() => query().where((q: any) => q.where('age', 1).orWhere('age', 2)))
      expect(error).toMatchObject({ code: 'UNKNOWN_FIELD' })
      expect(error.message).toContain('This callback receives the columns of a row')
    })
    it('keys are single values', async () => {
      for (const key of [[1], { id: 1 }, null, '1', 1.5, true])
        for (const work of [
          () => (Item as any).find(key),
          () => query().find(key),
          () => (Item as any).findOrFail(key),
        ])
          expect((await expectRefusal(work)).message).toMatch(/key|id/)
    })
    it('null is compared by = and != only', async () => {
      for (const operator of ['<', '<=', '>', '>='])
        expect(await expectRefusal(() => query().where('age', operator, null))).toBeInstanceOf(UsageError)
      expect(await expectRefusal(() => query().whereBetween('age', [null, 1]))).toBeInstanceOf(UsageError)
      expect(await expectRefusal(() => query().where('name', 'contains', null))).toBeInstanceOf(UsageError)
    })
  })

  describe('names', () => {
    const names = [
      'constructor',
      '__proto__',
      'prototype',
      'toString',
      'hasOwnProperty',
      'then',
      'nam',
      '',
      '1',
      'name ',
    ]
    it.each(names)('%j is no field, in any place', async (name) => {
      const data = Object.defineProperty({}, name, { value: 1, enumerable: true })
      for (const work of [
        () => query().where(name, 1),
        () => query().where(data),
        () => query().whereIn(name, [1]),
        () => query().whereNull(name),
        () => query().whereBetween(name, [1, 2]),
        () => query().whereColumn(name, '=', 'age'),
        () => query().whereColumn('age', '=', name),
        () => query().select(name),
        () => query().omit(name),
        () => query().orderBy(name),
        () => query().orderBy(`-${name}`),
        () => query().groupBy(name),
        () => query().sum(name),
        () => query().pluck(name),
        () => query().values(name),
        () => query().increment(name),
        () => query().where('age', 1).update(data),
      ])
        expect(await expectRefusal(work)).toBeInstanceOf(UnknownFieldError)
    })
    it('a near miss is named', async () => {
      expect((await expectRefusal(() => query().where('nmae', 1))).message).toContain('Did you mean "name"?')
      expect((await expectRefusal(() => query().where((x: any) => x.ag.eq(1)))).message).toContain('"age"')
      expect((await expectRefusal(() => query().where('parent', 1))).message).toContain('relation')
    })
    it('columns are not fields, and connectors are not keys', async () => {
      for (const name of [
        'limit_age',
        '_connector',
        'OR 1=1 OR',
        '$or',
        'and',
        'id; drop table items',
        'items.id',
        'id--',
      ])
        expect(await expectRefusal(() => query().where({ [name]: 1 }))).toBeInstanceOf(UnknownFieldError)
    })
    it('a name is a string', async () => {
      for (const name of [1, {}, ['age'], null, Symbol('age'), true, ['age', 'name']])
        expect(await expectRefusal(() => query().where(name, 1))).toBeInstanceOf(UsageError)
    })
    it.each([
      'constructor',
      '__proto__',
      'toString',
      '==',
      '<>',
      '$gt',
      'LIKE',
      'is',
      '',
      '= 1 or 1 =',
      1,
      true,
      null,
      {},
      ['='],
    ])('%j is no operator', async (operator) => {
      const error = await expectRefusal(() => query().where('name', operator, 'axe'))
      expect(error).toBeInstanceOf(UsageError)
      expect(error.message).toMatch(/operator/i)
      expect(await expectRefusal(() => query().whereColumn('age', operator, 'limitAge'))).toBeInstanceOf(UsageError)
    })
    it('a near miss of an operator is named', async () => {
      expect((await expectRefusal(() => query().where('name', 'startswith', 'a'))).message).toContain('"startsWith"')
      expect((await expectRefusal(() => query().where('name', '==', 'a'))).message).toContain('"="')
    })
  })

  describe('callbacks', () => {
    it('a predicate that was made and dropped is an error', async () => {
      for (const work of [
        () => query().where((x: any) => x.age.gt(1) && x.name.eq('axe')),
        () => query().orWhere((x: any) => x.age.gt(1) && x.name.eq('axe')),
        () => query().whereNot((x: any) => [x.age.gt(1), x.name.eq('axe')][0]),
        () =>
          query().where((x: any) => {
            x.age.gt(1)
            return x.name.eq('axe')
          }),
      ]) {
        const error = await expectRefusal(work)
        expect(error).toBeInstanceOf(UsageError)
        expect(error.message).toContain('and()')
      }
    })
    it('a callback returns a condition', async () => {
      for (const value of [undefined, null, true, false, 1, 'age > 1', {}, { age: 1 }, () => 1])
        expect(await expectRefusal(() => query().where(() => value))).toBeInstanceOf(UsageError)
    })
    it('what a callback throws comes through, and the next callback is not disturbed', async () => {
      expect(() =>
        query().where((x: any) => {
          x.age.gt(1)
          throw new RangeError('mine')
        }),
      ).toThrow(RangeError)
      expect(
        await query()
          .where((x: any) => x.age.gt(2))
          .count(),
      ).toBe(1)
    })
    it('a query inside a callback does not count as dropped', async () => {
      const inner = (x: any) =>
        x.id.in(
          Item.query()
            .where((y) => y.active.eq(true))
            .select('id'),
        )
      expect(await query().where(inner).count()).toBe(2)
    })
  })

  describe('other mistakes', () => {
    const cases: [string, () => unknown][] = [
      ['a text as condition', () => query().where('age > 1')],
      ['four arguments', () => query().where('age', '>', 1, 2)],
      ['no arguments', () => query().where()],
      ['two operators', () => query().where('age', '>', gt(1))],
      ['a range of three', () => query().whereBetween('age', [1, 2, 3])],
      ['a text as list', () => query().whereIn('name', 'axe')],
      ['a list in a list', () => query().whereIn('age', [[1]])],
      ['a subquery of two fields', () => query().whereIn('id', query().select('id', 'name'))],
      ['or() of nothing', () => query().where(or())],
      ['and() of nothing', () => query().where((and as any)(...[]))],
      ['or() of values', () => query().where((or as any)('a', 'b'))],
      ['a text for whereRaw', () => query().whereRaw('1 = 1')],
      ['sql as a function', () => (sql as any)('1 = 1')],
      ['a list in sql', () => query().whereRaw(sql`${c.age} in ${[1, 2]}`)],
      ['an object in sql', () => query().whereRaw(sql`${c.age} = ${{ a: 1 }}`)],
      ['an aggregate of a text', () => query().aggregate({ total: fn.sum('age' as any) })],
      ['a pattern that is a number', () => query().where('name', 'contains', 5)],
    ]
    it.each(cases)('%s', async (_, work) => {
      const error = await expectRefusal(work)
      expect(error).toMatchObject({ code: 'USAGE' })
      expect(error.message.length).toBeGreaterThan(20)
    })
  })
})
