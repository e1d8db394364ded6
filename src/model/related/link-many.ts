import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { type RelationMetadata, relationOf } from '../../metadata/relation/resolve.js'
import { executorFor, inTransaction } from '../run.js'
import { PairTable } from './pairs.js'
import { readModelPairs } from './read-pairs.js'

// Links between many rows, without their instances.

/** Links pairs of rows, all or none; the number of new links. */
export function attachMany(meta: ModelMetadata, name: string, given: unknown, bound: object | null): Promise<number> {
  const relation = linking(meta, name, 'attachMany()')
  const pairs = readModelPairs(relation, given, 'attachMany()')
  return together(meta, bound, (trx) => new PairTable(relation, trx).add(pairs))
}

/** Removes links between pairs of rows, all or none; the number of those that were there. */
export function detachMany(meta: ModelMetadata, name: string, given: unknown, bound: object | null): Promise<number> {
  const relation = linking(meta, name, 'detachMany()')
  const pairs = readModelPairs(relation, given, 'detachMany()')
  return together(meta, bound, (trx) => new PairTable(relation, trx).remove(pairs))
}

function linking(meta: ModelMetadata, name: string, what: string): RelationMetadata {
  const relation = relationOf(meta, name)
  if (relation.through?.isPivot === true) return relation
  throw new UsageError(`${what} of "${meta.name}" is for relations by way of a table of pairs, and "${name}" has none.`)
}

async function together<R>(meta: ModelMetadata, bound: object | null, work: (trx: object) => Promise<R>): Promise<R> {
  return inTransaction(await executorFor(meta, bound), work)
}
