import { UsageError } from '../../errors.js'
import { type ModelMetadata, metadataOf } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { relationOf } from '../../metadata/relation/resolve.js'
import { type Data, makerOf } from './registry.js'
import { type FactoryRow, valueFor } from './values.js'

/** A field that must have a value, which nobody else gives it. */
function isMissing(field: ModelField, given: Data): boolean {
  const { descriptor } = field
  if (field.nullable || field.hasDefault || field.filledByDatabase || field.kind.automatic !== undefined) return false
  if (descriptor.slug !== null || descriptor.embedding !== null || descriptor.part !== null) return false
  return given[field.name] === undefined
}

/** The foreign keys whose rows are given as such: `{ author }` for `authorId`. */
function keysOfOwners(meta: ModelMetadata, given: Data): Set<string> {
  const owners = Object.keys(given).filter((name) => meta.relations.has(name) && given[name] !== undefined)
  return new Set(
    owners.flatMap((name) => {
      const { type } = meta.relations.get(name) ?? {}
      if (type === 'morphTo') return [`${name}Id`, `${name}Type`]
      const { ownsKey, sourceKeys } = relationOf(meta, name)
      return ownsKey ? sourceKeys.map((key) => key.name) : []
    }),
  )
}

/** What a row is made of: the given values, and one for each field that must have one. Foreign keys are left to others. */
export function madeData(
  meta: ModelMetadata,
  given: Data,
  row: FactoryRow,
  { isUnsaved, without }: { isUnsaved: boolean; without: ReadonlySet<string> },
): Data {
  const made: Data = { ...given }
  const keys = keysOfOwners(meta, given)
  for (const field of meta.fields) {
    const { name, descriptor } = field
    if (!isMissing(field, given) || without.has(name) || keys.has(name) || descriptor.reference !== null) continue
    if (descriptor.type === 'morphKey' || descriptor.type === 'morphType') {
      if (!isUnsaved && !keysOfOwners(meta, Object.fromEntries([...without].map((each) => [each, true]))).has(name))
        throw new UsageError(
          `The factory of "${meta.name}" can not choose the row for "${name.replace(/(Id|Type)$/, '')}". Give it: create({ ${name.replace(/(Id|Type)$/, '')}: row }).`,
        )
      continue
    }
    made[name] = valueFor(field, row)
  }
  for (const translation of meta.translations) {
    const isGiven = translation.fields.some((field) => given[field.name] !== undefined)
    if (!translation.nullable && !isGiven && given[translation.name] === undefined)
      made[translation.name] = valueFor(translation.type, row)
  }
  return made
}

/** Saves a row for each foreign key that must have one. */
export async function foreignParents(
  meta: ModelMetadata,
  given: Data,
  set: ReadonlySet<string>,
  chain: readonly ModelMetadata[],
): Promise<Data> {
  const keys: Data = {}
  const owned = keysOfOwners(meta, given)
  for (const field of meta.fields) {
    const { reference } = field.descriptor
    if (reference === null || !isMissing(field, given) || set.has(field.name) || owned.has(field.name)) continue
    const target = metadataOf(reference.target())
    if (target === meta || chain.includes(target))
      throw new UsageError(
        `The factory of "${meta.name}" can not make a row for "${field.name}": rows of "${target.name}" need rows of "${meta.name}" themselves. Give the field.`,
      )
    const saved = await makerOf(target).createFor([...chain, meta])
    keys[field.name] = (saved as Data)[target.primaryKey[0]?.name ?? '']
  }
  return keys
}
