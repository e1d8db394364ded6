import type { Executor } from '../../execution/executor.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { memo } from '../../util/memo.js'

type Kept = Map<object, Promise<unknown>>
type Loads = Map<RelationMetadata, Kept>

/** By database or transaction, relation and instance. What one transaction reads is nothing that others may see. */
const loads = new WeakMap<Executor, Loads>()

/** The load under way that brings an instance the rows of a relation. */
export function loadUnderWay(
  instance: object,
  relation: RelationMetadata,
  executor: Executor,
): Promise<unknown> | undefined {
  return loads.get(executor)?.get(relation)?.get(instance)
}

/** Lets others find a load until it is done. */
export function keepUnderWay(
  instances: readonly object[],
  relation: RelationMetadata,
  executor: Executor,
  load: Promise<unknown>,
): void {
  const kept = keptFor(relation, executor)
  for (const instance of instances) kept.set(instance, load)
  const end = () => {
    for (const instance of instances) if (kept.get(instance) === load) kept.delete(instance)
  }
  load.then(end, end)
}

function keptFor(relation: RelationMetadata, executor: Executor): Kept {
  const relations = memo(loads, executor, (): Loads => new Map())
  return memo(relations, relation, (): Kept => new Map())
}
