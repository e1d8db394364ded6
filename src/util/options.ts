import { type CormError, quoted, UsageError } from '../errors.js'
import { nearest } from './names.js'

// Every options object of the public API is read here: by its own properties only, against a table of what is known.

/** What an option may be. */
export interface OptionType {
  /** In words, as they follow "must be". */
  readonly wants: string
  accepts(value: unknown): boolean
}

export type OptionTypes = Readonly<Record<string, OptionType>>

/** Reads the options of one call; without any it costs nothing. */
export type ReadOptions<T> = (given: unknown, call?: string) => Readonly<Partial<T>>

type Refused = new (message: string) => CormError

const NONE: Readonly<Record<string, never>> = Object.freeze(Object.create(null) as Record<string, never>)

/** Reads options of a call like `save()`: refuses what is unknown or of another type, and lists what is known. */
export function optionReader<T extends object>(
  call: string,
  types: OptionTypes,
  Refused: Refused = UsageError,
): ReadOptions<T> {
  const known = new Map(Object.entries(types))
  return (given, name = call) =>
    (given === undefined ? NONE : readOptions(name, known, given, Refused)) as Readonly<Partial<T>>
}

function readOptions(
  call: string,
  known: ReadonlyMap<string, OptionType>,
  given: unknown,
  Refused: Refused,
): Record<string, unknown> {
  const names = [...known.keys()].join(', ')
  const read: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const [name, value] of ownEntries(
    given,
    () => new Refused(`${call} takes its options as an object: ${names}.`),
  )) {
    const type = known.get(name)
    if (type === undefined)
      throw new Refused(`${call} has no option ${quoted(name)}.${near(name, known)} It takes ${names}.`)
    if (value === undefined) continue
    if (!type.accepts(value)) throw new Refused(`The option ${quoted(name)} of ${call} must be ${type.wants}.`)
    read[name] = value
  }
  return read
}

function near(name: string, known: ReadonlyMap<string, unknown>): string {
  const found = nearest(name, known.keys())
  return found === undefined ? '' : ` Did you mean "${found}"?`
}

/** The own properties of a plain object; what can't be read (a revoked proxy, a getter that throws) is none. */
export function ownEntries(given: unknown, refused: () => CormError): [string, unknown][] {
  try {
    if (isPlain(given)) return Object.entries(given)
  } catch (cause) {
    throw Object.assign(refused(), { cause })
  }
  throw refused()
}

/** Of any realm: a test runner's objects may have another Object.prototype. */
function isPlain(given: unknown): given is object {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false
  const prototype = Object.getPrototypeOf(given) as object | null
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty'))
}

const type = (wants: string, accepts: (value: unknown) => boolean): OptionType => ({ wants, accepts })

export const flag = type('true or false', (value) => typeof value === 'boolean')
export const text = type('a text', (value) => typeof value === 'string' && value !== '')
export const textOrNone = type('a text', (value) => typeof value === 'string')
export const callback = type('a function', (value) => typeof value === 'function')
export const object = type('an object', (value) => typeof value === 'object' && value !== null)
export const anything = type('any value', () => true)
export const list = type('a list', (value) => Array.isArray(value))
/** A text or a list of them, of which none is empty. */
export const names = type(
  'a name or a list of names',
  (value) => text.accepts(value) || (nameList.accepts(value) && (value as readonly unknown[]).length > 0),
)
export const nameList = type(
  'a list of names',
  (value) => Array.isArray(value) && value.every((each) => text.accepts(each)),
)

/** A whole number. */
export const whole = (least: number, what = ''): OptionType =>
  type(
    `a whole number ${least === 1 ? 'above 0' : `from ${least}`}${what && `: ${what}`}`,
    (value) => Number.isSafeInteger(value) && (value as number) >= least,
  )

/** One of a closed list; the only type for what becomes SQL. */
export const oneOf = (...values: readonly (string | number | boolean)[]): OptionType => {
  const all: ReadonlySet<unknown> = new Set(values)
  const shown = values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value)))
  const last = shown.pop()
  return type(shown.length === 0 ? String(last) : `${shown.join(', ')} or ${last}`, (value) => all.has(value))
}

/** One type or another. */
export const either = (...types: readonly OptionType[]): OptionType =>
  type(types.map(({ wants }) => wants).join(', or '), (value) => types.some((each) => each.accepts(value)))
