import { SerializationError, UniqueViolationError } from '../../errors.js'
import type { Executor, OpenTransaction } from '../../execution/executor.js'
import { isNothing } from '../../metadata/key/comparison.js'
import { Key } from '../../metadata/key/key.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { Query } from '../../query/builder/query-builder.js'
import { keyLists } from '../runtime/key-lists.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { canonical } from './canonical.js'
import { doubtful, left } from './locked.js'
import type { CanonicalRow } from './prepare.js'

/** What the guard needs to know about the upsert. */
interface LockedUpsert {
  readonly rows: readonly CanonicalRow[]
  /** The fields that identify a row. */
  readonly fields: readonly ModelField[]
  /** Sends the upsert. Returns the number of new rows if the database reports it. */
  send(executor: Executor): Promise<number>
}

const RETRIES = 5

/**
 * Upserts into a model with locked scopes. It never overwrites a row that the scopes hide: such a row is reported like any other
 * conflict. Afterwards all rows must be in the scopes. A row that is inserted at the same time is found in the next attempt.
 */
export function upsertLocked(runtime: ModelRuntime, executor: Executor, upsert: LockedUpsert): Promise<number> {
  const work = (trx: OpenTransaction) => upsertIn(runtime, trx, upsert)
  return executor.openTransaction === null
    ? executor.transaction(work, { retries: RETRIES })
    : executor.transaction(work)
}

async function upsertIn(
  runtime: ModelRuntime,
  trx: OpenTransaction,
  { rows, fields, send }: LockedUpsert,
): Promise<number> {
  const { meta } = runtime
  const keyOf = (row: CanonicalRow) => Key.of(fields).valuesInRow(row)
  const keys = rows.map(keyOf).filter((key) => !key.some(isNothing))
  const any = { query: runtime.query(trx, 'own').anyRow(), fields, keys }
  const shown = { query: runtime.query(trx, 'own').everyRow(), fields, keys }
  const all = await count(any, trx, true)
  if (all > (await count(shown, trx))) throw taken(meta, fields)
  // a row without a complete key can't be looked up afterwards
  const others = rows.filter((row) => keyOf(row).some(isNothing))
  if (doubtful(runtime, others).length > 0) throw left(meta, 'create')
  const inserted = await send(trx)
  if (trx.dialect.wasInserted !== null && inserted < rows.length - all)
    throw new SerializationError(
      `Another transaction has made a row of "${meta.name}" meanwhile. Run the transaction again: transaction(fn, { retries: 3 }).`,
    )
  if ((await count(shown, trx)) < keys.length) throw left(meta, 'update')
  return inserted
}

interface KeyQuery {
  readonly query: Query
  readonly fields: readonly ModelField[]
  readonly keys: readonly (readonly unknown[])[]
}

/** How many rows of a query have one of these keys. */
async function count({ query, fields, keys }: KeyQuery, { dialect }: OpenTransaction, locked = false): Promise<number> {
  const names = fields.map(({ name }) => name)
  let sum = 0
  for (const { condition } of keyLists(fields, keys, dialect, { typeOf: canonical })) {
    const found = query.restrict(condition)
    sum += (await (locked ? found.lock('update') : found).valuesList(...names)).length
  }
  return sum
}

const taken = (meta: ModelMetadata, fields: readonly ModelField[]) =>
  Object.assign(
    new UniqueViolationError(
      `A row of "${meta.name}" has this ${fields.map(({ name }) => `"${name}"`).join(' and ')} already.`,
      { table: meta.table, columns: fields.map(({ column }) => column) },
    ),
    { fields: fields.map(({ name }) => name) },
  )
