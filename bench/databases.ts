import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import type { Contender } from './contender.js'
import { CormSide } from './corm.js'
import type { Data } from './data.js'
import type { DatabaseKey } from './lines.js'
import type { Sides } from './measure.js'
import { RawMysql } from './raw-mysql.js'
import { RawPostgres } from './raw-postgres.js'
import { RawSqlite } from './raw-sqlite.js'

export interface Opened {
  readonly sides: Sides
  /** What was measured on, for people. */
  readonly version: string
  close(): Promise<void>
}

/** A server with statements of our own: databases are made before both sides connect, and dropped after. */
interface Server {
  readonly title: string
  readonly url: string
  run(sql: string): Promise<void>
  version(): Promise<string>
  end(): Promise<void>
}

interface PgClient {
  connect(): Promise<void>
  query(sql: string): Promise<{ rows: Record<string, string>[] }>
  end(): Promise<void>
}

const require = createRequire(import.meta.url)
const versionOf = (name: string) => `${name} ${(require(`${name}/package.json`) as { version: string }).version}`

/** Connects both sides, each to a database of its own with the same contents. */
export async function openSides(key: DatabaseKey, data: Data, file = false): Promise<Opened> {
  if (key === 'sqlite') return openSqlite(data, file)
  const server = key === 'postgres' ? await connectPostgres() : await connectMysql()
  const names = [`corm_bench_${process.pid}`, `corm_bench_${process.pid}_raw`] as const
  const open: Contender[] = []
  const close = once(async () => {
    await Promise.allSettled(open.map((side) => side.close()))
    for (const name of names) await server.run(`drop database if exists ${name}`)
    await server.end()
  })
  closeOnSignal(close)
  try {
    for (const name of names) await create(key, server, name)
    const [mine, theirs] = names.map((name) => urlOf(server.url, name)) as [string, string]
    const raw = key === 'postgres' ? new RawPostgres(theirs) : new RawMysql(theirs)
    open.push(raw)
    const corm = await CormSide.connect(mine)
    open.push(corm)
    await raw.setUp(data)
    await corm.setUp(data)
    return { sides: { corm, raw }, version: await server.version(), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openSqlite(data: Data, file: boolean): Promise<Opened> {
  const folder = file ? mkdtempSync(join(tmpdir(), 'corm-bench-')) : null
  const raw = new RawSqlite(folder === null ? ':memory:' : join(folder, 'raw.db'))
  const corm = await CormSide.connect(folder === null ? 'sqlite::memory:' : `sqlite:///${join(folder, 'corm.db')}`)
  const close = once(async () => {
    await corm.close()
    await raw.close()
    if (folder !== null) rmSync(folder, { recursive: true })
  })
  closeOnSignal(close)
  await raw.setUp(data)
  await corm.setUp(data)
  const version = `SQLite ${file ? 'in a file, WAL, synchronous full' : 'in memory'}, ${versionOf('better-sqlite3')}`
  return { sides: { corm, raw }, version, close }
}

async function create(key: DatabaseKey, server: Server, name: string): Promise<void> {
  await server.run(`create database ${name}`)
  // the disk is neither side's work
  if (key === 'postgres') await server.run(`alter database ${name} set synchronous_commit = off`)
}

async function connectPostgres(): Promise<Server> {
  const url = process.env.CORM_TEST_POSTGRES_URL || 'postgres://postgres@127.0.0.1:5432/postgres'
  const { Client } = require('pg') as { Client: new (options: object) => PgClient }
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1500 })
  await reach('PostgreSQL', url, () => client.connect())
  return {
    title: 'PostgreSQL',
    url,
    run: async (sql) => void (await client.query(sql)),
    version: async () => {
      const { rows } = await client.query('show server_version')
      return `PostgreSQL ${rows[0]?.server_version?.split(' ')[0]}, synchronous_commit off, ${versionOf('pg')}`
    },
    end: () => client.end(),
  }
}

async function connectMysql(): Promise<Server> {
  const url = process.env.CORM_TEST_MYSQL_URL || 'mysql://root@127.0.0.1:3306/'
  const connection = await reach('MariaDB/MySQL', url, () => createConnection({ uri: url, connectTimeout: 1500 }))
  return {
    title: 'MariaDB/MySQL',
    url,
    run: async (sql) => void (await connection.query(sql)),
    version: async () => {
      const [rows] = await connection.query<RowDataPacket[]>('select version() as version')
      const version = String(rows[0]?.version)
      const name = version.includes('MariaDB') ? 'MariaDB' : 'MySQL'
      return `${name} ${version.split('-')[0]}, ${versionOf('mysql2')}`
    },
    end: () => connection.end(),
  }
}

/** A server that is not there is no error: its lines are left out. */
export class NotReachable extends Error {}

async function reach<T>(title: string, url: string, connect: () => Promise<T>): Promise<T> {
  try {
    return await connect()
  } catch (cause) {
    throw new NotReachable(`${title}: not reachable at ${new URL(url).host}, its lines are left out.`, { cause })
  }
}

function urlOf(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= work())
}

function closeOnSignal(close: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      void close().finally(() => process.exit(130))
    })
}
