import type { DataType } from './data-type.js'

/** What statements know about the model of a table. */
export interface TableModel {
  readonly name: string
  readonly table: string
  readonly fields: readonly TableField[]
  /** Whether its queries see only some of the rows, because of global scopes or soft deletes. */
  readonly isRestricted: boolean
  /** Whether it has no table: it is a base of other models. */
  readonly isAbstract: boolean
  /** Whether corm must not change its rows. */
  readonly readOnly: boolean
}

export interface TableField {
  readonly modelName: string
  readonly name: string
  readonly column: string
  readonly dataType: DataType
}

/** The scopes that are lifted for a table. */
export interface TableScope {
  /** The lifted global scopes, by name. */
  readonly lifted: 'all' | readonly string[]
  /** Which rows of a model with soft deletes are seen: those not deleted, all of them, or only the deleted ones. */
  readonly trashed: 'without' | 'with' | 'only'
}

export interface TableNode {
  readonly kind: 'table'
  readonly name: string
  readonly alias: string | null
  /** Undefined for a common table expression, and for a table that the user named as text. */
  readonly meta: TableModel | undefined
  readonly scope: TableScope | undefined
}
