import type { ValueType } from './data-type.js'
import type { ExpressionNode, ListNode, OrderNode, ParameterNode } from './expression.js'

export interface TableNode {
  readonly kind: 'table'
  readonly name: string
  readonly alias: string | null
}

export interface DerivedTableNode {
  readonly kind: 'derivedTable'
  readonly query: SelectNode
  readonly alias: string
}

/** One column of a result; `type` says how it is read. */
export interface SelectionNode {
  readonly kind: 'selection'
  readonly expression: ExpressionNode
  readonly alias: string | null
  readonly type: ValueType | null
}

/** A limit or offset: a checked integer written into the text, or bound when there are too many different ones. */
export type CountNode = number | ParameterNode

export interface SelectNode {
  readonly kind: 'select'
  readonly selections: readonly SelectionNode[]
  readonly from: TableNode | DerivedTableNode | null
  readonly distinct: boolean
  readonly where: ExpressionNode | null
  readonly groupBy: readonly ExpressionNode[]
  readonly having: ExpressionNode | null
  readonly orderBy: readonly OrderNode[]
  readonly limit: CountNode | null
  readonly offset: CountNode | null
}

export interface AssignmentNode {
  readonly kind: 'assignment'
  readonly column: string
  readonly value: ExpressionNode
}

/** What happens to a row whose unique key is there already. */
export interface ConflictNode {
  readonly kind: 'conflict'
  readonly columns: readonly string[]
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

export type StatementNode = SelectNode | InsertNode | UpdateNode | DeleteNode | RawStatementNode
