import { UnknownRelationError, UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { metadataOf } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { type RelationMetadata, relationOf, type Variants } from '../../metadata/relation/resolve.js'
import { suggestion } from '../../util/names.js'
import { isPlainObject } from '../../util/own.js'
import { asRecord } from '../../util/record.js'

/** One relation to load, with what its callback adds to the query and what is loaded below it. */
export interface Preload {
  readonly relation: RelationMetadata
  readonly constrain: ((query: never) => unknown) | null
  readonly children: PreloadTree
  /** Of a relation to several models: what is loaded of each, by the name that is stored for it. */
  readonly variants: ReadonlyMap<string, Preload> | null
}

export type PreloadTree = ReadonlyMap<string, Preload>

export const NO_PRELOADS: PreloadTree = new Map()

/** A relation alone, with nothing below it. */
export function plainPreload(relation: RelationMetadata, constrain: Preload['constrain'] = null): Preload {
  const variants = relation.variants && mapVariants(relation.variants, (variant) => plainPreload(variant, constrain))
  return { relation, constrain, children: NO_PRELOADS, variants }
}

const mapVariants = (variants: Variants, make: (variant: RelationMetadata) => Preload) =>
  new Map([...variants.byName].map(([name, variant]) => [name, make(variant)]))

export function mergePreloads(tree: PreloadTree, more: PreloadTree): PreloadTree {
  if (tree.size === 0) return more
  const result = new Map(tree)
  for (const [name, preload] of more) {
    const known = result.get(name)
    result.set(name, known === undefined ? preload : merged(known, preload))
  }
  return result
}

function merged(known: Preload, more: Preload): Preload {
  const variants =
    known.variants &&
    new Map(
      [...known.variants].map(([name, preload]) => {
        const other = more.variants?.get(name)
        return [name, other === undefined ? preload : merged(preload, other)]
      }),
    )
  return {
    relation: known.relation,
    constrain: more.constrain ?? known.constrain,
    children: mergePreloads(known.children, more.children),
    variants,
  }
}

/** Adds what one call of `with` names: dotted paths, or one map of relations. */
export function addPreloads(meta: ModelMetadata, tree: PreloadTree, what: readonly unknown[]): PreloadTree {
  const [first] = what
  if (what.length === 1 && typeof first === 'object' && first !== null && !Array.isArray(first))
    return addMap(meta, tree, asRecord(first))
  let result = tree
  for (const path of what) {
    if (typeof path !== 'string')
      throw new UsageError(
        typeof path === 'object' && path !== null && !Array.isArray(path)
          ? 'with() takes names, or one map, and not both. Put all relations into one map: with({ author: true, tags: q => q.limit(3) }).'
          : "with() takes names of relations, with('author', 'tags'), or one map of them, with({ tags: q => q.limit(3) }), and no list.",
      )
    result = rememberedPath(meta, result, path)
  }
  return result
}

/** Trees from names alone, by the previous tree: the same names always make the same tree. */
const grown = new WeakMap<object, Map<string, PreloadTree>>()
const remembered = new WeakSet<PreloadTree>()
/** How many trees are remembered for each model: the names may be a client's. */
const counts = new WeakMap<ModelMetadata, number>()
const MOST = 500

/** Whether the tree will be met again, so that what is found out about it is worth remembering. */
export const isRemembered = (tree: PreloadTree): boolean => remembered.has(tree)

function rememberedPath(meta: ModelMetadata, tree: PreloadTree, path: string): PreloadTree {
  const from = tree.size === 0 ? meta : tree
  const known = grown.get(from)?.get(path)
  if (known !== undefined) return known
  const result = addPath(meta, tree, path.split('.'))
  if (tree.size === 0 || isRemembered(tree)) remember(meta, from, path, result)
  return result
}

function remember(meta: ModelMetadata, from: object, path: string, tree: PreloadTree): void {
  const count = counts.get(meta) ?? 0
  if (count >= MOST) return
  counts.set(meta, count + 1)
  remembered.add(tree)
  const paths = grown.get(from)
  if (paths === undefined) grown.set(from, new Map([[path, tree]]))
  else paths.set(path, tree)
}

/** The fields by which a tree's relations are found. */
export interface NeededFields {
  readonly token: string
  readonly fields: readonly ModelField[]
}

const needs = new WeakMap<PreloadTree, NeededFields>()

export function needsOf(tree: PreloadTree): NeededFields {
  const known = needs.get(tree)
  if (known !== undefined) return known
  const found = findNeeds(tree)
  if (isRemembered(tree)) needs.set(tree, found)
  return found
}

function findNeeds(tree: PreloadTree): NeededFields {
  const fields = [...tree.values()].flatMap(({ relation: { sourceKeys, variants } }) =>
    variants === null ? sourceKeys : [...sourceKeys, variants.typeField],
  )
  return { token: needsToken(fields), fields }
}

export const needsToken = (fields: readonly ModelField[]): string => `needs:${fields.map(({ index }) => index).join()}`

function addMap(meta: ModelMetadata, tree: PreloadTree, map: Record<string, unknown>): PreloadTree {
  const result = new Map(tree)
  for (const name of Object.keys(map)) {
    const relation = relationOf(meta, name)
    const added = preloadOf(relation, name, map[name])
    const known = result.get(name)
    const kept = known === undefined ? added : { ...merged(known, added), constrain: added.constrain }
    result.set(name, kept)
  }
  return result
}

function preloadOf(relation: RelationMetadata, name: string, given: unknown): Preload {
  if (given === true) return plainPreload(relation)
  if (typeof given === 'function') return plainPreload(relation, given as Preload['constrain'])
  if (relation.variants !== null && isPlainObject(given)) return byModel(relation, relation.variants, name, given)
  const choices = relation.variants === null ? '' : ', or one for each model: { Photo: q => … }'
  throw new UsageError(`with({ ${name} }) takes true or a callback: { ${name}: q => q.where(…) }${choices}.`)
}

/** `{ commentable: { Post: q => q.with('author'), Photo: true } }`: models by what is stored for them. */
function byModel(
  relation: RelationMetadata,
  variants: Variants,
  name: string,
  given: Record<string, unknown>,
): Preload {
  for (const model of Object.keys(given))
    if (!variants.byName.has(model))
      throw new UsageError(
        `with({ ${name}: { ${model} } }): the relation has no model "${model}".${suggestion(model, variants.byName.keys())}`,
      )
  const each = new Map(
    [...variants.byName].map(([model, variant]) => {
      const wanted = Object.hasOwn(given, model) ? given[model] : true
      return [model, preloadOf(variant, `${name}: { ${model} }`, wanted)]
    }),
  )
  return { relation, constrain: null, children: NO_PRELOADS, variants: each }
}

function addPath(meta: ModelMetadata, tree: PreloadTree, path: readonly string[]): PreloadTree {
  const [name = '', ...rest] = path
  const relation = relationOf(meta, name)
  return new Map(tree).set(name, below(tree.get(name) ?? plainPreload(relation), rest))
}

function below(preload: Preload, path: readonly string[]): Preload {
  if (path.length === 0) return preload
  const { relation, children, variants } = preload
  if (variants !== null) return { ...preload, variants: belowVariants(relation, variants, path) }
  return { ...preload, children: addPath(metadataOf(relation.target.model), children, path) }
}

/** The path applies to the models that have such a relation. */
function belowVariants(
  relation: RelationMetadata,
  variants: ReadonlyMap<string, Preload>,
  path: readonly string[],
): ReadonlyMap<string, Preload> {
  const [name = ''] = path
  const has = ({ relation: { target } }: Preload) => target.relations.has(name)
  if (![...variants.values()].some(has))
    throw new UnknownRelationError(
      `None of the models of "${relation.source.name}.${relation.name}" has a relation "${name.slice(0, 100)}".`,
    )
  return new Map([...variants].map(([model, preload]) => [model, has(preload) ? below(preload, path) : preload]))
}
