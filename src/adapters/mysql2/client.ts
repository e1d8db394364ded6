import { type QueryResult, type Row, resultOf, type Statement } from '../../driver/driver.js'
import { UsageError } from '../../errors.js'
import { picked } from '../../util/own.js'
import { isRecord } from '../../util/record.js'
import { type ParsingCommand, takeOverRows } from './row-parser.js'

/** The part of mysql2 (3.24 or newer) that is used here. */
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
}
/** What comes back for a statement without rows. */
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
export type MysqlResult = Row[] | MysqlHeader | (Row[] | MysqlHeader)[]
export type MysqlFields = readonly MysqlField[] | readonly (readonly MysqlField[] | undefined)[] | undefined
export type MysqlCallback = (error: MysqlFailure | null, result: MysqlResult, fields: MysqlFields) => void

/** Names for which mysql2's generated row reader throws, which closes the connection; the plain one takes them. */
const TRAPS = new Set(['__proto__', '__defineGetter__', '__defineSetter__', '__lookupGetter__', '__lookupSetter__'])

function guardNames(this: MysqlCommand, fields: readonly MysqlField[] | undefined): void {
  if (fields?.some(({ name }) => TRAPS.has(name))) this.options.disableEval = true
}

/** Sends one statement through the prepared protocol. That rows are arrays is said once, for the connection. */
export function execute(
  client: MysqlClient,
  statement: Statement,
  values: readonly unknown[],
  done: MysqlCallback,
): void {
  const command = client.execute(statement.sql, values, done)
  if (!statement.rows) return
  command.on('fields', guardNames)
  takeOverRows(command)
}

/** Sends a constant text. Nothing is ever put into it. */
export function sendText(client: MysqlClient, sql: string, done: MysqlCallback): void {
  client.query(sql, done).on('fields', guardNames)
}

export const forget = (client: MysqlClient, sql: string) => client.unprepare(sql)

const LARGEST = 2n ** 63n - 1n

/** mysql2 loads it again each time it is read: once for each module is enough. */
const typedParameters = new WeakMap<MysqlModule, MysqlModule['TypedParameter']>()

function typesOf(module: MysqlModule): MysqlModule['TypedParameter'] {
  if (!typedParameters.has(module)) typedParameters.set(module, module.TypedParameter)
  return typedParameters.get(module)
}

/**
 * The driver sends objects and arrays as JSON and NaN as a double: they are refused here, whoever sends them. A bigint goes
 * as the integer it is; as text it would be compared and added as a double.
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

/** The header of a result: alone, or the last part of what a procedure gives. */
export function headerOf(result: MysqlResult, fields: MysqlFields): MysqlHeader | undefined {
  if (!Array.isArray(result)) return result
  const last: unknown = isMany(fields) ? result.at(-1) : undefined
  return isHeader(last) ? last : undefined
}

/** A procedure gives a list of results, each with its fields. */
const isMany = (fields: MysqlFields): fields is readonly (readonly MysqlField[] | undefined)[] =>
  fields !== undefined && fields.length > 0 && (fields[0] === undefined || Array.isArray(fields[0]))

/** Whether the statement changed the session: its variables, its database, its temporary tables. */
export function isChanged(header: MysqlHeader): boolean {
  const { stateChanges } = picked(header, 'stateChanges')
  if (stateChanges == null) return false
  const { systemVariables, schema, trackStateChange } = stateChanges
  // a server may report transaction ids in the same place
  return schema !== null || trackStateChange !== null || Object.keys(systemVariables).length > 0
}

export function toResult(result: MysqlResult, fields: MysqlFields, statement: Statement): QueryResult {
  if (!Array.isArray(result)) return toCount(result, statement)
  const rows = isMany(fields) ? (result.find(Array.isArray) ?? []) : result
  if (statement.names !== true) return resultOf(rows, rows.length)
  const first = isMany(fields) ? fields.find((part) => part !== undefined) : fields
  return { ...resultOf(rows, rows.length), columns: (first ?? []).map((field) => field.name) }
}

function toCount(header: MysqlHeader, statement: Statement): QueryResult {
  const insertId = typeof header.insertId === 'string' ? BigInt(header.insertId) : header.insertId
  const affected = affectedRows(header, statement)
  return resultOf([], affected, insertId || undefined)
}

/** In SQL of the user's own. */
const INSERT = /^\s*insert\b/i

/**
 * Rows matched by an update, and rows inserted or changed by an upsert: the server counts those it changed once more. An
 * upsert that leaves the row as it is counts none, which the flag FOUND_ROWS would hide.
 */
function affectedRows({ affectedRows, info }: MysqlHeader, { inserts, names, sql }: Statement): number {
  const count = Number(affectedRows)
  const matched = /^Rows matched: (\d+)/.exec(info)
  if (matched !== null) return Number(matched[1])
  if (inserts !== true && !(names !== undefined && INSERT.test(sql))) return count
  const duplicates = /Duplicates: (\d+)/.exec(info)
  if (duplicates !== null) return count - Number(duplicates[1])
  return Math.min(count, 1)
}
