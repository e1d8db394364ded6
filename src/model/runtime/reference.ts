import type { Origin } from '../../hydrate/origin.js'
import { originOf } from '../../hydrate/state.js'

// Instances made by ref(key): nobody has read their rows, so that scopes hold for what is read by them.

const references = new WeakSet<Origin>()

/** The same, whatever was read or written of them since. */
const unread = new WeakSet<object>()

export function markReference(instance: object, origin: Origin): Origin {
  references.add(origin)
  unread.add(instance)
  return origin
}

/** Whether the instance was made by ref(key). */
export const wasReference = (instance: object): boolean => unread.has(instance)

/** Until fields of it are read: then it is an instance like any other. */
export function isReference(instance: object): boolean {
  const origin = originOf(instance)
  return origin !== null && references.has(origin)
}
