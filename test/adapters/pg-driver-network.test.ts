import { connect as connectSocket, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { database, failure, sleep, tested, url, urlOf, useServer, using } from './pg-server.js'
import { own, statement } from './postgres-cases.js'

/** A relay in front of the server that can swallow everything, as a network without a way back does. */
class BlackHole {
  stalled = false
  readonly #sockets = new Set<Socket>()
  readonly #server: Server = createServer((near) => this.#relay(near))

  listen(): Promise<number> {
    return new Promise((resolve) =>
      this.#server.listen(0, '127.0.0.1', () => resolve((this.#server.address() as { port: number }).port)),
    )
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  /** Connections that were there when the network went away stay dead. */
  recover(): void {
    this.stalled = false
    for (const socket of this.#sockets) socket.destroy()
  }

  #relay(near: Socket): void {
    const { hostname, port } = new URL(url)
    const far = connectSocket(Number(port || 5432), hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from)
      from.on('data', (bytes) => {
        if (!this.stalled) to.write(bytes)
      })
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
      from.on('error', () => to.destroy())
    }
  }
}

describe.skipIf(!tested)('pg, when the network swallows everything', () => {
  useServer()
  const hole = new BlackHole()
  let through: string
  beforeAll(async () => {
    const port = await hole.listen()
    through = urlOf(database, (address) => {
      address.hostname = '127.0.0.1'
      address.port = String(port)
    })
  })
  afterAll(() => hole.close())

  const limits = { max: 4, statementTimeout: 500, connectTimeout: 600, acquireTimeout: 700 }

  async function timed(work: () => unknown): Promise<{ code: string; took: number }> {
    const start = performance.now()
    const error = await failure(work())
    return { code: error?.code ?? 'done', took: performance.now() - start }
  }

  it('ends every wait within its limit, and goes on when the network is back', async () => {
    await using(
      limits,
      async ({ driver, dialect }) => {
        const loan = await driver.acquire()
        await loan.begin({})
        await loan.run(statement('select 1'))
        hole.stalled = true
        const shared = await Promise.all(
          Array.from({ length: 5 }, () =>
            timed(() =>
              Promise.resolve(driver.run(statement('select 1'))).catch((e) => Promise.reject(dialect.mapError(e))),
            ),
          ),
        )
        for (const { code, took } of shared) {
          expect(['TIMEOUT', 'CONNECTION', 'POOL_TIMEOUT']).toContain(code)
          expect(took).toBeLessThan(1000)
        }
        const lent = await timed(() => loan.run(statement('select 1')))
        expect(lent).toMatchObject({ code: '57014' })
        const commit = await timed(() => loan.commit())
        expect(commit.code).toBe('CONNECTION')
        driver.release(loan, false)
        const fresh = await Promise.all([timed(() => driver.acquire()), timed(() => driver.run(statement('select 1')))])
        for (const { code, took } of fresh) {
          expect(['CONNECTION', 'POOL_TIMEOUT']).toContain(code)
          expect(took).toBeLessThan(1200)
        }
        hole.recover()
        expect((await driver.run(statement('select 1'))).rows).toEqual([[1]])
        const next = await driver.acquire()
        expect((await next.run(statement('select 2'))).rows).toEqual([[2]])
        driver.release(next, false)
      },
      through,
    )
  })

  it('says that a commit without an answer may be done', async () => {
    await using(
      limits,
      async ({ driver }) => {
        const loan = await driver.acquire()
        await loan.begin({})
        await loan.run(statement('select 1'))
        hole.stalled = true
        expect(await timed(() => loan.commit())).toMatchObject({ code: 'OUTCOME_UNKNOWN' })
        hole.recover()
        driver.release(loan, false)
      },
      through,
    )
  })

  it('does not lose a place in the pool to a connection that cannot be tidied', async () => {
    await using(
      { ...limits, max: 2, statementTimeout: 0 },
      async ({ driver }) => {
        for (const prepare of [own("set timezone = 'UTC'"), null]) {
          const loan = await driver.acquire()
          if (prepare === null) void failure(loan.run(statement('select pg_sleep(0.01)')))
          else await loan.run(prepare)
          hole.stalled = true
          driver.release(loan, false)
          await sleep(700)
          hole.recover()
          const next = await driver.acquire()
          expect((await next.run(statement('select 1'))).rows).toEqual([[1]])
          driver.release(next, false)
        }
      },
      through,
    )
  })

  it('closes all the same', async () => {
    const start = performance.now()
    await using(
      limits,
      async ({ driver }) => {
        const loan = await driver.acquire()
        void failure(loan.run(statement('select 1')))
        hole.stalled = true
        void failure(driver.run(statement('select 1')))
      },
      through,
    )
    hole.recover()
    expect(performance.now() - start).toBeLessThan(6000)
  })
})
