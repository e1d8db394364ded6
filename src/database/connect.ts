import type { Adapter, Connected } from '../adapters/adapter.js'
import { ConfigurationError } from '../errors.js'

/** How to connect to a database, for what a URL alone can't say. */
export interface DatabaseConfig {
  /** The name for `Database.get` and the model option `database`. Default: `default`. */
  readonly name?: string
  readonly url: string
  readonly pool?: { readonly min?: number; readonly max?: number }
  /** Milliseconds to wait for a free connection. Default 30,000. */
  readonly acquireTimeout?: number
  /** Milliseconds to wait for a new connection. Default 10,000. */
  readonly connectTimeout?: number
  /** Milliseconds a statement waits for a lock. Default 10,000. */
  readonly lockTimeout?: number
  /** Milliseconds a statement may run. Default 0: no limit. */
  readonly statementTimeout?: number
  /** Options of the driver itself, for what the URL can't say. */
  readonly driver?: Readonly<Record<string, unknown>>
}

const KNOWN = ['name', 'url', 'pool', 'acquireTimeout', 'connectTimeout', 'lockTimeout', 'statementTimeout', 'driver']

/** Adapters by URL scheme; each brings its driver package only when it is used. */
const ADAPTERS: Readonly<Record<string, () => Promise<Adapter>>> = {
  sqlite: async () => (await import('../adapters/better-sqlite3.js')).connectSqlite,
  postgres: async () => (await import('../adapters/pg.js')).connectPostgres,
  postgresql: async () => (await import('../adapters/pg.js')).connectPostgres,
  pglite: async () => (await import('../adapters/pglite.js')).connectPglite,
  mysql: async () => (await import('../adapters/mysql2.js')).connectMysql,
  mariadb: async () => (await import('../adapters/mysql2.js')).connectMysql,
}

export function schemeOf(url: string): string {
  const scheme = /^([a-z][a-z0-9+]*):/i.exec(url)?.[1]?.toLowerCase() ?? ''
  if (Object.hasOwn(ADAPTERS, scheme)) return scheme
  throw new ConfigurationError(
    `The database URL starts with "${scheme}:", which is unknown. Known are sqlite::memory:, sqlite:///file.db, postgres://, mysql://, mariadb://, pglite::memory: and pglite://dir.`,
  )
}

export async function connectDriver(config: DatabaseConfig): Promise<Connected> {
  for (const name of Object.keys(config))
    if (!KNOWN.includes(name))
      throw new ConfigurationError(
        `Database.connect() does not know the option "${name}". It takes ${KNOWN.join(', ')}.`,
      )
  if (typeof config.url !== 'string')
    throw new ConfigurationError('Database.connect() needs a URL, like sqlite::memory: or postgres://user@host/name.')
  const adapter = await (ADAPTERS[schemeOf(config.url)] as () => Promise<Adapter>)()
  const { pool = {} } = config
  return adapter({
    url: config.url,
    min: count(config.url, 'min_size') ?? pool.min ?? 0,
    max: count(config.url, 'max_size') ?? pool.max ?? 10,
    acquireTimeout: config.acquireTimeout ?? 30_000,
    connectTimeout: config.connectTimeout ?? 10_000,
    lockTimeout: config.lockTimeout ?? 10_000,
    statementTimeout: config.statementTimeout ?? 0,
    driver: config.driver ?? {},
  })
}

function count(url: string, name: string): number | undefined {
  const text = new URLSearchParams(url.split('?')[1] ?? '').get(name)
  if (text === null) return undefined
  if (!/^\d{1,5}$/.test(text)) throw new ConfigurationError(`"${name}" in the database URL must be a number.`)
  return Number(text)
}
