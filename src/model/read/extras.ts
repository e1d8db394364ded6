import { FieldNotLoadedError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { type CarriedValue, carryingOf } from '../../metadata/relation/carried.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { isLinkName } from '../../query/statement/via.js'
import { at } from '../../util/list.js'
import { memo } from '../../util/memo.js'
import type { ExtraValues, NamedValue } from './extra-values.js'

/** The names of a result that are the caller's, with their places. */
export function shownNames(names: readonly string[]): { readonly name: string; readonly place: number }[] {
  return names.map((name, place) => ({ name, place })).filter(({ name }) => !isLinkName(name))
}

/** The values that follow the fields in a query's rows. With `via`, the first of them come from the join table. */
export function extrasOf(names: readonly string[], via: RelationMetadata | null): ExtraValues {
  if (via === null || via.through === null) return { shown: names.map(valueAt), pivot: null, absent: null, owner: null }
  const { read, values } = carryingOf(via, 'separate')
  const { near, carried } = via.through
  const shown = names.map(valueAt).slice(read.length)
  const owner = near.map((field) => at(values, carried.indexOf(field)))
  return { shown, pivot: pivotOf(via, values), absent: absentOf(via), owner }
}

/** The same for rows that came next to those of their owners: which owner they belong to is known. */
export function embeddedExtras(relation: RelationMetadata): ExtraValues {
  const { values } = carryingOf(relation, 'withOwners')
  return { shown: [], pivot: pivotOf(relation, values), absent: absentOf(relation), owner: null }
}

const valueAt = (name: string, place: number): NamedValue => ({ name, value: { from: 'joinTable', place } })

/** The carried fields that are shown. Null: the join table holds no pairs. */
function pivotOf({ through }: RelationMetadata, values: readonly CarriedValue[]): readonly NamedValue[] | null {
  if (through?.isPivot !== true) return null
  return through.carried.flatMap(({ name, hidden }, i) => (hidden ? [] : [{ name, value: at(values, i) }]))
}

const absentIn = new WeakMap<ModelMetadata, PropertyDescriptorMap | null>()

/** Hidden and lazy fields of a join table's model are typed like the others. Read by mistake they would be undefined. */
function absentOf({ through }: RelationMetadata): PropertyDescriptorMap | null {
  if (through?.isPivot !== true) return null
  const { meta, carried } = through
  return memo(absentIn, meta, () => {
    const absent = meta.fields.filter((field) => field.hidden || !carried.includes(field))
    return absent.length === 0 ? null : Object.fromEntries(absent.map(({ name }) => [name, refusing(meta, name)]))
  })
}

const refusing = (meta: ModelMetadata, name: string): PropertyDescriptor => ({
  configurable: true,
  get() {
    throw new FieldNotLoadedError(
      `"${meta.name}.${name}" is not in pivot, which leaves out hidden and lazy fields. Query "${meta.name}" to read it.`,
    )
  },
})
