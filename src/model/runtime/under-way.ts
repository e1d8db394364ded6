import type { Executor } from '../../execution/executor.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { memo } from '../../util/memo.js'

type SharedLoads = Map<object, Promise<unknown>>
type Loads = Map<RelationMetadata, SharedLoads>

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
export function shareUnderWay(
  instances: readonly object[],
  relation: RelationMetadata,
  executor: Executor,
  load: Promise<unknown>,
): void {
  const shared = sharedFor(relation, executor)
  for (const instance of instances) shared.set(instance, load)
  const end = () => {
    for (const instance of instances) if (shared.get(instance) === load) shared.delete(instance)
  }
  load.then(end, end)
}

function sharedFor(relation: RelationMetadata, executor: Executor): SharedLoads {
  const relations = memo(loads, executor, (): Loads => new Map())
  return memo(relations, relation, (): SharedLoads => new Map())
}
