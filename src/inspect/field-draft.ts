import type { DataType } from '../ast/data-type.js'
import type { CatalogColumn, CatalogSupport, CatalogWords, InspectedType } from '../dialect/catalog.js'
import { type DraftOptions, type DraftValue, type FieldDraft, SqlText } from './draft.js'
import { isDefaultColumn } from './names.js'

interface MakerCall {
  readonly maker: string
  readonly first?: readonly DraftValue[]
  readonly options?: DraftOptions
}

const DEFAULT_LENGTH = 255

/** The options for values that another program stores in its own form. */
function storageOptions({ storage }: DataType): DraftOptions {
  if (storage === undefined) return {}
  const { form, zone, digits, trim, words } = storage
  return {
    ...(form !== 'text' || words !== undefined ? { storage: form } : {}),
    ...(zone !== undefined && { zone }),
    ...(digits !== undefined && { digits }),
    ...(trim !== undefined && { trim }),
    ...(words !== undefined && { words: [...words] }),
  }
}

/** The maker of a field of this type. */
function makerOf(type: DataType): MakerCall {
  const { name, length, precision, scale, values = [], element } = type
  switch (name) {
    case 'string':
      return { maker: 'string', options: length === undefined || length === DEFAULT_LENGTH ? {} : { max: length } }
    case 'char':
      return { maker: 'char', first: [length ?? 1] }
    case 'decimal':
      return {
        maker: 'decimal',
        options: { ...(precision !== undefined && { precision }), ...(scale !== undefined && { scale }) },
      }
    case 'dateTime':
      return { maker: 'dateTime', options: (precision ?? 3) > 3 && type.storage === undefined ? { precision: 6 } : {} }
    case 'enum':
      return { maker: 'enum', first: [enumSource(values)] }
    case 'vector':
      return { maker: 'vector', first: [length ?? 1] }
    case 'array':
      return { maker: 'array', first: element === undefined ? [] : [new ElementDraft(makerOf(element.dataType))] }
    case 'number':
      return { maker: 'float' }
    default:
      return { maker: name }
  }
}

/** The values of an enum. Numbers become the values of an object. */
const enumSource = (values: readonly (string | number)[]): DraftValue =>
  values.every((value) => typeof value === 'string')
    ? [...values]
    : Object.fromEntries(values.map((value) => [`value${value}`.replace('-', 'Minus'), value]))

/** The field of the elements of an array. */
export class ElementDraft {
  constructor(readonly made: MakerCall) {}
}

/** Whether fields of this maker can be auto-incremented. */
const isCounted = (maker: string) => maker === 'integer' || maker === 'bigInteger'

const isNumbered = ({ type: { autoIncrement } }: InspectedType) => autoIncrement === true

interface FieldContext {
  readonly name: string
  /** Whether the column is part of the primary key. */
  readonly isKey: boolean
  /** Whether the table has no primary key, so that the columns that stand for it may be null. */
  readonly isKeyless: boolean
  /** Whether the column references another table. */
  readonly isForeign: boolean
  readonly words: CatalogWords
  readonly typeText: CatalogSupport['typeText']
}

/** The draft of a field for a column that is not a foreign key. */
export function fieldDraft(
  column: CatalogColumn,
  inspected: InspectedType,
  { name, isKey, isKeyless, isForeign, words, typeText }: FieldContext,
): FieldDraft {
  const { type, custom = false, as } = inspected
  const isId =
    isKey &&
    isNumbered(inspected) &&
    // SQLite would auto-increment it, although its values come from another table
    !(isForeign && !column.numbered) &&
    (type.name === 'integer' || type.name === 'bigInteger' || type.name === 'smallInteger')
  const made = custom ? { maker: 'custom' } : isId ? idOf(type) : makerOf(type)
  const { first = [], options = {} } = made
  return {
    name,
    column,
    inspected,
    columnType: typeText(column),
    maker: made.maker,
    first,
    options: {
      ...(isDefaultColumn(name, column.name) ? {} : { column: column.name }),
      ...options,
      ...(as !== undefined && { as }),
      ...storageOptions(type),
      ...(type.sql !== undefined && { sql: type.sql }),
      ...(isKey && !isId && { primaryKey: true }),
      ...(column.numbered && isNumbered(inspected) && !isId && isCounted(made.maker) && { autoIncrement: true }),
      ...(column.nullable && (!isKey || isKeyless) && { nullable: true }),
      ...defaultOptions(column, type, words),
      ...(column.comment !== null && { description: column.comment }),
    },
  }
}

const idOf = (type: DataType): MakerCall => ({
  maker: type.name === 'bigInteger' ? 'bigId' : 'id',
  options: type.reuse === true ? { reuse: true } : {},
})

/** A default of the database, or the expression of a generated column. */
function defaultOptions(
  { default: value, generated }: CatalogColumn,
  type: DataType,
  words: CatalogWords,
): DraftOptions {
  if (generated !== null)
    return { generated: new SqlText(generated.expression), ...(generated.stored && { stored: true }) }
  if (value === null) return {}
  return { dbDefault: simpleDefault(value, type, words) ?? new SqlText(value) }
}

const INTEGERS: ReadonlySet<string> = new Set(['integer', 'smallInteger'])
const TEXTS: ReadonlySet<string> = new Set(['string', 'text'])

/** The default as a plain number or text, undefined if it is an expression. */
function simpleDefault(sql: string, { name, length = 1000, sql: own }: DataType, words: CatalogWords): DraftValue {
  if (own !== undefined) return undefined
  if (INTEGERS.has(name) && /^-?(?:0|[1-9]\d{0,4})$/.test(sql)) return Number(sql)
  const text = words.textIn(sql)
  // backslashes are left out, because dialects escape them differently
  return text === null || !TEXTS.has(name) || text.includes('\\') || [...text].length > length ? undefined : text
}
