import { createHash } from 'node:crypto'
import { cp, readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { isMainThread, threadId } from 'node:worker_threads'
import { placeOf } from '../database/connect.js'
import { Database } from '../database/database.js'
import { ConfigurationError } from '../errors.js'
import { question, schemaStatement } from '../execution/statement.js'
import { codeOf } from '../util/error-shape.js'
import { own } from '../util/own.js'
import type { Contents } from './contents.js'

// Databases for one test file each. Their names say which process they belong to, so that those of a process that was killed
// are found and dropped later.

export interface TestDatabase {
  readonly url: string
  /** Whether the contents are there. */
  readonly hasTables: boolean
  drop(): Promise<void>
}

/** With contents, it is an empty database for them, or has them; without, it is a copy of the one that the URL names. */
export async function makeTestDatabase(url: string, contents: Contents | null): Promise<TestDatabase> {
  const place = placeOf(url)
  if (place.kind === 'memory') return { url, hasTables: false, drop: async () => {} }
  return place.kind === 'path' ? inFolder(contents === null, place) : onServer(url, contents, place.maintenance)
}

/**
 * Drops the databases that `useTestDatabase` has left: those of runs that were killed, and the templates of this run. Call it when the
 * run has ended, in the global teardown of the test runner. `url` is the one of the tests.
 *
 *     export const teardown = () => dropTestDatabases('postgres://postgres@localhost/app_test')
 */
export async function dropTestDatabases(url: string): Promise<void> {
  const place = placeOf(url)
  if (place.kind === 'memory') return
  if (place.kind === 'path') return removeLeftOvers(place.path)
  const { base, connect } = serverOf(url, place.maintenance)
  await using server = await connect()
  await drop(server, (name) => isLeftOver(name, base) || isTemplateOfRun(name, base))
}

let made = 0
/** Of this machine: the server may have databases of another one. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 6)
const suffixOf = (process: number, rest: string) => `corm_${HOST}_${process}_${rest}`
const SUFFIX = /_corm_([0-9a-f]{6})_(\d+)_(\w+)$/
const ownSuffix = () => suffixOf(process.pid, `${isMainThread ? 0 : threadId}_${++made}`)

/** Whether this is the name of a database of a process of this machine that has ended. */
function isLeftOver(name: string, base: string): boolean {
  const [, host, id] = SUFFIX.exec(name) ?? []
  return host === HOST && name.replace(SUFFIX, '') === base && !isRunning(Number(id))
}

/** Whether this is the name of a template of the run that this process belongs to, or has started. */
function isTemplateOfRun(name: string, base: string): boolean {
  const [, host, id, rest = ''] = SUFFIX.exec(name) ?? []
  const isOwn = Number(id) === process.pid || Number(id) === runner()
  return host === HOST && isOwn && rest.startsWith('t') && name.replace(SUFFIX, '') === base
}

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0)
    return true
  } catch (error) {
    return codeOf(error) !== 'ESRCH'
  }
}

async function removeLeftOvers(path: string): Promise<void> {
  const [folder, base] = [dirname(path), basename(path)]
  for (const name of await readdir(folder).catch(() => []))
    if (isLeftOver(name.replace(/-(wal|shm)$/, ''), base)) await remove(join(folder, name))
}

async function inFolder(isCopy: boolean, { prefix, path }: { prefix: string; path: string }): Promise<TestDatabase> {
  await removeLeftOvers(path)
  const target = join(dirname(path), `${basename(path)}_${ownSuffix()}`)
  if (isCopy)
    for (const part of ['', '-wal']) {
      const isOptional = part !== ''
      await cp(path + part, target + part, { recursive: true }).catch((cause) => {
        if (isOptional && codeOf(cause) === 'ENOENT') return
        throw new ConfigurationError(
          `useTestDatabase() can't copy the database that its URL names. Create it first, or give the option models or migrations.`,
          { cause },
        )
      })
    }
  return {
    url: prefix + target.split('/').map(encodeURIComponent).join('/'),
    hasTables: false,
    drop: async () => {
      for (const part of ['', '-wal', '-shm']) await remove(target + part)
    },
  }
}

const remove = (path: string) => rm(path, { recursive: true, force: true })

/** The server of a URL, where `base` is how the names of its test databases begin. */
function serverOf(given: string, maintenance: string) {
  const url = new URL(given)
  const database = decodeURIComponent(url.pathname.slice(1))
  const base = (database || 'test').slice(0, 30)
  const at = (name: string) => {
    const copy = new URL(url)
    copy.pathname = `/${encodeURIComponent(name)}`
    return copy.href
  }
  const connect = () => Database.connect({ name: `server ${++connections}`, url: at(maintenance), pool: { max: 1 } })
  return { database, base, at, connect }
}

async function onServer(url: string, contents: Contents | null, maintenance: string): Promise<TestDatabase> {
  const { database, base, at, connect } = serverOf(url, maintenance)
  await using server = await connect()
  await drop(server, (name) => isLeftOver(name, base))
  const name = `${base}_${ownSuffix()}`
  const original = contents === null ? originalOf(server, database) : await templateOf(server, contents, { base, at })
  await create(server, name, original)
  return {
    url: at(name),
    hasTables: original !== null,
    drop: async () => {
      await using again = await connect()
      await run(again, again.dialect.databases?.drop(name))
    },
  }
}

let connections = 0

/** The database to copy. */
function originalOf(server: Database, database: string): string {
  if (server.dialect.databases?.copying != null && database !== '') return database
  throw new ConfigurationError(
    'useTestDatabase() needs the option models or migrations here. Without it, the tests get a copy of the database that the URL names; this URL names none, or its server cannot copy a database.',
  )
}

interface DatabaseNames {
  readonly base: string
  at(name: string): string
}

/** A database with the contents, made once for all workers; null where the server can't copy it. */
async function templateOf(server: Database, contents: Contents, { base, at }: DatabaseNames): Promise<string | null> {
  const copying = server.dialect.databases?.copying ?? null
  if (copying === null) return null
  const hash = createHash('sha256').update(contents.textFor(server)).digest('hex').slice(0, 12)
  const name = `${base}_${suffixOf(runner(), `t${hash}`)}`
  if (await isThere(server, name)) return name
  // filled under another name, since other processes look for this one
  const draft = `${base}_${ownSuffix()}`
  await create(server, draft, null)
  try {
    await using filled = await Database.connect({ name: `template ${++connections}`, url: at(draft) })
    await contents.fill(filled)
  } catch (error) {
    await run(server, server.dialect.databases?.drop(draft))
    throw error
  }
  await run(server, copying.rename(draft, name)).catch(async (error: unknown) => {
    await run(server, server.dialect.databases?.drop(draft))
    if (!(await isThere(server, name))) throw error
  })
  return name
}

/** The process that has started this one, if it is one of several workers. */
function runner(): number {
  const isWorker = isMainThread && (process.send !== undefined || own(process.env).NODE_TEST_CONTEXT !== undefined)
  return isWorker ? process.ppid : process.pid
}

async function drop(server: Database, isUnused: (name: string) => boolean): Promise<void> {
  // another process may be dropping it
  for (const name of await namesOn(server))
    if (isUnused(name)) await run(server, server.dialect.databases?.drop(name)).catch(() => undefined)
}

async function namesOn(server: Database): Promise<string[]> {
  const { databases } = server.dialect
  if (databases === null) return []
  const { rows } = await server.run(question(databases.list))
  return rows.map(([name]) => String(name))
}

const isThere = async (server: Database, name: string) => (await namesOn(server)).includes(name)

function create(server: Database, name: string, original: string | null): Promise<void> {
  const { databases } = server.dialect
  return run(server, original === null ? databases?.create(name) : databases?.copying?.create(name, original))
}

async function run(server: Database, sql: string | undefined): Promise<void> {
  if (sql !== undefined) await server.run(schemaStatement(sql))
}
