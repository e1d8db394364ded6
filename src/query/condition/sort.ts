import { type Issue, ValidationError } from '../../errors.js'
import type { Context } from '../columns/context.js'
import { sortOptions } from '../options.js'
import { type AllowedNames, typeOfKey, visibleFields } from './allowed.js'
import { isSortable } from './filter-value.js'
import { operandOf } from './where.js'

const MOST_KEYS = 10
/** Characters; beyond this nothing is looked at. */
const LONGEST = 1000

interface SortKey {
  readonly key: string
  readonly direction: 'asc' | 'desc'
}

/** The keys of a text like `-createdAt,name`. Throws one ValidationError for all that is wrong. */
export function sortKeys(context: Context, text: unknown, options: unknown): SortKey[] {
  const { allow } = sortOptions(options)
  const allowed: AllowedNames =
    allow === undefined ? visibleFields(context) : new Map(allow.map((key) => [key, orderable(context, key)]))
  if (typeof text !== 'string') throw refused(context, 'type', 'must be a string of keys, such as "-createdAt,name"')
  if (text.length > LONGEST) throw refused(context, 'length', `must have at most ${LONGEST} characters`)
  if (text.trim() === '') return []
  const parts = text.split(',')
  if (parts.length > MOST_KEYS) throw refused(context, 'size', `has more than ${MOST_KEYS} keys`)
  const issues: Issue[] = []
  const keys = parts.map((part, i): SortKey => {
    const [, minus, key = ''] = /^(-?)(.*)$/s.exec(part.trim()) ?? []
    const wrong = problem(allowed, key, parts.slice(0, i))
    if (wrong !== null) issues.push({ path: `sort[${i}]`, ...wrong })
    return { key, direction: minus === '-' ? 'desc' : 'asc' }
  })
  if (issues.length > 0) throw new ValidationError(context.meta.name, issues)
  return keys
}

function problem(allowed: AllowedNames, key: string, before: readonly string[]): Omit<Issue, 'path'> | null {
  const type = allowed.get(key)
  if (type === undefined || !isSortable(type)) return { code: 'unknown', message: 'is not a key that can be sorted by' }
  if (before.some((part) => part.trim().replace(/^-/, '') === key))
    return { code: 'choice', message: 'is listed twice' }
  return null
}

/** A path to many rows is no order of one. */
function orderable(context: Context, key: string) {
  const type = typeOfKey(context, key)
  operandOf(context, key)
  return type
}

const refused = ({ meta }: Context, code: string, message: string) =>
  new ValidationError(meta.name, [{ path: 'sort', code, message }])
