import { describe, expect, it } from 'vitest'
import { VALUE_TYPE } from '../../../src/ast/bases.js'
import type { DataType, ValueType } from '../../../src/ast/data-type.js'
import { isConnectionLoss, keyColumns, mapPostgresError } from '../../../src/dialect/postgres/errors.js'
import { leavesNoTrace } from '../../../src/dialect/postgres/plain.js'
import { endsTransaction, hasEnded } from '../../../src/dialect/postgres/session.js'
import { formatTimestamp, parseMicroTimestamp, parseTimestamp } from '../../../src/dialect/postgres/timestamp.js'
import { hasEscapedNul, postgresCodec } from '../../../src/dialect/postgres/types.js'

const typed = (dataType: DataType): ValueType => ({
  ...VALUE_TYPE,
  dataType,
  check: (value) => value,
  refuse: (code, message) => {
    throw new RangeError(`${code}: ${message}`)
  },
})
const codec = (dataType: DataType) => postgresCodec(typed(dataType))

describe('codecs', () => {
  it('refuse what PostgreSQL cannot store', () => {
    for (const name of ['text', 'string', 'char'] as const) {
      const encode = codec({ name }).encode as (value: string) => unknown
      expect(encode('a\u0001b')).toBe('a\u0001b')
      expect(() => encode('a\0b')).toThrow('U+0000')
    }
    const encode = codec({ name: 'json' }).encode as (value: string) => unknown
    expect(() => encode(JSON.stringify({ a: ['\0'] }))).toThrow('U+0000')
    expect(encode(JSON.stringify('\\u0000'))).toBe('"\\\\u0000"')
  })

  it('take no text for a moment that is none', () => {
    const decode = codec({ name: 'dateTime' }).decode as (raw: unknown) => unknown
    expect(decode('2026-11-20 10:00:00.5+00')).toEqual(new Date('2026-11-20T10:00:00.500Z'))
    expect(decode('2026-11-20 10:00:00.123987+00')).toEqual(new Date('2026-11-20T10:00:00.123Z'))
    for (const text of [
      '10:00:00.xy+00',
      '10:00:00.+00',
      '10:00:00.1x3+00',
      '10:00:00.123x5+00',
      '10:0x:00+00',
      '25:00:00+00',
    ])
      expect(() => decode(`2026-11-20 ${text}`)).toThrow('a date and time')
    expect(() => decode('2026-02-30 10:00:00+00')).toThrow('a date and time')
  })

  it('tell an escaped NUL from the same characters behind an escaped backslash', () => {
    expect(['"\\u0000"', '"\\\\\\u0000"', '"x\\n\\u0000"'].map(hasEscapedNul)).toEqual([true, true, true])
    expect(['"\\\\u0000"', '"u0000"', '"\\u00000"'.replace('u0', 'U0'), '"\\\\\\\\u0000"'].map(hasEscapedNul)).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  it('read integers from numbers and texts, and refuse unsafe ones', () => {
    const decode = codec({ name: 'integer' }).decode as (raw: unknown) => unknown
    expect([5, '7', '3.5', '-0'].map(decode)).toEqual([5, 7, 3.5, -0])
    expect(() => decode('9007199254740993')).toThrow('beyond 2^53')
  })

  it('give out bytes of their own', () => {
    const decode = codec({ name: 'binary' }).decode as (raw: string) => Uint8Array
    const bytes = decode('\\x00ff10')
    expect(bytes).toEqual(Uint8Array.of(0, 255, 16))
    expect(bytes.buffer.byteLength).toBe(3)
    expect(decode('\\x')).toEqual(new Uint8Array(0))
  })
})

describe('timestamps', () => {
  it.each([
    ['2026-11-20 10:00:00+00', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20 10:00:00.1+00', '2026-11-20T10:00:00.100Z'],
    ['2026-11-20 10:00:00.12+00', '2026-11-20T10:00:00.120Z'],
    ['2026-11-20 10:00:00.123+00', '2026-11-20T10:00:00.123Z'],
    ['2026-11-20 10:00:00.123999+00', '2026-11-20T10:00:00.123Z'],
    ['2026-11-20 10:00:00.123456+05:30', '2026-11-20T04:30:00.123Z'],
    ['2026-11-20 10:00:00-03', '2026-11-20T13:00:00.000Z'],
    ['1900-01-01 00:00:00+00:19:32', '1899-12-31T23:40:28.000Z'],
    ['2026-11-20 10:00:00.5', '2026-11-20T10:00:00.500Z'],
    ['2026-11-20 10:00:00', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
    ['0044-03-15 12:00:00+00 BC', '-000043-03-15T12:00:00.000Z'],
    ['0001-01-01 00:00:00+00', '0001-01-01T00:00:00.000Z'],
    ['12026-01-01 00:00:00.25+00', '+012026-01-01T00:00:00.250Z'],
  ])('read %s', (text, iso) => {
    expect(parseTimestamp(text).toISOString()).toBe(iso)
  })

  it.each(['infinity', '-infinity', '', 'x'])('have no Date for "%s"', (text) => {
    expect(parseTimestamp(text).getTime()).toBeNaN()
  })

  it('keep six digits', () => {
    expect(parseMicroTimestamp('2026-11-20 10:00:00.12+00')).toBe('2026-11-20 10:00:00.120000')
    expect(parseMicroTimestamp('2026-11-20 10:00:00+00')).toBe('2026-11-20 10:00:00.000000')
    expect(parseMicroTimestamp('2026-11-20 10:00:00.123456-02')).toBe('2026-11-20 12:00:00.123456')
    expect(parseMicroTimestamp('infinity')).toBe('infinity')
  })

  it('are written with their offset, before Christ too', () => {
    expect(formatTimestamp(new Date('2026-11-20T10:00:00.123Z'))).toBe('2026-11-20 10:00:00.123+00')
    expect(formatTimestamp(new Date('0099-01-01T00:00:00Z'))).toBe('0099-01-01 00:00:00.000+00')
    expect(formatTimestamp(new Date('+012026-01-01T00:00:00Z'))).toBe('12026-01-01 00:00:00.000+00')
    expect(formatTimestamp(new Date('0000-01-01T00:00:00Z'))).toBe('0001-01-01 00:00:00.000+00 BC')
    expect(formatTimestamp(new Date('-000043-03-15T00:00:00Z'))).toBe('0044-03-15 00:00:00.000+00 BC')
  })
})

describe('errors', () => {
  const server = (code: string, fields: object = {}) =>
    Object.assign(new Error('duplicate key value violates …'), { code, ...fields })

  it.each([
    ['23505', 'UNIQUE_VIOLATION'],
    ['23503', 'FOREIGN_KEY_VIOLATION'],
    ['23001', 'FOREIGN_KEY_VIOLATION'],
    ['23502', 'NOT_NULL_VIOLATION'],
    ['23514', 'CHECK_VIOLATION'],
    ['23P01', 'CONSTRAINT'],
    ['40001', 'SERIALIZATION'],
    ['40P01', 'DEADLOCK'],
    ['55P03', 'LOCK_TIMEOUT'],
    ['57014', 'TIMEOUT'],
    ['57P01', 'CONNECTION'],
    ['08006', 'CONNECTION'],
    ['28P01', 'CONNECTION'],
    ['53300', 'CONNECTION'],
    ['ECONNREFUSED', 'CONNECTION'],
    ['ECONNRESET', 'CONNECTION'],
    ['EPIPE', 'CONNECTION'],
    ['ENOTFOUND', 'CONNECTION'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'CONNECTION'],
    ['42P01', 'DATABASE'],
    ['EAI_AGAIN', 'CONNECTION'],
    ['ERR_INVALID_ARG_TYPE', 'DATABASE'],
  ])('map %s', (code, expected) => {
    expect(mapPostgresError(server(code)).code).toBe(expected)
  })

  it('know a lost connection without a code', () => {
    expect(isConnectionLoss(new Error('Connection terminated unexpectedly'))).toBe(true)
    expect(isConnectionLoss(new Error('Client has encountered a connection error and is not queryable'))).toBe(true)
    expect(isConnectionLoss(new Error('boom'))).toBe(false)
  })

  it.each([
    ['Key (email)=(a) already exists.', ['email']],
    ['Key (a, "B c")=(1, 2) already exists.', ['a', 'B c']],
    ['Key ("we""ird, )=(")=(x)=(y) already exists.', ['we"ird, )=(']],
    ['Key (lower(email))=(x) already exists.', []],
    ['Schlüssel »(email)=(x)« existiert bereits.', ['email']],
    ['Key (author_id)=(7) is not present in table "authors".', ['author_id']],
    ['Key (id)=(7) is still referenced from table "books".', []],
    ['', []],
  ])('find the columns in: %s', (detail, columns) => {
    expect(keyColumns(detail)).toEqual(columns)
  })

  it('print no values: neither the message, nor the cause, nor its details', async () => {
    const { inspect } = await import('node:util')
    const secret = 'hunter2\n"quoted"'
    const errors = [
      server('22P02', { message: `invalid input syntax for type integer: "${secret}"` }),
      server('22003', { message: `value "${secret}" is out of range for type integer` }),
      server('23514', {
        detail: `Failing row contains (${secret}).`,
        params: [secret],
        query: secret,
        where: secret,
        queryOptions: {},
      }),
    ]
    for (const cause of errors) {
      cause.stack = `error: ${cause.message}\n    at somewhere`
      const error = mapPostgresError(cause)
      expect(inspect(error, { depth: 9 }) + JSON.stringify(error) + error.message).not.toMatch(/hunter2|quoted/)
    }
    expect(mapPostgresError(errors[0]).message).toBe('invalid input syntax for type integer: "…"')
    expect((errors[2] as { detail?: string } | undefined)?.detail).toContain('hunter2')
  })
})

describe('SQL of the user', () => {
  it.each([
    'begin',
    ' BEGIN work',
    'start transaction',
    'commit',
    'END',
    'rollback',
    'abort',
    '-- x\nbegin',
    '/* a */;commit',
    'rollback work',
    "prepare transaction 'x'",
  ])('begins or ends a transaction: %s', (sql) => expect(endsTransaction(sql)).toBe(true))
  it.each([
    'select 1',
    'rollback to savepoint a',
    'rollback work to a',
    'savepoint a',
    'beginning',
    'update t set "end" = 1',
    "select 'commit'",
  ])('leaves transactions alone: %s', (sql) => expect(endsTransaction(sql)).toBe(false))
  it.each(['/* a /* b */ */ commit', '/**/ -- x\n begin', 'rollback /* to a */', '/* /* */ commit */ rollback'])(
    'looks through comments: %s',
    (sql) => expect(endsTransaction(sql)).toBe(true),
  )
  it.each(['/* commit */ select 1', '-- begin\nselect 1', 'rollback /* x */ to a', '/* /* */ select 1 */ savepoint b'])(
    'takes no comment for a statement: %s',
    (sql) => expect(endsTransaction(sql)).toBe(false),
  )
  it('believes the tag of the answer', () => {
    expect(hasEnded('COMMIT', 'commit and chain')).toBe(true)
    expect(hasEnded('ROLLBACK', '/* /* */ */ rollback and chain')).toBe(true)
    expect(hasEnded('ROLLBACK', 'rollback /* */ to savepoint a')).toBe(false)
    expect(hasEnded('SELECT', 'select 1')).toBe(false)
  })
  it.each([
    'select 1',
    'select "id", lower("name") from "rows" where "id" = any($1) and (a or b)',
    'insert into "rows" ("a", b) values ($1, ($2))',
    'insert into rows (a) values (1) on conflict (a) do update set a = (1)',
    'update rows set a = coalesce(a, 1)',
    'with x as (select count(*) from rows) select * from x',
    'select cast(1 as numeric(10, 2))',
  ])('leaves no trace: %s', (sql) => expect(leavesNoTrace(sql)).toBe(true))
  it.each([
    'set timezone = 1',
    'select set_config($1, $2, false)',
    'select "set_config"($1, $2, false)',
    'select pg_catalog.set_config($1, $2, false)',
    'select set_config /* x */ ($1, $2, false)',
    'select set_config -- x\n ($1, $2, false)',
    'select lower(name), my_function(1) from rows',
    'select 1 as a into temp b',
    'select nextval($1)',
    'do $$ begin end $$',
    'call p()',
    '/* x */ select 1',
  ])('may leave one: %s', (sql) => expect(leavesNoTrace(sql)).toBe(false))
})
