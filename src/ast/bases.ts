import type { ValueType } from './data-type.js'
import type { AnnotationNode, ArithmeticNode, ColumnNode, FunctionCall, IdentifierNode, RawNode } from './expression.js'
import type { AssignmentNode } from './statement.js'
import type { TableNode } from './table.js'

// Nodes are made as `{ ...COLUMN, table, name, type }`. That way each node has every member as its own property, and
// reading one that was not given never looks at Object.prototype, which another package may have changed.

/** The members of a node that have defaults. */
type Base<Node, Given extends keyof Node> = Readonly<Omit<Node, Given>>

export const COLUMN: Base<ColumnNode, 'table' | 'name' | 'type'> = Object.freeze({
  kind: 'column',
  level: undefined,
  scope: undefined,
  wide: undefined,
  path: undefined,
})

export const CALL: Base<FunctionCall<'now'>, 'name' | 'args' | 'distinct' | 'type'> = Object.freeze({
  kind: 'call',
  filter: undefined,
  separator: undefined,
  orderBy: undefined,
  unit: undefined,
  zone: undefined,
  count: undefined,
  over: undefined,
})

export const ARITHMETIC: Base<ArithmeticNode, 'operator' | 'left' | 'right'> = Object.freeze({
  kind: 'arithmetic',
  type: undefined,
})

export const RAW: Base<RawNode, 'texts' | 'nodes' | 'dynamic'> = Object.freeze({
  kind: 'raw',
  ours: undefined,
  reads: undefined,
})

export const IDENTIFIER: Base<IdentifierNode, 'path'> = Object.freeze({ kind: 'identifier', type: undefined })

export const ANNOTATION: Base<AnnotationNode, 'name' | 'type'> = Object.freeze({
  kind: 'annotation',
  level: undefined,
  scope: undefined,
})

export const TABLE: Base<TableNode, 'name' | 'alias'> = Object.freeze({
  kind: 'table',
  meta: undefined,
  scope: undefined,
})

export const ASSIGNMENT: Base<AssignmentNode, 'column' | 'value'> = Object.freeze({
  kind: 'assignment',
  type: undefined,
})

export const VALUE_TYPE: Base<ValueType, 'dataType' | 'check' | 'refuse'> = Object.freeze({
  column: undefined,
  load: null,
  nullIsValue: undefined,
  languages: undefined,
})
