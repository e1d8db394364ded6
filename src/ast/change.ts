import type { DataType } from './data-type.js'
import type { AddForeignKeyNode, CheckDefinition, ColumnDefinition, ForeignKeyDefinition } from './definition.js'
import type { FindRowsNode } from './rows.js'

// The nodes of statements that change a table which is there.

interface ChangeInTable<Kind extends string> {
  readonly kind: Kind
  readonly table: string
}

export interface AddColumnNode extends ChangeInTable<'addColumn'> {
  readonly column: ColumnDefinition
  /** Keys that come with the column, in databases that add none to a table that is there. */
  readonly foreignKeys: readonly ForeignKeyDefinition[]
}

export interface DropColumnNode extends ChangeInTable<'dropColumn'> {
  readonly column: string
}

export interface AlterColumnNode extends ChangeInTable<'alterColumn'> {
  readonly from: ColumnDefinition
  readonly to: ColumnDefinition
  /** SQL for the new value of a row; null converts the present one. */
  readonly using: string | null
  /** The values are the new ones already, or are not needed any more. */
  readonly isConverted?: boolean
}

/** Gives rows of a table a value in a column: all of them, or those that have NULL. */
export interface FillColumnNode extends ChangeInTable<'fillColumn'> {
  readonly column: ColumnDefinition
  /** In canonical form. */
  readonly value: unknown
  readonly rows: 'all' | 'null'
}

export interface RenameColumnNode extends ChangeInTable<'renameColumn'> {
  readonly from: string
  readonly to: string
}

export interface RenameTableNode extends ChangeInTable<'renameTable'> {
  readonly to: string
}

export interface DropIndexNode extends ChangeInTable<'dropIndex'> {
  readonly name: string
  readonly concurrently: boolean
  /** The column as it is when the database no longer numbers it: that needs the index. */
  readonly numbers?: ColumnDefinition
  /** The hidden column that the index is over, which goes with it. */
  readonly column?: string
}

export interface RenameIndexNode extends ChangeInTable<'renameIndex'> {
  readonly from: string
  readonly to: string
}

export interface AddCheckNode extends ChangeInTable<'addCheck'> {
  readonly check: CheckDefinition
  /** Rows that are there are not looked at. */
  readonly notValid?: boolean
}

/** Looks at the rows that were there before a constraint was added. */
export interface ValidateConstraintNode extends ChangeInTable<'validateConstraint'> {
  readonly added: AddForeignKeyNode | AddCheckNode
}

export interface DropCheckNode extends ChangeInTable<'dropCheck'> {
  readonly name: string
}

/** Where a column of a table that is made again has its values from. */
export interface ColumnSource {
  readonly column: ColumnDefinition
  /** The column of the old table. A new column has none: it has the fill, or its default. Otherwise the fill replaces NULL. */
  readonly from: ColumnDefinition | null
  /** SQL of the user for the value of a row; null converts the present one. */
  readonly using: string | null
  readonly fill: unknown
}

/** Copies the rows of a table into the one that is to replace it. */
export interface CopyRowsNode extends ChangeInTable<'copyRows'> {
  readonly to: string
  readonly sources: readonly ColumnSource[]
  /** In the order of their numbers, by which SQLite knows rows. */
  readonly inOrder: boolean
}

/** `query` is SQL of the user. */
export interface CreateViewNode {
  readonly kind: 'createView'
  readonly name: string
  readonly query: string
  readonly options: readonly string[]
}

export interface DropViewNode {
  readonly kind: 'dropView'
  readonly name: string
}

/** Stores another value in a column, computed from the present one. */
export interface ConvertColumnNode extends ChangeInTable<'convertColumn'> {
  readonly column: string
  readonly sql: string
}

/** The triggers of a mirrored column: one for each kind of write, or one that calls a function. */
export type MirrorPart = 'function' | 'write' | 'insert' | 'update'

/** Triggers copy what is written to one of two columns to the other. */
export interface Mirror {
  readonly from: string
  readonly to: string
  /** The columns of the primary key. */
  readonly key: readonly string[]
  /** Set if only what is written to `from` is copied, as a value of the other type. */
  readonly converts: { readonly from: DataType; readonly to: DataType } | null
}

interface OfMirror<Kind extends string> extends ChangeInTable<Kind> {
  readonly part: MirrorPart
  readonly name: string
}

export interface CreateMirrorNode extends OfMirror<'createMirror'> {
  readonly mirror: Mirror
}

export type DropMirrorNode = OfMirror<'dropMirror'>

/** Two columns exchange their names and become what they are afterwards, in one statement. */
export interface SwapColumnsNode extends ChangeInTable<'swapColumns'> {
  readonly column: ColumnDefinition
  readonly other: ColumnDefinition
  /** Which of the two is the first one in the table afterwards. */
  readonly first: string
}

export type ChangeNode =
  | SwapColumnsNode
  | CreateMirrorNode
  | DropMirrorNode
  | ConvertColumnNode
  | FindRowsNode
  | AddColumnNode
  | DropColumnNode
  | AlterColumnNode
  | FillColumnNode
  | RenameColumnNode
  | RenameTableNode
  | DropIndexNode
  | RenameIndexNode
  | AddCheckNode
  | ValidateConstraintNode
  | DropCheckNode
  | CopyRowsNode
  | CreateViewNode
  | DropViewNode
