import { readFileSync } from 'node:fs'
import type { Dialect } from '../dialect/dialect.js'
import type { Driver } from '../driver/driver.js'
import { ConfigurationError, ConnectionError, MissingDriverError } from '../errors.js'
import { findPackage } from '../util/optional-package.js'

/** A driver, and the dialect of the server that it is connected to. */
export interface Connected {
  readonly driver: Driver
  readonly dialect: Dialect
}

/** The options of an adapter, read from the configuration and the URL. */
export interface AdapterOptions {
  readonly url: string
  /** The minimum of open connections. */
  readonly min: number
  /** The maximum of connections. */
  readonly max: number
  /** How long to wait for a free connection, in milliseconds. */
  readonly acquireTimeout: number
  /** How long to wait for a new connection, in milliseconds. */
  readonly connectTimeout: number
  /** How long a statement may wait for a lock, in milliseconds. */
  readonly lockTimeout: number
  /** How long a statement may run, in milliseconds; 0 means no limit. */
  readonly statementTimeout: number
  /** Options of the driver that a URL can't express (TLS certificates, for example). */
  readonly driver: Readonly<Record<string, unknown>>
}

export type Adapter = (options: AdapterOptions) => Promise<Connected>

/** The query parameters of a URL. A type of Node's or the DOM's would require the app to have its declarations. */
interface UrlOptions {
  get(name: string): string | null
}

/** Imports a driver package, or throws an error that says how to install it. */
export async function importDriver<M>(name: string): Promise<M> {
  const found = await findPackage<M>(name)
  if (found.module !== null) return found.module
  const { cause } = found
  throw new MissingDriverError(`The driver "${name}" is not installed. Run: npm install ${name}`, { cause })
}

/** Imports an optional package; null if it is not installed. */
export async function importOptional<M>(name: string): Promise<M | null> {
  return (await findPackage<M>(name)).module
}

/** The exports of a CommonJS driver are the default export of its module. */
export const exportsOf = <M extends object>(module: M & { readonly default?: M }): M => module.default ?? module

/** The content of a file that an option of a database URL names (a certificate). */
export function fileOption(options: UrlOptions, name: string, database: string): string | undefined {
  const path = options.get(name)
  // Node's own certificates are used anyway
  if (path === null || (name === 'sslrootcert' && path === 'system')) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new ConfigurationError(
      `The file of "${name}" in the ${database} URL can't be read. Check the path and the permissions of the file.`,
    )
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

/** Reads `connect_timeout` in seconds; 0 means the configured value. */
export function secondsOf(options: UrlOptions, database: string): { connectTimeout?: number } {
  const seconds = options.get('connect_timeout')
  if (seconds === null) return {}
  if (!/^\d{1,6}$/.test(seconds))
    throw new ConfigurationError(`"connect_timeout" of the ${database} URL must be a number of seconds.`)
  return Number(seconds) === 0 ? {} : { connectTimeout: Number(seconds) * 1000 }
}

/** Drivers treat an undefined option differently from a missing one. */
export function withoutUndefined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const given: readonly (readonly unknown[])[] = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given)
}

/** The error of a connection that is used after the function that received it. */
export const released = () =>
  new ConnectionError('This connection was released. Use it only inside the function that received it.')
