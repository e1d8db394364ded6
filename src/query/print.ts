import { UsageError } from '../errors.js'
import { toHex } from '../util/bytes.js'
import { andThen, type MaybePromise } from '../util/maybe-promise.js'
import { own } from '../util/own.js'
import { drawTable } from '../util/table.js'
import { isPlainObject } from './condition/where.js'
import type { QueryState, Table } from './runner.js'

interface Output {
  write(text: string): unknown
}

/** Runs a query and writes its rows as a table, for people. */
export function print(query: QueryState, given: unknown): MaybePromise<void> {
  const { width, stream } = parsePrint(given)
  return andThen(query.source.runner.table(query), (table) => void stream.write(tableText(table, width)))
}

function parsePrint(given: unknown): { readonly width: number; readonly stream: Output } {
  if (given !== undefined && !isPlainObject(given))
    throw new UsageError('print() takes an object: print({ width: 80 }).')
  const options = own(given as { width?: unknown; stream?: unknown } | undefined)
  for (const name of Object.keys(options))
    if (name !== 'width' && name !== 'stream')
      throw new UsageError(`print() has no option "${name.slice(0, 40)}". It takes width, stream.`)
  const { width = 120, stream = process.stdout } = options
  if (typeof width !== 'number' || !(width >= 10))
    throw new UsageError('The width of print() is a number of at least 10.')
  if (typeof (stream as Output | null)?.write !== 'function')
    throw new UsageError('The stream of print() is something to write to, like process.stderr.')
  return { width, stream: stream as Output }
}

function tableText({ names, rows }: Table, width: number): string {
  const toRight = names.map((_, i) => rows.some((row) => isNumeric(row[i])))
  const texts = rows.map((row) => row.map((value) => textOf(value, width)))
  return `${drawTable(names, texts, { width, toRight })}\n(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})\n`
}

const isNumeric = (value: unknown) =>
  typeof value === 'number' || typeof value === 'bigint' || (value as object | null)?.constructor?.name === 'Decimal'

/** A value for a person's eye; null stands out from the empty text by its name. */
function textOf(value: unknown, width: number): string {
  if (value === null || typeof value !== 'object') return String(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `0x${toHex(value.subarray(0, Math.min(value.length, width)))}`
  const speaks = value.toString !== Object.prototype.toString && !Array.isArray(value)
  return speaks ? String(value) : JSON.stringify(value)
}
