// The JavaScript type of a canonical value follows from its data type. Another type is a bug in corm.

function unexpected(wanted: string, value: unknown): never {
  throw new TypeError(`corm expected ${wanted} here, not a value of type ${typeof value}`)
}

export const textIn = (value: unknown): string => (typeof value === 'string' ? value : unexpected('a text', value))

export const numberIn = (value: unknown): number => (typeof value === 'number' ? value : unexpected('a number', value))

/** A whole number, given as a number or a bigint. */
export const integerIn = (value: unknown): bigint => (typeof value === 'bigint' ? value : BigInt(numberIn(value)))

export const dateIn = (value: unknown): Date => (value instanceof Date ? value : unexpected('a date', value))

export const bytesIn = (value: unknown): Uint8Array =>
  value instanceof Uint8Array ? value : unexpected('bytes', value)

export const vectorIn = (value: unknown): Float32Array =>
  value instanceof Float32Array ? value : unexpected('a vector', value)

export const listIn = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : unexpected('a list', value)

/** What is known to be there: a field of models that have one, an entry that was put into a map. */
export const present = <T>(value: T | null | undefined, wanted: string): T => value ?? unexpected(wanted, value)
