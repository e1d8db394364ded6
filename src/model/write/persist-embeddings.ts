import type { Using } from '../../execution/executor.js'
import { updateOf } from '../../query/builder/changes.js'
import { holdsKey } from '../../query/link/key-condition.js'
import { executorFor } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { canonical } from './canonical.js'
import type { EmbeddedField } from './embeddings.js'
import { persistQuery } from './persist-query.js'
import { hasDigest } from './stale-embeddings.js'

/** The new vector of a row. */
export interface EmbeddedRow {
  readonly key: readonly unknown[]
  /** The hash of the text that was embedded. */
  readonly hash: string
  readonly vector: Float32Array | null
}

/**
 * Stores vectors, all or none. Returns the number of rows that got theirs. Rows whose text has changed in the meantime stay
 * stale. No other field changes: no hook runs, and no `autoNow` field is set.
 */
export async function persistEmbeddings(
  runtime: ModelRuntime,
  each: EmbeddedField,
  rows: readonly EmbeddedRow[],
  using: Using,
): Promise<number> {
  const executor = await executorFor(runtime.meta, using)
  return executor.transaction(async (trx) => {
    let count = 0
    const query = runtime.query(trx)
    for (const { key, hash, vector } of rows) {
      const row = query.restrict(holdsKey(runtime.meta.primaryKey, key, canonical)).restrict(hasDigest(each, hash))
      count += await persistQuery(row, updateOf(assignments(each, hash, vector)), false)
    }
    return count
  })
}

const assignments = ({ field, hash, model, settings }: EmbeddedField, digest: string, vector: Float32Array | null) =>
  (
    [
      [field, vector],
      [hash, digest],
      [model, settings.model],
    ] as const
  ).map(
    ([type, value]) =>
      ({ kind: 'assignment', column: type.column, value: { kind: 'parameter', type, value }, type }) as const,
  )
