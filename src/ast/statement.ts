import type { ValueType } from './data-type.js'
import type {
  CompoundNode,
  CountNode,
  CteNode,
  DerivedTableNode,
  ExpressionNode,
  JoinNode,
  ListNode,
  LockNode,
  SelectionNode,
  SelectNode,
  TableNode,
  TableSource,
} from './expression.js'

export type {
  CompoundNode,
  CountNode,
  CteNode,
  DerivedTableNode,
  JoinNode,
  LockNode,
  SelectionNode,
  SelectNode,
  TableNode,
  TableSource,
}

export interface AssignmentNode {
  readonly kind: 'assignment'
  readonly column: string
  readonly value: ExpressionNode
  /** The type of the column, if `value` is an expression that may have another type. */
  readonly type: ValueType | undefined
}

/** What to do with a row whose unique key already exists. */
export interface ConflictNode {
  readonly kind: 'conflict'
  readonly columns: readonly string[]
  /** The columns of other unique keys; a conflict on one of them is an error. */
  readonly others: readonly (readonly string[])[]
  /** If empty, the existing row stays unchanged. */
  readonly assignments: readonly AssignmentNode[]
}

export interface InsertNode {
  readonly kind: 'insert'
  readonly table: TableNode
  readonly columns: readonly InsertColumn[]
  readonly source: RowsSource | ListsSource
  readonly conflict: ConflictNode | null
  readonly returning: readonly SelectionNode[]
}

export interface RowsSource {
  readonly kind: 'rows'
  /** One expression per column in each row. */
  readonly rows: readonly (readonly ExpressionNode[])[]
}

/** One list per column, so that the same SQL serves any number of rows. For dialects with `insertLists`. */
export interface ListsSource {
  readonly kind: 'lists'
  readonly lists: readonly ListNode[]
}

export interface InsertColumn {
  readonly name: string
  readonly type: ValueType
}

export interface UpdateNode {
  readonly kind: 'update'
  readonly table: TableNode
  readonly assignments: readonly AssignmentNode[]
  readonly where: ExpressionNode | null
  readonly returning: readonly SelectionNode[]
}

/** Updates many rows by key, each with its own values. For dialects with `updatesRows`. */
export interface UpdateRowsNode {
  readonly kind: 'updateRows'
  readonly table: TableNode
  readonly keys: readonly InsertColumn[]
  readonly columns: readonly InsertColumn[]
  /** One array per row: the values of the keys, then those of the columns. The same SQL serves any number of rows. */
  readonly rows: ListNode
}

export interface DeleteNode {
  readonly kind: 'delete'
  readonly table: TableNode
  readonly where: ExpressionNode | null
  readonly returning: readonly SelectionNode[]
}

/** A raw SQL statement of the user. */
export interface RawStatementNode {
  readonly kind: 'rawStatement'
  readonly sql: ExpressionNode
}

export type StatementNode = SelectNode | InsertNode | UpdateNode | UpdateRowsNode | DeleteNode | RawStatementNode
