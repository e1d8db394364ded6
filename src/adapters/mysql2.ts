import { createMysqlDialect } from '../dialect/mysql/index.js'
import { ConfigurationError } from '../errors.js'
import { type AdapterOptions, type Connected, importDriver } from './adapter.js'
import type { MysqlModule } from './mysql2/client.js'
import { type OpenOptions, openSession } from './mysql2/open.js'
import { MysqlPool } from './mysql2/pool.js'
import { readMysqlUrl } from './mysql2/url.js'

/** `mysql://user:password@host:3306/database`, `mariadb://…`: MySQL 8.0.17 or newer, MariaDB 10.4 or newer. */
export async function connectMysql(options: AdapterOptions): Promise<Connected> {
  const target = readMysqlUrl(options.url)
  const imported = await importDriver('mysql2')
  const open: OpenOptions = { module: (imported.default ?? imported) as MysqlModule, target, options }
  if (typeof open.module.createConnection !== 'function')
    throw new ConfigurationError('The installed "mysql2" is not one that corm knows. Run: npm install mysql2@latest')
  const [first, server] = await openSession(open, null)
  const { min, max, acquireTimeout } = options
  const pool = new MysqlPool(
    { min, max, acquireTimeout, open: () => openSession(open, server).then(([session]) => session) },
    first,
  )
  return { driver: pool, dialect: createMysqlDialect(server) }
}
