import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Running {
  readonly process: ChildProcess
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>
  readonly errors: () => string
  readonly url: string
}

/** Starts the example as a process of its own, on SQLite in memory, and waits for the URL that it prints. */
async function start(folder: string): Promise<Running> {
  const { DATABASE_URL: _, ...env } = process.env
  const tsx = ['--import', 'tsx', join('examples', folder, 'main.ts')]
  const child = spawn(process.execPath, tsx, {
    cwd: root,
    env: { ...env, PORT: '0', TSX_TSCONFIG_PATH: 'examples/tsconfig.json' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const ended = new Promise<number | string | null>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? signal)),
  )
  const url = await new Promise<string>((resolve, reject) => {
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const [, port] = /^http:\/\/\S+:(\d+)$/m.exec(output) ?? []
      if (port !== undefined) resolve(`http://localhost:${port}`)
    })
    void ended.then((code) => reject(new Error(`${folder} ended with code ${code}:\n${output}\n${errors}`)))
  })
  return { process: child, ended, errors: () => errors, url }
}

const frameworks = { Fastify: 'fastify', Hono: 'hono', Express: 'express', NestJS: 'nestjs' }
// all at once: most of the time is their start
const running = new Map<string, Promise<Running>>()
beforeAll(() => {
  for (const folder of Object.values(frameworks)) running.set(folder, start(folder))
  return Promise.allSettled(running.values())
})
afterAll(async () => {
  for (const one of await Promise.allSettled(running.values()))
    if (one.status === 'fulfilled') one.value.process.kill('SIGKILL')
})

describe.each(Object.entries(frameworks))('the example of %s', (name, folder) => {
  let server: Running
  beforeAll(async () => {
    server = (await running.get(folder))!
  })

  async function request(method: 'GET' | 'POST', path: string, body?: string): Promise<[number, any]> {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(server.url + path, { method, ...(body !== undefined && { body, headers }) })
    return [response.status, await response.json().catch(() => null)]
  }

  const jane = { id: 1, name: 'Jane Austen', email: 'jane@example.org' }
  const emma = { id: 1, title: 'Emma', price: '9.90', stock: 2, authorId: 1, author: jane }

  it('lists books with their authors, in pages', async () => {
    const [status, page] = await request('GET', '/books?page=1')
    expect(status).toBe(200)
    expect(page).toMatchObject({ total: 2, number: 1, pages: 1, items: [emma, { title: 'Persuasion', author: jane }] })
    expect((await request('GET', '/books?page=-1'))[1].number).toBe(1)
    expect((await request('GET', '/books?page=2'))[1].items).toEqual([])
  })

  it('shows one book, and answers 404 where there is none', async () => {
    expect(await request('GET', '/books/1')).toEqual([200, emma])
    expect(await request('GET', '/books/99')).toEqual([404, { error: 'not found' }])
    expect((await request('GET', '/books/one'))[0]).toBe(name === 'NestJS' ? 400 : 422)
  })

  it('creates a book from a valid body', async () => {
    const body = JSON.stringify({ title: 'Lady Susan', price: 6.5, authorId: 1 })
    const created = { id: 3, title: 'Lady Susan', price: '6.50', stock: 0, authorId: 1 }
    expect(await request('POST', '/books', body)).toEqual([201, created])
  })

  it('refuses an invalid body with all its issues, and stores nothing', async () => {
    const [status, answer] = await request('POST', '/books', JSON.stringify({ title: '', price: 1, stock: 0.5 }))
    expect(status).toBe(422)
    expect(answer.issues.map((issue: { path: string }) => issue.path)).toEqual(['title', 'stock', 'authorId'])
    const orphan = JSON.stringify({ title: 'Nobody', price: 1, authorId: 99 })
    expect(await request('POST', '/books', orphan)).toEqual([409, { error: 'related row' }])
    expect((await request('POST', '/books', '{ not JSON'))[0]).toBe(400)
    expect((await request('GET', '/books'))[1].total).toBe(3)
  })

  it('sells each copy once, however many ask at the same time', async () => {
    const buyers = await Promise.all(Array.from({ length: 5 }, () => request('POST', '/books/1/sell')))
    const statuses = buyers.map(([status]) => status).sort()
    const ok = name === 'NestJS' ? 201 : 200
    expect(statuses).toEqual([ok, ok, 409, 409, 409])
    expect((await request('GET', '/books/1'))[1].stock).toBe(0)
  })

  it('ends by itself at SIGTERM', async () => {
    server.process.kill('SIGTERM')
    // NestJS sends itself the signal again when all is closed
    expect([await server.ended, server.errors()]).toEqual([name === 'NestJS' ? 'SIGTERM' : 0, ''])
  })
})
