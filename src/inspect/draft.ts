import type { CatalogColumn, CatalogTable, InspectedType } from '../dialect/catalog.js'

// Drafts of models. The file and the class are created from the same draft, so that the model that was compared with the
// database is the one in the file.

/** SQL in the dialect of the database. */
export class SqlText {
  constructor(readonly text: string) {}
}

/** A function that returns a model: `() => Author`. */
export class ModelRef {
  constructor(readonly className: string) {}
}

/** Arguments and options are plain values, lists and objects of them, SQL and references to models. */
export type DraftValue = unknown
export type DraftOptions = Record<string, DraftValue>

export interface FieldDraft {
  readonly name: string
  readonly column: CatalogColumn
  readonly inspected: InspectedType
  /** The type as a column definition has it. */
  readonly columnType: string
  /** `string`, `foreignKey` …, or `custom`. */
  maker: string
  /** The arguments before the options. */
  first: readonly DraftValue[]
  options: DraftOptions
}

export interface RelationDraft {
  readonly name: string
  readonly kind: 'belongsTo' | 'hasOne' | 'hasMany' | 'manyToMany'
  readonly target: string
  readonly options: DraftOptions
}

export interface ModelDraft {
  readonly table: string
  readonly isView: boolean
  readonly className: string
  /** The name of its file, without extension. */
  readonly file: string
  readonly fields: FieldDraft[]
  /** The options of the model except indexes, keys and checks. */
  readonly options: DraftOptions
  readonly indexes: (DraftOptions & { readonly fields: readonly string[] })[]
  readonly foreignKeys: DraftOptions[]
  /** Checks by their names in the model. */
  readonly checks: Map<string, DraftOptions>
  readonly relations: RelationDraft[]
  /** Notes for the developer, which are written as comments. */
  readonly notes: string[]
  /** Names of indexes and checks, and keys of column options, that no model can express. */
  readonly left: Set<string>
  /** The table in the database. */
  readonly found: CatalogTable
}

/** The entry in `left` for an option of a column. */
export const optionKey = (column: string, option: string) => JSON.stringify([column, option])

export const fieldDraftOf = ({ fields }: ModelDraft, column: string): FieldDraft | undefined =>
  fields.find((field) => field.column.name === column)
