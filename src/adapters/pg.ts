import { createPostgresDialect } from '../dialect/postgres/index.js'
import { sessionSql } from '../dialect/postgres/session.js'
import { messageOf } from '../util/error-shape.js'
import { type AdapterOptions, type Connected, exportsOf, importDriver } from './adapter.js'
import { sendCancel } from './pg/cancel.js'
import type { PgClient, PgClientClass } from './pg/client.js'
import { type LineClientClass, PgDriver } from './pg/driver.js'
import { type LineOptions, PgLine } from './pg/line.js'
import { Pace } from './pg/pace.js'
import { type PgTarget, readPgUrl } from './pg/url.js'

/** `postgres://user:password@host:5432/database?min_size=5&max_size=20&sslmode=verify-full&application_name=shop`. */
export async function connectPostgres(given: AdapterOptions): Promise<Connected> {
  const { target: wanted, prepare, shared, ...said } = readPgUrl(given.url)
  const options = { ...given, ...said }
  const pg = await importDriver<{ Client: PgClientClass }>('pg')
  const { statementTimeout, connectTimeout } = options
  const { Client: PgClient } = exportsOf(pg)
  const target = await withTls(wanted, (tried) => new PgClient(clientConfig(tried, options)))
  const Client = lineClient(PgClient, clientConfig(target, options), () => line)
  const line: LineOptions = {
    prepare,
    statementTimeout,
    connectTimeout,
    sessionSql: sessionSql(options),
    schema: { version: 0 },
    pace: new Pace(),
    cancel: (client) => sendCancel(new Client(), client),
  }
  const driver = new PgDriver({
    Client,
    pace: line.pace,
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

/** With `sslmode=prefer`, the first connection shows whether the server supports TLS. All others do the same. */
async function withTls(target: PgTarget, client: (target: PgTarget) => PgClient): Promise<PgTarget> {
  if (target.ssl !== 'prefer') return target
  const tried = { ...target, ssl: { rejectUnauthorized: false } }
  const first = client(tried)
  first.on('error', () => {})
  try {
    await first.connect()
  } catch (error) {
    if (/does not support SSL/i.test(messageOf(error))) return { ...target, ssl: false }
    // other errors are reported when the pool connects
    return tried
  }
  await first.end()
  return tried
}

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

/** Creates a client with its line. */
function lineClient(Client: PgClientClass, config: object, options: () => LineOptions): LineClientClass {
  return class extends Client {
    readonly line: PgLine
    constructor() {
      super(config)
      this.line = new PgLine(this, options())
    }
  }
}
