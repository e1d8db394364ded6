import type { ColumnState } from '../../ast/schema.js'
import { UsageError } from '../../errors.js'

const WORDS: ReadonlyMap<unknown, boolean> = new Map([
  ['true', true],
  ['false', false],
])

const whole = (text: string) => (/^[+-]?\d+$/.test(text) ? BigInt(text) : undefined)

/** How the text of an option is read for a column of each type. Undefined: it is no value of the type. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  smallInteger: (text) => number(whole(text)),
  integer: (text) => number(whole(text)),
  bigInteger: whole,
  float: (text) => (text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text)),
  boolean: (text) => WORDS.get(text),
  json: (text) => json(text),
}

const number = (value: bigint | undefined) => (value === undefined ? undefined : Number(value))

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The value of `--fill` for a column. */
export function fillValue(name: string, { type }: ColumnState, given: unknown): unknown {
  if (typeof given !== 'string') return given
  const read = Object.hasOwn(READERS, type.name) ? READERS[type.name] : undefined
  const value = read === undefined ? given : read(given)
  if (value !== undefined) return value
  throw new UsageError(`The value of --fill for ${JSON.stringify(name)} is not of its type, ${type.name}.`)
}
