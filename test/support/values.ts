import { Decimal, Field, JsonNull } from 'corm'
import type { TestDatabase } from './databases.js'
import { looseModel } from './loose.js'

/** A kind of field with its edge cases: the given values, and the results if they have another form. */
export interface Kind {
  readonly title: string
  readonly model: any
  readonly values: readonly unknown[]
  /** Given → held value, for inputs that are normalized. */
  readonly forms?: readonly (readonly [given: unknown, held: unknown])[]
}

let count = 0

const EDGES = ['0001-01-01T00:00:00.000Z', '0099-06-01T12:00:00.001Z'].map((text) => new Date(text))

/** The values of a kind that a database can store. It refuses the others, or loses the sign of zero. */
export function keptBy({ facts }: Pick<TestDatabase, 'facts'>, { title, values }: Kind): readonly unknown[] {
  if (title === 'float') return values.filter((value) => facts.storesNegativeZero || !Object.is(value, -0))
  if (title.startsWith('dateTime')) return facts.storesFirstYears ? [...EDGES, ...values] : values
  return values
}

/** A model with one field of the kind, nullable, called `value`. */
function kind(
  title: string,
  field: (options: any) => unknown,
  values: readonly unknown[],
  forms?: Kind['forms'],
): Kind {
  count += 1
  const model = class extends looseModel({ value: field({ nullable: true }) }) {}
  Object.defineProperty(model, 'name', { value: `Kind${count}Row` })
  return { title, model, values, ...(forms !== undefined && { forms }) }
}

enum Level {
  Low = 1,
  High = 2,
}
enum Mood {
  Good = 'good',
  Bad = 'bad',
}
const Size = { Small: 'S', Large: 'L' } as const

/** Texts that have broken the quoting, escaping or parsing of some library. */
export const HOSTILE_TEXTS: readonly string[] = [
  ...Array.from({ length: 126 }, (_, i) => String.fromCharCode(i + 1)),
  ...["''", '\\\\', "\\'", "'\\", '-- ', '--', '/*', '*/', '/*!50000 */', '??', '$1', '$$', ':a', '::text', '@a'],
  ...['{a:String}', '${a}', '%s', '%%', '\\n', '\\0', '\x1a', '0x27', "x'41'", "N'a'", "E'\\''", "U&'\\0041'"],
  ...["' or '1'='1", "' or 1=1 -- ", "') or ('1'='1", "admin'--", "'||'", "'+'", '" or ""="', "'; drop table x; --"],
  ...[
    '"; drop table x; --',
    '`; drop table x; --',
    "\\'; drop table x; -- ",
    "' union select 1 -- ",
    "' and sleep(1) -- ",
  ],
  ...[
    '1e3',
    '0x10',
    '١٢٣',
    'NaN',
    '-0',
    'now',
    'infinity',
    'today',
    'null',
    'NULL',
    'undefined',
    'true',
    '0',
    '{}',
    '[]',
  ],
  ...[
    '‘',
    'ʼ',
    '＇',
    '\ufeff',
    '\u202e',
    'e\u0301',
    'é',
    '👩‍👩‍👧‍👦',
    '\u{10ffff}',
    '𝒳',
    '😀',
    '😁',
    'ß',
    'ss',
    'SS',
    'ı',
    'I',
    'i',
  ],
  ...['a', 'A', 'á', 'a ', 'a  ', ' a', '\ta', 'a\n', 'a\r\n', 'ends in \\'],
]

const bytes = (...list: number[]) => new Uint8Array(list)
const shared = new Uint8Array(new SharedArrayBuffer(3))
const inside = new Uint8Array([9, 9, 1, 2, 3, 9]).subarray(2, 5)
const digits = (text: string) => new Decimal(text)

export const KINDS: readonly Kind[] = [
  kind('smallInteger', Field.smallInteger, [0, 1, -1, 32_767, -32_768]),
  kind('integer', Field.integer, [0, 1, -1, 2_147_483_647, -2_147_483_648]),
  kind(
    'bigInteger',
    Field.bigInteger,
    [0n, 1n, -1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)],
    [
      [7, 7n],
      [Number.MAX_SAFE_INTEGER, 9007199254740991n],
    ],
  ),
  kind(
    'bigInteger as number',
    (options) => Field.bigInteger({ ...options, as: 'number' }),
    [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
    [[7n, 7]],
  ),
  kind(
    'bigInteger as string',
    (options) => Field.bigInteger({ ...options, as: 'string' }),
    ['0', '-1', '9007199254740993', '9223372036854775807', '-9223372036854775808'],
    [
      [7n, '7'],
      [7, '7'],
      ['007', '7'],
    ],
  ),
  kind('float', Field.float, [
    ...[0, -0, 1, -1, 0.1, 0.1 + 0.2, 1 / 3, 123456789.12345679, 1e21, 1e-7, -1.5e300, 1e308],
    ...[
      5e-324,
      2.2250738585072014e-308,
      Number.MAX_VALUE,
      -Number.MAX_VALUE,
      Number.MAX_SAFE_INTEGER,
      2 ** 53,
      2 ** 64,
    ],
  ]),
  kind(
    'decimal of 38 digits',
    (options) => Field.decimal({ ...options, precision: 38, scale: 10 }),
    [
      ...['0', '1', '-1', '0.0000000001', '-0.0000000001', '9007199254740993', '12345678901234567890.1234567891'],
      ...[
        '9999999999999999999999999999.9999999999',
        '-9999999999999999999999999999.9999999999',
        '10',
        '9',
        '-10',
        '-9',
      ],
    ].map(digits),
    [
      ['1.50', digits('1.5')],
      ['-0', digits('0')],
      ['+2', digits('2')],
      ['.5', digits('0.5')],
      [1e-7, digits('0.0000001')],
      [0.1, digits('0.1')],
      [3n, digits('3')],
    ],
  ),
  kind('decimal of 65 digits', (options) => Field.decimal({ ...options, precision: 65, scale: 30 }), [
    digits(`${'9'.repeat(35)}.${'9'.repeat(30)}`),
    digits(`-${'9'.repeat(35)}.${'9'.repeat(29)}8`),
    digits(`0.${'0'.repeat(29)}1`),
  ]),
  kind('decimal without a fraction', (options) => Field.decimal({ ...options, precision: 20, scale: 0 }), [
    digits('99999999999999999999'),
    digits('0'),
  ]),
  kind(
    'decimal as string',
    (options) => Field.decimal({ ...options, precision: 20, scale: 2, as: 'string' }),
    ['0.00', '0.10', '-0.01', '999999999999999999.99'],
    [
      ['0.1', '0.10'],
      [2, '2.00'],
    ],
  ),
  kind(
    'decimal as number',
    (options) => Field.decimal({ ...options, precision: 10, scale: 2, as: 'number' }),
    [0, 0.1, -0.01],
  ),
  kind('boolean', Field.boolean, [true, false]),
  kind('string', Field.string, ['', ...HOSTILE_TEXTS, 'x'.repeat(255), '😀'.repeat(255)]),
  kind('text', Field.text, ['', ...HOSTILE_TEXTS, "'".repeat(65_536), '\\'.repeat(70_000), '😀'.repeat(20_000)]),
  kind('char', (options) => Field.char(3, options), ['abc', 'ABC', '😀é表', "a'b"]),
  kind(
    'uuid',
    Field.uuid,
    [
      '00000000-0000-0000-0000-000000000000',
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
      'f81d4fae-7dec-41d0-a765-00a0c91e6bf6',
    ],
    [['F81D4FAE-7DEC-41D0-A765-00A0C91E6BF7', 'f81d4fae-7dec-41d0-a765-00a0c91e6bf7']],
  ),
  kind('enum of a list', (options) => Field.enum(['one', "it's", 'two words', 'ünï', ''], options), [
    ...['one', "it's", 'two words', 'ünï', ''],
  ]),
  kind('numeric enum', (options) => Field.enum(Level, options), [Level.Low, Level.High]),
  kind('text enum', (options) => Field.enum(Mood, options), [Mood.Good, Mood.Bad]),
  kind('as-const object', (options) => Field.enum(Size, options), ['S', 'L']),
  kind('json', Field.json, [
    ...[
      {},
      [],
      '',
      'null',
      'text',
      0,
      -1.5,
      1e300,
      true,
      false,
      JsonNull,
      [null],
      { a: null },
      [[[[]]]],
      [1, [2, [3]]],
    ],
    ...[{ deep: { er: [{ list: [1, 'two', null, { '': 3 }] }] } }, { 'quote " and \' and \\': '\\u0041 \n \t' }],
    ...[{ z: 1, a: 2, m: { y: 1, b: 2 } }, ['😀', '\u2028', '\ufeff'], { $ne: 1, __raw: true }, 9007199254740991],
    JSON.parse('{"__proto__": {"x": 1}, "constructor": 1}'),
  ]),
  kind('date', Field.date, [
    ...['0001-01-01', '0099-12-31', '1000-01-01', '1582-10-10', '1900-02-28', '1960-06-02', '1970-01-01', '2000-02-29'],
    ...['2024-02-29', '2024-03-10', '2024-03-31', '2024-10-27', '2024-12-31', '9999-12-31'],
  ]),
  kind(
    'time',
    Field.time,
    ['00:00:00', '23:59:59', '23:59:59.999999', '12:30:45.000001', '02:30:00', '12:00:00.5'],
    [
      ['10:00', '10:00:00'],
      ['10:00:00.500000', '10:00:00.5'],
      ['10:00:00.0', '10:00:00'],
    ],
  ),
  ...[3, 6].map((precision) =>
    kind(
      `dateTime of precision ${precision}`,
      (options) => Field.dateTime({ ...options, precision }),
      [
        ...['1000-01-01T00:00:00.000Z', '1582-10-10T10:10:10.000Z'],
        ...[
          '1883-11-18T12:03:58.000Z',
          '1960-06-02T00:00:00.000Z',
          '1969-12-31T23:59:59.999Z',
          '1970-01-01T00:00:00.000Z',
        ],
        ...[
          '2024-02-29T23:59:59.999Z',
          '2024-03-10T07:30:00.000Z',
          '2024-03-31T01:30:00.000Z',
          '2024-10-27T01:30:00.500Z',
        ],
        ...['2038-01-19T03:14:08.000Z', '9999-12-31T23:59:59.999Z'],
      ].map((text) => new Date(text)),
    ),
  ),
  kind(
    'binary',
    Field.binary,
    [
      bytes(),
      bytes(0),
      Uint8Array.from({ length: 256 }, (_, i) => i),
      bytes(39, 92, 0, 34),
      new Uint8Array(70_000).fill(255),
    ],
    [
      [inside, bytes(1, 2, 3)],
      [shared, bytes(0, 0, 0)],
      [Buffer.from("it's"), Uint8Array.from(Buffer.from("it's"))],
    ],
  ),
]
