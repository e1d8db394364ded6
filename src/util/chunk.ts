/** The list in pieces of at most `size`. */
export function chunked<T>(items: readonly T[], size: number): (readonly T[])[] {
  if (items.length === 0) return []
  if (items.length <= size) return [items]
  const chunks: (readonly T[])[] = []
  for (let i = 0; i < items.length; i += size) chunks.push(items.slice(i, i + size))
  return chunks
}
