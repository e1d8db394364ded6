import type { ValueType } from '../../ast/data-type.js'
import { UnknownFieldError, UsageError } from '../../errors.js'
import type { Context } from '../columns/context.js'
import { pathOf } from './paths.js'

/** Keys that a request may name, with what their values are. */
export type AllowedNames = ReadonlyMap<string, ValueType>

/** What the values of a key are: a field, a path to one, or a name that the query has added. */
export function typeOfKey({ meta, annotations }: Context, key: string): ValueType {
  const added = annotations?.get(key)
  if (added === undefined) {
    const field = pathOf(meta, key)?.field ?? meta.typeOf(key)
    if (field === undefined && !meta.relations.has(key))
      throw new UnknownFieldError(
        `"${meta.name}" has no field ${JSON.stringify(key.slice(0, 100))}, and no step so far adds one. Call withCount(), annotate() and the like before filter() and sort().`,
      )
    return field ?? meta.field(key)
  }
  if (added.type !== null) return added.type
  throw new UsageError(`"${key}" of "${meta.name}" has no type that values could be read by. Give it one with cast().`)
}

/** The fields of a model that are not hidden. */
export function visibleFields({ meta }: Context): Map<string, ValueType> {
  const fields = [...meta.fields, ...meta.translations.map(({ type }) => type)]
  return new Map(fields.filter((field) => !field.hidden).map((field) => [field.name, field]))
}
