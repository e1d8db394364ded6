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
  const { read, values } = carryingOf(relation, 'alone')
  const shown = names.slice(read.length)
  const makePivot = pivotMaker(relation, values)
  const all = makePivot === null ? shown : [...shown, PIVOT]
  return (instances, given) => {
    for (let i = 0; i < instances.length; i++) {
      const [instance, row] = [instances[i] as object, (given as unknown[][])[i] as unknown[]]
      setLink(
        instance,
        values.map((value) => valueAt(value, row, instance, null)),
      )
      if (all.length === 0) continue
      const rest = shown.length === 0 ? [] : row.slice(read.length)
      if (makePivot !== null) rest.push(makePivot(row, instance, null))
      setNamed(instance, all, rest)
    }
  }
}

/** For rows that came beside those of their owners: whose they are is known, and `pivot` is all there is to give. */
export function pivotGiver(relation: RelationMetadata): Giver | null {
  const makePivot = pivotMaker(relation, carryingOf(relation, 'beside').values)
  if (makePivot === null) return null
  return (instances, given, owners) => {
    for (let i = 0; i < instances.length; i++) {
      const instance = instances[i] as object
      setNamed(instance, ONLY_PIVOT, [makePivot(given?.[i] ?? NONE, instance, owners?.[i] ?? null)])
    }
  }
}

const NONE: readonly unknown[] = []

/** `row` is what was read of the table between. */
type PivotMaker = (row: readonly unknown[], target: object, owner: object | null) => object

/** Makes `pivot` of the values of the carried fields; hidden ones stay out. Null: the table between holds no pairs. */
function pivotMaker({ through }: RelationMetadata, values: readonly CarriedValue[]): PivotMaker | null {
  if (through?.isPivot !== true) return null
  const shown = through.carried.flatMap(({ name, hidden }, i) =>
    hidden ? [] : [{ name, value: values[i] as CarriedValue }],
  )
  if (canGenerate()) {
    const parts = shown.map(({ name, value }) => `[${JSON.stringify(name)}]: ${codeOf(value)}`)
    return new Function('row', 'target', 'owner', `return { ${parts.join(', ')} }`) as PivotMaker
  }
  return (row, target, owner) =>
    Object.fromEntries(shown.map(({ name, value }) => [name, valueAt(value, row, target, owner)]))
}

/** The only names in it are JSON-escaped ones of fields and models. */
function codeOf(value: CarriedValue): string {
  switch (value.from) {
    case 'between':
      return `row[${value.place}]`
    case 'target':
      return `target[${JSON.stringify(value.name)}]`
    case 'source':
      return `owner[${JSON.stringify(value.name)}]`
    case 'relation':
      return JSON.stringify(value.value)
  }
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
