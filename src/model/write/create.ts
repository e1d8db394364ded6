import type { Executor } from '../../database/executor.js'
import { UsageError } from '../../errors.js'
import { Origin } from '../../hydrate/origin.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { databaseOf, executorFor } from '../run.js'
import { construct, type ModelRuntime } from '../runtime.js'
import { type Answer, insertRows } from './bulk-insert.js'
import { initialize } from './initialize.js'
import { answeredIds, insertOne, persisted, readBack, setStored, takeOver } from './insert.js'
import { type CanonicalRow, newContext, prepareInsert } from './prepare.js'
import type { Attributes } from './values.js'

/** An unsaved instance of the model, from data. */
export function makeInstance(runtime: ModelRuntime, data: unknown, guarded: boolean, link?: Attributes): object {
  const instance = construct(runtime.meta.model, data ?? {}, guarded)
  if (link !== undefined) Object.assign(instance, link)
  return instance
}

export function createInstance(
  runtime: ModelRuntime,
  data: unknown,
  guarded: boolean,
  bound: object | null,
  link?: Attributes,
): MaybePromise<object> {
  const instance = makeInstance(runtime, requireData(runtime, data), guarded, link)
  return andThen(executorFor(runtime.meta, bound), (executor) =>
    andThen(insertOne(runtime, instance, executor, bound), () => instance),
  )
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
  bound: object | null,
  link?: Attributes,
  most?: number,
): Promise<object[]> {
  const instances = listOf(runtime, rows).map((data) =>
    makeInstance(runtime, requireData(runtime, data), guarded, link),
  )
  await insertInstances(runtime, instances, bound, most)
  return instances
}

function listOf(runtime: ModelRuntime, rows: readonly unknown[]): readonly unknown[] {
  if (Array.isArray(rows)) return rows
  throw new UsageError(`createMany() and insertMany() of "${runtime.meta.name}" take a list of objects.`)
}

export async function insertInstances(
  runtime: ModelRuntime,
  instances: readonly object[],
  bound: object | null,
  most?: number,
): Promise<void> {
  if (instances.length === 0) return
  await insertPrepared(runtime, instances, await prepareAll(runtime, instances), bound, most)
}

/** Inserts instances that were checked, as these rows. */
export async function insertPrepared(
  runtime: ModelRuntime,
  instances: readonly object[],
  rows: readonly CanonicalRow[],
  bound: object | null,
  most?: number,
): Promise<void> {
  const executor = await executorFor(runtime.meta, bound)
  // an instance counts as saved only when the whole batch is
  const answers: Answer[] = []
  await insertRows(runtime, executor, rows, answers, null, most)
  await takeAnswers(runtime, { instances, rows, answers }, bound, executor)
}

/** Instances that were inserted as these rows, and what the database answered. */
interface Inserted {
  readonly instances: readonly object[]
  readonly rows: readonly CanonicalRow[]
  readonly answers: readonly Answer[]
}

/** From here on the instances are rows of the database. */
export async function takeAnswers(
  runtime: ModelRuntime,
  { instances, rows, answers }: Inserted,
  bound: object | null,
  executor: Executor,
): Promise<void> {
  const siblings: object[] = []
  const origin = new Origin(runtime.meta, runtime.everyPosition, bound === null ? null : databaseOf(bound), siblings)
  for (let i = 0; i < instances.length; i++) {
    persisted(runtime, instances[i] as object, rows[i] as CanonicalRow, bound, origin)
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
  bound: object | null,
  most?: number,
): Promise<number> {
  if (listOf(runtime, rows).length === 0) return 0
  const drafts = rows.map((data) => {
    const draft: Attributes = {}
    initialize(draft, runtime.meta, requireData(runtime, data), true)
    return draft
  })
  const canonical = await prepareAll(runtime, drafts)
  return insertRows(runtime, await executorFor(runtime.meta, bound), canonical, null, null, most)
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
