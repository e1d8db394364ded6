import { UsageError } from '../errors.js'
import { promised } from './maybe-promise.js'

/** The most arguments of each call, by name. */
export type ArgumentCounts = Readonly<Record<string, number>>

const COUNTS = ['no argument', 'one argument', 'two arguments', 'three arguments', 'four arguments']

/** What else is meant by more arguments than a call takes, by name. */
const ADVICE: Readonly<Record<string, string>> = {
  pluck: ' valuesList() reads several fields.',
  orderBy: " Give several orders as a list: orderBy(['name', '-age']).",
  distinct: ' Name what is read with select(), before distinct().',
  count: ' fn.count() in aggregate() counts the values of a field.',
  first: ' find() takes a key, and where() conditions.',
  delete: ' Say which rows with where() or whereKey() before it.',
  limit: ' offset() says how many rows come before.',
  groupConcat: ' aggregate({ all: fn.groupConcat(…) }) takes options.',
}

type Method = (...args: unknown[]) => unknown

/**
 * Refuses arguments beyond those that a call takes: one that is dropped without a word is a mistake that nobody sees.
 * Calls that give promises give a rejected one.
 */
export function limitArguments(holder: object, sync: ArgumentCounts, async: ArgumentCounts = {}): void {
  for (const [name, most] of Object.entries(sync)) limit(holder, name, most, false)
  for (const [name, most] of Object.entries(async)) limit(holder, name, most, true)
}

function limit(holder: object, name: string, most: number, async: boolean): void {
  const descriptor = Object.getOwnPropertyDescriptor(holder, name)
  if (typeof descriptor?.value !== 'function') throw new TypeError(`there is no method "${name}" to limit`)
  const method = descriptor.value as Method
  const limited = {
    [name](this: unknown): unknown {
      // biome-ignore lint/complexity/noArguments: a list of all arguments would be made for each call
      const given = arguments
      if (given.length > most && hasMore(given, most)) return refused(name, most, async)
      return method.apply(this, given as unknown as unknown[])
    },
  }[name]
  Object.defineProperty(holder, name, { ...descriptor, value: limited })
}

/** What is handed on as undefined was not given. */
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
