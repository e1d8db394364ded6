import { DefinitionError } from '../../errors.js'
import type { CustomRelation, CustomSide, RelationOptions, RelationType } from '../descriptor.js'
import { metadataOf } from '../metadata.js'
import { type LinkContext, linkToMorphed, linkToOwned, linkToOwner } from './direct.js'
import { namedFields } from './keys.js'
import type { Link } from './relation-metadata.js'
import { linkByMorphPairs, linkByPairs, linkThrough } from './through.js'

/** A kind of relation: whether it returns many rows, its options, and which fields match. */
export interface RelationRules {
  readonly many: boolean
  readonly options: readonly (keyof RelationOptions)[]
  link(context: LinkContext): Link
}

const KEYS = ['foreignKey', 'localKey'] as const
const OWNED = [...KEYS, 'onSoftDelete'] as const
const MORPH = ['foreignKey', 'typeKey', 'localKey'] as const
const MORPHED = [...MORPH, 'onSoftDelete'] as const
const THROUGH = ['through', 'foreignKey', 'otherKey', 'localKey'] as const
const PIVOT = ['through', 'otherKey', 'typeKey', 'pivot', 'localKey'] as const

/** All kinds but morphTo, which is one relation to each of its models, and those of users. */
const KINDS: Readonly<Record<Exclude<RelationType, 'morphTo' | 'custom'>, RelationRules>> = {
  belongsTo: { many: false, options: KEYS, link: linkToOwner },
  hasOne: { many: false, options: OWNED, link: linkToOwned },
  hasMany: { many: true, options: OWNED, link: linkToOwned },
  manyToMany: { many: true, options: [...THROUGH, 'pivot', 'symmetrical'], link: linkByPairs },
  hasOneThrough: { many: false, options: THROUGH, link: linkThrough },
  hasManyThrough: { many: true, options: THROUGH, link: linkThrough },
  morphOne: { many: false, options: MORPHED, link: linkToMorphed },
  morphMany: { many: true, options: MORPHED, link: linkToMorphed },
  morphToMany: { many: true, options: PIVOT, link: (context) => linkByMorphPairs(context, false) },
  morphedByMany: { many: true, options: PIVOT, link: (context) => linkByMorphPairs(context, true) },
}

/** The options that a maker of relations takes. */
export function optionsOf(type: RelationType): readonly string[] {
  if (type === 'custom') return []
  return type === 'morphTo' ? MORPH : KINDS[type].options
}

export function kindOf(type: RelationType, options: RelationOptions): RelationRules {
  if (options.definition !== undefined) return customKind(options.definition)
  if (type === 'morphTo' || type === 'custom') throw new TypeError(`a ${type} has no link of its own`)
  return KINDS[type]
}

function customKind(definition: CustomRelation): RelationRules {
  return { many: definition.many, options: [], link: (context) => customLink(definition, context) }
}

function customLink(definition: CustomRelation, { source, target, name, options, where }: LinkContext): Link {
  const side = (meta: typeof source): CustomSide => ({
    model: meta.name,
    fields: meta.fields.map((field) => field.name),
    primaryKey: meta.primaryKey.map((field) => field.name),
  })
  const given = definition.link({ name, source: side(source), target: side(target), options: options.given })
  const from = namedFields(source, given.from, where, 'from')
  const to = namedFields(target, given.to, where, 'to')
  const common = { from, to, ownsKey: false, morph: null, sourceMorph: null }
  if (given.through === undefined) {
    if (from.length !== to.length) throw unequal(where)
    return { ...common, through: null }
  }
  const meta = metadataOf(given.through.model())
  const near = namedFields(meta, given.through.near, where, 'near')
  const far = namedFields(meta, given.through.far, where, 'far')
  if (from.length !== near.length || far.length !== to.length) throw unequal(where)
  const through = { meta, near, far, morph: null, symmetrical: false, isPivot: false, isImplicit: false, carried: near }
  return { ...common, through }
}

const unequal = (where: string) =>
  new DefinitionError(`${where} pairs fields that differ in number. Name as many on both sides.`)
