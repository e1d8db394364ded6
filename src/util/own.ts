/** The own properties of an options object, with nothing behind them: a polluted Object.prototype sets no option. */
export function own<T extends object>(options: T | undefined): T {
  return Object.assign(Object.create(null) as T, options)
}

/** A proxy whose traps are those of `handler` only: the language looks for all of them on Object.prototype too. */
export const proxyOf = <T extends object>(target: T, handler: ProxyHandler<T>): T => new Proxy(target, own(handler))

/** Whether an options object itself says so. */
export function isSet(options: object | undefined, name: string): boolean {
  return options !== undefined && Object.hasOwn(options, name) && (options as Record<string, unknown>)[name] === true
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  try {
    const prototype = Object.getPrototypeOf(value) as unknown
    return prototype === Object.prototype || prototype === null
  } catch {
    // a revoked proxy is nothing at all
    return false
  }
}
