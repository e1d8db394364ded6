import { isRecord } from './record.js'

// Fast paths for plain JSON values, which are the common case. Each checks and writes, or checks and compares, in one pass. Where
// they can't be sure they return null or false, and the caller takes the slower path.

const QUOTE = 34
const COMMA = 44
const COLON = 58
const LIST = 91
const LIST_END = 93
const OBJECT = 123
const OBJECT_END = 125
const SPACE = 32
const BACKSLASH = 92
const NO = -1

/** Longer strings are left to the engine, which is quicker from there on. */
const SHORT = 20

const SPECIAL = /["\\]|[^ -\ud7ff\ue000-\uffff]/

/** Whether JSON writes a string in another way than between quotes. */
function needsCare(text: string): boolean {
  if (text.length > SHORT) return SPECIAL.test(text)
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c < SPACE || c === QUOTE || c === BACKSLASH || (c >= 0xd800 && c < 0xe000)) return true
  }
  return false
}

function stringText(value: string): string | null {
  if (!needsCare(value)) return `"${value}"`
  return value.isWellFormed() ? JSON.stringify(value) : null
}

/** Names of properties with their quotes and colon, kept because values of one field repeat them. */
const names = new Map<string, string>()
const MOST_NAMES = 1000
const LONGEST_NAME = 100

function nameText(name: string): string | null {
  const known = names.get(name)
  if (known !== undefined) return known
  const quoted = stringText(name)
  if (quoted === null) return null
  const text = `${quoted}:`
  if (name.length > LONGEST_NAME) return text
  if (names.size === MOST_NAMES) names.clear()
  names.set(name, text)
  return text
}

/** What `JSON.stringify` makes of a value of at most so many levels; null: the value is not plain JSON, or not surely. */
export function plainText(value: unknown, levels: number): string | null {
  if (typeof value === 'string') return stringText(value)
  if (typeof value === 'number') return value - value === 0 ? `${value}` : null
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (value === null) return 'null'
  if (levels === 0 || !isRecord(value) || typeof value.toJSON === 'function') return null
  return Array.isArray(value) ? listText(value, levels - 1) : objectText(value, levels - 1)
}

/** Plain, and not of another realm, whose objects take the slower path. */
function isOfThisRealm(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function listText(list: readonly unknown[], levels: number): string | null {
  let text = '['
  for (let i = 0; i < list.length; i++) {
    const item = plainText(list[i], levels)
    if (item === null) return null
    text += i === 0 ? item : `,${item}`
  }
  return `${text}]`
}

function objectText(value: Record<string, unknown>, levels: number): string | null {
  if (!isOfThisRealm(value)) return null
  let text = '{'
  for (const key in value) {
    // something was added to the prototype of all objects
    if (!Object.hasOwn(value, key)) return null
    const item = value[key]
    if (item === undefined) continue
    const name = nameText(key)
    const itemText = name === null ? null : plainText(item, levels)
    if (itemText === null) return null
    text += text.length === 1 ? name + itemText : `,${name}${itemText}`
  }
  return `${text}}`
}

/**
 * Whether a valid JSON text is surely that of this value. It goes along both at once. Keys in another order, escapes and most
 * whitespace are not followed: then it is false.
 */
export function isPlainTextOf(value: unknown, text: string): boolean {
  // without them a string is in the text as it is
  if (text.includes('\\')) return false
  return follow(value, text, 0) === text.length
}

/** Where the text goes on after the value; NO: it has something else. */
function follow(value: unknown, text: string, at: number): number {
  if (typeof value === 'string') return followString(value, text, at)
  if (typeof value === 'number') return value - value === 0 ? followWord(`${value}`, text, at) : NO
  if (typeof value === 'boolean') return followWord(value ? 'true' : 'false', text, at)
  if (value === null) return followWord('null', text, at)
  if (!isRecord(value) || typeof value.toJSON === 'function') return NO
  return Array.isArray(value) ? followList(value, text, at) : followObject(value, text, at)
}

function followWord(word: string, text: string, at: number): number {
  for (let i = 0; i < word.length; i++) if (word.charCodeAt(i) !== text.charCodeAt(at + i)) return NO
  return at + word.length
}

function followString(value: string, text: string, start: number): number {
  if (text.charCodeAt(start) !== QUOTE) return NO
  const { length } = value
  let at = start + 1
  if (length > SHORT) {
    if (!text.startsWith(value, at) || value.includes('"')) return NO
    at += length
  } else
    for (let i = 0; i < length; i++, at++) {
      const c = value.charCodeAt(i)
      if (c !== text.charCodeAt(at) || c === QUOTE) return NO
    }
  return text.charCodeAt(at) === QUOTE ? at + 1 : NO
}

function followList(list: readonly unknown[], text: string, start: number): number {
  if (text.charCodeAt(start) !== LIST) return NO
  let at = start + 1
  for (let i = 0; i < list.length; i++) {
    if (i > 0) at = followComma(text, at)
    if (at !== NO) at = follow(list[i], text, at)
    if (at === NO) return NO
  }
  return text.charCodeAt(at) === LIST_END ? at + 1 : NO
}

function followObject(value: Record<string, unknown>, text: string, start: number): number {
  if (text.charCodeAt(start) !== OBJECT || !isOfThisRealm(value)) return NO
  let at = start + 1
  for (const key in value) {
    if (!Object.hasOwn(value, key)) return NO
    const item = value[key]
    if (item === undefined) continue
    if (at !== start + 1) at = followComma(text, at)
    if (at !== NO) at = followString(key, text, at)
    if (at === NO || text.charCodeAt(at) !== COLON) return NO
    at = follow(item, text, behind(text, at))
    if (at === NO) return NO
  }
  return text.charCodeAt(at) === OBJECT_END ? at + 1 : NO
}

const followComma = (text: string, at: number): number => (text.charCodeAt(at) === COMMA ? behind(text, at) : NO)

/** Behind a comma or a colon, and the space that some databases put there. */
const behind = (text: string, at: number): number => (text.charCodeAt(at + 1) === SPACE ? at + 2 : at + 1)
