import { DefinitionError } from '../errors.js'
import {
  anything,
  callback,
  either,
  flag,
  list,
  type OptionType,
  type OptionTypes,
  oneOf,
  optionReader,
  ownEntries,
  textOrNone,
  whole,
} from '../util/options.js'
import { STORAGE_OPTIONS } from './storage.js'

// The options of fields.

/** What the database does with rows that point to a deleted or changed one. */
const actions = ['cascade', 'restrict', 'setNull', 'setDefault', 'noAction'] as const

const schema: OptionType = {
  wants: 'a zod schema or another Standard Schema',
  accepts: (value) =>
    ['object', 'function'].includes(typeof value) && value !== null && '~standard' in (value as object),
}
const pattern: OptionType = { wants: 'a regular expression', accepts: (value) => value instanceof RegExp }

/** Options that every field has. What `default`, `dbDefault` and `generated` may be is checked with the field at hand. */
const COMMON: OptionTypes = {
  nullable: flag,
  default: anything,
  dbDefault: anything,
  unique: flag,
  index: flag,
  column: textOrNone,
  primaryKey: flag,
  choices: list,
  validate: either(callback, schema),
  hidden: flag,
  guarded: flag,
  readonly: flag,
  lazy: flag,
  description: textOrNone,
  generated: anything,
  stored: flag,
  allowEmpty: flag,
}

const action = oneOf(...actions)
export const keyTypes = ['integer', 'bigint', 'uuid', 'string'] as const

const digits: OptionType = { wants: 'a number of digits', accepts: (value) => typeof value === 'number' }

/** Options of single kinds. */
const MORE: OptionTypes = {
  precision: digits,
  scale: digits,
  as: oneOf('string', 'number'),
  max: whole(0),
  min: whole(0),
  pattern,
  auto: flag,
  version: oneOf(4, 7),
  autoNow: flag,
  autoNowAdd: flag,
  allowNaN: flag,
  allowInfinity: flag,
  schema,
  maxSize: whole(1),
  key: oneOf(...keyTypes),
  onDelete: action,
  onUpdate: action,
  // which of them a kind of field knows is checked with its other options
  storage: textOrNone,
  zone: textOrNone,
  digits: whole(0),
  trim: oneOf(true, false, 'zeros'),
  words: list,
}

const typesOf = (names: readonly string[]): OptionTypes =>
  Object.fromEntries(names.flatMap((name) => (MORE[name] === undefined ? [] : [[name, MORE[name]]])))

const ALL: OptionTypes = { ...COMMON, ...MORE }

/** Options as written, each of its type; which of them a field may have is checked with its name. */
export function readFieldOptions(call: string, given: unknown): Record<string, unknown> {
  const read: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  if (given === undefined) return read
  const refused = () => new DefinitionError(`${call} takes its options as an object, like { nullable: true }.`)
  for (const [name, value] of ownEntries(given, refused)) {
    const type = Object.hasOwn(ALL, name) ? ALL[name] : undefined
    if (value !== undefined && type?.accepts(value) === false)
      throw new DefinitionError(`The option "${name}" of ${call} must be ${type.wants}.`)
    read[name] = value
  }
  return read
}

/** Refuses options that a field does not have, or not of this type. */
export function checkFieldOptions(field: string, extra: readonly string[], options: unknown): void {
  optionReader(field, { ...COMMON, ...typesOf(extra) }, DefinitionError)(options)
}

export const softDeleteOptions = optionReader<Record<string, unknown>>(
  'Field.softDelete()',
  {
    ...Object.fromEntries(
      ['column', 'index', 'hidden', 'guarded', 'description'].map((name) => [name, COMMON[name] as OptionType]),
    ),
    precision: whole(0),
    ...typesOf(STORAGE_OPTIONS.dateTime),
  },
  DefinitionError,
)

export const morphOptions = optionReader<{ key: (typeof keyTypes)[number]; nullable: boolean }>(
  'Field.morphs()',
  { key: oneOf(...keyTypes), nullable: flag },
  DefinitionError,
)
