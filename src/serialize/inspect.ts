import { type InspectOptions, inspect } from 'node:util'
import { loadedValue, NoRow } from '../hydrate/state.js'
import type { MetadataOf } from './serialize.js'

/** Instances that are being shown, the outermost first. */
const shown: object[] = []

/** How `console.log` shows an instance: its attributes and loaded relations. */
export function inspectInstance(
  instance: object,
  metadataOf: MetadataOf,
  depth: number | null,
  options: InspectOptions,
): string {
  const meta = metadataOf(instance)
  if (depth !== null && depth < 0) return `[${meta.name}]`
  if (shown.includes(instance)) return `[Circular ${meta.name}]`
  const values: Record<string, unknown> = { ...instance }
  let index = 0
  for (const name of meta.relations.keys()) {
    const value = loadedValue(instance, index++)
    if (value !== undefined) values[name] = value instanceof NoRow ? null : Array.isArray(value) ? [...value] : value
  }
  shown.push(instance)
  try {
    return `${meta.name} ${inspect(values, { ...options, depth })}`
  } finally {
    shown.pop()
  }
}
