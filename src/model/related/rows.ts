import { NotFoundError, UsageError } from '../../errors.js'
import { isStateful, loadedValue, originOf, setLoaded } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { keysCondition } from '../../query/condition/where.js'
import type { Query } from '../../query/query-builder.js'
import { comparableKey, keyIdentity } from '../../relation/key.js'
import type { LoadedMany } from '../../relation/loaded-many.js'
import { promised } from '../../util/maybe-promise.js'
import { isSet } from '../../util/own.js'
import { runtimeOf } from '../runtime.js'
import { createInstance, createManyInstances } from '../write/create.js'
import { storeValues } from '../write/stored.js'
import type { Attributes } from '../write/values.js'
import { type Given, keyGiven, Manager, type WriteOptions } from './manager.js'

export interface Difference {
  readonly attached: number
  readonly detached: number
  readonly updated: number
}

/** What a row of the relation holds of its owner. */
export function tieOf(owner: object, { sourceKeys, targetKeys, morph }: RelationMetadata): Attributes {
  const tie = targetKeys.map((field, i) => [field.name, (owner as Attributes)[(sourceKeys[i] as ModelField).name]])
  return { ...Object.fromEntries(tie), ...(morph && { [morph.field.name]: morph.value }) }
}

/** The rows of a hasOne, hasMany, morphOne or morphMany: they hold the key of the owner. */
export class RelatedRows extends Manager {
  readonly #identity = keyIdentity(this.relation.target.primaryKey)

  create(data: unknown, options: WriteOptions = {}): Promise<object> {
    return promised(async () => {
      const runtime = runtimeOf(this.relation.target.model)
      const made = await createInstance(runtime, data, isSet(options, 'guarded'), this.home, this.#tie())
      return this.#added([made])[0] as object
    })
  }
  createMany(rows: readonly unknown[], options: WriteOptions = {}): Promise<object[]> {
    return promised(async () => {
      const runtime = runtimeOf(this.relation.target.model)
      return this.#added(await createManyInstances(runtime, rows, isSet(options, 'guarded'), this.home, this.#tie()))
    })
  }
  save(instance: object): Promise<object> {
    return promised(async () => {
      const { target } = this.relation
      if (!(instance instanceof target.model))
        throw new UsageError(`save() of ${this.path} takes an instance of "${target.name}".`)
      const before = { ...(instance as Attributes) }
      const { home } = this
      Object.assign(instance, this.#tie())
      try {
        const options = originOf(instance) !== null || home === null ? {} : { using: home }
        await (instance as unknown as { save(options: object): Promise<object> }).save(options)
      } catch (error) {
        for (const name of Object.keys(this.#tie())) (instance as Attributes)[name] = before[name]
        throw error
      }
      return this.#added([instance])[0] as object
    })
  }

  /** Makes rows that are there the owner's; the number of those that were not. */
  attach(...given: unknown[]): Promise<number> {
    return promised(async () => {
      const targets = this.#given(given, 'attach()')
      if (targets.length === 0) return 0
      this.#refuseMany(targets)
      const count = await this.#take(targets, this.home)
      await this.#took(targets)
      return count
    })
  }
  add(...given: unknown[]): Promise<number> {
    return this.attach(...given)
  }
  /** Takes rows from the owner: their keys are null then. */
  detach(...given: unknown[]): Promise<number> {
    return promised(async () => {
      const targets = this.#given(given, 'detach()')
      if (targets.length === 0) return 0
      const count = await this.#let(this.keep(keysCondition(this.relation.target, targets.map(keyForm(this.#fields)))))
      const gone = this.#identities(targets)
      this.#gave((row) => gone.has(this.#identityOf(row)), targets)
      return count
    })
  }
  remove(...given: unknown[]): Promise<number> {
    return this.detach(...given)
  }
  clear(): Promise<number> {
    return promised(async () => {
      const count = await this.#let(this)
      this.#gave(() => true)
      return count
    })
  }
  /** Makes exactly these rows the owner's, by the smallest difference. */
  sync(given: readonly unknown[]): Promise<Difference> {
    return promised(async () => {
      if (!Array.isArray(given)) throw new UsageError(`sync() of ${this.path} takes a list.`)
      const targets = this.#given([given], 'sync()')
      const wanted = this.#identities(targets)
      const difference = await this.together(async (trx) => {
        const rows = (await this.using(trx).valuesList(...this.#fields.map((field) => field.name))) as unknown[][]
        const there = new Set(rows.map(this.#identity))
        const missing = targets.filter((target) => !there.has(this.#identity(target.key)))
        const surplus = rows.filter((row) => !wanted.has(this.#identity(row)))
        if (surplus.length > 0) {
          const keys = surplus.map((key) => keyForm(this.#fields)({ instance: null, key }))
          await this.#let(this.using(trx).keep(keysCondition(this.relation.target, keys)))
        }
        if (missing.length > 0 && (await this.#take(missing, trx)) < missing.length)
          throw new NotFoundError(this.relation.target.name, 'the keys given')
        return { attached: missing.length, detached: surplus.length, updated: 0 }
      })
      this.#gave((row) => !wanted.has(this.#identityOf(row)))
      await this.#took(targets)
      return difference
    })
  }
  set(given: readonly unknown[]): Promise<Difference> {
    return this.sync(given)
  }

  protected setLoaded(value: LoadedMany): void {
    setLoaded(this.owner, this.relation.index, value)
  }

  get #fields(): readonly ModelField[] {
    return this.relation.target.primaryKey
  }

  /** What ties a row to its owner. */
  #tie(): Attributes {
    return tieOf(this.owner, this.relation)
  }

  #given(given: readonly unknown[], what: string): Given[] {
    const list = given.length === 1 && Array.isArray(given[0]) ? (given[0] as readonly unknown[]) : given
    const byKey = new Map<string, Given>()
    for (const value of list) {
      const one = keyGiven(this.relation, this.#fields, value, what)
      byKey.set(this.#identity(one.key), one)
    }
    return [...byKey.values()]
  }

  #refuseMany(targets: readonly Given[]): void {
    if (!this.relation.many && targets.length > 1)
      throw new UsageError(`${this.path} leads to one row: attach() takes one.`)
  }

  async #take(targets: readonly Given[], executor: object | null): Promise<number> {
    const { target } = this.relation
    const keys = targets.map(keyForm(this.#fields))
    const query: Query = runtimeOf(target.model).query(executor).keep(keysCondition(target, keys))
    return query.update(this.#tie(), { guarded: true })
  }

  /** Sets the keys of these rows to null. */
  #let(rows: Query): Promise<number> {
    const names = Object.keys(this.#tie())
    const fixed = names.find((name) => !this.relation.target.field(name).nullable)
    if (fixed !== undefined)
      throw new UsageError(
        `Rows can't be taken from ${this.path}: "${fixed}" of "${this.relation.target.name}" is not nullable. Delete them, or give them to another row.`,
      )
    return rows.update(Object.fromEntries(names.map((name) => [name, null])), { guarded: true })
  }

  #identityOf(row: object): string {
    return this.#identity(this.#fields.map((field) => (row as Attributes)[field.name]))
  }

  #identities(targets: readonly Given[]): Set<string> {
    return new Set(targets.map((target) => this.#identity(target.key)))
  }

  /** Instances and the loaded rows follow what was written. */
  async #took(targets: readonly Given[]): Promise<void> {
    const tie = this.#tie()
    for (const { instance } of targets) if (instance !== null) storeValues(instance, tie)
    const { loaded } = this
    if (!this.relation.many) {
      const [only] = targets
      setLoaded(this.owner, this.relation.index, only?.instance ?? undefined)
    } else if (loaded !== null) {
      const there = new Set(loaded.map((row) => this.#identityOf(row)))
      const missing = targets.filter((target) => !there.has(this.#identity(target.key)))
      if (missing.some(({ instance }) => instance === null)) await this.reload()
      else loaded.push(...missing.map(({ instance }) => instance as object))
    }
  }

  /** The same of what was taken from the owner. */
  #gave(isGone: (row: object) => boolean, given: readonly Given[] = []): void {
    const { loaded, owner, relation } = this
    const tie = this.#tie()
    const none = Object.fromEntries(Object.keys(tie).map((name) => [name, null]))
    const one = loadedValue(owner, relation.index)
    const known = [...(loaded ?? [one]), ...given.map(({ instance }) => instance)].filter(isStateful) as object[]
    for (const row of known) if (isGone(row) && holds(row, tie)) storeValues(row, none)
    if (!relation.many) setLoaded(owner, relation.index, undefined)
    else loaded?.hold(loaded.filter((row) => !isGone(row)))
  }

  /** A loaded value is kept in step. */
  #added(instances: readonly object[]): object[] {
    const { relation, owner, loaded } = this
    if (relation.many && loaded !== null) loaded.push(...instances.filter((instance) => !loaded.includes(instance)))
    else if (!relation.many) setLoaded(owner, relation.index, instances[0])
    return [...instances]
  }
}

/** A key as conditions take it: a value, or an object of several. */
const keyForm =
  (fields: readonly ModelField[]) =>
  ({ key }: Given): unknown =>
    fields.length === 1 ? key[0] : Object.fromEntries(fields.map((field, i) => [field.name, key[i]]))

/** Whether these are the instance's values, as far as it has loaded them. */
function holds(instance: object, values: Attributes): boolean {
  const origin = originOf(instance)
  return Object.keys(values).every(
    (name) =>
      (origin?.positions[origin.meta.field(name).index] ?? -1) >= 0 &&
      String(comparableKey((instance as Attributes)[name])) === String(comparableKey(values[name])),
  )
}
