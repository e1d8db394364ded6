import { nodeOf } from '../../ast/brand.js'
import { UsageError } from '../../errors.js'
import type { Using } from '../../execution/executor.js'
import { isPlainObject } from '../../util/own.js'
import { guardedOption } from '../runtime/options.js'
import { callUpdate } from '../runtime/own-methods.js'
import { runtimeOf } from '../runtime/runtime.js'
import { firstOrCreate } from '../write/first-or-create.js'
import type { Attributes } from '../write/values.js'
import type { Manager } from './manager.js'

/** What a manager was asked for: a row of its relation with these values, or a new one. */
export interface WantedRow {
  readonly match: Attributes
  readonly extra: Attributes
  readonly guarded: boolean
}

/** Reads the arguments of `firstOrCreate` and `updateOrCreate` of a manager. */
export function wantedRow(
  call: string,
  path: string,
  { match, extra, options }: { readonly match: unknown; readonly extra: unknown; readonly options: unknown },
): WantedRow {
  const { guarded = false } = guardedOption(options, call)
  if (!isPlainObject(match) || nodeOf(match) !== undefined || Object.keys(match).length === 0)
    throw new UsageError(`${call} of ${path} takes an object of fields and values: the row to look for.`)
  if (!isPlainObject(extra))
    throw new UsageError(`${call} of ${path} takes an object of fields and values: the data of the row.`)
  return { match, extra, guarded }
}

/** The row of the target that matches, among those of a query, or a new one that belongs to `link`. */
export function findOrCreateTarget(
  { relation }: Manager,
  { match, extra, guarded }: WantedRow,
  where: { readonly link: Attributes | null; readonly using: Using; readonly among: Manager | null },
): Promise<[object, boolean]> {
  const runtime = runtimeOf(relation.target.model)
  const { link, using, among } = where
  const find = () => (among === null ? runtime.query(using, 'own') : among).where(match)
  return firstOrCreate({ runtime, match, data: { ...match, ...extra }, guarded, link, using, find })
}

/** Gives a row that was found the data of `updateOrCreate`. It keeps the keys of its owner, as a row that `create` makes does. */
export async function updateFound(
  [row, created]: [object, boolean],
  { extra, guarded }: WantedRow,
  link: Attributes | null,
): Promise<[object, boolean]> {
  if (created) return [row, created]
  const isOwn = ([name]: [string, unknown]) => link === null || !Object.hasOwn(link, name)
  await callUpdate(row, Object.fromEntries(Object.entries(extra).filter(isOwn)), { guarded })
  return [row, created]
}
