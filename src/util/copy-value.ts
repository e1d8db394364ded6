import { isPlainObject } from './own.js'

/** Copies a value deeply. Instances of classes are not copied, because only they know how. */
export function copyValue(value: unknown): unknown {
  // under jest, structuredClone returns dates and bytes of another realm
  if (value instanceof Date) return new Date(value)
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (value instanceof Float32Array) return new Float32Array(value)
  // structuredClone would take the class from decimals and other instances
  if (Array.isArray(value) && !value.some((each) => Array.isArray(each) || isPlainObject(each)))
    return value.map(copyValue)
  return Array.isArray(value) || isPlainObject(value) ? structuredClone(value) : value
}
