import type { DataType, DataTypeName } from '../../ast/data-type.js'

// SQLite has five column types, and keeps the text of CREATE TABLE. So the type of a column, and what is said about it, stand
// there as a comment between the name and the type, where ALTER TABLE keeps it: "price" /*corm decimal(10, 2): in euros*/ INTEGER

/** The type of a column without what its declaration says itself: `sql` and `autoIncrement`. */
export type CommentedType = Pick<DataType, 'name' | 'length' | 'precision' | 'scale' | 'values' | 'storage' | 'element'>

/** What a comment says. Without a type it is that of a table. */
export interface TypeComment {
  readonly type: CommentedType | null
  readonly text: string | null
}

type Argument = 'length' | 'precision' | 'scale'

const ARGUMENTS: ReadonlyMap<DataTypeName, readonly Argument[]> = new Map([
  ['decimal', ['precision', 'scale']],
  ['time', []],
  ['dateTime', ['precision']],
])

const argumentsOf = (name: DataTypeName): readonly Argument[] => ARGUMENTS.get(name) ?? ['length']

/** Writes the comment of a column, or of a table, whose type is null. */
export function typeComment(type: CommentedType | null, text: string | null): string {
  const head = type === null ? 'corm' : `corm ${typeText(type)}`
  // an escaped end of a comment gets one more backslash, so that each text is read as it was
  return `/*${(text === null ? head : `${head}: ${text}`).replace(/\*(\\*)\//g, '*\\$1/')}*/`
}

function typeText(type: CommentedType): string {
  const { name, values, storage, element } = type
  if (element !== undefined)
    return `array of ${typeText(element.dataType)}${element.nullable ? ' null' : ''}${storageText(storage)}`
  const given: readonly unknown[] = values ?? argumentsOf(name).map((member) => type[member] ?? null)
  const last = given.findLastIndex((value) => value !== null)
  const list =
    last < 0
      ? ''
      : `(${given
          .slice(0, last + 1)
          .map((value) => JSON.stringify(value))
          .join(', ')})`
  return `${name}${list}${storageText(storage)}`
}

const storageText = (storage: DataType['storage']) => (storage === undefined ? '' : ` as ${JSON.stringify(storage)}`)

const STRING = '"(?:[^"\\\\]|\\\\.)*"'
/** A type at the beginning of a text: its name, arguments, `null` for elements of an array, and the storage as JSON. */
const TYPE = new RegExp(`^(\\w+)(?:\\(((?:${STRING}|[^")])*)\\))?( null)?(?: as (\\{(?:${STRING}|[^"}])*\\}))?`, 's')

/** Reads a comment that `typeComment` wrote; null for any other comment. */
export function readTypeComment(comment: string): TypeComment | null {
  const inner = /^\/\*corm(?=[ :*])(.*)\*\/$/s.exec(comment)?.[1]?.replace(/\*\\(\\*)\//g, '*$1/')
  if (inner === undefined) return null
  if (inner === '') return { type: null, text: null }
  if (inner.startsWith(': ')) return { type: null, text: inner.slice(2) }
  const read = readType(inner.slice(1))
  if (read === null || (read.rest !== '' && !read.rest.startsWith(': '))) return null
  return { type: read.type, text: read.rest === '' ? null : read.rest.slice(2) }
}

interface ParsedType {
  readonly type: CommentedType
  readonly nullable: boolean
  readonly rest: string
}

function readType(text: string): ParsedType | null {
  if (text.startsWith('array of ')) {
    const inner = readType(text.slice('array of '.length))
    if (inner === null) return null
    const { storage, ...dataType } = inner.type
    const element = { dataType, nullable: inner.nullable, check: (value: unknown) => value, load: null }
    return { ...inner, nullable: false, type: { name: 'array', element, ...(storage && { storage }) } }
  }
  const match = TYPE.exec(text)
  if (match === null) return null
  const [found, word = '', list = '', isNull, storage] = match
  const name = word as DataTypeName
  try {
    const given: unknown[] = JSON.parse(`[${list}]`)
    const members = argumentsOf(name).flatMap((member, i) => {
      const value = given[i]
      return name === 'enum' || typeof value !== 'number' ? [] : [[member, value] as const]
    })
    const type: CommentedType = {
      name,
      ...Object.fromEntries(members),
      ...(name === 'enum' && { values: given as (string | number)[] }),
      ...(storage !== undefined && { storage: JSON.parse(storage) as NonNullable<DataType['storage']> }),
    }
    return { type, nullable: isNull !== undefined, rest: text.slice(found.length) }
  } catch {
    return null
  }
}
