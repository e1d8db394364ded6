import { type Issue, UsageError, ValidationError } from '../../errors.js'
import { originOf } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import { foundIssues } from '../../util/issues.js'
import { asRecord } from '../../util/record.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { Batch, ChangedInstance, Fresh, Places, Ready } from './batch.js'
import { clearNew, giveBackAll } from './batch-state.js'
import { prepareUpdate } from './change.js'
import { blankIn, type CanonicalRow, newContext, prepareInsert } from './prepare.js'
import { prepareValues } from './prepare-values.js'

// Checks the instances of a batch before anything is sent. If one is refused, all of them stay as they were.

const NONE: readonly never[] = []
const NO_ROWS: Fresh = { instances: NONE, rows: NONE, blank: NONE }

/** Refuses instances that can't be saved. */
export function requireWritable({ runtime, instances, action }: Batch): void {
  if (action === 'save') requireStates(runtime, instances, 'saveMany')
  else if (action === 'update') requireStates(runtime, instances, 'updateMany')
}

function requireStates({ meta }: ModelRuntime, instances: readonly object[], method: string): void {
  for (const instance of instances) {
    const origin = originOf(instance)
    if (origin === null && method === 'updateMany')
      throw new UsageError(
        `updateMany() of "${meta.name}" was given an instance that is not saved. Use saveMany(), which inserts it.`,
      )
    if (origin?.deleted === true)
      throw new UsageError(
        `${method}() of "${meta.name}" was given an instance that is deleted. Leave it out, or save a clone() of it.`,
      )
  }
}

/** Reads all instances before it waits for anything, unless a validator is asynchronous. */
export async function prepareBatch(batch: Batch): Promise<Ready> {
  const { action, instances, runtime } = batch
  if (action !== 'save' && action !== 'update') {
    // if two calls delete a row at once, the second has nothing to do
    return { fresh: NO_ROWS, changes: NONE, others: instances.filter((each) => originOf(each)?.deleted !== true) }
  }
  const made = action === 'update' ? NONE : instances.filter((instance) => originOf(instance) === null)
  const saved = made.length === 0 ? instances : instances.filter((instance) => originOf(instance) !== null)
  if (saved.length === 0) return { fresh: await prepareNew(batch, made), changes: NONE, others: NONE }
  if (made.length === 0) return { fresh: NO_ROWS, changes: await prepareChanges(batch, saved), others: NONE }
  const [fresh, changes] = await Promise.allSettled([prepareNew(batch, made), prepareChanges(batch, saved)])
  if (fresh.status === 'fulfilled' && changes.status === 'fulfilled')
    return { fresh: fresh.value, changes: changes.value, others: NONE }
  if (fresh.status === 'fulfilled') clearNew(runtime, fresh.value)
  if (changes.status === 'fulfilled') giveBackAll(changes.value)
  throw fresh.status === 'rejected' ? fresh.reason : (changes as PromiseRejectedResult).reason
}

async function prepareNew(batch: Batch, instances: readonly object[]): Promise<Fresh> {
  const { runtime, places } = batch
  const blank = instances.map((instance) => blankIn(runtime.meta, asRecord(instance)))
  try {
    const rows = await (places === null
      ? prepareAll(runtime, instances, batch)
      : preparePlaced(batch, instances, places))
    return { instances, rows, blank }
  } catch (error) {
    for (const [i, instance] of instances.entries())
      for (const field of blank[i] as readonly ModelField[]) asRecord(instance)[field.name] = undefined
    throw error
  }
}

/** Checks rows until the first one is refused. */
export async function prepareAll(
  runtime: ModelRuntime,
  instances: readonly object[],
  { issues, list }: Pick<Batch, 'issues' | 'list'>,
): Promise<CanonicalRow[]> {
  if (runtime.meta.needs.prepared) await prepareValues(runtime.meta, instances)
  const context = newContext()
  const rows: CanonicalRow[] = []
  for (const instance of instances) {
    if (issues !== null) context.issues.push(...(issues.get(instance) ?? NONE))
    try {
      const row = prepareInsert(runtime, asRecord(instance), context)
      rows.push(row instanceof Promise ? await row : row)
    } catch (error) {
      throw inList(error, list, instance)
    }
  }
  return rows
}

/** The same problems, with the position of their row in the list of the call. */
const inList = (error: unknown, list: Batch['list'], instance: object): unknown =>
  list !== null && error instanceof ValidationError
    ? new ValidationError(error.model, foundIssues(error), list.indexOf(instance))
    : error

/** Checks all rows of nested data and reports all problems together, each with its path. */
async function preparePlaced(
  { runtime, issues: found }: Batch,
  instances: readonly object[],
  { model, pathOf }: Places,
): Promise<CanonicalRow[]> {
  const context = newContext()
  const issues: Issue[] = []
  const rows: CanonicalRow[] = []
  for (const instance of instances)
    try {
      context.issues.push(...(found?.get(instance) ?? NONE))
      rows.push(await prepareInsert(runtime, asRecord(instance), context))
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      issues.push(...placed(foundIssues(error), pathOf(instance)))
      context.issues.length = 0
    }
  if (issues.length > 0) throw new ValidationError(model, issues)
  return rows
}

/** Prefixes the paths of problems with their position in the nested data. */
export const placed = (issues: readonly Issue[], path: string): Issue[] =>
  issues.map((issue) => ({ ...issue, path: path === '' ? issue.path : `${path}.${issue.path}` }))

async function prepareChanges(batch: Batch, instances: readonly object[]): Promise<ChangedInstance[]> {
  const { issues, list } = batch
  const changes: ChangedInstance[] = []
  for (const instance of instances) {
    try {
      const prepared = prepareUpdate(batch, instance, issues?.get(instance))
      // waiting for each of many instances takes longer than checking them
      const change = prepared instanceof Promise ? await prepared : prepared
      if (change !== null) changes.push({ instance, change })
    } catch (error) {
      giveBackAll(changes)
      throw inList(error, list, instance)
    }
  }
  return changes
}

export const isEmpty = ({ fresh, changes, others }: Ready): boolean =>
  fresh.rows.length + changes.length + others.length === 0
