import { RAW, VALUE_TYPE } from '../../ast/bases.js'
import type { ValueType } from '../../ast/data-type.js'
import type { ExpressionNode, OrderNode } from '../../ast/expression.js'
import type { Dialect } from '../../dialect/dialect.js'
import type { Executor } from '../../execution/executor.js'
import { atField, keyText } from '../../hydrate/unreadable.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { Query } from '../../query/builder/query-builder.js'
import { pickedQuery } from '../../query/builder/values.js'
import { columnOf } from '../../query/columns/columns.js'
import { afterValues, type KeysetColumn } from '../../query/pages/keyset.js'
import { selectionOf } from '../../query/statement/selections.js'
import { memo } from '../../util/memo.js'
import { keyLists } from '../runtime/key-lists.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { plannedFor, send } from './send.js'

// Rows as the database stores them, without instances: all of them, whatever scopes hide (those of locked scopes stay hidden), in
// canonical form. No hook runs.

/** A part of the rows, in the order of the primary key. */
export interface StoredPage {
  readonly fields: readonly ModelField[]
  /** The canonical key of the row before; null: from the first one on. */
  readonly after: readonly unknown[] | null
  readonly count: number
}

/** Rows in the order of their keys, which is the same on every database. */
export async function storedPage(
  runtime: ModelRuntime,
  executor: Executor,
  { fields, after, count }: StoredPage,
): Promise<unknown[][]> {
  const columns = runtime.meta.primaryKey.map((field) => keyColumn(field, executor.dialect))
  const ordered = everyRow(runtime, executor).ordered(columns.map(({ order }) => order))
  const { nullsLargest } = executor.dialect.capabilities
  const rest = after === null ? ordered : ordered.restrict(afterValues(columns, after, nullsLargest))
  return readRows(rest.limit(count), executor, fields)
}

/** How many rows there are. */
export const countStored = (runtime: ModelRuntime, executor: Executor): Promise<number> =>
  everyRow(runtime, executor).count()

/** Those of these canonical keys that are there. */
export async function storedKeys(
  runtime: ModelRuntime,
  executor: Executor,
  keys: readonly (readonly unknown[])[],
): Promise<unknown[][]> {
  const { primaryKey } = runtime.meta
  const found: unknown[][] = []
  for (const { condition } of keyLists(primaryKey, keys, executor.dialect, { typeOf: canonicalType })) {
    const query = everyRow(runtime, executor).restrict(condition).all()
    found.push(...(await readRows(query, executor, primaryKey)))
  }
  return found
}

/** Those of these canonical values that the field has in some row, in whatever scopes, locked ones too. */
export async function storedValues(
  runtime: ModelRuntime,
  executor: Executor,
  field: ModelField,
  values: readonly unknown[],
): Promise<unknown[]> {
  const found: unknown[] = []
  const rows = runtime.query(executor, 'own').anyRow()
  const lists = values.map((value) => [value])
  for (const { condition } of keyLists([field], lists, executor.dialect, { typeOf: canonicalType })) {
    const read = await readRows(rows.restrict(condition).all(), executor, [field])
    for (const [value] of read) found.push(value)
  }
  return found
}

const everyRow = (runtime: ModelRuntime, executor: Executor): Query => runtime.query(executor, 'own').everyRow()

const types = new WeakMap<ModelField, ValueType>()

/** The type of keys that were read, which are canonical already. */
const canonicalType = (field: ModelField): ValueType =>
  memo(types, field, ({ dataType, refuse }) => ({ ...VALUE_TYPE, dataType, check: (value) => value, refuse }))

const TEXTS: ReadonlySet<string> = new Set(['string', 'text', 'char', 'enum'])

function keyColumn(field: ModelField, { textByBytes }: Dialect): KeysetColumn {
  const column: ExpressionNode = columnOf(field)
  const expression: ExpressionNode =
    textByBytes === null || !TEXTS.has(field.dataType.name) || typeof field.dataType.values?.[0] === 'number'
      ? column
      : { ...RAW, texts: ['', textByBytes], nodes: [column], dynamic: false, ours: true }
  const order: OrderNode = { kind: 'order', expression, direction: 'asc', nulls: null }
  return { field, type: canonicalType(field), nullable: false, label: field.name, order }
}

async function readRows(query: Query, executor: Executor, fields: readonly ModelField[]): Promise<unknown[][]> {
  const picked = fields.map((field) => ({ name: field.name, selection: selectionOf(field) }))
  const planned = plannedFor(pickedQuery(query, picked), executor.dialect)
  const { rows } = await send(planned, query, executor, true)
  const decoders = fields.map((field) => executor.dialect.codec(field).decode)
  for (const row of rows)
    for (const [i, decode] of decoders.entries())
      if (decode !== null && row[i] !== null) row[i] = decoded(decode, row, i, fields)
  return rows
}

/** The canonical form of one value of a row. */
function decoded(
  decode: (raw: unknown) => unknown,
  row: readonly unknown[],
  at: number,
  fields: readonly ModelField[],
): unknown {
  try {
    return decode(row[at])
  } catch (error) {
    const keys = fields.flatMap(({ primaryKey, name }, i) => (primaryKey ? [[name, row[i]] as const] : []))
    throw atField(error, fields[at] ?? null, keyText(keys))
  }
}
