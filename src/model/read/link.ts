import { setLink, setNamed } from '../../hydrate/state.js'
import { type CarriedValue, carryingOf } from '../../metadata/relation/carried.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { isLinkName } from '../../query/statement/parts.js'
import { canGenerate } from '../../util/generate.js'

/** The names of a result that are the caller's, with their places. */
export function shownNames(names: readonly string[]): { readonly name: string; readonly place: number }[] {
  return names.map((name, place) => ({ name, place })).filter(({ name }) => !isLinkName(name))
}

/** Gives instances what came with their rows besides fields; `owners` are there when rows were read beside theirs. */
export type Giver = (
  instances: readonly object[],
  values: readonly unknown[][] | null,
  owners: readonly object[] | null,
) => void

/** Gives instances the values that the query has named. */
export function nameGiver(names: readonly string[]): Giver {
  return (instances, values) => {
    if (values === null) return
    for (let i = 0; i < instances.length; i++) setNamed(instances[i] as object, names, values[i] as unknown[])
  }
}

const PIVOT = 'pivot'
const ONLY_PIVOT = [PIVOT]

/** The same, where a table between has brought values ahead of them: they are kept apart, and shown as `pivot`. */
export function linkGiver(relation: RelationMetadata, names: readonly string[]): Giver {
  const { through } = relation
  const { read, values } = carryingOf(relation, 'alone')
  const shown = names.slice(read.length)
  const makePivot = through?.isPivot === true ? pivotMaker(relation) : null
  const all = makePivot === null ? shown : [...shown, PIVOT]
  return (instances, given) => {
    for (let i = 0; i < instances.length; i++) {
      const [instance, row] = [instances[i] as object, (given as unknown[][])[i] as unknown[]]
      const link = valuesOf(values, row, instance, null)
      setLink(instance, link)
      if (all.length === 0) continue
      const rest = shown.length === 0 ? [] : row.slice(read.length)
      if (makePivot !== null) rest.push(makePivot(link))
      setNamed(instance, all, rest)
    }
  }
}

/** For rows that came beside those of their owners: whose they are is known, and `pivot` is all there is to give. */
export function pivotGiver(relation: RelationMetadata): Giver | null {
  if (relation.through?.isPivot !== true) return null
  const { values } = carryingOf(relation, 'beside')
  const makePivot = pivotMaker(relation)
  return (instances, given, owners) => {
    for (let i = 0; i < instances.length; i++) {
      const instance = instances[i] as object
      const link = valuesOf(values, given?.[i] ?? NONE, instance, owners?.[i] ?? null)
      setNamed(instance, ONLY_PIVOT, [makePivot(link)])
    }
  }
}

const NONE: readonly unknown[] = []

function valuesOf(
  places: readonly CarriedValue[],
  row: readonly unknown[],
  target: object,
  owner: object | null,
): unknown[] {
  const values = new Array<unknown>(places.length)
  for (let i = 0; i < places.length; i++) values[i] = valueAt(places[i] as CarriedValue, row, target, owner)
  return values
}

function valueAt(value: CarriedValue, row: readonly unknown[], target: object, owner: object | null): unknown {
  switch (value.from) {
    case 'between':
      return row[value.place]
    case 'target':
      return (target as Record<string, unknown>)[value.name]
    case 'source':
      return (owner as Record<string, unknown>)[value.name]
    case 'relation':
      return value.value
  }
}

/** Makes `pivot` of the values of the carried fields; hidden ones stay out. */
function pivotMaker({ through }: RelationMetadata): (values: readonly unknown[]) => object {
  const shown = (through?.carried ?? []).flatMap(({ name, hidden }, place) => (hidden ? [] : [{ name, place }]))
  if (canGenerate()) {
    const parts = shown.map(({ name, place }) => `[${JSON.stringify(name)}]: values[${place}]`)
    return new Function('values', `return { ${parts.join(', ')} }`) as ReturnType<typeof pivotMaker>
  }
  return (values) => Object.fromEntries(shown.map(({ name, place }) => [name, values[place]]))
}
