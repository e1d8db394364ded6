import type { Executor } from '../database/executor.js'
import { variantFor } from '../metadata/relation/resolve.js'
import type { Preload, PreloadTree } from '../query/step/preload.js'
import { andThen, inTurn, type MaybePromise } from '../util/maybe-promise.js'
import { currentValue } from './lazy.js'
import { preload } from './read/fetch.js'

/** Loads what is not loaded yet. Rows that are there stay, and what is asked for below them is loaded onto them. */
export function loadMissing(
  instances: readonly object[],
  tree: PreloadTree,
  executor: Executor,
  alone: boolean,
): MaybePromise<void> {
  const unloaded = new Map<string, Preload>()
  const known: Preload[] = []
  for (const [name, wanted] of tree) {
    if (isAskedAnew(wanted) || instances.every((each) => !isLoaded(each, wanted))) unloaded.set(name, wanted)
    else known.push(wanted)
  }
  return andThen(preload(instances, unloaded, executor, alone), () =>
    inTurn(known, (wanted) => goOn(instances, wanted, executor, alone)),
  )
}

const isLoaded = (instance: object, { relation }: Preload) => currentValue(instance, relation) !== undefined

/** A callback asks for other rows than those that are there. */
const isAskedAnew = ({ constrain, variants }: Preload): boolean =>
  constrain !== null || (variants !== null && [...variants.values()].some(isAskedAnew))

function goOn(instances: readonly object[], wanted: Preload, executor: Executor, alone: boolean): MaybePromise<void> {
  const { relation, children, variants } = wanted
  const without = instances.filter((each) => !isLoaded(each, wanted))
  const rows = new Set(instances.flatMap((each) => currentValue(each, relation) ?? []) as object[])
  return andThen(preload(without, new Map([[relation.name, wanted]]), executor, alone), () => {
    if (variants === null) return loadMissing([...rows], children, executor, alone)
    return inTurn([...variants.values()], (variant) => {
      const own = [...rows].filter((row) => variantFor(relation, row) === variant.relation)
      return loadMissing(own, variant.children, executor, alone)
    })
  })
}
