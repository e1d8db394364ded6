import { mapMysqlError } from '../../dialect/mysql/errors.js'
import { atLeast, collationOf, type MysqlServer } from '../../dialect/mysql/server.js'
import type { QueryResult } from '../../driver/driver.js'
import { ConfigurationError, ConnectionError } from '../../errors.js'
import { own } from '../../util/own.js'
import { isRecord } from '../../util/record.js'
import type { AdapterOptions } from '../adapter.js'
import type { MysqlClient, MysqlModule } from './client.js'
import { SERVER_IDENTITY, sendKill } from './kill.js'
import { MysqlSession } from './session.js'
import type { MysqlTarget } from './url.js'

/** How many statements a connection keeps prepared. The server's limit of 16,382 is for all connections together. */
const STATEMENTS = 250

const MODES = [
  'STRICT_TRANS_TABLES',
  'STRICT_ALL_TABLES',
  'NO_ZERO_DATE',
  'NO_ZERO_IN_DATE',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'NO_ENGINE_SUBSTITUTION',
  // an id of 0 is stored as 0 instead of a generated number
  'NO_AUTO_VALUE_ON_ZERO',
]

/** The first version with the collation utf8mb4_0900_bin. */
const OLDEST_MYSQL: [number, number, number] = [8, 0, 17]
/** The first version that allows a unique key over long texts. */
const OLDEST_MARIADB: [number, number, number] = [10, 4, 0]

/** The options that all connections of a pool share. */
export interface OpenOptions {
  readonly module: MysqlModule
  readonly target: MysqlTarget
  readonly options: AdapterOptions
}

/** Opens a connection and sets up its session. `server` is null for the first connection, which reads the version. */
export async function openSession(open: OpenOptions, server: MysqlServer | null): Promise<[MysqlSession, MysqlServer]> {
  const { connectTimeout, statementTimeout } = open.options
  let session: MysqlSession | undefined
  const deadline = setTimeout(
    () =>
      session?.destroy(
        new ConnectionError(
          `The server did not answer within ${connectTimeout} ms. Check the host and the port of the URL.`,
        ),
      ),
    connectTimeout,
  )
  try {
    const kill = (id: number, server: string) => sendKill(() => connect(open), id, server)
    session = new MysqlSession(await connect(open), { module: open.module, statementTimeout, kill })
    const known = server ?? (await readServer(session))
    await setUp(session, known, open.options)
    return [session, known]
  } catch (error) {
    session?.destroy()
    if (error instanceof ConfigurationError) throw error
    const { host = 'localhost', port = 3306, user = '', socketPath } = own(open.target)
    const mapped = mapMysqlError(error)
    throw new ConnectionError(
      `No connection to the database at ${socketPath ?? `${host}:${port}`} as "${user}": ${mapped.message}`,
      { cause: mapped.cause },
    )
  } finally {
    clearTimeout(deadline)
  }
}

function connect({ module, target: { ...given }, options }: OpenOptions): Promise<MysqlClient> {
  const target = own(given)
  return new Promise((resolve, reject) => {
    const config = own({
      ...options.driver,
      ...target,
      ...(typeof target.ssl !== 'object'
        ? {}
        : { ssl: { ...(isRecord(options.driver.ssl) ? options.driver.ssl : {}), ...target.ssl } }),
      connectTimeout: options.connectTimeout,
      charset: 'utf8mb4_bin',
      timezone: 'Z',
      supportBigNumbers: true,
      bigNumberStrings: false,
      dateStrings: ['DATE'],
      jsonStrings: true,
      rowsAsArray: true,
      maxPreparedStatements: STATEMENTS,
      multipleStatements: false,
      keepAliveInitialDelay: 10_000,
      // without FOUND_ROWS the server reports changed rows separately from matched ones
      flags: ['-FOUND_ROWS', '-LOCAL_FILES'],
    })
    const client = module.createConnection(config)
    client.on('error', reject)
    client.on('connect', () => resolve(client))
  })
}

async function one(session: MysqlSession, sql: string): Promise<readonly unknown[]> {
  const { rows }: QueryResult = await session.control(sql)
  return rows[0] ?? []
}

/** `10.11.6-MariaDB-…`, `8.0.36`, `8.0.mysql_aurora.3.04.0`. */
async function readServer(session: MysqlSession): Promise<MysqlServer> {
  const [version, comment, step] = await one(session, 'select version(), @@version_comment, @@auto_increment_increment')
  const text = String(version)
  const [, major = '8', minor = '0', patch = '0'] = /^(?:5\.5\.5-)?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text) ?? []
  const mariadb = /mariadb/i.test(`${text} ${comment}`)
  const found: MysqlServer = {
    mariadb,
    version: [Number(major), Number(minor), Number(patch)],
    autoIncrementStep: Number(step),
  }
  if (!atLeast(found, ...(mariadb ? OLDEST_MARIADB : OLDEST_MYSQL)))
    throw new ConfigurationError(
      `corm needs MySQL ${OLDEST_MYSQL.join('.')} or MariaDB 10.4, and the server is ${text}. Use a newer server.`,
    )
  return found
}

const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000))

/** Sets the session up in one statement and reads the settings back, because a proxy may drop some. */
async function setUp(session: MysqlSession, server: MysqlServer, options: AdapterOptions): Promise<void> {
  const { lockTimeout, statementTimeout } = options
  // by default MariaDB assigns from left to right; the mode makes it follow the standard
  const modes = [...MODES, server.mariadb ? 'SIMULTANEOUS_ASSIGNMENT' : 'ONLY_FULL_GROUP_BY']
  const settings = [
    `session sql_mode = '${modes.join(',')}'`,
    "session time_zone = '+00:00'",
    'session autocommit = 1',
    'session foreign_key_checks = 1',
    'session unique_checks = 1',
    // the server would silently cut a longer text
    'session group_concat_max_len = 1073741824',
    // corm recognizes some errors by their English messages
    "session lc_messages = 'en_US'",
    `session innodb_lock_wait_timeout = ${seconds(lockTimeout)}`,
    `session lock_wait_timeout = ${seconds(lockTimeout)}`,
    "session session_track_system_variables = '*'",
    'session session_track_schema = 1',
    'session session_track_state_change = 1',
  ]
  if (statementTimeout > 0) {
    const limit = Math.ceil(statementTimeout)
    settings.push(
      server.mariadb ? `session max_statement_time = ${limit / 1000}` : `session max_execution_time = ${limit}`,
    )
  }
  // the server may be configured with another default
  const isolation = hasNewNames(server) ? 'transaction_isolation' : 'tx_isolation'
  const readOnly = hasNewNames(server) ? 'transaction_read_only' : 'tx_read_only'
  settings.push(`session ${isolation} = '${ISOLATION}'`, `session ${readOnly} = 0`)
  const collation = collationOf(server)
  await session.control(`set names utf8mb4 collate ${collation}, ${settings.join(', ')}`)
  await verify(session, { collation, modes, isolation, readOnly })
}

/** The default of InnoDB. */
const ISOLATION = 'REPEATABLE-READ'

/** MariaDB adopted MySQL's names of the variables in 11.1. */
const hasNewNames = (server: MysqlServer) => !server.mariadb || atLeast(server, 11, 1, 1)

interface SessionDefaults {
  readonly collation: string
  readonly modes: readonly string[]
  /** The names of these variables differ between servers. */
  readonly isolation: string
  readonly readOnly: string
}

async function verify(session: MysqlSession, wanted: SessionDefaults): Promise<void> {
  const names = ['character_set_client', 'collation_connection', 'time_zone', 'autocommit', 'foreign_key_checks']
  const asked = [...names, 'sql_mode', wanted.isolation, wanted.readOnly].map((name) => `@@${name}`)
  const [charset, collation, zone, autocommit, keys, modes, isolation, readOnly, identity] = await one(
    session,
    `select ${asked.join(', ')}, ${SERVER_IDENTITY}`,
  )
  session.server = String(identity)
  const found = String(modes).split(',')
  const wrong = [
    charset === 'utf8mb4' ? '' : 'character_set_client',
    collation === wanted.collation ? '' : 'collation_connection',
    zone === '+00:00' ? '' : 'time_zone',
    Number(autocommit) === 1 ? '' : 'autocommit',
    Number(keys) === 1 ? '' : 'foreign_key_checks',
    isolation === ISOLATION ? '' : wanted.isolation,
    Number(readOnly) === 0 ? '' : wanted.readOnly,
    wanted.modes.every((mode) => found.includes(mode)) && !found.includes('NO_BACKSLASH_ESCAPES') ? '' : 'sql_mode',
  ].filter((name) => name !== '')
  if (wrong.length === 0) return
  throw new ConfigurationError(
    `The server did not take these settings of the session: ${wrong.join(', ')}. A proxy in front of it may hold them back: let it pass SET statements, or connect to the server itself.`,
  )
}
