// Runs the example in Next.js itself. Next.js takes as much room as all the packages of the repository together, so it is none of
// its dependencies: the test installs it from the npm registry, next to the built corm, in a folder that it removes at its end.
import { execFile, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { builtPackage } from '../support/built.js'
import { root } from '../support/programs.js'

const app = mkdtempSync(join(tmpdir(), 'corm-nextjs-'))
const started: Running[] = []

/** The environment without what vitest sets: Next.js would take it for its own. */
function environment(database?: string): NodeJS.ProcessEnv {
  const { NODE_ENV: _, NODE_OPTIONS: __, DATABASE_URL: ___, ...env } = process.env
  for (const name of Object.keys(env)) if (name.startsWith('VITEST')) delete env[name]
  return { ...env, NEXT_TELEMETRY_DISABLED: '1', ...(database !== undefined && { DATABASE_URL: database }) }
}

/** Installs what the example names, in the lowest versions that it accepts: a new release of a package changes nothing here. */
async function install(): Promise<void> {
  const filter = (path: string) => !/[\\/](node_modules|\.next)$/.test(path)
  cpSync(join(root, 'examples/nextjs'), app, { recursive: true, filter })
  const text = readFileSync(join(app, 'package.json'), 'utf8').replaceAll('"^', '"')
  const manifest = JSON.parse(text) as { dependencies: Record<string, string> }
  manifest.dependencies.corm = `file:${await builtPackage()}`
  // compiled for this Node already
  delete manifest.dependencies['better-sqlite3']
  writeFileSync(join(app, 'package.json'), JSON.stringify(manifest))
  // a copy of corm, as from the registry, and no link to its folder
  const args = ['install', '--prefix', app, '--install-links', '--include=dev', '--ignore-scripts']
  args.push('--prefer-offline', '--fetch-retries=1', '--fetch-retry-mintimeout=2000', '--no-audit', '--no-fund')
  const options = { cwd: app, env: environment(), timeout: 180_000, shell: process.platform === 'win32' }
  try {
    await promisify(execFile)('npm', args, options)
  } catch (error) {
    throw new Error(
      "Next.js can't be installed. Check that the npm registry is reachable, or set CORM_TEST_LONG=0 to leave out the long tests.",
      { cause: error },
    )
  }
  symlinkSync(join(root, 'node_modules/better-sqlite3'), join(app, 'node_modules/better-sqlite3'), 'junction')
}

/** Ends Next.js and all processes that it has started when its own input ends, which it does however the test ends. */
const launcher = `
const child = require('node:child_process').spawn(process.execPath, process.argv.slice(1), { stdio: ['ignore', 'inherit', 'inherit'] })
child.on('close', (code) => process.exit(code ?? 1))
process.stdin.on('end', () => process.kill(0, 'SIGKILL')).resume()`

interface Running {
  readonly ended: Promise<number | null>
  /** What it has printed until now. */
  readonly output: () => string
  stop(): Promise<void>
}

function next(args: readonly string[], database?: string): Running {
  const command = ['--eval', launcher, join(app, 'node_modules/next/dist/bin/next'), ...args]
  const child = spawn(process.execPath, command, { cwd: app, env: environment(database), detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const stop = async () => {
    child.stdin.end()
    await ended
  }
  const running = { ended, output: () => output, stop }
  started.push(running)
  return running
}

/** Starts a server of Next.js on a free port, with a database in memory that only its process has. */
async function serve(command: 'start' | 'dev'): Promise<Running & { url: string }> {
  const server = next([command, '--port', '0'], 'sqlite::memory:')
  let over = false
  void server.ended.then(() => (over = true))
  const port = () => /http:\/\/localhost:(\d+)/.exec(server.output())?.[1]
  await expect.poll(() => over || port(), { timeout: 45_000 }).toBeTruthy()
  if (over) throw new Error(`next ${command} has ended:\n${server.output()}`)
  return { ...server, url: `http://localhost:${port()}` }
}

/** The status and the body of a response. */
async function request(url: string, body?: object): Promise<[number, any]> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) })
  const text = await response.text()
  return [
    response.status,
    response.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : text,
  ]
}

/** The lines that the page lists. React puts comments between the texts of a line. */
async function listed(url: string): Promise<string[]> {
  const [, html] = await request(url)
  return [...html.matchAll(/<li>(.*?)<\/li>/g)].map(([, line]) => line.replaceAll('<!-- -->', ''))
}

const emma = { id: 1, title: 'Emma', price: '9.90', authorId: 1, author: { id: 1, name: 'Jane Austen' } }
const persuasion = { title: 'Persuasion', price: '7.5', authorId: 1 }

beforeAll(install, 300_000)
afterAll(async () => {
  await Promise.all(started.map(({ stop }) => stop()))
  rmSync(app, { recursive: true, force: true, maxRetries: 3 })
})

it('builds without connecting, and serves pages and routes from one database', { timeout: 240_000 }, async () => {
  const build = next(['build'])
  expect([await build.ended, build.output()]).toEqual([0, expect.stringMatching(/ƒ \/\n.*ƒ \/api\/books/s)])
  expect(existsSync(join(app, 'dev.db'))).toBe(false)

  const { url, output, stop } = await serve('start')
  expect(await request(`${url}/api/books`)).toEqual([200, [emma]])
  expect(await request(`${url}/api/books`, persuasion)).toEqual([201, { id: 2, ...persuasion, price: '7.50' }])
  expect(await listed(url)).toEqual(['Emma, Jane Austen: 9.90', 'Persuasion, Jane Austen: 7.50'])
  // the route knows the class of the error, as there is one copy of corm
  const [status, { issues }] = await request(`${url}/api/books`, { title: '', price: '1', authorId: 1 })
  expect([status, issues]).toEqual([422, [expect.objectContaining({ path: 'title', code: 'length' })]])
  expect(output()).not.toMatch(/error|warn/i)
  await stop()
})

it('keeps its connection when files change while it runs', { timeout: 180_000 }, async () => {
  const { url, output, stop } = await serve('dev')
  expect(await request(`${url}/api/books`, persuasion)).toEqual([201, expect.objectContaining({ id: 2 })])
  expect((await listed(url)).length).toBe(2)

  const file = join(app, 'lib/models.ts')
  const text = readFileSync(file, 'utf8')
  for (const max of [3, 4, 5]) {
    writeFileSync(file, text.replace('max: 200', `max: ${max}`))
    const refused = async () => (await request(`${url}/api/books`, { ...persuasion, title: 'Too long' }))[1].issues?.[0]
    await expect.poll(refused, { timeout: 20_000 }).toMatchObject({ path: 'title', params: { max } })
    expect((await request(`${url}/api/books`))[1].map((book: { title: string }) => book.title).slice(0, 2)).toEqual([
      'Emma',
      'Persuasion',
    ])
    expect((await listed(url)).slice(0, 2)).toEqual(['Emma, Jane Austen: 9.90', 'Persuasion, Jane Austen: 7.50'])
  }
  expect(output()).not.toMatch(/error|warn/i)
  await stop()
})
