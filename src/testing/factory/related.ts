import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { metadataOf } from '../../metadata/metadata.js'
import { type RelationMetadata, relationOf } from '../../metadata/relation/resolve.js'
import { isWhole } from '../../util/number.js'
import { isRecord } from '../../util/record.js'
import { type Data, type FactoryInput, makerOf, RowMaker } from './registry.js'

/** What `with` asks for: new rows, or instances. */
export interface RelatedRequest {
  readonly isMany: boolean
  readonly count: number
  readonly factory: RowMaker | null
  readonly values: FactoryInput
  readonly instances: readonly object[]
}

const NONE = { count: 1, factory: null, values: undefined, instances: [] } as const

/** Reads the arguments of `with` after the name of the relation. */
export function readRelated(meta: ModelMetadata, name: string, [first, second]: readonly unknown[]): RelatedRequest {
  if (meta.relations.get(name)?.type === 'morphTo') {
    if (isInstance(first)) return { ...NONE, isMany: false, instances: [first] }
    throw new UsageError(
      `with('${name}') of the factory of "${meta.name}" takes an instance: rows of several models can be meant.`,
    )
  }
  const { many, target } = relationOf(meta, name)
  const where = `with('${name}') of the factory of "${meta.name}"`
  if (!many) return { ...NONE, isMany: false, ...rowsOf(first, target, where) }
  if (Array.isArray(first)) {
    if (first.every(isInstance)) return { ...NONE, isMany: true, count: 0, instances: first }
  } else if (isWhole(first) && first >= 0)
    return { ...NONE, isMany: true, ...rowsOf(second, target, where), count: first }
  throw new UsageError(`${where} takes a number of rows, or a list of instances: with('${name}', 3).`)
}

function rowsOf(given: unknown, target: ModelMetadata, where: string): Partial<RelatedRequest> {
  if (given === undefined) return {}
  if (given instanceof RowMaker) {
    if (given.meta === target) return { factory: given }
    throw new UsageError(`${where} takes a factory of "${target.name}", not of "${given.meta.name}".`)
  }
  if (isInstance(given)) return { instances: [given] }
  if (typeof given === 'function' || isRecord(given)) return { values: given as FactoryInput }
  throw new UsageError(`${where} takes values, a factory or an instance of "${target.name}".`)
}

const isInstance = (value: unknown): value is object => {
  try {
    return (
      isRecord(value) && Object.getPrototypeOf(value) !== Object.prototype && metadataOf(value.constructor) !== null
    )
  } catch {
    return false
  }
}

/** The related rows as nested data. */
export async function relatedData(
  meta: ModelMetadata,
  all: ReadonlyMap<string, RelatedRequest>,
  chain: readonly ModelMetadata[],
): Promise<Data> {
  const data: Data = {}
  for (const [name, { isMany, count, factory, values, instances }] of all) {
    if (instances.length > 0 || count === 0) {
      data[name] = isMany ? { connect: instances } : instances[0]
      continue
    }
    const relation = relationOf(meta, name)
    const maker = factory ?? makerOf(relation.target)
    const rows: Data[] = []
    for (let i = 0; i < count; i++) rows.push(await maker.row(values, [...chain, meta], keysSetBy(relation)))
    data[name] = isMany ? { create: rows } : rows[0]
  }
  return data
}

/** The fields of the related row that the relation sets. */
function keysSetBy({ ownsKey, through, targetKeys, morph }: RelationMetadata): ReadonlySet<string> {
  if (ownsKey || through !== null) return new Set()
  return new Set([...targetKeys, ...(morph === null ? [] : [morph.field])].map((field) => field.name))
}
