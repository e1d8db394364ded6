import { inspect } from 'node:util'
import { DefinitionError, Field } from 'corm'
import 'corm/country'
import { describe, expect, it } from 'vitest'
import { EMPTY } from '../../../src/ast/schema.js'
import { metadataOf } from '../../../src/metadata/metadata.js'
import { makeMigration } from '../../../src/migration/make.js'
import { isSameState, replayOne } from '../../../src/migration/replay.js'
import { stateOfModels } from '../../../src/schema/from-models.js'
import { combinations } from '../../support/catalog-kinds.js'
import { looseField as f, looseModel } from '../../support/loose.js'
import { exportOf } from '../../support/migrations.js'

// A model agrees with the migration that is made of it, whatever fields it has.

class Owner extends looseModel({ id: f.id?.() }, { table: 'owners' }) {}
class Named extends looseModel({ code: f.string?.({ max: 9, primaryKey: true }) }, { table: 'named' }) {}
class Numbered extends looseModel({ id: f.uuid?.({ primaryKey: true }) }, { table: 'numbered' }) {}
const moment = new Date('2026-01-02T03:04:05.678Z')
const embed = async (texts: readonly string[]) => texts.map(() => [1, 2, 3])
const plainText = { type: 'string', encode: String, decode: String }

/** The arguments with which each maker of a field is tried. */
const MAKERS: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  id: [[], [{ reuse: true }]],
  bigId: [[], [{ reuse: true }]],
  smallInteger: [[], [{ min: 1, max: 9 }], [{ dbDefault: 3 }]],
  integer: [[], [{ min: 1, max: 9 }], [{ dbDefault: -3 }], [{ primaryKey: true }]],
  bigInteger: [[], [{ as: 'string', dbDefault: '9007199254740993' }], [{ as: 'number' }], [{ dbDefault: 2n ** 60n }]],
  float: [[], [{ allowNaN: true, allowInfinity: true }], [{ dbDefault: -0.5 }]],
  decimal: [
    [],
    [{ precision: 5, scale: 2, dbDefault: '1.5' }],
    [{ precision: 38 }],
    [{ precision: 9, scale: 9, as: 'string' }],
    [{ precision: 9, scale: 2, storage: 'numeric' }],
    [{ precision: 9, scale: 2, storage: 'text', as: 'number' }],
    [{ precision: 9, scale: 2, storage: 'scaled' }],
  ],
  boolean: [[], [{ dbDefault: false }], [{ storage: 'text', words: ['t', 'f'] }], [{ storage: 'integer' }]],
  string: [[], [{ max: 20 }], [{ max: 2000, dbDefault: "it's \\ \u2028" }], [{ pattern: /a/ }], [{ column: 'other' }]],
  email: [[]],
  url: [[], [{ max: 100 }]],
  tel: [[], [{ country: 'DE' }]],
  ip: [[]],
  text: [[], [{ max: 500 }], [{ richText: true }]],
  uuid: [
    [],
    [{ auto: true }],
    [{ auto: true, version: 7 }],
    [{ dbDefault: 'uuid' }],
    ...['upper', 'hex', 'blob', 'guid', 'text'].map((storage) => [{ storage }]),
  ],
  json: [[], [{ maxSize: 10 }], [{ storage: 'blob' }], [{ dbDefault: { a: ["it's", null] } }], [{ dbDefault: null }]],
  date: [
    [],
    [{ storage: 'milliseconds' }],
    [{ dbDefault: 'now' }],
    [{ dbDefault: '2024-02-29' }],
    [{ min: '2024-02-29' }],
  ],
  time: [[], [{ dbDefault: 'now' }], [{ dbDefault: '10:00' }], [{ min: '10:00' }]],
  dateTime: [
    [],
    ...[0, 1, 2, 3, 4, 5, 6].map((precision) => [{ precision }]),
    ...['iso', 'milliseconds', 'seconds', 'julian', 'text'].map((storage) => [{ storage }]),
    [{ storage: 'text', zone: '+00:00', digits: 6, trim: 'zeros' }],
    [{ autoNow: true }],
    [{ autoNowAdd: true, precision: 6 }],
    [{ dbDefault: 'now' }],
    [{ dbDefault: moment }],
    [{ dbDefault: moment, precision: 6 }],
    [{ dbDefault: 'now', precision: 6 }],
  ],
  softDelete: [[], [{ precision: 6 }], [{ storage: 'milliseconds' }]],
  version: [[]],
  binary: [[], [{ dbDefault: Uint8Array.of(0, 255) }]],
  char: [[3], [3, { dbDefault: 'abc' }]],
  enum: [[['a', "b'"]], [[1, 2, 30], { dbDefault: 2 }], [['only'], { dbDefault: 'only' }], [{ A: 'a', B: 'b' }]],
  foreignKey: [
    [() => Owner],
    [() => Named, { onDelete: 'cascade', onUpdate: 'noAction', key: 'string' }],
    [() => Numbered, { nullable: true, onDelete: 'setNull', key: 'uuid' }],
    [() => Owner, { deferrable: true, dbDefault: 3 }],
    [() => Owner, { index: false }],
  ],
  oneToOne: [[() => Owner], [() => Named, { nullable: true, key: 'string' }]],
  morphs: [],
  file: [[], [{ uploadTo: 'a' }]],
  image: [[], [{ uploadTo: 'a' }]],
  array: [
    ...['smallInteger', 'integer', 'bigInteger', 'float', 'boolean', 'text', 'email', 'uuid', 'date', 'time', 'ip'].map(
      (name) => [f[name]?.()],
    ),
    ...['time', 'integer', 'string'].map((name) => [f[name]?.({ nullable: true }), { nullable: true }]),
    [f.decimal?.({ precision: 9, scale: 3 })],
    [f.string?.({ max: 9 })],
    [f.char?.(3)],
    [f.dateTime?.({ precision: 6 })],
    [f.dateTime?.()],
    [f.enum?.(['a', 'b'])],
  ],
  encrypted: [[f.string?.()], [f.integer?.(), { index: true }], [f.array?.(f.time?.({ nullable: true }))]],
  vector: [[3], [3, { index: true }], [3, { index: { method: 'ivfflat', metric: 'dot', lists: 4 }, nullable: true }]],
  embedding: [[3, { from: ['label'], embed, model: 'm' }]],
  password: [[]],
  slug: [[{ from: ['label'] }]],
  custom: [
    [plainText],
    [{ ...plainText, type: 'time' }],
    [{ ...plainText, type: 'json' }],
    [{ ...plainText, sql: 'citext' }],
  ],
  country: [[]],
  computed: [],
  virtual: [],
  translated: [
    [f.string?.(), { locales: ['en', 'de'] }],
    [f.text?.(), { locales: ['en', 'de'] }],
  ],
}

// a custom field is a maker of fields
const callOf = (name: string, [first, ...rest]: readonly unknown[]) =>
  name === 'custom' ? f.custom?.(first)(...rest) : f[name]?.(first, ...rest)

const NAMELESS = new Set(['id', 'bigId', 'softDelete', 'version'])

let count = 0
const modelOf = (fields: object): any => {
  const table = `made_${++count}`
  return class Made extends looseModel(fields, { table }) {}
}

/** What "make" says after the file that it has written. */
function madeTwice(models: readonly any[]): unknown {
  const to = stateOfModels(models.map((model) => metadataOf(model)))
  const request = {
    to,
    parents: [],
    renames: { tables: new Map(), columns: new Map() },
    fills: new Map(),
    name: null,
    now: new Date(),
    dropRetired: false,
    dialect: null,
    safe: false,
  } as const
  const made = makeMigration({ ...request, from: EMPTY })
  if (made.kind !== 'migration') return made
  const { after } = replayOne({ id: 'a', file: exportOf(made.text) }, EMPTY)
  if (!isSameState(after, to)) return made.text
  return makeMigration({ ...request, from: after })
}

const cases = Object.entries(MAKERS).flatMap(([name, calls]) =>
  calls.flatMap((args) => {
    const label = `Field.${name}() ${args.map((arg) => inspect(arg, { depth: 1, compact: true, breakLength: Infinity })).join(', ')}`
    return [[label, name, args] as const]
  }),
)

describe('a migration that was made of a model', () => {
  it('has been tried with each maker of fields', () => {
    expect(Object.keys(MAKERS).sort()).toEqual(Object.keys(Field).sort())
  })

  it.each(cases)('agrees with it: %s', (_, name, args) => {
    const made = callOf(name, args)
    const key = made.options?.primaryKey === true ? {} : { id: f.id?.() }
    const models = [modelOf({ ...key, label: f.string?.(), tried: made })]
    if (name === 'foreignKey' || name === 'oneToOne') models.unshift(Owner, Named, Numbered)
    expect(madeTwice(models)).toEqual({ kind: 'nothing' })
    // every option that all columns have
    if (NAMELESS.has(name) || made.options?.primaryKey === true) return
    const base =
      typeof args.at(-1) === 'object' && !Array.isArray(args.at(-1)) && !isFirst(name, args) ? args.at(-1) : {}
    const first = base === args.at(-1) ? args.slice(0, -1) : args
    for (const more of [{ nullable: true }, { unique: true }, { index: true }, { description: "it's \\ */" }]) {
      let field: unknown
      try {
        field = callOf(name, [...first, { ...(base as object), ...more }])
        metadataOf(modelOf({ id: f.id?.(), label: f.string?.(), tried: field })).fields
      } catch {
        // not every kind has every option
        continue
      }
      models.splice(-1, 1, modelOf({ id: f.id?.(), label: f.string?.(), tried: field }))
      expect(madeTwice(models), JSON.stringify(more)).toEqual({ kind: 'nothing' })
    }
  })

  /** Whether the only argument is not the options. */
  function isFirst(name: string, args: readonly unknown[]): boolean {
    const takesFirst = [
      'enum',
      'array',
      'encrypted',
      'custom',
      'translated',
      'char',
      'vector',
      'foreignKey',
      'oneToOne',
    ]
    return args.length === 1 && takesFirst.includes(name)
  }

  it('agrees with it: several columns of a relation to any model', () => {
    const models = ['integer', 'bigint', 'uuid', 'string'].map((key) =>
      modelOf({ id: f.id?.(), ...f.morphs?.('target', { key, nullable: true }) }),
    )
    expect(madeTwice(models)).toEqual({ kind: 'nothing' })
  })

  it('agrees with it: the combinations that tables are created with', () => {
    const all = combinations()
    let tried = 0
    for (const { name, base, make } of all) {
      let fields: object
      try {
        fields = { [base]: all.find((each) => each.name === base)?.make(), [name]: make() }
      } catch (error) {
        // encrypted fields have few options
        if (!(error instanceof DefinitionError)) throw error
        continue
      }
      tried++
      expect(madeTwice([modelOf({ id: f.id?.(), ...fields })]), name).toEqual({ kind: 'nothing' })
    }
    expect(tried).toBeGreaterThan(200)
  })
})
