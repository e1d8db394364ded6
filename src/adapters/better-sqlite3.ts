import { sqliteDialectOf } from '../dialect/sqlite/index.js'
import { ConfigurationError, ConnectionError, CormError } from '../errors.js'
import { BoundedMap } from '../util/bounded-map.js'
import { messageOf } from '../util/error-shape.js'
import { own } from '../util/own.js'
import { type AdapterOptions, type Connected, decodeUrlPart, importDriver, importOptional } from './adapter.js'
import { isBusy, whenFree } from './better-sqlite3/busy.js'
import {
  SessionSettings,
  type SqliteConstructor,
  type SqliteDatabase,
  type SqliteExtension,
  type SqliteStatement,
  setUp,
} from './better-sqlite3/client.js'
import { SqliteDriver } from './better-sqlite3/driver.js'

const STATEMENTS = 500

/** `sqlite::memory:`, `sqlite:///relative.db`, `sqlite:////absolute.db`. */
export async function connectSqlite(options: AdapterOptions): Promise<Connected> {
  const file = fileOf(String(options.url))
  const { default: Sqlite } = await importDriver<{ default: SqliteConstructor }>('better-sqlite3')
  const vectors = await importOptional<SqliteExtension>('sqlite-vec')
  const { lockTimeout, acquireTimeout } = options
  const database = await open(Sqlite, file, { options: options.driver, lockTimeout })
  const [version] = database.prepare('select sqlite_version()').raw(true).get() ?? []
  const dialect = sqliteDialectOf(String(version), vectors !== null && loads(vectors, database))
  const shared = {
    database,
    statements: new BoundedMap<string, SqliteStatement>(STATEMENTS),
    settings: new SessionSettings(database, file),
    lockTimeout,
    misfits: new WeakMap(),
    fitting: new WeakSet(),
    lastUses: undefined,
  }
  return { driver: new SqliteDriver(shared, acquireTimeout), dialect }
}

/** The package of the extension exists for some platforms only, so loading it may fail. */
function loads(extension: SqliteExtension, database: SqliteDatabase): boolean {
  try {
    extension.load(database)
    return true
  } catch {
    return false
  }
}

interface Opening {
  readonly options: object
  readonly lockTimeout: number
}

/** SQLite reports a damaged file, or one that is not a database, only when it is first read. */
async function open(
  Sqlite: SqliteConstructor,
  file: string,
  { options, lockTimeout }: Opening,
): Promise<SqliteDatabase> {
  let database: SqliteDatabase | undefined
  try {
    // SQLite's own waiting would block the process, and it does not wait where two processes switch to WAL
    const opened = new Sqlite(file, own({ ...options, timeout: 0 }))
    database = opened
    const prepare = () => setUp(opened, file)
    try {
      prepare()
    } catch (error) {
      if (!isBusy(error)) throw error
      await whenFree(prepare, error, lockTimeout)
    }
    return opened
  } catch (cause) {
    database?.close()
    if (cause instanceof CormError) throw cause
    throw new ConnectionError(`The SQLite file "${file}" can't be opened: ${messageOf(cause)}.`, { cause })
  }
}

function fileOf(url: string): string {
  const rest = url.slice('sqlite:'.length)
  if (rest === ':memory:' || rest === '//:memory:' || rest === '') return ':memory:'
  if (rest.includes('?'))
    throw new ConfigurationError(
      'A SQLite URL takes no options: there is one connection, and limits are options of Database.connect(). Write a "?" that belongs to the name of the file as %3F.',
    )
  if (!rest.startsWith('///')) {
    throw new ConfigurationError(
      `"${url}" is not a SQLite URL. Write sqlite::memory:, sqlite:///relative.db or sqlite:////absolute.db.`,
    )
  }
  const path = decodeUrlPart(rest.slice(3), 'SQLite')
  return path.startsWith('/') ? path : `./${path}`
}
