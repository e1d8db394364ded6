import { toHex } from '../../util/bytes.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { drawTable } from '../../util/table.js'
import { printOptions } from '../options.js'
import type { QueryState, Table } from '../runner/runner.js'

/** Runs a query and writes its rows as a table, for people. */
export function print(query: QueryState, given: unknown): MaybePromise<void> {
  const { width = 120, stream = process.stdout } = printOptions(given)
  return andThen(query.source.runner.table(query), (table) => void stream.write(tableText(table, width)))
}

function tableText({ names, rows }: Table, width: number): string {
  const toRight = names.map((_, i) => rows.some((row) => isNumeric(row[i])))
  const texts = rows.map((row) => row.map((value) => textOf(value, width)))
  return `${drawTable(names, texts, { width, toRight })}\n(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})\n`
}

const isNumeric = (value: unknown) =>
  typeof value === 'number' || typeof value === 'bigint' || (value as object | null)?.constructor?.name === 'Decimal'

/** A value as text for people, which shows the difference between null and an empty text. */
function textOf(value: unknown, width: number): string {
  if (value === null || typeof value !== 'object') return String(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `0x${toHex(value.subarray(0, Math.min(value.length, width)))}`
  if (value instanceof Float32Array) return `[${value.subarray(0, width).join()}]`
  const speaks = value.toString !== Object.prototype.toString && !Array.isArray(value)
  return speaks ? String(value) : JSON.stringify(value)
}
