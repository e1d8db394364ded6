import type { VectorInput, VectorMetric } from './call-options.js'
import type { Sql } from './expression.js'
import type { DefaultValue, FieldOptions, Mistake } from './field-options.js'

/** Options of the index of a vector field. */
export interface VectorIndexOptions {
  /** The index method. Default `hnsw`. */
  method?: 'hnsw' | 'ivfflat'
  /** The distance that `nearest` uses. Default `cosine`. */
  metric?: VectorMetric
  /** hnsw: the number of neighbours of each row in the index. */
  m?: number
  /** hnsw: the number of candidates while the database builds the index. */
  efConstruction?: number
  /** hnsw: the number of candidates of a search. Higher numbers find more of the nearest rows and take longer. */
  efSearch?: number
  /** ivfflat: the number of lists that the index divides the rows into. */
  lists?: number
  /** ivfflat: the number of lists that a search reads. */
  probes?: number
}
/** Options of `Field.vector`. */
export interface VectorOptions<
  Nullable extends boolean | Mistake = boolean,
  Default = DefaultValue<VectorInput>,
  DbDefault = VectorInput | Sql,
  Generated = Sql,
  Guarded extends boolean | Mistake = boolean,
  Hidden extends boolean | Mistake = boolean,
  Lazy extends boolean | Mistake = boolean,
> extends Omit<
    FieldOptions<VectorInput, Nullable, Default, DbDefault, Generated, Guarded, false, Hidden, Lazy>,
    'index' | 'unique' | 'primaryKey' | 'choices' | 'allowEmpty'
  > {
  /** Adds a vector index if the database supports one. Without an index a search compares all rows. */
  index?: boolean | VectorIndexOptions
}
/** Options of `Field.embedding`. */
export interface EmbeddingOptions<Hidden extends boolean | Mistake = boolean, Lazy extends boolean | Mistake = boolean>
  extends Pick<FieldOptions<VectorInput>, 'column' | 'description' | 'renamedFrom'> {
  /** Leaves the field out of `toJSON`, `toObject`, logs and spreads. Default false. */
  hidden?: Hidden & boolean
  /** Queries select the field on request only: `select('body')`, `selectAll()`, `loadField('body')`. Default false. */
  lazy?: Lazy & boolean
  /** The names of the text fields to embed. Their values are joined by a line break. */
  from: readonly string[]
  /** Returns a vector for each text. corm calls it with at most 100 texts. */
  embed: (texts: readonly string[]) => readonly VectorInput[] | Promise<readonly VectorInput[]>
  /** The name of the model that makes the vectors, stored with each of them. After a change all rows are stale. */
  model: string
  /**
   * What happens if `embed` fails. `error` (the default): the save fails with the same error. `stale`: corm saves the row with the
   * vector that it had, and `staleEmbeddings()` finds it.
   */
  onFailure?: 'error' | 'stale'
  /** Adds a vector index if the database supports one. Without an index a search compares all rows. */
  index?: boolean | VectorIndexOptions
}
