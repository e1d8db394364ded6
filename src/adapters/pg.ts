import { createPostgresDialect } from '../dialect/postgres/index.js'
import { sessionSql } from '../dialect/postgres/session.js'
import { type AdapterOptions, type Connected, importDriver } from './adapter.js'
import { sendCancel } from './pg/cancel.js'
import type { PgClientClass, PgPoolClass } from './pg/client.js'
import { type LineClientClass, PgDriver } from './pg/driver.js'
import { type LineOptions, PgLine } from './pg/line.js'
import { type PgTarget, readPgUrl } from './pg/url.js'

/** `postgres://user:password@host:5432/database?min_size=5&max_size=20&sslmode=verify-full&application_name=shop`. */
export async function connectPostgres(options: AdapterOptions): Promise<Connected> {
  const { target, prepare, shared } = readPgUrl(options.url)
  const [pg, pool] = await Promise.all([importDriver('pg'), importDriver('pg-pool')])
  const { statementTimeout, connectTimeout } = options
  const Client = lineClient(defaultOf<{ Client: PgClientClass }>(pg).Client, clientConfig(target, options), () => line)
  const line: LineOptions = {
    prepare,
    statementTimeout,
    connectTimeout,
    sessionSql: sessionSql(options),
    schema: { version: 0 },
    cancel: (client) => sendCancel(new Client(), client),
  }
  const driver = new PgDriver({
    Client,
    Pool: defaultOf<PgPoolClass>(pool),
    place: `${target.host ?? 'localhost'}:${target.port ?? 5432}`,
    options,
    shared,
  })
  try {
    await driver.start()
  } catch (error) {
    await driver.close()
    throw error
  }
  return { driver, dialect: createPostgresDialect({ pipelining: true }) }
}

const defaultOf = <T>(module: Record<string, unknown>) => (module.default ?? module) as T

function clientConfig(target: PgTarget, options: AdapterOptions): object {
  return {
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...options.driver,
    ...target,
    connectionTimeoutMillis: options.connectTimeout,
    pipeline: true,
  }
}

/** The pool makes its clients with its own options: these ignore them. */
function lineClient(Client: PgClientClass, config: object, options: () => LineOptions): LineClientClass {
  return class extends Client {
    readonly line: PgLine
    constructor() {
      super(config)
      this.line = new PgLine(this, options())
    }
  }
}
