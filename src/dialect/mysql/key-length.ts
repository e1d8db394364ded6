import type { DataType } from '../../ast/data-type.js'
import type { CreateTableNode } from '../../ast/definition.js'
import { UnsupportedError } from '../../errors.js'

// The limits of InnoDB on the length of index keys.

const KEY_BYTES = 3072

/** Bytes of a character in utf8mb4. */
const CHARACTER = 4

/** The longest VARCHAR that fits into one key. */
export const KEY_CHARACTERS = KEY_BYTES / CHARACTER

/** How much of a text without a length an index covers: three such texts fit into a key. */
const PREFIX = 255

/** The length of a VARCHAR without `max`. */
export const DEFAULT_LENGTH = 255

/** An upper bound on the bytes of a type of fixed size. */
const FIXED = 32

const isText = ({ name }: DataType) =>
  name === 'string' || name === 'char' || name === 'text' || name === 'json' || name === 'array'

/** Whether the column is too long for a key. For a column type that the user wrote this is not known. */
export function isLongKey(type: DataType): boolean {
  const { name, length = DEFAULT_LENGTH, sql } = type
  if (sql !== undefined) return /text|blob/i.test(sql)
  if (name === 'text' || name === 'json' || name === 'array' || name === 'binary') return true
  return isText(type) && length > KEY_CHARACTERS
}

const charactersOf = (type: DataType) => (isLongKey(type) ? PREFIX : (type.length ?? DEFAULT_LENGTH))

function bytesOf(type: DataType): number {
  if (type.sql !== undefined) return isLongKey(type) ? PREFIX * CHARACTER : FIXED
  if (isText(type)) return charactersOf(type) * CHARACTER
  if (type.name === 'uuid') return 36 * CHARACTER
  return type.name === 'binary' ? PREFIX : FIXED
}

const total = (types: readonly DataType[]) => types.reduce((sum, type) => sum + bytesOf(type), 0)

/** How many characters of each column the index covers; undefined means the whole column. */
export function prefixesOf(types: readonly DataType[]): readonly (number | undefined)[] {
  const texts = types.filter((type) => isText(type) && type.sql === undefined)
  const left = KEY_BYTES - total(types.filter((type) => !texts.includes(type)))
  // the longest columns are shortened first
  const most = total(types) <= KEY_BYTES ? KEY_CHARACTERS : Math.floor(left / CHARACTER / texts.length)
  return types.map((type) => {
    const wanted = charactersOf(type)
    if (texts.includes(type) && wanted > most) return most
    return isLongKey(type) ? wanted : undefined
  })
}

export function refuseLongKey({ table, columns, primaryKey }: CreateTableNode, dialect: string): void {
  const keys = columns.filter(({ name }) => primaryKey.includes(name)).map(({ type }) => type)
  if (
    total(keys) <= KEY_BYTES &&
    !keys.some((type) => type.name === 'json' || type.name === 'array' || (type.name === 'string' && isLongKey(type)))
  )
    return
  throw new UnsupportedError(
    `A primary key of more than ${KEY_BYTES} bytes ("${table}")`,
    dialect,
    `Keep its texts under ${KEY_CHARACTERS} characters together: Field.string({ max }).`,
  )
}
