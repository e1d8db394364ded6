import type { DataType } from '../ast/data-type.js'
import type { ForeignKeyDefinition } from '../ast/definition.js'
import type { DriverRow } from '../driver/driver.js'

// What a database says of its tables, in one form per dialect. Texts are those of the database.

export interface CatalogColumn {
  readonly name: string
  /** The type as the database writes it: `character varying(200)`. */
  readonly type: string
  readonly nullable: boolean
  readonly default: string | null
  readonly generated: { readonly expression: string; readonly stored: boolean } | null
  /** The database numbers new rows. */
  readonly numbered: boolean
  /** It is the number of the row on SQLite, which a new row gets even if the column is not declared to count. */
  readonly rowNumber?: boolean
  /** Where it differs from that of the table, or of the type. */
  readonly collation: string | null
  readonly comment: string | null
  /** What corm has noted of the type where the database keeps only how it is stored: `decimal(10,2)`. */
  readonly noted: string | null
  /** What else the definition says: `ON UPDATE current_timestamp()`. */
  readonly extra: string | null
}

/** A column while its definition is read. */
export type WritableColumn = { -readonly [Key in keyof CatalogColumn]: CatalogColumn[Key] }

/** The method of an index that belongs to an EXCLUDE constraint. */
export const EXCLUSION = 'exclusion'

export interface CatalogIndex {
  readonly name: string
  /** The database chose the name. */
  readonly unnamed: boolean
  /** A constraint made it: `drop index` does not drop it. */
  readonly constraint: boolean
  readonly unique: boolean
  /** `btree`, `gin`, `fulltext` … */
  readonly method: string
  /** The columns that it begins with; null where it indexes an expression. */
  readonly columns: readonly (string | null)[]
  /** How many characters, or bytes, of each it holds, from the first one on; null, or none: all. */
  readonly lengths: readonly (number | null)[]
  /** The only thing that it indexes, if that is an expression. */
  readonly expression: string | null
  readonly where: string | null
  /** What stands in the brackets of its definition. */
  readonly keys: string
  /** All of it except for its name, its table and whether it is unique. */
  readonly text: string
  /** Whether its brackets hold names of columns, and say no more of them: no order, no class of operators. */
  readonly ofColumns: boolean
  /** Whether it is columns of a B-tree in ascending order, and nothing else. */
  readonly plain: boolean
  /** What it holds of a row besides its keys, `INCLUDE (name)`: only its size and the speed of some queries depend on it. */
  readonly includes?: string
  /** False while the database can't use it, because it could not be built. */
  readonly valid: boolean
  /** It is over a hidden column, and stands for an index of the expression that the column is generated from. */
  readonly hidden?: boolean
}

export interface CatalogForeignKey extends Omit<ForeignKeyDefinition, 'name'> {
  /** Null if it has none. */
  readonly name: string | null
  readonly valid: boolean
}

export interface CatalogCheck {
  /** Null if it has none. */
  readonly name: string | null
  readonly predicate: string
  /** False if rows that were there before may violate it. */
  readonly valid: boolean
}

export interface CatalogTable {
  readonly name: string
  readonly columns: readonly CatalogColumn[]
  readonly primaryKey: readonly string[]
  /** The definition of the primary key, if it says more than its columns: `name(10)`, `name collate nocase`. */
  readonly keyText: string | null
  /** What the index of the primary key holds besides: `INCLUDE (name)`. */
  readonly keyIncludes?: string
  readonly indexes: readonly CatalogIndex[]
  readonly foreignKeys: readonly CatalogForeignKey[]
  readonly checks: readonly CatalogCheck[]
  readonly comment: string | null
  /** What holds for the table as a whole: `strict`, an engine, a collation. */
  readonly options: readonly string[]
}

export interface CatalogView {
  readonly name: string
  /** The query. */
  readonly sql: string
  /** Those of `viewOptions` that it has. */
  readonly options: readonly string[]
}

/** Something that corm knows only by its name, and never changes. */
export interface Unmanaged {
  /** `trigger`, `function`, `sequence` … */
  readonly kind: string
  readonly name: string
  /** The table that it belongs to. */
  readonly table: string | null
}

export interface CatalogState {
  readonly tables: ReadonlyMap<string, CatalogTable>
  readonly views: ReadonlyMap<string, CatalogView>
  readonly unmanaged: readonly Unmanaged[]
}

/** Sends a statement, and returns the rows. */
export interface Ask {
  (sql: string): Promise<readonly DriverRow[]>
  /** Changes the schema, in the transaction that is rolled back. */
  change(sql: string): Promise<unknown>
}

/** The statements that create a table, without its foreign keys. */
export interface TableTexts {
  readonly name: string
  readonly table: string
  /** Indexes, comments and full-text indexes. */
  readonly more: readonly string[]
}

/** The type of a field for a column. */
export interface InspectedType {
  readonly type: DataType
  /** corm has no field for its values: they are texts in the form of the database. */
  readonly custom?: boolean
  /** The type of the values of a 64-bit integer, if it is not bigint. */
  readonly as?: 'number'
  /** What a person should decide. */
  readonly note?: string
}

/** Types by table and column. */
export type InspectedTypes = ReadonlyMap<string, ReadonlyMap<string, InspectedType>>

/** An index that no query has used. */
export interface UnusedIndex {
  readonly table: string
  readonly index: string
}

/** The numbers that a database gives to the rows of a table. */
export interface TableCounter {
  readonly table: string
  readonly column: string
  /** The number of the newest row, and the last one that the column or the counter takes. */
  readonly last: bigint
  readonly limit: bigint
  /** The statement that lets the counter go on, where it ends before its column does; null: the column ends. */
  readonly extend: string | null
}

/** What tables need before they can be created: a type, a sequence, an extension. */
export interface Prerequisite {
  /** `enum`, `domain`, `sequence` … */
  readonly kind: string
  readonly name: string
  /** The statement that creates it; null if there is none that does all of it. */
  readonly up: string | null
  /** The statement that drops it; null: it stays. */
  readonly down: string | null
  /** A query that returns a row if it is there. */
  readonly probe: string
  /** The values of an enum, in their order. */
  readonly values?: readonly string[]
}

/** What the SQL says that a database wrote. */
export interface CatalogWords {
  /** The names in it, in lower case, those of columns among them. */
  namesIn(sql: string): ReadonlySet<string>
  /** The texts in it. */
  textsIn(sql: string): ReadonlySet<string>
  /** The text that it is, if it is nothing else. */
  textIn(sql: string): string | null
  /** The texts that a check compares a column with, if that is all it does. */
  valuesIn(predicate: string, column: string): readonly string[] | null
  /** The column of which a condition says that it is not NULL, in lower case, if that is all it says. */
  notNullIn(condition: string): string | null
  /** The metric of a vector index, by what stands in its brackets; null if it says none. */
  metricOf(keys: string): string | null
}

/** How a database describes its tables. */
export interface CatalogSupport {
  read(ask: Ask): Promise<CatalogState>
  /**
   * How the database would describe these tables, without their foreign keys. It may create temporary tables, inside a
   * transaction that is rolled back.
   */
  describe(tables: readonly TableTexts[], ask: Ask): Promise<readonly CatalogTable[]>
  /** The options of views that the database has. */
  readonly viewOptions: ReadonlySet<string>
  /** How the database would describe the query of a view; null if that can't be asked. */
  describeView(name: string, query: string, ask: Ask): Promise<string | null>
  /** Indexes of tables with many rows that no query has used since the server began to count; null if it does not count. */
  unusedIndexes(ask: Ask): Promise<readonly UnusedIndex[] | null>
  /** The counters whose numbers can come to an end. */
  counters(ask: Ask): Promise<readonly TableCounter[]>
  /** Whether an index of this method finds the rows of any key. */
  servesKeys(method: string): boolean
  /** The statement for an index that could not be built: it builds it again, or drops what a rebuild left; null: there are none. */
  rebuildIndex(name: string): string | null
  /** How it would describe a foreign key. */
  keyOf(key: ForeignKeyDefinition): CatalogForeignKey
  /** Whether two types, or two expressions, that the database wrote are the same. */
  isSameText(a: string, b: string): boolean
  readonly words: CatalogWords
  /**
   * The type that is stored so: one of corm's own, or one with the text of the database in `sql`. With the table that has the
   * column, it is a type with which the table can be created.
   */
  typeOf(column: CatalogColumn, table?: Pick<CatalogTable, 'primaryKey' | 'indexes'>): DataType
  /** The type as a definition has it, with all that belongs to it. */
  typeText(column: CatalogColumn): string
  /** The types of fields for these tables: by the declarations, and where they say too little, by what the columns hold. */
  inspect(tables: readonly InspectedTable[], ask: Ask): Promise<InspectedTypes>
  /** The columns of views. */
  viewColumns(ask: Ask): Promise<ReadonlyMap<string, readonly CatalogColumn[]>>
  /** What these tables and views need before them, in the order in which it can be created. Null: all that the schema has. */
  prerequisites(ask: Ask, tables: ReadonlySet<string> | null): Promise<readonly Prerequisite[]>
  /** What adds the values to an enum that it has besides the known ones, for databases with such types. No statement removes a value. */
  missingValues?(prerequisite: Prerequisite, known: ReadonlySet<string>): readonly Omit<Prerequisite, 'kind' | 'name'>[]
}

/** What is known of a table, or of a view, before its columns are looked at. */
export type InspectedTable = Pick<CatalogTable, 'name' | 'columns' | 'primaryKey' | 'indexes'>

/** Whether the primary key begins with the column, or an index that migrations and models can have. */
export const leadsKey = ({ primaryKey, indexes }: Pick<CatalogTable, 'primaryKey' | 'indexes'>, column: string) =>
  primaryKey[0] === column ||
  indexes.some(
    ({ columns, ofColumns, method, unnamed, where }) =>
      columns[0] === column && ofColumns && method === 'btree' && !unnamed && where === null,
  )

/** A column of which only the name and the type are known. */
export const plainColumn = (name: string, type: string): CatalogColumn => ({
  name,
  type,
  nullable: true,
  default: null,
  generated: null,
  numbered: false,
  collation: null,
  comment: null,
  noted: null,
  extra: null,
})

/** Columns by view, of rows with the name of the view, that of the column, and its type. */
export function columnsByView(rows: readonly DriverRow[]): ReadonlyMap<string, readonly CatalogColumn[]> {
  const views = new Map<string, CatalogColumn[]>()
  for (const [view = '', name = '', type = ''] of rows.map((row) => row.map(String))) {
    const columns = views.get(view) ?? []
    columns.push(plainColumn(name, type))
    views.set(view, columns)
  }
  return views
}

/** Maps all columns of tables by themselves. */
export const eachColumn = (
  tables: readonly InspectedTable[],
  typeOf: (column: CatalogColumn, table: InspectedTable) => InspectedType,
): InspectedTypes =>
  new Map(
    tables.map((table) => [table.name, new Map(table.columns.map((column) => [column.name, typeOf(column, table)]))]),
  )
