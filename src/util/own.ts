/**
 * Copies the own properties of an options object into one without a prototype, so that a polluted Object.prototype sets
 * no option.
 */
export function own<T extends object>(options: T | undefined): T {
  const bare: T = Object.create(null)
  return Object.assign(bare, options)
}

/** Creates a proxy with only the traps of `handler`, because the language also looks for traps on Object.prototype. */
export const proxyOf = <T extends object>(target: T, handler: ProxyHandler<T>): T => new Proxy(target, own(handler))

/** The members that the language gives every object, read before anything can change Object.prototype. */
const OF_ALL: ReadonlySet<PropertyKey> = new Set(Reflect.ownKeys(Object.prototype))

/** Like `name in value`, but ignores what other packages have added to Object.prototype. */
export function hasMember(value: object, name: PropertyKey): boolean {
  for (let level: object | null = value; level !== null; level = Object.getPrototypeOf(level)) {
    if (level === Object.prototype) return OF_ALL.has(name)
    if (Object.hasOwn(level, name)) return true
  }
  return false
}

/** Picks own properties of a foreign object, such as an error of a driver. */
export function picked<T extends object, K extends keyof T & string>(value: T, ...names: K[]): Pick<Partial<T>, K> {
  const found: Partial<T> = Object.create(null)
  for (const name of names) if (Object.hasOwn(value, name)) found[name] = value[name]
  return found
}

/** Accepts objects of any realm, because under jest structuredClone returns objects with another Object.prototype. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  try {
    const prototype: object | null = Object.getPrototypeOf(value)
    if (prototype === Object.prototype || prototype === null) return true
    return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty')
  } catch {
    // any look at a revoked proxy throws
    return false
  }
}
