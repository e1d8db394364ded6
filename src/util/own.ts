import { asRecord } from './record.js'

/** The own properties of an options object, which inherit nothing: a polluted Object.prototype sets no option. */
export function own<T extends object>(options: T | undefined): T {
  const bare: T = Object.create(null)
  return Object.assign(bare, options)
}

/** A proxy whose traps are those of `handler` only: the language looks for all of them on Object.prototype too. */
export const proxyOf = <T extends object>(target: T, handler: ProxyHandler<T>): T => new Proxy(target, own(handler))

/** What every object has by the language alone, however Object.prototype is changed later. */
const OF_ALL: ReadonlySet<PropertyKey> = new Set(Reflect.ownKeys(Object.prototype))

/** `name in value`, but for what another package has put on Object.prototype. */
export function hasMember(value: object, name: PropertyKey): boolean {
  for (let level: object | null = value; level !== null; level = Object.getPrototypeOf(level)) {
    if (level === Object.prototype) return OF_ALL.has(name)
    if (Object.hasOwn(level, name)) return true
  }
  return false
}

/** Some own properties of an object that somebody else has made: an error of a driver, say. */
export function picked<T extends object, K extends keyof T & string>(value: T, ...names: K[]): Pick<Partial<T>, K> {
  const found: Partial<T> = Object.create(null)
  for (const name of names) if (Object.hasOwn(value, name)) found[name] = value[name]
  return found
}

/** Whether an options object itself says so. */
export function isSet(options: object | undefined, name: string): boolean {
  return options !== undefined && Object.hasOwn(options, name) && asRecord(options)[name] === true
}

/** Of any realm: under jest, structuredClone gives objects with another Object.prototype. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  try {
    const prototype: object | null = Object.getPrototypeOf(value)
    if (prototype === Object.prototype || prototype === null) return true
    return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty')
  } catch {
    // a revoked proxy is nothing at all
    return false
  }
}
