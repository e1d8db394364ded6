import { DefinitionError, quotedName, UnknownRelationError, UsageError } from '../../errors.js'
import type { RelationInfo } from '../../types/relation.js'
import { memo } from '../../util/memo.js'
import { suggestion } from '../../util/names.js'
import { describeBy, type RelationDescriptor, type RelationOptions } from '../descriptor.js'
import { type ModelMetadata, metadataOf } from '../metadata.js'
import type { ModelField } from '../model-field.js'
import { linkToVariant, morphPair, variantTargets } from './direct.js'
import { isUnique, refuseUnlike } from './keys.js'
import { kindOf } from './kinds.js'
import type { Link, RelationMetadata } from './relation-metadata.js'

export type { Morph, RelationMetadata, Through, Variants } from './relation-metadata.js'
export { variantFor, variantsOf } from './relation-metadata.js'

const resolved = new WeakMap<ModelMetadata, Map<string, RelationMetadata>>()

export function relationOf(source: ModelMetadata, name: string): RelationMetadata {
  let known = resolved.get(source)
  if (known === undefined) {
    resolved.set(source, (known = new Map()))
    describeRelations(source)
  }
  return memo(known, name, (each) => resolve(source, each))
}

/** Gives the relations of a model their tables: called when it is first used. */
export function describeRelations(source: ModelMetadata): void {
  for (const [name, descriptor] of source.relations) describeBy(descriptor, () => infoOf(relationOf(source, name)))
}

function resolve(source: ModelMetadata, name: string): RelationMetadata {
  const descriptor = source.relations.get(name)
  if (descriptor === undefined) {
    const text = typeof name === 'string' ? name : ''
    throw new UnknownRelationError(
      `"${source.name}" has no relation ${quotedName(name)}.${suggestion(text, source.relations.keys())}`,
    )
  }
  const where = `"${source.name}.${name}"`
  try {
    return descriptor.type === 'morphTo' ? morphTo(source, name, descriptor) : single(source, name, descriptor)
  } catch (cause) {
    if (!(cause instanceof DefinitionError) || cause.message.includes(where)) throw cause
    throw new DefinitionError(`${where}: ${cause.message}`, { cause })
  }
}

const indexOf = (source: ModelMetadata, name: string) => [...source.relations.keys()].indexOf(name)

function single(source: ModelMetadata, name: string, { type, targets, options }: RelationDescriptor): RelationMetadata {
  const target = metadataOf(targets[0]?.())
  const kind = kindOf(type, options)
  const where = `"${source.name}.${name}"`
  const link = kind.link({ source, name, target, options, where })
  check(link, where)
  refusePivot(link, target, where)
  checkCascade(options, source, target, where)
  return {
    name,
    type,
    many: kind.many,
    source,
    target,
    ...ends(link, target),
    variants: null,
    index: indexOf(source, name),
  }
}

function checkCascade(
  { onSoftDelete }: RelationOptions,
  source: ModelMetadata,
  target: ModelMetadata,
  where: string,
): void {
  if (onSoftDelete === undefined) return
  if (onSoftDelete !== 'cascade')
    throw new DefinitionError(
      `${where} has { onSoftDelete: '${String(onSoftDelete)}' }. It can be 'cascade', or left out.`,
    )
  const hard = [source, target].find((meta) => meta.softDelete === null)
  if (hard !== undefined)
    throw new DefinitionError(
      `${where} has { onSoftDelete: 'cascade' }, but "${hard.name}" has no soft deletes. Add a Field.softDelete() to it.`,
    )
}

/** Rows that are loaded through a join table have its values as `pivot`. */
function refusePivot({ through }: Link, target: ModelMetadata, where: string): void {
  if (through?.isPivot === true && (target.hasField('pivot') || target.relations.has('pivot')))
    throw new DefinitionError(
      `The related model of ${where}, "${target.name}", has a member "pivot". Rows that are loaded through a join table have its values there. Rename the member, and set { column: 'pivot' }.`,
    )
}

function check({ from, to, through }: Link, where: string): void {
  if (through === null) return refuseUnlike(from, to, where)
  refuseUnlike(from, through.near, where)
  refuseUnlike(to, through.far, where)
}

function ends(link: Link, target: ModelMetadata) {
  const { from, to, ownsKey, morph, sourceMorph, through } = link
  const names = morph === null ? to : [...to, morph.field]
  const unique = through === null && isUnique(target, names)
  return { sourceKeys: from, targetKeys: to, ownsKey, morph, sourceMorph, through, unique }
}

function morphTo(source: ModelMetadata, name: string, descriptor: RelationDescriptor): RelationMetadata {
  const where = `"${source.name}.${name}"`
  const pair = morphPair(source, name, descriptor.options, where)
  const common = { name, type: descriptor.type, many: false, source, index: indexOf(source, name) }
  const byName = new Map<string, RelationMetadata>()
  for (const [value, target] of variantTargets(descriptor, where)) {
    const link = linkToVariant(pair, target, descriptor.options, where)
    check(link, where)
    byName.set(value, { ...common, target, ...ends(link, target), variants: null })
  }
  return {
    ...common,
    get target(): never {
      throw new UsageError(
        `${where} is a relation to several models (${[...byName.keys()].join(', ')}), so no path or aggregate can go through it. Query each of them, or use whereHas('${name}').`,
      )
    },
    sourceKeys: pair.id,
    targetKeys: [],
    ownsKey: true,
    morph: null,
    sourceMorph: null,
    through: null,
    unique: true,
    variants: { typeField: pair.type, byName },
  }
}

function infoOf(relation: RelationMetadata): RelationInfo {
  const { name, type, source, sourceKeys, targetKeys, through, variants } = relation
  const columns = (fields: readonly ModelField[]) => fields.map((field) => field.column)
  const side = (meta: ModelMetadata, fields: readonly ModelField[]) => ({
    model: meta.name,
    table: meta.table,
    columns: columns(fields),
  })
  return {
    name,
    type,
    source: side(source, sourceKeys),
    target: variants === null ? side(relation.target, targetKeys) : null,
    through: through && { table: through.meta.table, from: columns(through.near), to: columns(through.far) },
    symmetrical: through?.symmetrical ?? false,
    morph: morphInfo(relation),
  }
}

// no rest of the relation here: it would read the target of a morphTo
function morphInfo(relation: RelationMetadata): RelationInfo['morph'] {
  const { morph, through, variants, source } = relation
  if (variants !== null) return { table: source.table, column: variants.typeField.column, value: null }
  if (through?.morph)
    return { table: through.meta.table, column: through.morph.field.column, value: through.morph.value }
  return morph && { table: relation.target.table, column: morph.field.column, value: morph.value }
}
