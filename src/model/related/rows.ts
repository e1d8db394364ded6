import { NotFoundError, UsageError } from '../../errors.js'
import type { Executor, OpenTransaction, Using } from '../../execution/executor.js'
import type { UndoLog } from '../../execution/undo.js'
import { isStateful, loadedValue, originOf, setLoaded } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import { Query } from '../../query/builder/query-builder.js'
import type { LoadedMany } from '../../relation/loaded-many.js'
import type { SyncResult } from '../../types/call-options.js'
import { promised } from '../../util/maybe-promise.js'
import { withKeys } from '../runtime/key-lists.js'
import { guardedOption } from '../runtime/options.js'
import { callSave } from '../runtime/own-methods.js'
import { executorFor, readsStale } from '../runtime/run.js'
import { runtimeOf } from '../runtime/runtime.js'
import { createInstance, createManyInstances } from '../write/create.js'
import { recordAssigned, recordRow, recordSaved } from '../write/originals.js'
import { callInTurn } from '../write/turns.js'
import type { Attributes } from '../write/values.js'
import { followVersion } from '../write/versions.js'
import { writeMetadataOf } from '../write/write-metadata.js'
import { storeValues } from '../write/written.js'
import { findOrCreateTarget, updateFound, type WantedRow, wantedRow } from './first-or-create.js'
import {
  type DetachedRows,
  isFilledList,
  type LinkUpdate,
  type LinkWrite,
  NOTHING,
  updateLinks,
} from './link-update.js'
import { type GivenRow, keyGiven, Manager, orAsBefore } from './manager.js'
import { lockOwners } from './pairs.js'
import { ownerKey } from './read-pairs.js'
import { holdsTie, tieValues } from './tie.js'

/** The rows of a hasOne, hasMany, morphOne or morphMany: they hold the key of the owner. */
export class RelatedRows extends Manager {
  readonly #identity = (values: readonly unknown[]): unknown => this.relation.target.key.identityOf(values)

  create(data: unknown, options?: unknown): Promise<object> {
    return promised(async () => {
      const runtime = runtimeOf(this.relation.target.model)
      const { guarded = false } = guardedOption(options)
      const undo = await this.#record()
      const make = () => createInstance(runtime, data, this.ownerUsing, { guarded, link: this.#tie() })
      return this.#added([await this.#replacing([], undo, async () => make())])[0] as object
    })
  }
  createMany(rows: readonly unknown[], options?: unknown): Promise<object[]> {
    return promised(async () => {
      const runtime = runtimeOf(this.relation.target.model)
      this.#refuseMany(rows, 'createMany()')
      const { guarded = false } = guardedOption(options, 'createMany()')
      const undo = await this.#record()
      const make = () =>
        createManyInstances(runtime, rows, this.ownerUsing, { guarded, link: this.#tie(), most: undefined })
      return this.#added(await (isFilledList(rows) ? this.#replacing([], undo, make) : make()))
    })
  }
  firstOrCreate(match: unknown, extra: unknown = {}, options?: unknown): Promise<[object, boolean]> {
    return promised(() => this.#findOrCreate(wantedRow('firstOrCreate()', this.path, { match, extra, options })))
  }
  updateOrCreate(match: unknown, extra: unknown, options?: unknown): Promise<[object, boolean]> {
    return promised(async () => {
      const wanted = wantedRow('updateOrCreate()', this.path, { match, extra, options })
      const [row, created] = await updateFound(await this.#findOrCreate(wanted), wanted, this.#tie())
      if (!created) await this.reload()
      return [row, created]
    })
  }
  save(instance: object): Promise<object> {
    return promised(async () => {
      const { target } = this.relation
      if (!(instance instanceof target.model))
        throw new UsageError(`save() of ${this.path} takes an instance of "${target.name}".`)
      const runtime = runtimeOf(target.model)
      await callInTurn(runtime, instance, originOf(instance)?.executor ?? this.ownerUsing, () => this.#save(instance))
      return this.#added([instance])[0] as object
    })
  }

  /** Attaches existing rows to the owner. Returns the number of rows that were not attached before. */
  attach(...given: unknown[]): Promise<number> {
    return promised(async () => {
      const targets = this.#given(given, 'attach()')
      if (targets.length === 0) return 0
      this.#refuseMany(targets, 'attach()')
      const undo = await this.#record(targets)
      // only an existing row replaces the current one
      if (!this.relation.many && (await this.#keysOf(...(await this.#rowsOf(targets, this.ownerUsing)))).length === 0)
        return 0
      const taken = await this.linking(() => this.#replacing(targets, undo, () => this.#take(targets, this.ownerUsing)))
      await this.#markAttached(taken.reached, taken, undo)
      return taken.count
    })
  }
  add(...given: unknown[]): Promise<number> {
    return this.attach(...given)
  }
  /** Detaches rows from the owner by setting their foreign keys to null. */
  detach(...given: unknown[]): Promise<number> {
    return promised(async () => {
      this.refuseNothing(given)
      const targets = this.#given(given, 'detach()')
      if (targets.length === 0) return 0
      const undo = await this.#record(targets)
      const left = await this.linking((on) => this.#releaseRows(this.#listed(targets.map(keyOf), on), targets))
      const gone = this.#identities(targets)
      await this.#markReleased(targets, left, undo)
      this.loaded?.hold(this.loaded.filter((row) => !gone.has(this.#identityOf(row))))
      return left.count
    })
  }
  remove(...given: unknown[]): Promise<number> {
    return this.detach(...given)
  }
  clear(): Promise<number> {
    return promised(async () => {
      const { target } = this.relation
      const undo = await this.#record()
      const left = await this.linking(() => this.#releaseRows([this]))
      const known = this.#holders([]).map((row) => ({ key: target.key.valuesIn(row), instance: row }))
      const reached = this.#identities(known.length === 0 ? [] : await this.#among(known, left.values, this.ownerUsing))
      this.#markDetached(
        { isWritten: (row) => reached.has(this.#identityOf(row)), isGone: () => true, given: [] },
        left,
        undo,
      )
      return left.count
    })
  }
  /** Attaches and detaches rows, so that the owner has exactly these. */
  sync(given: readonly unknown[]): Promise<SyncResult> {
    return promised(async () => {
      if (!Array.isArray(given))
        throw new UsageError(`sync() of ${this.path} takes a list of instances or keys: [book, 7].`)
      const targets = this.#given([given], 'sync()')
      this.#refuseMany(targets, 'sync()')
      const undo = await this.#record(targets)
      const { surplus, missing, left, taken } = await this.linking((on) =>
        on.transaction((trx) => this.#sync(targets, trx)),
      )
      const wanted = this.#identities(targets)
      const isWritten = this.#isAmong(surplus)
      this.#markDetached(
        { isWritten, isGone: (row) => !wanted.has(this.#identityOf(row)), given: [] },
        left ?? NOTHING,
        undo,
      )
      await this.#markAttached(targets, { values: this.#tie(), versions: null }, undo)
      for (const { instance } of missing) if (instance !== null) this.#follow(instance, taken ?? NOTHING, undo)
      return { attached: missing.length, detached: surplus.length, updated: 0 }
    })
  }
  set(given: readonly unknown[]): Promise<SyncResult> {
    return this.sync(given)
  }

  protected setLoaded(value: LoadedMany): void {
    setLoaded(this.owner, this.relation.index, value)
  }

  async #findOrCreate(wanted: WantedRow): Promise<[object, boolean]> {
    const found = await this.where(wanted.match).first()
    if (found !== null) return [found, false]
    if (!this.relation.many) return this.inTransaction((trx) => this.#findOrReplace(wanted, trx))
    await this.#record()
    const where = { link: this.#tie(), using: this.ownerUsing, among: this }
    const [row, created] = await findOrCreateTarget(this, wanted, where)
    if (created) this.#added([row])
    return [row, created]
  }

  /** If two calls run at the same time, the second finds the row of the first and does not replace it. */
  async #findOrReplace({ match, extra, guarded }: WantedRow, trx: OpenTransaction): Promise<[object, boolean]> {
    await lockOwners(this.relation, [ownerKey(this.relation, this.owner)], trx)
    const own = this.using(trx)
    const found = await (readsStale(trx) ? own.lock('update') : own).where(match).first()
    return found === null ? [await this.create({ ...match, ...extra }, { guarded }), true] : [found, false]
  }

  async #save(instance: object): Promise<void> {
    const { ownerUsing } = this
    const options = originOf(instance) !== null || ownerUsing === null ? {} : { using: ownerUsing }
    const stays = originOf(instance) === null ? [] : [keyGiven(this.relation, this.#fields, instance, 'save()')]
    const undo = await this.#record()
    const tie = this.#tie()
    await orAsBefore(instance, async () => {
      if (undo !== null) recordAssigned(undo, instance, tie)
      Object.assign(instance, tie)
      await this.#replacing(stays, undo, () => callSave(instance, options))
    })
  }

  /** Records what a rollback restores of the rows that may be attached or detached. */
  async #record(given: readonly GivenRow[] = []): Promise<UndoLog | null> {
    const { target } = this.relation
    const tied = Object.keys(this.#tie()).map((name) => target.field(name))
    const fields = [...tied, ...writeMetadataOf(target).touched, ...(target.version === null ? [] : [target.version])]
    const loaded = this.loaded ?? [loadedValue(this.owner, this.relation.index)]
    const instances = new Set(given.flatMap(({ instance }) => instance ?? []))
    return this.remember((undo) => {
      for (const row of loaded) if (isStateful(row) && !instances.has(row)) recordRow(undo, row, fields, 'held')
      for (const instance of instances) recordSaved(undo, instance, fields, 'held')
    })
  }

  get #fields(): readonly ModelField[] {
    return this.relation.target.primaryKey
  }

  /** The values that connect a row to its owner. */
  #tie(): Attributes {
    return tieValues(this.owner, this.relation)
  }

  #given(given: readonly unknown[], what: string): GivenRow[] {
    const [first] = given
    const list: readonly unknown[] = given.length === 1 && Array.isArray(first) ? first : given
    const byKey = new Map<unknown, GivenRow>()
    for (const value of list) {
      const one = keyGiven(this.relation, this.#fields, value, what)
      byKey.set(this.#identity(one.key), one)
    }
    return [...byKey.values()]
  }

  #refuseMany(rows: readonly unknown[], call: string): void {
    if (!this.relation.many && isFilledList(rows) && rows.length > 1)
      throw new UsageError(`${this.path} is a to-one relation: ${call} takes one row.`)
  }

  /**
   * The keys of the owner's rows, and of those that do not stay. Locks the owner, so that a second call sees what the first has
   * written.
   */
  async #others(
    stays: readonly GivenRow[],
    trx: OpenTransaction,
  ): Promise<{ there: Set<unknown>; surplus: unknown[][] }> {
    await lockOwners(this.relation, [ownerKey(this.relation, this.owner)], trx)
    const own = this.using(trx)
    const rows = await this.#keysOf(readsStale(trx) ? own.lock('update') : own)
    const wanted = this.#identities(stays)
    return { there: new Set(rows.map(this.#identity)), surplus: rows.filter((key) => !wanted.has(this.#identity(key))) }
  }

  /** Reads keys. N+1 detection does not count this read, because it is part of a write. */
  async #keysOf(...rows: readonly Query[]): Promise<unknown[][]> {
    const found: unknown[][] = []
    for (const { context, shape, up, value } of rows) {
      const query = new Query({ ...context, source: { ...context.source, cause: 'own' } }, shape, up, value)
      for (const key of await query.valuesList(...this.#fields.map((field) => field.name))) found.push(key)
    }
    return found
  }

  async #sync(targets: readonly GivenRow[], trx: OpenTransaction) {
    const { there, surplus } = await this.#others(targets, trx)
    const missing = targets.filter((target) => !there.has(this.#identity(target.key)))
    const left = surplus.length === 0 ? null : await this.#releaseRows(this.#listed(surplus, trx))
    const taken = missing.length === 0 ? null : await this.#take(missing, trx)
    if (taken !== null && taken.count < missing.length)
      throw new NotFoundError(this.relation.target.name, 'the keys given')
    return { surplus, missing, left, taken }
  }

  /** The owner's rows that have these keys. */
  #listed(keys: readonly (readonly unknown[])[], on: Executor): readonly Query[] {
    return withKeys(on.openTransaction === null ? this : this.using(on), this.#fields, keys, on.dialect)
  }

  /** Runs a write that attaches rows. In a to-one relation it replaces the current row, as nested writes do. */
  async #replacing<R>(stays: readonly GivenRow[], undo: UndoLog | null, write: () => Promise<R>): Promise<R> {
    if (this.relation.many) return write()
    const [result, left, isWritten] = await this.inTransaction(async (trx) => {
      const { surplus } = await this.#others(stays, trx)
      const left = surplus.length === 0 ? null : await this.#releaseRows(this.#listed(surplus, trx))
      return [await write(), left, this.#isAmong(surplus)] as const
    })
    const kept = this.#identities(stays)
    if (left !== null)
      this.#markDetached({ isWritten, isGone: (row) => !kept.has(this.#identityOf(row)), given: [] }, left, undo)
    return result
  }

  async #take(targets: readonly GivenRow[], executor: Using): Promise<LinkUpdate & { reached: readonly GivenRow[] }> {
    const rows = await this.#rowsOf(targets, executor)
    const written = await updateLinks(this.relation.target, rows, this.#tie(), targets)
    const reached = written.count === targets.length ? targets : await this.#among(targets, this.#tie(), executor)
    return { ...written, reached }
  }

  /** Sets the keys of these rows to null. */
  async #releaseRows(rows: readonly Query[], given: readonly GivenRow[] = []): Promise<LinkUpdate> {
    const names = Object.keys(this.#tie())
    const fixed = names.find((name) => !this.relation.target.field(name).nullable)
    if (fixed !== undefined)
      throw new UsageError(
        `Rows can't be detached from ${this.path}: "${fixed}" of "${this.relation.target.name}" is not nullable. Delete them, or give them to another row.`,
      )
    return updateLinks(this.relation.target, rows, Object.fromEntries(names.map((name) => [name, null])), given)
  }

  async #rowsOf(targets: readonly GivenRow[], executor: Using): Promise<readonly Query[]> {
    const { target } = this.relation
    const { dialect } = await executorFor(target, executor)
    return withKeys(runtimeOf(target.model).query(executor), this.#fields, targets.map(keyOf), dialect)
  }

  /** The rows that have these values after a write. Rows that were deleted, or that scopes hide, are left out. */
  async #among(targets: readonly GivenRow[], values: Attributes, executor: Using): Promise<GivenRow[]> {
    const holding = (query: Query) => Object.keys(values).reduce((rows, name) => rows.where(name, values[name]), query)
    const held = (await this.#rowsOf(targets, executor)).map(holding)
    const reached = new Set((await this.#keysOf(...held)).map(this.#identity))
    return targets.filter((each) => reached.has(this.#identity(each.key)))
  }

  #identityOf(row: object): unknown {
    return this.relation.target.key.identityIn(row)
  }

  #identities(targets: readonly GivenRow[]): Set<unknown> {
    return new Set(targets.map((target) => this.#identity(target.key)))
  }

  #follow(instance: object, { values, versions }: LinkWrite, undo: UndoLog | null): void {
    storeValues(instance, values, undo)
    if (versions !== null) followVersion(runtimeOf(this.relation.target.model), instance, versions, undo)
  }

  /** Updates the instances and the loaded rows after rows were attached. */
  async #markAttached(targets: readonly GivenRow[], written: LinkWrite, undo: UndoLog | null): Promise<void> {
    for (const { instance } of targets) if (instance !== null) this.#follow(instance, written, undo)
    const { loaded } = this
    if (!this.relation.many) {
      const [only] = targets
      if (only !== undefined) setLoaded(this.owner, this.relation.index, only.instance ?? undefined)
    } else if (loaded !== null) {
      const there = new Set(loaded.map((row) => this.#identityOf(row)))
      const missing = targets.filter((target) => !there.has(this.#identity(target.key)))
      if (missing.some(({ instance }) => instance === null)) await this.reload()
      else loaded.push(...missing.map(({ instance }) => instance as object))
    }
  }

  /** Updates the instances and the loaded rows after rows were detached. */
  #markDetached({ isWritten, isGone, given }: DetachedRows, written: LinkWrite, undo: UndoLog | null): void {
    const { loaded, owner, relation } = this
    for (const row of this.#holders(given)) if (isWritten(row)) this.#follow(row, written, undo)
    if (!relation.many) setLoaded(owner, relation.index, undefined)
    else loaded?.hold(loaded.filter((row) => !isGone(row)))
  }

  /** The same for given rows. Rows that had another owner or none were not written, so their times stay. */
  async #markReleased(targets: readonly GivenRow[], left: LinkUpdate, undo: UndoLog | null): Promise<void> {
    const follow = (reached: readonly GivenRow[], update: LinkWrite) => {
      const isReached = this.#isAmong(reached.map(keyOf))
      const given = targets.map(({ instance }) => instance)
      this.#markDetached({ isWritten: isReached, isGone: isReached, given }, update, undo)
    }
    if (left.count === targets.length) return follow(targets, left)
    follow(await this.#among(targets, left.values, this.ownerUsing), left)
    const values = Object.fromEntries(Object.keys(this.#tie()).map((name) => [name, null]))
    follow(await this.#among(targets, values, this.ownerUsing), { values, versions: null })
  }

  /** Those of the loaded and of the other rows that have the key of the owner. */
  #holders(others: readonly (object | null)[]): object[] {
    const { loaded, owner, relation } = this
    const tie = this.#tie()
    return [...(loaded ?? [loadedValue(owner, relation.index)]), ...others].filter(
      (row): row is object => isStateful(row) && holdsTie(row, tie),
    )
  }

  #isAmong(keys: readonly (readonly unknown[])[]): (row: object) => boolean {
    const known = new Set(keys.map(this.#identity))
    return (row) => known.has(this.#identityOf(row))
  }

  /** Adds new rows to the loaded ones. */
  #added(instances: readonly object[]): object[] {
    const { relation, owner, loaded } = this
    if (relation.many && loaded !== null) loaded.push(...instances.filter((instance) => !loaded.includes(instance)))
    else if (!relation.many) setLoaded(owner, relation.index, instances[0])
    return [...instances]
  }
}

const keyOf = ({ key }: GivenRow) => key
