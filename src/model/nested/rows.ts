import type { Using } from '../../execution/executor.js'
import { NoRow, setLoaded } from '../../hydrate/state.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { relatedManager } from '../related/index.js'
import type { Pair } from '../related/pairs.js'
import type { RelatedRows } from '../related/rows.js'
import { tieValues } from '../related/tie.js'
import type { Attributes } from '../write/values.js'
import { deleteOf, notOf, wereDeleted } from './delete.js'
import { argumentOf, isAnyOf, isAsked, loadedMany, ready, readyOne } from './loaded.js'
import type { Holder, PartWriter, Removal } from './tree.js'

/** hasOne, hasMany, morphOne and morphMany: the rows of the relation hold the key. */
export class RowPart implements PartWriter {
  readonly #relation: RelationMetadata
  readonly #owner: object

  constructor(
    readonly holder: Holder,
    readonly using: Using,
  ) {
    this.#relation = holder.part.relation
    this.#owner = holder.draft.instance
  }

  get tie(): Attributes {
    return tieValues(this.#owner, this.#relation)
  }

  async before(): Promise<void> {
    const { part, draft } = this.holder
    if (!isAsked(part) && !draft.isNew) return
    if (!this.#relation.many) return this.#one()
    await ready(this.#owner, this.#relation, draft.isNew, this.using)
    const manager = this.#manager()
    const { disconnect, set, connect } = part
    if (disconnect !== true && disconnect.length > 0) await manager.detach(this.#arguments(disconnect))
    if (part.delete !== true && part.delete.length > 0) await this.#deleteMany(part.delete)
    if (draft.isNew) return this.#connect([...(set ?? []), ...connect])
    if (set !== null) await this.#manager().sync(this.#arguments(set))
    await this.#connect(connect)
  }

  async after(): Promise<void> {
    const { create } = this.holder.part
    const made = create.map(({ draft }) => draft.instance)
    if (!this.#relation.many) {
      if (made[0] !== undefined) setLoaded(this.#owner, this.#relation.index, made[0])
      return
    }
    const loaded = loadedMany(this.#owner, this.#relation)
    if (loaded !== null) loaded.push(...made.filter((instance) => !loaded.includes(instance)))
  }

  /** The existing row is replaced: its key becomes null, or it is deleted first. */
  async #one(): Promise<void> {
    const { draft, part } = this.holder
    const wanted = [...(part.set ?? []), ...part.connect]
    if (draft.isNew) {
      setLoaded(this.#owner, this.#relation.index, new NoRow(undefined))
      return this.#connect(wanted)
    }
    let current = await readyOne(this.#owner, this.#relation, this.using)
    if (current !== null && this.#isOneOf(current, part.disconnect)) current = await this.#leave()
    if (isAnyOf(part.delete)) current = await this.#deleteOne(current, part.delete)
    if (current !== null && this.#isOneOf(current, wanted)) return
    const replaces = part.set !== null || wanted.length + part.create.length > 0
    if (current !== null && replaces) current = await this.#leave()
    if (current === null) setLoaded(this.#owner, this.#relation.index, new NoRow(undefined))
    await this.#connect(wanted)
  }

  async #deleteOne(current: object | null, removal: Removal): Promise<null> {
    if (current === null || !this.#isOneOf(current, removal)) throw notOf(this.#relation, this.#relation.target)
    const given = removal === true ? [] : removal.map(({ instance }) => instance)
    await this.#delete([this.#relation.target.key.valuesIn(current)], [current, ...given])
    return null
  }

  async #leave(): Promise<null> {
    await this.#manager().clear()
    return null
  }

  async #connect(refs: readonly Pair[]): Promise<void> {
    if (refs.length === 0) return
    const count = await this.#manager().attach(this.#arguments(refs))
    if (count < refs.length) throw notOf(this.#relation, this.#relation.target)
  }

  async #deleteMany(refs: readonly Pair[]): Promise<void> {
    const { key } = this.#relation.target
    const loaded = loadedMany(this.#owner, this.#relation)
    const keys = refs.map((ref) => ref.key)
    const gone = new Set(keys.map((values) => key.identityOf(values)))
    const isGone = (row: object) => gone.has(key.identityIn(row))
    await this.#delete(keys, [...(loaded ?? []).filter(isGone), ...refs.map(({ instance }) => instance)])
    loaded?.hold(loaded.filter((row) => !isGone(row)))
  }

  /** Deletes rows, which must be the owner's; these instances are of them. */
  async #delete(keys: readonly (readonly unknown[])[], instances: readonly (object | null)[]): Promise<void> {
    const { target } = this.#relation
    if ((await deleteOf(this.#manager(), target.primaryKey, keys)) < keys.length) throw notOf(this.#relation, target)
    await wereDeleted(instances)
  }

  #isOneOf(row: object, refs: Removal): boolean {
    if (refs === true) return true
    const { key } = this.#relation.target
    const own = key.identityIn(row)
    return refs.some((ref) => key.identityOf(ref.key) === own)
  }

  #arguments(refs: readonly Pair[]): unknown[] {
    return refs.map((ref) => argumentOf(ref, this.#relation.target.primaryKey))
  }

  #manager(): RelatedRows {
    return relatedManager(this.#owner, this.#relation.name) as RelatedRows
  }
}
