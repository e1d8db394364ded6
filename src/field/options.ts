import { DefinitionError } from '../errors.js'
import type { KeyType } from '../types/field-options.js'
import {
  anything,
  callback,
  choiceOf,
  either,
  flag,
  list,
  type OptionType,
  type OptionTypes,
  optionReader,
  ownEntries,
  text,
  textOrNone,
  whole,
} from '../util/options.js'
import { own } from '../util/own.js'
import { emptyRecord } from '../util/record.js'

/** The forms in which a column can store the values of a field. The first is corm's own. */
export const FORMS = {
  dateTime: ['text', 'iso', 'milliseconds', 'seconds', 'julian'],
  date: ['text', 'milliseconds'],
  decimal: ['scaled', 'numeric', 'text'],
  boolean: ['integer', 'text'],
  uuid: ['text', 'upper', 'hex', 'blob', 'guid'],
  json: ['text', 'blob'],
} as const satisfies Record<string, readonly string[]>

/** The options for the storage of values, by the kind of field. */
export const STORAGE_OPTIONS = {
  dateTime: ['storage', 'zone', 'digits', 'trim'],
  date: ['storage'],
  decimal: ['storage'],
  boolean: ['storage', 'words'],
  uuid: ['storage'],
  json: ['storage'],
} as const satisfies Record<keyof typeof FORMS, readonly string[]>

/** What the database does with rows that reference a deleted or changed row. */
const actions = ['cascade', 'restrict', 'setNull', 'setDefault', 'noAction'] as const

const schema: OptionType<object> = {
  wants: 'a zod schema or another Standard Schema',
  accepts: (value): value is object => value instanceof Object && '~standard' in value,
}
const pattern: OptionType<RegExp> = { wants: 'a regular expression', accepts: (value) => value instanceof RegExp }

/**
 * Options that every field has. `default`, `dbDefault` and `generated` are checked with the field, because their types
 * depend on it.
 */
const COMMON = {
  nullable: flag,
  default: anything,
  dbDefault: anything,
  unique: flag,
  index: flag,
  column: textOrNone,
  sql: textOrNone,
  primaryKey: flag,
  choices: list,
  validate: either(callback(), schema),
  hidden: flag,
  guarded: flag,
  readonly: flag,
  lazy: flag,
  description: textOrNone,
  renamedFrom: text,
  generated: anything,
  stored: flag,
  allowEmpty: flag,
}

export const action = choiceOf(...actions)
const keyTypes = ['integer', 'bigint', 'uuid', 'string'] as const satisfies readonly KeyType[]

const digits: OptionType<number> = { wants: 'a number of digits', accepts: (value) => typeof value === 'number' }

/** The least or greatest value; a kind of field checks that it is one of its own, and texts take a number of characters. */
const bound: OptionType<number | bigint | string | Date | object> = {
  wants: 'a value of the field',
  accepts: (value): value is number => value !== null && typeof value !== 'boolean' && typeof value !== 'function',
}
/** The limits of texts. */
export const LENGTHS: OptionTypes = own({ max: whole(0), min: whole(0) })

/** Options of some kinds only. */
const MORE = {
  precision: digits,
  scale: digits,
  as: choiceOf('string', 'number'),
  max: bound,
  min: bound,
  pattern,
  richText: flag,
  auto: flag,
  reuse: flag,
  autoIncrement: flag,
  version: choiceOf(4, 7),
  autoNow: flag,
  autoNowAdd: flag,
  allowNaN: flag,
  allowInfinity: flag,
  schema,
  maxSize: whole(1),
  key: choiceOf(...keyTypes),
  onDelete: action,
  onUpdate: action,
  deferrable: flag,
  name: text,
  // the values that a kind of field accepts are checked with its other options
  storage: textOrNone,
  zone: textOrNone,
  digits: whole(0),
  trim: choiceOf(true, false, 'zeros'),
  words: list,
  country: textOrNone,
}

const ALL: OptionTypes = own({ ...COMMON, ...MORE })

const typesOf = (names: readonly string[]): OptionTypes =>
  Object.fromEntries(
    names.flatMap((name) => {
      const type = ALL[name]
      return type === undefined ? [] : [[name, type]]
    }),
  )

type OptionsOf<T> = { readonly [K in keyof T]?: T[K] extends OptionType<infer V> ? V | undefined : never }

/** The options of a field as written. */
export type FieldOptions = OptionsOf<typeof COMMON & typeof MORE>

/**
 * Reads options and checks the type of each; `special` are those of this kind of field. Which ones the field may have is
 * checked later, when its name is known.
 */
export function readFieldOptions(call: string, given: unknown, special: OptionTypes = {}): FieldOptions {
  const read = emptyRecord()
  if (given === undefined) return read
  const refused = () => new DefinitionError(`${call} takes its options as an object, like { nullable: true }.`)
  for (const [name, value] of ownEntries(given, refused)) {
    const type = Object.hasOwn(special, name) ? special[name] : ALL[name]
    if (value !== undefined && type?.accepts(value) === false)
      throw new DefinitionError(`The option "${name}" of ${call} must be ${type.wants}.`)
    read[name] = value
  }
  return read
}

/** Refuses options that the field does not have, or that have another type. */
export function checkFieldOptions(field: string, extra: readonly string[], options: unknown): void {
  optionReader<Record<string, unknown>>(field, { ...COMMON, ...typesOf(extra) }, DefinitionError)(options)
}

export const softDeleteOptions = optionReader<Pick<FieldOptions, 'precision'>>(
  'Field.softDelete()',
  {
    ...typesOf(['column', 'index', 'hidden', 'guarded', 'description', 'renamedFrom', ...STORAGE_OPTIONS.dateTime]),
    precision: whole(0),
  },
  DefinitionError,
)

export const versionOptions = optionReader<Pick<FieldOptions, 'column' | 'hidden' | 'description' | 'renamedFrom'>>(
  'Field.version()',
  { column: textOrNone, hidden: flag, description: textOrNone, renamedFrom: text },
  DefinitionError,
)

export const morphOptions = optionReader<{ key: KeyType; nullable: boolean }>(
  'Field.morphs()',
  { key: choiceOf(...keyTypes), nullable: flag },
  DefinitionError,
)
