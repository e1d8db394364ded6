import { afterAll, beforeAll } from 'vitest'
import type { AdapterOptions, Connected } from '../../src/adapters/adapter.js'
import { connectPostgres } from '../../src/adapters/pg.js'
import type { Connection } from '../../src/driver/driver.js'
import { adapterOptions, own, statement } from './postgres-cases.js'

/** Whether the tests of a PostgreSQL server are asked for. */
export const tested = (process.env.CORM_TEST_DATABASES ?? 'pglite').split(',').includes('postgres')
const server = process.env.CORM_TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'
export const database = `corm_pgdriver_${process.pid}`

export function urlOf(name: string, change: (url: URL) => void = () => undefined): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  change(url)
  return url.href
}
export const url = urlOf(database)

export const connect = (over: Partial<AdapterOptions> = {}, address = url) =>
  connectPostgres(adapterOptions(address, over))

export async function using(
  over: Partial<AdapterOptions>,
  work: (connected: Connected) => Promise<void>,
  address = url,
): Promise<void> {
  const connected = await connect(over, address)
  try {
    await work(connected)
  } finally {
    await connected.driver.close()
  }
}

/** Connections of the test: `admin` to the server, `connected` to a database of its own. */
export const at = {} as { admin: Connected; connected: Connected }

export function useServer(): void {
  beforeAll(async () => {
    at.admin = await connectPostgres(adapterOptions(server, { max: 2 }))
    await at.admin.driver.run(own(`drop database if exists ${database}`))
    await at.admin.driver.run(own(`create database ${database}`))
    at.connected = await connect()
  })
  afterAll(async () => {
    await at.connected.driver.close()
    await at.admin.driver.run(own(`drop database ${database} with (force)`))
    await at.admin.driver.close()
  })
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

export const failure = (work: unknown) =>
  Promise.resolve(work).then(
    () => null,
    (error: unknown) => error as Error & { code: string },
  )

async function count(condition: string): Promise<number> {
  const sql = `select count(*)::int from pg_stat_activity where datname = $1 and ${condition}`
  const { rows } = await at.admin.driver.run(statement(sql, [database]))
  return rows[0]?.[0] as number
}

export const backends = () => count('true')
export const sleepers = () => count("state = 'active' and query like 'select pg_sleep%'")
export const openTransactions = () => count("state like 'idle in transaction%'")

export const pidOf = async (connection: Pick<Connection, 'run'>) =>
  (await connection.run(statement('select pg_backend_pid()'))).rows[0]?.[0] as number
export const kill = (...pids: number[]) =>
  at.admin.driver.run(statement('select pg_terminate_backend(pid) from unnest($1::int[]) as pids (pid)', [`{${pids}}`]))
