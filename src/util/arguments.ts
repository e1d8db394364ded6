import { UsageError } from '../errors.js'
import { promised, readableError } from './maybe-promise.js'
import { own } from './own.js'

/** The maximum number of arguments of each call, by name. */
export type ArgumentCounts = Readonly<Record<string, number>>

const COUNTS = ['no argument', 'one argument', 'two arguments', 'three arguments', 'four arguments']

/** Advice for calls with too many arguments, by name. */
const ADVICE: Readonly<Record<string, string>> = own({
  pluck: ' valuesList() reads several fields.',
  distinct: ' Name what is read with select(), before distinct().',
  count: ' fn.count() in aggregate() counts the values of a field.',
  first: ' find() takes a key, and where() conditions.',
  delete: ' Say which rows with where() or whereKey() before it.',
  limit: ' offset() says how many rows come before.',
  groupConcat: ' aggregate({ all: fn.groupConcat(…) }) takes options.',
})

type Method<T> = (this: unknown, ...args: unknown[]) => T

function methodOf<T>(holder: object, name: string): { method: Method<T>; descriptor: PropertyDescriptor } {
  const descriptor = Object.getOwnPropertyDescriptor(holder, name)
  if (typeof descriptor?.value !== 'function') throw new TypeError(`there is no method "${name}" to limit`)
  return { method: descriptor.value, descriptor }
}

/**
 * Refuses surplus arguments, because silently dropping one would hide a mistake. Calls that return promises return a
 * rejected one.
 */
export function limitArguments(holder: object, sync: ArgumentCounts, async: ArgumentCounts = {}): void {
  for (const [name, most] of Object.entries(sync)) limit(holder, name, most, false)
  for (const [name, most] of Object.entries(async)) limit(holder, name, most, true)
}

/** Methods of a class that differ from the others. */
interface Different {
  /** They take any number of arguments. */
  readonly lists?: readonly string[]
  /** They don't return promises; undefined: none of them does. */
  readonly sync?: readonly string[]
  /** They are left as they are. */
  readonly except?: readonly string[]
}

/** The same for all methods of a class: each takes as many arguments as it has parameters, which must have no defaults. */
export function limitMethods(holder: object, { lists = [], sync, except = [] }: Different): void {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
    if (typeof value !== 'function' || name === 'constructor' || except.includes(name)) continue
    const most = lists.includes(name) ? Number.POSITIVE_INFINITY : value.length
    limit(holder, name, most, sync !== undefined && !sync.includes(name))
  }
}

/** The same for calls that read their arguments only later. One more promise does not matter to them. */
export function limitLater(holder: object, calls: ArgumentCounts): void {
  for (const [name, most] of Object.entries(calls)) {
    limit(holder, name, most, true)
    const { method, descriptor } = methodOf<Promise<unknown>>(holder, name)
    const value = {
      [name](this: unknown, ...args: unknown[]): unknown {
        return method.apply(this, args).then(undefined, (error: unknown) => {
          throw readableError(error)
        })
      },
    }[name]
    Object.defineProperty(holder, name, { ...descriptor, value })
  }
}

function limit(holder: object, name: string, most: number, async: boolean): void {
  const { method, descriptor } = methodOf(holder, name)
  const limited = {
    [name](this: unknown): unknown {
      // biome-ignore lint/complexity/noArguments: a list of all arguments would be made for each call
      const given = arguments
      if (given.length > most && hasMore(given, most)) return refused(name, most, async)
      try {
        return Reflect.apply(method, this, given)
      } catch (error) {
        throw readableError(error)
      }
    },
  }[name]
  Object.defineProperty(holder, name, { ...descriptor, value: limited })
}

/** An argument that is passed on as undefined does not count. */
function hasMore(given: ArrayLike<unknown>, most: number): boolean {
  for (let i = most; i < given.length; i++) if (given[i] !== undefined) return true
  return false
}

function refused(name: string, most: number, async: boolean): Promise<never> {
  const refuse = () => {
    throw new UsageError(`${name}() takes ${COUNTS[most] ?? `${most} arguments`}.${ADVICE[name] ?? ''}`)
  }
  return async ? promised(refuse) : refuse()
}

/** Wraps a maker of fields or relations, so that an unreadable argument is reported as such. */
export function readable<A extends unknown[], R>(make: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    try {
      return make(...args)
    } catch (error) {
      throw readableError(error)
    }
  }
}

/** Checks that the argument of a call is a function. */
export function requireFunction(value: unknown, call: string, position = ''): void {
  if (typeof value !== 'function')
    throw new UsageError(
      `${call} takes a function${position && ` as its ${position} argument`}; this is ${kindOf(value)}.`,
    )
}

/** Checks that the argument of a call is a list. */
export function requireList(value: unknown, call: string, of: string): void {
  if (!Array.isArray(value)) throw new UsageError(`${call} takes a list of ${of}; this is ${kindOf(value)}.`)
}

const kindOf = (value: unknown) =>
  value === null ? 'null' : value === undefined ? 'undefined' : `of type ${typeof value}`
