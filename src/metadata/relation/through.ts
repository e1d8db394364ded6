import { DefinitionError } from '../../errors.js'
import { lowerFirst } from '../../util/names.js'
import { refuseMadeKey } from '../class-name.js'
import type { FieldNames } from '../descriptor.js'
import { type ModelMetadata, metadataOf, morphNameOf } from '../metadata.js'
import type { ModelField } from '../model-field.js'
import { namingOf, tableName } from '../naming.js'
import { type LinkContext, morphPair } from './direct.js'
import { foreignKeysOrNull, type KeyFields, keyNames, localKeys, namedFields, pointersTo, singular } from './keys.js'
import { type PivotKey, pivotMetadata } from './pivot.js'
import { morphPairFields, pairFields } from './pivot-fields.js'
import type { Link, Through } from './relation-metadata.js'

// Relations that use a join table.

const isLoaded = (field: ModelField) => !field.lazy && !field.hidden

function linked(context: LinkContext, through: Pick<Through, 'meta' | 'near' | 'far' | 'morph'>): Link {
  const { source, target, options, where } = context
  const symmetrical = options.symmetrical === true
  if (symmetrical && source !== target)
    throw new DefinitionError(
      `${where} can't be symmetrical, because its related model is another one. Remove { symmetrical }.`,
    )
  return {
    from: localKeys(source, options.localKey, through.near.length, where),
    to: localKeys(target, undefined, through.far.length, where),
    ownsKey: false,
    morph: null,
    sourceMorph: null,
    through: {
      ...through,
      symmetrical,
      isPivot: true,
      isImplicit: typeof options.through !== 'function',
      // by the near keys rows are given to their owners, whoever may see them
      carried: through.meta.fields.filter((field) => isLoaded(field) || through.near.includes(field)),
    },
  }
}

/** manyToMany: a join table. */
export function linkByPairs(context: LinkContext): Link {
  const { source, target, options, where } = context
  if (typeof options.through === 'function') {
    if (options.pivot !== undefined)
      throw new DefinitionError(`${where} has { pivot }, but its table has a model: give that the fields.`)
    return linked(context, { ...pairKeys(context, metadataOf(options.through())), morph: null })
  }
  const self = source === target
  const nearNames = namesOf(options.foreignKey) ?? keyNames(prefixOf(source, 'foreignKey', where), ownKey(context))
  const farNames =
    namesOf(options.otherKey) ??
    keyNames(self ? singular(context.name) : prefixOf(target, 'otherKey', where), target.primaryKey)
  refuseSharedNames(nearNames, farNames, where)
  if (options.through === undefined) refuseSecond(context)
  const meta = pivotMetadata(
    {
      table: options.through ?? defaultTable(context),
      keys: [
        plainKey({ names: nearNames, owner: source, fields: ownKey(context) }, 'foreignKey', where),
        plainKey({ names: farNames, owner: target, fields: target.primaryKey }, 'otherKey', where),
      ],
      typeName: null,
      more: pairFields(source, target, options),
      source,
    },
    where,
  )
  return linked(context, { meta, near: fieldsOf(meta, nearNames), far: fieldsOf(meta, farNames), morph: null })
}

/** What the names of keys to a model begin with. */
function prefixOf({ name }: ModelMetadata, option: 'foreignKey' | 'otherKey', where: string): string {
  refuseMadeKey(name, option, where)
  return lowerFirst(name)
}

const namesOf = (names: FieldNames | undefined): readonly string[] | undefined =>
  names === undefined ? undefined : [names].flat()

const fieldsOf = (meta: ModelMetadata, names: readonly string[]) => names.map((name) => meta.field(name))

/** The key of the source that a join table holds. */
const ownKey = ({ source, options: { localKey }, where }: LinkContext): KeyFields =>
  localKey === undefined ? source.primaryKey : namedFields(source, localKey, where, 'localKey')

function plainKey({ names, owner, fields }: Omit<PivotKey, 'isMorph'>, option: string, where: string): PivotKey {
  if (fields.length !== names.length)
    throw new DefinitionError(
      `${where} has ${names.length} name${names.length === 1 ? '' : 's'} in ${option} for the ${fields.length} key fields of "${owner.name}". Name one for each of them.`,
    )
  return { names, owner, fields, isMorph: false }
}

function refuseSharedNames(near: readonly string[], far: readonly string[], where: string): void {
  const shared = near.find((name) => far.includes(name))
  if (shared !== undefined)
    throw new DefinitionError(
      `${where} would keep both keys in "${shared}". Name them with { foreignKey } and { otherKey }.`,
    )
}

/** Two relations to one model would share their table, and each would see the other's rows. */
function refuseSecond({ source, target, name, where }: LinkContext): void {
  for (const [other, { type, targets, options }] of source.relations) {
    if (other === name || type !== 'manyToMany' || options.through !== undefined) continue
    const [thunk] = targets
    if (source !== target && thunk !== undefined && metadataOf(thunk()) === target)
      throw new DefinitionError(
        `${where} and "${source.name}.${other}" would have one table. Name one for each: { through: '…' }.`,
      )
  }
}

/** The names of both tables in alphabetical order; of a model with itself, the table and the relation. */
function defaultTable({ source, target, name }: LinkContext): string {
  if (source !== target) return [source.table, target.table].sort().join('_')
  return `${source.table}_${namingOf(source.options.naming)(name)}`
}

/** The keys of a join model: named, or its foreign keys to both sides. */
function pairKeys(context: LinkContext, meta: ModelMetadata): Pick<Through, 'meta' | 'near' | 'far'> {
  const { source, target, options, where } = context
  const { foreignKey, otherKey } = options
  const far = otherKey === undefined ? farKeys(context, meta) : namedFields(meta, otherKey, where, 'otherKey')
  if (foreignKey !== undefined) return { meta, near: namedFields(meta, foreignKey, where, 'foreignKey'), far }
  if (source !== target) return { meta, near: needed(foreignKeysOrNull(meta, source, where), meta, source, where), far }
  const others = pointersTo(meta, source).filter((field) => !far.includes(field))
  if (others.length === 1) return { meta, near: others, far }
  throw new DefinitionError(
    `${where} needs { foreignKey, otherKey }: "${meta.name}" has no two foreign keys of which one clearly belongs to each side.`,
  )
}

function farKeys({ source, target, name, where }: LinkContext, meta: ModelMetadata): KeyFields {
  if (source !== target) return needed(foreignKeysOrNull(meta, target, where, 'otherKey'), meta, target, where)
  const byName = meta.fieldOrNull(`${singular(name)}Id`)
  if (byName !== undefined) return [byName]
  throw new DefinitionError(
    `${where} expects "${singular(name)}Id" on "${meta.name}". Add it, or pass { foreignKey, otherKey }.`,
  )
}

function needed(found: KeyFields | null, meta: ModelMetadata, to: ModelMetadata, where: string): KeyFields {
  if (found !== null) return found
  throw new DefinitionError(
    `${where} uses the model "${meta.name}", which has no foreign key to "${to.name}". Add one, or pass { foreignKey, otherKey }.`,
  )
}

/** morphToMany and morphedByMany: a join table, one side of which may be of several models. */
export function linkByMorphPairs(context: LinkContext, isInverse: boolean): Link {
  const { source, target, options, where } = context
  const name = options.morph ?? ''
  const [morphed, plain] = isInverse ? [target, source] : [source, target]
  const { meta, id, type, key } = morphTable(context, morphed, plain)
  const morph = { field: type, value: morphNameOf(morphed) }
  if (name === '') throw new DefinitionError(`${where} needs the name of its morph fields: 'taggable'.`)
  return linked(context, { meta, near: isInverse ? key : id, far: isInverse ? id : key, morph })
}

function morphTable(context: LinkContext, morphed: ModelMetadata, plain: ModelMetadata) {
  const { source, options, where } = context
  const { morph = '', through, otherKey, typeKey = `${morph}Type` } = options
  // the pair is named by the relation's name; the key of the other model like any
  const pairOptions = { ...(options.typeKey !== undefined && { typeKey }) }
  if (typeof through === 'function') {
    const meta = metadataOf(through())
    const pair = morphPair(meta, morph, pairOptions, where)
    const key =
      otherKey === undefined
        ? needed(foreignKeysOrNull(meta, plain, where, 'otherKey'), meta, plain, where)
        : namedFields(meta, otherKey, where, 'otherKey')
    return { meta, id: pair.id, type: pair.type, key }
  }
  const keyFields = plain === source ? ownKey(context) : plain.primaryKey
  const idFields = morphed === source ? ownKey(context) : morphed.primaryKey
  const keyOf = namesOf(otherKey) ?? keyNames(prefixOf(plain, 'otherKey', where), keyFields)
  const idOf = keyNames(morph, idFields)
  const meta = pivotMetadata(
    {
      table: through ?? tableName(morph, namingOf(source.options.naming)),
      keys: [
        plainKey({ names: keyOf, owner: plain, fields: keyFields }, 'otherKey', where),
        { names: idOf, owner: morphed, fields: idFields, isMorph: true },
      ],
      typeName: typeKey,
      more: morphPairFields(plain, morphed, options),
      source,
    },
    where,
  )
  return { meta, id: fieldsOf(meta, idOf), type: meta.field(typeKey), key: fieldsOf(meta, keyOf) }
}

/**
 * hasOneThrough and hasManyThrough: the intermediate model holds a key to this one, or this one holds the key to it; and the
 * target holds a key to the intermediate model, or that holds the key to the target.
 */
export function linkThrough(context: LinkContext): Link {
  const { source, options, where } = context
  if (typeof options.through !== 'function')
    throw new DefinitionError(`${where} needs the intermediate model: { through: () => Model }.`)
  const meta = metadataOf(options.through())
  const [from, near] = nearSide(context, meta)
  const [far, to] = farSide(context, meta)
  const through: Through = {
    meta,
    near,
    far,
    morph: null,
    symmetrical: false,
    isPivot: false,
    isImplicit: false,
    carried: near,
  }
  if (from.length !== near.length || far.length !== to.length)
    throw new DefinitionError(
      `${where} pairs keys of "${source.name}" and "${meta.name}" that differ in length. Name as many fields on both sides.`,
    )
  return { from, to, ownsKey: false, morph: null, sourceMorph: null, through }
}

type FieldPair = readonly [KeyFields, KeyFields]

function nearSide({ source, options, where }: LinkContext, meta: ModelMetadata): FieldPair {
  const { foreignKey, localKey } = options
  if (foreignKey !== undefined) {
    const inside = [foreignKey].flat().every((name) => meta.hasField(name))
    const fields = namedFields(inside ? meta : source, foreignKey, where, 'foreignKey')
    return inside ? [localKeys(source, localKey, fields.length, where), fields] : [fields, meta.primaryKey]
  }
  const held = foreignKeysOrNull(meta, source, where)
  if (held !== null) return [localKeys(source, localKey, held.length, where), held]
  const own = foreignKeysOrNull(source, meta, where)
  if (own !== null) return [own, meta.primaryKey]
  throw new DefinitionError(
    `${where} uses the model "${meta.name}", but neither it nor "${source.name}" has a foreign key to the other. Pass { foreignKey }.`,
  )
}

function farSide({ target, options, where }: LinkContext, meta: ModelMetadata): FieldPair {
  const { otherKey } = options
  if (otherKey !== undefined) {
    const inside = [otherKey].flat().every((name) => target.hasField(name))
    const fields = namedFields(inside ? target : meta, otherKey, where, 'otherKey')
    return inside ? [meta.primaryKey, fields] : [fields, target.primaryKey]
  }
  const held = foreignKeysOrNull(target, meta, where, 'otherKey')
  if (held !== null) return [meta.primaryKey, held]
  const own = foreignKeysOrNull(meta, target, where, 'otherKey')
  if (own !== null) return [own, target.primaryKey]
  throw new DefinitionError(
    `${where} uses the model "${meta.name}", but neither it nor "${target.name}" has a foreign key to the other. Pass { otherKey }.`,
  )
}
