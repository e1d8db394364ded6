import type { Origin } from '../../hydrate/origin.js'
import { originOf } from '../../hydrate/state.js'

// Instances made by ref(key): nobody has read their rows, so that scopes hold for what is read by them.

const references = new WeakSet<Origin>()

export function markReference(origin: Origin): Origin {
  references.add(origin)
  return origin
}

/** Until fields of it are read: then it is an instance like any other. */
export function isReference(instance: object): boolean {
  const origin = originOf(instance)
  return origin !== null && references.has(origin)
}
