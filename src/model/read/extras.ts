import { type CarriedValue, carryingOf } from '../../metadata/relation/carried.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { isLinkName } from '../../query/statement/via.js'
import { at } from '../../util/list.js'
import type { ExtraValues, NamedValue } from './extra-values.js'

/** The names of a result that are the caller's, with their places. */
export function shownNames(names: readonly string[]): { readonly name: string; readonly place: number }[] {
  return names.map((name, place) => ({ name, place })).filter(({ name }) => !isLinkName(name))
}

/** What comes behind the fields of a query's rows: with `via`, a join table has brought the first of the values. */
export function extrasOf(names: readonly string[], via: RelationMetadata | null): ExtraValues {
  if (via === null || via.through === null) return { shown: names.map(valueAt), pivot: null, owner: null }
  const { read, values } = carryingOf(via, 'separate')
  const { near, carried } = via.through
  const shown = names.map(valueAt).slice(read.length)
  const owner = near.map((field) => at(values, carried.indexOf(field)))
  return { shown, pivot: pivotOf(via, values), owner }
}

/** The same for rows that came next to those of their owners: which owner they belong to is known. */
export function embeddedExtras(relation: RelationMetadata): ExtraValues {
  return { shown: [], pivot: pivotOf(relation, carryingOf(relation, 'withOwners').values), owner: null }
}

const valueAt = (name: string, place: number): NamedValue => ({ name, value: { from: 'between', place } })

/** The carried fields that are shown. Null: the join table holds no pairs. */
function pivotOf({ through }: RelationMetadata, values: readonly CarriedValue[]): readonly NamedValue[] | null {
  if (through?.isPivot !== true) return null
  return through.carried.flatMap(({ name, hidden }, i) => (hidden ? [] : [{ name, value: at(values, i) }]))
}
