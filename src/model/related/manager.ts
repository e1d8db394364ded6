import { UsageError } from '../../errors.js'
import type { Executor, OpenTransaction, Using } from '../../execution/executor.js'
import type { UndoLog } from '../../execution/undo.js'
import { isStateful, loadedValue, originOf, rememberState } from '../../hydrate/state.js'
import { Key } from '../../metadata/key/key.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { Query } from '../../query/builder/query-builder.js'
import { plainPreload } from '../../query/runner/preload.js'
import { LoadedMany } from '../../relation/loaded-many.js'
import { at } from '../../util/list.js'
import { preload } from '../read/fetch.js'
import { executorFor, pastDeadlocks, undoOf } from '../runtime/run.js'
import { recordLoaded } from '../write/originals.js'

/** The manager of a relation: a query over its rows, and the writes that keep its keys. */
export abstract class Manager extends Query {
  constructor(
    readonly owner: object,
    readonly relation: RelationMetadata,
    query: Query,
  ) {
    super(query.context, query.shape, query.up, query.value)
  }

  // these steps of a manager also apply to the rows that it links

  override withoutGlobalScope(name: unknown): Query {
    return this.#over(super.withoutGlobalScope(name))
  }
  override withoutGlobalScopes(): Query {
    return this.#over(super.withoutGlobalScopes())
  }
  override withTrashed(): Query {
    return this.#over(super.withTrashed())
  }
  override onlyTrashed(): Query {
    return this.#over(super.onlyTrashed())
  }

  /** A manager of the same relation with another query. */
  #over(query: Query): Query {
    const Same = this.constructor as new (owner: object, relation: RelationMetadata, query: Query) => Manager
    return new Same(this.owner, this.relation, query)
  }

  /** The database of the owner; null: its model's own. */
  protected get ownerUsing(): Using {
    return originOf(this.owner)?.executor ?? null
  }

  /** The name of the relation in messages. */
  protected get path(): string {
    return `"${this.relation.source.name}.${this.relation.name}"`
  }

  /** The loaded rows of a to-many relation, which are updated after writes. */
  protected get loaded(): LoadedMany | null {
    const loaded = loadedValue(this.owner, this.relation.index)
    return loaded instanceof LoadedMany ? loaded : null
  }

  /** Refuses a call without arguments, which could be meant as clear(). */
  protected refuseNothing(given: readonly unknown[]): void {
    if (given.length === 0)
      throw new UsageError(`detach() of ${this.path} takes rows, or a list of them. clear() detaches all of them.`)
  }

  /** The executor of the owner. A join table is in the owner's database, whatever its own model says. */
  protected async ownerExecutor(): Promise<Executor> {
    return executorFor(this.relation.source, this.ownerUsing)
  }

  /** Runs work all or nothing, in the database of the owner. */
  protected async inTransaction<R>(work: (trx: OpenTransaction) => Promise<R>): Promise<R> {
    return (await this.ownerExecutor()).transaction(work)
  }

  /** Runs work that changes links, all or nothing. Instances are changed after it. */
  protected async linking<R>(work: (executor: Executor) => Promise<R>): Promise<R> {
    const executor = await this.ownerExecutor()
    return pastDeadlocks(executor, () => work(executor))
  }

  /** Reads the loaded rows again, if a write was given keys only. */
  protected async reload(): Promise<void> {
    const { loaded, relation, owner } = this
    if (loaded === null) return
    const executor = await executorFor(relation.source, this.ownerUsing)
    await preload([owner], new Map([[relation.name, plainPreload(relation)]]), executor)
    loaded.hold(this.loaded ?? [])
    this.setLoaded(loaded)
  }

  /** Records what a rollback restores of the loaded rows; `more` records other rows. Called before anything is sent. */
  protected async remember(more?: (undo: UndoLog) => void): Promise<UndoLog | null> {
    const undo = await undoOf(this.relation.source, this.ownerUsing)
    if (undo === null) return null
    recordLoaded(undo, this.owner)
    more?.(undo)
    return undo
  }

  protected abstract setLoaded(value: LoadedMany): void
}

/** Restores an instance if a write fails. */
export async function orAsBefore<R>(instance: object, work: () => Promise<R>): Promise<R> {
  const asBefore = rememberState(instance)
  try {
    return await work()
  } catch (error) {
    asBefore()
    throw error
  }
}

/** An instance of the target that a manager was given, or its key as one value for each key field. */
export interface GivenRow {
  readonly instance: object | null
  readonly key: readonly unknown[]
}

/** The values of `fields` in an instance of the target, or the key as it was given. */
type RelationEnds = Pick<RelationMetadata, 'source' | 'name' | 'target'>

export function keyGiven(
  relation: RelationEnds,
  fields: readonly ModelField[],
  value: unknown,
  what: string,
): GivenRow {
  const { target } = relation
  const path = `"${relation.source.name}.${relation.name}"`
  const refuse = () => new UsageError(`${what} of ${path} takes saved instances of "${target.name}", or their keys.`)
  if (value instanceof target.model) {
    const key = Key.of(fields).valuesIn(value)
    if (originOf(value) === null || key.some((each) => each === null || each === undefined)) throw refuse()
    return { instance: value, key }
  }
  const key = Key.of(fields).valuesOf(value)
  if (key.some((part, i) => !isKeyValue(part, at(fields, i)))) throw refuse()
  return { instance: null, key }
}

/** What the field can't hold is refused with it, unless nobody would take it for a key. */
function isKeyValue(value: unknown, field: ModelField): boolean {
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'bigint') return true
  if (typeof value !== 'object' || value === null || isStateful(value)) return false
  return value instanceof Uint8Array || holds(field, value)
}

function holds(field: ModelField, value: unknown): boolean {
  try {
    field.check(value)
    return true
  } catch {
    return false
  }
}
