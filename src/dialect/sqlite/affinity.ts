import type { DataTypeName } from '../../ast/data-type.js'

/**
 * The type of corm that is nearest to what a column of this declared type prefers to store.
 * https://sqlite.org/datatype3.html#determination_of_column_affinity
 */
export function byAffinity(declared: string): DataTypeName {
  const type = declared.toLowerCase()
  if (type.includes('int')) return 'bigInteger'
  if (/char|clob|text/.test(type)) return 'text'
  if (type.includes('blob') || type === '') return 'binary'
  return /real|floa|doub/.test(type) ? 'float' : 'decimal'
}
