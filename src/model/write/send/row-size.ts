/** About the most bytes that the values take in a statement. */
export function sizeOf(row: readonly unknown[]): number {
  let size = 0
  for (const value of row)
    size += typeof value === 'string' ? value.length * 3 : value instanceof Uint8Array ? value.length * 2 : 24
  return size
}
