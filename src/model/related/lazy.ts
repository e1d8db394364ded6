import { settings } from '../../database/settings.js'
import { currentTransaction } from '../../database/transaction.js'
import { RelationNotLoadedError, UsageError } from '../../errors.js'
import type { Executor } from '../../execution/executor.js'
import type { Origin } from '../../hydrate/origin.js'
import { claimPrefetched, loadedValue, markPrefetched, NoRow, originOf, setLoaded } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import { describeRelations, type RelationMetadata, relationOf, variantFor } from '../../metadata/relation/resolve.js'
import { type PreloadTree, plainPreload } from '../../query/runner/preload.js'
import { keyReader } from '../../relation/key.js'
import { pendingClass } from '../../relation/pending.js'
import { isOfUnknownModel } from '../../relation/variant.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { asRecord } from '../../util/record.js'
import { preload } from '../read/fetch.js'
import { relatedQuery } from '../runtime/related-query.js'
import { executorFor } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { loadUnderWay, shareUnderWay } from '../runtime/under-way.js'
import { recordUnloaded } from '../write/originals.js'
import { originalOf } from '../write/values.js'

const source = { load: loadLazily, query: relatedQuery }

/** Puts a getter per relation on the model's prototype: the loaded value, or one that can be awaited. */
export function defineRelations({ meta }: ModelRuntime): void {
  describeRelations(meta)
  for (const name of meta.relations.keys()) {
    Object.defineProperty(meta.model.prototype, name, {
      configurable: true,
      get(this: object) {
        return relationValue(this, relationOf(meta, name))
      },
      set() {
        throw new UsageError(
          `"${meta.name}.${name}" can't be assigned. Use related('${name}').associate(x), or set the key field.`,
        )
      },
    })
  }
}

/** What `instance.relation` reads. */
function relationValue(instance: object, relation: RelationMetadata): unknown {
  const value = currentValue(instance, relation)
  if (value !== undefined) {
    claimPrefetched(instance, relation.index)
    return value
  }
  if (relation.ownsKey && pointsNowhere(instance, relation)) return null
  return new (pendingClass(relation))(instance, relation, source)
}

/** Null in one of its key fields, as it is now. */
function pointsNowhere(instance: object, { sourceKeys, variants }: RelationMetadata): boolean {
  const values = asRecord(instance)
  return (
    sourceKeys.some((field) => values[field.name] === null) ||
    (variants !== null && values[variants.typeField.name] === null)
  )
}

/** The loaded value, unless the key it was loaded for has changed since. */
export function currentValue(instance: object, relation: RelationMetadata): object | null | undefined {
  const value = loadedValue(instance, relation.index)
  if (value === undefined) return undefined
  if (relation.ownsKey && !isLoadedFor(instance, relation, value)) return undefined
  return value instanceof NoRow ? null : value
}

/** Whether the loaded row, or the absence of one, still matches the instance's key. */
function isLoadedFor(instance: object, relation: RelationMetadata, value: object): boolean {
  const { variants } = relation
  if (variants === null) return isLoadedKey(instance, relation, value)
  const type = asRecord(instance)[variants.typeField.name]
  const variant = variants.byName.get(type as string)
  if (variant === undefined) return value instanceof NoRow && value.variant === null
  const isOf = value instanceof NoRow ? value.variant === variant : variantFor(relation, value) === variant
  return isOf && isLoadedKey(instance, variant, value)
}

/** A row whose key was changed in memory is still found by what the database has. */
function isLoadedKey(instance: object, relation: RelationMetadata, value: object): boolean {
  const { ofSource, ofTarget } = keyReader(relation)
  const key = ofSource(instance)
  if (value instanceof NoRow) return key === value.key
  return key === ofTarget(value) || key === ofTarget(originals(relation.targetKeys, value))
}

const originals = (fields: readonly ModelField[], instance: object) =>
  Object.fromEntries(fields.map((field) => [field.name, originalOf(instance, field)]))

/** The first await of a relation loads it for all rows of the same result, in one query. */
function loadLazily(instance: object, relation: RelationMetadata): MaybePromise<unknown> {
  // the await of a sibling may have loaded it in the meantime
  const loaded = currentValue(instance, relation)
  if (loaded !== undefined) return loaded
  if (settings.lazyLoading === 'forbid')
    throw new RelationNotLoadedError(
      `"${relation.source.name}.${relation.name}" is not loaded, and lazy loading is switched off. Load it with the query: with('${relation.name}').`,
    )
  const origin = originOf(instance)
  return andThen(executorFor(relation.source, origin?.executor ?? null), (executor) =>
    loadIn(executor, instance, relation, origin),
  )
}

function loadIn(
  executor: Executor,
  instance: object,
  relation: RelationMetadata,
  origin: Origin | null,
): MaybePromise<unknown> {
  const read = () => {
    claimPrefetched(instance, relation.index)
    return currentValue(instance, relation) ?? null
  }
  const load = (instances: readonly object[]) => loadOnto(instances, relation, executor)
  const running = loadUnderWay(instance, relation, executor)
  if (running !== undefined)
    return running.then(() =>
      currentValue(instance, relation) === undefined ? andThen(load([instance]), read) : read(),
    )
  const siblings =
    settings.lazyLoading === 'single' ? [instance] : unloadedSiblings(instance, relation, origin, executor)
  if (siblings.length === 1) return andThen(load(siblings), read)
  const database = executor.database
  const transaction = currentTransaction(database)
  return andThen(load(siblings), () => {
    const others = siblings.filter((sibling) => sibling !== instance)
    markPrefetched(others, { relation: relation.index, database, transaction })
    return read()
  })
}

function loadOnto(instances: readonly object[], relation: RelationMetadata, executor: Executor): MaybePromise<void> {
  const tree: PreloadTree = new Map([[relation.name, plainPreload(relation)]])
  if (executor.undo !== null) recordUnloaded(executor.undo, instances, relation.index)
  const loading = preload(instances, tree, executor, settings.lazyLoading === 'single' ? 'relation' : 'own')
  if (loading instanceof Promise) shareUnderWay(instances, relation, executor, loading)
  return loading
}

function unloadedSiblings(
  instance: object,
  relation: RelationMetadata,
  origin: Origin | null,
  executor: Executor,
): object[] {
  // a row of an unknown model is an error for that row, not for its siblings
  if (isOfUnknownModel(instance, relation)) return [instance]
  const siblings = (origin?.siblings ?? []).filter(
    (sibling) =>
      !isOfUnknownModel(sibling, relation) &&
      currentValue(sibling, relation) === undefined &&
      originOf(sibling) === origin &&
      loadUnderWay(sibling, relation, executor) === undefined,
  )
  return siblings.includes(instance) ? siblings : [instance]
}

/** Sets the loaded row of a relation to one, after a manager has written it. */
export function setRelated(instance: object, relation: RelationMetadata, value: object | null): void {
  setLoaded(instance, relation.index, value ?? noRow(instance, relation))
}

/** A relation to several models has no key without a model. */
const noRow = (instance: object, relation: RelationMetadata) =>
  relation.variants === null ? new NoRow(keyReader(relation).ofSource(instance), relation) : new NoRow(undefined)
