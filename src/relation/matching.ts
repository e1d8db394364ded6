import { NoRow, setLoadedEach } from '../hydrate/state.js'
import type { RelationMetadata } from '../metadata/relation/resolve.js'
import { keyReader } from './key.js'
import { type KeyPlaces, keyPlaces, NOWHERE } from './key-places.js'
import { append, LoadedMany, type RelatedQueryMaker } from './loaded-many.js'

/** The owners of a relation's rows, by their keys. */
export interface OwnersByKey {
  readonly instances: readonly object[]
  readonly relation: RelationMetadata
  readonly keys: readonly unknown[]
  readonly places: KeyPlaces
}

export function ownersOf(relation: RelationMetadata, instances: readonly object[]): OwnersByKey {
  const keys = keyReader(relation).ofSources(instances)
  return { instances, relation, keys, places: keyPlaces(keys) }
}

/** Rows of a relation. */
export interface FoundRows {
  readonly rows: readonly object[]
  /** The keys of their owners, if they were found through a join table. */
  readonly links: readonly unknown[]
}

/** Gives each owner its rows. */
export function match(owners: OwnersByKey, found: FoundRows, related: RelatedQueryMaker): void {
  const { instances, relation } = owners
  const keys = ownerKeys(relation, found)
  const loaded = relation.many ? listsOf(owners, keys, found.rows, related) : rowsOf(owners, keys, found.rows)
  setLoadedEach(instances, relation.index, loaded)
}

/** The keys of the rows' owners. */
function ownerKeys(relation: RelationMetadata, { rows, links }: FoundRows): readonly unknown[] {
  const { ofTargets, ofLink } = keyReader(relation)
  return relation.through === null ? ofTargets(rows) : links.map(ofLink)
}

/** The row of each owner: the first one, if there are several. */
function rowsOf(
  { relation, keys, places }: OwnersByKey,
  ownerKeys: readonly unknown[],
  rows: readonly object[],
): object[] {
  const byPlace = new Array<object | undefined>(places.first.length).fill(undefined)
  for (let i = 0; i < rows.length; i++) {
    const place = places.of(ownerKeys[i])
    if (place !== NOWHERE && byPlace[place] === undefined) byPlace[place] = rows[i]
  }
  const { each } = places
  const given = new Array<object>(each.length)
  for (let i = 0; i < each.length; i++) {
    const place = each[i] ?? NOWHERE
    given[i] = (place === NOWHERE ? undefined : byPlace[place]) ?? new NoRow(keys[i], relation)
  }
  return given
}

/** The list of each owner. Two instances of the same owner get a list each. */
function listsOf(
  { instances, relation, places }: OwnersByKey,
  ownerKeys: readonly unknown[],
  rows: readonly object[],
  related: RelatedQueryMaker,
): LoadedMany[] {
  const source = { relation, related }
  const byPlace = new Array<LoadedMany | LoadedMany[] | undefined>(places.first.length).fill(undefined)
  const given: LoadedMany[] = []
  for (const instance of instances) {
    const list = new LoadedMany(instance, source)
    const place = places.each[given.push(list) - 1] ?? NOWHERE
    if (place === NOWHERE) continue
    const known = byPlace[place]
    if (known === undefined) byPlace[place] = list
    else if (known instanceof LoadedMany) byPlace[place] = [known, list]
    else known.push(list)
  }
  let i = 0
  for (const row of rows) {
    const place = places.of(ownerKeys[i++])
    if (place === NOWHERE) continue
    const list = byPlace[place]
    if (list instanceof LoadedMany) append(list, row)
    else if (list !== undefined) for (const one of list) append(one, row)
  }
  return given
}
