import type { Random } from './random.js'

// Texts that a regular expression matches, for what the patterns of fields usually are: classes, groups, alternatives and
// quantifiers. Null for anything else: lookarounds, references, Unicode properties.

type TextPart = (random: Random) => string

/** How often "*" and "+" repeat, at most. */
const MOST = 4
const DIGITS = '0123456789'
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const CLASSES: Readonly<Record<string, string>> = {
  d: DIGITS,
  w: `${LETTERS}${LETTERS.toUpperCase()}${DIGITS}_`,
  s: ' ',
  D: LETTERS,
  W: '-',
  S: LETTERS,
}
const PRINTABLE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('')

/** Thrown to leave the reader; it never leaves this file. */
class UnsupportedPattern {}

/** Makes texts for the pattern; null if it has something that is not supported. */
export function samplerOf(pattern: RegExp): TextPart | null {
  const reader = new PatternReader(pattern.source)
  try {
    const part = reader.alternatives()
    return reader.isDone ? part : null
  } catch (error) {
    if (error instanceof UnsupportedPattern) return null
    throw error
  }
}

class PatternReader {
  #at = 0
  readonly #source: string

  constructor(source: string) {
    this.#source = source
  }

  get isDone(): boolean {
    return this.#at === this.#source.length
  }

  alternatives(): TextPart {
    const all = [this.#sequence()]
    while (this.#eat('|')) all.push(this.#sequence())
    return (random) => random.pick(all)(random)
  }

  #sequence(): TextPart {
    const parts: TextPart[] = []
    while (!this.isDone && this.#peek() !== '|' && this.#peek() !== ')') parts.push(this.#quantified(this.#atom()))
    return (random) => parts.map((part) => part(random)).join('')
  }

  #atom(): TextPart {
    const char = this.#next()
    if (char === '^' || char === '$') return () => ''
    if (char === '.') return (random) => random.pick([...LETTERS])
    if (char === '[') return this.#class()
    if (char === '(') return this.#group()
    if (char !== '\\') return () => char
    const set = this.#escaped()
    return set === '' ? () => '' : (random) => random.pick([...set])
  }

  #group(): TextPart {
    if (this.#eat('?') && !this.#eat(':')) {
      if (!this.#eat('<') || this.#peek() === '=' || this.#peek() === '!') throw new UnsupportedPattern()
      while (this.#next() !== '>');
    }
    const part = this.alternatives()
    if (!this.#eat(')')) throw new UnsupportedPattern()
    return part
  }

  /** The characters that an escape stands for; none for the edge of a word. */
  #escaped(): string {
    const char = this.#next()
    if (char === 'b') return ''
    const set = Object.hasOwn(CLASSES, char) ? CLASSES[char] : undefined
    if (set !== undefined) return set
    if (/[a-zA-Z0-9]/.test(char)) throw new UnsupportedPattern()
    return char
  }

  #class(): TextPart {
    const isNegated = this.#eat('^')
    let set = ''
    while (!this.#eat(']')) {
      const first = this.#member()
      if (this.#peek() !== '-' || this.#source[this.#at + 1] === ']' || first.length !== 1) {
        set += first
        continue
      }
      this.#next()
      const last = this.#member()
      for (let code = first.charCodeAt(0); code <= last.charCodeAt(0); code++) set += String.fromCharCode(code)
    }
    const excluded = set
    const members = isNegated ? [...PRINTABLE].filter((char) => !excluded.includes(char)) : [...set]
    if (members.length === 0) throw new UnsupportedPattern()
    return (random) => random.pick(members)
  }

  #member(): string {
    const char = this.#next()
    return char === '\\' ? this.#escaped() : char
  }

  #quantified(part: TextPart): TextPart {
    const range = this.#range()
    if (range === null) return part
    this.#eat('?')
    const [least, most] = range
    return (random) => Array.from({ length: random.integer(least, most) }, () => part(random)).join('')
  }

  #range(): readonly [number, number] | null {
    if (this.#eat('?')) return [0, 1]
    if (this.#eat('*')) return [0, MOST]
    if (this.#eat('+')) return [1, MOST]
    const [text, least, comma, most] = /^\{(\d+)(,?)(\d*)\}/.exec(this.#source.slice(this.#at)) ?? []
    if (text === undefined) return null
    this.#at += text.length
    const low = Number(least)
    return [low, comma === '' ? low : most === '' ? low + MOST : Number(most)]
  }

  #peek(): string | undefined {
    return this.#source[this.#at]
  }

  #next(): string {
    const char = this.#source[this.#at++]
    if (char === undefined) throw new UnsupportedPattern()
    return char
  }

  #eat(char: string): boolean {
    if (this.#peek() !== char) return false
    this.#at++
    return true
  }
}
