import { UsageError } from '../errors.js'
import { loadedValue, originOf, setLoaded } from '../hydrate/state.js'
import { type RelationMetadata, relationOf } from '../metadata/resolve-relation.js'
import { Query } from '../query/query-builder.js'
import { LoadedMany } from '../relation/loaded-many.js'
import { andThen, type MaybePromise, promised } from '../util/maybe-promise.js'
import { isSet } from '../util/own.js'
import { place } from './lazy.js'
import { relatedQuery } from './related-query.js'
import { runtimeOf } from './runtime.js'
import { createInstance, createManyInstances } from './write/create.js'
import type { Attributes } from './write/values.js'

interface WriteOptions {
  readonly guarded?: boolean
}

/** Saves an instance; given by the model, which lies above. */
export type Save = (instance: object) => MaybePromise<void>

/** The manager of a relation: a query over its rows, and the writes that keep its keys. */
abstract class Manager extends Query {
  constructor(
    readonly owner: object,
    readonly relation: RelationMetadata,
    query: Query,
  ) {
    super(query.source, query.shape, query.up, query.value, query.preloads, query.executor)
  }

  protected get home(): object | null {
    return originOf(this.owner)?.executor ?? null
  }
}

/** The rows of a hasOne or hasMany. */
export class RelatedRows extends Manager {
  create(data: unknown, options: WriteOptions = {}): Promise<object> {
    return promised(() => {
      const made = createInstance(
        runtimeOf(this.relation.target.model),
        data,
        isSet(options, 'guarded'),
        this.home,
        this.#link(),
      )
      return andThen(made, (instance) => this.#added([instance])[0] as object)
    })
  }
  createMany(rows: readonly unknown[], options: WriteOptions = {}): Promise<object[]> {
    return promised(async () => {
      const made = await createManyInstances(
        runtimeOf(this.relation.target.model),
        rows,
        isSet(options, 'guarded'),
        this.home,
        this.#link(),
      )
      return this.#added(made)
    })
  }
  save(instance: object): Promise<object> {
    return promised(() => {
      const { target } = this.relation
      if (!(instance instanceof target.model))
        throw new UsageError(`save() of "${this.#path}" takes an instance of "${target.name}".`)
      Object.assign(instance, this.#link())
      const saved = (instance as unknown as { save(): Promise<object> }).save()
      return saved.then(() => this.#added([instance])[0] as object)
    })
  }

  get #path(): string {
    return `${this.relation.source.name}.${this.relation.name}`
  }

  /** What ties a row to its owner. */
  #link(): Attributes {
    const value = (this.owner as Attributes)[this.relation.sourceKey.name]
    return { [this.relation.targetKey.name]: value }
  }

  /** A loaded value is kept in step. */
  #added(instances: readonly object[]): object[] {
    const { relation, owner } = this
    const loaded = loadedValue(owner, relation.index)
    if (relation.many && loaded instanceof LoadedMany)
      loaded.push(...instances.filter((instance) => !loaded.includes(instance)))
    else if (!relation.many) setLoaded(owner, relation.index, instances[0])
    return [...instances]
  }
}

/** The row a belongsTo points at. */
export class RelatedOwner extends Manager {
  associate(target: unknown): Promise<void> {
    return promised(() => this.#point(target))
  }
  dissociate(): Promise<void> {
    return promised(() => this.#point(null))
  }

  async #point(target: unknown): Promise<void> {
    const { owner, relation } = this
    const instance = target instanceof relation.target.model ? target : null
    const key = instance === null ? target : (instance as unknown as Attributes)[relation.targetKey.name]
    const path = `${relation.source.name}.${relation.name}`
    if (key === undefined)
      throw new UsageError(`associate() of "${path}" takes a saved "${relation.target.name}" or its key.`)
    if (key === null && !relation.sourceKey.nullable)
      throw new UsageError(`"${path}" can't be dissociated: "${relation.sourceKey.name}" is not nullable.`)
    const before = (owner as Attributes)[relation.sourceKey.name]
    ;(owner as Attributes)[relation.sourceKey.name] = key
    try {
      await (owner as { save(options?: object): Promise<unknown> }).save(
        originOf(owner) === null ? {} : { only: [relation.sourceKey.name] },
      )
    } catch (error) {
      ;(owner as Attributes)[relation.sourceKey.name] = before
      throw error
    }
    if (instance !== null || key === null) place(owner, relation, instance)
  }
}

export function relatedManager(owner: object, name: string): Manager {
  const origin = originOf(owner)
  const { meta } = runtimeOf(origin?.meta.model ?? owner.constructor)
  const relation = relationOf(meta, name)
  if (relation.type === 'belongsTo')
    // a new instance may not have its key yet: then the query finds nothing, and associate() sets it
    return new RelatedOwner(
      owner,
      relation,
      relatedQuery(owner, relation, (owner as Attributes)[relation.sourceKey.name] ?? null),
    )
  if (origin === null)
    throw new UsageError(`related('${name}') needs a saved "${meta.name}": its key is not known yet. Save it first.`)
  return new RelatedRows(owner, relation, relatedQuery(owner, relation))
}
