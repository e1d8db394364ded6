import type { ValueType } from '../../ast/data-type.js'
import { UsageError } from '../../errors.js'
import type { Context } from '../columns/context.js'
import { pathOf } from './paths.js'
import { isPlainObject } from './where.js'

/** Keys that a request may name, with what their values are. */
export type Allowed = ReadonlyMap<string, ValueType>

/** The list `allow` of `filter` and `sort`: it is the program's own, so what is wrong with it is an error of the program. */
export function allowOption(call: string, options: unknown): readonly string[] | undefined {
  if (options === undefined) return undefined
  if (!isPlainObject(options)) throw new UsageError(`The options of ${call}() are an object: { allow: […] }.`)
  for (const name of Object.keys(options))
    if (name !== 'allow') throw new UsageError(`${call}() has no option "${name.slice(0, 40)}". It takes allow.`)
  const allow = Object.hasOwn(options, 'allow') ? options.allow : undefined
  if (allow !== undefined && !(Array.isArray(allow) && allow.every((key) => typeof key === 'string')))
    throw new UsageError(`"allow" of ${call}() is a list of keys.`)
  return allow as readonly string[] | undefined
}

/** What the values of a key are: a field, a path to one, or a name that the query has added. */
export function typeOfKey({ meta, annotations }: Context, key: string): ValueType {
  const added = annotations?.get(key)
  if (added === undefined) return pathOf(meta, key)?.field ?? meta.field(key)
  if (added.type !== null) return added.type
  throw new UsageError(`"${key}" of "${meta.name}" has no type that values could be read by. Give it one with cast().`)
}

/** The fields of a model that are not hidden. */
export function visibleFields({ meta }: Context): Map<string, ValueType> {
  return new Map(meta.fields.filter((field) => !field.hidden).map((field) => [field.name, field]))
}
