import { isRecord } from './record.js'

const QUOTE = 34
const BACKSLASH = 92

const opens = (c: number) => c === 91 || c === 123
const closes = (c: number) => c === 93 || c === 125

/** Whether lists and objects in a JSON text are nested deeper than `levels`. */
export function isDeeperThan(text: string, levels: number): boolean {
  // each level takes at least two brackets
  if (text.length <= 2 * levels) return false
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === QUOTE) i = endOfString(text, i)
    else if (opens(c)) {
      if (++depth > levels) return true
    } else if (closes(c)) depth--
  }
  return false
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++
    if (escapes % 2 === 0) return end
  }
  return text.length
}

/** A number with an exponent. A text of hexadecimal digits may look like one. */
const EXPONENT = /\d[eE][-+\d]/
/** Whole numbers with fewer digits are exact. */
const LONG = 16
const TINY = /[eE]-0*\d{3}|0{300}/
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/**
 * Finds a number in a JSON text that JavaScript can't read exactly: one beyond its range, or a whole number with too many
 * digits. Fractions are not reported, because every program reads them as the nearest double. `value` is the result of
 * parsing the text.
 */
export function lostNumber(text: string, value: unknown): string | null {
  if (!hasLong(text) && !EXPONENT.test(text)) return null
  if (!hasDoubtful(value, TINY.test(text))) return null
  for (const [token] of text.matchAll(TOKENS)) if (token[0] !== '"' && isLost(token)) return token
  return null
}

/** Whether the text has a run of at least `LONG` digits. Usually only every sixteenth character is looked at. */
function hasLong(text: string): boolean {
  for (let i = LONG - 1; i < text.length; i += LONG) {
    if (!isDigit(text, i)) continue
    let start = i
    while (start > 0 && isDigit(text, start - 1)) start--
    while (i + 1 < text.length && isDigit(text, i + 1)) i++
    if (i - start >= LONG - 1) return true
  }
  return false
}

const isDigit = (text: string, at: number): boolean => {
  const c = text.charCodeAt(at)
  return c >= 48 && c <= 57
}

/** Whether a number may differ from the one in the text: it is infinite, a large integer, or zero if zeros are in doubt. */
function hasDoubtful(value: unknown, zeros: boolean): boolean {
  if (typeof value === 'number')
    return value === 0 ? zeros : value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER
  if (!isRecord(value)) return false
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (hasDoubtful(value[i], zeros)) return true
    return false
  }
  for (const key of Object.keys(value)) if (hasDoubtful(value[key], zeros)) return true
  return false
}

function isLost(token: string): boolean {
  const number = Number(token)
  if (number === 0) return /[1-9]/.test(token.replace(/[eE].*/, ''))
  if (number - number !== 0) return true
  if (Math.abs(number) <= Number.MAX_SAFE_INTEGER) return false
  const [whole, read] = [digitsOf(token), digitsOf(String(number))]
  return whole.isInteger && whole.digits !== read.digits
}

/** The digits of a number without leading and trailing zeros, and whether it is an integer. */
function digitsOf(token: string): { digits: string; isInteger: boolean } {
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? []
  const all = whole + fraction
  const used = all.replace(/0+$/, '')
  // the number of digits after the point when the exponent is applied
  const behind = fraction.length - Number(exponent) - (all.length - used.length)
  return { digits: used.replace(/^0+/, ''), isInteger: behind <= 0 }
}
