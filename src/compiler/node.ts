import type { ChangeNode } from '../ast/change.js'
import type { DefinitionNode } from '../ast/definition.js'
import type { ExpressionNode, OrderNode } from '../ast/expression.js'
import type {
  CompoundNode,
  CteNode,
  DerivedTableNode,
  JoinNode,
  SelectionNode,
  StatementNode,
  TableNode,
} from '../ast/statement.js'

/** Every kind of node that becomes SQL. */
export type Node =
  | ExpressionNode
  | OrderNode
  | StatementNode
  | SelectionNode
  | TableNode
  | DerivedTableNode
  | JoinNode
  | CompoundNode
  | CteNode
  | DefinitionNode
  | ChangeNode
export type NodeOf<K extends Node['kind']> = Extract<Node, { kind: K }>
