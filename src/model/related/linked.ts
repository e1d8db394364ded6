import { UsageError } from '../../errors.js'
import type { Executor, OpenTransaction } from '../../execution/executor.js'
import { namedValues, originOf, setLoaded, setNamed } from '../../hydrate/state.js'
import type { Through } from '../../metadata/relation/resolve.js'
import type { LoadedMany } from '../../relation/loaded-many.js'
import type { SyncResult } from '../../types/call-options.js'
import { requireList } from '../../util/arguments.js'
import { present } from '../../util/expect.js'
import { promised } from '../../util/maybe-promise.js'
import { isPlainObject } from '../../util/own.js'
import { asRecord } from '../../util/record.js'
import { guardedOption } from '../runtime/options.js'
import { callSave } from '../runtime/own-methods.js'
import { runtimeOf } from '../runtime/runtime.js'
import { createManyInstances } from '../write/create.js'
import { recordLoaded } from '../write/originals.js'
import { callInTurn } from '../write/turns.js'
import { type Attributes, fromSnapshot, isUnchanged, snapshotOf } from '../write/values.js'
import { findOrCreateTarget, updateFound, type WantedRow, wantedRow } from './first-or-create.js'
import { keyGiven, Manager, orAsBefore } from './manager.js'
import { type FullPair, identitiesOf, type Pair, PairTable } from './pairs.js'
import { fullPairs, ownerKey, readGuardedPairs, readPairs, readPivot } from './read-pairs.js'
import { requireVisible } from './visible.js'

/** The manager of a relation with a join table: it adds and removes links, and leaves the rows as they are. */
export class LinkedRows extends Manager {
  create(data: unknown, pivot?: unknown, options?: unknown): Promise<object> {
    return promised(async () => (await this.#create([data], pivot, options))[0] as object)
  }
  createMany(rows: readonly unknown[], pivot?: unknown, options?: unknown): Promise<object[]> {
    return promised(() => this.#create(rows, pivot, options))
  }
  firstOrCreate(match: unknown, extra: unknown = {}, pivot?: unknown, options?: unknown): Promise<[object, boolean]> {
    return promised(() => this.#findOrCreate(wantedRow('firstOrCreate()', this.path, { match, extra, options }), pivot))
  }
  updateOrCreate(match: unknown, extra: unknown, pivot?: unknown, options?: unknown): Promise<[object, boolean]> {
    return promised(async () => {
      const wanted = wantedRow('updateOrCreate()', this.path, { match, extra, options })
      const result = await this.inTransaction(async () => {
        const found = await this.#findOrCreate(wanted, pivot)
        // a link that was there takes the pivot values
        if (!found[1] && pivot !== undefined) await this.attach(found[0], pivot, { guarded: wanted.guarded })
        return updateFound(found, wanted, null)
      })
      if (!result[1]) await this.reload()
      return result
    })
  }
  /** Saves an instance and links it. */
  save(instance: object, pivot?: unknown, options?: unknown): Promise<object> {
    return promised(async () => {
      const { target } = this.relation
      if (!(instance instanceof target.model))
        throw new UsageError(`save() of ${this.path} takes an instance of "${target.name}".`)
      const { guarded = false } = guardedOption(options, 'save()')
      const data = readPivot(this.relation, pivot, guarded)
      const using = originOf(instance)?.executor ?? this.ownerUsing
      await callInTurn(runtimeOf(target.model), instance, using, async () => {
        await this.#record([instance])
        await orAsBefore(instance, () =>
          this.inTransaction(async (trx) => {
            await callSave(instance, { using: trx })
            await this.#table(trx).add(this.#full([this.#pairOf(instance, data, 'save()')]))
          }),
        )
      })
      await this.#markAttached([{ instance, key: [], pivot: data }])
      return instance
    })
  }

  /** Links rows. Returns the number of new links. Existing links get the given pivot values. */
  attach(...given: unknown[]): Promise<number> {
    return promised(async () => {
      const pairs = readGuardedPairs(this.relation, given, 'attach()')
      if (pairs.length === 0) return 0
      await this.#recordPairs(pairs)
      const count = await this.#changing(pairs, (table) => this.#link(table, pairs))
      await this.#markAttached(pairs)
      return count
    })
  }
  add(...given: unknown[]): Promise<number> {
    return this.attach(...given)
  }
  /** Removes links. Returns their number. */
  detach(...given: unknown[]): Promise<number> {
    return promised(() => {
      this.refuseNothing(given)
      return this.#remove(given, (table, pairs) => table.remove(pairs))
    })
  }
  /** The same; the number of the given rows that were linked. */
  detachEach(given: readonly unknown[]): Promise<number> {
    return promised(() => this.#remove([given], (table, pairs) => table.removeEach(pairs)))
  }
  remove(...given: unknown[]): Promise<number> {
    return this.detach(...given)
  }
  clear(): Promise<number> {
    return promised(async () => {
      await this.remember()
      const count = await this.linking((on) => this.#table(on).clear(ownerKey(this.relation, this.owner)))
      this.loaded?.hold([])
      return count
    })
  }
  /** Adds and removes links, so that exactly these rows are linked. */
  sync(given: readonly unknown[], options?: unknown): Promise<SyncResult> {
    return promised(async () => {
      if (!Array.isArray(given))
        throw new UsageError(
          `sync() of ${this.path} takes a list of instances, keys or pairs: [tag, 7, [8, { position: 2 }]].`,
        )
      const pairs = readGuardedPairs(this.relation, [given, undefined, options], 'sync()')
      await this.#recordPairs(pairs)
      const difference = await this.linking((on) => on.transaction((trx) => this.#sync(trx, pairs)))
      this.#leaveOnly(pairs)
      await this.#markAttached(pairs)
      return difference
    })
  }
  set(given: readonly unknown[], options?: unknown): Promise<SyncResult> {
    return this.sync(given, options)
  }
  /** Links those that are not linked, and removes the links of the others. */
  toggle(...given: unknown[]): Promise<Pick<SyncResult, 'attached' | 'detached'>> {
    return promised(async () => {
      const pairs = readGuardedPairs(this.relation, given, 'toggle()')
      if (pairs.length === 0) return { attached: 0, detached: 0 }
      await this.#recordPairs(pairs)
      const [missing, there] = await this.linking((on) => on.transaction((trx) => this.#toggle(trx, pairs)))
      this.#markDetached(there)
      await this.#markAttached(missing)
      return { attached: missing.length, detached: there.length }
    })
  }
  /** Changes the pivot values of these links. Returns their number. */
  updatePivot(given: unknown, data: unknown, options?: unknown): Promise<number> {
    return promised(async () => {
      if (!isPlainObject(data))
        throw new UsageError(
          `updatePivot() of ${this.path} takes a row and an object of pivot values: updatePivot(tag, { position: 2 }).`,
        )
      const { guarded = false } = guardedOption(options, 'updatePivot()')
      const pivot = readPivot(this.relation, data, guarded)
      const rows = readPairs(this.relation, [Array.isArray(given) ? given : [given]], 'updatePivot()')
      const pairs = rows.map((pair) => ({ ...pair, pivot }))
      if (pairs.length === 0 || pivot === null) return 0
      await this.#recordPairs(pairs)
      const count = await this.#changing(pairs, (table) => table.updateEach(this.#full(pairs)))
      this.#changePivot(pairs)
      return count
    })
  }

  protected setLoaded(value: LoadedMany): void {
    setLoaded(this.owner, this.relation.index, value)
  }

  get #through(): Through {
    return present(this.relation.through, 'a relation with a join table')
  }

  #table(executor: Executor): PairTable {
    return new PairTable(this.relation, executor, this.shape)
  }

  /** Rows that scopes hide can't be linked. */
  async #link(table: PairTable, pairs: readonly Pair[]): Promise<number> {
    if (pairs.length === 0) return 0
    await requireVisible(this.relation, pairs, table.executor, this.shape)
    return table.add(this.#full(pairs))
  }

  #full(pairs: readonly Pair[]): FullPair[] {
    return fullPairs(this.relation, this.owner, pairs)
  }

  #recordPairs(pairs: readonly Pair[]): Promise<void> {
    return this.#record(pairs.flatMap(({ instance }) => instance ?? []))
  }

  /** Records what a rollback restores of the loaded rows and of these, whose pivot values may change. */
  async #record(given: readonly object[]): Promise<void> {
    await this.remember((undo) => {
      for (const row of new Set([...(this.loaded ?? []), ...given])) recordLoaded(undo, row)
    })
  }

  /** One link is one statement; several are all or none. */
  #changing<R>(pairs: readonly Pair[], change: (table: PairTable) => Promise<R>): Promise<R> {
    return this.linking((on) => {
      const table = this.#table(on)
      if (pairs.length === 1 && table.isOneStatement) return change(table)
      return on.transaction((trx) => change(this.#table(trx)))
    })
  }

  async #remove(
    given: readonly unknown[],
    remove: (table: PairTable, pairs: readonly FullPair[]) => Promise<number>,
  ): Promise<number> {
    const pairs = readPairs(this.relation, given, 'detach()')
    if (pairs.length === 0) return 0
    await this.#recordPairs(pairs)
    const count = await this.#changing(pairs, (table) => remove(table, this.#full(pairs)))
    this.#markDetached(pairs)
    return count
  }

  async #create(rows: readonly unknown[], pivot: unknown, options: unknown): Promise<object[]> {
    const runtime = runtimeOf(this.relation.target.model)
    requireList(rows, 'createMany()', 'objects')
    const { guarded = false } = guardedOption(options, rows.length === 1 ? 'create()' : 'createMany()')
    const data = readPivot(this.relation, pivot, guarded)
    await this.#record([])
    const made = await this.inTransaction(async (trx) => {
      const made = await createManyInstances(runtime, rows, trx, { guarded, link: null, most: undefined })
      await this.#table(trx).add(this.#full(made.map((instance) => this.#pairOf(instance, data, 'create()'))))
      return made
    })
    await this.#markAttached(made.map((instance) => ({ instance, key: [], pivot: data })))
    return made
  }

  async #toggle(trx: OpenTransaction, pairs: readonly Pair[]): Promise<[missing: Pair[], there: Pair[]]> {
    const table = this.#table(trx)
    await table.lock([ownerKey(this.relation, this.owner)])
    const known = new Set((await table.read(this.#full(pairs), true)).map((pair) => this.#identity(pair.far)))
    const missing = pairs.filter((pair) => !known.has(this.#identity(pair.key)))
    const there = pairs.filter((pair) => known.has(this.#identity(pair.key)))
    if (there.length > 0) await table.remove(this.#full(there))
    await this.#link(table, missing)
    return [missing, there]
  }

  async #sync(trx: OpenTransaction, pairs: readonly Pair[]): Promise<SyncResult> {
    const table = this.#table(trx)
    const full = new Map(this.#full(pairs).map((pair) => [this.#identity(pair.far), pair]))
    await table.lock([ownerKey(this.relation, this.owner)])
    const names = new Set([...full.values()].flatMap(({ pivot }) => Object.keys(pivot ?? {})))
    const current = await table.of(ownerKey(this.relation, this.owner), names)
    const known = new Map(current.map((pair) => [this.#identity(pair.far), pair]))
    const surplus = current.filter((pair) => !full.has(this.#identity(pair.far)))
    const missing = pairs.filter((pair) => !known.has(this.#identity(pair.key)))
    const changed = [...full].flatMap(([key, pair]) => {
      const there = known.get(key)
      const pivot = there === undefined ? null : this.#differing(pair.pivot, there.pivot)
      return pivot === null ? [] : [{ ...pair, pivot }]
    })
    if (surplus.length > 0) await table.remove(surplus)
    await this.#link(table, missing)
    await table.updateEach(changed)
    return { attached: missing.length, detached: surplus.length, updated: changed.length }
  }

  /** The given pivot values that differ from the stored ones; null if there are none. */
  #differing(given: Attributes | null, there: Attributes | null): Attributes | null {
    const names = Object.keys(given ?? {}).filter((name) => {
      const field = this.#through.meta.field(name)
      const [a, b] = [given?.[name], there?.[name]].map((value) =>
        value === null || value === undefined ? null : field.check(value),
      )
      return a === null || b === null ? a !== b : !isUnchanged(field, given?.[name], snapshotOf(field, b))
    })
    return names.length === 0 ? null : Object.fromEntries(names.map((name) => [name, given?.[name]]))
  }

  /** The identity of a row of the target. */
  #identity(key: readonly unknown[]): unknown {
    return identitiesOf(this.relation).far.identityOf(key)
  }

  /** A row that is not linked yet is linked; pivot values are for this link. */
  async #findOrCreate(wanted: WantedRow, pivot: unknown): Promise<[object, boolean]> {
    const linked = await this.where(wanted.match).first()
    if (linked !== null) return [linked, false]
    return this.inTransaction(async (trx) => {
      const [row, created] = await findOrCreateTarget(this, wanted, { link: null, using: trx, among: null })
      await this.attach(row, pivot, { guarded: wanted.guarded })
      return [row, created]
    })
  }

  #pairOf(instance: object, pivot: Attributes | null, what: string): Pair {
    return { ...keyGiven(this.relation, this.relation.targetKeys, instance, what), pivot }
  }

  #key(row: object): unknown {
    return identitiesOf(this.relation).far.identityIn(row)
  }

  #markDetached(pairs: readonly Pair[]): void {
    const gone = new Set(pairs.map((pair) => this.#identity(pair.key)))
    this.loaded?.hold(this.loaded.filter((row) => !gone.has(this.#key(row))))
  }

  #leaveOnly(pairs: readonly Pair[]): void {
    const wanted = new Set(pairs.map((pair) => this.#identity(pair.key)))
    this.loaded?.hold(this.loaded.filter((row) => wanted.has(this.#key(row))))
  }

  /** Adds linked rows to the loaded ones if all their values are known. Otherwise the loaded rows are read again. */
  async #markAttached(pairs: readonly Pair[]): Promise<void> {
    const { loaded } = this
    if (loaded === null) return
    const has = new Set(loaded.map((row) => this.#key(row)))
    const missing = pairs.filter(
      ({ instance, key }) => !has.has(instance === null ? this.#identity(key) : this.#key(instance)),
    )
    if (missing.some((pair) => !this.#isWhole(pair))) return this.reload()
    this.#changePivot(pairs.filter((pair) => pair.pivot !== null))
    for (const { instance, pivot } of missing) {
      const row = instance as object
      const values = this.#through.carried.map((field) => this.#pivotValue(row, field.name, pivot))
      setNamed(
        row,
        [...namedValues(row).filter((name) => name !== 'pivot'), 'pivot'],
        [
          ...namedValues(row)
            .filter((name) => name !== 'pivot')
            .map((name) => asRecord(row)[name]),
          Object.fromEntries(this.#through.carried.map((field, i) => [field.name, values[i]])),
        ],
      )
      loaded.push(row)
    }
  }

  /** Whether all pivot values were given, and the instance does not show those of another owner. */
  #isWhole({ instance, pivot }: Pair): boolean {
    if (instance !== null && namedValues(instance).includes('pivot')) return false
    const { carried, near, far, morph } = this.#through
    const known = new Set([...near, ...far, ...(morph === null ? [] : [morph.field])])
    return (
      instance !== null &&
      carried.every((field) => known.has(field) || (pivot !== null && Object.hasOwn(pivot, field.name)))
    )
  }

  #pivotValue(row: object, name: string, pivot: Attributes | null): unknown {
    const { near, far, morph, meta } = this.#through
    const at = (fields: typeof near) => fields.findIndex((field) => field.name === name)
    if (at(near) >= 0) return ownerKey(this.relation, this.owner)[at(near)]
    if (at(far) >= 0) return asRecord(row)[this.relation.targetKeys[at(far)]?.name ?? '']
    if (morph !== null && morph.field.name === name) return morph.value
    const value = pivot?.[name] ?? null
    if (value === null) return null
    // a copy, because the caller may change its object
    const field = meta.field(name)
    return fromSnapshot(field, snapshotOf(field, field.check(value)))
  }

  #changePivot(pairs: readonly Pair[]): void {
    const { loaded } = this
    if (loaded === null) return
    const byKey = new Map(
      pairs.map((pair) => [pair.instance === null ? this.#identity(pair.key) : this.#key(pair.instance), pair]),
    )
    for (const row of loaded) {
      const pair = byKey.get(this.#key(row))
      const { pivot }: { readonly pivot?: Attributes } = row
      if (pair?.pivot == null || pivot === undefined) continue
      for (const name of Object.keys(pair.pivot)) pivot[name] = this.#pivotValue(row, name, pair.pivot)
    }
  }
}
