/** The model whose rows a table holds, as far as statements know it. */
export interface TableModel {
  readonly name: string
  /** Whether its queries see some of the rows only: by global scopes, or by soft deletes. */
  readonly isRestricted: boolean
}

/** What of that does not hold for a table. */
export interface TableScope {
  /** Global scopes, by name. */
  readonly lifted: 'all' | readonly string[]
  /** Rows of soft deletes: those not deleted, all of them, the deleted ones. */
  readonly trashed: 'without' | 'with' | 'only'
}

export interface TableNode {
  readonly kind: 'table'
  readonly name: string
  readonly alias: string | null
  /** Left out: a common table expression, or a table that the user has named by text. */
  readonly meta: TableModel | undefined
  readonly scope: TableScope | undefined
}
