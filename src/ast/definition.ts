import type { VectorMetric } from '../types/call-options.js'
import type { DataType } from './data-type.js'
import type { ExpressionNode } from './expression.js'
import type { FullTextIndex, FullTextPart } from './full-text.js'

export type ReferenceAction = 'cascade' | 'restrict' | 'setNull' | 'setDefault' | 'noAction'

/** A default that the database generates: the time of the insert, or a new UUID. */
export type MadeDefault = 'now' | 'uuid'

export interface ColumnDefinition {
  readonly name: string
  readonly type: DataType
  readonly nullable: boolean
  /** It is part of the primary key, or references one. */
  readonly isKey: boolean | undefined
  /** A default of the database: SQL, a value, or one that the database generates. */
  readonly default: ExpressionNode | MadeDefault | null
  readonly generated: { readonly expression: ExpressionNode; readonly stored: boolean } | null
  readonly comment: string | null
  /** Only statements that name it read it. */
  readonly hidden?: boolean
}

export interface ForeignKeyDefinition {
  readonly name: string
  readonly columns: readonly string[]
  readonly table: string
  readonly references: readonly string[]
  readonly onDelete: ReferenceAction
  readonly onUpdate: ReferenceAction
  /** It is checked when the transaction commits. */
  readonly deferrable: boolean
}

export interface CheckDefinition {
  readonly name: string
  readonly predicate: ExpressionNode
}

export interface CreateTableNode {
  readonly kind: 'createTable'
  readonly table: string
  readonly columns: readonly ColumnDefinition[]
  readonly primaryKey: readonly string[]
  readonly foreignKeys: readonly ForeignKeyDefinition[]
  readonly checks: readonly CheckDefinition[]
  readonly ifNotExists: boolean
  readonly comment: string | null
  /** Null: what corm chooses. */
  readonly options: readonly string[] | null
  /** Full-text indexes, for databases that keep their words in a column of the table. */
  readonly fullText: readonly FullTextIndex[]
}

export interface CreateIndexNode {
  readonly kind: 'createIndex'
  readonly name: string
  readonly table: string
  readonly columns: readonly string[]
  /** The types of these columns, for databases that index only the beginning of a long text. */
  readonly types: readonly DataType[] | undefined
  /** What is indexed instead of the columns, which it reads. */
  readonly expression: ExpressionNode | null
  /** What stands in the brackets, used unchanged. */
  readonly sql: string | null
  readonly unique: boolean
  readonly where: ExpressionNode | null
  readonly method: string | null
  /** Set for a vector index. */
  readonly vector: VectorIndexDefinition | null
  /** It is built while the table is written to, outside a transaction. */
  readonly concurrently: boolean
  /** The column that the database numbers as soon as it has this index, which begins with it. */
  readonly numbers?: ColumnDefinition
}

export interface VectorIndexDefinition {
  readonly metric: VectorMetric
  /** The settings of the index, by their SQL names. */
  readonly settings: readonly (readonly [name: string, value: number])[]
}

/** One of the statements that create a full-text index. */
export interface CreateFullTextNode {
  readonly kind: 'createFullText'
  readonly index: FullTextIndex
  readonly part: FullTextPart
}

/** Drops a part of a full-text index that does not disappear with its table. */
export interface DropFullTextNode {
  readonly kind: 'dropFullText'
  readonly index: FullTextIndex
  readonly part: FullTextPart
}

/** Loads an extension that the tables need. */
export interface CreateExtensionNode {
  readonly kind: 'createExtension'
  readonly name: string
}

/** The comment of a table, or of a column of it. */
export interface CommentNode {
  readonly kind: 'comment'
  readonly table: string
  readonly column: string | null
  /** Null removes it. */
  readonly text: string | null
}

export interface AddForeignKeyNode {
  readonly kind: 'addForeignKey'
  readonly table: string
  readonly foreignKey: ForeignKeyDefinition
  /** Existing rows are not looked at. */
  readonly notValid?: boolean
}

export interface DropForeignKeyNode {
  readonly kind: 'dropForeignKey'
  readonly table: string
  readonly name: string
}

export interface DropTableNode {
  readonly kind: 'dropTable'
  readonly table: string
}

export type DefinitionNode =
  | CreateExtensionNode
  | CreateTableNode
  | CreateIndexNode
  | CreateFullTextNode
  | DropFullTextNode
  | CommentNode
  | AddForeignKeyNode
  | DropForeignKeyNode
  | DropTableNode
