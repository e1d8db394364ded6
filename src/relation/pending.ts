import { RelationNotLoadedError } from '../errors.js'
import { type RelationMetadata, variantsOf } from '../metadata/relation/resolve.js'
import type { Query } from '../query/builder/query-builder.js'
import { callBack, type MaybePromise, promised, rejectedAwait } from '../util/maybe-promise.js'
import { memo } from '../util/memo.js'
import { hasMember } from '../util/own.js'

/** How a pending relation gets its value and its query. */
export interface PendingSource {
  load(owner: object, relation: RelationMetadata): MaybePromise<unknown>
  query(owner: object, relation: RelationMetadata): Query
}

/** A relation that is not loaded. Awaiting it loads it; using it like a value throws, and says how to load it. */
export abstract class Pending {
  readonly #owner: object
  readonly #relation: RelationMetadata
  readonly #source: PendingSource

  constructor(owner: object, relation: RelationMetadata, source: PendingSource) {
    this.#owner = owner
    this.#relation = relation
    this.#source = source
  }

  // biome-ignore lint/suspicious/noThenProperty: an unloaded relation is awaitable by design
  then(
    resolve?: ((value: unknown) => unknown) | null,
    reject?: ((error: unknown) => unknown) | null,
  ): Promise<unknown> {
    const load = () => this.#source.load(this.#owner, this.#relation)
    if (typeof resolve !== 'function' || typeof reject !== 'function') return promised(load).then(resolve, reject)
    let value: MaybePromise<unknown>
    try {
      value = load()
    } catch (error) {
      return rejectedAwait(error).then(resolve, reject)
    }
    return value instanceof Promise ? value.then(resolve, reject) : callBack(resolve, value)
  }

  query(): Query {
    return this.#source.query(this.#owner, this.#relation)
  }

  toJSON(): undefined {
    return undefined
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[not loaded]'
  }
}

/** To-many relations have the steps of a query without being loaded. */
export class PendingMany extends Pending {
  where(...args: unknown[]): Query {
    return this.query().where(...args)
  }
  orderBy(key: unknown, direction?: unknown): Query {
    return this.query().orderBy(key, direction ?? 'asc')
  }
  limit(count: number): Query {
    return this.query().limit(count)
  }
  first(): Promise<object | null> {
    return this.query().first()
  }
  count(): Promise<number> {
    return this.query().count()
  }
  exists(): Promise<boolean> {
    return this.query().exists()
  }
}

class PendingOne extends Pending {}

/** What tools ask of any object (promises, inspectors, test frameworks): these must never throw. */
const LEFT_ALONE = new Set([
  'constructor',
  'then',
  'toJSON',
  'toString',
  'valueOf',
  'query',
  'asymmetricMatch',
  'nodeType',
  'tagName',
  'hasAttribute',
  'inspect',
])

const classes = new WeakMap<
  RelationMetadata,
  new (
    owner: object,
    relation: RelationMetadata,
    source: PendingSource,
  ) => Pending
>()

/** The class of a relation's pending values: each member of the target throws, and says what to do. */
export function pendingClass(
  relation: RelationMetadata,
): new (
  owner: object,
  relation: RelationMetadata,
  source: PendingSource,
) => Pending {
  return memo(classes, relation, (of) => (of.many ? guardedMany(of) : guardedOne(of)))
}

function guardedOne(relation: RelationMetadata) {
  const Guarded = class extends PendingOne {}
  const targets = variantsOf(relation)
  const names = new Set(
    targets.flatMap(({ target }) => [
      ...target.fields.map((field) => field.name),
      ...target.relations.keys(),
      ...memberNames(target.model),
    ]),
  )
  for (const name of names) guard(Guarded.prototype, name, relation)
  return Guarded
}

function guardedMany(relation: RelationMetadata) {
  const Guarded = class extends PendingMany {}
  for (const name of Reflect.ownKeys(Array.prototype))
    if (!hasMember(Guarded.prototype, name)) guard(Guarded.prototype, name, relation)
  return Guarded
}

function memberNames(model: { readonly prototype: object }): string[] {
  const names: string[] = []
  for (
    let level: object = model.prototype;
    level !== Object.prototype && level !== null;
    level = Object.getPrototypeOf(level)
  )
    names.push(...Object.getOwnPropertyNames(level))
  return names
}

function guard(prototype: object, name: string | symbol, relation: RelationMetadata): void {
  if (typeof name === 'string' ? LEFT_ALONE.has(name) : name !== Symbol.iterator) return
  const fail = () => {
    const path = `${relation.source.name}.${relation.name}`
    throw new RelationNotLoadedError(
      `"${path}" is not loaded. Await it: (await x.${relation.name}), or load it with the query: with('${relation.name}').`,
    )
  }
  // an iterator that is only asked for (by a test framework) must not throw; one that is used must
  Object.defineProperty(prototype, name, { configurable: true, get: typeof name === 'symbol' ? () => fail : fail })
}
