import { randomUUID } from 'node:crypto'
import type { DataType } from '../ast/data-type.js'
import { DefinitionError } from '../errors.js'
import { isUuid } from '../util/canonical.js'
import { textIn } from '../util/expect.js'
import { own } from '../util/own.js'
import { isRecord } from '../util/record.js'
import { uuid7 } from '../util/uuid7.js'
import { describe, type FieldKind, type Refuse, unlessText } from './kind.js'

export interface TextLimits {
  readonly max?: number | undefined
  readonly min?: number | undefined
  readonly pattern?: RegExp | undefined
}

export function checkText(value: unknown, refuse: Refuse): string {
  if (typeof value !== 'string') return refuse('type', `expects a string, not ${describe(value)}`)
  if (!value.isWellFormed()) return refuse('type', 'has an invalid Unicode character (half of a surrogate pair)')
  return value
}

/** Counts characters as databases do: code points, not UTF-16 units. */
function length(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

export const characters = (count: number) => `${count} character${count === 1 ? '' : 's'}`

export function textKind(dataType: DataType, rules: TextLimits): FieldKind {
  const { max, min, pattern } = own(rules)
  const length16 = max === undefined ? '' : ` && v.length <= ${max}`
  const kind: FieldKind = {
    dataType,
    check: checkText,
    accepts: (v) => `typeof ${v} === 'string'${length16.replace('v', v)} && ${v}.isWellFormed()`,
    acceptsRules: min === undefined && pattern === undefined,
    load: null,
    snapshot: 'value',
  }
  if (max === undefined && min === undefined && pattern === undefined) return kind
  return {
    ...kind,
    rules(given, addIssue) {
      const value = textIn(given)
      if (max !== undefined && value.length > max && length(value) > max)
        addIssue('length', `must have at most ${characters(max)}`, { max })
      if (min !== undefined && length(value) < min) addIssue('length', `must have at least ${characters(min)}`, { min })
      if (pattern !== undefined && value.search(pattern) === -1)
        addIssue('pattern', 'does not have the required format')
    },
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

const isCanonicalUuid = (value: unknown) => typeof value === 'string' && isUuid(value)

export function uuidKind(auto: boolean, version: 4 | 7): FieldKind {
  return {
    dataType: { name: 'uuid' },
    acceptsValue: isCanonicalUuid,
    cast: (value) => (typeof value === 'string' ? value.toLowerCase() : value),
    check(value, refuse) {
      const lower = typeof value === 'string' ? value.toLowerCase() : ''
      return UUID.test(lower) ? lower : refuse('type', `expects a UUID${unlessText(value)}`)
    },
    load: null,
    snapshot: 'value',
    ...(auto && { automatic: { on: 'insert' as const, make: version === 7 ? uuid7 : randomUUID } }),
  }
}

/** The values of a list, an as-const object, or a TypeScript enum, whose numbers map back to names. */
export function enumValues(source: unknown): (string | number)[] {
  if (!isRecord(source))
    throw new DefinitionError("Field.enum() takes a list of values or an enum: Field.enum(['draft', 'published']).")
  const values: readonly unknown[] = Array.isArray(source)
    ? source
    : Object.keys(source).flatMap((key) => (isReverse(source, key) ? [] : [source[key]]))
  if (!values.every((value) => typeof value === 'string' || typeof value === 'number'))
    throw new DefinitionError('Field.enum() takes texts or numbers.')
  return [...values]
}

/** Whether a key is the reverse mapping of a number in a TypeScript enum. */
const isReverse = (object: Readonly<Record<string, unknown>>, key: string): boolean => {
  const name = object[key]
  return typeof name === 'string' && typeof object[name] === 'number' && String(Number(key)) === key
}

export function enumKind(values: readonly (string | number)[]): FieldKind {
  const allowed = new Set<unknown>(values)
  return {
    dataType: { name: 'enum', values },
    check: (value, refuse) =>
      allowed.has(value)
        ? value
        : refuse('choice', `must be one of ${values.map((v) => JSON.stringify(v)).join(', ')}`),
    load: null,
    snapshot: 'value',
  }
}
