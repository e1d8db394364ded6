import { DefinitionError } from '../errors.js'
import type { FieldMakers } from '../types/field.js'
import { readable } from '../util/arguments.js'
import { callback, oneOf, optionReader, text } from '../util/options.js'
import { own } from '../util/own.js'
import { binaryKind } from './binary.js'
import { type CustomDefinition, customKind } from './custom.js'
import { dateKind, dateTimeKind, timeKind } from './date.js'
import { jsonKind } from './json.js'
import { FieldDescriptor, type FieldKind, type KindContext } from './kind.js'
import { bigIntegerKind, booleanKind, decimalKind, floatKind, integerKind } from './number.js'
import { type keyTypes, morphOptions, readFieldOptions, softDeleteOptions } from './options.js'
import { momentStorage, STORAGE_OPTIONS, stepOf, stored, storedBoolean, storedDecimal, withStorage } from './storage.js'
import { type EnumSource, enumKind, enumValues, type TextRules, textKind, uuidKind } from './string.js'

interface Options {
  readonly [name: string]: unknown
}

const rules = (options: Options): TextRules => options as TextRules

/** Digits of a decimal when the field does not say. */
const PRECISION = 18
const SCALE = 4
/** Characters of a string when the field does not say: what MySQL can index. */
const MAX = 255

function decimal(options: Options = {}): FieldDescriptor {
  const { precision = PRECISION, scale = Math.min(SCALE, precision as number), as } = options
  const [p, s] = [precision as number, scale as number]
  if (!Number.isInteger(p) || !Number.isInteger(s) || p < 1 || p > 65 || s < 0 || s > Math.min(p, 30))
    throw new DefinitionError(
      'Field.decimal() needs a precision of 1 to 65 and a scale of 0 to 30, not above the precision.',
    )
  const kind = storedDecimal(decimalKind(p, s, as as 'string' | undefined), options)
  return new FieldDescriptor('decimal', options, kind, ['precision', 'scale', 'as', ...STORAGE_OPTIONS.decimal])
}

function dateTime(options: Options = {}): FieldDescriptor {
  const { precision = 3, autoNow, autoNowAdd } = options
  if (!Number.isInteger(precision) || (precision as number) < 0 || (precision as number) > 6)
    throw new DefinitionError('Field.dateTime() needs a precision of 0 to 6 digits.')
  const automatic = autoNow === true ? 'save' : autoNowAdd === true ? 'insert' : null
  const names = ['autoNow', 'autoNowAdd', 'precision', ...STORAGE_OPTIONS.dateTime]
  return new FieldDescriptor('dateTime', options, momentKind(precision as number, automatic, options), names)
}

/** Digits that columns have: those of a Date, or all that a program may have written. */
function momentKind(precision: number, automatic: 'insert' | 'save' | null, options: Options): FieldKind {
  const storage = momentStorage(options)
  const digits = Math.max(precision, storage?.digits ?? 0)
  const kind = dateTimeKind(digits > 6 ? 9 : digits > 3 ? 6 : 3, automatic, storage && stepOf(storage))
  return storage === undefined ? kind : withStorage(kind, storage)
}

/** Null until the row is deleted. */
function softDelete(given: Options): FieldDescriptor {
  const options = softDeleteOptions(given)
  const { kind, extraOptions } = dateTime(options)
  return new FieldDescriptor('softDelete', { ...options, nullable: true }, kind, extraOptions)
}

function reference(type: string, unique: boolean) {
  return (target: () => unknown, options: Options = {}): FieldDescriptor => {
    if (typeof target !== 'function')
      throw new DefinitionError(`Field.${type}() needs a function that returns the model: Field.${type}(() => User).`)
    const { onDelete = 'restrict', onUpdate = 'restrict' } = options
    const kind = (context: KindContext): FieldKind => {
      const { autoIncrement: _, ...dataType } = context.targetKind().dataType
      const { automatic: __, ...rest } = context.targetKind()
      return { ...rest, dataType }
    }
    return new FieldDescriptor(type, options, kind, ['key', 'onDelete', 'onUpdate'], {
      target,
      onDelete: onDelete as string,
      onUpdate: onUpdate as string,
      unique,
    })
  }
}

const MORPH_KEYS: Readonly<Record<(typeof keyTypes)[number], () => FieldKind>> = own({
  integer: () => integerKind('integer'),
  bigint: () => bigIntegerKind(),
  uuid: () => uuidKind(false, 4),
  string: () => textKind({ name: 'string', length: MAX }, { max: MAX }),
})
/** Characters of a model's name in a type field: with a key beside it, it fits into every database's index. */
export const MORPH_TYPE_LENGTH = 100

/** The pair of fields that hold a key and the name of its model. */
function morphs(name: string, options: Options): Record<string, FieldDescriptor> {
  const { key = 'integer', nullable = false } = morphOptions(options)
  const kind = MORPH_KEYS[key]
  if (typeof name !== 'string' || name === '')
    throw new DefinitionError(
      `Field.morphs() takes a name and the type of the keys: Field.morphs('commentable', { key: 'uuid' }).`,
    )
  const max = MORPH_TYPE_LENGTH
  return {
    [`${name}Id`]: new FieldDescriptor('morphKey', { nullable }, kind()),
    [`${name}Type`]: new FieldDescriptor('morphType', { nullable }, textKind({ name: 'string', length: max }, { max })),
  }
}

const CUSTOM_BASES: Readonly<Record<string, () => FieldKind>> = own({
  smallInteger: () => integerKind('smallInteger'),
  integer: () => integerKind('integer'),
  bigInteger: () => bigIntegerKind(),
  float: () => floatKind(false, false),
  decimal: () => decimalKind(PRECISION, SCALE, 'string'),
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
  { type: oneOf(...Object.keys(CUSTOM_BASES)), encode: callback, decode: callback, sql: text },
  DefinitionError,
)

function custom(given: CustomDefinition): (options?: unknown) => FieldDescriptor {
  const definition = own({ ...customDefinition(given) } as CustomDefinition)
  const base = CUSTOM_BASES[definition.type]
  if (base === undefined || definition.encode === undefined || definition.decode === undefined)
    throw new DefinitionError("Field.custom() needs { type, encode, decode }: Field.custom({ type: 'string', … }).")
  return (options) =>
    new FieldDescriptor('custom', readFieldOptions('A custom field', options), customKind(base(), definition))
}

const makers = {
  id: (options: Options = {}) =>
    new FieldDescriptor('id', { ...options, primaryKey: true, guarded: true }, integerKind('integer', true)),
  bigId: (options: Options = {}) =>
    new FieldDescriptor('bigId', { ...options, primaryKey: true, guarded: true }, bigIntegerKind('bigint', true)),
  smallInteger: (options: Options = {}) => new FieldDescriptor('smallInteger', options, integerKind('smallInteger')),
  integer: (options: Options = {}) => new FieldDescriptor('integer', options, integerKind('integer')),
  bigInteger: (options: Options = {}) =>
    new FieldDescriptor('bigInteger', options, bigIntegerKind(options.as as 'number' | undefined), ['as']),
  float: (options: Options = {}) =>
    new FieldDescriptor('float', options, floatKind(options.allowNaN === true, options.allowInfinity === true), [
      'allowNaN',
      'allowInfinity',
    ]),
  decimal,
  boolean: (options: Options = {}) =>
    new FieldDescriptor('boolean', options, storedBoolean(booleanKind, options), STORAGE_OPTIONS.boolean),
  string: (options: Options = {}) => {
    const max = (options.max as number | undefined) ?? MAX
    return new FieldDescriptor(
      'string',
      options,
      textKind({ name: 'string', length: max }, { ...rules(options), max }),
      TEXT,
    )
  },
  text: (options: Options = {}) =>
    new FieldDescriptor('text', options, textKind({ name: 'text' }, rules(options)), TEXT),
  char: (length: number, options: Options = {}) => {
    if (!Number.isInteger(length) || length < 1)
      throw new DefinitionError('Field.char() needs the number of characters: Field.char(2).')
    return new FieldDescriptor('char', options, textKind({ name: 'char', length }, { max: length }))
  },
  uuid: (options: Options = {}) => {
    const kind = uuidKind(options.auto === true, (options.version as 7 | undefined) ?? 4)
    return new FieldDescriptor('uuid', options, stored('uuid', kind, options), ['auto', 'version', 'storage'])
  },
  enum: (source: EnumSource, options: Options = {}) => {
    const values = enumValues(source)
    const types = new Set(values.map((value) => typeof value))
    if (types.size !== 1)
      throw new DefinitionError('Field.enum() needs at least one value, and all of one type: texts or numbers.')
    return new FieldDescriptor('enum', options, enumKind(values))
  },
  json: (options: Options = {}) => {
    const kind = jsonKind(options.nullable === true, options.maxSize as number | undefined)
    return new FieldDescriptor('json', options, stored('json', kind, options), ['schema', 'maxSize', 'storage'])
  },
  date: (options: Options = {}) =>
    new FieldDescriptor('date', options, stored('date', dateKind, options), STORAGE_OPTIONS.date),
  time: (options: Options = {}) => new FieldDescriptor('time', options, timeKind),
  dateTime,
  softDelete,
  binary: (options: Options = {}) => new FieldDescriptor('binary', options, binaryKind),
  foreignKey: reference('foreignKey', false),
  oneToOne: reference('oneToOne', true),
  morphs,
  custom,
}

const TEXT = ['max', 'min', 'pattern']

/** Where the options stand when they are not the first argument. */
const SECOND: ReadonlySet<string> = new Set(['char', 'enum', 'foreignKey', 'oneToOne', 'morphs'])

const read = Object.entries(makers).map(([name, make]) => {
  const call = `Field.${name}()`
  const maker = make as (...args: unknown[]) => unknown
  if (name === 'custom') return [name, make]
  if (SECOND.has(name))
    return [name, (first: unknown, options?: unknown) => maker(first, readFieldOptions(call, options))]
  return [name, (options?: unknown) => maker(readFieldOptions(call, options))]
})

/** Makes the fields of a model: `Field.string({ max: 120 })`. */
export const Field = Object.fromEntries(
  read.map(([name, make]) => [name, readable(make as () => unknown)]),
) as unknown as FieldMakers
