import { connect, createServer, type Server, type Socket } from 'node:net'
import { Database, sql, TimeoutError } from 'corm'
import { afterEach, describe, expect, it } from 'vitest'
import { Cancellation } from '../../src/driver/cancellation.js'
import { LimitedExecutor } from '../../src/execution/limited.js'
import { NamedStatement, TEMPLATE } from '../../src/execution/statement.js'

const kinds = (process.env.CORM_TEST_DATABASES ?? '').split(',')
const servers = [
  {
    kind: 'postgres',
    url: process.env.CORM_TEST_POSTGRES_URL || 'postgres://postgres@127.0.0.1:5432/postgres',
    sleep: 'select pg_sleep(60)',
  },
  {
    kind: 'mysql',
    url: process.env.CORM_TEST_MYSQL_URL || 'mysql://root@127.0.0.1:3306/',
    sleep: 'select * from (select sleep(60)) s',
  },
]

/** A way to the server on which new connections, or all of them, can be held up. */
class Relay {
  newOnes: 'pass' | 'refuse' | 'swallow' = 'pass'
  swallowsAll = false
  readonly #sockets = new Set<Socket>()
  readonly #server: Server

  constructor(host: string, port: number) {
    this.#server = createServer((near) => {
      this.#sockets.add(near)
      near.on('error', () => undefined)
      if (this.newOnes === 'refuse') near.destroy()
      if (this.newOnes !== 'pass') return
      const far = connect(port, host)
      this.#sockets.add(far)
      this.#pipe(near, far)
      this.#pipe(far, near)
    })
  }

  listen(): Promise<number> {
    return new Promise((resolve) =>
      this.#server.listen(0, '127.0.0.1', () => resolve((this.#server.address() as { port: number }).port)),
    )
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #pipe(from: Socket, to: Socket): void {
    from.on('data', (bytes) => {
      if (!this.swallowsAll) to.write(bytes)
    })
    from.on('close', () => to.destroy())
    from.on('error', () => to.destroy())
  }
}

for (const { kind, url, sleep } of servers)
  describe.skipIf(!kinds.includes(kind))(`cancelling on ${kind} over a bad network`, () => {
    let relay: Relay
    let db: Database

    const open = async () => {
      const address = new URL(url)
      relay = new Relay(address.hostname, Number(address.port || (kind === 'postgres' ? 5432 : 3306)))
      address.hostname = '127.0.0.1'
      address.port = String(await relay.listen())
      db = await Database.connect({
        name: `relayed ${kind}`,
        url: address.href,
        pool: { max: 3 },
        connectTimeout: 2000,
      })
    }
    afterEach(async () => {
      await db.close()
      relay.close()
    })
    const run = (ms: number, text = sleep) =>
      new LimitedExecutor(db, new Cancellation(performance.now() + ms, ms, [])).run(
        new NamedStatement({ ...TEMPLATE, sql: text, intent: 'read', rows: true }, []),
      )
    const failure = async (work: unknown) => {
      const start = performance.now()
      const error = await Promise.resolve(work).then(
        () => undefined,
        (thrown) => thrown,
      )
      return { error, took: performance.now() - start }
    }
    const answers = async () => {
      expect((await run(20_000, 'select 1')).rows).toEqual([[1]])
      expect(await db.select(sql`select 2 as n`)).toEqual([{ n: 2 }])
      expect(await db.transaction((trx) => trx.select(sql`select 3 as n`))).toEqual([{ n: 3 }])
    }

    it.each([
      ['the server can not be asked', 'refuse'],
      ['the request is swallowed', 'swallow'],
    ] as const)(
      'cuts the connection when %s',
      async (_, newOnes) => {
        await open()
        await answers()
        relay.newOnes = newOnes
        const { error, took } = await failure(run(200))
        expect(error).toBeInstanceOf(TimeoutError)
        expect(took).toBeLessThan(6500)
        relay.newOnes = 'pass'
        await answers()
      },
      20_000,
    )

    it('cuts the connection when nothing comes back', async () => {
      await open()
      await answers()
      // connections that were given back are idle by then
      await new Promise((resolve) => setTimeout(resolve, 300))
      const waits = failure(run(300))
      await new Promise((resolve) => setTimeout(resolve, 100))
      relay.swallowsAll = true
      const { error, took } = await waits
      expect(error).toBeInstanceOf(TimeoutError)
      expect(took).toBeLessThan(6500)
      relay.swallowsAll = false
      await answers()
    }, 20_000)
  })
