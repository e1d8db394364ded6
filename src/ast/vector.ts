/**
 * The index that a search may use. `effort` is the number of candidates (hnsw) or lists (ivfflat) to look at; null means
 * the session's setting.
 */
export interface VectorIndexUse {
  readonly method: 'hnsw' | 'ivfflat'
  readonly effort: number | null
}
