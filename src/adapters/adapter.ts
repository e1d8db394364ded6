import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Dialect } from '../dialect/dialect.js'
import type { Driver } from '../driver/driver.js'
import { ConfigurationError, MissingDriverError } from '../errors.js'
import { codeOf, messageOf } from '../util/error-shape.js'

/** A driver with the dialect of the server it is connected to. */
export interface Connected {
  readonly driver: Driver
  readonly dialect: Dialect
}

/** What every adapter is given; the URL has been read already. */
export interface AdapterOptions {
  readonly url: string
  /** Connections kept open at least. */
  readonly min: number
  /** Connections at most. */
  readonly max: number
  /** Milliseconds to wait for a free connection. */
  readonly acquireTimeout: number
  /** Milliseconds to wait for a new connection. */
  readonly connectTimeout: number
  /** Milliseconds a statement may wait for a lock. */
  readonly lockTimeout: number
  /** Milliseconds a statement may run; 0: no limit. */
  readonly statementTimeout: number
  /** Options of the driver itself, for what a URL can't say (TLS certificates …). */
  readonly driver: Readonly<Record<string, unknown>>
}

export type Adapter = (options: AdapterOptions) => Promise<Connected>

/** The options of a URL, without the name of a type of Node's or the DOM's: an app may have neither. */
interface UrlOptions {
  get(name: string): string | null
}

/** Imports a driver package of the user's, or says how to install it. */
export async function importDriver<M>(name: string): Promise<M> {
  const found = await find<M>(name)
  if (found.module !== null) return found.module
  const { cause } = found
  throw new MissingDriverError(`The driver "${name}" is not installed. Run: npm install ${name}`, { cause })
}

/** Imports a package that adds something where it is installed; null: it is not. */
export async function importOptional<M>(name: string): Promise<M | null> {
  return (await find<M>(name)).module
}

/** A package of the user's; without one, what the import said. */
async function find<M>(name: string): Promise<{ readonly module: M | null; readonly cause: unknown }> {
  try {
    const module: M = await import(name)
    return { module, cause: null }
  } catch (cause) {
    if (!isMissing(cause, name)) throw cause
    // a linked checkout of corm has its drivers in the program's folder, not in its own
    try {
      const path = createRequire(`${process.cwd()}/package.json`).resolve(name)
      const module: M = await import(path)
      return { module, cause: null }
    } catch {
      return { module: null, cause }
    }
  }
}

/** A driver in CommonJS: what it exports is the default of its module. */
export const exportsOf = <M extends object>(module: M & { readonly default?: M }): M => module.default ?? module

const isMissing = (error: unknown, name: string): boolean =>
  ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(codeOf(error)) && messageOf(error).includes(name)

/** The content of a file that an option of a database URL names (a certificate). */
export function fileOption(options: UrlOptions, name: string, database: string): string | undefined {
  const path = options.get(name)
  // the certificates that Node has are taken anyway
  if (path === null || (name === 'sslrootcert' && path === 'system')) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new ConfigurationError(`The file of "${name}" in the ${database} URL can't be read.`)
  }
}

/** Undoes percent-encoding. */
export function decodeUrlPart(part: string, database: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new ConfigurationError(`The ${database} URL has a "%" that starts no code. Write it as %25.`)
  }
}

/** `connect_timeout` in seconds; 0 is what was configured. */
export function secondsOf(options: UrlOptions, database: string): { connectTimeout?: number } {
  const seconds = options.get('connect_timeout')
  if (seconds === null) return {}
  if (!/^\d{1,6}$/.test(seconds))
    throw new ConfigurationError(`"connect_timeout" of the ${database} URL must be a number of seconds.`)
  return Number(seconds) === 0 ? {} : { connectTimeout: Number(seconds) * 1000 }
}

/** To drivers, an option that is undefined differs from one that is not there. */
export function withoutUndefined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const given: readonly (readonly unknown[])[] = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given)
}
