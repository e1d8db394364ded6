import pluralize from 'pluralize'
import { DefinitionError } from '../../errors.js'
import { at } from '../../util/list.js'
import { lowerFirst, suggestion, upperFirst } from '../../util/names.js'
import { nameList } from '../../util/options.js'
import { own } from '../../util/own.js'
import type { FieldNames } from '../descriptor.js'
import { type ModelMetadata, referencedModel } from '../metadata.js'
import type { ModelField } from '../model-field.js'

// Which fields of two models belong together, where a relation doesn't say.

export type KeyFields = readonly ModelField[]

const shown = (fields: KeyFields) => fields.map((field) => `"${field.name}"`).join(' and ')

/** The fields that an option names. */
export function namedFields(meta: ModelMetadata, names: FieldNames, where: string, option: string): KeyFields {
  return [names].flat().map((name) => {
    const field = meta.fieldOrNull(name)
    if (field !== undefined) return field
    const known = meta.fields.map((each) => each.name)
    throw new DefinitionError(
      `${where} has { ${option}: '${name}' }, but "${meta.name}" has no such field.${suggestion(name, known)}`,
    )
  })
}

/** What a key points to: named, or the primary key. */
export function localKeys(meta: ModelMetadata, named: FieldNames | undefined, count: number, where: string): KeyFields {
  const fields = named === undefined ? meta.primaryKey : namedFields(meta, named, where, 'localKey')
  if (fields.length === count) return fields
  if (named === undefined && fields.length > 1 && count === 1)
    throw new DefinitionError(
      `${where} needs { localKey }: the key of "${meta.name}" has several fields. Or name as many with { foreignKey: […] }.`,
    )
  throw new DefinitionError(
    `${where} pairs ${count} field${count === 1 ? '' : 's'} with ${shown(fields) || 'none'} of "${meta.name}". Name as many on both sides.`,
  )
}

const pointsAt = (field: ModelField, target: ModelMetadata): boolean => {
  return field.descriptor.reference !== null && referencedModel(field) === target
}

export const pointersTo = (meta: ModelMetadata, target: ModelMetadata): ModelField[] =>
  meta.fields.filter((field) => pointsAt(field, target))

/** `prefix` and the name of each field of a key of several; a field of the same name where it is not just "id". */
function byNames(holder: ModelMetadata, prefix: string, keys: KeyFields): KeyFields | null {
  const found = keys.flatMap(
    (key) =>
      holder.fieldOrNull(`${prefix}${upperFirst(key.name)}`) ??
      (key.name === 'id' ? [] : (holder.fieldOrNull(key.name) ?? [])),
  )
  return found.length < keys.length ? null : found
}

function several(holder: ModelMetadata, prefix: string, keys: KeyFields, where: string): KeyFields {
  const found = byNames(holder, prefix, keys)
  if (found !== null) return found
  const expected = keys.map((key) => `"${prefix}${upperFirst(key.name)}"`).join(' and ')
  throw new DefinitionError(
    `${where} expects ${expected} on "${holder.name}", one for each field of the key. Add them, or pass { foreignKey: […] }.`,
  )
}

/** The fields of `source` that hold the key of `target`: `<relation>Id`, or the only foreign key to it. */
export function ownKeys(source: ModelMetadata, name: string, target: ModelMetadata, where: string): KeyFields {
  const keys = target.primaryKey
  if (keys.length > 1) return several(source, name, keys, where)
  const byName = source.fieldOrNull(`${name}Id`)
  if (byName !== undefined && (byName.descriptor.reference === null || pointsAt(byName, target))) return [byName]
  return [only(pointersTo(source, target), { where, holder: source, expected: `${name}Id`, option: 'foreignKey' })]
}

/** The fields of `holder` that hold the key of `owner`: `<owner>Id`, or the only foreign key to it. */
export function foreignKeys(holder: ModelMetadata, owner: ModelMetadata, where: string): KeyFields {
  return (
    foreignKeysOrNull(holder, owner, where) ?? [
      only([], { where, holder, expected: `${lowerFirst(owner.name)}Id`, option: 'foreignKey' }),
    ]
  )
}

export function foreignKeysOrNull(
  holder: ModelMetadata,
  owner: ModelMetadata,
  where: string,
  option = 'foreignKey',
): KeyFields | null {
  const keys = owner.primaryKey
  const prefix = lowerFirst(owner.name)
  if (keys.length > 1) return byNames(holder, prefix, keys)
  const candidates = pointersTo(holder, owner)
  const byConvention = candidates.find(({ name }) => name === `${prefix}Id`)
  if (byConvention !== undefined) return [byConvention]
  if (candidates.length > 0) return [only(candidates, { where, holder, expected: `${prefix}Id`, option })]
  const byName = holder.fieldOrNull(`${prefix}Id`)
  return byName !== undefined && byName.descriptor.reference === null ? [byName] : null
}

/** What is looked for, for messages. */
interface Sought {
  readonly where: string
  readonly holder: ModelMetadata
  readonly expected: string
  readonly option: string
}

function only(candidates: KeyFields, { where, holder, expected, option }: Sought): ModelField {
  const [first, second] = candidates
  if (first !== undefined && second === undefined) return first
  if (first === undefined)
    throw new DefinitionError(
      `${where} expects "${expected}" on "${holder.name}", but "${holder.name}" has no such field. Add it, or pass { foreignKey }.`,
    )
  throw new DefinitionError(`${where} is ambiguous: ${shown(candidates)} on "${holder.name}" fit. Pass { ${option} }.`)
}

export const singular = (name: string) => pluralize.singular(name)

/** Names of a key's fields in a join table: `articleId`, or one for each field of a key of several. */
export const keyNames = (prefix: string, keys: KeyFields): string[] =>
  keys.length === 1 ? [`${prefix}Id`] : keys.map((key) => `${prefix}${upperFirst(key.name)}`)

const FAMILIES: Readonly<Record<string, string>> = own({
  smallInteger: 'an integer',
  integer: 'an integer',
  bigInteger: 'an integer',
  decimal: 'a decimal',
  float: 'a float',
  string: 'a text',
  text: 'a text',
  char: 'a text',
  uuid: 'a text',
  enum: 'a text',
})

const familyOf = ({ dataType }: ModelField) =>
  dataType.name === 'enum' && typeof dataType.values?.[0] === 'number'
    ? 'an integer'
    : (FAMILIES[dataType.name] ?? `a ${dataType.name}`)

/** Keys that can hold no common value would find nothing, or all sorts of things. */
export function refuseUnlike(from: KeyFields, to: KeyFields, where: string): void {
  from.forEach((field, i) => {
    const other = at(to, i)
    const secret = [field, other].find(({ dataType }) => dataType.secret !== undefined)
    if (secret !== undefined)
      throw new DefinitionError(
        `${where} compares ${secret}, whose values the database can't compare. Name a field that is neither encrypted nor a password.`,
      )
    if (familyOf(field) !== familyOf(other))
      throw new DefinitionError(
        `${where} compares ${field}, ${familyOf(field)}, with ${other}, ${familyOf(other)}. Give them one type, or name other fields.`,
      )
  })
}

/** An entry of the option `uniques` may be an object, which has conditions of its own. */
const namesIn = (given: readonly unknown[]) => (nameList.accepts(given) ? [given] : [])

/** Whether the database lets one row at most have a value of these fields. */
export const isUnique = (meta: ModelMetadata, fields: KeyFields): boolean => uniqueFields(meta, fields) !== null

/** The names of fields among these by which the database distinguishes rows. */
export function uniqueFields(meta: ModelMetadata, fields: KeyFields): readonly string[] | null {
  const names = new Set(fields.map((field) => field.name))
  const uniques = [
    meta.primaryKey.map((field) => field.name),
    ...fields.filter((field) => field.unique).map((field) => [field.name]),
    ...(meta.options.uniques ?? []).flatMap((given) => namesIn([given].flat())),
  ]
  return uniques.find((given) => given.length > 0 && given.every((name) => names.has(name))) ?? null
}
