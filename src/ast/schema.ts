import type { DataType } from './data-type.js'
import type { CheckDefinition, ForeignKeyDefinition, MadeDefault, VectorIndexDefinition } from './definition.js'
import type { ExpressionNode } from './expression.js'

// The schema of a database as plain data, and the operations that change it. Names are those of the database.

export interface ColumnState {
  readonly name: string
  readonly type: DataType
  readonly nullable: boolean
  /** A default of the database: SQL, a value, or one that the database generates. */
  readonly default: ExpressionNode | MadeDefault | null
  readonly generated: { readonly expression: ExpressionNode; readonly stored: boolean } | null
  readonly comment: string | null
  /** No model uses it any more. It stays until `removeColumn` drops it. */
  readonly retired: boolean
}

/** Whether every new row must give it a value, and existing rows have none: it is NOT NULL, and nothing makes the value. */
export const needsValue = ({ nullable, default: value, generated, type }: ColumnState): boolean =>
  !nullable && value === null && generated === null && type.autoIncrement !== true

export interface IndexState {
  readonly name: string
  readonly columns: readonly string[]
  readonly unique: boolean
  /** Set for an index over some of the rows. */
  readonly where: ExpressionNode | null
  /** What is indexed instead of the columns, which it reads. */
  readonly expression: ExpressionNode | null
  /** What stands in the brackets instead of the columns, in the words of the database: `lower(name), price desc`. */
  readonly sql: string | null
  /** The method of the index; null is that of the database, a B-tree. */
  readonly method: string | null
  readonly vector: VectorIndexDefinition | null
  readonly fullText: FullTextState | null
}

export interface FullTextState {
  readonly language: string | null
  readonly weights: readonly number[] | null
}

export interface TableState {
  readonly name: string
  readonly columns: readonly ColumnState[]
  readonly primaryKey: readonly string[]
  readonly indexes: readonly IndexState[]
  readonly foreignKeys: readonly ForeignKeyDefinition[]
  readonly checks: readonly CheckDefinition[]
  readonly comment: string | null
  /** What holds for the table as a whole, as the catalog lists it. Null: what corm chooses. Databases skip what they don't know. */
  readonly options: readonly string[] | null
  /** No model uses it any more. It stays until `dropTable` drops it. */
  readonly retired: boolean
  /** Absent if there are none: the checksums of older files have no such property. */
  readonly mirrors?: readonly MirrorState[]
}

/** Two columns with the same values: triggers copy what is written to one of them to the other. */
export interface MirrorState {
  readonly from: string
  readonly to: string
  /** Only what is written to `from` is copied, as a value of the type of `to`. Absent if both are. */
  readonly oneWay?: true
}

/** Whether a mirror goes in one direction, and its columns have different types. */
export const isOneWay = (mirror: Pick<MirrorState, 'oneWay'>): boolean =>
  Object.hasOwn(mirror, 'oneWay') && mirror.oneWay === true

export interface ViewState {
  readonly name: string
  readonly sql: DialectSql
  /** Options besides its query, such as `security_barrier`. A database takes those that it knows. Absent if there are none. */
  readonly options?: readonly string[]
}

/** The mirrored columns of a table. */
export const mirrorsOf = (table: TableState): readonly MirrorState[] =>
  Object.hasOwn(table, 'mirrors') ? (table.mirrors ?? []) : []

/** The table with these mirrored columns alone. */
export function withMirrors(table: TableState, mirrors: readonly MirrorState[]): TableState {
  if (mirrors.length > 0) return { ...table, mirrors }
  if (!Object.hasOwn(table, 'mirrors')) return table
  const { mirrors: _, ...plain } = table
  return plain
}

/** The options of a view. */
export const viewOptionsOf = (view: Pick<ViewState, 'options'>): readonly string[] =>
  Object.hasOwn(view, 'options') ? (view.options ?? []) : []

export interface SchemaState {
  readonly tables: ReadonlyMap<string, TableState>
  readonly views: ReadonlyMap<string, ViewState>
}

/** The schema of an empty database. */
export const EMPTY: SchemaState = Object.freeze({ tables: new Map(), views: new Map() })

/** SQL by the name of the dialect. `default` is for all others; null means nothing to do. */
export type DialectSql = Readonly<Record<string, string | null>>

/** One change of the schema, complete in itself: expressions are nodes. */
export type SchemaOperation =
  | { readonly op: 'createTable'; readonly table: TableState }
  | { readonly op: 'dropTable'; readonly table: string }
  | { readonly op: 'retireTable'; readonly table: string }
  | { readonly op: 'restoreTable'; readonly table: string }
  | { readonly op: 'renameTable'; readonly table: string; readonly to: string }
  | {
      readonly op: 'addColumn'
      readonly table: string
      readonly column: ColumnState
      /** The canonical value for the existing rows. */
      readonly fill: unknown
    }
  | { readonly op: 'removeColumn'; readonly table: string; readonly column: string }
  | { readonly op: 'retireColumn'; readonly table: string; readonly column: string }
  | { readonly op: 'renameColumn'; readonly table: string; readonly from: string; readonly to: string }
  | {
      readonly op: 'mirrorColumn'
      readonly table: string
      readonly from: string
      readonly to: string
      readonly oneWay?: true
    }
  | { readonly op: 'unmirrorColumn'; readonly table: string; readonly from: string; readonly to: string }
  /** Two columns exchange their names. Both are as they are afterwards; `column` has the name that programs use. */
  | { readonly op: 'swapColumns'; readonly table: string; readonly column: ColumnState; readonly other: ColumnState }
  | {
      readonly op: 'alterColumn'
      readonly table: string
      readonly column: ColumnState
      readonly using: DialectSql | null
      /** The canonical value for rows that have NULL. */
      readonly fill?: unknown
    }
  | { readonly op: 'createIndex'; readonly table: string; readonly index: IndexState; readonly concurrently: boolean }
  | { readonly op: 'dropIndex'; readonly table: string; readonly name: string; readonly concurrently: boolean }
  | { readonly op: 'renameIndex'; readonly table: string; readonly from: string; readonly to: string }
  | {
      readonly op: 'addForeignKey'
      readonly table: string
      readonly foreignKey: ForeignKeyDefinition
      /** Absent if it is not set: the checksums of older files have no such property. */
      readonly concurrently?: true
    }
  | { readonly op: 'dropForeignKey'; readonly table: string; readonly name: string }
  | {
      readonly op: 'addCheck'
      readonly table: string
      readonly check: CheckDefinition
      readonly concurrently?: true
    }
  | { readonly op: 'dropCheck'; readonly table: string; readonly name: string }
  | {
      readonly op: 'alterComment'
      readonly table: string
      /** Null for the comment of the table. */
      readonly column: string | null
      readonly comment: string | null
    }
  | { readonly op: 'createView'; readonly view: ViewState }
  | { readonly op: 'dropView'; readonly name: string }

export type OperationName = SchemaOperation['op']
export type OperationOf<Name extends OperationName> = Extract<SchemaOperation, { op: Name }>
