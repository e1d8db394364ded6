import { type CormError, quoted, UsageError } from '../errors.js'
import { nearest } from './names.js'
import { isWhole } from './number.js'
import { emptyRecord, isRecord } from './record.js'

// Every options object of the public API is read here. Only own properties count, and each must be in a table of known
// options.

/** The type of an option. */
export interface OptionType<T = unknown> {
  /** A description that follows "must be" in messages. */
  readonly wants: string
  accepts(value: unknown): value is T
}

export type OptionTypes = Readonly<Record<string, OptionType>>

/** The types of options by name. */
export type TypesOf<T> = { readonly [K in keyof T]-?: OptionType<Exclude<T[K], undefined>> }

/** Reads the options of one call. Without options it costs nothing. */
export type OptionsReader<T> = (given: unknown, call?: string) => Readonly<Partial<T>>

type RefusalClass = new (message: string) => CormError

const NONE: Readonly<Record<string, unknown>> = Object.freeze(emptyRecord())

/**
 * Creates a reader for the options of a call like `save()`. It refuses unknown options and wrong types, and lists the
 * known options.
 */
export function optionReader<T extends object>(
  call: string,
  types: TypesOf<T>,
  Refused: RefusalClass = UsageError,
): OptionsReader<T> {
  const known = new Map<string, OptionType>(Object.entries(types))
  // `readOptions` has checked each option against its type
  return (given, name = call) =>
    (given === undefined ? NONE : readOptions(name, known, given, Refused)) as Readonly<Partial<T>>
}

function readOptions(
  call: string,
  known: ReadonlyMap<string, OptionType>,
  given: unknown,
  Refused: RefusalClass,
): Record<string, unknown> {
  const names = [...known.keys()].join(', ')
  const read = emptyRecord()
  for (const [name, value] of ownEntries(
    given,
    () => new Refused(`${call} takes its options as an object: ${names}.`),
  )) {
    const type = known.get(name)
    if (type === undefined)
      throw new Refused(`${call} has no option ${quoted(name)}.${near(name, known)} It takes ${names}.`)
    if (value === undefined) continue
    if (!type.accepts(value)) throw new Refused(`The option ${quoted(name)} of ${inside(call)} must be ${type.wants}.`)
    read[name] = value
  }
  return read
}

/** The words for a call inside a sentence: they may begin one. */
const inside = (call: string): string => call.replace(/^(The|A|An) /, (word) => word.toLowerCase())

function near(name: string, known: ReadonlyMap<string, unknown>): string {
  const found = nearest(name, known.keys())
  return found === undefined ? '' : ` Did you mean "${found}"?`
}

/** The own properties of a plain object. An unreadable object (a revoked proxy, a getter that throws) is refused. */
export function ownEntries(given: unknown, refused: () => CormError): [string, unknown][] {
  try {
    if (isPlain(given)) return Object.entries(given)
  } catch (cause) {
    throw Object.assign(refused(), { cause })
  }
  throw refused()
}

/** Accepts objects of any realm, because test runners may have another Object.prototype. */
function isPlain(given: unknown): given is object {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false
  const prototype: object | null = Object.getPrototypeOf(given)
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty'))
}

const type = <T>(wants: string, accepts: (value: unknown) => value is T): OptionType<T> => ({ wants, accepts })

export const flag = type('true or false', (value) => typeof value === 'boolean')
export const text = type('a text', (value): value is string => typeof value === 'string' && value !== '')
export const textOrNone = type('a text', (value) => typeof value === 'string')
export const object = type('an object', isRecord)
export const anything = type('any value', (value): value is unknown => true)
export const list = type('a list', (value): value is readonly unknown[] => Array.isArray(value))
export const nameList = type(
  'a list of names',
  (value): value is readonly string[] => Array.isArray(value) && value.every((each) => text.accepts(each)),
)
/** A non-empty text, or a list of them. */
export const names = type(
  'a name or a list of names',
  (value): value is string | readonly string[] => text.accepts(value) || (nameList.accepts(value) && value.length > 0),
)

/** A function of the user. Its parameters and result are only checked when it is called. */
export const callback = <F extends (...args: never[]) => unknown>(): OptionType<F> =>
  type('a function', (value): value is F => typeof value === 'function')

export const whole = (least: number, what = ''): OptionType<number> =>
  type(
    `a whole number ${least === 1 ? 'above 0' : `from ${least}`}${what && `: ${what}`}`,
    (value): value is number => isWhole(value) && value >= least,
  )

/** One of a fixed list of values. Options that become part of SQL must have this type. */
export const choiceOf = <const T extends readonly (string | number | boolean)[]>(
  ...values: T
): OptionType<T[number]> => {
  const all: ReadonlySet<unknown> = new Set(values)
  const shown = values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value)))
  const last = shown.pop()
  return type(shown.length === 0 ? String(last) : `${shown.join(', ')} or ${last}`, (value): value is T[number] =>
    all.has(value),
  )
}

/** One of several types. */
export const either = <T extends readonly unknown[]>(
  ...types: { readonly [K in keyof T]: OptionType<T[K]> }
): OptionType<T[number]> => {
  const each: readonly OptionType[] = types
  return type(each.map(({ wants }) => wants).join(', or '), (value): value is T[number] =>
    each.some((one) => one.accepts(value)),
  )
}
