import { UsageError } from '../../errors.js'
import { pathAnnotations, pathOf } from '../condition/paths.js'
import { fieldOf } from '../condition/where.js'
import type { QueryData } from './query-data.js'

/** The query that loads only these fields; a path becomes a named value. */
export function selecting<Q extends QueryData<Q>>(query: Q, keys: readonly unknown[]): Q {
  if (keys.length === 0) throw new UsageError('select() needs the names of fields.')
  const added = query.annotations
  const paths = keys.filter((key) => added?.has(key as string) !== true && pathOf(query.meta, key) !== null)
  if (paths.length > 0) return selecting(query.annotated(pathAnnotations(query, paths as string[])), keys)
  const names = keys.filter((key): key is string => added?.has(key as string) === true)
  const fields = keys.filter((key) => !names.includes(key as string)).map((key) => fieldOf(query.meta, key))
  const token = `select:${fields.map((field) => field.index).join()}:${names.join()}`
  return query.step(token, { kind: 'select', fields, names })
}
