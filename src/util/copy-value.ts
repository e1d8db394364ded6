import { isPlainObject } from './own.js'

/** A value that shares nothing with the given one. Objects of a class are kept: only they know how they are copied. */
export function copyValue(value: unknown): unknown {
  // structuredClone gives dates and bytes of another realm under jest
  if (value instanceof Date) return new Date(value)
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (value instanceof Float32Array) return new Float32Array(value)
  return Array.isArray(value) || isPlainObject(value) ? structuredClone(value) : value
}
