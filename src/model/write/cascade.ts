import type { OpenTransaction, Using } from '../../execution/executor.js'
import type { UndoLog } from '../../execution/undo.js'
import { loadedValue, NoRow } from '../../hydrate/state.js'
import { Key } from '../../metadata/key/key.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { type RelationMetadata, relationOf } from '../../metadata/relation/resolve.js'
import type { Query } from '../../query/builder/query-builder.js'
import { columnOf } from '../../query/columns/columns.js'
import { keysTie } from '../../query/link/tie.js'
import { keyReader } from '../../relation/key.js'
import { dateIn, numberIn, present } from '../../util/expect.js'
import type { MaybePromise } from '../../util/maybe-promise.js'
import { memo } from '../../util/memo.js'
import { asRecord } from '../../util/record.js'
import { keyLists } from '../runtime/key-lists.js'
import { executorOf, inTransaction, undoOf } from '../runtime/run.js'
import { type ModelRuntime, runtimeOf } from '../runtime/runtime.js'
import { scopedBy } from './guards.js'
import { recordSaved } from './originals.js'
import { ownRow } from './own-row.js'
import { ofKeys, sendQuery } from './send/query.js'
import type { Attributes } from './values.js'
import { followVersion, type Versions } from './versions.js'
import { storeValues } from './written.js'

// Soft deletes of related rows, for relations with { onSoftDelete: 'cascade' }. All rows of one deletion get the same time, which
// no other related row has, so that a restore finds exactly these rows.

const known = new WeakMap<ModelMetadata, readonly RelationMetadata[]>()

/** The relations of a model whose rows are deleted and restored with its own. */
export function cascadesOf(meta: ModelMetadata): readonly RelationMetadata[] {
  return memo(known, meta, () => {
    const names = [...meta.relations].filter(([, { options }]) => options.onSoftDelete !== undefined)
    return names.map(([name]) => relationOf(meta, name))
  })
}

/** A row by its key, and when it was deleted. */
interface CascadedRow {
  readonly key: readonly unknown[]
  readonly at: Date | null
  readonly values: Attributes
}

const keyIn = ({ key }: CascadedRow) => key

/** Rows of one model that are marked together. */
interface CascadeLevel {
  readonly meta: ModelMetadata
  readonly rows: readonly CascadedRow[]
}

/** Marks the rows of a query and their cascaded rows, all or none. Returns the number of the query's own rows. */
export async function cascadeRows(query: Query, at: Date | null): Promise<number> {
  const { meta } = query.source
  return (await executorOf(query)).transaction(async (trx) => {
    const rows = await found(meta, query.using(trx).amongMarked(at))
    const plan = at === null ? await restoring(meta, rows, trx) : await deleting(meta, rows, at, trx)
    await write(plan.levels, plan.at, trx)
    return rows.length
  })
}

/** Marks the cascaded rows of a query, then calls `mark` for the rows of the query, and returns what that returns. */
export async function cascadeBefore(
  query: Query,
  at: Date,
  mark: (rows: Query, at: Date) => MaybePromise<object[]>,
): Promise<object[]> {
  const { meta } = query.source
  return (await executorOf(query)).transaction(async (trx) => {
    const here = query.using(trx)
    const rows = await found(meta, here.amongMarked(at))
    const plan = await deleting(meta, rows, at, trx)
    await write(plan.levels.slice(1), plan.at, trx)
    // only the rows that were read above
    const marked: object[] = []
    for (const own of ofKeys(here, rows.map(keyIn), trx.dialect))
      for (const row of await mark(own, plan.at)) marked.push(row)
    return marked
  })
}

/** An instance that is deleted softly at this time; null: restored. */
interface InstanceMark {
  readonly runtime: ModelRuntime
  readonly instance: object
  readonly at: Date | null
}

/** Marks the cascaded rows of an instance, then calls `mark` for its own row. */
export async function cascadeInstance(
  { runtime, instance, at }: InstanceMark,
  executor: Using,
  mark: (at: Date | null, trx: OpenTransaction) => MaybePromise<void>,
): Promise<void> {
  const { meta } = runtime
  const undo = await undoOf(meta, executor)
  const [row, plan] = await inTransaction(meta, executor, async (trx) => {
    const rows = await found(meta, markable(runtime, instance, at, trx))
    const own = rows.filter((row) => (row.at === null) === (at !== null))
    const plan = at === null ? await restoring(meta, own, trx) : await deleting(meta, own, at, trx)
    await write(plan.levels.slice(1), plan.at, trx)
    await mark(plan.at, trx)
    return [own[0], plan] as const
  })
  if (row !== undefined) follow(meta, instance, { from: row.at, to: plan.at, levels: plan.levels }, undo)
}

/** The row of an instance, deleted or not. A reference only finds it if the scopes show it. */
function markable(runtime: ModelRuntime, instance: object, at: Date | null, trx: OpenTransaction): Query {
  const row = ownRow(runtime, instance, trx)
  return scopedBy(runtime, instance) === 'all' ? row.amongMarked(at) : row
}

interface CascadePlan {
  readonly levels: readonly CascadeLevel[]
  readonly at: Date | null
}

interface Deletion extends CascadePlan {
  readonly at: Date
}

/** All rows that a deletion includes, and a time that none of their related rows has yet. */
async function deleting(
  meta: ModelMetadata,
  rows: readonly CascadedRow[],
  wanted: Date,
  trx: OpenTransaction,
): Promise<Deletion> {
  const taken = new Set<number>()
  const levels = await descend(meta, rows, async (relation, owners) => {
    const related = await relatedTo(relation, owners, trx, wanted)
    for (const { at } of related) if (at !== null) taken.add(at.getTime())
    return related.filter(({ at }) => at === null)
  })
  let time = wanted.getTime()
  while (taken.has(time)) time++
  return { levels, at: new Date(time) }
}

/** All rows that were deleted together with these. */
async function restoring(
  meta: ModelMetadata,
  rows: readonly CascadedRow[],
  trx: OpenTransaction,
): Promise<CascadePlan> {
  const levels = await descend(meta, rows, async (relation, owners) => {
    const { ofSource, ofTarget } = keyReader(relation)
    const times = new Map<unknown, Set<number>>()
    for (const { values, at } of owners) {
      const key = ofSource(values)
      times.set(key, (times.get(key) ?? new Set()).add(at?.getTime() ?? Number.NaN))
    }
    const related = await relatedTo(relation, owners, trx, null)
    return related.filter(({ values, at }) => at !== null && times.get(ofTarget(values))?.has(at.getTime()) === true)
  })
  return { levels, at: null }
}

/** Collects related rows level by level. Each row is included once, so that circles end. */
async function descend(
  meta: ModelMetadata,
  rows: readonly CascadedRow[],
  related: (relation: RelationMetadata, owners: readonly CascadedRow[]) => Promise<readonly CascadedRow[]>,
): Promise<CascadeLevel[]> {
  const seen = new Map<ModelMetadata, Set<unknown>>()
  const fresh = (of: ModelMetadata, all: readonly CascadedRow[]) => {
    const keys = seen.get(of) ?? new Set<unknown>()
    seen.set(of, keys)
    return all.filter(({ key }) => {
      const identity = of.key.identityOf(key)
      return !keys.has(identity) && keys.add(identity)
    })
  }
  const levels: CascadeLevel[] = [{ meta, rows: fresh(meta, rows) }]
  // also over those that are added meanwhile
  for (const level of levels) {
    if (level.rows.length === 0) continue
    for (const relation of cascadesOf(level.meta)) {
      const next = fresh(relation.target, await related(relation, level.rows))
      if (next.length > 0) levels.push({ meta: relation.target, rows: next })
    }
  }
  return levels
}

/** The rows of a relation that are not deleted, and those that were deleted at a time or later. */
async function relatedTo(
  relation: RelationMetadata,
  owners: readonly CascadedRow[],
  trx: OpenTransaction,
  from: Date | null,
): Promise<CascadedRow[]> {
  const { target } = relation
  const { ofSource, ofTarget, valuesOf } = keyReader(relation)
  const keys = new Map<unknown, readonly unknown[]>()
  for (const { values } of owners) {
    const key = ofSource(values)
    const own = valuesOf(values)
    if (key !== undefined && own !== null) keys.set(key, own)
  }
  const deleted = deletionOf(target)
  const operand = columnOf(deleted)
  const condition =
    from === null
      ? ({ kind: 'nullTest', operand, negated: true } as const)
      : ({
          kind: 'logic',
          operator: 'or',
          items: [
            { kind: 'nullTest', operand, negated: false },
            {
              kind: 'comparison',
              operator: '>=',
              left: operand,
              right: { kind: 'parameter', type: deleted, value: from },
            },
          ],
        } as const)
  const related: CascadedRow[] = []
  for (const chunk of Key.of(relation.sourceKeys).listChunks([...keys.values()], trx.dialect.capabilities)) {
    const query = runtimeOf(target.model)
      .query(trx, 'own')
      .everyRow()
      .restrictFurther(keysTie(relation, chunk))
      .restrictFurther(condition)
    for (const row of await found(target, query, relation.targetKeys))
      if (keys.has(ofTarget(row.values))) related.push(row)
  }
  return related
}

const deletionOf = ({ softDelete }: ModelMetadata): ModelField => present(softDelete, 'a model with soft deletes')

/** Reads and locks rows. `ties`: the fields that identify their owners. */
async function found(meta: ModelMetadata, query: Query, ties: readonly ModelField[] = []): Promise<CascadedRow[]> {
  const fields = new Set([...meta.primaryKey, ...ties])
  const deletion = deletionOf(meta)
  fields.add(deletion)
  if (meta.version !== null) fields.add(meta.version)
  for (const relation of cascadesOf(meta)) for (const field of relation.sourceKeys) fields.add(field)
  const names = [...fields].map((field) => field.name)
  const rows = await query.lock('update').valuesList(...names)
  return rows.map((row) => {
    const values: Attributes = Object.fromEntries(names.map((name, i) => [name, row[i]]))
    const at = values[deletion.name] ?? null
    return { key: meta.key.valuesIn(values), at: at === null ? null : dateIn(at), values }
  })
}

async function write(levels: readonly CascadeLevel[], at: Date | null, trx: OpenTransaction): Promise<void> {
  for (const { meta, rows } of levels) {
    for (const { condition } of keyLists(meta.primaryKey, rows.map(keyIn), trx.dialect))
      await sendQuery(runtimeOf(meta.model).query(trx).everyRow().restrict(condition).marked(at))
  }
}

/** A change of the time of deletion of cascaded rows; null: not deleted. */
interface Cascaded {
  readonly from: Date | null
  readonly to: Date | null
  /** The rows as they were before. */
  readonly levels: readonly CascadeLevel[]
}

/** Rows of the instance's relations that are loaded, and had its time of deletion, get its new one. */
export function follow(meta: ModelMetadata, instance: object, cascaded: Cascaded, undo: UndoLog | null): void {
  if (undo?.undone === true) return
  const { from, to, levels } = cascaded
  for (const relation of cascadesOf(meta)) {
    const value = loadedValue(instance, relation.index)
    if (value === undefined || value instanceof NoRow) continue
    const { target } = relation
    const field = deletionOf(target)
    const versions = target.version === null ? null : versionsIn(levels, target, target.version)
    const rows: readonly object[] = Array.isArray(value) ? value : [value]
    for (const row of rows) {
      const held = asRecord(row)[field.name]
      if (!(held === null || held instanceof Date) || held?.getTime() !== from?.getTime()) continue
      if (undo !== null) recordSaved(undo, row, target.version === null ? [field] : [field, target.version], 'held')
      storeValues(row, { [field.name]: to }, undo)
      if (versions !== null) followVersion(runtimeOf(target.model), row, versions, undo)
      follow(target, row, cascaded, undo)
    }
  }
}

function versionsIn(levels: readonly CascadeLevel[], meta: ModelMetadata, version: ModelField): Versions {
  const rows = levels.filter((level) => level.meta === meta).flatMap((level) => level.rows)
  return new Map(rows.map(({ key, values }) => [meta.key.identityOf(key), numberIn(values[version.name])]))
}
