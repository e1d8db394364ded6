import { settings } from '../../database/settings.js'
import { FieldNotLoadedError } from '../../errors.js'
import type { Executor, Using } from '../../execution/executor.js'
import type { Explain } from '../../execution/statement.js'
import type { InstanceFactory } from '../../hydrate/hydrator.js'
import type { Origin } from '../../hydrate/origin.js'
import { adopterOf, isHeld, rowOf } from '../../hydrate/state.js'
import type { ModelAttribute } from '../../metadata/attribute.js'
import {
  constructorOf,
  type ModelConstructor,
  type ModelMetadata,
  metadataOf,
  STANDS_FOR,
} from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { Query } from '../../query/builder/query-builder.js'
import {
  NO_OPTIONS,
  type QueryCause,
  type QueryContext,
  type QuerySource,
  type Runner,
} from '../../query/runner/runner.js'
import { type Shape, ShapeRoot } from '../../query/shape.js'
import type { HookName } from '../../types/hooks.js'
import { present } from '../../util/expect.js'
import { memo } from '../../util/memo.js'
import { hookMethodsOf, refuseHookFields } from './hooked.js'
import type { RowHook } from './row-hooks.js'
import { explainFor } from './run.js'

/** Given to a constructor that must not assign anything: the row follows. */
export const HYDRATE: unique symbol = Symbol('corm.hydrate')
/**
 * The model whose next construction takes guarded fields in its data, as its caller has said so. No argument can say it: the
 * constructor of the user's class stands between, and may pass on other data and no options.
 */
let takingGuarded: unknown = null

/** Calls a model's constructor with data, as `create` does. */
export function construct(model: ModelConstructor, data: unknown, guarded: boolean): object {
  takingGuarded = guarded ? model : null
  try {
    return new (constructorOf(model))(data)
  } finally {
    takingGuarded = null
  }
}

/** Asked by each construction: it holds for that one, not for instances of other models that are made on the way. */
export function takesGuarded(model: unknown): boolean {
  if (takingGuarded !== model) return false
  takingGuarded = null
  return true
}

/** On a model bound by using(): its database or transaction. */
export const BOUND: unique symbol = Symbol('corm.bound')
const RUNTIME: unique symbol = Symbol('corm.runtime')

/** What running queries needs to know of a model, in addition to its metadata. */
export class ModelRuntime {
  readonly meta: ModelMetadata
  readonly root = new ShapeRoot()
  readonly source: QuerySource<Query>
  /** Places of all fields in a full row. */
  readonly everyPosition: readonly number[]
  /** Adds field names to errors of this model's statements. */
  readonly explain: Explain
  /** Plans of writes, by dialect and fields. */
  readonly writePlans = new Map<object, Map<string | number, unknown>>()
  /** Whether the class was looked at for fields it redeclares. */
  probed = false
  /** The hooks that the class has. */
  readonly methods: ReadonlySet<HookName>
  /** What runs with the writes of its instances, in this order, and before the hooks of the class. */
  hooks: readonly RowHook[] = []
  /** Whether its written rows may have to be checked; null: not known yet. */
  guarded: boolean | null = null
  /** The shape of a query by key. */
  keyShape: Shape | null = null
  readonly #context: QueryContext<Query>
  /** Whether an instance was looked at for hooks that are no methods. */
  #lookedAt = false
  readonly #targets = new Map<string, InstanceFactory<Origin>>()

  constructor(model: ModelConstructor, runner: Runner<Query>) {
    this.meta = metadataOf(model)
    this.source = { meta: this.meta, root: this.root, runner, executor: null, cause: undefined }
    this.#context = { source: this.source, options: NO_OPTIONS }
    this.explain = explainFor(this.meta)
    this.everyPosition = this.meta.fields.map((field) => field.index)
    this.methods = hookMethodsOf(this.meta)
  }

  /** `cause` matters to the search for N+1 queries only. */
  query(executor: Using = null, cause?: QueryCause): Query {
    const plain = executor === null && (cause === undefined || settings.detectNPlusOne === false)
    const context = plain ? this.#context : { source: { ...this.source, executor, cause }, options: NO_OPTIONS }
    return new Query(context, this.root.shape)
  }

  /** The query that a global scope goes on from, in a tree of its own. No scope holds for it: one that ran it would ask itself. */
  draft(root: ShapeRoot): Query {
    const query = new Query({ source: { ...this.source, root }, options: NO_OPTIONS }, root.shape)
    return query.anyRow()
  }

  /** Where each field is in a row of these fields; -1: not there. */
  positions(fields: readonly ModelField[]): readonly number[] {
    if (fields.length === this.meta.fields.length) return this.everyPosition
    return this.meta.fields.map((field) => fields.indexOf(field))
  }

  /** The class whose instances carry these fields: the model, or a stand-in that throws for the missing ones. */
  target(fields: readonly ModelField[]): InstanceFactory<Origin> {
    const key = fields.map((field) => field.index).join()
    return memo(this.#targets, key, () => {
      const missing = this.meta.fields.filter((field) => !fields.includes(field))
      const make = missing.length === 0 ? constructorOf(this.meta.model) : standIn(this.meta, missing)
      if (!this.#lookedAt) refuseHookFields(new (constructorOf(this.meta.model))(HYDRATE), this.meta)
      this.#lookedAt = true
      return {
        make,
        mark: HYDRATE,
        adopt: adopterOf(this.meta.model.prototype),
      }
    })
  }
}

/** A subclass that looks like its model, but for fields that throw until they are given a value. */
function standIn(meta: ModelMetadata, missing: readonly ModelField[]): InstanceFactory<Origin>['make'] {
  const Model = constructorOf(meta.model)
  const Partial = class extends Model {}
  Reflect.deleteProperty(Partial.prototype, 'constructor')
  Object.defineProperty(Partial, 'name', { value: meta.name })
  Object.defineProperty(Partial, STANDS_FOR, { value: meta.model })
  for (const { name, hidden } of missing) {
    Object.defineProperty(Partial.prototype, name, {
      configurable: true,
      get(this: object) {
        // the user's constructor runs before the row is there
        if (rowOf(this) === null) return undefined
        throw new FieldNotLoadedError(
          `"${meta.name}.${name}" was not loaded. Select it (select('${name}') or selectAll()), or read it with await loadField('${name}').`,
        )
      },
      set(value: unknown) {
        Object.defineProperty(this, name, { value, enumerable: !hidden, writable: true, configurable: true })
      },
    })
  }
  for (const attribute of meta.attributes.values())
    if (!attribute.readsAny && attribute.fields.some((field) => missing.includes(field)))
      refuseIncomplete(Partial.prototype, attribute)
  return Partial
}

/** A computed attribute throws while a field that it needs is missing. */
function refuseIncomplete(prototype: object, { name, modelName, fields }: ModelAttribute): void {
  const above = (): object => Object.getPrototypeOf(prototype)
  Object.defineProperty(prototype, name, {
    configurable: true,
    get(this: object) {
      const missing = rowOf(this) === null ? undefined : fields.find((field) => !isHeld(this, field))
      if (missing === undefined) return Reflect.get(above(), name, this)
      throw new FieldNotLoadedError(
        `"${modelName}.${name}" needs "${missing.name}", which was not loaded. Select it (select('${name}') or selectAll()), or read it with await loadField('${name}').`,
      )
    },
    set(value: unknown) {
      Reflect.set(above(), name, value, this)
    },
  })
}

let runner: Runner<Query> | undefined

/** The model layer says what runs queries. */
export function setRunner(value: Runner<Query>): void {
  runner = value
}

/** Called once for each model, when it is first used. */
const preparations: ((runtime: ModelRuntime) => void)[] = []

export function whenPrepared(prepare: (runtime: ModelRuntime) => void): void {
  preparations.push(prepare)
}

interface ModelSlots {
  [RUNTIME]?: ModelRuntime
  [BOUND]?: Executor
}

export function runtimeOf(model: unknown): ModelRuntime {
  const marked = model as ModelSlots
  const near = marked[RUNTIME]
  if (near !== undefined && (near.meta.model === model || Object.hasOwn(marked, RUNTIME))) return near
  const meta = metadataOf(model)
  const original: ModelConstructor & ModelSlots = meta.model
  let runtime = Object.hasOwn(original, RUNTIME) ? original[RUNTIME] : undefined
  if (runtime === undefined) {
    runtime = new ModelRuntime(meta.model, present(runner, 'what runs queries'))
    Object.defineProperty(original, RUNTIME, { value: runtime })
    for (const prepare of preparations) prepare(runtime)
  }
  if (!Object.hasOwn(marked, RUNTIME)) Object.defineProperty(marked, RUNTIME, { value: runtime })
  return runtime
}

/** The database or transaction a model was bound to, or null. */
export function boundTo(model: unknown): Using {
  return (model as ModelSlots)[BOUND] ?? null
}
