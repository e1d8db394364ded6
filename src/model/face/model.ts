import { inspect } from 'node:util'
import { UsageError } from '../../errors.js'
import type { Executor, Using } from '../../execution/executor.js'
import type { Origin } from '../../hydrate/origin.js'
import { hiddenValue, isHeld, originOf, rowOf, Stateful } from '../../hydrate/state.js'
import { RelationDescriptor } from '../../metadata/descriptor.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { relationOf } from '../../metadata/relation/resolve.js'
import type { Query } from '../../query/builder/query-builder.js'
import { addPreloads, NO_PRELOADS } from '../../query/runner/preload.js'
import { softDeleteOf } from '../../query/scopes/trashed.js'
import { inspectInstance } from '../../serialize/inspect.js'
import { toJSON, toObject } from '../../serialize/serialize.js'
import { limitArguments } from '../../util/arguments.js'
import { copyValue } from '../../util/copy-value.js'
import { andThen, type MaybePromise, promised, promisedCall } from '../../util/maybe-promise.js'
import { asRecord } from '../../util/record.js'
import { saveWithRelations } from '../nested/index.js'
import { relatedManager } from '../related/index.js'
import { instanceCalls, instanceWrites } from '../runtime/argument-counts.js'
import { boundDatabase } from '../runtime/bound.js'
import { addHooks } from '../runtime/hooked.js'
import { guardedOption, localesOption, saveOptions, updateOptions } from '../runtime/options.js'
import { executorFor } from '../runtime/run.js'
import { boundTo, construct, HYDRATE, type ModelRuntime, runtimeOf, takesGuarded } from '../runtime/runtime.js'
import { changedFields } from '../write/change.js'
import { copyEmbeddings } from '../write/embeddings.js'
import { addIssue } from '../write/hooks.js'
import { assign, initialize } from '../write/initialize.js'
import { loadFields } from '../write/load-fields.js'
import { persistOne, persistSave } from '../write/persist.js'
import { addToField, refreshFields } from '../write/reread.js'
import { isBeingRemoved } from '../write/turns.js'
import { type Attributes, originalOf } from '../write/values.js'
import { loadMissing } from './load.js'
import { checkClass } from './probe.js'

/** What every instance can do. Each method hands on to the module that does it. */
export class ModelBase extends Stateful {
  constructor(data?: unknown, options?: unknown) {
    super()
    if (data === HYDRATE) return
    const runtime = runtimeOf(new.target)
    checkClass(new.target, runtime)
    const lifted = takesGuarded(new.target)
    initialize(asRecord(this), runtime.meta, data, options === undefined ? lifted : asGuarded(options, runtime, lifted))
  }

  get isPersisted(): boolean {
    const origin = originOf(this)
    return origin !== null && !origin.deleted
  }
  get isDeleted(): boolean {
    const origin = originOf(this)
    if (origin === null || origin.deleted) return origin !== null
    const { softDelete } = origin.meta
    if (softDelete === null) return false
    const place = origin.positions[softDelete.index] ?? -1
    // one that was not loaded throws, and says how it is
    const held = place < 0 ? asRecord(this)[softDelete.name] : rowOf(this)?.[place]
    return held !== null
  }
  /** The primary key: a value, or an object of a composite one. */
  get pk(): unknown {
    return runtimeFor(this).meta.key.formIn(this)
  }

  save(options?: unknown): Promise<this> {
    return promisedCall(this, options, undefined, saveAndReturn)
  }
  update(data: unknown, options?: unknown): Promise<this> {
    return promised(() => {
      const { guarded = false, expectVersion } = updateOptions(options)
      const runtime = runtimeFor(this)
      assign(asRecord(this), runtime.meta, data, guarded)
      const only = Object.keys(data as object).flatMap((name) => keyNamesOf(runtime, name))
      return andThen(saveInstance(this, { only, expectVersion }), () => this)
    })
  }
  saveWithRelations(data: unknown, options?: unknown): Promise<object> {
    return promised(() => {
      const { guarded = false } = guardedOption(options, 'saveWithRelations()')
      return saveWithRelations(this, data, guarded, usingFor(this))
    })
  }
  fill(data: unknown, options?: unknown): this {
    const { guarded = false } = guardedOption(options, 'fill()')
    assign(asRecord(this), runtimeFor(this).meta, data, guarded)
    return this
  }
  delete(): Promise<void> {
    return promised(() => deleteInstance(this, 'delete()'))
  }
  forceDelete(): Promise<void> {
    return promised(() => deleteInstance(this, 'forceDelete()'))
  }
  restore(): Promise<void> {
    return promised(() => restoreInstance(this))
  }
  refresh(...fields: string[]): Promise<this> {
    return promised(() => andThen(refreshInstance(this, fields), () => this))
  }
  increment(field: string, by: number | bigint = 1): Promise<this> {
    return promised(() => andThen(addTo(this, field, by, 'plus'), () => this))
  }
  decrement(field: string, by: number | bigint = 1): Promise<this> {
    return promised(() => andThen(addTo(this, field, by, 'minus'), () => this))
  }
  loadField(name: string): Promise<unknown> {
    return promised(() => loadFieldOf(this, name))
  }

  isDirty(field?: string): boolean {
    const runtime = runtimeFor(this)
    const only = field === undefined ? undefined : new Set(columnsOf(runtime, field).map(({ name }) => name))
    if (rowOf(this) === null) return only === undefined || [...only].some((name) => asRecord(this)[name] !== undefined)
    if (only?.size === 0) return false
    return changedFields(runtime, this, only).length > 0
  }
  getChanges(): Record<string, [unknown, unknown]> {
    const runtime = runtimeFor(this)
    if (rowOf(this) === null) return newValues(runtime, asRecord(this))
    return Object.fromEntries(
      changedFields(runtime, this).map((field) => [field.name, [originalOf(this, field), asRecord(this)[field.name]]]),
    )
  }
  getOriginal(name: string): unknown {
    const { meta } = runtimeFor(this)
    const translation = meta.attributes.get(name)?.translation ?? null
    if (translation === null) return originalOf(this, meta.field(name))
    return translation.readBy((field) => originalOf(this, field))
  }

  addIssue(path: string, message: string, code = 'custom'): void {
    addIssue(this, runtimeFor(this).meta.name, { path, message, code })
  }

  load(...paths: unknown[]): Promise<this> {
    const { meta } = runtimeFor(this)
    return promised(() => {
      const tree = addPreloads(meta, NO_PRELOADS, paths)
      return andThen(executorFor(meta, originOf(this)?.executor ?? null), (executor) =>
        andThen(loadMissing([this], tree, executor, 'relation'), () => this),
      )
    })
  }
  related(relation: unknown): Query {
    return relatedManager(this, relationName(runtimeFor(this), relation))
  }
  clone(): this {
    const runtime = runtimeFor(this)
    const { meta } = runtime
    const isLoaded = ({ name, hidden }: ModelField) =>
      Object.hasOwn(this, name) || (hidden && hiddenValue(this, name) !== undefined)
    const copied = meta.fields.filter(
      (f) =>
        !f.primaryKey &&
        f.generated === null &&
        f.kind.automatic === undefined &&
        f !== meta.softDelete &&
        !f.isVersion &&
        isLoaded(f),
    )
    const virtual = [...meta.attributes.values()].filter((each) => each.compute === null)
    const values = [...copied, ...virtual].map(({ name }) => [name, copyValue(asRecord(this)[name])])
    const copy = construct(meta.model, Object.fromEntries(values), true) as this
    if (meta.needs.embeddings) copyEmbeddings(runtime, this, copy)
    return copy
  }
  toObject(options?: unknown): Attributes {
    return toObject(this, metaOf, localesOption(options, 'toObject()').locales === 'all')
  }
  /** JSON.stringify() passes the key that the instance has. */
  toJSON(options?: unknown): Attributes {
    const given = typeof options === 'string' ? undefined : options
    return toJSON(this, metaOf, localesOption(given, 'toJSON()').locales === 'all')
  }
  getDatabase(): Executor {
    const executor = executorFor(runtimeFor(this).meta, originOf(this)?.executor ?? null)
    if (executor instanceof Promise)
      throw new UsageError('The database is not connected yet. Run a query first, or call Database.connect().')
    return executor.database
  }

  [inspect.custom](depth: number | null, options: object): string {
    return inspectInstance(this, metaOf, depth, options)
  }
}

function asGuarded(options: unknown, { meta }: ModelRuntime, otherwise: boolean): boolean {
  const { guarded = otherwise } = guardedOption(options, `new ${meta.name}()`)
  return guarded
}

limitArguments(ModelBase.prototype, instanceCalls, instanceWrites)
addHooks(ModelBase.prototype)

function runtimeFor(instance: object): ModelRuntime {
  return runtimeOf(originOf(instance)?.meta.model ?? instance.constructor)
}

const metaOf = (instance: object) => runtimeFor(instance).meta

/** The columns of an attribute: one of a field, those that a computed one needs, none of a virtual one. */
function columnsOf({ meta }: ModelRuntime, name: string): readonly ModelField[] {
  return meta.attributes.get(name)?.fields ?? [meta.field(name)]
}

/** The names of the columns that a save of this attribute writes: all languages of a translated one. */
export function writtenBy(meta: ModelMetadata, name: string): string[] {
  const translation = meta.attributes.get(name)?.translation ?? null
  return (translation === null ? [meta.field(name)] : translation.fields).map((field) => field.name)
}

/** In data a to-one relation may stand for its key. */
function keyNamesOf({ meta }: ModelRuntime, name: string): string[] {
  const attribute = meta.attributes.get(name)
  if (attribute !== undefined) return attribute.translation === null ? [] : [attribute.translation.target.name]
  if (meta.hasField(name) || !meta.relations.has(name)) return [name]
  const { sourceKeys, variants } = relationOf(meta, name)
  return [...sourceKeys, ...(variants === null ? [] : [variants.typeField])].map((field) => field.name)
}

function usingFor(instance: object): Using {
  return originOf(instance)?.executor ?? boundDatabase.get(instance) ?? boundTo(instance.constructor)
}

function saveAndReturn<T extends object>(instance: T, given: unknown): MaybePromise<T> {
  const done = saveInstance(instance, given)
  return done instanceof Promise ? done.then(() => instance) : instance
}

function saveInstance(instance: object, given?: unknown): MaybePromise<void> {
  const runtime = runtimeFor(instance)
  if (given === undefined) return persistSave(runtime, instance, usingFor(instance))
  const options = saveOptions(given)
  const only =
    options.only === undefined ? null : new Set(options.only.flatMap((name) => writtenBy(runtime.meta, name)))
  const { expectVersion = null, using = usingFor(instance) } = options
  if (expectVersion !== null) requireVersioned(runtime, instance)
  return persistOne({ runtime, instance, action: 'save', only, expectVersion }, using)
}

function requireVersioned({ meta }: ModelRuntime, instance: object): void {
  if (meta.version === null)
    throw new UsageError(`{ expectVersion } is for models with versions: "${meta.name}" has no Field.version().`)
  if (originOf(instance) === null)
    throw new UsageError(
      `{ expectVersion } is for saved instances: this "${meta.name}" is not in the database yet. Save it without the option.`,
    )
}

function requireSaved(instance: object, what: string): Origin {
  const origin = originOf(instance)
  if (origin === null || origin.deleted)
    throw new UsageError(
      `${what} needs a saved "${runtimeFor(instance).meta.name}"; this one ${origin === null ? 'is not in the database yet. Save it first' : 'was deleted'}.`,
    )
  return origin
}

function deleteInstance(instance: object, call: 'delete()' | 'forceDelete()'): MaybePromise<void> {
  if (isBeingRemoved(instance)) return
  const { executor } = requireSaved(instance, call)
  const runtime = runtimeFor(instance)
  const action = call === 'delete()' && runtime.meta.softDelete !== null ? 'mark' : 'delete'
  return persistOne({ runtime, instance, action, only: null, expectVersion: null }, executor)
}

function restoreInstance(instance: object): MaybePromise<void> {
  const { executor } = requireSaved(instance, 'restore()')
  const runtime = runtimeFor(instance)
  softDeleteOf(runtime.meta, 'restore()')
  return persistOne({ runtime, instance, action: 'restore', only: null, expectVersion: null }, executor)
}

function refreshInstance(instance: object, names: readonly string[]): MaybePromise<void> {
  const origin = requireSaved(instance, 'refresh()')
  const runtime = runtimeFor(instance)
  const fields =
    names.length > 0 ? [...new Set(names.flatMap((name) => columnsOf(runtime, name)))] : loadedFields(origin)
  return fields.length === 0 ? undefined : refreshFields(runtime, instance, fields)
}

/** What a refresh reads: also generated columns whose values an update has taken away. */
function loadedFields({ meta, positions }: Origin): readonly ModelField[] {
  const isLoaded = ({ index }: ModelField) => (positions[index] ?? -1) >= 0
  const isWhole = meta.generated.length > 0 && meta.fields.every((f) => f.lazy || f.generated !== null || isLoaded(f))
  return meta.fields.filter((field) => isLoaded(field) || (isWhole && field.generated !== null && !field.lazy))
}

function loadFieldOf(instance: object, name: string): MaybePromise<unknown> {
  requireSaved(instance, 'loadField()')
  const runtime = runtimeFor(instance)
  const missing = columnsOf(runtime, name).filter((field) => !isHeld(instance, field))
  const value = () => asRecord(instance)[name]
  return missing.length === 0 ? value() : andThen(loadFields(runtime, instance, missing), value)
}

function addTo(instance: object, name: string, by: unknown, operation: 'plus' | 'minus'): MaybePromise<void> {
  requireSaved(instance, operation === 'plus' ? 'increment()' : 'decrement()')
  const runtime = runtimeFor(instance)
  return addToField(runtime, instance, runtime.meta.field(name), { operation, by })
}

function newValues(runtime: ModelRuntime, values: Attributes): Record<string, [unknown, unknown]> {
  const given = runtime.meta.fields.filter((field) => values[field.name] !== undefined)
  return Object.fromEntries(given.map((field) => [field.name, [undefined, values[field.name]]]))
}

function relationName(runtime: ModelRuntime, relation: unknown): string {
  if (!(relation instanceof RelationDescriptor)) return relation as string
  for (const [name, descriptor] of runtime.meta.relations) if (descriptor === relation) return name
  throw new UsageError(
    `related() of "${runtime.meta.name}" was given a relation of another model. Pass one of its own: related(${runtime.meta.name}.…).`,
  )
}
