import { DeadlockError, SerializationError, UniqueViolationError } from '../../errors.js'
import type { Executor, OpenTransaction, Using } from '../../execution/executor.js'
import { savedRow } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { Query } from '../../query/builder/query-builder.js'
import { at } from '../../util/list.js'
import { asRecord } from '../../util/record.js'
import { executorFor } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { createInstance, makeInstance, tie } from './create.js'
import { checksOf } from './guards.js'
import { hooksOf } from './hooks.js'
import { clearBlank, recordNew } from './originals.js'
import { readMissing } from './own-row.js'
import { blankIn } from './prepare.js'
import { prepareNew } from './prepare-new.js'
import { sendUnlessThere } from './send/insert.js'
import { toId } from './send/insert-results.js'
import type { Attributes } from './values.js'
import { newOrigin, persisted, setStored } from './written.js'

/** The row to find, or to create if it does not exist. */
interface RowRequest {
  readonly runtime: ModelRuntime
  readonly match: object
  readonly data: Attributes
  readonly guarded: boolean
  /** The keys of the row that a new row belongs to; null: it belongs to none. */
  readonly link: Attributes | null
  readonly using: Using
  find(): Query
}

/** Finds the row, else inserts it, and finds it again if another call was faster. */
export async function firstOrCreate(wanted: RowRequest): Promise<[object, boolean]> {
  for (let round = 1; ; round++) {
    const made = await lookOrCreate(wanted, round === ROUNDS)
    if (made !== null) return made
    // calls that retry at the same moment would collide again
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 ** Math.min(round, 6)))
  }
}

/** How often it starts again when the row that stopped the insert was deleted before it was read. */
const ROUNDS = 10

/** Returns null if the conflicting row was deleted in the meantime, or if a deadlock stopped the insert. */
async function lookOrCreate(wanted: RowRequest, last: boolean): Promise<[object, boolean] | null> {
  const { runtime, data, guarded, link, using } = wanted
  const found = await wanted.find().first()
  if (found !== null) return [found, false]
  const executor = await executorFor(runtime.meta, using)
  const trx = executor.openTransaction
  const stale = trx !== null && executor.dialect.capabilities.staleReads
  // hooks would run before it is known whether the row exists, so this needs the slower path below
  if (stale && hooksOf(runtime, 'save') === null) {
    const made = await insertOrLock(wanted, trx)
    if (made !== null) return made
  }
  try {
    const create = async (using: Using) => createInstance(runtime, data, using, { guarded, link })
    // inside a transaction, a savepoint keeps it usable after a violation
    const created = await (trx === null ? create(using) : trx.transaction(create))
    return [created, true]
  } catch (error) {
    // outside a transaction the database has undone the insert alone, so it may be sent again
    if (error instanceof DeadlockError && trx === null && !last) return null
    if (!(error instanceof UniqueViolationError)) throw error
    const query = wanted.find()
    const other = await (stale ? query.lock('share') : query).first()
    if (other !== null) return [other, false]
    const outside = trx === null
    // rows that are inserted and deleted all the time may exist again by now
    if (outside && !last && error.fields.length > 0 && error.fields.every((name) => isMatched(wanted, name)))
      return null
    if (!(await isOutOfSight(wanted, error, stale))) throw error
    // a transaction sees the rows of one moment: what was written since then is seen by another one
    if (!outside) throw unseen(runtime, error)
    if (last) throw error
    return null
  }
}

/** Whether the row that is looked for has a known value in this field. */
const isMatched = ({ match, link }: RowRequest, name: string) =>
  Object.hasOwn(match, name) || (link !== null && Object.hasOwn(link, name))

/** Whether the row that has these unique values can't be seen: it is gone, or newer than what this transaction sees. */
async function isOutOfSight(wanted: RowRequest, { fields }: UniqueViolationError, stale: boolean) {
  const { runtime, using } = wanted
  const data = { ...wanted.data, ...wanted.link }
  if (fields.length === 0 || fields.some((name) => !Object.hasOwn(data, name))) return false
  const values = Object.fromEntries(fields.map((name) => [name, data[name]]))
  const query = runtime.query(using, 'own').everyRow().where(values)
  return (await (stale ? query.lock('share') : query).first()) === null
}

const unseen = ({ meta }: ModelRuntime, cause: UniqueViolationError) =>
  new SerializationError(
    `Another transaction has made this row of "${meta.name}" since this one began, which can't see it. Run the transaction again: transaction(fn, { retries: 3 }).`,
    { cause, table: cause.table, constraint: cause.constraint },
  ).withStatement(cause.sql, cause.parameters)

/**
 * After a violation, some databases leave each of several waiting transactions with a lock that keeps the others from writing
 * the row. An insert that changes nothing if the row exists locks it for this transaction alone. Returns null if it is not
 * known whether the row is new, or if another row has the unique value.
 */
async function insertOrLock(wanted: RowRequest, executor: OpenTransaction): Promise<[object, boolean] | null> {
  const { runtime, data, guarded, link } = wanted
  const { meta } = runtime
  const [key, second] = meta.primaryKey
  if (key === undefined || second !== undefined || Object.hasOwn(data, key.name)) return null
  const instance = makeInstance(runtime, data, guarded)
  if (link !== null) tie(instance, link, executor.undo)
  const blank = blankIn(meta, asRecord(instance))
  const row = at(await prepareNew(runtime, [instance], executor), 0)
  const isNumbered = key.dataType.autoIncrement === true
  if (!isNumbered && row[key.index] === undefined) return null
  // guards need the path that finds the row again
  if (checksOf(runtime, { fresh: [row] }).length > 0) return null
  recordNew(executor.undo, instance, blank)
  const { insertId } = await sendUnlessThere(runtime, executor, row, key)
  const found = insertId === undefined ? await wanted.find().lock('update').first() : null
  const isNew = isNumbered
    ? insertId !== undefined
    : found !== null && meta.key.identityIn(found) === meta.key.identityOfStored([row[key.index]])
  if (!isNew) return found === null ? null : [found, false]
  if (executor.undo.undone) clearBlank(instance, blank, row)
  else await takeNew(wanted, { instance, row }, isNumbered ? { key, id: insertId as number } : null, executor)
  return [instance, true]
}

async function takeNew(
  { runtime, using }: RowRequest,
  { instance, row }: { readonly instance: object; readonly row: unknown[] },
  numbered: { readonly key: ModelField; readonly id: number | bigint } | null,
  executor: Executor,
): Promise<void> {
  persisted(runtime, instance, row, newOrigin(runtime, using, [instance]))
  if (numbered !== null) setStored(instance, numbered.key, toId(numbered.key, numbered.id))
  const known = savedRow(instance)
  const missing = runtime.meta.fields.filter((field) => field.filledByDatabase && known[field.index] === null)
  await readMissing(runtime, missing, instance, executor)
}
