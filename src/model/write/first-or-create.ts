import { type Executor, NAMED_STATEMENT } from '../../database/executor.js'
import { Transaction } from '../../database/transaction.js'
import { UniqueViolationError } from '../../errors.js'
import { rowOf } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { Query } from '../../query/query-builder.js'
import { executorFor } from '../run.js'
import type { ModelRuntime } from '../runtime.js'
import { createInstance, makeInstance, prepareAll } from './create.js'
import { persisted, readMissing, setStored, toId } from './insert.js'
import { type Conflict, insertPlan } from './insert-plan.js'
import { clearBlank, keepNew } from './originals.js'
import { blankIn } from './prepare.js'
import type { Attributes } from './values.js'

/** What is looked for, and made when it is not there. */
interface Wanted {
  readonly runtime: ModelRuntime
  readonly data: Attributes
  readonly guarded: boolean
  readonly bound: object | null
  find(): Query
}

/** Looks, inserts, and looks again when somebody else was faster. */
export async function firstOrCreate(wanted: Wanted): Promise<[object, boolean]> {
  const { runtime, data, guarded, bound } = wanted
  const found = await wanted.find().first()
  if (found !== null) return [found, false]
  const executor = await executorFor(runtime.meta, bound)
  const stale = executor instanceof Transaction && executor.dialect.capabilities.staleReads
  if (stale) {
    const made = await insertOrLock(wanted, executor)
    if (made !== null) return made
  }
  try {
    const create = async (trx: object | null) => createInstance(runtime, data, guarded, trx)
    // inside a transaction a savepoint keeps a violation from spoiling the rest
    const created =
      executor instanceof Transaction ? await executor.transaction((nested) => create(nested)) : await create(bound)
    return [created, true]
  } catch (error) {
    if (!(error instanceof UniqueViolationError)) throw error
    const query = wanted.find()
    const other = await (stale ? query.lock('share') : query).first()
    if (other === null) throw error
    return [other, false]
  }
}

/**
 * Where a violation leaves each of several waiting transactions with a lock that keeps the others from writing the row: an
 * insert that changes nothing where the row is there locks it for this transaction alone. Null where it can't be told whether
 * the row is new, or where it is another one that has the value.
 */
async function insertOrLock(wanted: Wanted, executor: Transaction): Promise<[object, boolean] | null> {
  const { runtime, data, guarded, bound } = wanted
  const { meta } = runtime
  const [key, second] = meta.primaryKey
  if (key === undefined || second !== undefined || Object.hasOwn(data, key.name)) return null
  const instance = makeInstance(runtime, data, guarded)
  const blank = blankIn(meta, instance as Attributes)
  const row = (await prepareAll(runtime, [instance]))[0] as unknown[]
  const isNumbered = key.dataType.autoIncrement === true
  if (!isNumbered && row[key.index] === undefined) return null
  keepNew(executor.undo, instance, blank)
  const plan = insertPlan(runtime, executor.dialect, row, unchanged(key))
  const { insertId } = await executor.run({
    ...NAMED_STATEMENT,
    sql: plan.sql(1),
    parameters: plan.encode(row),
    prepare: true,
    rows: plan.answers,
    explain: runtime.explain,
  })
  const found = insertId === undefined ? await wanted.find().lock('update').first() : null
  const isNew = isNumbered ? insertId !== undefined : found !== null && keyOf(found, key) === row[key.index]
  if (!isNew) return found === null ? null : [found, false]
  if (executor.undo.undone) clearBlank(instance, blank, row)
  else await takeNew(runtime, instance, row, isNumbered ? { key, id: insertId as number } : null, executor, bound)
  return [instance, true]
}

const keyOf = (found: object, key: ModelField) => (found as Attributes)[key.name]

const unchanged = (key: ModelField): Conflict => ({
  node: { kind: 'conflict', columns: [key.column], assignments: [] },
  key: 'unchanged',
  counted: true,
  parameters: [],
})

async function takeNew(
  runtime: ModelRuntime,
  instance: object,
  row: unknown[],
  numbered: { readonly key: ModelField; readonly id: number | bigint } | null,
  executor: Executor,
  bound: object | null,
): Promise<void> {
  persisted(runtime, instance, row, bound)
  if (numbered !== null) setStored(instance, numbered.key, toId(numbered.key, numbered.id))
  const known = rowOf(instance) as unknown[]
  const missing = runtime.meta.fields.filter((field) => field.filledByDatabase && known[field.index] === null)
  await readMissing(runtime, missing, instance, executor)
}
