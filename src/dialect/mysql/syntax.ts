import type { DataType } from '../../ast/data-type.js'
import type { MadeDefault } from '../../ast/definition.js'
import { quoter } from '../../compiler/identifier.js'
import type { SqlSyntax, SqlWriter } from '../../compiler/writer.js'
import { DefinitionError, UsageError } from '../../errors.js'
import { toBuffer, toHex } from '../../util/bytes.js'
import { formatDateTime } from '../../util/date-text.js'
import { mysqlCodec } from './types.js'

export const IDENTIFIERS = { longest: 64, unit: 'characters' } as const

const withinLimit = quoter('`', IDENTIFIERS)

/** Refuses characters that names can't have: https://dev.mysql.com/doc/refman/8.4/en/identifiers.html */
export function quote(name: string): string {
  if (/[\ud800-\udfff]/.test(name))
    throw new DefinitionError(
      `The name "${name.slice(0, 80)}" has a character beyond U+FFFF, like an emoji, which the database does not take in names. Choose another one.`,
    )
  return withinLimit(name)
}

/**
 * Correct whatever the sql_mode says about backslashes: a text with a backslash or a control character is written in
 * hexadecimal. `_utf8mb4 x'…'` would not work, because MariaDB stores CHECKs and generated columns as text and loses the
 * backslash.
 */
export function literal(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return Object.is(value, -0) ? '-0e0' : String(value)
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return `x'${toHex(value)}'`
  const text = String(value)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not stand in the text
  if (/[\\\u0000-\u001f]/.test(text)) return `convert(x'${toHex(Buffer.from(text))}' using utf8mb4)`
  return `'${text.replaceAll("'", "''")}'`
}

/** A comment can't be hexadecimal. With quotes and backslashes doubled, the text ends in the right place in every sql_mode. */
export const commentLiteral = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

const UNTYPED = 'Text, numbers, bigints, booleans, dates and bytes can be bound in raw SQL'

/** Accepts only scalars, because the driver would send an object as JSON and NaN as a double. */
function encodeUntyped(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'bigint':
      return value
    case 'boolean':
      return value ? 1 : 0
    case 'number':
      if (Number.isFinite(value)) return value
      throw new UsageError(`${UNTYPED}; NaN and Infinity have no form in this database.`)
  }
  if (value instanceof Date) return formatDateTime(value)
  if (value instanceof Uint8Array) return toBuffer(value)
  const kind = Array.isArray(value) ? 'an array' : value === null ? 'null' : `of type ${typeof value}`
  throw new UsageError(`${UNTYPED}, but a value is ${kind}. Write JSON.stringify(value) for JSON.`)
}

/** Written so that the time zone of the inserting session does not matter. */
function madeDefault(made: MadeDefault, { name, precision = 3 }: DataType): string {
  if (made === 'uuid') return 'uuid()'
  if (name === 'date') return 'utc_date()'
  return name === 'time' ? 'utc_time(6)' : `utc_timestamp(${precision > 3 ? 6 : 3})`
}

export const mysqlSyntax: SqlSyntax = {
  quote,
  placeholder: () => '?',
  codec: mysqlCodec,
  encodeUntyped,
  literal,
  madeDefault,
  truth: (value) => (value ? '1 = 1' : '1 = 0'),
}

/** The table that an INSERT, UPDATE or DELETE changes, while the statement is being written. */
export interface WriteTarget {
  readonly table: string
  readonly alias: string | null
  /** Columns are written with the table's name, even if the nodes have an alias. */
  readonly qualify: boolean
  /** Sub-selects must hide the table, because the server refuses to read from the table that it changes. */
  readonly hide: boolean
}

const targets = new WeakMap<SqlWriter, WriteTarget & { readonly depth: number }>()

export const targetOf = (out: SqlWriter): WriteTarget | undefined => targets.get(out)

/** Whether the writer is in the statement itself, not in a select inside it. */
export const isInTarget = (out: SqlWriter): boolean => targets.get(out)?.depth === out.frames.depth

export function withTarget(out: SqlWriter, target: WriteTarget, write: () => void): void {
  const outer = targets.get(out)
  targets.set(out, { ...target, depth: out.frames.depth })
  write()
  if (outer === undefined) targets.delete(out)
  else targets.set(out, outer)
}

/** The option of a view that reads with the rights of who asks, and not of who made it. */
export const INVOKER = 'sql security invoker'
