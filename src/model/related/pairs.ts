import type { ExpressionNode } from '../../ast/expression.js'
import type { Executor, Using } from '../../execution/executor.js'
import { Key } from '../../metadata/key/key.js'
import type { ModelField } from '../../metadata/model-field.js'
import { uniqueFields } from '../../metadata/relation/keys.js'
import type { RelationMetadata, Through } from '../../metadata/relation/resolve.js'
import { holdsKey, holdsKeys } from '../../query/link/key-condition.js'
import { allOf, anyOf } from '../../query/link/logic.js'
import { morphCondition } from '../../query/link/tie.js'
import type { Shape } from '../../query/shape.js'
import { at } from '../../util/list.js'
import { memo } from '../../util/memo.js'
import { own } from '../../util/own.js'
import { keyLists } from '../runtime/key-lists.js'
import { executorFor, readsStale } from '../runtime/run.js'
import { runtimeOf } from '../runtime/runtime.js'
import { insertData } from '../write/create.js'
import { upsertMany } from '../write/upsert.js'
import { type Attributes, refuseInvalid } from '../write/values.js'
import type { GivenRow } from './manager.js'
import { leadsToVisible } from './visible.js'

/** A row of the target, and the values that its row in the join table gets. */
export interface Pair extends GivenRow {
  readonly pivot: Attributes | null
}

/** A pair with both of its keys. */
export interface FullPair {
  readonly near: readonly unknown[]
  readonly far: readonly unknown[]
  readonly pivot: Attributes | null
}

type PairEnds = Pick<FullPair, 'near' | 'far'>

/** The keys of both sides, as rows have them, compared with what the join table holds. */
interface Identities {
  readonly near: Key
  readonly far: Key
  pair(pair: PairEnds): string
  /**
   * Whether the first key sorts after the second. A symmetrical relation stores each pair in one direction only, so that a unique
   * index finds duplicates.
   */
  isAfter(near: readonly unknown[], far: readonly unknown[]): boolean
}

const known = new WeakMap<RelationMetadata, Identities>()

export function identitiesOf(relation: RelationMetadata): Identities {
  return memo(known, relation, createIdentities)
}

function createIdentities({ sourceKeys, targetKeys, through }: RelationMetadata): Identities {
  const near = new Key(sourceKeys, through?.near)
  const far = new Key(targetKeys, through?.far)
  const parts = sourceKeys.map((field, i) => new Key([field], [through?.near[i] ?? field]))
  return {
    near,
    far,
    pair: (pair) => JSON.stringify([String(near.identityOf(pair.near)), String(far.identityOf(pair.far))]),
    isAfter: (a, b) => {
      const differing = parts.findIndex((part, i) => part.identityOf([a[i]]) !== part.identityOf([b[i]]))
      const part = parts[differing]
      return part !== undefined && isAfter(part.identityOf([a[differing]]), part.identityOf([b[differing]]))
    },
  }
}

/** Writes rows of a join table. */
export class PairTable {
  readonly #through: Through

  constructor(
    readonly relation: RelationMetadata,
    /** The database or transaction. */
    readonly executor: Executor,
    /** The shape that says which scopes of the target do not hold. */
    readonly lifts: Shape | null = null,
    /** The same of the source's, where owners are given by their keys; null: their rows were read. */
    readonly ownerLifts: Shape | null = null,
  ) {
    const { through } = relation
    if (through === null) throw new TypeError('the relation has no join table')
    this.#through = through
  }

  get #identities() {
    return identitiesOf(this.relation)
  }

  get #runtime() {
    return runtimeOf(this.#through.meta.model)
  }

  /** Inserts the pairs that do not exist yet, and gives the others their new values. Returns the number of new pairs. */
  async add(given: readonly FullPair[]): Promise<number> {
    const pairs = this.#through.symmetrical ? oneWay(given, this.#identities) : given
    // a statement for each set of fields: one that was not given must not be written
    const groups = new Map<string, FullPair[]>()
    for (const pair of inOrder(pairs, this.#identities)) {
      const fields = Object.keys(pair.pivot ?? {})
        .sort()
        .join('\0')
      const group = groups.get(fields)
      if (group === undefined) groups.set(fields, [pair])
      else group.push(pair)
    }
    let count = 0
    for (const group of groups.values()) count += await this.#insert(group)
    return count
  }

  /** The fields of a unique index over pairs; null: the database would accept a pair twice. */
  get unique(): readonly string[] | null {
    const { meta, near, far, morph } = this.#through
    return uniqueFields(meta, [...near, ...far, ...(morph === null ? [] : [morph.field])])
  }

  async #insert(pairs: readonly FullPair[]): Promise<number> {
    if (pairs.length === 0) return 0
    const { unique } = this
    // what is written on insert only stays in a pair that is there
    const updated = Object.keys(at(pairs, 0).pivot ?? {}).filter((name) => !this.#through.meta.field(name).readonly)
    if (unique !== null && this.isOneStatement && this.#isComplete(at(pairs, 0)))
      return this.#upsert(pairs, updated, unique)
    const locked = unique === null || this.#through.meta.softDelete !== null
    if (locked) await this.lock(pairs.map(({ near }) => near))
    const restored = unique === null ? 0 : await this.#restore(pairs)
    const there = new Set((await this.read(pairs, locked)).map(this.#identities.pair))
    const has = (pair: FullPair) => there.has(this.#identities.pair(pair))
    if (updated.length > 0)
      for (const pair of pairs) if (has(pair)) await this.update({ ...pair, pivot: picked(pair.pivot, updated) })
    const missing = pairs.filter((pair) => !has(pair))
    if (missing.length === 0) return restored
    if (unique !== null) return restored + (await this.#upsert(missing, updated, unique))
    const rows = missing.map((pair) => this.#row(pair))
    await insertData(this.#runtime, rows, this.executor)
    return missing.length
  }

  /** Whether the database does all of it by itself: it finds the pairs that exist, and inserts the others. */
  get isOneStatement(): boolean {
    return this.unique !== null && !this.#through.symmetrical && this.#through.meta.softDelete === null
  }

  /** Whether a pair has all values that a new row needs. */
  #isComplete(pair: FullPair): boolean {
    const row = this.#row(pair)
    return this.#through.meta.fields.every(
      (field) =>
        field.nullable ||
        field.hasDefault ||
        field.filledByDatabase ||
        field.kind.automatic !== undefined ||
        Object.hasOwn(row, field.name),
    )
  }

  /** Restores soft-deleted pairs, because the unique index would refuse to insert them again. Returns their number. */
  async #restore(pairs: readonly FullPair[]): Promise<number> {
    if (this.#through.meta.softDelete === null) return 0
    let count = 0
    for (const chunk of await this.#chunks(pairs))
      count += await this.#rows(chunk).onlyTrashed().restore({ hooks: false })
    return count
  }

  /** Locks the owners, so that of two calls at the same time the second sees what the first has written. */
  async lock(sources: readonly (readonly unknown[])[]): Promise<void> {
    const distinct = [...new Map(sources.map((key) => [this.#identities.near.identityOf(key), key])).values()]
    await lockOwners(this.relation, distinct, this.executor)
  }

  async #upsert(pairs: readonly FullPair[], updated: readonly string[], unique: readonly string[]): Promise<number> {
    const update = updated.length > 0 ? updated : (false as const)
    const options = own({ conflict: unique, update, guarded: true })
    const counts = await upsertMany(
      this.#runtime,
      pairs.map((pair) => this.#row(pair)),
      options,
      this.executor,
    )
    return counts.inserted
  }

  #row({ near, far, pivot }: FullPair): Attributes {
    const through = this.#through
    const row: Attributes = { ...pivot }
    through.near.forEach((field, i) => (row[field.name] = near[i]))
    through.far.forEach((field, i) => (row[field.name] = far[i]))
    if (through.morph !== null) row[through.morph.field.name] = through.morph.value
    return row
  }

  /** Changes the pivot values of a pair. Returns the number of rows. */
  async update({ near, far, pivot }: FullPair): Promise<number> {
    if (pivot !== null) await refuseInvalid(this.#through.meta, pivot)
    return this.#rows([{ near, far }]).update(pivot ?? {}, { guarded: true, hooks: false })
  }

  /** The same of each of these pairs. */
  async updateEach(pairs: readonly FullPair[]): Promise<number> {
    let count = 0
    for (const pair of inOrder(pairs, this.#identities)) count += await this.update(pair)
    return count
  }

  /** Removes pairs; the number of rows. */
  async remove(pairs: readonly PairEnds[]): Promise<number> {
    let count = 0
    for (const chunk of await this.#chunks(pairs)) count += await this.#rows(chunk).delete({ hooks: false })
    return count
  }

  /** The same, but a pair that is in the table twice counts once. */
  async removeEach(pairs: readonly PairEnds[]): Promise<number> {
    if (this.unique !== null && !this.#through.symmetrical) return this.remove(pairs)
    await this.lock(pairs.map(({ near }) => near))
    const there = new Set((await this.read(pairs, true)).map(this.#identities.pair))
    await this.remove(pairs)
    return there.size
  }

  /** All pairs of a source. */
  clear(near: readonly unknown[]): Promise<number> {
    return this.#query(this.#either(near, null)).delete({ hooks: false })
  }

  /** Which of these pairs exist, each with the source of the call first. */
  async read(pairs: readonly PairEnds[], locked = false): Promise<FullPair[]> {
    const found: FullPair[] = []
    for (const chunk of await this.#chunks(pairs))
      found.push(...(await this.#read(this.#condition(chunk), undefined, locked)))
    if (!this.#through.symmetrical) return found
    const wanted = new Set(pairs.map(this.#identities.pair))
    return found.flatMap((pair) => [pair, turned(pair)]).filter((pair) => wanted.has(this.#identities.pair(pair)))
  }

  /** The pairs of one source, which is locked, with what the table holds of them; of its lazy fields these. */
  async of(near: readonly unknown[], lazy: ReadonlySet<string>): Promise<FullPair[]> {
    const found = await this.#read(this.#either(near, null), lazy, true)
    if (!this.#through.symmetrical) return found
    const key = this.#identities.near
    const own = key.identityOf(near)
    return found.map((pair) => (key.identityOf(pair.near) === own ? pair : turned(pair)))
  }

  /** Reads the current rows after the source was locked, and not an older snapshot. */
  async #read(condition: ExpressionNode, lazy: ReadonlySet<string> | undefined, locked: boolean): Promise<FullPair[]> {
    const { near, far, meta } = this.#through
    const fields = meta.fields.filter((field) => !field.lazy || lazy?.has(field.name) === true)
    const query = this.#query(condition)
    const rows = await (locked && readsStale(this.executor) ? query.lock('update') : query).valuesList(
      ...fields.map((field) => field.name),
    )
    return rows.map((row) => {
      const pivot = Object.fromEntries(fields.map((field, i) => [field.name, row[i]]))
      return { near: Key.of(near).valuesIn(pivot), far: Key.of(far).valuesIn(pivot), pivot }
    })
  }

  /** Pairs of one source are a list where keys have one field; else each may be a condition of its own. */
  async #chunks<P extends PairEnds>(pairs: readonly P[]): Promise<readonly (readonly P[])[]> {
    if (pairs.length < 2) return pairs.length === 0 ? [] : [pairs]
    const { near, far, symmetrical } = this.#through
    const { capabilities } = (await executorFor(this.#through.meta, this.executor)).dialect
    const [first, second] = new Set(pairs.map((pair) => this.#identities.near.identityOf(pair.near)))
    const isList = first !== undefined && second === undefined && !symmetrical
    return (isList ? Key.of(far) : new Key([...near, ...far])).chunks(pairs, capabilities)
  }

  #rows(pairs: readonly PairEnds[]) {
    return this.#query(this.#condition(pairs))
  }

  #query(condition: ExpressionNode) {
    const { morph } = this.#through
    const query = this.#runtime.query(this.executor, 'own').restrictFurther(condition)
    return morph === null ? query : query.restrictFurther(morphCondition(morph))
  }

  /** One source with a list of keys where keys have one field; else each pair by itself. */
  #condition(pairs: readonly PairEnds[]): ExpressionNode {
    const bySource = new Map<unknown, { near: readonly unknown[]; fars: (readonly unknown[])[] }>()
    for (const { near, far } of pairs) {
      const identity = this.#identities.near.identityOf(near)
      const source = bySource.get(identity)
      if (source === undefined) bySource.set(identity, { near, fars: [far] })
      else source.fars.push(far)
    }
    const items = [...bySource.values()].map(({ near, fars }) => this.#either(near, fars))
    return anyOf(items)
  }

  /** The rows of a source with these keys, or with any; those of a symmetrical relation from either side. */
  #either(source: readonly unknown[], others: readonly (readonly unknown[])[] | null): ExpressionNode {
    const { near, far, symmetrical } = this.#through
    const oneWay = this.#visible(near, far, oneSided(near, source, far, others))
    return symmetrical ? anyOf([oneWay, this.#visible(far, near, oneSided(far, source, near, others))]) : oneWay
  }

  /** Pairs with a hidden row are hidden too: they are not counted, and they stay. */
  #visible(own: readonly ModelField[], other: readonly ModelField[], pairs: ExpressionNode): ExpressionNode {
    const { source, sourceKeys, target, targetKeys } = this.relation
    const { lifts, ownerLifts } = this
    const ends = [
      leadsToVisible(target, targetKeys, other, lifts),
      ownerLifts && leadsToVisible(source, sourceKeys, own, ownerLifts),
    ].filter((each) => each !== null)
    return ends.length === 0 ? pairs : allOf([pairs, ...ends])
  }
}

/** Locks the owners of a relation, by the keys that it leads from. */
export async function lockOwners(
  { source, sourceKeys }: RelationMetadata,
  keys: readonly (readonly unknown[])[],
  executor: Using,
): Promise<void> {
  const [first] = source.primaryKey
  const { dialect } = await executorFor(source, executor)
  for (const { condition } of keyLists(sourceKeys, keys, dialect))
    await runtimeOf(source.model)
      .query(executor, 'own')
      .everyRow()
      .restrictFurther(condition)
      .inOrder()
      .select(first?.name ?? '')
      .lockAsOwners()
      .get()
}

function oneSided(
  near: readonly ModelField[],
  source: readonly unknown[],
  far: readonly ModelField[],
  others: readonly (readonly unknown[])[] | null,
): ExpressionNode {
  const own = holdsKey(near, source)
  return others === null ? own : allOf([own, holdsKeys(far, others)])
}

const turned = ({ near, far, pivot }: FullPair): FullPair => ({ near: far, far: near, pivot })

/** Each pair once, and from its first side. */
function oneWay(pairs: readonly FullPair[], { isAfter, pair }: Identities): FullPair[] {
  const all = pairs.map((each) => (isAfter(each.near, each.far) ? turned(each) : each))
  return [...new Map(all.map((each) => [pair(each), each])).values()]
}

const picked = (pivot: Attributes | null, names: readonly string[]): Attributes =>
  Object.fromEntries(names.map((name) => [name, pivot?.[name]]))

/** Sorted, so that two calls that write the same pairs at the same time do not wait for each other in a circle. */
function inOrder(pairs: readonly FullPair[], { pair }: Identities): readonly FullPair[] {
  if (pairs.length < 2) return pairs
  const keyed = pairs.map((each) => ({ key: pair(each), each }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ each }) => each)
}

const isAfter = (a: unknown, b: unknown) => (a as string) > (b as string)
