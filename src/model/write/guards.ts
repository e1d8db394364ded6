import type { ExpressionNode } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import type { Executor } from '../../execution/executor.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { writtenColumns } from '../../query/builder/changes.js'
import type { Query } from '../../query/builder/query-builder.js'
import { holdsKey } from '../../query/link/key-condition.js'
import type { QueryWrite } from '../../query/runner/runner.js'
import { lockedConditions, mayReadOf } from '../../query/scopes/locked.js'
import type { MaybePromise } from '../../util/maybe-promise.js'
import { isReference } from '../runtime/reference.js'
import { within } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { ChangedInstance, ExpectedVersion, RowChange, ScopedBy } from './batch.js'
import { canonical } from './canonical.js'
import { doubtful, left, mayLeave, requireKept } from './locked.js'
import type { CanonicalRow } from './prepare.js'

// Guards decide whether a row may be written. A guard is a condition in the statement, a check of the written rows in the same
// transaction, or both.

/** Checks written rows, and throws if one is refused. */
export type RowCheck = (on: Executor) => Promise<void>

/** The rows of a write. */
export interface GuardedRows {
  /** New rows. `keysOf` is called after the insert, with their indexes. */
  readonly fresh: readonly CanonicalRow[]
  readonly keysOf: (places: readonly number[]) => readonly (readonly unknown[])[]
  readonly changes: readonly ChangedInstance[]
}

const NO_ROWS: GuardedRows = { fresh: [], keysOf: () => [], changes: [] }

interface Guard {
  /** The fields that find the row of an instance, in addition to its key. */
  finds(meta: ModelMetadata, expected: ExpectedVersion): readonly ModelField[]
  /** Whether written rows of the model may have to be checked. */
  checks(meta: ModelMetadata): boolean
  /** The checks that these rows need. */
  checksOf(runtime: ModelRuntime, rows: GuardedRows): readonly RowCheck[]
}

/** An instance only writes the version of the row that it has read. Code in `versions` reports rows that were not found. */
const version: Guard = {
  finds: (meta, expected) => (meta.version === null || expected === 'any' ? [] : [meta.version]),
  checks: () => false,
  checksOf: () => [],
}

/** Written rows must stay in the locked scopes. Deletes need no check, because their statements contain the conditions. */
const lockedScopes: Guard = {
  finds: () => [],
  checks: ({ locked }) => locked.size > 0,
  checksOf: (runtime, { fresh, keysOf, changes }) => [
    ...keptNew(runtime, fresh, keysOf),
    ...keptChanged(runtime, changes),
  ],
}

const GUARDS: readonly Guard[] = [version, lockedScopes]

/**
 * The condition that finds the row of an instance. Its statement is compiled once, and `conditionOf` provides the values of
 * each run.
 */
export function whereOwn({ meta }: ModelRuntime, expected: ExpectedVersion): ExpressionNode {
  if (meta.primaryKey.length === 0)
    throw new UsageError(`"${meta.name}" has no primary key: its instances can't be updated or deleted.`)
  const fields = foundBy(meta, expected)
  const values = fields.map(() => null)
  return holdsKey(fields, values, canonical)
}

/** The fields that find the row of an instance. */
export const foundBy = (meta: ModelMetadata, expected: ExpectedVersion): readonly ModelField[] => [
  ...meta.primaryKey,
  ...GUARDS.flatMap((guard) => guard.finds(meta, expected)),
]

/** The scopes that apply to the row of an instance. */
export function scopedBy({ meta }: ModelRuntime, instance: object): ScopedBy {
  if (!meta.isRestricted) return null
  if (isReference(instance)) return 'all'
  return meta.locked.size === 0 ? null : 'locked'
}

/** Whether written rows of the model may have to be checked. */
export const isGuarded = (runtime: ModelRuntime): boolean =>
  (runtime.guarded ??= GUARDS.some((guard) => guard.checks(runtime.meta)))

/** The checks of a write. */
export function checksOf(runtime: ModelRuntime, rows: Partial<GuardedRows>): readonly RowCheck[] {
  if (!isGuarded(runtime)) return []
  const all = { ...NO_ROWS, ...rows }
  return GUARDS.flatMap((guard) => guard.checksOf(runtime, all))
}

function keptNew(
  runtime: ModelRuntime,
  rows: readonly CanonicalRow[],
  keysOf: GuardedRows['keysOf'],
): readonly RowCheck[] {
  const places = doubtful(runtime, rows)
  return places.length === 0 ? [] : [(on) => requireKept(runtime, keysOf(places), 'create', on)]
}

function keptChanged(runtime: ModelRuntime, changes: readonly ChangedInstance[]): readonly RowCheck[] {
  const { meta, source } = runtime
  if (changes.length === 0 || meta.locked.size === 0) return []
  const conditions = lockedConditions(meta, source.runner)
  const keys = changes
    .filter(({ change }) => mayLeave(change, conditions))
    .map(({ change }) => changedKey(meta, change))
  return keys.length === 0 ? [] : [(on) => requireKept(runtime, keys, 'update', on)]
}

/**
 * Whether the rows of a query are checked after a write. A soft delete may take rows out of the scopes, so it is not checked.
 */
export const guardsQuery = ({ source, shape }: Query, write: QueryWrite): boolean =>
  write.kind === 'update' &&
  source.meta.locked.size > 0 &&
  mayReadOf(lockedConditions(source.meta, source.runner, shape), writtenColumns(source, write))

/** Checks that the scopes still show all rows after a change. The rows were locked, so no other write can have hidden one. */
export function guardShown(meta: ModelMetadata, before: readonly object[], after: readonly object[]): void {
  if (after.length < before.length && meta.locked.size > 0) throw left(meta, 'update')
}

/** Sends a write. It needs a transaction if it has checks or several statements. */
export function guarded<R>(
  executor: Executor,
  checks: readonly RowCheck[],
  several: boolean,
  send: (on: Executor) => MaybePromise<R>,
): MaybePromise<R> {
  if (!several && checks.length === 0) return send(executor)
  return executor.transaction(async (trx) => {
    const on = within(trx)
    const sent = await send(on)
    for (const check of checks) await check(on)
    return sent
  })
}

/** The key of a row after this change. */
function changedKey(meta: ModelMetadata, { fields, values, key }: RowChange): readonly unknown[] {
  return keyFrom(meta, (field) => {
    const place = fields.indexOf(field)
    return place < 0 ? key[meta.primaryKey.indexOf(field)] : values[place]
  })
}

/** The key of a row with these values. */
export function keyFrom(meta: ModelMetadata, partOf: (field: ModelField) => unknown): readonly unknown[] {
  const key = meta.primaryKey.map(partOf)
  if (key.length === 0 || key.some((value) => value === undefined || value === null))
    throw new UsageError(
      `Rows of "${meta.name}" can't be written: whether they are in its locked global scopes has to be asked by their keys, which are not known. Give them their keys.`,
    )
  return key
}
