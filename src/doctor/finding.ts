/** Something in a database, or in a log of its queries, that a person should look at. */
export interface Finding {
  readonly kind:
    | 'unindexed-foreign-key'
    | 'duplicate-index'
    | 'invalid-index'
    | 'unused-index'
    | 'counter'
    | 'stored-value'
    | 'n-plus-one'
  /** The table; null for a query. */
  readonly table: string | null
  /** The columns, the index, the field, or the SQL text. */
  readonly at: string
  /** What is wrong, as a sentence. */
  readonly problem: string
  readonly remedy: string
}
