import type { SchemaState } from '../ast/schema.js'
import { rawExecute, rawSelect } from '../database/raw.js'
import { MigrationError, UsageError } from '../errors.js'
import type { Executor } from '../execution/executor.js'
import { tableIn } from '../schema/operation/kind.js'
import type { Sql } from '../types/expression.js'
import type { MigrationData, MigrationTable } from '../types/migration.js'
import { requireList } from '../util/arguments.js'
import { isWhole } from '../util/number.js'
import { isPlainObject } from '../util/own.js'
import { rowsOf, type TableRow, type TableRows } from './rows.js'

/** The progress of a data change that runs in batches. */
export interface Cursor {
  /** The number of the call of `batches`, counted from 0. */
  readonly call: number
  /** The key of the last row of the last batch. */
  readonly after: readonly unknown[]
}

/** Stores the progress of a data change. */
export interface BatchProgress {
  /** Where to continue an interrupted run, null for the beginning. */
  readonly from: Cursor | null
  /** Commits the finished batches together with the progress. */
  commit(cursor: Cursor): Promise<void>
}

const BATCH = 1000

/** The argument of a `data` operation. `executor` returns the connection that its statements currently run on. */
export class DataAccess implements MigrationData {
  readonly #state: SchemaState
  readonly #executor: () => Executor
  readonly #progress: BatchProgress | null
  #calls = 0

  constructor(state: SchemaState, executor: () => Executor, progress: BatchProgress | null) {
    this.#state = state
    this.#executor = executor
    this.#progress = progress
  }

  get dialect(): string {
    return this.#executor().dialect.name
  }

  execute(statement: Sql): Promise<number> {
    return rawExecute(this.#executor(), statement)
  }

  select<T = Record<string, unknown>>(statement: Sql): Promise<T[]> {
    return rawSelect<T>(this.#executor(), statement)
  }

  table(name: string): MigrationTable {
    const rows = rowsOf(tableIn(this.#state, name))
    const executor = this.#executor
    return {
      batches: (size = BATCH) => {
        if (!isWhole(size) || size < 1) throw new UsageError('batches() takes the number of rows of a batch.')
        return this.#batches(rows, size)
      },
      rows: async (where) => rows.rows(executor(), conditionOf(where, 'rows()')),
      count: async (where) => rows.count(executor(), conditionOf(where, 'count()')),
      async insert(given) {
        requireList(given, 'insert()', 'rows')
        return rows.insert(executor(), given)
      },
      update: async (where, values) => rows.update(executor(), conditionOf(where, 'update()'), valuesOf(values)),
      delete: async (where) => rows.delete(executor(), conditionOf(where, 'delete()')),
    }
  }

  async *#batches(rows: TableRows, size: number): AsyncGenerator<TableRow[]> {
    const call = this.#calls++
    const from = this.#progress?.from ?? null
    if (from !== null && call < from.call) return
    let after = from !== null && call === from.call ? from.after : null
    for (;;) {
      const page = await rows.page(this.#executor(), after, size)
      if (page.last === null) return
      yield [...page.rows]
      after = page.last
      await this.#progress?.commit({ call, after })
    }
  }
}

/** The condition of a call. `undefined` only means "no condition" if the call was made without one. */
function conditionOf(where: unknown, call: string): TableRow {
  if (where === undefined && (call === 'rows()' || call === 'count()')) return {}
  if (isPlainObject(where)) return where
  throw new UsageError(`${call} of a table takes an object of values by column.`)
}

function valuesOf(values: unknown): TableRow {
  if (isPlainObject(values)) return values
  throw new UsageError('update() of a table takes its new values as an object.')
}

/** A cursor as text. */
export function cursorText({ call, after }: Cursor): string {
  const values = after.map((value) => {
    if (typeof value === 'bigint') return { integer: String(value) }
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
    throw new MigrationError('Batches that are committed one by one need a primary key of numbers or texts.')
  })
  return JSON.stringify({ call, after: values })
}

/** Parses the text of a cursor, null if it is not one. */
export function readBatchCursor(text: string | null): Cursor | null {
  if (text?.startsWith('{"call":') !== true) return null
  const { call, after } = JSON.parse(text) as { call: number; after: unknown[] }
  const values = after.map((value) => (isPlainObject(value) ? BigInt(String(value.integer)) : value))
  return { call, after: values }
}
