import type { CatalogColumn, CatalogTable, InspectedType } from '../dialect/catalog.js'

// A model as it is going to be written. The file and the class are made of the same draft, so that what was compared with the
// database is what the file says.

/** SQL in the words of the database. */
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
  /** The type as a definition has it. */
  readonly columnType: string
  /** `string`, `foreignKey` …, or `custom`. */
  maker: string
  /** What comes before the options. */
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
  /** The options of the model, but for indexes, keys and checks. */
  readonly options: DraftOptions
  readonly indexes: (DraftOptions & { readonly fields: readonly string[] })[]
  readonly foreignKeys: DraftOptions[]
  /** Checks by the name under which the model has them. */
  readonly checks: Map<string, DraftOptions>
  readonly relations: RelationDraft[]
  /** What a person should know, as comments. */
  readonly notes: string[]
  /** Names of indexes and checks, and keys of options of columns, that no model can have. */
  readonly left: Set<string>
  /** The table in the database. */
  readonly found: CatalogTable
}

/** What stands in `left` for an option of a column. */
export const optionKey = (column: string, option: string) => JSON.stringify([column, option])

export const fieldDraftOf = ({ fields }: ModelDraft, column: string): FieldDraft | undefined =>
  fields.find((field) => field.column.name === column)
