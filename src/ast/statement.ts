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
}

export interface AssignmentNode {
  readonly kind: 'assignment'
  readonly column: string
  readonly value: ExpressionNode
  /** What the column keeps, where `value` is an expression that may be of another type. */
  readonly type: ValueType | undefined
}

/** What happens to a row whose unique key is there already. */
export interface ConflictNode {
  readonly kind: 'conflict'
  readonly columns: readonly string[]
  /** The columns of other unique keys, in which the row must not be there. */
  readonly others: readonly (readonly string[])[]
  /** Empty: the row that is there stays as it is. */
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

/** One list per column, so that one text serves any number of rows; for dialects with `insertLists`. */
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

/** Gives each of many rows values of its own, by its key; for dialects with `updatesRows`. */
export interface UpdateRowsNode {
  readonly kind: 'updateRows'
  readonly table: TableNode
  readonly keys: readonly InsertColumn[]
  readonly columns: readonly InsertColumn[]
  /** One array for each row: the values of the keys, then those of the columns. One text serves any number of rows. */
  readonly rows: ListNode
}

export interface DeleteNode {
  readonly kind: 'delete'
  readonly table: TableNode
  readonly where: ExpressionNode | null
  readonly returning: readonly SelectionNode[]
}

/** A statement of the user's own. */
export interface RawStatementNode {
  readonly kind: 'rawStatement'
  readonly sql: ExpressionNode
}

export type StatementNode = SelectNode | InsertNode | UpdateNode | UpdateRowsNode | DeleteNode | RawStatementNode
