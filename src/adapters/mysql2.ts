import { createMysqlDialect } from '../dialect/mysql/index.js'
import { ConfigurationError } from '../errors.js'
import { codeOf } from '../util/error-shape.js'
import { type AdapterOptions, type Connected, exportsOf, importDriver } from './adapter.js'
import type { MysqlModule } from './mysql2/client.js'
import { type OpenOptions, openSession } from './mysql2/open.js'
import { MysqlPool } from './mysql2/pool.js'
import { readMysqlUrl } from './mysql2/url.js'

/** `mysql://user:password@host:3306/database`, `mariadb://…`: MySQL 8.0.17 or newer, MariaDB 10.4 or newer. */
export async function connectMysql(given: AdapterOptions): Promise<Connected> {
  const { target, ...said } = readMysqlUrl(given.url)
  const options = { ...given, ...said }
  const module = exportsOf(await importDriver<MysqlModule>('mysql2'))
  const wanted: OpenOptions = { module, target, options }
  if (typeof wanted.module.createConnection !== 'function')
    throw new ConfigurationError('The installed "mysql2" is not one that corm knows. Run: npm install mysql2@latest')
  const [first, server, open] = await openFirst(wanted)
  const { min, max, acquireTimeout } = options
  const pool = new MysqlPool(
    { min, max, acquireTimeout, open: () => openSession(open, server).then(([session]) => session) },
    first,
  )
  return { driver: pool, dialect: createMysqlDialect(server) }
}

type First = readonly [...Awaited<ReturnType<typeof openSession>>, OpenOptions]

/** With `prefer`, the first connection shows whether the server supports TLS. All others do the same. */
async function openFirst(open: OpenOptions): Promise<First> {
  const { ssl, ...target } = open.target
  if (ssl !== 'prefer') return [...(await openSession(open, null)), open]
  const tried = { ...open, target: { ...target, ssl: { rejectUnauthorized: false } } }
  try {
    return [...(await openSession(tried, null)), tried]
  } catch (error) {
    if (!hasNoTls(error)) throw error
    const plain = { ...open, target }
    return [...(await openSession(plain, null)), plain]
  }
}

const hasNoTls = (error: unknown) => error instanceof Error && codeOf(error.cause) === 'HANDSHAKE_NO_SSL_SUPPORT'
