import type { SchemaOperation, SchemaState } from '../ast/schema.js'
import type { TableRebuild } from '../dialect/dialect.js'
import type { SchemaNode } from './statements.js'

/** A step that sends statements one after the other. */
export interface StatementsStep {
  readonly kind: 'statements'
  readonly operations: readonly SchemaOperation[]
  readonly before: SchemaState
  readonly after: SchemaState
  readonly nodes: readonly SchemaNode[]
  /** Foreign keys must not be checked during the step. */
  readonly withoutKeys: boolean
}

/** A step that rebuilds a table. */
export interface RebuildStep {
  readonly kind: 'rebuild'
  readonly operations: readonly SchemaOperation[]
  readonly before: SchemaState
  readonly after: SchemaState
  readonly table: string
  /** Statements that may be enough and are tried first. Null if there are none. */
  readonly inPlace: readonly SchemaNode[] | null
  readonly rebuild: TableRebuild
}

export type SchemaStep = StatementsStep | RebuildStep

export const statementsStep = (
  operations: readonly SchemaOperation[],
  { before, after }: { readonly before: SchemaState; readonly after: SchemaState },
  nodes: readonly SchemaNode[],
  withoutKeys = false,
): StatementsStep => ({ kind: 'statements', operations, before, after, nodes, withoutKeys })
