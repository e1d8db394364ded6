import type { ModelMetadata } from '../../metadata/metadata.js'

/** The number of the last row of each model, for all of its factories: their rows must differ in unique fields. */
const last = new Map<ModelMetadata, number>()

export function nextNumber(meta: ModelMetadata): number {
  const n = (last.get(meta) ?? 0) + 1
  last.set(meta, n)
  return n
}

/** Remembers the numbers, and returns a function that goes back to them: the rows that had later ones are rolled back. */
export function rememberNumbers(): () => void {
  const before = new Map(last)
  return () => {
    last.clear()
    for (const [meta, n] of before) last.set(meta, n)
  }
}
