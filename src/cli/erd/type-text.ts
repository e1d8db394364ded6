import type { ColumnState } from '../../ast/schema.js'

/** The type of a column in a word. */
export function typeWord({ type }: ColumnState): string {
  const { name, element, sql } = type
  if (sql !== undefined) return sql
  return element === undefined ? name : `${element.dataType.name}[]`
}
