import { setLink, setNamed } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import { isLinkName } from '../../query/statement/parts.js'
import type { Plan } from './plan.js'

/** The names of a result that are the caller's, with their places. */
export function shownNames(names: readonly string[]): { readonly name: string; readonly place: number }[] {
  return names.map((name, place) => ({ name, place })).filter(({ name }) => !isLinkName(name))
}

/** Gives instances what the query has named; what a table between has brought is kept apart, and shown as `pivot`. */
export function giveNames(instances: readonly object[], plan: Plan, values: readonly unknown[][]): void {
  const { names } = plan.assembled
  const count = names.filter(isLinkName).length
  if (count === 0) {
    for (let i = 0; i < instances.length; i++) setNamed(instances[i] as object, names, values[i] as unknown[])
    return
  }
  const shown = names.slice(count)
  const pivot = plan.assembled.via?.through?.isPivot === true ? plan.assembled.via.through.carried : null
  const all = pivot === null ? shown : [...shown, PIVOT]
  for (let i = 0; i < instances.length; i++) {
    const [instance, link] = [instances[i] as object, values[i] as unknown[]]
    const rest = shown.length === 0 ? [] : link.splice(count)
    setLink(instance, link)
    if (pivot !== null) rest.push(toObject(pivot, link))
    if (all.length > 0) setNamed(instance, all, rest)
  }
}

const PIVOT = 'pivot'

function toObject(fields: readonly ModelField[], values: readonly unknown[]): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (let i = 0; i < fields.length; i++) {
    const { name, hidden } = fields[i] as ModelField
    if (!hidden) object[name] = values[i]
  }
  return object
}
