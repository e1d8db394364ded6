import { Database, Field, Model, outsideTransaction, PoolTimeoutError, sql, TransactionError } from 'corm'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { scriptRunner } from '../support/scripts.js'

class Row extends Model({ name: Field.string() }, { table: 'waiting_rows', database: 'one' }) {}

const runScript = scriptRunner()
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const failure = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error as Error & { rollbackError?: Error },
  )

describeDatabases('transactions that wait', (database) => {
  /** A database with one connection. */
  const small = async (work: (db: Database) => Promise<void>) => {
    // the name and the options are those of the last time, and so is the database
    const options = { pool: { max: 1 }, acquireTimeout: 300 }
    const db = await Database.connect({ name: 'one', url: database.url, ...options })
    await db.dropTables([Row])
    await db.createTables([Row])
    await work(db)
  }
  afterAll(() => Database.get('one').close())
  const names = () => Row.query().orderBy('name').pluck('name')

  describe('for themselves', () => {
    const works: [string, (db: Database) => Promise<unknown>][] = [
      ['a query', () => outsideTransaction(() => Row.count())],
      ['a write', () => outsideTransaction(() => Row.create({ name: 'x' }))],
      ['raw SQL', (db) => outsideTransaction(() => db.select(sql`select 1`))],
      ['a transaction', (db) => outsideTransaction(() => db.transaction(() => Row.count()))],
      ['connection()', (db) => db.connection(() => 'never')],
    ]
    it.each(works)('are told so in time, with the line: %s', async (_, work) => {
      await small(async (db) => {
        const start = performance.now()
        const error = await failure(
          db.transaction(async () => {
            await Row.create({ name: 'lost' })
            await work(db)
          }),
        )
        expect(performance.now() - start).toBeLessThan(2000)
        expect(error).toBeInstanceOf(PoolTimeoutError)
        expect(error?.message).toMatch(/waits for itself.* at .*transactions-waiting\.test\.ts:\d+/)
        expect(await names()).toEqual([])
      })
    })

    it('by work of the outer level that a nested one awaits', async () => {
      await small(async (db) => {
        const error = await failure(
          db.transaction(async () => {
            let begin!: () => void
            const gate = new Promise<void>((resolve) => (begin = resolve))
            const outer = gate.then(() => Row.create({ name: 'outer' }))
            await db.transaction(async () => {
              await Row.create({ name: 'inner' })
              begin()
              await outer
            })
          }),
        )
        expect(error).toBeInstanceOf(PoolTimeoutError)
        expect(error?.message).toMatch(/waited 300 ms for the nested transaction/)
        expect(error?.message).toContain('waits for itself')
        expect(await names()).toEqual([])
      })
    })

    it('not with ping(), which asks on the connection they have', async () => {
      await small((db) => db.transaction(() => db.ping()))
    })

    it('not when the work outside is not awaited inside', async () => {
      await small(async (db) => {
        let later: Promise<unknown> | undefined
        await db.transaction(async () => {
          later = outsideTransaction(() => Row.create({ name: 'later' }))
          await Row.create({ name: 'inside' })
        })
        await later
        expect(await names()).toEqual(['inside', 'later'])
      })
    })

    it('keep the program running until they are told', async () => {
      const run = (table: string, work: string) =>
        runScript(
          `const db = await Database.connect({ url, pool: { max: 1 }, acquireTimeout: 200 })
          class Row extends Model({ name: Field.string() }, { table: '${table}' }) {}
          await db.createTables([Row], { ifNotExists: true })
          const told = await db.transaction(async (trx) => { ${work} }).then(() => 'none', (error) => error.code)
          console.log('told', told)
          await db.close()`,
          database.url,
        )
      const outer = `let begin; const gate = new Promise((resolve) => (begin = resolve))
        const late = gate.then(() => Row.count())
        await trx.transaction(async () => { begin(); await late })`
      const ended = await Promise.all([
        run('script_a', 'await outsideTransaction(() => Row.count())'),
        run('script_b', outer),
      ])
      for (const { code, output } of ended) expect([code, output.trim()]).toEqual([0, 'told POOL_TIMEOUT'])
    })
  })

  describe('rollback()', () => {
    it('holds when what it throws is caught', async () => {
      await small(async (db) => {
        const result = await db.transaction(async (trx) => {
          await Row.create({ name: 'a' })
          try {
            trx.rollback()
          } catch {}
          return 'stored?'
        })
        expect(result).toBeUndefined()
        expect(await names()).toEqual([])
      })
    })

    it('holds for the nested one it was called on, and for no other', async () => {
      await small(async (db) => {
        await db.transaction(async (outer) => {
          await Row.create({ name: 'outer' })
          await outer.transaction(async (inner) => {
            await Row.create({ name: 'inner' })
            await failure(Promise.resolve().then(() => inner.rollback()))
          })
          await Row.create({ name: 'last' })
        })
        expect(await names()).toEqual(['last', 'outer'])
        await db.transaction(async (outer) => {
          await outer.transaction(async () => {
            await Row.create({ name: 'inner' })
            await failure(Promise.resolve().then(() => outer.rollback()))
          })
        })
        expect(await names()).toEqual(['last', 'outer'])
      })
    })

    it('refuses what is tried after it, and an error that follows is what the caller sees', async () => {
      await small(async (db) => {
        const mine = new RangeError('mine')
        let later: Error | null = null
        const error = await failure(
          db.transaction(async (trx) => {
            try {
              trx.rollback()
            } catch {}
            later = await failure(Row.create({ name: 'late' }))
            throw mine
          }),
        )
        expect(error).toBe(mine)
        expect(later).toBeInstanceOf(TransactionError)
        expect(await names()).toEqual([])
      })
    })

    it('after the end is an error', async () => {
      await small(async (db) => {
        let kept!: { rollback(): never }
        await db.transaction(async (trx) => {
          kept = trx
        })
        expect(() => kept.rollback()).toThrow(TransactionError)
      })
    })

    it('that fails is attached to the error that was its reason', async () => {
      if (!database.facts.concurrent) return expect(database.kind).toMatch(/lite$/)
      await small(async (db) => {
        const cut = async () => {
          const own = { postgres: sql`select pg_backend_pid() as id`, mysql: sql`select connection_id() as id` }
          const [row] = await db.transaction(async (trx) => trx.select<{ id: number }>(own[database.kind as 'mysql']))
          return row?.id ?? 0
        }
        expect(await cut()).toBeGreaterThan(0)
        const lost = async (thrown: unknown) =>
          failure(
            db.transaction(async (trx) => {
              const own = { postgres: sql`select pg_backend_pid() as id`, mysql: sql`select connection_id() as id` }
              const [row] = await trx.select<{ id: number }>(own[database.kind as 'mysql'])
              const kill =
                database.kind === 'mysql'
                  ? sql`kill ${sql.raw(String(row?.id))}`
                  : sql`select pg_terminate_backend(${row?.id ?? 0})`
              await (database.kind === 'mysql' ? database.db.execute(kill) : database.db.select(kill))
              await sleep(100)
              throw thrown
            }),
          )
        const mine = new RangeError('mine')
        const error = await lost(mine)
        expect(error).toBe(mine)
        expect(error?.rollbackError).toBeInstanceOf(TransactionError)
        expect(error?.rollbackError?.message).toMatch(/could not be rolled back/)
        const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
        const frozen = Object.freeze(new Error('frozen'))
        expect(await lost(frozen)).toBe(frozen)
        expect(warned).toHaveBeenCalledOnce()
        warned.mockRestore()
        expect(await names()).toEqual([])
      })
    })
  })
})
