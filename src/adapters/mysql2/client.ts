import { type DriverRow, type QueryResult, resultOf, type Statement } from '../../driver/driver.js'
import { UsageError } from '../../errors.js'
import { picked } from '../../util/own.js'
import { isRecord } from '../../util/record.js'
import { type ParsingCommand, takeOverRows } from './row-parser.js'

/** The part of mysql2 (3.24 or newer) that corm uses. */
export interface MysqlClient {
  readonly stream: MysqlStream
  readonly threadId: number | null
  execute(sql: string, values: readonly unknown[], callback: MysqlCallback): MysqlCommand
  query(sql: string, callback: MysqlCallback): MysqlCommand
  unprepare(sql: string): void
  on(event: 'error' | 'end' | 'connect', listener: (error: MysqlFailure) => void): void
  end(): void
  destroy(): void
}
export interface MysqlStream {
  readonly destroyed: boolean
  readonly writable: boolean
  on(event: 'close', listener: () => void): void
  destroy(): void
  ref(): void
  unref(): void
}
export interface MysqlModule {
  createConnection(options: object): MysqlClient
  readonly TypedParameter?: { LONGLONG: { (value: bigint): object; unsigned(value: bigint): object } }
}
interface MysqlCommand extends ParsingCommand {
  options: { disableEval?: boolean }
  on(event: 'fields', listener: (this: MysqlCommand, fields: readonly MysqlField[] | undefined) => void): void
}
export interface MysqlField {
  readonly name: string
  columnType?: number
  characterSet?: number
}
/** The result of a statement without rows. */
export interface MysqlHeader {
  readonly affectedRows: number | string
  readonly insertId: number | string
  readonly info: string
  readonly serverStatus: number
  readonly stateChanges?: {
    readonly systemVariables: Readonly<Record<string, string>>
    readonly schema: string | null
    readonly trackStateChange: string | null
  } | null
}
export interface MysqlFailure {
  readonly errno?: number
  readonly code?: string
  readonly fatal?: boolean
  readonly message: string
}
export type MysqlResult = DriverRow[] | MysqlHeader | (DriverRow[] | MysqlHeader)[]
export type MysqlFields = readonly MysqlField[] | readonly (readonly MysqlField[] | undefined)[] | undefined
export type MysqlCallback = (error: MysqlFailure | null, result: MysqlResult, fields: MysqlFields) => void

/** Column names for which mysql2's generated row reader throws, which closes the connection. Its plain reader takes them. */
const TRAPS = new Set(['__proto__', '__defineGetter__', '__defineSetter__', '__lookupGetter__', '__lookupSetter__'])

/** The type codes of geometries and of bytes, and the character set of bytes. */
const GEOMETRY = 255
const BLOB = 252
const BINARY = 63

function prepareFields(this: MysqlCommand, fields: readonly MysqlField[] | undefined): void {
  if (fields?.some(({ name }) => TRAPS.has(name))) this.options.disableEval = true
  // mysql2 would make objects of them, which can't be written back
  for (const field of fields ?? [])
    if (field.columnType === GEOMETRY) Object.assign(field, { columnType: BLOB, characterSet: BINARY })
}

/** Sends one statement through the prepared protocol. The connection is already set up to return rows as arrays. */
export function execute(
  client: MysqlClient,
  statement: Statement,
  values: readonly unknown[],
  done: MysqlCallback,
): void {
  const command = client.execute(statement.sql, values, done)
  if (!statement.rows) return
  command.on('fields', prepareFields)
  takeOverRows(command)
}

/** Sends a constant text. Values are never inserted into it. */
export function sendText(client: MysqlClient, sql: string, done: MysqlCallback): void {
  client.query(sql, done).on('fields', prepareFields)
}

export const forget = (client: MysqlClient, sql: string) => client.unprepare(sql)

const LARGEST = 2n ** 63n - 1n

/** The class is cached, because mysql2 loads it again each time its property is read. */
const typedParameters = new WeakMap<MysqlModule, MysqlModule['TypedParameter']>()

function typesOf(module: MysqlModule): MysqlModule['TypedParameter'] {
  if (!typedParameters.has(module)) typedParameters.set(module, module.TypedParameter)
  return typedParameters.get(module)
}

/**
 * The driver would send objects and arrays as JSON and NaN as a double, so they are refused here. A bigint is sent as an
 * integer, because the server would compare and add a text as a double.
 */
export function toDriverValues(parameters: readonly unknown[], module: MysqlModule): readonly unknown[] {
  let values: unknown[] | undefined
  for (let i = 0; i < parameters.length; i++) {
    const value = parameters[i]
    if (typeof value === 'string' || value === null || Buffer.isBuffer(value)) continue
    if (typeof value === 'number' && Number.isFinite(value)) continue
    values ??= parameters.slice()
    if (typeof value === 'bigint') values[i] = integerOf(value, typesOf(module))
    else if (typeof value === 'boolean') values[i] = value ? 1 : 0
    else if (value instanceof Uint8Array) values[i] = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    else
      throw new UsageError(
        `Parameter ${i + 1} is ${typeof value === 'number' ? 'not finite' : 'no scalar'}. Nothing was sent.`,
      )
  }
  return values ?? parameters
}

function integerOf(value: bigint, types: MysqlModule['TypedParameter']): unknown {
  if (types === undefined || value < -LARGEST - 1n || value > 2n * LARGEST + 1n) return String(value)
  return value > LARGEST ? types.LONGLONG.unsigned(value) : types.LONGLONG(value)
}

const isHeader = (part: unknown): part is MysqlHeader => isRecord(part) && !Array.isArray(part)

/** The header of a result: the result itself, or its last part for a procedure. */
export function headerOf(result: MysqlResult, fields: MysqlFields): MysqlHeader | undefined {
  if (!Array.isArray(result)) return result
  const last: unknown = isMany(fields) ? result.at(-1) : undefined
  return isHeader(last) ? last : undefined
}

/** A procedure returns a list of results, each with its fields. */
const isMany = (fields: MysqlFields): fields is readonly (readonly MysqlField[] | undefined)[] =>
  fields !== undefined && fields.length > 0 && (fields[0] === undefined || Array.isArray(fields[0]))

/** Whether the statement changed the session: a variable, the database, a temporary table. */
export function isChanged(header: MysqlHeader): boolean {
  const { stateChanges } = picked(header, 'stateChanges')
  if (stateChanges == null) return false
  const { systemVariables, schema, trackStateChange } = stateChanges
  // a server may also report transaction ids here, which are not a change
  return schema !== null || trackStateChange !== null || Object.keys(systemVariables).length > 0
}

export function toResult(result: MysqlResult, fields: MysqlFields, statement: Statement): QueryResult {
  if (!Array.isArray(result)) return toCount(result, statement)
  const rows = isMany(fields) ? (result.find(Array.isArray) ?? []) : result
  if (!statement.namesColumns) return resultOf(rows, rows.length)
  const first = isMany(fields) ? fields.find((part) => part !== undefined) : fields
  return { ...resultOf(rows, rows.length), columns: (first ?? []).map((field) => field.name) }
}

function toCount(header: MysqlHeader, statement: Statement): QueryResult {
  const insertId = typeof header.insertId === 'string' ? BigInt(header.insertId) : header.insertId
  const affected = affectedRows(header, statement)
  return resultOf([], affected, insertId || undefined)
}

/** Recognizes an INSERT in raw SQL. */
const INSERT = /^\s*insert\b/i

/**
 * The number of rows matched by an update, or inserted or changed by an upsert. The server counts a row that an upsert
 * changed twice, and a row that it left as it is not at all. The flag FOUND_ROWS would hide that difference.
 */
function affectedRows({ affectedRows, info }: MysqlHeader, { inserts, hasRawSql, sql }: Statement): number {
  const count = Number(affectedRows)
  const matched = /^Rows matched: (\d+)/.exec(info)
  if (matched !== null) return Number(matched[1])
  if (inserts !== true && !(hasRawSql && INSERT.test(sql))) return count
  const duplicates = /Duplicates: (\d+)/.exec(info)
  if (duplicates !== null) return count - Number(duplicates[1])
  return Math.min(count, 1)
}
