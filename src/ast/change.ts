import type { CheckDefinition, ColumnDefinition } from './definition.js'

// The nodes of statements that change a table which is there.

interface InTable<Kind extends string> {
  readonly kind: Kind
  readonly table: string
}

export interface AddColumnNode extends InTable<'addColumn'> {
  readonly column: ColumnDefinition
}

export interface DropColumnNode extends InTable<'dropColumn'> {
  readonly column: string
}

export interface AlterColumnNode extends InTable<'alterColumn'> {
  readonly from: ColumnDefinition
  readonly to: ColumnDefinition
  /** SQL for the new value of a row; null converts the present one. */
  readonly using: string | null
}

/** Gives all rows of a table a value in a column. */
export interface FillColumnNode extends InTable<'fillColumn'> {
  readonly column: ColumnDefinition
  readonly value: unknown
}

export interface RenameColumnNode extends InTable<'renameColumn'> {
  readonly from: string
  readonly to: string
}

export interface RenameTableNode extends InTable<'renameTable'> {
  readonly to: string
}

export interface DropIndexNode extends InTable<'dropIndex'> {
  readonly name: string
  readonly concurrently: boolean
}

export interface RenameIndexNode extends InTable<'renameIndex'> {
  readonly from: string
  readonly to: string
}

export interface AddCheckNode extends InTable<'addCheck'> {
  readonly check: CheckDefinition
}

export interface DropCheckNode extends InTable<'dropCheck'> {
  readonly name: string
}

/** `query` is SQL of the user. */
export interface CreateViewNode {
  readonly kind: 'createView'
  readonly name: string
  readonly query: string
}

export interface DropViewNode {
  readonly kind: 'dropView'
  readonly name: string
}

export type ChangeNode =
  | AddColumnNode
  | DropColumnNode
  | AlterColumnNode
  | FillColumnNode
  | RenameColumnNode
  | RenameTableNode
  | DropIndexNode
  | RenameIndexNode
  | AddCheckNode
  | DropCheckNode
  | CreateViewNode
  | DropViewNode
