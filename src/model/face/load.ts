import type { Executor } from '../../execution/executor.js'
import { variantFor } from '../../metadata/relation/resolve.js'
import type { Preload, PreloadTree } from '../../query/runner/preload.js'
import { andThen, inTurn, type MaybePromise } from '../../util/maybe-promise.js'
import { type LoadCause, preload } from '../read/fetch.js'
import { currentValue } from '../related/lazy.js'
import { loadUnderWay, shareUnderWay } from '../runtime/under-way.js'
import { recordUnloaded } from '../write/originals.js'

/** Loads what is not loaded yet. Rows that are there stay, and what is asked for below them is loaded onto them. */
export function loadMissing(
  instances: readonly object[],
  tree: PreloadTree,
  executor: Executor,
  cause: LoadCause,
): MaybePromise<void> {
  // another call loads some of it: what this one wants below is loaded onto the rows of that
  const running = underWay(instances, tree, executor)
  if (running.length > 0) return Promise.allSettled(running).then(() => loadMissing(instances, tree, executor, cause))
  const unloaded = new Map<string, Preload>()
  const known: Preload[] = []
  for (const [name, wanted] of tree) {
    if (isAskedAnew(wanted) || instances.every((each) => !isLoaded(each, wanted))) unloaded.set(name, wanted)
    else known.push(wanted)
  }
  if (executor.undo !== null)
    for (const { relation } of unloaded.values()) recordUnloaded(executor.undo, instances, relation.index)
  const loading = preload(instances, unloaded, executor, cause)
  if (loading instanceof Promise) shareAll(instances, unloaded, executor, loading)
  return andThen(loading, () => inTurn(known, (wanted) => goOn(instances, wanted, executor, cause)))
}

function underWay(instances: readonly object[], tree: PreloadTree, executor: Executor): Promise<unknown>[] {
  return [...tree.values()].flatMap(({ relation }) =>
    instances.flatMap((instance) => loadUnderWay(instance, relation, executor) ?? []),
  )
}

function shareAll(instances: readonly object[], tree: PreloadTree, executor: Executor, loading: Promise<void>): void {
  // those who join it look for their rows themselves, and have errors of their own
  const done = loading.catch(() => undefined)
  for (const { relation } of tree.values()) shareUnderWay(instances, relation, executor, done)
}

const isLoaded = (instance: object, { relation }: Preload) => currentValue(instance, relation) !== undefined

/** A callback asks for other rows than those that are there. */
const isAskedAnew = ({ constrain, variants }: Preload): boolean =>
  constrain !== null || (variants !== null && [...variants.values()].some(isAskedAnew))

function goOn(instances: readonly object[], wanted: Preload, executor: Executor, cause: LoadCause): MaybePromise<void> {
  const { relation, children, variants } = wanted
  const without = instances.filter((each) => !isLoaded(each, wanted))
  const rows = new Set<object>(instances.flatMap((each) => currentValue(each, relation) ?? []))
  return andThen(loadMissing(without, new Map([[relation.name, wanted]]), executor, cause), () => {
    if (variants === null) return loadMissing([...rows], children, executor, cause)
    return inTurn([...variants.values()], (variant) => {
      const own = [...rows].filter((row) => variantFor(relation, row) === variant.relation)
      return loadMissing(own, variant.children, executor, cause)
    })
  })
}
