import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { metadataOf } from '../../metadata/metadata.js'
import { type RelationMetadata, relationOf } from '../../metadata/resolve-relation.js'

/** One relation to load, with what its callback adds to the query and what is loaded below it. */
export interface Preload {
  readonly relation: RelationMetadata
  readonly constrain: ((query: never) => unknown) | null
  readonly children: PreloadTree
}

export type PreloadTree = ReadonlyMap<string, Preload>

export const NO_PRELOADS: PreloadTree = new Map()

export function mergePreloads(tree: PreloadTree, more: PreloadTree): PreloadTree {
  if (tree.size === 0) return more
  const result = new Map(tree)
  for (const [name, preload] of more) {
    const known = result.get(name)
    result.set(
      name,
      known === undefined
        ? preload
        : {
            ...preload,
            constrain: preload.constrain ?? known.constrain,
            children: mergePreloads(known.children, preload.children),
          },
    )
  }
  return result
}

/** Adds what one call of `with` names: dotted paths, or one map of relations. */
export function addPreloads(meta: ModelMetadata, tree: PreloadTree, what: readonly unknown[]): PreloadTree {
  const [first] = what
  if (what.length === 1 && typeof first === 'object' && first !== null && !Array.isArray(first))
    return addMap(meta, tree, first as Record<string, unknown>)
  let result = tree
  for (const path of what) {
    if (typeof path !== 'string') throw new UsageError('with() takes names of relations, or one map of them; not both.')
    result = addPath(meta, result, path.split('.'))
  }
  return result
}

function addMap(meta: ModelMetadata, tree: PreloadTree, map: Record<string, unknown>): PreloadTree {
  const result = new Map(tree)
  for (const name of Object.keys(map)) {
    const given = map[name]
    const relation = relationOf(meta, name)
    if (given !== true && typeof given !== 'function')
      throw new UsageError(`with({ ${name} }) takes true or a callback: { ${name}: q => q.where(…) }.`)
    result.set(name, {
      relation,
      constrain: given === true ? null : (given as Preload['constrain']),
      children: result.get(name)?.children ?? NO_PRELOADS,
    })
  }
  return result
}

function addPath(meta: ModelMetadata, tree: PreloadTree, path: readonly string[]): PreloadTree {
  const [name = '', ...rest] = path
  const relation = relationOf(meta, name)
  const known = tree.get(name)
  const below = known?.children ?? NO_PRELOADS
  const children = rest.length === 0 ? below : addPath(metadataOf(relation.target.model), below, rest)
  return new Map(tree).set(name, { relation, constrain: known?.constrain ?? null, children })
}
