/** Splits a list into pieces of at most `size`. */
export function chunked<T>(items: readonly T[], size: number): (readonly T[])[] {
  if (items.length === 0) return []
  if (items.length <= size) return [items]
  const chunks: (readonly T[])[] = []
  for (let i = 0; i < items.length; i += size) chunks.push(items.slice(i, i + size))
  return chunks
}

/** Longer lists are padded in steps, which wastes less than the next power of two; 16 steps fit into 65,535 parameters. */
const LONG = 4096
const STEP = 4095

/** The padded length of a list of placeholders, so that lists of any length share few SQL texts. */
export function paddedLength(length: number): number {
  return length <= LONG ? 2 ** Math.ceil(Math.log2(Math.max(1, length))) : Math.ceil(length / STEP) * STEP
}
