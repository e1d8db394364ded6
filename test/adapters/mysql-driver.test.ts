import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'
import { inspect, isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AdapterOptions, Connected } from '../../src/adapters/adapter.js'
import { connectMysql } from '../../src/adapters/mysql2.js'
import { ARITHMETIC, ASSIGNMENT, CALL, COLUMN, TABLE, VALUE_TYPE } from '../../src/ast/bases.js'
import type { DataType, ValueType } from '../../src/ast/data-type.js'
import { type ExpressionNode, type ListNode, type ParameterNode, SELECT } from '../../src/ast/expression.js'
import type { SelectNode } from '../../src/ast/statement.js'
import type { Node } from '../../src/compiler/writer.js'
import { type Connection, type QueryResult, STATEMENT, type Statement } from '../../src/driver/driver.js'
import {
  CheckViolationError,
  ConfigurationError,
  ConnectionError,
  type CormError,
  DeadlockError,
  ForeignKeyViolationError,
  LockTimeoutError,
  NotNullViolationError,
  OutcomeUnknownError,
  PoolTimeoutError,
  TimeoutError,
  TransactionError,
  UniqueViolationError,
  UnsupportedError,
  UsageError,
} from '../../src/errors.js'
import { anyNode } from '../support/any-node.js'

const enabled = (process.env.CORM_TEST_DATABASES ?? '').split(',').includes('mysql')
const server = process.env.CORM_TEST_MYSQL_URL ?? 'mysql://root@127.0.0.1:3306/'
const name = `corm_mydriver_${process.pid}`

function urlOf(database: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

/** Limits short enough for tests. */
function options(over: Partial<AdapterOptions> = {}): AdapterOptions {
  const limits = { acquireTimeout: 2000, connectTimeout: 3000, lockTimeout: 3000, statementTimeout: 0 }
  return { url: urlOf(name), min: 0, max: 4, ...limits, driver: {}, ...over }
}

const query = (sql: string, parameters: readonly unknown[] = []): Statement => ({
  ...STATEMENT,
  sql,
  parameters,
  prepare: true,
  rows: true,
  intent: sql.startsWith('select') ? 'read' : 'write',
  inserts: sql.startsWith('insert'),
})
const change = (sql: string, parameters: readonly unknown[] = []): Statement => ({
  ...query(sql, parameters),
  rows: false,
})
/** SQL of the user's own. */
const own = (sql: string, parameters: readonly unknown[] = []): Statement => ({
  ...query(sql, parameters),
  prepare: false,
  hasRawSql: true,
  namesColumns: true,
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** What a promise was rejected with, as the dialect tells it. */
async function failure(db: Connected, work: unknown): Promise<CormError> {
  try {
    await work
  } catch (error) {
    return db.dialect.mapError(error)
  }
  throw new Error('It did not fail.')
}

describe.runIf(enabled)('the mysql2 adapter', () => {
  let admin: Connected
  let db: Connected
  const extra: Connected[] = []

  const open = async (over: Partial<AdapterOptions> = {}): Promise<Connected> => {
    const connected = await connectMysql(options(over))
    extra.push(connected)
    return connected
  }
  const run = async (sql: string, parameters: readonly unknown[] = []): Promise<QueryResult> =>
    db.driver.run(change(sql, parameters))
  const rows = async (sql: string, parameters: readonly unknown[] = []) =>
    (await db.driver.run(query(sql, parameters))).rows
  const idOf = async (connection: { run(statement: Statement): unknown }) =>
    Number(((await connection.run(query('select connection_id()'))) as QueryResult).rows[0]?.[0])
  const kill = async (id: number) => {
    await admin.driver.run(own(`kill ${id}`))
    await pause(50)
  }
  /** The server's connections to the test's database that are in a transaction. */
  const openTransactions = async () => {
    // the server refreshes this table ten times a second
    await pause(150)
    const { rows } = await admin.driver.run(
      query(
        'select count(*) from information_schema.innodb_trx t join information_schema.processlist p on p.id = t.trx_mysql_thread_id where p.db = ?',
        [name],
      ),
    )
    return Number(rows[0]?.[0])
  }

  beforeAll(async () => {
    admin = await connectMysql(options({ url: server }))
    await admin.driver.run(own(`create database \`${name}\``))
    db = await connectMysql(options())
    await run('create table notes (note varchar(40)) engine = InnoDB')
    await run(
      'create table items (id int auto_increment primary key, name varchar(40) unique, number int) engine = InnoDB',
    )
  })
  beforeEach(async () => {
    await run('delete from items')
  })
  afterAll(async () => {
    for (const connected of extra) await connected.driver.close()
    await db?.driver.close()
    await admin?.driver.run(own(`drop database if exists \`${name}\``))
    await admin?.driver.close()
  })

  describe('sessions', () => {
    it('sets strict mode, UTC, UTF-8 and limits on every connection', async () => {
      const held = await Promise.all([1, 2, 3].map(() => db.driver.acquire()))
      for (const connection of held) {
        const { rows } = await connection.run(
          query(
            'select @@sql_mode, @@time_zone, @@character_set_client, @@autocommit, @@innodb_lock_wait_timeout, @@lock_wait_timeout',
          ),
        )
        const [mode, zone, charset, autocommit, ...waits] = rows[0] as unknown[]
        expect(String(mode)).toContain('STRICT_TRANS_TABLES')
        expect([zone, charset, autocommit, ...waits]).toEqual(['+00:00', 'utf8mb4', 1, 3, 3])
      }
      for (const connection of held) db.driver.release(connection, false)
    })

    it('refuses options of the URL that it does not know, by name', async () => {
      const url = `${urlOf(name)}?flags=-X&multipleStatements=true&min_size=1`
      const error = await connectMysql(options({ url })).catch((e) => e)
      expect(error).toBeInstanceOf(ConfigurationError)
      expect(error.message).toContain('"flags", "multipleStatements"')
    })

    it('never runs several statements of one text', async () => {
      const error = await failure(db, db.driver.run({ ...own('select 1; select 2'), rows: false }))
      expect(error.message).toContain('syntax')
    })

    it('tells a wrong password without the password', async () => {
      const url = new URL(urlOf(name))
      url.username = 'corm_nobody'
      url.password = 'sEcr3t'
      const error = await connectMysql(options({ url: url.href })).catch((e) => e)
      expect(error).toBeInstanceOf(ConnectionError)
      expect(error.message).toContain('corm_nobody')
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('sEcr3t')
    })

    it('tells a server that is not there, and a URL that can not be read', async () => {
      const refused = await connectMysql(options({ url: 'mysql://root:pAss@127.0.0.1:1/x' })).catch((e) => e)
      expect(refused).toBeInstanceOf(ConnectionError)
      const unread = await connectMysql(options({ url: 'mysql://root:pAss@[::/x' })).catch((e) => e)
      expect(unread).toBeInstanceOf(ConfigurationError)
      expect(inspect([refused, unread], { depth: 9, showHidden: true })).not.toContain('pAss')
    })

    it('does not show secrets when a driver is printed', async () => {
      const url = new URL(urlOf(name))
      if (url.password === '') return
      expect(inspect(db, { depth: 9 })).not.toContain(url.password)
    })
  })

  describe('statements', () => {
    it('gives rows as arrays, names only where they are asked for, and the number of rows', async () => {
      expect(await db.driver.run(query('select 1 as a, ? as b', ['x']))).toEqual({ rows: [[1, 'x']], affected: 1 })
      const named = await db.driver.run(own('select 1 as a, 2 as a'))
      expect(named).toEqual({ rows: [[1, 2]], affected: 1, columns: ['a', 'a'] })
    })

    it('takes a column named like a trap of JavaScript', async () => {
      const sql = "select 1 as `__proto__`, 2 as `constructor`, 3 as `__defineGetter__`, ? as `\\'/*`"
      const result = await db.driver.run(own(sql, ['x']))
      expect(result.columns).toEqual(['__proto__', 'constructor', '__defineGetter__', "\\'/*"])
      expect(result.rows).toEqual([[1, 2, 3, 'x']])
      expect((await db.driver.run(query('select 1 as `__proto__`'))).rows).toEqual([[1]])
    })

    it('counts matched rows, and inserted ones', async () => {
      await run('insert into items (name, number) values (?, ?), (?, ?)', ['a', 1, 'b', 1])
      expect((await run('update items set number = 1')).affected).toBe(2)
      expect((await run('update items set number = 2 where name = ?', ['a'])).affected).toBe(1)
      expect((await run('delete from items')).affected).toBe(2)
    })

    it('counts the rows of an upsert once, and none that were left as they are', async () => {
      const upsert = 'insert into items (name, number) values (?, ?) on duplicate key update number = values(number)'
      expect((await run(upsert, ['a', 1])).affected).toBe(1)
      expect((await run(upsert, ['a', 2])).affected).toBe(1)
      const two = 'insert into items (name, number) values (?, ?), (?, ?) on duplicate key update name = name'
      expect((await run(two, ['a', 1, 'b', 2])).affected).toBe(1)
      const one = 'insert into items (name, number) values (?, ?) on duplicate key update name = name'
      expect((await run(one, ['a', 9])).affected).toBe(0)
      const many =
        'insert into items (name, number) values (?, ?), (?, ?) on duplicate key update number = values(number)'
      expect((await run(many, ['a', 7, 'new', 7])).affected).toBe(2)
    })

    it('tells the number of the first inserted row, and the rest follow it', async () => {
      const { insertId } = await run('insert into items (name) values (?), (?), (?)', ['x', 'y', 'z'])
      const ids = (await rows('select id from items order by name')).flat()
      expect(ids).toEqual([Number(insertId), Number(insertId) + 1, Number(insertId) + 2])
    })

    it('runs a statement that the prepared protocol does not know', async () => {
      const result = await db.driver.run(own('show warnings'))
      expect(result.columns).toEqual(['Level', 'Code', 'Message'])
      await db.driver.run({ ...own('create or replace procedure p() select 1 as x, 2 as y'), rows: false })
      const called = await db.driver.run(own('call p()'))
      expect(called).toMatchObject({ rows: [[1, 2]], columns: ['x', 'y'] })
      await db.driver.run({ ...own('drop procedure p'), rows: false })
      expect(await rows('select 1')).toEqual([[1]])
    })

    it('isolates an error among statements that run at the same time', async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) =>
          db.driver.run(query(i === 10 ? 'select nothing' : 'select ?', i === 10 ? [] : [i])),
        ),
      )
      expect(results.map((result) => result.status === 'fulfilled' && Number(result.value.rows[0]?.[0]))).toEqual(
        Array.from({ length: 20 }, (_, i) => (i === 10 ? false : i)),
      )
    })

    it('keeps a bounded number of prepared statements, and none of raw SQL', async () => {
      const one = await open({ max: 1 })
      const count = async () => {
        const { rows } = await one.driver.run(own("show session status like 'Com_stmt_%'"))
        const status = new Map(rows as [string, string][])
        return Number(status.get('Com_stmt_prepare')) - Number(status.get('Com_stmt_close'))
      }
      for (let i = 0; i < 400; i++) await one.driver.run(query(`select ${i}`))
      const kept = await count()
      expect(kept).toBeLessThanOrEqual(252)
      for (let i = 0; i < 50; i++) await one.driver.run(own(`select ${i} + ?`, [1]))
      expect((await count()) - kept).toBeLessThanOrEqual(1)
    })

    it('never opens more connections than allowed, and serves those who wait in order', async () => {
      const few = await open({ max: 3 })
      const ids = await Promise.all(Array.from({ length: 300 }, () => idOf(few.driver)))
      expect(new Set(ids).size).toBeLessThanOrEqual(3)
      const one = await open({ max: 1 })
      const order: number[] = []
      const note = async (i: number) => {
        await one.driver.run(query('select ?', [i]))
        order.push(i)
      }
      await Promise.all(Array.from({ length: 100 }, (_, i) => note(i)))
      expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i))
    })

    it('refuses objects, arrays, undefined, dates and NaN before anything is sent', async () => {
      for (const value of [
        { a: 1 },
        [1, 2],
        undefined,
        new Date(),
        Number.NaN,
        Number.POSITIVE_INFINITY,
        () => 1,
        Symbol('x'),
      ])
        await expect(db.driver.run(query('select ?', [value]))).rejects.toBeInstanceOf(UsageError)
      expect(await rows('select ?', ['fine'])).toEqual([['fine']])
    })

    it('stops a statement that takes longer than its limit', async () => {
      const limited = await open({ statementTimeout: 300 })
      const start = Date.now()
      const error = await failure(
        limited,
        limited.driver.run(query('select sleep(5), count(*) from information_schema.tables')),
      )
      expect(error).toBeInstanceOf(TimeoutError)
      expect(Date.now() - start).toBeLessThan(2000)
      expect((await limited.driver.run(query('select 1'))).rows).toEqual([[1]])
    })
  })

  describe('transactions', () => {
    let connection: Connection
    const held = async (work: () => Promise<void>) => {
      connection = await db.driver.acquire()
      try {
        await work()
      } finally {
        db.driver.release(connection, false)
      }
    }
    const insert = (text: string) => connection.run(change('insert into items (name) values (?)', [text]))
    const names = async () => (await rows('select name from items order by name')).flat()

    it('commits, and rolls back', async () => {
      await held(async () => {
        await connection.begin({})
        expect(connection.inTransaction).toBe(true)
        await insert('kept')
        await connection.commit()
        expect(connection.inTransaction).toBe(false)
        await connection.begin({})
        await insert('gone')
        await connection.rollback()
        expect(connection.inTransaction).toBe(false)
      })
      expect(await names()).toEqual(['kept'])
    })

    it('goes back to a savepoint', async () => {
      const { savepoint } = db.dialect
      await held(async () => {
        await connection.begin({})
        await insert('a')
        await connection.run({ ...own(savepoint.begin('s1')), rows: false })
        await insert('b')
        await connection.run({ ...own(savepoint.rollback('s1')), rows: false })
        await connection.run({ ...own(savepoint.release('s1')), rows: false })
        await connection.commit()
      })
      expect(await names()).toEqual(['a'])
    })

    it('takes isolation and read only for one transaction, and refuses what the server has not', async () => {
      const isolation = async () => {
        // the server refreshes this table ten times a second
        await pause(150)
        const own = 'where trx_mysql_thread_id = connection_id()'
        return (await connection.run(query(`select trx_isolation_level from information_schema.innodb_trx ${own}`)))
          .rows
      }
      await held(async () => {
        await connection.begin({ isolation: 'serializable' })
        await connection.run(query('select count(*) from items for update'))
        expect(await isolation()).toEqual([['SERIALIZABLE']])
        await connection.rollback()
        await connection.begin({})
        await connection.run(query('select count(*) from items for update'))
        expect(await isolation()).toEqual([['REPEATABLE READ']])
        await connection.rollback()
        await connection.begin({ readOnly: true })
        await expect(insert('x')).rejects.toThrow(/READ ONLY/)
        await connection.rollback()
        await expect(connection.begin({ mode: 'immediate' })).rejects.toBeInstanceOf(UnsupportedError)
        await expect(connection.begin({ deferrable: true })).rejects.toBeInstanceOf(UnsupportedError)
        const hostile = { isolation: 'serializable; drop table items' as 'serializable' }
        await expect(connection.begin(hostile)).rejects.toBeInstanceOf(UnsupportedError)
      })
    })

    it('says that the transaction is over when DDL committed it, and refuses what follows', async () => {
      await held(async () => {
        await connection.begin({})
        await insert('before')
        await connection.run({ ...own('create table if not exists extra (id int)'), rows: false })
        expect(connection.inTransaction).toBe(false)
        await expect(insert('after')).rejects.toBeInstanceOf(TransactionError)
        await expect(connection.commit()).rejects.toBeInstanceOf(TransactionError)
      })
      expect(await names()).toEqual(['before'])
    })

    it('keeps a failed statement apart from the rest of the transaction', async () => {
      await held(async () => {
        await connection.begin({})
        await insert('a')
        expect(await failure(db, insert('a'))).toBeInstanceOf(UniqueViolationError)
        expect(connection.inTransaction).toBe(true)
        await insert('b')
        await connection.commit()
      })
      expect(await names()).toEqual(['a', 'b'])
    })

    it('tells the victim of a deadlock, and stores nothing that it sends afterwards', async () => {
      await run("insert into items (name, number) values ('one', 0), ('two', 0)")
      const update = (on: Connection, which: string) =>
        on.run(change('update items set number = number + 1 where name = ?', [which]))
      const [a, b] = [await db.driver.acquire(), await db.driver.acquire()]
      await a.begin({})
      await b.begin({})
      await update(a, 'one')
      await update(b, 'two')
      const late: Promise<unknown>[] = []
      const chain = (on: Connection, which: string, tag: string) => {
        const first = Promise.resolve(update(on, which))
        // sent behind the statement that fails, before its failure is known
        late.push(Promise.resolve(on.run(change('insert into items (name) values (?)', [tag]))))
        return first
      }
      const both = [chain(a, 'two', 'late a'), chain(b, 'one', 'late b')]
      const [[first, second], followers] = await Promise.all([Promise.allSettled(both), Promise.allSettled(late)])
      const victim = first?.status === 'rejected' ? 0 : 1
      const [lost, winner] = victim === 0 ? [a, b] : [b, a]
      const reason = ([first, second][victim] as PromiseRejectedResult).reason
      expect(db.dialect.mapError(reason)).toBeInstanceOf(DeadlockError)
      expect((followers[victim] as PromiseRejectedResult).reason).toBeInstanceOf(TransactionError)
      expect(lost.inTransaction).toBe(false)
      await expect(lost.commit()).rejects.toBeInstanceOf(TransactionError)
      await winner.rollback()
      db.driver.release(a, false)
      db.driver.release(b, false)
      expect(await names()).toEqual(['one', 'two'])
    })

    it('tells a lock that was not granted in time; the transaction is still there', async () => {
      const quick = await open({ lockTimeout: 1000 })
      await run("insert into items (name) values ('one')")
      await held(async () => {
        await connection.begin({})
        await connection.run(change("update items set number = 1 where name = 'one'"))
        const other = await quick.driver.acquire()
        await other.begin({})
        await other.run(change("insert into notes values ('half')"))
        const error = await failure(quick, other.run(change("update items set number = 2 where name = 'one'")))
        expect(error).toBeInstanceOf(LockTimeoutError)
        expect(other.inTransaction).toBe(true)
        await other.rollback()
        quick.driver.release(other, false)
        expect(await rows('select * from notes')).toEqual([])
        await connection.rollback()
      })
      expect(await names()).toEqual(['one'])
    })
  })

  describe('lost connections', () => {
    it('replaces a connection that was killed while idle', async () => {
      const one = await open({ max: 1 })
      const id = await idOf(one.driver)
      await kill(id)
      expect(await idOf(one.driver)).not.toBe(id)
    })

    it('tells that a transaction was killed, and goes on with another connection', async () => {
      const one = await open({ max: 1 })
      const connection = await one.driver.acquire()
      await connection.begin({})
      await connection.run(change("insert into items (name) values ('gone')"))
      await kill(await idOf(connection))
      expect(await failure(one, connection.run(query('select 1')))).toBeInstanceOf(ConnectionError)
      expect(connection.inTransaction).toBe(false)
      expect(await failure(one, connection.commit())).toBeInstanceOf(ConnectionError)
      await connection.rollback()
      one.driver.release(connection, false)
      expect((await one.driver.run(query('select count(*) from items'))).rows).toEqual([[0]])
    })

    it('rejects everything that waits on a connection killed in the middle of a statement', async () => {
      const connection = await db.driver.acquire()
      const id = await idOf(connection)
      const all = Promise.allSettled([connection.run(query('select sleep(5)')), connection.run(query('select 1'))])
      await pause(100)
      await kill(id)
      for (const result of await all)
        expect(db.dialect.mapError((result as PromiseRejectedResult).reason)).toBeInstanceOf(ConnectionError)
      db.driver.release(connection, true)
      expect(await rows('select 1')).toEqual([[1]])
    })

    it('says that the outcome is unknown when the connection is lost during COMMIT', async () => {
      const connection = await db.driver.acquire()
      await connection.begin({})
      await connection.run(change("insert into items (name) values ('maybe')"))
      const raw = connection.raw as { stream: { destroy(): void } }
      const commit = Promise.resolve(connection.commit())
      raw.stream.destroy()
      await expect(commit).rejects.toBeInstanceOf(OutcomeUnknownError)
      db.driver.release(connection, true)
      await pause(50)
      expect([0, 1]).toContain(Number((await rows('select count(*) from items'))[0]?.[0]))
    })

    it('cuts a connection that gives no answer, within the limit of statements', async () => {
      const limited = await open({ statementTimeout: 400 })
      const connection = await limited.driver.acquire()
      const raw = connection.raw as { stream: { pause(): void } }
      raw.stream.pause()
      const start = Date.now()
      expect(await failure(limited, connection.run(query('select 1')))).toBeInstanceOf(TimeoutError)
      expect(Date.now() - start).toBeLessThan(900)
      limited.driver.release(connection, false)
      expect((await limited.driver.run(query('select 1'))).rows).toEqual([[1]])
    })

    /** A transaction of six rows whose connection is killed at a point; what its caller was told. */
    const killedAt = async (pool: Connected, point: number): Promise<'stored' | 'not stored' | 'unknown'> => {
      const connection = await pool.driver.acquire()
      const id = await idOf(connection)
      let broken = true
      let killing: Promise<unknown> = Promise.resolve()
      const step = async (at: number, work: () => unknown) => {
        // odd points are between two steps, even ones while the step is under way
        if (point === at * 2 - 1) await admin.driver.run(own(`kill ${id}`))
        const done = Promise.resolve(work())
        if (point === at * 2) killing = Promise.resolve(admin.driver.run(own(`kill ${id}`))).catch(() => {})
        await done
      }
      try {
        await connection.begin({})
        for (let i = 1; i <= 6; i++)
          await step(i, () => connection.run(change('insert into items (number) values (?)', [i])))
        await step(7, () => connection.commit())
        // a kill that comes after the end hits an idle connection: the next borrower must not be given it meanwhile
        broken = point === 14
        return 'stored'
      } catch (error) {
        const mapped = pool.dialect.mapError(error)
        return mapped instanceof OutcomeUnknownError ? 'unknown' : 'not stored'
      } finally {
        await killing
        pool.driver.release(connection, broken)
      }
    }

    it('stores all of a transaction or nothing, and tells which, whenever its connection is killed', async () => {
      const pool = await open({ max: 2 })
      const wrong: string[] = []
      for (let round = 0; round < 3; round++) {
        for (let point = 1; point <= 14; point++) {
          await run('delete from items')
          const verdict = await killedAt(pool, point)
          const count = Number((await rows('select count(*) from items'))[0]?.[0])
          const allowed = verdict === 'stored' ? [6] : verdict === 'unknown' ? [0, 6] : [0]
          if (!allowed.includes(count)) wrong.push(`point ${point}: ${verdict}, but ${count} rows`)
        }
      }
      expect(wrong).toEqual([])
      expect((await pool.driver.run(query('select 1'))).rows).toEqual([[1]])
    })

    it('serves those who wait when a borrowed connection dies', async () => {
      const one = await open({ max: 1 })
      const connection = await one.driver.acquire()
      const id = await idOf(connection)
      const waiting = idOf(one.driver)
      await kill(id)
      expect(await waiting).not.toBe(id)
      one.driver.release(connection, false)
      expect((await one.driver.run(query('select 1'))).rows).toEqual([[1]])
    })

    it('gives up on a server that accepts a connection and says nothing', async () => {
      const mute = createServer(() => {})
      await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
      const { port } = mute.address() as AddressInfo
      const start = Date.now()
      const error = await connectMysql(options({ url: `mysql://root@127.0.0.1:${port}/x`, connectTimeout: 300 })).catch(
        (e) => e,
      )
      expect(error).toBeInstanceOf(ConnectionError)
      expect(Date.now() - start).toBeLessThan(900)
      mute.close()
    })

    it('rejects callers one by one while the server is gone, and recovers when it is back', async () => {
      const { hostname, port: serverPort } = new URL(urlOf(name))
      const target = new URL(urlOf(name))
      const sockets = new Set<Socket>()
      const relay = createServer((client) => {
        const upstream = createConnection(Number(serverPort || 3306), hostname)
        for (const socket of [client, upstream]) {
          sockets.add(socket)
          socket.on('error', () => {})
        }
        client.pipe(upstream).pipe(client)
      })
      await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
      const { port } = relay.address() as AddressInfo
      target.hostname = '127.0.0.1'
      target.port = String(port)
      const cut = await open({ url: target.href, max: 2 })
      expect((await cut.driver.run(query('select 1'))).rows).toEqual([[1]])
      await new Promise<void>((resolve) => {
        relay.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      })
      for (let i = 0; i < 3; i++) {
        const start = Date.now()
        expect(await failure(cut, cut.driver.run(query('select 1')))).toBeInstanceOf(ConnectionError)
        expect(Date.now() - start).toBeLessThan(1000)
      }
      await new Promise<void>((resolve) => relay.listen(port, '127.0.0.1', resolve))
      expect((await cut.driver.run(query('select 1'))).rows).toEqual([[1]])
      await cut.driver.close()
      relay.close()
    })

    it('prepares a statement again that the server has forgotten', async () => {
      const connection = await db.driver.acquire()
      await connection.run(query('select ? + 41', [1]))
      const raw = connection.raw as { _statements: { values(): Iterable<{ close(): void }> } }
      for (const statement of raw._statements.values()) statement.close()
      expect(((await connection.run(query('select ? + 41', [1]))) as QueryResult).rows).toEqual([[42]])
      db.driver.release(connection, false)
    })

    it('opens the least number of connections again', async () => {
      const kept = await open({ min: 2, max: 3 })
      await pause(200)
      const held = [await kept.driver.acquire(), await kept.driver.acquire()]
      const ids = await Promise.all(held.map(idOf))
      for (const connection of held) kept.driver.release(connection, false)
      for (const id of ids) await kill(id)
      await pause(300)
      const { rows } = await admin.driver.run(
        query('select count(*) from information_schema.processlist where db = ? and id > ?', [name, Math.max(...ids)]),
      )
      expect(Number(rows[0]?.[0])).toBeGreaterThanOrEqual(2)
    })
  })

  describe('loans', () => {
    it('gives up after the limit when no connection is free, and hands the next free one on', async () => {
      const one = await open({ max: 1, acquireTimeout: 200 })
      const held = await one.driver.acquire()
      const start = Date.now()
      await expect(one.driver.acquire()).rejects.toBeInstanceOf(PoolTimeoutError)
      await expect(one.driver.run(query('select 1'))).rejects.toBeInstanceOf(PoolTimeoutError)
      expect(Date.now() - start).toBeLessThan(700)
      const next = one.driver.run(query('select 2'))
      one.driver.release(held, false)
      expect((await next).rows).toEqual([[2]])
    })

    it('rolls back what a borrower left open', async () => {
      const one = await open({ max: 1 })
      const held = await one.driver.acquire()
      const id = await idOf(held)
      await held.begin({})
      await held.run(change("insert into items (name) values ('left')"))
      void Promise.resolve(held.run(change("insert into items (name) values ('unawaited')")))
      one.driver.release(held, false)
      expect((await one.driver.run(query('select count(*) from items'))).rows).toEqual([[0]])
      expect(await idOf(one.driver)).toBe(id)
      expect(await openTransactions()).toBe(0)
    })

    it('lends a connection whose last borrower left a transaction that DDL had ended', async () => {
      const one = await open({ max: 1 })
      const held = await one.driver.acquire()
      await held.begin({})
      await held.run({ ...own('create table if not exists extra (id int)'), rows: false })
      one.driver.release(held, false)
      expect((await one.driver.run(query('select 1'))).rows).toEqual([[1]])
    })

    it('rolls back what a borrower began in raw SQL', async () => {
      const one = await open({ max: 1 })
      const held = await one.driver.acquire()
      await held.run({ ...own('start transaction'), rows: false })
      await held.run(change("insert into items (name) values ('left')"))
      one.driver.release(held, false)
      expect((await one.driver.run(query('select count(*) from items'))).rows).toEqual([[0]])
    })

    it('throws a connection away whose session was changed', async () => {
      const one = await open({ max: 1 })
      const changes = [
        "set session sql_mode = ''",
        'set session transaction isolation level read uncommitted',
        'set autocommit = 0',
        'set @secret = 1',
        'create temporary table hidden (id int)',
        'use mysql',
      ]
      for (const sql of changes) {
        const held = await one.driver.acquire()
        const id = await idOf(held)
        await held.run({ ...own(sql), rows: false })
        one.driver.release(held, false)
        expect(await idOf(one.driver), sql).not.toBe(id)
      }
      const before = await idOf(one.driver)
      await one.driver.run({ ...own('set @x = 1'), rows: false })
      expect(await idOf(one.driver)).not.toBe(before)
    })

    it('throws a connection away that holds a named lock, or whose own object was lent', async () => {
      const one = await open({ max: 1 })
      const held = await one.driver.acquire()
      await held.run(own("select get_lock('corm test', 1)"))
      one.driver.release(held, false)
      await pause(50)
      expect((await admin.driver.run(own("select is_free_lock('corm test')"))).rows).toEqual([[1]])
      const second = await one.driver.acquire()
      const id = await idOf(second)
      void second.raw
      one.driver.release(second, false)
      expect(await idOf(one.driver)).not.toBe(id)
    })

    it('takes a connection back once, and refuses its use afterwards', async () => {
      const one = await open({ max: 1 })
      const held = await one.driver.acquire()
      one.driver.release(held, false)
      one.driver.release(held, false)
      const [first] = [await one.driver.acquire()]
      const second = one.driver.acquire()
      expect(await Promise.race([second, pause(50).then(() => 'waits')])).toBe('waits')
      await expect(Promise.resolve(held.run(query('select 1')))).rejects.toBeInstanceOf(ConnectionError)
      await expect(Promise.resolve(held.begin({}))).rejects.toBeInstanceOf(ConnectionError)
      expect(() => held.raw).toThrow(ConnectionError)
      one.driver.release(first as Connection, false)
      one.driver.release(await second, false)
    })

    it('leaves no connection busy after thousands of mixed operations', async () => {
      const busy = await open({ max: 4, acquireTimeout: 60_000 })
      const one = async (i: number) => {
        if (i % 7 === 0) return failure(busy, busy.driver.run(query('select nothing')))
        if (i % 3 !== 0) return busy.driver.run(query('select ?', [i]))
        const connection = await busy.driver.acquire()
        await connection.begin({})
        await connection.run(change('insert into items (number) values (?)', [i]))
        if (i % 2 === 0) await connection.rollback()
        busy.driver.release(connection, i % 51 === 0)
        return undefined
      }
      await Promise.all(Array.from({ length: 2000 }, (_, i) => one(i)))
      expect((await busy.driver.run(query('select count(*) from items'))).rows).toEqual([[0]])
      const held = await Promise.all([1, 2, 3, 4].map(() => busy.driver.acquire()))
      expect(new Set(await Promise.all(held.map(idOf))).size).toBe(4)
      for (const connection of held) busy.driver.release(connection, false)
      expect(await openTransactions()).toBe(0)
    })
  })

  describe('closing', () => {
    it('rejects those who wait, and everything afterwards', async () => {
      const one = await open({ max: 1 })
      await one.driver.acquire()
      const waiting = Promise.resolve(one.driver.run(query('select 1')))
      const closed = one.driver.close()
      await expect(waiting).rejects.toBeInstanceOf(ConnectionError)
      await closed
      await expect(Promise.resolve(one.driver.run(query('select 1')))).rejects.toBeInstanceOf(ConnectionError)
      await expect(Promise.resolve(one.driver.acquire())).rejects.toBeInstanceOf(ConnectionError)
      await one.driver.close()
    })

    it('lets statements under way finish', async () => {
      const one = await open()
      const running = Promise.resolve(one.driver.run(query('select sleep(0.2)')))
      await one.driver.close()
      expect((await running).rows).toEqual([[0]])
    })

    it('rejects waiting callers when the server takes no further connection at all', async () => {
      const target = new URL(urlOf(name))
      target.pathname = `/${name}_missing`
      const error = await connectMysql(options({ url: target.href })).catch((e) => e)
      expect(error).toBeInstanceOf(ConnectionError)
      expect(error.message).toContain(`${name}_missing`)
    })
  })

  describe('errors of the server', () => {
    beforeAll(async () => {
      await run(
        'create table strict_ones (id int primary key, code varchar(20) not null, parent int, amount int, ' +
          'constraint strict_code unique (code), constraint strict_amount check (amount > 0), ' +
          'constraint strict_parent foreign key (parent) references strict_ones (id)) engine = InnoDB',
      )
      await run("insert into strict_ones values (1, 'sEcr3t', 1, 1)")
    })

    const cases: [string, string, unknown[], new (...args: never[]) => CormError, object][] = [
      [
        'a unique key',
        'insert into strict_ones (id, code) values (?, ?)',
        [2, 'sEcr3t'],
        UniqueViolationError,
        { constraint: 'strict_code' },
      ],
      [
        'the primary key',
        'insert into strict_ones (id, code) values (?, ?)',
        [1, 'x'],
        UniqueViolationError,
        { constraint: 'PRIMARY' },
      ],
      [
        'a foreign key of a child',
        'update strict_ones set parent = ?',
        [977],
        ForeignKeyViolationError,
        { constraint: 'strict_parent', columns: ['parent'], table: 'strict_ones' },
      ],
      ['a check', 'update strict_ones set amount = ?', [-977], CheckViolationError, { constraint: 'strict_amount' }],
      ['NULL', 'update strict_ones set code = ?', [null], NotNullViolationError, { columns: ['code'] }],
      ['a missing value', 'insert into strict_ones (id) values (?)', [5], NotNullViolationError, { columns: ['code'] }],
    ]
    it.each(cases)('names what was violated by %s, and no value', async (_, sql, parameters, type, facts) => {
      const error = await failure(db, run(sql, parameters))
      expect(error).toBeInstanceOf(type)
      expect(error).toMatchObject(facts)
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/sEcr3t|977/)
    })

    it.each([
      ['update strict_ones set amount = ?', ['sEcr3t']],
      ['update strict_ones set code = ?', ['sEcr3t'.repeat(20)]],
      ['select cast(? as datetime) + interval 1 day from strict_ones where amount = date(?)', ['sEcr3t', 'sEcr3t']],
      ['update strict_ones set amount = cast(? as datetime)', ['sEcr3t']],
      ['select code regexp ? from strict_ones', ['sEcr3t(']],
      ['update strict_ones set amount = ?', [97_700_000_000]],
      ['select st_geomfromtext(?)', ['sEcr3t']],
    ])('keeps values out of the error of %s', async (sql, parameters) => {
      const error = await Promise.resolve(db.driver.run(query(sql, parameters))).then(() => null, db.dialect.mapError)
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/sEcr3t|977/)
    })
  })

  describe('values', () => {
    const typed = (dataType: DataType): ValueType => ({
      ...VALUE_TYPE,
      dataType,
      check: (value) => value,
      refuse: (code, message) => {
        throw new RangeError(`${code}: ${message}`)
      },
    })
    const table = { ...TABLE, name: 'edges', alias: null } as const
    const column = (of: string, type: ValueType) => ({ ...COLUMN, table: null, name: of, type }) as const
    const parameter = (type: ValueType | null, value: unknown): ParameterNode => ({ kind: 'parameter', type, value })
    const select = (expressions: readonly ExpressionNode[], where: ExpressionNode | null): SelectNode => ({
      ...SELECT,
      selections: expressions.map((expression) => ({
        kind: 'selection',
        expression,
        alias: null,
        type: ('type' in expression ? expression.type : null) ?? null,
      })),
      from: table,
      distinct: false,
      where,
      groupBy: [],
      having: null,
      orderBy: [{ kind: 'order', expression: column('id', typed({ name: 'integer' })), direction: 'asc', nulls: null }],
      limit: null,
      offset: null,
    })
    /** Compiles, binds and runs a node; decodes what a selection's type says. */
    const perform = async (node: Node): Promise<unknown[][]> => {
      const { sql, bindings, intent } = anyNode(db.dialect.compiler).compile(node)
      const parameters = bindings.flatMap(({ node, encode, spread }) => {
        if (node.kind === 'parameter') return [encode(node.value)]
        const values = node.values.map(encode)
        return Array.from({ length: spread as number }, (_, i) => values[Math.min(i, values.length - 1)])
      })
      const { rows } = await db.driver.run({
        ...STATEMENT,
        sql,
        parameters,
        prepare: true,
        intent,
        rows: node.kind === 'select',
      })
      if (node.kind !== 'select') return rows
      const codecs = node.selections.map(({ type }) => (type === null ? null : db.dialect.codec(type)))
      return rows.map((row) =>
        row.map((raw, i) => {
          const decode = codecs[i]?.decode as ((raw: unknown) => unknown) | null | undefined
          return raw === null || decode == null ? raw : decode(raw)
        }),
      )
    }
    const define = async (type: DataType) => {
      const id = { name: 'id', type: { name: 'integer', autoIncrement: true }, nullable: false } as const
      const more = { default: null, generated: null, comment: null }
      await db.driver.run({ ...own('drop table if exists edges'), rows: false })
      const sql = anyNode(db.dialect.compiler).compileInline({
        kind: 'createTable',
        options: null,
        table: 'edges',
        columns: [
          { isKey: false, ...id, ...more },
          { isKey: false, name: 'value', type, nullable: true, ...more, comment: "it's \\ a value" },
        ],
        primaryKey: ['id'],
        foreignKeys: [],
        checks: [],
        ifNotExists: false,

        fullText: [],
        comment: 'edges; of "types"',
      })
      await db.driver.run({ ...own(sql), rows: false })
    }
    const insert = (type: ValueType, values: readonly unknown[]) =>
      perform({
        kind: 'insert',
        table,
        columns: [{ name: 'value', type }],
        source: { kind: 'rows', rows: values.map((value) => [parameter(type, value)]) },
        conflict: null,
        returning: [],
      })

    const EDGES: readonly [DataType, readonly unknown[]][] = [
      [{ name: 'smallInteger' }, [0, -32_768, 32_767]],
      [{ name: 'integer' }, [0, -1, -2_147_483_648, 2_147_483_647]],
      [
        { name: 'bigInteger' },
        [0n, -1n, 9_007_199_254_740_991n, 9_007_199_254_740_993n, 9_007_199_254_740_992n, -(2n ** 63n), 2n ** 63n - 1n],
      ],
      [{ name: 'float' }, [0, 0.1 + 0.2, 1e308, 5e-324, 1e21, -1.5, 123456789.12345679, Number.MAX_VALUE, 2 ** 53 + 2]],
      [
        { name: 'decimal', precision: 30, scale: 10 },
        ['12345678901234567890.1234567891', '12345678901234567890.1234567892', '-0.0000000001', '0.0000000000'],
      ],
      [{ name: 'decimal', precision: 65, scale: 30 }, [`${'9'.repeat(35)}.${'9'.repeat(30)}`, `0.${'0'.repeat(29)}1`]],
      [{ name: 'decimal', precision: 5, scale: 0 }, ['0', '-99999', '7']],
      [{ name: 'boolean' }, [true, false]],
      [
        { name: 'text' },
        [
          '',
          ' ',
          'a ',
          "'",
          "''",
          '"',
          '\\',
          '\\\\',
          "\\'",
          '{a,b}',
          'NULL',
          'null',
          '?',
          '--',
          '/*',
          '%_|',
          '\u0000',
          'a\u0000b',
        ],
      ],
      [
        { name: 'text' },
        ['😀é', '\u{10ffff}', '\n\r\t\b\u0001\u001a', '\ufeffx', 'e\u0301', "'".repeat(30_000), 'ends in \\'],
      ],
      [{ name: 'string', length: 5 }, ['12345', '😀😀😀😀😀', 'ab   ']],
      [{ name: 'string', length: 20_000 }, ['x'.repeat(20_000)]],
      [{ name: 'char', length: 5 }, ['a', 'a  ', '12345']],
      [{ name: 'uuid' }, ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-4fff-8fff-ffffffffffff']],
      [{ name: 'enum', values: ['draft', "it's", '\\'] }, ['draft', "it's", '\\']],
      [{ name: 'enum', values: [1, 2] }, [1, 2]],
      [
        { name: 'json' },
        [
          'null',
          '1.0',
          '12345678901234567890',
          '{"b":1,  "a":[1,2,{"c":"\\u0000 \\\\ \\" 😀"}],"b":2}',
          '"\\ud83d\\ude00"',
          '[]',
          '-0',
        ],
      ],
      [{ name: 'date' }, ['0001-01-01', '1960-06-02', '2024-02-29', '9999-12-31']],
      [{ name: 'time' }, ['00:00:00', '23:59:59.999999', '10:00:00.5', '12:34:56.000001']],
      [
        { name: 'dateTime', precision: 3 },
        [
          '2026-11-20T10:00:00.123Z',
          '2026-11-20T10:00:00.120Z',
          '2026-11-20T10:00:00.000Z',
          '1970-01-01T00:00:00.000Z',
          '1969-12-31T23:59:59.999Z',
          '1900-01-01T00:00:00.000Z',
          '0100-01-01T00:00:00.001Z',
          '9999-12-31T23:59:59.999Z',
          '2026-03-29T02:30:00.000Z',
        ].map((text) => new Date(text)),
      ],
      [
        { name: 'dateTime', precision: 6 },
        [
          '2026-11-20 10:00:00.123456',
          '0001-01-01 00:00:00.000000',
          '9999-12-31 23:59:59.999999',
          '2026-03-29 02:30:00.000001',
        ],
      ],
      [
        { name: 'binary' },
        [new Uint8Array(), Uint8Array.from({ length: 256 }, (_, i) => i), new Uint8Array([9, 8, 7, 6]).subarray(1, 3)],
      ],
    ]

    it.each(EDGES)('keeps %o as it is: inserted, read, compared, in a list', async (dataType, values) => {
      const type = typed(dataType)
      const at = column('value', type)
      await define(dataType)
      await insert(type, [...values, null])
      const all = (await perform(select([at], null))).flat()
      expect(all).toEqual([...values, null])
      expect(
        all.every((value, i) => i === values.length || Object.is(value, values[i]) || typeof value === 'object'),
      ).toBe(true)
      for (const value of values) {
        const same = { kind: 'comparison', operator: '=', left: at, right: parameter(type, value) } as const
        const expected = values.filter((other) => isDeepStrictEqual(other, value))
        expect((await perform(select([at], same))).flat()).toEqual(expected)
      }
      const list: ListNode = { kind: 'list', type, values }
      const inList = { kind: 'in', operand: at, list, negated: false } as const
      expect((await perform(select([at], inList))).flat()).toEqual(values)
      const notIn = { kind: 'in', operand: at, list: { ...list, values: values.slice(0, 1) }, negated: true } as const
      expect((await perform(select([at], notIn))).flat()).toEqual(values.slice(1))
    })

    it('refuses values that the database can not keep, before anything is sent', async () => {
      const refused: [DataType, unknown][] = [
        [{ name: 'float' }, Number.NaN],
        [{ name: 'float' }, Number.POSITIVE_INFINITY],
        [{ name: 'dateTime' }, new Date('0000-06-15T00:00:00Z')],
        [{ name: 'dateTime' }, new Date('0099-06-15T00:00:00Z')],
        [{ name: 'dateTime' }, new Date('+010000-01-01T00:00:00Z')],
        [{ name: 'dateTime' }, new Date(Number.NaN)],
        [{ name: 'dateTime', precision: 6 }, '10000-01-01 00:00:00.000000'],
        [{ name: 'date' }, '0000-01-01'],
      ]
      for (const [dataType, value] of refused) {
        const encode = db.dialect.codec(typed(dataType)).encode as (value: unknown) => unknown
        expect(() => encode(value), `${dataType.name} ${String(value)}`).toThrow(RangeError)
      }
    })

    it('compares texts exactly: case, accents, trailing blanks, emoji', async () => {
      const texts = ['a', 'A', 'a ', 'á', 'a\u0301', '😀', '😁', 'ß', 'ss', 'ｱ', 'ア', '', ' ', '\t']
      const type = typed({ name: 'string' })
      await define(type.dataType)
      await insert(type, texts)
      const at = column('value', type)
      for (const text of texts) {
        const same = { kind: 'comparison', operator: '=', left: at, right: parameter(type, text) } as const
        expect((await perform(select([at], same))).flat(), text).toEqual([text])
        const like = (insensitive: boolean) =>
          ({
            kind: 'pattern',
            mode: 'like',
            operand: at,
            pattern: parameter(type, text),
            insensitive,
            negated: false,
          }) as const
        expect((await perform(select([at], like(false)))).flat(), text).toEqual([text])
      }
      await db.driver.run({ ...own('create unique index edges_value on edges (value)'), rows: false })
      const found = await perform({
        ...select([at], null),
        orderBy: [{ kind: 'order', expression: at, direction: 'asc', nulls: null }],
      })
      expect(found.flat()).toEqual([...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
    })

    it('never matches a text with a number, as the bare server does', async () => {
      const type = typed({ name: 'string' })
      await define(type.dataType)
      await insert(type, ['admin', '0', '971744af', '1'])
      const at = column('value', type)
      const is = (value: string) =>
        ({ kind: 'comparison', operator: '=', left: at, right: parameter(type, value) }) as const
      expect((await perform(select([at], is('0')))).flat()).toEqual(['0'])
      expect((await perform(select([at], is('971744')))).flat()).toEqual([])
    })

    it('finds patterns as they are written', async () => {
      const texts = ['50%', '50x', 'a_b', 'axb', 'back\\slash', 'pi|pe', 'ÉCOLE', 'line\nbreak']
      const type = typed({ name: 'text' })
      await define(type.dataType)
      await insert(type, texts)
      const at = column('value', type)
      const find = async (mode: 'like' | 'contains' | 'startsWith' | 'endsWith', text: string, insensitive = false) =>
        (
          await perform(
            select([at], {
              kind: 'pattern',
              mode,
              operand: at,
              pattern: parameter(type, text),
              insensitive,
              negated: false,
            }),
          )
        ).flat()
      expect(await find('contains', '%')).toEqual(['50%'])
      expect(await find('startsWith', 'a_')).toEqual(['a_b'])
      expect(await find('endsWith', '\\slash')).toEqual(['back\\slash'])
      expect(await find('contains', '|')).toEqual(['pi|pe'])
      expect(await find('like', 'back\\slash')).toEqual(['back\\slash'])
      expect(await find('like', '50\\%')).toEqual([])
      expect(await find('like', 'pi|pe')).toEqual(['pi|pe'])
      expect(await find('like', 'a_b')).toEqual(['a_b', 'axb'])
      expect(await find('contains', 'école')).toEqual([])
      expect(await find('contains', 'école', true)).toEqual(['ÉCOLE'])
      const regex = async (pattern: string, insensitive: boolean) =>
        (
          await perform(select([at], { kind: 'regex', operand: at, pattern: parameter(type, pattern), insensitive }))
        ).flat()
      expect(await regex('^a.b$', false)).toEqual(['a_b', 'axb'])
      expect(await regex('^école$', false)).toEqual([])
      expect(await regex('^école$', true)).toEqual(['ÉCOLE'])
    })

    it('computes with whole numbers, decimals and doubles exactly', async () => {
      const money = typed({ name: 'decimal', precision: 30, scale: 2 })
      const big = typed({ name: 'bigInteger' })
      const number = typed({ name: 'number' })
      const compute = async (type: ValueType, value: unknown, node: (at: ExpressionNode) => ExpressionNode) => {
        await define(type.dataType)
        await insert(type, [value])
        const expression = node(column('value', type))
        const result = select([expression], null).selections.map((s) => ({ ...s, type: null }))
        return (await perform({ ...select([expression], null), selections: result }))[0]?.[0]
      }
      const arithmetic = (operator: '+' | '*' | '/' | '%', right: ParameterNode) => (left: ExpressionNode) =>
        ({ ...ARITHMETIC, operator, left, right }) as const
      expect(await compute(big, 9_007_199_254_740_993n, arithmetic('+', parameter(big, 1n)))).toBe('9007199254740994')
      expect(await compute(big, 9_007_199_254_740_993n, arithmetic('+', parameter(number, 1)))).toBe('9007199254740994')
      expect(await compute(money, '12345678901234567890.10', arithmetic('+', parameter(money, '0.01')))).toBe(
        '12345678901234567890.11',
      )
      expect(await compute(money, '10.00', arithmetic('*', parameter(money, '0.15')))).toBe('1.50')
      expect(await compute(money, '10.00', arithmetic('/', parameter(money, '3.00')))).toBe('3.33')
      const product = await compute(money, '12345678901234567890.10', arithmetic('*', parameter(number, 1)))
      expect(String(product)).toMatch(/^12345678901234567890\.10*$/)
      const integer = typed({ name: 'integer' })
      expect(await compute(integer, 7, arithmetic('/', parameter(number, 2)))).toBe(3.5)
      expect(await compute(integer, 1, arithmetic('/', parameter(number, 3)))).toBe(1 / 3)
      expect(await compute(integer, 7, arithmetic('%', parameter(number, 4)))).toBe(3)
      const avg = (left: ExpressionNode): ExpressionNode => ({
        ...CALL,
        name: 'avg',
        args: [left],
        distinct: false,
        type: null,
      })
      expect(await compute(integer, 7, avg)).toBe(7)
    })

    it('refuses a fraction where the column keeps whole numbers', async () => {
      const integer = typed({ name: 'integer' })
      await define(integer.dataType)
      await insert(integer, [1])
      const add = (value: number) =>
        perform({
          kind: 'update',
          table,
          assignments: [
            {
              ...ASSIGNMENT,
              column: 'value',
              value: {
                ...ARITHMETIC,
                operator: '+',
                left: column('value', integer),
                right: parameter(typed({ name: 'number' }), value),
              },
            },
          ],
          where: null,
          returning: [],
        })
      await add(2)
      await expect(add(1.5)).rejects.toThrow(/whole number/)
      expect(await perform(select([column('value', integer)], null))).toEqual([[3]])
    })

    it('keeps literals of definitions exact in defaults, checks and generated columns', async () => {
      const text = "\\' \\\\ \n é😀"
      const type: DataType = { name: 'string', length: 40 }
      const value = parameter(typed(type), text)
      const at = column('value', typed(type))
      await db.driver.run({ ...own('drop table if exists edges'), rows: false })
      const base = { type, nullable: true, comment: null }
      const sql = anyNode(db.dialect.compiler).compileInline({
        kind: 'createTable',
        options: null,
        table: 'edges',
        columns: [
          {
            isKey: false,
            ...base,
            name: 'id',
            type: { name: 'integer', autoIncrement: true },
            nullable: false,
            default: null,
            generated: null,
          },
          { isKey: false, ...base, name: 'value', default: value, generated: null },
          {
            isKey: false,
            ...base,
            name: 'copy',
            default: null,
            generated: { stored: true, expression: { kind: 'concat', items: [at, value] } },
          },
        ],
        primaryKey: ['id'],
        foreignKeys: [],
        checks: [{ name: 'edges_check', predicate: { kind: 'comparison', operator: '=', left: at, right: value } }],
        ifNotExists: false,

        fullText: [],
        comment: null,
      })
      await db.driver.run({ ...own(sql), rows: false })
      await run('insert into edges () values ()')
      await run('insert into edges (value) values (?)', [text])
      expect(await failure(db, run('insert into edges (value) values (?)', ['x']))).toBeInstanceOf(CheckViolationError)
      expect(await rows('select value, copy from edges')).toEqual([
        [text, text + text],
        [text, text + text],
      ])
    })

    it('keeps hostile names of tables and columns', async () => {
      for (const hostile of [
        'per % cent',
        'par(ens)',
        'back`tick',
        'semi;colon',
        'dash--dash',
        'q?mark',
        "quote ' one",
        'quote " two',
        '__proto__',
        'ünïcødé',
        '表',
        'select',
      ]) {
        await db.driver.run({ ...own('drop table if exists edges'), rows: false })
        const { quote } = db.dialect.compiler.syntax
        await run(`create table ${quote('edges')} (${quote(hostile)} int)`)
        await run(`insert into edges (${quote(hostile)}) values (?)`, [1])
        const result = await db.driver.run({
          ...query(`select ${quote(hostile)} from edges`),
          hasRawSql: true,
          namesColumns: true,
        })
        expect(result).toMatchObject({ rows: [[1]], columns: [hostile] })
      }
    })
  })
})
