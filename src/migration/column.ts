import { nodeOf } from '../ast/brand.js'
import type { DataType, ElementType, Storage } from '../ast/data-type.js'
import type { ColumnState, TableState } from '../ast/schema.js'
import { DefinitionError, quoted } from '../errors.js'
import { decimalDigits } from '../field/digits.js'
import { kindOfType } from '../field/from-type.js'
import { FieldDescriptor } from '../field/kind.js'
import type { FieldOptions } from '../field/options.js'
import { ModelField, madeBy } from '../metadata/model-field.js'
import { columnStateOf } from '../schema/from-models.js'
import type { MigrationColumns } from '../types/migration.js'
import { isWhole } from '../util/number.js'
import { anything, flag, list, type OptionTypes, object, optionReader, textOrNone, whole } from '../util/options.js'
import { isPlainObject, own } from '../util/own.js'
import { heldValue, requireValue } from './column-value.js'

/** The columns of a table as expressions, which a callback of a migration receives. */
export type CallbackColumns = Readonly<Record<string, unknown>>
type FromColumns = (columns: CallbackColumns) => unknown

interface ColumnOptions {
  readonly nullable: boolean
  readonly default: unknown
  readonly generated: unknown
  readonly stored: boolean
  readonly comment: string
  readonly primaryKey: boolean
  readonly retired: boolean
  readonly sql: string
  readonly storage: object
}

const COMMON = {
  nullable: flag,
  default: anything,
  generated: anything,
  stored: flag,
  comment: textOrNone,
  primaryKey: flag,
  retired: flag,
  sql: textOrNone,
  storage: object,
}

/** A column as a migration describes it, still without a name. */
export class MigrationColumn {
  constructor(
    readonly type: DataType,
    readonly options: Readonly<Partial<ColumnOptions>>,
  ) {
    Object.freeze(this)
  }
}

/** The options of a type in addition to those of all columns, and their names in its DataType. */
interface ColumnTypeMaker {
  readonly options?: OptionTypes
  type(options: Readonly<Record<string, unknown>>): DataType
}

const named = (name: DataType['name']): ColumnTypeMaker => own({ type: () => ({ name }) })
const limit = whole(0)
/** Returns an option as a number, undefined if it is not one. */
const numberOrNone = (given: unknown) => (typeof given === 'number' ? given : undefined)
const numberOr = (given: unknown, otherwise: number) => numberOrNone(given) ?? otherwise

const limited = (name: 'string' | 'text', max?: number): ColumnTypeMaker => ({
  options: { max: limit },
  type: ({ max: given = max }) => (typeof given === 'number' ? { name, length: given } : { name }),
})

/** An auto-incremented primary key. */
const numbered = (name: 'integer' | 'bigInteger'): ColumnTypeMaker => ({
  options: { reuse: flag },
  type: ({ reuse }) => ({ name, autoIncrement: true, ...(reuse === true && { reuse }) }),
})

const MAKERS: Readonly<Record<string, ColumnTypeMaker>> = {
  smallInteger: named('smallInteger'),
  integer: named('integer'),
  bigInteger: named('bigInteger'),
  float: named('float'),
  boolean: named('boolean'),
  uuid: named('uuid'),
  json: named('json'),
  date: named('date'),
  time: named('time'),
  binary: named('binary'),
  string: limited('string', 255),
  text: limited('text'),
  id: numbered('integer'),
  bigId: numbered('bigInteger'),
  decimal: {
    options: { precision: limit, scale: limit },
    type: ({ precision, scale }) => ({
      name: 'decimal',
      ...decimalDigits(numberOrNone(precision), numberOrNone(scale)),
    }),
  },
  dateTime: {
    options: { precision: limit },
    type: ({ precision }) => ({ name: 'dateTime', precision: numberOr(precision, 3) }),
  },
}

function make(name: string, maker: ColumnTypeMaker, given: unknown): MigrationColumn {
  const { options: more, type: typeOf } = own(maker)
  const types = own<OptionTypes>({ ...COMMON, ...more })
  const read = optionReader<Record<string, unknown>>(`column.${name}()`, types, DefinitionError)
  const { sql, storage, ...rest } = read(given)
  const options = own(rest)
  const type = {
    ...typeOf(options),
    ...(typeof sql === 'string' && { sql }),
    ...(storage !== undefined && { storage: own(storage as Storage) }),
  }
  const isId = name === 'id' || name === 'bigId'
  return new MigrationColumn(own(type), own({ ...options, ...(isId && { primaryKey: true }) }))
}

const counted = (name: 'char' | 'vector') => (length: unknown, options?: unknown) => {
  if (!isWhole(length) || length < 1)
    throw new DefinitionError(`column.${name}() takes a whole number above 0: column.${name}(3).`)
  return make(name, { type: () => ({ name, length }) }, options)
}

const values = list as { accepts(value: unknown): value is readonly (string | number)[] }

function enumColumn(given: unknown, options?: unknown): MigrationColumn {
  if (!values.accepts(given) || given.length === 0)
    throw new DefinitionError("column.enum() takes the list of its values: column.enum(['open', 'closed']).")
  return make('enum', { type: () => ({ name: 'enum', values: [...given] }) }, options)
}

function arrayColumn(of: unknown, options?: unknown): MigrationColumn {
  if (!(of instanceof MigrationColumn))
    throw new DefinitionError('column.array() takes the column of its elements: column.array(column.integer()).')
  const { type } = of
  const kind = kindOfType({ name: 'array', element: elementOf(type, of.options.nullable === true) })
  return make('array', { type: () => kind.dataType }, options)
}

/** The functions of an element come from the kind of the array. */
const elementOf = (dataType: DataType, nullable: boolean): ElementType => ({
  dataType,
  nullable,
  check: (value) => value,
  load: null,
})

/** Creates the columns of a migration: `column.string({ max: 200 })`. */
export const column: MigrationColumns = Object.freeze({
  ...Object.fromEntries(
    Object.entries(MAKERS).map(([name, maker]) => [name, (options?: unknown) => make(name, maker, options)]),
  ),
  char: counted('char'),
  vector: counted('vector'),
  enum: enumColumn,
  array: arrayColumn,
}) as unknown as MigrationColumns

/** A column of a table as the value type of its expressions. */
export function fieldOfState(table: string, { name, type, nullable }: ColumnState, index: number): ModelField {
  const descriptor = new FieldDescriptor({ type: type.name, options: { nullable }, kind: kindOfType(type) })
  return new ModelField({ modelName: table, table, name, column: name, index, keyless: false }, descriptor)
}

/**
 * The state of a column. `columns` are those that a generated column may read. With null, the state leaves out the expression
 * of a generated column.
 */
export function columnStateFrom(
  table: Pick<TableState, 'name'>,
  name: string,
  given: unknown,
  columns: CallbackColumns | null,
): ColumnState {
  if (!(given instanceof MigrationColumn))
    throw new DefinitionError(
      `The column ${quoted(`${table.name}.${name}`)} is not made by column: write ${quoted(name)}: column.string().`,
    )
  const { type, options } = given
  const { nullable, generated, stored, comment, retired = false } = options
  const fieldOptions: FieldOptions = {
    nullable: nullable === true,
    ...(options.default !== undefined && { dbDefault: defaultOf(`${table.name}.${name}`, type, options.default) }),
    ...(generated !== undefined &&
      columns !== null && {
        generated: typeof generated === 'function' ? (generated as FromColumns)(columns) : generated,
        stored: stored === true,
      }),
    ...(comment !== undefined && { description: comment }),
  }
  const descriptor = new FieldDescriptor({ type: type.name, options: fieldOptions, kind: kindOfType(type) })
  const field = new ModelField(
    { modelName: table.name, table: table.name, name, column: name, index: 0, keyless: false },
    descriptor,
  )
  return { ...columnStateOf(field), retired }
}

/**
 * Reads the default of a column. SQL and defaults of the database are kept as they are; values are read as a field accepts
 * them.
 */
function defaultOf(place: string, type: DataType, given: unknown): unknown {
  if (nodeOf(given) !== undefined || typeof given === 'function' || given === madeBy(type)) return given
  requireValue(`The default of ${quoted(place)}`, type, given)
  return heldValue(type, given)
}

export const isPrimaryKey = (given: unknown): boolean =>
  given instanceof MigrationColumn && given.options.primaryKey === true

/** An object of columns, as a migration writes them. */
export function columnEntries(table: string, given: unknown): readonly (readonly [string, unknown])[] {
  if (!isPlainObject(given))
    throw new DefinitionError(`The columns of ${quoted(table)} are an object: columns: { id: column.id() }.`)
  return Object.entries(given)
}
