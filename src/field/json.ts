import { StoredValueError } from '../errors.js'
import { equalJson } from '../util/equal-json.js'
import { textIn } from '../util/expect.js'
import { isDeeperThan, lostNumber } from '../util/json-text.js'
import { isPlainObject } from '../util/own.js'
import { isPlainTextOf, plainText } from '../util/plain-json.js'
import { isRecord } from '../util/record.js'
import { describe, type FieldKind, type Refuse } from './kind.js'

/** JSON null, for a nullable JSON field, where `null` means SQL NULL. `JSON.stringify` writes it as `null`. */
export const JsonNull: { toJSON(): null } = Object.freeze({ toJSON: () => null })

const DEPTH = 500
const MEBIBYTE = 1024 * 1024

export function jsonKind(nullable: boolean, maxSize = MEBIBYTE): FieldKind {
  const check = (value: unknown, refuse: Refuse): string => {
    if (value === JsonNull) return 'null'
    const text = plainText(value, DEPTH) ?? checkedText(value, refuse)
    if (text.length * 3 > maxSize && Buffer.byteLength(text) > maxSize)
      return refuse('size', `is larger than ${maxSize} bytes`)
    return text
  }
  return {
    dataType: { name: 'json' },
    check,
    load: nullable ? (text) => parseStored(text) ?? JsonNull : parseStored,
    snapshot: 'canonical',
    same: (value, text) => sameJson(value, textIn(text)),
    nullIsValue: !nullable,
  }
}

function checkedText(value: unknown, refuse: Refuse): string {
  walk(value, '', 0, refuse)
  return JSON.stringify(value)
}

const CORRECT = 'Correct the stored value, or use the kind of field that fits what the column holds.'

const NUMBERS = 'Store it as a string, or in a field of its own (bigInteger, decimal).'

function parseStored(stored: unknown): unknown {
  const text = textIn(stored)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new StoredValueError('holds text that is no JSON', CORRECT)
  }
  if (isDeeperThan(text, DEPTH)) throw new StoredValueError(`holds JSON of more than ${DEPTH} levels`, CORRECT)
  if (lostNumber(text, value) !== null)
    throw new StoredValueError('holds JSON with a number that JavaScript does not have', NUMBERS)
  return value
}

/** Whether a stored text is JSON null, whichever program wrote it. */
export const isJsonNull = (text: unknown): boolean =>
  text === 'null' || (typeof text === 'string' && text.trim() === 'null')

/** Compares JSON by value, because databases change its whitespace and the order of keys. */
function sameJson(value: unknown, text: string): boolean {
  let now: string | undefined
  try {
    if (isPlainTextOf(value, text)) return true
    now = JSON.stringify(value)
  } catch {
    return false
  }
  return now === text || (now !== undefined && equalJson(JSON.parse(now), JSON.parse(text)))
}

/** Refuses what JSON would silently drop or change. */
function walk(value: unknown, path: string, depth: number, refuse: Refuse): void {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) refuse('type', at(path, 'has an invalid Unicode character (half of a surrogate pair)'))
    return
  }
  if (value === null || typeof value === 'boolean') return
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuse('type', at(path, `is ${value}, which JSON does not have`))
    return
  }
  if (!isRecord(value)) return refuse('type', at(path, `is ${describe(value)}, which JSON does not have`))
  if (typeof value.toJSON === 'function' && value !== JsonNull)
    return refuse('type', at(path, 'has a method toJSON, which may give any value; store what it returns'))
  if (depth === DEPTH) return refuse('depth', `is nested deeper than ${DEPTH} levels, or in a circle`)
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) walk(value[i], `${path}[${i}]`, depth + 1, refuse)
    return
  }
  if (!isPlainObject(value))
    return refuse('type', at(path, `is ${describe(value)} of a class; store plain JSON values`))
  for (const key of Object.keys(value)) {
    const item = value[key]
    if (item !== undefined) walk(item, `${path}.${key}`, depth + 1, refuse)
    if (!key.isWellFormed())
      refuse('type', at(path, 'has a key with an invalid Unicode character (half of a surrogate pair)'))
  }
}

const at = (path: string, problem: string) => (path === '' ? problem : `${problem} (at ${path.slice(0, 80)})`)
