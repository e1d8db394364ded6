import { UsageError } from '../../errors.js'
import type { Executor, Using } from '../../execution/executor.js'
import type { UndoLog } from '../../execution/undo.js'
import { originOf } from '../../hydrate/state.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { asRecord } from '../../util/record.js'
import { executorFor } from '../runtime/run.js'
import { construct, type ModelRuntime } from '../runtime/runtime.js'
import { BATCH } from './batch.js'
import { initialize } from './initialize.js'
import { recordAssigned } from './originals.js'
import { persistAllNew, persistMany, persistNew } from './persist.js'
import { persistRows } from './persist-rows.js'
import { prepareAll } from './prepare-batch.js'
import { withSlugs } from './slugs.js'
import type { Attributes } from './values.js'

/** An unsaved instance of the model, from data. */
export function makeInstance(runtime: ModelRuntime, data: unknown, guarded: boolean): object {
  return construct(runtime.meta.model, data ?? {}, guarded)
}

/** Gives a new instance the keys of the row that it belongs to. A rollback takes them away again. */
export function tie(instance: object, link: Attributes, undo: UndoLog | null): void {
  if (undo !== null) recordAssigned(undo, instance, link)
  Object.assign(instance, link)
}

interface CreateOptions {
  /** Whether the data may set guarded fields. */
  readonly guarded: boolean
  /**
   * The keys of the owner of new rows, null without an owner. This is never left out, because Object.prototype might define it.
   */
  readonly link: Attributes | null
}

interface CreateManyOptions extends CreateOptions {
  /** Rows in a statement, at most. */
  readonly most: number | undefined
}

export function createInstance(
  runtime: ModelRuntime,
  data: unknown,
  using: Using,
  { guarded, link }: CreateOptions,
): MaybePromise<object> {
  const instance = makeInstance(runtime, requireData(runtime, data), guarded)
  if (link === null) {
    const done = persistNew(runtime, instance, using)
    return done instanceof Promise ? done.then(() => instance) : instance
  }
  return andThen(executorFor(runtime.meta, using), ({ undo }) => {
    tie(instance, link, undo)
    return andThen(persistNew(runtime, instance, using), () => instance)
  })
}

function requireData(runtime: ModelRuntime, data: unknown): unknown {
  if (data === undefined || data === null)
    throw new UsageError(`create() of "${runtime.meta.name}" needs an object of its fields; this is ${String(data)}.`)
  return data
}

/** Inserts many instances, all or none, in order. */
export async function createManyInstances(
  runtime: ModelRuntime,
  rows: readonly unknown[],
  using: Using,
  { guarded, link, most }: CreateManyOptions,
): Promise<object[]> {
  const list = listOf(runtime, rows)
  const given = list.filter((row) => isUnsaved(runtime, row, 'createMany()')) as object[]
  const instances = list.map((row) =>
    given.length > 0 && given.includes(row as object)
      ? (row as object)
      : makeInstance(runtime, requireData(runtime, row), guarded),
  )
  if (link !== null && instances.length > 0) {
    const { undo } = await executorFor(runtime.meta, using)
    for (const instance of instances) tie(instance, link, undo)
  }
  if (given.length === 0) await persistAllNew(runtime, instances, using, { most, places: null, list: instances })
  else {
    refuseTwice(runtime, given, 'createMany()')
    await persistMany({ ...BATCH, runtime, instances, action: 'save', most, list: instances }, using)
  }
  return instances
}

function listOf(runtime: ModelRuntime, rows: readonly unknown[]): readonly unknown[] {
  if (Array.isArray(rows)) return rows
  throw new UsageError(`createMany() and insertMany() of "${runtime.meta.name}" take a list of objects.`)
}

/** Whether a row is an instance to insert itself. Anything else is data. */
function isUnsaved({ meta }: ModelRuntime, row: unknown, call: string): boolean {
  if (!(row instanceof meta.model)) return false
  if (originOf(row) === null) return true
  throw new UsageError(
    `${call} of "${meta.name}" was given an instance that is saved already. Save its changes with saveMany(), or insert a clone() of it.`,
  )
}

function refuseTwice({ meta }: ModelRuntime, given: readonly unknown[], call: string): void {
  if (new Set(given).size < given.length)
    throw new UsageError(`${call} of "${meta.name}" was given the same instance twice. It can be inserted once.`)
}

/** The values of an unsaved instance, as data. */
const valuesIn = ({ meta }: ModelRuntime, instance: object): Attributes =>
  Object.fromEntries(meta.fields.map(({ name }) => [name, asRecord(instance)[name]]))

/** Inserts rows without creating instances. Returns their number. */
export async function insertData(
  runtime: ModelRuntime,
  rows: readonly unknown[],
  using: Using,
  most?: number,
): Promise<number> {
  if (listOf(runtime, rows).length === 0) return 0
  const instances = new Set(rows.filter((row) => isUnsaved(runtime, row, 'insertMany()')))
  if (instances.size > 0)
    refuseTwice(
      runtime,
      rows.filter((row) => instances.has(row)),
      'insertMany()',
    )
  const drafts = rows.map((data) => {
    const draft: Attributes = {}
    const given = instances.has(data) ? valuesIn(runtime, data as object) : requireData(runtime, data)
    initialize(draft, runtime.meta, given, 'fields')
    return draft
  })
  const prepared = () => prepareAll(runtime, drafts, { issues: null, list: drafts })
  if (runtime.meta.needs.slugs) {
    const insert = async (on: Executor) => persistRows(runtime, on, await prepared(), most)
    return withSlugs({ runtime, instances: drafts, only: null }, await executorFor(runtime.meta, using), insert)
  }
  const canonical = await prepared()
  return persistRows(runtime, await executorFor(runtime.meta, using), canonical, most)
}
