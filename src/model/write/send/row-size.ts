/** About the most bytes that the values take in a statement. */
export function sizeOf(row: readonly unknown[]): number {
  let size = 0
  for (const value of row) size += sizeOfValue(value)
  return size
}

/** A vector goes as text to some databases. */
function sizeOfValue(value: unknown): number {
  if (typeof value === 'string') return value.length * 3
  if (value instanceof Float32Array) return value.length * 22
  return value instanceof Uint8Array ? value.length * 2 : 24
}
