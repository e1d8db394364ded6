import { isDeepStrictEqual } from 'node:util'
import type { Adapter, Connected } from '../adapters/adapter.js'
import { ConfigurationError, quoted } from '../errors.js'
import { own } from '../util/own.js'
import { type DatabaseConfig, poolOptions } from './options.js'

export type { DatabaseConfig } from './options.js'

/** Adapters by URL scheme; each brings its driver package only when it is used. */
const ADAPTERS: Readonly<Record<string, () => Promise<Adapter>>> = own({
  sqlite: async () => (await import('../adapters/better-sqlite3.js')).connectSqlite,
  postgres: async () => (await import('../adapters/pg.js')).connectPostgres,
  postgresql: async () => (await import('../adapters/pg.js')).connectPostgres,
  pglite: async () => (await import('../adapters/pglite.js')).connectPglite,
  mysql: async () => (await import('../adapters/mysql2.js')).connectMysql,
  mariadb: async () => (await import('../adapters/mysql2.js')).connectMysql,
})

/** The adapter of a URL, by its scheme. */
function adapterOf(url: string): () => Promise<Adapter> {
  const scheme = /^([a-z][a-z0-9+]*):/i.exec(url)?.[1]?.toLowerCase() ?? ''
  const adapter = ADAPTERS[scheme]
  if (adapter !== undefined) return adapter
  throw new ConfigurationError(
    `The database URL starts with ${quoted(`${scheme}:`, 20)}, which is unknown. Known are sqlite::memory:, sqlite:///file.db, postgres://, mysql://, mariadb://, pglite::memory: and pglite://dir.`,
  )
}

/** The values that hold where an option is left out. */
const DEFAULTS = { acquireTimeout: 30_000, connectTimeout: 10_000, lockTimeout: 10_000, statementTimeout: 0 }

export const acquireTimeoutOf = (config: DatabaseConfig): number => config.acquireTimeout ?? DEFAULTS.acquireTimeout

/** Whether a database that was connected by `before` is what `wanted` asks for: options left out are as they are. */
export function isSameDatabase(before: DatabaseConfig, wanted: DatabaseConfig): boolean {
  const there: Record<string, unknown> = { ...DEFAULTS, ...before }
  return Object.entries(wanted).every(([name, value]) => {
    if (value === undefined || name === 'name') return true
    if (name === 'pool') return isDeepStrictEqual({ min: 0, max: 10, ...before.pool, ...wanted.pool }, poolOf(before))
    return isDeepStrictEqual(there[name], value)
  })
}

const poolOf = ({ pool }: DatabaseConfig) => ({ min: 0, max: 10, ...pool })

export async function connectDriver(config: DatabaseConfig): Promise<Connected> {
  if (typeof config.url !== 'string')
    throw new ConfigurationError('Database.connect() needs a URL, like sqlite::memory: or postgres://user@host/name.')
  const adapter = await adapterOf(config.url)()
  const pool = poolOptions(config.pool)
  return adapter({
    url: config.url,
    min: count(config.url, 'min_size') ?? pool.min ?? 0,
    max: count(config.url, 'max_size') ?? pool.max ?? 10,
    acquireTimeout: acquireTimeoutOf(config),
    connectTimeout: config.connectTimeout ?? DEFAULTS.connectTimeout,
    lockTimeout: config.lockTimeout ?? DEFAULTS.lockTimeout,
    statementTimeout: config.statementTimeout ?? DEFAULTS.statementTimeout,
    driver: config.driver ?? {},
  })
}

function count(url: string, name: string): number | undefined {
  const text = new URLSearchParams(url.split('?')[1] ?? '').get(name)
  if (text === null) return undefined
  if (!/^\d{1,5}$/.test(text)) throw new ConfigurationError(`"${name}" in the database URL must be a number.`)
  return Number(text)
}

/** A new database, which is gone when it is closed. */
export const IN_MEMORY = 'sqlite::memory:'

/** Where the database of a URL is: in memory, at a path, or on a server, with the database that is always there. */
export type DatabaseLocation =
  | { readonly kind: 'memory' }
  | { readonly kind: 'path'; readonly prefix: string; readonly path: string }
  | { readonly kind: 'server'; readonly maintenance: string }

export function placeOf(url: string): DatabaseLocation {
  adapterOf(url)
  if (/^\w+:((\/\/)?:memory:)?$/.test(url)) return { kind: 'memory' }
  const [, prefix, path] = /^(sqlite:\/\/\/|pglite:\/\/)(.+)$/i.exec(url) ?? []
  if (prefix !== undefined && path !== undefined) return { kind: 'path', prefix, path: decodeURIComponent(path) }
  return { kind: 'server', maintenance: /^postgres/i.test(url) ? 'postgres' : '' }
}

/** The error where a database is asked for by a name that none has. */
export function notConnected(name: string): ConfigurationError {
  return new ConfigurationError(
    name === 'default'
      ? 'No database is connected. Call await Database.connect(url) first, or set DATABASE_URL.'
      : `No database named ${quoted(name)} is connected. Call await Database.connect({ name: '${name.slice(0, 60)}', url }) first.`,
  )
}
