import { DefinitionError } from '../errors.js'
import type { FieldMakers } from '../types/field-makers.js'
import type { KeyType } from '../types/field-options.js'
import { readable } from '../util/arguments.js'
import { isWhole } from '../util/number.js'
import { callback, choiceOf, optionReader, text } from '../util/options.js'
import { own } from '../util/own.js'
import { arrayField } from './array.js'
import { computedField, virtualField } from './attribute.js'
import { binaryKind } from './binary.js'
import { countryField } from './country.js'
import { type CustomDefinition, customKind } from './custom.js'
import { dateKind, dateTimeKind, timeKind } from './date.js'
import { decimalDigits } from './digits.js'
import { embeddingField } from './embedding.js'
import { encryptedField } from './encrypted.js'
import { fileField } from './file.js'
import { jsonKind } from './json.js'
import { FieldDescriptor, type FieldKind, type KindContext } from './kind.js'
import { bigIntegerKind, booleanKind, decimalKind, floatKind, integerKind } from './number.js'
import {
  type FieldOptions,
  LENGTHS,
  morphOptions,
  readFieldOptions,
  STORAGE_OPTIONS,
  softDeleteOptions,
  versionOptions,
} from './options.js'
import { passwordField } from './password.js'
import { ranged } from './range.js'
import { slugField } from './slug.js'
import { booleanInStorage, decimalInStorage, inStorage, momentStorage, stepOf, withStorage } from './storage.js'
import { enumKind, enumValues, type TextLimits, textKind, uuidKind } from './string.js'
import { telKind } from './tel.js'
import { emailKind, ipKind, urlKind } from './text-formats.js'
import { translatedField } from './translated.js'
import { vectorField } from './vector.js'

/** The default maximum of a string: the length that MySQL can index. */
const MAX = 255

function decimal(options: FieldOptions): FieldDescriptor {
  const { as } = options
  const { precision: p, scale: s } = decimalDigits(options.precision, options.scale)
  if (!Number.isInteger(p) || !Number.isInteger(s) || p < 1 || p > 65 || s < 0 || s > Math.min(p, 30))
    throw new DefinitionError(
      'Field.decimal() needs a precision of 1 to 65 and a scale of 0 to 30, not above the precision.',
    )
  const kind = ranged('Field.decimal()', decimalInStorage(decimalKind(p, s, as), options), options)
  const extraOptions = ['precision', 'scale', 'as', ...RANGE, ...STORAGE_OPTIONS.decimal]
  return new FieldDescriptor({ type: 'decimal', options, kind, extraOptions })
}

function dateTime(options: FieldOptions): FieldDescriptor {
  const { precision = 3, autoNow, autoNowAdd } = options
  if (!Number.isInteger(precision) || precision < 0 || precision > 6)
    throw new DefinitionError('Field.dateTime() needs a precision of 0 to 6 digits.')
  const automatic = autoNow === true ? 'save' : autoNowAdd === true ? 'insert' : null
  const extraOptions = ['autoNow', 'autoNowAdd', 'precision', ...RANGE, ...STORAGE_OPTIONS.dateTime]
  const kind = ranged('Field.dateTime()', momentKind(precision, automatic, options), options)
  return new FieldDescriptor({ type: 'dateTime', options, kind, extraOptions })
}

/** The fraction digits of columns: those of a Date, or all that another program may have written. */
function momentKind(precision: number, automatic: 'insert' | 'save' | null, options: FieldOptions): FieldKind {
  const storage = momentStorage(options)
  const digits = Math.max(precision, storage?.digits ?? 0)
  const kind = dateTimeKind(digits > 6 ? 9 : digits > 3 ? 6 : 3, automatic, storage && stepOf(storage))
  return storage === undefined ? kind : withStorage(kind, storage)
}

/** A soft-delete field is null until the row is deleted. */
function softDelete(given: FieldOptions): FieldDescriptor {
  const options = softDeleteOptions(given)
  const { kind, extraOptions } = dateTime(options)
  return new FieldDescriptor({ type: 'softDelete', options: { ...options, nullable: true }, kind, extraOptions })
}

/** The version of the first save. Rows that the table had before the column get it as well. */
const FIRST_VERSION = 1

function version(given: FieldOptions): FieldDescriptor {
  const options = { ...versionOptions(given), default: FIRST_VERSION, dbDefault: FIRST_VERSION }
  return new FieldDescriptor({ type: 'version', options, kind: integerKind('integer') })
}

const isThunk = (value: unknown): value is () => unknown => typeof value === 'function'

function reference(type: string, unique: boolean) {
  return (target: unknown, options: FieldOptions): FieldDescriptor => {
    if (!isThunk(target))
      throw new DefinitionError(`Field.${type}() needs a function that returns the model: Field.${type}(() => User).`)
    const { deferrable = false, name, ...actions } = own(options)
    // RESTRICT is checked at once, also of a deferred key
    const atOnce = deferrable ? 'noAction' : 'restrict'
    const { onDelete = atOnce, onUpdate = atOnce } = own(actions)
    const kind = (context: KindContext): FieldKind => {
      const { autoIncrement: _, reuse: __, ...dataType } = context.targetKind().dataType
      const { automatic: ___, ...rest } = context.targetKind()
      return { ...rest, dataType }
    }
    const extraOptions = ['key', 'onDelete', 'onUpdate', 'deferrable', 'name']
    const to = { target, onDelete, onUpdate, unique, deferrable, name }
    return new FieldDescriptor({ type, options, kind, extraOptions, reference: to })
  }
}

export const foreignKeyField = reference('foreignKey', false)

const MORPH_KEYS: Readonly<Record<KeyType, () => FieldKind>> = own({
  integer: () => integerKind('integer'),
  bigint: () => bigIntegerKind(),
  uuid: () => uuidKind(false, 4),
  string: () => textKind({ name: 'string', length: MAX }, { max: MAX }),
})
/** The longest model name in a type field: together with a key it fits into an index of every database. */
export const MORPH_TYPE_LENGTH = 100

/** The name of a model. Only those that its relation lists are written: a row with another one could not be read. */
function morphTypeKind(context: KindContext): FieldKind {
  const max = MORPH_TYPE_LENGTH
  const text = textKind({ name: 'string', length: max }, { max })
  let known: ReadonlySet<string> | null | undefined
  const names = () => (known === undefined ? (known = context.morphNames()) : known)
  return {
    ...text,
    acceptsValue: (value) => typeof value === 'string' && names()?.has(value) === true,
    acceptsRules: true,
    rules(value, addIssue) {
      const listed = names()
      if (listed === null) text.rules?.(value, addIssue)
      else if (typeof value === 'string' && !listed.has(value))
        addIssue('choice', `must be one of ${[...listed].map((name) => JSON.stringify(name)).join(', ')}`)
    },
    jsonSchema() {
      const listed = names()
      return { type: 'string', ...(listed !== null && { enum: [...listed] }) }
    },
  }
}

/** Makes the two fields of a polymorphic reference: a key, and the name of its model. */
function morphs(name: unknown, options: FieldOptions): Record<string, FieldDescriptor> {
  const { key = 'integer', nullable = false } = morphOptions(options)
  const kind = MORPH_KEYS[key]
  if (typeof name !== 'string' || name === '')
    throw new DefinitionError(
      `Field.morphs() takes a name and the type of the keys: Field.morphs('commentable', { key: 'uuid' }).`,
    )
  return {
    [`${name}Id`]: new FieldDescriptor({ type: 'morphKey', options: { nullable }, kind: kind() }),
    [`${name}Type`]: new FieldDescriptor({ type: 'morphType', options: { nullable }, kind: morphTypeKind }),
  }
}

const CUSTOM_BASES: Readonly<Record<string, () => FieldKind>> = own({
  smallInteger: () => integerKind('smallInteger'),
  integer: () => integerKind('integer'),
  bigInteger: () => bigIntegerKind(),
  float: () => floatKind(false, false),
  decimal() {
    const { precision, scale } = decimalDigits()
    return decimalKind(precision, scale, 'string')
  },
  boolean: () => booleanKind,
  string: () => textKind({ name: 'string', length: MAX }, { max: MAX }),
  text: () => textKind({ name: 'text' }, {}),
  uuid: () => uuidKind(false, 4),
  json: () => jsonKind(false),
  date: () => dateKind,
  time: () => timeKind,
  dateTime: () => dateTimeKind(3, null),
  binary: () => binaryKind,
})

const customDefinition = optionReader<CustomDefinition>(
  'Field.custom()',
  { type: choiceOf(...Object.keys(CUSTOM_BASES)), encode: callback(), decode: callback(), sql: text },
  DefinitionError,
)

function custom(given: unknown): (options?: unknown) => FieldDescriptor {
  const { type = '', encode, decode, sql } = customDefinition(given)
  const base = CUSTOM_BASES[type]
  if (base === undefined || encode === undefined || decode === undefined)
    throw new DefinitionError("Field.custom() needs { type, encode, decode }: Field.custom({ type: 'string', … }).")
  const definition = own({ type, encode, decode, ...(sql !== undefined && { sql }) })
  return (given) => {
    const options = readFieldOptions('A custom field', given)
    return new FieldDescriptor({ type: 'custom', options, kind: customKind(base(), definition) })
  }
}

/** Makes a field with the options that it has in addition to the common ones. */
const field = (type: string, options: FieldOptions, kind: FieldKind, extraOptions: readonly string[] = []) =>
  new FieldDescriptor({ type, options, kind, extraOptions })

const RANGE = ['min', 'max']
const COUNTED = ['autoIncrement', ...RANGE]
const TEXT = [...RANGE, 'pattern']
/** The makers whose `min` and `max` are numbers of characters. */
const TEXTS = new Set(['string', 'text', 'url'])

/** The limits of a text, which were read as numbers of characters. */
const lengthsOf = ({ min, max, pattern }: FieldOptions): TextLimits => ({
  min: min as TextLimits['min'],
  max: max as TextLimits['max'],
  pattern,
})

function enumField(source: unknown, options: FieldOptions): FieldDescriptor {
  const values = enumValues(source)
  if (new Set(values.map((value) => typeof value)).size !== 1)
    throw new DefinitionError('Field.enum() needs at least one value, and all of one type: texts or numbers.')
  return field('enum', options, enumKind(values))
}

function char(length: unknown, options: FieldOptions): FieldDescriptor {
  if (!isWhole(length) || length < 1)
    throw new DefinitionError('Field.char() needs the number of characters: Field.char(2).')
  return field('char', options, textKind({ name: 'char', length }, { max: length }))
}

export function stringField(options: FieldOptions): FieldDescriptor {
  const rules = lengthsOf(options)
  const { max = MAX } = rules
  return field('string', options, textKind({ name: 'string', length: max }, { ...rules, max }), TEXT)
}

const floatOf = ({ allowNaN = false, allowInfinity = false }: FieldOptions) => floatKind(allowNaN, allowInfinity)

const asKey = (options: FieldOptions): FieldOptions => ({ ...options, primaryKey: true, guarded: true })

const numbered = (kind: FieldKind, { reuse }: FieldOptions): FieldKind =>
  reuse === true ? { ...kind, dataType: { ...kind.dataType, reuse } } : kind

const counts = ({ autoIncrement }: FieldOptions): boolean => autoIncrement === true

type FieldMaker = (options: FieldOptions) => FieldDescriptor

/** The makers whose only argument is the options. */
const makers: Readonly<Record<string, FieldMaker>> = {
  id: (options) => field('id', asKey(options), numbered(integerKind('integer', true), options), ['reuse']),
  bigId: (options) => field('bigId', asKey(options), numbered(bigIntegerKind('bigint', true), options), ['reuse']),
  smallInteger: (options) =>
    field('smallInteger', options, ranged('Field.smallInteger()', integerKind('smallInteger'), options), RANGE),
  integer: (options) =>
    field('integer', options, ranged('Field.integer()', integerKind('integer', counts(options)), options), COUNTED),
  bigInteger: (options) =>
    field('bigInteger', options, ranged('Field.bigInteger()', bigIntegerKind(options.as, counts(options)), options), [
      'as',
      ...COUNTED,
    ]),
  float: (options) =>
    field('float', options, ranged('Field.float()', floatOf(options), options), [
      'allowNaN',
      'allowInfinity',
      ...RANGE,
    ]),
  decimal,
  boolean: (options) => field('boolean', options, booleanInStorage(booleanKind, options), STORAGE_OPTIONS.boolean),
  string: stringField,
  email: (options) => field('email', options, emailKind()),
  url: (options) => field('url', options, urlKind(lengthsOf(options)), ['max']),
  tel: (options) => field('tel', options, telKind(options.country), ['country']),
  ip: (options) => field('ip', options, ipKind()),
  text: (options) => field('text', options, textKind({ name: 'text' }, lengthsOf(options)), [...TEXT, 'richText']),
  uuid: (options) => {
    const kind = uuidKind(options.auto === true, options.version ?? 4)
    return field('uuid', options, inStorage('uuid', kind, options), ['auto', 'version', 'storage'])
  },
  json: (options) => {
    const kind = jsonKind(options.nullable === true, options.maxSize)
    return field('json', options, inStorage('json', kind, options), ['schema', 'maxSize', 'storage'])
  },
  date: (options) => {
    const kind = ranged('Field.date()', inStorage('date', dateKind, options), options)
    return field('date', options, kind, [...RANGE, ...STORAGE_OPTIONS.date])
  },
  time: (options) => field('time', options, ranged('Field.time()', timeKind, options), RANGE),
  dateTime,
  softDelete,
  version,
  binary: (options) => field('binary', options, binaryKind),
}

/** The makers with another argument before the options. */
const makersOf: Readonly<Record<string, (first: unknown, options: FieldOptions) => unknown>> = {
  char,
  enum: enumField,
  foreignKey: foreignKeyField,
  oneToOne: reference('oneToOne', true),
  morphs,
}

const entries: readonly (readonly unknown[])[] = [
  ...Object.entries(makers).map(([name, make]) => [
    name,
    readable((options?: unknown) => make(readFieldOptions(`Field.${name}()`, options, TEXTS.has(name) ? LENGTHS : {}))),
  ]),
  ...Object.entries(makersOf).map(([name, make]) => [
    name,
    readable((first: unknown, options?: unknown) => make(first, readFieldOptions(`Field.${name}()`, options))),
  ]),
  ['file', readable(fileField('file'))],
  ['image', readable(fileField('image'))],
  ['array', readable(arrayField)],
  ['encrypted', readable(encryptedField)],
  ['vector', readable(vectorField)],
  ['embedding', readable(embeddingField)],
  ['password', readable(passwordField)],
  ['slug', readable(slugField)],
  ['custom', readable(custom)],
  ['country', readable(countryField)],
  ['computed', readable(computedField)],
  ['virtual', readable(virtualField)],
  ['translated', readable(translatedField)],
]

/** Makes the fields of a model: `Field.string({ max: 120 })`. */
export const Field: FieldMakers = Object.fromEntries(entries)
