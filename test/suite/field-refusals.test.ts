import { Decimal, Field, fn, Model, UsageError, ValidationError } from 'corm'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { looseModel } from '../support/loose.js'

const SECRET = 'secret-7f3a'
const HALF = `${SECRET}\ud800`
const circle: Record<string, unknown> = {}
circle.self = circle
const deep = Array.from({ length: 600 }).reduce<unknown>((inner) => [inner], SECRET)

/** No scalar takes these. */
const NO_SCALARS: readonly unknown[] = [
  [],
  [1],
  {},
  { [SECRET]: 1 },
  { toString: () => SECRET },
  () => SECRET,
  Symbol(SECRET),
  new Map(),
  /x/,
]
const NO_NUMBERS = [...NO_SCALARS, '1', SECRET, true, NaN, Infinity, -Infinity, new Date()]
const NO_TEXTS = [...NO_SCALARS, 1, 1n, true, new Date(), HALF, '\udc00', 'a\ud83d', new Uint8Array(1)]

const REFUSED: readonly (readonly [title: string, field: any, values: readonly unknown[]])[] = [
  ['smallInteger', Field.smallInteger(), [...NO_NUMBERS, 32_768, -32_769, 1.5, 1n << 70n, new Decimal(1)]],
  ['integer', Field.integer(), [...NO_NUMBERS, 2 ** 31, -(2 ** 31) - 1, 0.1, 2 ** 53, 1e300]],
  ['bigInteger', Field.bigInteger(), [...NO_NUMBERS, 2n ** 63n, -(2n ** 63n) - 1n, 2 ** 53, 1.5, '12']],
  ['bigInteger as number', Field.bigInteger({ as: 'number' }), [...NO_NUMBERS, 2n ** 53n, 2 ** 53, 1.5]],
  [
    'bigInteger as string',
    Field.bigInteger({ as: 'string' }),
    ['', 'x', '1.5', '1e3', '0x10', ' 1', '9223372036854775808', 1.5],
  ],
  ['float', Field.float(), [...NO_NUMBERS, 1n, new Decimal(1)]],
  [
    'decimal',
    Field.decimal({ precision: 5, scale: 2 }),
    [
      ...NO_SCALARS.filter((value) => typeof value !== 'object'),
      ...[[], {}, '', ' 1', '1e2', '0x10', 'NaN', 'Infinity', '1,5', '.', '١'],
      ...[
        NaN,
        Infinity,
        new Decimal(NaN),
        new Decimal(Infinity),
        '1000',
        '-1000',
        '0.001',
        0.001,
        1e21,
        1000n,
        true,
        new Date(),
      ],
    ],
  ],
  ['boolean', Field.boolean(), [...NO_SCALARS, 0, 1, 'true', '', 1n, new Date()]],
  ['string', Field.string({ max: 20 }), [...NO_TEXTS, `${SECRET}${'x'.repeat(20)}`, '😀'.repeat(21)]],
  ['string with a pattern', Field.string({ pattern: /^[a-z]+$/, min: 3 }), [SECRET, 'ab', '']],
  ['text', Field.text({ max: 10 }), [...NO_TEXTS, 'x'.repeat(11)]],
  ['char', Field.char(2), [...NO_TEXTS, 'abc']],
  [
    'uuid',
    Field.uuid(),
    [...NO_TEXTS, '', SECRET, 'f81d4fae-7dec-41d0-a765-00a0c91e6bf', '{f81d4fae-7dec-41d0-a765-00a0c91e6bf6}'],
  ],
  ['enum', Field.enum(['a', 'b']), [...NO_TEXTS, '', 'A', 'a ', 'c', 'constructor', '__proto__', SECRET]],
  ['choices', Field.integer({ choices: [1, 2, 3] }), [0, 4, '1']],
  [
    'date',
    Field.date(),
    [
      ...NO_TEXTS,
      ...['', SECRET, '2024-1-1', '2023-02-29', '1900-02-29', '2024-02-30', '2024-13-01', '2024-00-10', '0000-01-01'],
      ...['10000-01-01', '2024-01-01T00:00:00Z', '2024-01-01 ', '-0001-01-01', 'infinity', 'today'],
    ],
  ],
  [
    'time',
    Field.time(),
    [...NO_TEXTS, '', SECRET, '24:00:00', '23:60', '23:59:60', '1:00:00', '12:00:00.1234567', '12:00:00Z'],
  ],
  [
    'dateTime',
    Field.dateTime(),
    [
      ...NO_SCALARS,
      ...[new Date(NaN), new Date(-1e14), new Date(8.64e15), '2024-01-01T00:00:00Z', 0, Date.now(), SECRET, true],
    ],
  ],
  [
    'binary',
    Field.binary(),
    [...NO_SCALARS, SECRET, 1, new ArrayBuffer(1), new Uint16Array(1), new DataView(new ArrayBuffer(1))],
  ],
  [
    'json',
    Field.json(),
    [
      ...[
        HALF,
        { a: HALF },
        { [HALF]: 1 },
        NaN,
        [Infinity],
        1n,
        { a: 1n },
        new Date(),
        [new Date()],
        new Map(),
        circle,
        deep,
      ],
      ...[() => SECRET, Symbol(SECRET), { a: Symbol(SECRET) }, [() => 1], [undefined], SECRET.repeat(200_000)],
    ],
  ],
]

const fields = Object.fromEntries(REFUSED.map(([, field], i) => [`f${i}`, field]))

class Strict extends looseModel(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field]))) {}

class Moment extends Model({ day: Field.date(), at: Field.time(), key: Field.uuid() }) {}

class Limited extends Model({
  code: Field.string({ pattern: /^[a-z]{3}-\d+$/ }),
  letter: Field.string({ max: 1 }),
  big: Field.bigInteger(),
  count: Field.bigInteger({ as: 'number' }),
}) {}

class Checked extends Model({
  even: Field.integer({ nullable: true, validate: (value) => value % 2 === 0 }),
  short: Field.string({ nullable: true, validate: (value) => (value.length > 3 ? 'must be short' : undefined) }),
  thrown: Field.string({
    nullable: true,
    validate: (value) => {
      if (value.startsWith('x')) throw new Error('must not start with x')
    },
  }),
  later: Field.string({ nullable: true, validate: (async (value: string) => value !== 'taken') as never }),
  email: Field.string({ nullable: true, validate: z.email() }),
  shape: Field.json<{ size: number }>({ nullable: true, schema: z.object({ size: z.number().min(1) }) }),
}) {}

const issuesOf = (error: unknown) =>
  (error as ValidationError).issues.map(({ path, code, message }) => [path, code, message])

describeDatabases('what a field can not keep', (database) => {
  database.useTables([Checked])

  for (const [i, [title, , values]] of REFUSED.entries())
    it(`is refused before any statement, and told without the value: ${title}`, async () => {
      const name = `f${i}`
      for (const [at, value] of values.entries()) {
        const only = class extends looseModel({ value: fields[name] }, { table: 'never' }) {}
        const model = Object.defineProperty(only, 'name', { value: 'Only' }) as any
        const hint = `${title} number ${at}`
        const attempts: (() => unknown)[] = [
          () => model.create({ value }),
          () => model.createMany([{ value }]),
          () => model.insertMany([{ value }]),
          () => model.upsert({ id: 1, value }, { conflict: 'id', guarded: true }),
          () => model.query().all().update({ value }),
        ]
        for (const attempt of attempts) {
          const error = await expectRefusal(attempt)
          expect(error, hint).toBeInstanceOf(ValidationError)
          expect(new Set(issuesOf(error).map(([path]) => path)), hint).toEqual(new Set(['value']))
          expect(error.message, hint).toMatch(/^"Only" is not valid: value /)
          expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`, hint).not.toContain(SECRET)
        }
      }
    })

  it('is refused in conditions as well', async () => {
    for (const [i, [title, , values]] of REFUSED.entries()) {
      if (['json', 'string', 'text', 'char', 'string with a pattern', 'choices', 'decimal'].includes(title)) continue
      for (const [at, value] of values.entries()) {
        const error = await expectRefusal(() => (Strict as any).where(`f${i}`, value).count())
        expect(error instanceof ValidationError || error instanceof UsageError, `${title} number ${at}`).toBe(true)
        expect(error.message).not.toContain(SECRET)
      }
    }
  })

  it('is told for all fields of an instance at once', async () => {
    const names = Object.keys(fields)
    const error = await expectRefusal(() => (Strict as any).create({ f0: 'x', f1: 2 ** 40, f8: 1, f15: 'no date' }))
    expect(error).toBeInstanceOf(ValidationError)
    expect(error).toMatchObject({ code: 'VALIDATION', model: 'Strict' })
    expect(issuesOf(error).map(([path]) => path)).toEqual(names)
    expect(issuesOf(error).find(([path]) => path === 'f2')).toEqual(['f2', 'required', 'is required'])
    expect(issuesOf(error).find(([path]) => path === 'f1')).toEqual([
      'f1',
      'range',
      'must be between -2147483648 and 2147483647',
    ])
    expect(error.message).toContain('f0 expects an integer, not a string; f1 must be between')
  })

  it('says of a text in a wrong form which form is right, and of other values their type', () => {
    const { error } = Moment.schema.insert.safeParse({ day: 'soon', at: 'noon', key: 'k' } as never)
    expect(error?.issues.map((issue) => issue.message)).toEqual([
      'expects a date as "YYYY-MM-DD"',
      'expects a time as "HH:MM:SS" or "HH:MM:SS.ffffff"',
      'expects a UUID',
    ])
    const others = Moment.schema.insert.safeParse({ day: 1, at: null, key: true } as never).error
    expect(others?.issues.map((issue) => issue.message)).toEqual([
      'expects a date as "YYYY-MM-DD", not an integer',
      'must not be null',
      'expects a UUID, not a boolean',
    ])
  })

  it('is told to the client without the regular expression, and without the form in which numbers are stored', () => {
    const { error } = Limited.schema.insert.safeParse({
      code: 'abc',
      letter: 'ab',
      big: '9223372036854775808',
      count: '9007199254740992',
    } as never)
    expect(error?.issues).toEqual([
      { path: 'code', code: 'pattern', message: 'does not have the required format' },
      { path: 'letter', code: 'length', message: 'must have at most 1 character', params: { max: 1 } },
      { path: 'big', code: 'range', message: 'must be between -9223372036854775808 and 9223372036854775807' },
      { path: 'count', code: 'range', message: 'must be between -9007199254740991 and 9007199254740991' },
    ])
  })

  it('is refused by validators of every form', async () => {
    const bad = { even: 3, short: 'long', thrown: 'xy', later: 'taken', email: 'nobody', shape: { size: 0 } }
    const error = await expectRefusal(() => Checked.create(bad))
    expect(issuesOf(error).map(([path, code]) => [path, code])).toEqual(
      expect.arrayContaining([
        ['even', 'custom'],
        ['short', 'custom'],
        ['thrown', 'custom'],
        ['later', 'custom'],
        ['email', 'custom'],
        ['shape.size', 'custom'],
      ]),
    )
    expect(error.message).toContain('short must be short')
    expect(error.message).toContain('thrown must not start with x')
    expect(error.message).not.toContain('nobody')
  })

  it('is let through by validators when it is right, null, or not given', async () => {
    const good = { even: 2, short: 'abc', thrown: 'a', later: 'free', email: 'a@example.org', shape: { size: 1 } }
    const made = await Checked.create(good)
    expect(await Checked.find(made.id)).toMatchObject(good)
    await Checked.create({})
    expect(await Checked.count()).toBe(2)
  })

  it('is checked on save of a loaded instance, for what changed', async () => {
    const made = await Checked.create({ even: 2, later: 'free' })
    made.even = 5
    made.later = 'taken'
    const error = await expectRefusal(() => made.save())
    expect(issuesOf(error).map(([path]) => path)).toEqual(['even', 'later'])
    expect((await Checked.findOrFail(made.id)).even).toBe(2)
    made.even = 6
    made.later = 'free'
    await made.save()
    expect((await Checked.findOrFail(made.id)).even).toBe(6)
  })

  it('keeps a whole batch out', async () => {
    const error = await expectRefusal(() => Checked.createMany([{ even: 2 }, { even: 3 }, { even: 4 }]))
    expect(error).toBeInstanceOf(ValidationError)
    expect(await Checked.count()).toBe(0)
  })

  it.each([null, undefined, NaN, Infinity, '1', 1.5, [1], {}, true])('is no step for increment: %s', async (by) => {
    const made = await Checked.create({ even: 2 })
    const steps: (() => unknown)[] = [
      () => (made as any).increment('even', by === undefined ? null : by),
      () => (made as any).decrement('even', by === undefined ? null : by),
      () => (Checked.where('id', made.id) as any).increment('even', by === undefined ? null : by),
    ]
    for (const step of steps) await expectRefusal(step)
    expect(await Checked.query().aggregate({ sum: fn.sum(Checked.columns.even) })).toEqual({ sum: 2 })
  })
})

describe('a schema of a model', () => {
  it('tells the same problems as a save', () => {
    const result = Checked.schema.insert.safeParse({ even: 'x', nope: 1 })
    expect(result.success).toBe(false)
    if (!result.success) expect(result.error.issues.map(({ path }) => path).sort()).toEqual(['even', 'nope'])
  })

  it('refuses what is no object in the words of a field', () => {
    for (const [given, named] of [
      [null, 'null'],
      [undefined, 'undefined'],
      ['{}', 'a string'],
      [[{ even: 2 }], 'a list'],
    ] as const) {
      const { error } = Checked.schema.insert.safeParse(given)
      expect(error?.issues).toEqual([{ path: '', code: 'type', message: `expects an object, not ${named}` }])
      expect(error?.message).toBe(`"Checked" is not valid: expects an object, not ${named}.`)
    }
  })
})
