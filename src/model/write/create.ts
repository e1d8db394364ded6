import { UsageError } from '../../errors.js'
import type { Executor, Using } from '../../execution/executor.js'
import type { UndoLog } from '../../execution/undo.js'
import { Origin } from '../../hydrate/origin.js'
import type { ModelField } from '../../metadata/model-field.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { executorFor } from '../runtime/run.js'
import { construct, type ModelRuntime } from '../runtime/runtime.js'
import { type Answer, answeredIds } from './answered.js'
import { insertRows } from './bulk-insert.js'
import { initialize } from './initialize.js'
import { insertOne, persisted, readBack, setStored, takeOver } from './insert.js'
import { clearBlank, keepAssigned, keepNew } from './originals.js'
import { blankIn, type CanonicalRow, newContext, prepareInsert, toSnapshots } from './prepare.js'
import type { Attributes } from './values.js'

/** An unsaved instance of the model, from data. */
export function makeInstance(runtime: ModelRuntime, data: unknown, guarded: boolean): object {
  return construct(runtime.meta.model, data ?? {}, guarded)
}

/** Gives a new instance the keys of the row that it belongs to. A rollback takes them away again. */
function tie(instance: object, link: Attributes | undefined, undo: UndoLog | null): void {
  if (link === undefined) return
  if (undo !== null) keepAssigned(undo, instance, link)
  Object.assign(instance, link)
}

export function createInstance(
  runtime: ModelRuntime,
  data: unknown,
  guarded: boolean,
  using: Using,
  link?: Attributes,
): MaybePromise<object> {
  const instance = makeInstance(runtime, requireData(runtime, data), guarded)
  return andThen(executorFor(runtime.meta, using), (executor) => {
    tie(instance, link, executor.undo)
    return andThen(insertOne(runtime, instance, executor, using), () => instance)
  })
}

function requireData(runtime: ModelRuntime, data: unknown): unknown {
  if (data === undefined || data === null)
    throw new UsageError(`create() of "${runtime.meta.name}" needs an object of its fields; this is ${String(data)}.`)
  return data
}

/** Inserts many instances in one transaction, in order. */
export async function createManyInstances(
  runtime: ModelRuntime,
  rows: readonly unknown[],
  guarded: boolean,
  using: Using,
  link?: Attributes,
  most?: number,
): Promise<object[]> {
  const instances = listOf(runtime, rows).map((data) => makeInstance(runtime, requireData(runtime, data), guarded))
  if (link !== undefined && instances.length > 0) {
    const { undo } = await executorFor(runtime.meta, using)
    for (const instance of instances) tie(instance, link, undo)
  }
  await insertInstances(runtime, instances, using, most)
  return instances
}

function listOf(runtime: ModelRuntime, rows: readonly unknown[]): readonly unknown[] {
  if (Array.isArray(rows)) return rows
  throw new UsageError(`createMany() and insertMany() of "${runtime.meta.name}" take a list of objects.`)
}

export async function insertInstances(
  runtime: ModelRuntime,
  instances: readonly object[],
  using: Using,
  most?: number,
): Promise<void> {
  if (instances.length > 0) await insertPrepared(runtime, await prepareNew(runtime, instances), using, most)
}

/** New instances, checked: the row of each, and the fields that had no value. */
export interface Fresh {
  readonly instances: readonly object[]
  readonly rows: readonly CanonicalRow[]
  readonly blank: readonly (readonly ModelField[])[]
}

/** Checks new instances; where one is refused, all are as they were. */
export async function prepareNew(
  runtime: ModelRuntime,
  instances: readonly object[],
  check: () => Promise<CanonicalRow[]> = () => prepareAll(runtime, instances),
): Promise<Fresh> {
  const blank = instances.map((instance) => blankIn(runtime.meta, instance as Attributes))
  try {
    return { instances, rows: await check(), blank }
  } catch (error) {
    for (const [i, instance] of instances.entries())
      for (const field of blank[i] as readonly ModelField[]) (instance as Attributes)[field.name] = undefined
    throw error
  }
}

/** Inserts instances that were checked. */
export async function insertPrepared(runtime: ModelRuntime, fresh: Fresh, using: Using, most?: number): Promise<void> {
  const executor = await executorFor(runtime.meta, using)
  // an instance counts as saved only when the whole batch is
  const answers: Answer[] = []
  keepAllNew(executor.undo, fresh)
  try {
    await insertRows(runtime, executor, fresh.rows, answers, null, most)
  } catch (error) {
    clearNew(runtime, fresh)
    throw error
  }
  await takeAnswers(runtime, fresh, answers, using, executor)
}

export function keepAllNew(undo: UndoLog | null, { instances, blank }: Fresh): void {
  if (undo === null) return
  for (let i = 0; i < instances.length; i++) keepNew(undo, instances[i] as object, blank[i] as readonly ModelField[])
}

/** The fields that an insert filled in have no value again. */
export function clearNew(runtime: ModelRuntime, { instances, rows, blank }: Fresh): void {
  for (let i = 0; i < instances.length; i++)
    clearBlank(instances[i] as object, blank[i] as readonly ModelField[], toSnapshots(runtime, rows[i] as CanonicalRow))
}

/** From here on the instances are rows of the database. */
export async function takeAnswers(
  runtime: ModelRuntime,
  fresh: Fresh,
  answers: readonly Answer[],
  using: Using,
  executor: Executor,
): Promise<void> {
  // nobody awaited it, and its transaction is over
  if (executor.undo?.undone === true) return clearNew(runtime, fresh)
  const { instances, rows } = fresh
  const siblings: object[] = []
  const origin = new Origin(runtime.meta, runtime.everyPosition, using?.database ?? null, siblings)
  for (let i = 0; i < instances.length; i++) {
    persisted(runtime, instances[i] as object, rows[i] as CanonicalRow, using, origin)
    siblings.push(instances[i] as object)
  }
  for (const answer of answers) await takeAnswer(runtime, answer, instances, executor)
}

async function takeAnswer(
  runtime: ModelRuntime,
  { plan, places, result }: Answer,
  instances: readonly object[],
  executor: Executor,
): Promise<void> {
  const at = (i: number) => instances[places[i] as number] as object
  if (plan.numbered !== null) {
    const ids = answeredIds(plan.numbered, result, places.length, executor.dialect.capabilities.insertIdStep ?? 1)
    for (let i = 0; i < ids.length; i++) setStored(at(i), plan.numbered, ids[i])
  } else
    for (let i = 0; i < result.rows.length; i++)
      takeOver(plan.returning, at(i), plan.decode(result.rows[i] as unknown[]))
  if (plan.complete) return
  for (let i = 0; i < places.length; i++) await readBack(runtime, plan, at(i), executor)
}

/** Inserts rows without instances to give back; their number. */
export async function insertData(
  runtime: ModelRuntime,
  rows: readonly unknown[],
  using: Using,
  most?: number,
): Promise<number> {
  if (listOf(runtime, rows).length === 0) return 0
  const drafts = rows.map((data) => {
    const draft: Attributes = {}
    initialize(draft, runtime.meta, requireData(runtime, data), true)
    return draft
  })
  const canonical = await prepareAll(runtime, drafts)
  return insertRows(runtime, await executorFor(runtime.meta, using), canonical, null, null, most)
}

export async function prepareAll(runtime: ModelRuntime, instances: readonly object[]): Promise<CanonicalRow[]> {
  const context = newContext()
  const rows: CanonicalRow[] = []
  for (const instance of instances) {
    const row = prepareInsert(runtime, instance as Attributes, context)
    rows.push(row instanceof Promise ? await row : row)
  }
  return rows
}
