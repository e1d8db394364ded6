import type { ForeignKeyDefinition } from './definition.js'
import type { ExpressionNode } from './expression.js'

// Rows that a change of the schema can't take.

/** Which rows of a table. */
export type RowCondition =
  | { readonly kind: 'all' }
  | { readonly kind: 'null'; readonly column: string }
  /** Those for which SQL of the dialect is not true; NULL counts as true. */
  | { readonly kind: 'unless'; readonly sql: string }
  | { readonly kind: 'violating'; readonly predicate: ExpressionNode }
  /** Those that have the values of another row; the rows of a partial index only. */
  | {
      readonly kind: 'repeated'
      readonly columns: readonly string[]
      readonly expression: ExpressionNode | null
      readonly where: ExpressionNode | null
    }
  /** Those whose foreign key points to no row. */
  | { readonly kind: 'lost'; readonly foreignKey: ForeignKeyDefinition }

/** Counts such rows, or reads the keys of some of them. */
export interface FindRowsNode {
  readonly kind: 'findRows'
  readonly table: string
  readonly where: RowCondition
  /** The columns to read, of at most so many rows; null to count the rows. */
  readonly read: { readonly columns: readonly string[]; readonly limit: number } | null
}
