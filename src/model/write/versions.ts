import { StaleModelError, type StaleRow, UsageError } from '../../errors.js'
import type { Executor } from '../../execution/executor.js'
import type { UndoLog } from '../../execution/undo.js'
import { originOf, rowOf } from '../../hydrate/state.js'
import { Query } from '../../query/builder/query-builder.js'
import { holdsKey } from '../../query/link/key-condition.js'
import { numberIn, present } from '../../util/expect.js'
import { at } from '../../util/list.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { keyLists } from '../runtime/key-lists.js'
import { isReference, wasReference } from '../runtime/reference.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { ChangedInstance, ExpectedVersion, RowChange } from './batch.js'
import { canonical } from './canonical.js'
import { originalKey } from './values.js'
import { storeValues } from './written.js'

// Optimistic locking. The statement that writes a row checks its version and sets the next one. A statement that did not find its
// row reads it, to know whether it was changed or deleted.

/** The version that an instance has loaded, undefined if none. */
function loadedVersion({ meta }: ModelRuntime, instance: object): number | undefined {
  const place = meta.version === null ? -1 : (originOf(instance)?.positions[meta.version.index] ?? -1)
  return place < 0 ? undefined : (rowOf(instance)?.[place] as number)
}

/** The version that a write of an instance expects its row to have. `given`: the one that the caller passed. */
export function expectedVersion(runtime: ModelRuntime, instance: object, given: number | null): ExpectedVersion {
  const { meta } = runtime
  if (meta.version === null) return null
  const loaded = loadedVersion(runtime, instance)
  if (loaded === undefined) {
    if (given !== null) return given
    if (wasReference(instance)) return 'any'
    throw new UsageError(
      `This "${meta.name}" was loaded without ${meta.version}, so a write can't be checked. Select the field too, or pass { expectVersion }.`,
    )
  }
  if (given === null || given === loaded) return loaded
  throw new StaleModelError(meta.name, [staleRow(runtime, instance, given, loaded)])
}

/** The values that find the row of a change: its key, and the version if that is checked. */
export const conditionOf = ({ key, expected }: RowChange): readonly unknown[] =>
  typeof expected === 'number' ? [...key, expected] : key

function staleRow(
  runtime: ModelRuntime,
  instance: object,
  expected: ExpectedVersion,
  current: number | null,
): StaleRow {
  const key = runtime.meta.key.formOf(originalKey(runtime.meta, instance))
  return { key, reason: current === null ? 'gone' : 'changed', expected: asFact(expected), current }
}

const asFact = (expected: ExpectedVersion): number | null => (typeof expected === 'number' ? expected : null)

/** The error of a write that did not find the row of an instance. */
export function gone(runtime: ModelRuntime, instance: object, expected: ExpectedVersion): StaleModelError {
  return new StaleModelError(runtime.meta.name, [staleRow(runtime, instance, expected, null)])
}

/** The error of a stale write. It reads the row first, if the row may still exist. */
export function stale(
  runtime: ModelRuntime,
  instance: object,
  expected: ExpectedVersion,
  on: Executor,
): MaybePromise<StaleModelError> {
  const { meta } = runtime
  if (meta.version === null || expected === 'any') return gone(runtime, instance, expected)
  const row = rowsBy(runtime, isReference(instance), on).restrict(
    holdsKey(meta.primaryKey, originalKey(meta, instance)),
  )
  return andThen(seenNow(row, on).valuesList(meta.version.name), ([found]) => {
    const current = found === undefined ? null : numberIn(found[0])
    return new StaleModelError(meta.name, [staleRow(runtime, instance, expected, current)])
  })
}

/** Throws the error of a stale write. */
export function rejectStale(
  runtime: ModelRuntime,
  instance: object,
  expected: ExpectedVersion,
  on: Executor,
): MaybePromise<never> {
  return andThen(stale(runtime, instance, expected, on), (error) => {
    throw error
  })
}

/** A batch that did not find all of its rows. */
export interface Stale {
  readonly changes: readonly ChangedInstance[]
  /** Some or all of its changes. At least one of their rows was not found. */
  readonly missed: readonly ChangedInstance[]
}

/** The error of a batch. The stale rows are only known after its statements were rolled back. */
export async function staleAmong(
  runtime: ModelRuntime,
  { changes, missed }: Stale,
  on: Executor,
): Promise<StaleModelError> {
  const { key, name } = runtime.meta
  const there = new Map([
    ...(await readVersions(runtime, changes, true, on)),
    ...(await readVersions(runtime, changes, false, on)),
  ])
  const rowOfChange = ({ instance, change: { expected } }: ChangedInstance) => {
    const current = there.get(key.identityOf(originalKey(runtime.meta, instance)))
    const isStale = current === undefined || (typeof expected === 'number' && current !== expected)
    return { isStale, row: staleRow(runtime, instance, expected, current ?? null) }
  }
  const [first, ...others] = changes.map(rowOfChange).filter(({ isStale }) => isStale)
  // otherwise the batch itself has written the row before, from another instance
  const { row } = first ?? rowOfChange(at(missed, 0))
  return new StaleModelError(name, [row, ...others.map((other) => other.row)])
}

/** Queries the rows of instances. All scopes apply to a reference, which only has a key; otherwise only locked scopes apply. */
const rowsBy = (runtime: ModelRuntime, byKey: boolean, on: Executor): Query =>
  byKey ? runtime.query(on, 'own') : runtime.query(on, 'own').everyRow()

/**
 * The versions of rows by the identity of their keys, 0 for rows without versions. `byKey`: of references, otherwise of other
 * instances.
 */
async function readVersions(
  runtime: ModelRuntime,
  changes: readonly ChangedInstance[],
  byKey: boolean,
  on: Executor,
): Promise<(readonly [identity: unknown, version: number])[]> {
  const { key, primaryKey, version } = runtime.meta
  const own = changes.filter(({ instance }) => isReference(instance) === byKey)
  if (own.length === 0) return []
  const names = (version === null ? primaryKey : [...primaryKey, version]).map((field) => field.name)
  const found: (readonly [unknown, number])[] = []
  const keys = own.map(({ change }) => change.key)
  for (const { condition } of keyLists(primaryKey, keys, on.dialect, { typeOf: canonical })) {
    const query = rowsBy(runtime, byKey, on).restrict(condition)
    for (const row of await seenNow(query, on).valuesList(...names))
      found.push([key.identityOf(row.slice(0, primaryKey.length)), numberIn(row[primaryKey.length] ?? 0)])
  }
  return found
}

/** Makes a query see current rows, even in a transaction that reads from a snapshot. */
const seenNow = (query: Query, { openTransaction, dialect }: Executor): Query =>
  openTransaction !== null && dialect.capabilities.staleReads ? query.lock('share') : query

/** The versions of rows before a write over a query, by the identity of their keys. */
export type Versions = ReadonlyMap<unknown, number>

/** Locks rows and reads their versions, before a write over a query increments them. */
export async function lockVersions({ meta }: ModelRuntime, rows: readonly Query[]): Promise<Versions> {
  const { key, primaryKey } = meta
  const names = [...primaryKey, present(meta.version, 'a model with versions')].map((field) => field.name)
  const versions = new Map<unknown, number>()
  for (const query of rows) {
    // marked as part of a write, so that N+1 detection does not count it
    const { context, shape, up, value } = query.lock('update')
    const own = new Query({ ...context, source: { ...context.source, cause: 'own' } }, shape, up, value)
    for (const row of await own.valuesList(...names))
      versions.set(key.identityOf(row.slice(0, -1)), numberIn(row.at(-1)))
  }
  return versions
}

/** Refuses instances whose version differs from that of their row. */
export function refuseStale(runtime: ModelRuntime, instances: readonly object[], versions: Versions): void {
  const { key, name } = runtime.meta
  const rows = instances.flatMap((instance) => {
    const loaded = loadedVersion(runtime, instance)
    const current = versions.get(key.identityIn(instance))
    if (loaded === undefined || current === undefined || loaded === current) return []
    return [staleRow(runtime, instance, loaded, current)]
  })
  const [first, ...others] = rows
  if (first !== undefined) throw new StaleModelError(name, [first, ...others])
}

/** Updates the version of an instance after such a write. A stale instance stays stale. */
export function followVersion(runtime: ModelRuntime, instance: object, versions: Versions, undo: UndoLog | null): void {
  const { key, version } = runtime.meta
  const loaded = loadedVersion(runtime, instance)
  if (version === null || loaded === undefined || versions.get(key.identityIn(instance)) !== loaded) return
  storeValues(instance, { [version.name]: loaded + 1 }, undo)
}
