import type { Using } from '../../execution/executor.js'
import { Key } from '../../metadata/key/key.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { relatedManager } from '../related/index.js'
import type { LinkedRows } from '../related/linked.js'
import type { Pair } from '../related/pairs.js'
import type { Attributes } from '../write/values.js'
import { deleteBy, notOf, wereDeleted } from './delete.js'
import { argumentOf, isAsked, loadedMany, ready } from './loaded.js'
import { below, type Holder, type PartWriter } from './tree.js'

/** What the data may set was decided when it was read. */
const READ = { guarded: true }

/** Relations by way of a join table: rows stay, links come and go. */
export class LinkPart implements PartWriter {
  readonly tie: Attributes = {}
  readonly #relation: RelationMetadata
  readonly #owner: object

  constructor(
    readonly holder: Holder,
    readonly using: Using,
    /** Runs work of a place in the data, which its errors name. */
    readonly withPath: (path: string, work: () => Promise<unknown>) => Promise<void>,
  ) {
    this.#relation = holder.part.relation
    this.#owner = holder.draft.instance
  }

  async before(): Promise<void> {
    const { part, draft } = this.holder
    if (!isAsked(part) && !draft.isNew) return
    await ready(this.#owner, this.#relation, draft.isNew, this.using)
    const { disconnect, set } = part
    if (disconnect !== true && disconnect.length > 0) await this.#manager().detach(this.#arguments(disconnect))
    if (part.delete !== true && part.delete.length > 0) await this.#delete(part.delete)
    if (set !== null && !draft.isNew) await this.#manager().sync(this.#arguments(set), READ)
  }

  /** Links what is there already together with what was made. */
  async after(): Promise<void> {
    const { part, draft } = this.holder
    const made = part.create.map(({ draft: { instance }, pivot }) => (pivot === null ? instance : [instance, pivot]))
    const known = [...(draft.isNew ? (part.set ?? []) : []), ...part.connect]
    const rows = [...this.#arguments(known), ...made]
    if (rows.length === 0) return
    const { name } = this.#relation
    const [only, second] = part.create
    const isOne = only !== undefined && second === undefined && known.length === 0
    await this.withPath(isOne ? only.draft.path : below(draft.path, name), () =>
      this.#manager().attach(rows, undefined, READ),
    )
  }

  /** Rows whose links are the owner's: those are removed first. */
  async #delete(refs: readonly Pair[]): Promise<void> {
    const { target, targetKeys } = this.#relation
    const loaded = loadedMany(this.#owner, this.#relation)
    const keys = refs.map(({ key }) => key)
    const key = Key.of(targetKeys)
    const gone = new Set(keys.map((values) => key.identityOf(values)))
    const isGone = (row: object) => gone.has(key.identityIn(row))
    const rows = [...(loaded ?? []).filter(isGone), ...refs.map(({ instance }) => instance)]
    if ((await this.#manager().detachEach(this.#arguments(refs))) < refs.length) throw notOf(this.#relation, target)
    if ((await deleteBy(target, targetKeys, keys, this.using)) < refs.length) throw notOf(this.#relation, target)
    await wereDeleted(rows)
  }

  #arguments(refs: readonly Pair[]): unknown[] {
    return refs.map((ref) => argumentOf(ref, this.#relation.targetKeys))
  }

  #manager(): LinkedRows {
    return relatedManager(this.#owner, this.#relation.name) as LinkedRows
  }
}
