import { Database, Field, Model, SerializationError, sql, TransactionError } from 'corm'
import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { scriptRunner } from '../support/scripts.js'

class Row extends Model({ name: Field.string() }, { table: 'entries' }) {}

const runScript = scriptRunner()
const rows = sql.id('entries')
const failure = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error as Error,
  )

/** The driver's own connection, as far as these tests use it. */
interface Raw {
  exec?(text: string): unknown
  query?(text: string, done?: (error: Error | null) => void): unknown
}

describeDatabases('sessions', (database) => {
  database.useTables([Row])
  const names = () => Row.query().orderBy('name').pluck('name')
  const isMysql = () => database.kind === 'mysql'

  /** A second database object: it sees only what is committed. */
  const seenByOthers = async (): Promise<unknown[]> => {
    if (!database.facts.concurrent) return names()
    await using other = await Database.connect({ name: 'other', url: database.url })
    return (await other.select<{ name: string }>(sql`select name from ${rows} order by name`)).map((row) => row.name)
  }

  /** Runs a text on the driver's object. */
  const runRaw = (raw: Raw, text: string): Promise<unknown> =>
    isMysql()
      ? new Promise<void>((resolve, reject) => void raw.query?.(text, (error) => (error ? reject(error) : resolve())))
      : Promise.resolve((raw.exec ?? raw.query)?.call(raw, text))

  describe('a transaction that raw SQL leaves open', () => {
    it.each(['begin', '/* a /* b */ */ begin', 'start transaction', 'savepoint a'])(
      '%s is an error of its caller, and takes no row of others along',
      async (text) => {
        for (let round = 0; round < 3; round++) {
          // a text that a database does not know is an error, too
          const error = await failure(database.db.execute(sql`${sql.raw(text)}`))
          if (!(isMysql() && text === 'savepoint a')) expect(error).toBeInstanceOf(Error)
          await Row.create({ name: `row ${round}` })
        }
        expect(await seenByOthers()).toEqual(['row 0', 'row 1', 'row 2'])
      },
    )

    it('by db.select() is one, too', async () => {
      const error = await failure(database.db.select(sql`${sql.raw('begin')}`))
      expect(error).toBeInstanceOf(Error)
      expect(error?.message).toContain('transaction()')
      await Row.create({ name: 'kept' })
      expect(await seenByOthers()).toEqual(['kept'])
    })

    it('by the function of connection() is an error that names the call', async () => {
      const error = await failure(
        database.db.connection(async (raw) => {
          await runRaw(raw as Raw, 'begin')
          await runRaw(raw as Raw, "insert into entries (name) values ('half')")
          return 'done'
        }),
      )
      expect(error).toBeInstanceOf(TransactionError)
      expect(error?.message).toMatch(/connection\(\) at .*sessions-clean\.test\.ts:\d+/)
      await Row.create({ name: 'kept' })
      expect(await seenByOthers()).toEqual(['kept'])
    })

    it('is none where the function ends it', async () => {
      const result = await database.db.connection(async (raw) => {
        await runRaw(raw as Raw, 'begin')
        await runRaw(raw as Raw, "insert into entries (name) values ('stored')")
        await runRaw(raw as Raw, 'commit')
        return 'done'
      })
      expect(result).toBe('done')
      expect(await seenByOthers()).toEqual(['stored'])
    })

    it('is rolled back when the function throws, and its error is what the caller sees', async () => {
      const mine = new RangeError('mine')
      const error = await failure(
        database.db.connection(async (raw) => {
          await runRaw(raw as Raw, 'begin')
          await runRaw(raw as Raw, "insert into entries (name) values ('half')")
          throw mine
        }),
      )
      expect(error).toBe(mine)
      await Row.create({ name: 'kept' })
      expect(await seenByOthers()).toEqual(['kept'])
    })
  })

  describe('a statement that ends the transaction it runs in', () => {
    const endings = ['commit', '/* x /* y */ z */ commit', 'commit and chain', 'begin', 'rollback and chain']
    it.each(endings)('%s ends the transaction with an error, or is not done', async (text) => {
      let later: Error | null = null
      const error = await failure(
        database.db.transaction(async (trx) => {
          await Row.create({ name: 'before' })
          await failure(trx.execute(sql`${sql.raw(text)}`))
          later = await failure(Row.create({ name: 'after' }))
        }),
      )
      const stored = await seenByOthers()
      // it was refused, or does nothing, or is no statement of this database
      if (error === null) {
        expect(later).toBeNull()
        expect(stored).toEqual(['after', 'before'])
      } else {
        expect(stored).not.toContain('after')
        expect(later).toBeInstanceOf(Error)
        if (stored.length > 0) expect(error.message).toContain('is stored')
      }
    })

    it('rollback() after it does not look as if it had worked', async () => {
      let ended: Error | null = null
      const error = await failure(
        database.db.transaction(async (trx) => {
          await Row.create({ name: 'before' })
          ended = await failure(trx.execute(sql`${sql.raw(isMysql() ? 'create table side (a int)' : 'commit')}`))
          trx.rollback()
        }),
      )
      expect(ended).toBeInstanceOf(Error)
      if ((await seenByOthers()).length > 0) expect(error?.message).toContain('is stored')
      else expect(error).toBeNull()
      await database.db.execute(sql`drop table if exists side`)
    })

    it('implicit commits are told by the statement that makes them', async () => {
      if (!isMysql()) return expect(database.capabilities.transactionalDdl).toBe(true)
      for (const text of [
        'analyze table entries',
        'check table entries',
        'optimize table entries',
        'create table side (a int)',
        'drop table side',
        'lock tables entries write',
        'flush tables',
        '/*!50000 commit */',
      ]) {
        let told: Error | null = null
        const error = await failure(
          database.db.transaction(async (trx) => {
            await Row.create({ name: text })
            told = await failure(
              text.includes(' table entries') ? trx.select(sql.raw(text)) : trx.execute(sql.raw(text)),
            )
          }),
        )
        expect([text, told]).toEqual([text, expect.any(TransactionError)])
        expect(error).toBeInstanceOf(TransactionError)
        expect(error?.message).toContain('is stored')
        expect(await seenByOthers()).toContain(text)
      }
    })

    it('savepoints of the user go on', async () => {
      await database.db.transaction(async (trx) => {
        await Row.create({ name: 'a' })
        await trx.execute(sql`savepoint mine`)
        await Row.create({ name: 'b' })
        await trx.execute(sql`rollback to savepoint mine`)
        await trx.execute(sql`update ${rows} set name = 'c'`)
        await trx.execute(sql`release savepoint mine`)
      })
      expect(await seenByOthers()).toEqual(['c'])
    })
  })

  describe('settings', () => {
    it('that raw SQL changes do not reach others', async () => {
      const kind = database.kind === 'pglite' ? 'postgres' : database.kind
      const change = {
        sqlite: sql`pragma foreign_keys = off`,
        postgres: sql`select set_config('TimeZone', 'Asia/Tokyo', false), set_config('corm.test', 'mine', false)`,
        mysql: sql`set session time_zone = '+09:00'`,
      }[kind]
      const read = {
        sqlite: sql`select foreign_keys as value from pragma_foreign_keys`,
        postgres: sql`select current_setting('TimeZone') || coalesce(current_setting('corm.test', true), '') as value`,
        mysql: sql`select @@time_zone as value`,
      }[kind]
      const wanted = { sqlite: 1, postgres: 'UTC', mysql: '+00:00' }[kind]
      const look = async () => {
        const found = await Promise.all(Array.from({ length: 12 }, () => database.db.select<{ value: unknown }>(read)))
        const more = await database.db.transaction((trx) => trx.select<{ value: unknown }>(read))
        return new Set([...found, more].map(([row]) => row?.value))
      }
      expect(await look()).toEqual(new Set([wanted]))
      for (let round = 0; round < 4; round++) {
        await (kind === 'postgres' ? database.db.select(change) : database.db.execute(change))
        expect(await look()).toEqual(new Set([wanted]))
      }
    })

    it('that a function in a query changes do not reach others', async () => {
      if (!database.kind.startsWith('p')) return expect(database.facts.storesNul).toBe(true)
      await Row.create({ name: 'a' })
      const tokyo = sql`set_config('TimeZone', 'Asia/Tokyo', false)`
      const leak = () =>
        Row.query()
          .annotate({ zone: () => tokyo })
          .get()
      for (let round = 0; round < 4; round++) {
        await leak()
        await Row.where(sql`${tokyo} = 'Asia/Tokyo'`).update({ name: `b${round}` })
        await Row.raw(sql`select *, ${tokyo} as zone from ${rows}`)
        await database.db.transaction(leak)
        const zones = await Promise.all(
          Array.from({ length: 12 }, () => database.db.select(sql`select current_setting('TimeZone') as zone`)),
        )
        expect(new Set(zones.map(([row]) => row?.zone))).toEqual(new Set(['UTC']))
      }
    })

    it('that a trigger changes do not reach others', async () => {
      if (database.kind !== 'postgres') return expect(await names()).toEqual([])
      await database.db.execute(sql`create function wander() returns trigger language plpgsql as
        'begin perform set_config(''TimeZone'', ''Asia/Tokyo'', false); perform set_config(''DateStyle'', ''German'', false); return new; end'`)
      await database.db.execute(
        sql`create trigger wander before insert on ${rows} for each row execute function wander()`,
      )
      try {
        for (let round = 0; round < 4; round++) {
          await Promise.all([Row.create({ name: 'a' }), Row.create({ name: 'b' }), Row.insertMany([{ name: 'c' }])])
          await database.db.transaction(() => Row.create({ name: 'd' }))
          const read = sql`select current_setting('TimeZone') || current_setting('DateStyle') as zone`
          const zones = await Promise.all(Array.from({ length: 12 }, () => database.db.select(read)))
          expect(new Set(zones.map(([row]) => row?.zone))).toEqual(new Set(['UTCISO, MDY']))
        }
        expect(await names()).toHaveLength(16)
      } finally {
        await database.db.execute(sql`drop function wander cascade`)
      }
    })

    it('that connection() changes do not reach others', async () => {
      const kind = database.kind === 'pglite' ? 'postgres' : database.kind
      const text = {
        sqlite: 'pragma foreign_keys = off; pragma query_only = on; pragma case_sensitive_like = on',
        postgres: "set timezone = 'Asia/Tokyo'",
        mysql: "set session sql_mode = ''",
      }[kind]
      const read = {
        sqlite: sql`select (select foreign_keys from pragma_foreign_keys) as a, (select query_only from pragma_query_only) as b, 'a' like 'A' as c`,
        postgres: sql`select current_setting('TimeZone') as a`,
        mysql: sql`select @@sql_mode as a`,
      }[kind]
      const before = await database.db.select(read)
      for (let round = 0; round < 3; round++) {
        await database.db.connection((raw) => runRaw(raw as Raw, text))
        expect(await database.db.select(read)).toEqual(before)
        await Row.create({ name: `row ${round}` })
      }
      expect(await names()).toHaveLength(3)
    })
  })

  describe('prepared statements', () => {
    it('that raw SQL takes away are made again, in transactions too', async () => {
      if (!database.kind.startsWith('p')) return expect(await names()).toEqual([])
      for (const text of ['discard all', 'deallocate all', 'deallocate all']) {
        for (let i = 0; i < 3; i++) await names()
        const error = await failure(database.db.execute(sql.raw(text)))
        if (error !== null) expect(error.message).toContain('DISCARD')
        await database.db.transaction(async (trx) => {
          await names()
          await failure(trx.execute(sql`deallocate all`))
          await names()
          await Row.create({ name: text })
        })
      }
      expect(await names()).toHaveLength(3)
    })

    it('that DDL of others makes outdated spoil a transaction once, and retries get over it', async () => {
      await Row.create({ name: 'kept' })
      const small = { name: 'small', url: database.url, pool: { max: 1 } }
      const { concurrent } = database.facts
      // a database in memory is known to its own object only
      const reader = concurrent ? await Database.connect(small) : database.db
      let attempts = 0
      const read = (retries: number) =>
        reader.transaction(
          async (trx) => {
            attempts++
            return Row.query().using(trx).pluck('name')
          },
          { retries },
        )
      const changeTo = async (type: string) => {
        if (!database.kind.startsWith('p'))
          await database.db.execute(sql`alter table ${rows} add column ${sql.id(type)} int`)
        else await database.db.execute(sql`alter table ${rows} alter column name type ${sql.raw(type)}`)
      }
      for (let i = 0; i < 3; i++) await read(0)
      await changeTo('text')
      const error = await failure(read(0))
      if (error !== null) expect(error).toBeInstanceOf(SerializationError)
      expect(await read(0)).toEqual(['kept'])
      for (let i = 0; i < 3; i++) await read(0)
      await changeTo('varchar(90)')
      attempts = 0
      expect(await read(1)).toEqual(['kept'])
      // only here is there a plan that somebody else's DDL can spoil
      expect([error !== null, attempts]).toEqual(database.kind === 'postgres' ? [true, 2] : [false, 1])
      if (concurrent) await reader.close()
    })
  })

  it('connection() keeps the program running until its function is done', async () => {
    const { code, output } = await runScript(
      `const db = await Database.connect({ url })
      const nap = url.startsWith('postgres') ? 'select pg_sleep(0.3)' : 'select sleep(0.3)'
      const answer = await db.connection((raw) => new Promise((done) => {
        if (raw.exec !== undefined) done('napped')
        else raw.query(nap, (error) => done(error === null ? 'napped' : String(error)))
      }))
      console.log(answer)
      await db.close()`,
      database.url,
    )
    expect([code, output.trim()]).toEqual([0, 'napped'])
  })
})
