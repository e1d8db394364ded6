import type { RelationDescriptor, RelationOptions, RelationType } from '../descriptor.js'
import { type ModelMetadata, metadataOf } from '../metadata.js'

// A join table has the fields that any of its relations names: all of them must know what it takes.

type PivotFields = Readonly<Record<string, unknown>>

/** The pivot fields of a manyToMany without a model of the table, from both sides. */
export function pairFields(
  source: ModelMetadata,
  target: ModelMetadata,
  { through, pivot = {} }: RelationOptions,
): PivotFields {
  // the default name of a table of one model with itself is the relation's own
  if (source === target && through === undefined) return pivot
  const isSame = ({ options }: RelationDescriptor) => options.through === through
  return joined(
    ...pivotsOf(source, 'manyToMany', (each) => isSame(each) && leadsTo(each) === target),
    ...pivotsOf(target, 'manyToMany', (each) => isSame(each) && leadsTo(each) === source),
    pivot,
  )
}

/** The same of a table that one model has with several, from all that this one names. */
export function morphPairFields(
  plain: ModelMetadata,
  morphed: ModelMetadata,
  { through, morph, pivot = {} }: RelationOptions,
): PivotFields {
  const isSame = ({ options }: RelationDescriptor) => options.through === through && options.morph === morph
  const models = new Set([morphed])
  for (const each of plain.relations.values()) {
    const target = each.type === 'morphedByMany' && isSame(each) ? leadsTo(each) : null
    if (target !== null) models.add(target)
  }
  return joined(
    ...pivotsOf(plain, 'morphedByMany', isSame),
    ...[...models].flatMap((meta) => pivotsOf(meta, 'morphToMany', (each) => isSame(each) && leadsTo(each) === plain)),
    pivot,
  )
}

const joined = (...fields: readonly PivotFields[]): PivotFields =>
  Object.fromEntries(fields.flatMap((each) => Object.entries(each)))

function pivotsOf(
  meta: ModelMetadata,
  type: RelationType,
  isSame: (each: RelationDescriptor) => boolean,
): PivotFields[] {
  return [...meta.relations.values()].flatMap((each) =>
    each.type === type && each.options.pivot !== undefined && isSame(each) ? [each.options.pivot] : [],
  )
}

const leadsTo = ({ targets: [target] }: RelationDescriptor) => (target === undefined ? null : metadataOf(target()))
