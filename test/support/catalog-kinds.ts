import { type Sql, sql } from 'corm'
import 'corm/country'
import { looseField } from './loose.js'

// Every kind of field with every option that a column of the database has.

type Options = Readonly<Record<string, unknown>>

interface Kind {
  make(options: Options): unknown
  /** Defaults of the database. */
  readonly defaults: readonly unknown[]
  /** An expression over a column of the kind, for columns that are generated. */
  readonly computed?: Computed
}

const kind = (name: string, own: Options, defaults: readonly unknown[], computed?: Computed): Kind => ({
  make: (options) => looseField[name]?.({ ...own, ...options }),
  defaults,
  ...(computed !== undefined && { computed }),
})

type Computed = (column: Sql) => Sql

const plus: Computed = (column) => sql`${column} + 1`
const lower: Computed = (column) => sql`lower(${column})`
const same: Computed = (column) => column

/** The kinds by a short name. */
export const KINDS: Readonly<Record<string, Kind>> = {
  small: kind('smallInteger', {}, [-3], plus),
  int: kind('integer', {}, [5, sql`3 + 4`], plus),
  big: kind('bigInteger', {}, [2n ** 60n], same),
  float: kind('float', {}, [-0.25], same),
  dec: kind('decimal', { precision: 10, scale: 2 }, ['5.50'], same),
  dec_default: kind('decimal', {}, ['1']),
  dec_long: kind('decimal', { precision: 30, scale: 10 }, ['-12345678901234567890.5']),
  flag: kind('boolean', {}, [true, false]),
  str: kind('string', {}, ["it's \\ now", ''], lower),
  str_max: kind('string', { max: 20 }, ["a'b"], lower),
  str_long: kind('string', { max: 1000 }, ['x']),
  text: kind('text', {}, ['now'], lower),
  email: kind('email', {}, ['a@example.org']),
  url: kind('url', {}, ['https://example.org/']),
  ip: kind('ip', {}, ['::1']),
  tel: kind('tel', {}, []),
  char: { make: (options) => looseField.char?.(3, options), defaults: ['abc'], computed: lower },
  uuid: kind('uuid', {}, ['f81d4fae-7dec-41d0-a765-00a0c91e6bf6', 'uuid'], same),
  words: { make: (options) => looseField.enum?.(['a', "b'", 'c\\'], options), defaults: ["b'"] },
  one: { make: (options) => looseField.enum?.(['only'], options), defaults: ['only'] },
  numbers: { make: (options) => looseField.enum?.([1, 2, 30], options), defaults: [2] },
  json: kind('json', {}, [{ a: ["it's", null, 1.5] }]),
  date: kind('date', {}, ['2024-02-29', 'now'], same),
  time: kind('time', {}, ['10:00:00.5', 'now'], same),
  at: kind('dateTime', {}, [new Date('2026-01-02T03:04:05.678Z'), 'now'], same),
  at_fine: kind('dateTime', { precision: 6 }, ['now']),
  bytes: kind('binary', {}, [new Uint8Array([0, 1, 255, 39])]),
  ints: { make: (options) => looseField.array?.(looseField.integer?.(), options), defaults: [] },
  texts: { make: (options) => looseField.array?.(looseField.string?.({ max: 9 }), options), defaults: [] },
  decs: {
    make: (options) => looseField.array?.(looseField.decimal?.({ precision: 9, scale: 3 }), options),
    defaults: [],
  },
  country: kind('country', {}, []),
  file: kind('file', {}, []),
  secret: { make: (options) => looseField.encrypted?.(looseField.string?.(), options), defaults: [] },
  slug: kind('slug', {}, []),
}

const COMMENT = 'it\'s a "comment" */ with -- all `marks` \\ /* of it'

/** The sets of options that every kind is tried with. */
const PLAIN: readonly (readonly [name: string, options: Options])[] = [
  ['plain', {}],
  ['null', { nullable: true }],
  ['unique', { unique: true }],
  ['index', { index: true }],
  ['null_unique', { nullable: true, unique: true }],
  ['comment', { description: COMMENT, nullable: true }],
]

export interface Combination {
  /** The name of its column. */
  readonly name: string
  /** The column of the kind without options, which a generated column reads. */
  readonly base: string
  make(columns?: unknown): unknown
  readonly isGenerated: boolean
}

/** All combinations of a kind and options. A database may refuse some of them. */
export function combinations(): Combination[] {
  return Object.entries(KINDS).flatMap(([kindName, { make, defaults, computed }]): Combination[] => {
    const base = `${kindName}_plain`
    const plain = PLAIN.map(([name, options]) => ({
      name: `${kindName}_${name}`,
      base,
      isGenerated: false,
      make: () => make(options),
    }))
    const filled = defaults.flatMap((value, i) =>
      [false, true].map((nullable) => ({
        name: `${kindName}_default${i}${nullable ? '_null' : ''}`,
        base,
        isGenerated: false,
        make: () => make({ dbDefault: value, nullable }),
      })),
    )
    const generated = (computed === undefined ? [] : [false, true]).map((stored) => ({
      name: `${kindName}_generated${stored ? '_stored' : ''}`,
      base,
      isGenerated: true,
      make: () => make({ generated: computed?.(sql.id(base)), stored, nullable: true }),
    }))
    return [...plain, ...filled, ...generated]
  })
}
