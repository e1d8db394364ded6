import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { Translation } from '../../metadata/translation.js'
import { pathAnnotations, pathOf } from '../condition/paths.js'
import { fieldOf } from '../condition/where.js'
import type { Annotations } from '../shape.js'
import type { QueryData } from './query-data.js'

const translationOf = (meta: ModelMetadata, key: unknown): Translation | null =>
  (typeof key === 'string' ? meta.attributes.get(key)?.translation : undefined) ?? null

/** The columns that a query leaves out: those of a translated field, or one. A computed one has none. */
export const omittedFields = (meta: ModelMetadata, key: unknown): readonly ModelField[] =>
  translationOf(meta, key)?.fields ?? [fieldOf(meta, key)]

/** The field of a key, the columns of a translated one, or what a computed one needs. */
function fieldsFor(meta: ModelMetadata, key: unknown): readonly ModelField[] {
  const attribute = typeof key === 'string' ? meta.attributes.get(key) : undefined
  return attribute?.compute == null ? [fieldOf(meta, key)] : attribute.fields
}

const isIn = (added: Annotations | null, key: unknown): key is string =>
  typeof key === 'string' && added?.has(key) === true

/** The query that loads only these fields; a path becomes a named value. */
export function selecting<Q extends QueryData<Q>>(query: Q, keys: readonly unknown[]): Q {
  if (keys.length === 0) throw new UsageError('select() needs the names of fields.')
  const added = query.annotations
  const paths = keys.filter(
    (key): key is string => typeof key === 'string' && !isIn(added, key) && pathOf(query.meta, key) !== null,
  )
  if (paths.length > 0) return selecting(query.annotated(pathAnnotations(query, paths)), keys)
  const names = keys.filter((key) => isIn(added, key))
  const fields = keys.filter((key) => !isIn(added, key)).flatMap((key) => fieldsFor(query.meta, key))
  const shown = keys.length === 1 ? translationOf(query.meta, keys[0]) : null
  const token = `select:${fields.map((field) => field.index).join()}:${names.join()}${shown === null ? '' : ':shown'}`
  return query.step(token, { kind: 'select', fields, names, shown })
}
