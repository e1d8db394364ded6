export type RelationType =
  | 'belongsTo'
  | 'hasOne'
  | 'hasMany'
  | 'manyToMany'
  | 'hasOneThrough'
  | 'hasManyThrough'
  | 'morphTo'
  | 'morphOne'
  | 'morphMany'
  | 'morphToMany'
  | 'morphedByMany'
  | 'custom'

export type Names = string | readonly string[]

export interface RelationOptions {
  readonly foreignKey?: Names
  readonly localKey?: Names
  /** Of a table between the two models: what leads to the target. */
  readonly otherKey?: Names
  readonly through?: string | (() => unknown)
  /** Fields of a table between that has no model of its own. */
  readonly pivot?: Readonly<Record<string, unknown>>
  readonly symmetrical?: boolean
  /** Rows that are soft-deleted and restored with their owner. */
  readonly onSoftDelete?: 'cascade'
  /** The name of the pair of morph fields. */
  readonly morph?: string
  readonly typeKey?: string
  /** Of a custom kind: its definition, and what it was given. */
  readonly definition?: unknown
  readonly given?: unknown
}

/** What a relation says of tables and columns, for people and tools. */
export interface RelationInfo {
  readonly name: string
  readonly type: string
  readonly source: { readonly model: string; readonly table: string; readonly columns: readonly string[] }
  /** Null of a morphTo, which leads to several. */
  readonly target: { readonly model: string; readonly table: string; readonly columns: readonly string[] } | null
  /** The table between the two, and its columns that meet those of the source and of the target. */
  readonly through: { readonly table: string; readonly from: readonly string[]; readonly to: readonly string[] } | null
  readonly symmetrical: boolean
  /** The column that holds the name of the other model; `value` is null where it differs from row to row. */
  readonly morph: { readonly table: string; readonly column: string; readonly value: string | null } | null
}

/** Set when the model resolves the relation; a descriptor alone does not know whose it is. */
const infos = new WeakMap<RelationDescriptor, () => RelationInfo>()

/** What a relation static says, as plain data; the model resolves it when it is first needed. */
export class RelationDescriptor {
  constructor(
    readonly type: RelationType,
    /** The model it leads to; several of a morphTo. */
    readonly targets: readonly (() => unknown)[],
    readonly options: RelationOptions,
  ) {
    Object.freeze(this)
  }

  /** Its tables and columns; null before its model was used for the first time. */
  get metadata(): RelationInfo | null {
    return infos.get(this)?.() ?? null
  }
}

export function describeBy(descriptor: RelationDescriptor, describe: () => RelationInfo): void {
  if (!infos.has(descriptor)) infos.set(descriptor, describe)
}
