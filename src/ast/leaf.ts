import type { ValueType } from './data-type.js'
import type { FullTextSearch } from './full-text.js'

// The expressions that contain no other expressions than columns and parameters.

/** A column. `table` is the name or alias of its table, or null for the table of the enclosing select. */
export interface ColumnNode {
  readonly kind: 'column'
  readonly table: string | null
  readonly name: string
  /** Decides how the column is read, and how values compared with it are checked and bound. */
  readonly type: ValueType | null
  /** How many selects further out its table is; undefined for the enclosing select. */
  readonly level: number | undefined
  /** The depth of the callback that received it; the column is only valid while that callback runs. */
  readonly scope: number | undefined
  /** The path contains a to-many relation. */
  readonly wide: boolean | undefined
  /** The to-one relations to its table, which become joins in the statement. */
  readonly path: readonly string[] | undefined
}

/** A bound value. A compiled plan identifies its parameters by these objects. */
export interface ParameterNode {
  readonly kind: 'parameter'
  readonly type: ValueType | null
  readonly value: unknown
}

/** A list of bound values, for IN; the dialect binds it as an array, as JSON or as single placeholders. */
export interface ListNode {
  readonly kind: 'list'
  readonly type: ValueType | null
  readonly values: readonly unknown[]
}

/** Whether a search finds the row, or how well the row matches it. */
export interface MatchNode extends FullTextSearch {
  readonly kind: 'match'
  /** The column of the words; if the database keeps them in another table, the row is found by its `key`. */
  readonly words: ColumnNode
  readonly key: readonly ColumnNode[]
  readonly search: ParameterNode
  readonly type: ValueType
}

/** Conditions written as an object, which are resolved when the model is known. */
export interface ObjectNode {
  readonly kind: 'object'
  readonly conditions: Readonly<Record<string, unknown>>
}

/** A name written by the user through `sql.id`. */
export interface IdentifierNode {
  readonly kind: 'identifier'
  readonly path: readonly string[]
  /** The type of the query's value if the name stands for one. */
  readonly type: ValueType | null | undefined
}

/** A value that the query named with `annotate`. It is replaced by its expression, or its column, in the statement. */
export interface AnnotationNode {
  readonly kind: 'annotation'
  readonly name: string
  readonly type: ValueType | null
  /** The same as for columns. */
  readonly level: number | undefined
  readonly scope: number | undefined
}

/** In the assignments of an upsert: the value of the column in the new row. */
export interface IncomingNode {
  readonly kind: 'incoming'
  readonly column: string
  readonly type: ValueType | null
}

/** A constant condition, such as that of an empty IN. */
export interface TruthNode {
  readonly kind: 'truth'
  readonly value: boolean
}
