import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CheckViolationError,
  ConfigurationError,
  ConnectionError,
  Database,
  DatabaseError,
  Field,
  ForeignKeyViolationError,
  Model,
  type QueryEvent,
  Relation,
  sql,
  UniqueViolationError,
} from 'corm'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

class Thing extends Model({ name: Field.string() }) {}

class Chicken extends Model({ eggId: Field.foreignKey(() => Egg, { nullable: true, onDelete: 'setNull' }) }) {}
class Egg extends Model({ chickenId: Field.foreignKey(() => Chicken, { nullable: true, onDelete: 'cascade' }) }) {}
class Folder extends Model({
  name: Field.string(),
  parentId: Field.foreignKey(() => Folder, { nullable: true, onDelete: 'cascade' }),
}) {
  static parent = Relation.belongsTo(() => Folder)
  static children = Relation.hasMany(() => Folder)
}
class Seat extends Model(
  {
    row: Field.integer(),
    place: Field.integer(),
    code: Field.string({ unique: true }),
    guest: Field.string({ nullable: true, index: true }),
    price: Field.integer({ default: 1 }),
  },
  {
    uniques: [['row', 'place']],
    indexes: ['price', ['row', 'price'], { fields: ['guest', 'row'], name: 'seats_by_guest' }],
    checks: { price_is_positive: (c) => c.price.gt(0), row_in_hall: sql`${sql.id('row')} <= 30` },
    comment: "The hall's seats",
  },
) {}

describeDatabases('databases', (database) => {
  it('are refused by using() at once, where it is given anything else', () => {
    const model = Thing as unknown as { using(given: unknown): unknown; query(): { using(given: unknown): unknown } }
    for (const wrong of [{}, [], { isTransaction: true }, 'default', null, undefined, Thing, Thing.query()]) {
      const message = 'using() takes a database or a transaction.'
      expect(() => model.using(wrong)).toThrow(message)
      expect(() => model.query().using(wrong)).toThrow(message)
    }
  })

  describe('tables', () => {
    it('are created and dropped, with keys that point in circles and at themselves', async () => {
      const tables = [Folder, Egg, Chicken]
      await database.db.createTables(tables)
      const chicken = await Chicken.create({})
      const egg = await Egg.create({ chickenId: chicken.id })
      await chicken.update({ eggId: egg.id })
      await expect(Egg.create({ chickenId: 99 })).rejects.toBeInstanceOf(ForeignKeyViolationError)
      const root = await Folder.create({ name: 'root' })
      const child = await Folder.create({ name: 'child', parentId: root.id })
      expect((await child.parent)?.name).toBe('root')
      await root.delete()
      expect(await Folder.count()).toBe(0)
      await chicken.delete()
      expect(await Egg.count()).toBe(0)
      await database.db.dropTables(tables)
      await expect(Folder.count()).rejects.toBeInstanceOf(DatabaseError)
      await database.db.createTables([Chicken, Egg, Folder])
      await database.db.dropTables([Egg, Chicken, Folder])
    })
    it('that are there are an error, unless ifNotExists says otherwise', async () => {
      await database.db.createTables([Thing])
      await Thing.create({ name: 'kept' })
      await expect(database.db.createTables([Thing])).rejects.toBeInstanceOf(DatabaseError)
      await database.db.createTables([Thing, Folder], { ifNotExists: true })
      await database.db.createTables([Thing, Folder], { ifNotExists: true })
      expect(await Thing.query().pluck('name')).toEqual(['kept'])
      expect(await Folder.count()).toBe(0)
      await database.db.dropTables([Thing, Folder])
      await database.db.dropTables([Thing, Folder])
    })
    it('have their uniques, checks and indexes', async () => {
      await database.db.createTables([Seat])
      const seat = { row: 1, place: 1, code: 'a' }
      await Seat.create(seat)
      await expect(Seat.create({ ...seat, place: 2 })).rejects.toMatchObject({ fields: ['code'] })
      await expect(Seat.create({ ...seat, code: 'b' })).rejects.toBeInstanceOf(UniqueViolationError)
      await expect(Seat.create({ row: 1, place: 2, code: 'c', price: 0 })).rejects.toBeInstanceOf(CheckViolationError)
      await expect(Seat.create({ row: 31, place: 2, code: 'd' })).rejects.toBeInstanceOf(CheckViolationError)
      expect(await indexNames('seats')).toContain('seats_by_guest')
      expect((await indexNames('seats')).length).toBeGreaterThanOrEqual(5)
      await database.db.dropTables([Seat])
    })
    it('may have partial indexes, where the database has them', async () => {
      const Draft = class Draft extends Model(
        { slug: Field.string(), gone: Field.boolean({ default: false }) },
        { indexes: [{ fields: ['slug'], unique: true, where: (c) => c.gone.eq(false), name: 'drafts_slug' }] },
      ) {}
      if (database.kind === 'mysql') {
        await expect(database.db.createTables([Draft])).rejects.toMatchObject({ code: 'UNSUPPORTED' })
        return
      }
      await database.db.createTables([Draft])
      await Draft.create({ slug: 'a' })
      await Draft.create({ slug: 'a', gone: true })
      await Draft.create({ slug: 'a', gone: true })
      await expect(Draft.create({ slug: 'a' })).rejects.toBeInstanceOf(UniqueViolationError)
      await database.db.dropTables([Draft])
    })
    const indexNames = async (table: string): Promise<string[]> => {
      const query = {
        sqlite: sql`select name from sqlite_master where type = 'index' and tbl_name = ${table}`,
        mysql: sql`select distinct index_name as name from information_schema.statistics where table_schema = database() and table_name = ${table}`,
        postgres: sql`select indexname as name from pg_indexes where tablename = ${table}`,
      }
      const rows = await database.db.select<{ name: string }>(
        query[database.kind === 'pglite' ? 'postgres' : database.kind],
      )
      return rows.map((row) => row.name)
    }
  })

  describe('a connection', () => {
    it('answers ping(), and lends the driver’s own object', async () => {
      await database.db.ping()
      expect(database.db.isConnected).toBe(true)
      expect(typeof (await database.db.connection((raw) => raw))).toBe('object')
      await expect(
        database.db.connection(() => {
          throw new RangeError('mine')
        }),
      ).rejects.toBeInstanceOf(RangeError)
      await database.db.ping()
    })
    it('shows no secret when it is printed', () => {
      expect(JSON.parse(JSON.stringify(database.db))).toEqual({
        name: 'default',
        dialect: database.db.dialect.name,
      })
    })
    it('is closed once, and refuses work afterwards', async () => {
      const db = await Database.connect({ name: 'closing', url: database.url })
      await db.ping()
      await db.close()
      await db.close()
      expect(db.isConnected).toBe(false)
      for (const work of [
        () => db.ping(),
        () => db.select(sql`select 1`),
        () => db.execute(sql`select 1`),
        () => db.transaction(async () => undefined),
        () => db.connection(() => undefined),
        () => db.createTables([Thing]),
        () => Thing.using(db).count(),
      ]) {
        const error = await Promise.resolve()
          .then((): Promise<unknown> => work())
          .catch((thrown) => thrown)
        expect(error).toBeInstanceOf(ConnectionError)
        expect((error as Error).message).toContain('closing')
      }
      expect(() => Database.get('closing')).toThrow(ConfigurationError)
    })
    it('is closed by await using', async () => {
      let kept!: Database
      {
        await using db = await Database.connect({ name: 'short', url: database.url })
        kept = db
        expect(Database.get('short')).toBe(db)
      }
      expect(kept.isConnected).toBe(false)
      expect(() => Database.get('short')).toThrow('short')
    })
    it('closing waits for nobody and turns waiters away', async () => {
      const db = await Database.connect({ name: 'waiters', url: database.url, pool: { max: 1 } })
      let release!: () => void
      const holding = db
        .transaction(
          () =>
            new Promise<void>((resolve) => {
              release = resolve
            }),
        )
        .catch((error) => error)
      await new Promise((resolve) => setTimeout(resolve, 30))
      const waiting = db.transaction(async () => 'never').catch((error) => error)
      const closing = db.close()
      release()
      await closing
      expect(await waiting).toBeInstanceOf(Error)
      await holding
    })
  })

  describe('events', () => {
    it('tell every statement, its parameters, its time and its error', async () => {
      await database.db.createTables([Thing])
      const { events } = await recordQueries(async () => {
        await Thing.create({ name: 'x' })
        await database.db.select(sql`select no_such_column from ${sql.id('things')}`).catch(() => undefined)
      })
      expect(events).toHaveLength(2)
      expect(events[0]).toMatchObject({ database: 'default', error: undefined })
      expect(events[0]!.sql).toMatch(/^insert into/)
      expect(events[0]!.parameters).toContain('x')
      expect(events[0]!.duration).toBeGreaterThanOrEqual(0)
      expect(events[1]!.error).toBeInstanceOf(DatabaseError)
      await database.db.dropTables([Thing])
    })
    it('stop when the listener is taken off', async () => {
      const events: QueryEvent[] = []
      const stop = database.db.on('query', (event) => events.push(event))
      await database.db.ping()
      stop()
      await database.db.ping()
      expect(events).toHaveLength(1)
      expect(() => database.db.on('nothing' as 'query', () => undefined)).toThrow(ConfigurationError)
    })
    it('a listener that throws changes nothing', async () => {
      const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
      const seen: string[] = []
      const stops = [
        database.db.on('query', () => {
          throw new Error('listener')
        }),
        database.db.on('query', (event) => seen.push(event.sql)),
      ]
      expect(await database.db.select(sql`select 5 as five`)).toEqual([{ five: 5 }])
      for (const stop of stops) stop()
      expect(seen).toHaveLength(1)
      expect(warned).toHaveBeenCalled()
      warned.mockRestore()
    })
    it('are published on the diagnostics channel corm:query', async () => {
      const published: QueryEvent[] = []
      const listener = (message: unknown) => void published.push(message as QueryEvent)
      subscribe('corm:query', listener)
      await database.db.select(sql`select ${'value'} as v`).catch(() => undefined)
      unsubscribe('corm:query', listener)
      await database.db.ping()
      expect(published).toHaveLength(1)
      expect(published[0]).toMatchObject({ database: 'default', parameters: ['value'] })
    })
    it('lastSQL is the statement sent last', async () => {
      await database.db.select(sql`select 42 as answer`)
      expect(database.db.lastSQL).toBe('select 42 as answer')
    })
  })
})

describe('connecting', () => {
  const opened: Database[] = []
  const connect = async (config: Parameters<typeof Database.connect>[0]) => {
    const db = await Database.connect(config)
    opened.push(db)
    return db
  }
  afterEach(async () => {
    vi.unstubAllEnvs()
    for (const db of opened.splice(0)) await db.close()
  })

  it('takes URLs of SQLite in memory and in files', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'corm-'))
    const before = process.cwd()
    try {
      process.chdir(directory)
      for (const url of ['sqlite::memory:', `sqlite:///${directory}/absolute.db`, 'sqlite:///relative.db']) {
        const db = await connect(url)
        await db.createTables([Thing])
        await Thing.create({ name: url })
        await db.close()
      }
      const files = await readdir(directory)
      expect(files).toContain('absolute.db')
      expect(files).toContain('relative.db')
      expect(files).not.toContain(':memory:')
      const again = await connect('sqlite:///relative.db')
      expect(await Thing.query().pluck('name')).toEqual(['sqlite:///relative.db'])
      expect(again.dialect.name).toBe('sqlite')
    } finally {
      process.chdir(before)
      for (const db of opened.splice(0)) await db.close()
      await rm(directory, { recursive: true })
    }
  })
  it('refuses schemes it does not know, without showing what follows them', async () => {
    for (const url of [
      'oracle://user:secret@host/db',
      'http://secret@x',
      'secret',
      '',
      'constructor:secret',
      'sqlite:x',
    ]) {
      const error = await Database.connect(url).catch((thrown) => thrown)
      expect(error).toBeInstanceOf(ConfigurationError)
      expect(error.message).toMatch(/sqlite:/)
      expect(error.message).not.toContain('secret')
    }
  })
  it('refuses options it does not know', async () => {
    const error = await Database.connect({ url: 'sqlite::memory:', poolSize: 3 } as never).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toContain('"poolSize"')
    for (const config of [{}, { url: 5 }, { url: undefined }, null, undefined])
      await expect(Database.connect(config as never)).rejects.toBeInstanceOf(Error)
    await expect(Database.connect('postgres://127.0.0.1/x?max_size=many')).rejects.toBeInstanceOf(ConfigurationError)
  })
  it('says that a file cannot be opened, and that a server does not answer', async () => {
    await expect(Database.connect('sqlite:////no/such/folder/x.db')).rejects.toBeInstanceOf(ConnectionError)
    for (const url of ['postgres://me:hush@127.0.0.1:1/x', 'mysql://me:hush@127.0.0.1:1/x']) {
      const error = await Database.connect({ url, name: 'deaf', connectTimeout: 500 })
        .then((db) => {
          opened.push(db)
          return db.ping()
        })
        .catch((thrown) => thrown)
      expect(error).toBeInstanceOf(ConnectionError)
      expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain('hush')
    }
  })
  it('keeps databases by name', async () => {
    const logs = await connect({ name: 'logs', url: 'sqlite::memory:' })
    const main = await connect('sqlite::memory:')
    expect(Database.get('logs')).toBe(logs)
    expect(Database.get()).toBe(main)
    expect(() => Database.get('nothing')).toThrow(/"nothing".*connect/)
  })

  describe('the option database of a model', () => {
    const fields = { name: Field.string() }
    it('is the name of a connected database', async () => {
      const db = await connect({ name: 'logs', url: 'sqlite::memory:' })
      class Entry extends Model(fields, { database: 'logs' }) {}
      await db.createTables([Entry])
      const entry = await Entry.create({ name: 'x' })
      expect(entry.getDatabase()).toBe(db)
      expect(await db.select(sql`select name from entries`)).toEqual([{ name: 'x' }])
    })
    it('is a URL, connected when it is first needed', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'corm-'))
      const url = `sqlite:///${directory}/own.db`
      const maker = await connect({ name: 'maker', url })
      class Entry extends Model(fields, { database: url }) {}
      await maker.createTables([Entry])
      await Entry.create({ name: 'x' })
      opened.push(Database.get(url))
      expect(await maker.select(sql`select name from entries`)).toEqual([{ name: 'x' }])
      for (const db of opened.splice(0)) await db.close()
      await rm(directory, { recursive: true })
    })
    it('is the name of an environment variable', async () => {
      vi.stubEnv('CORM_SUITE_URL', 'sqlite::memory:')
      class Entry extends Model(fields, { database: 'CORM_SUITE_URL' }) {}
      await expect(Entry.count()).rejects.toThrow('entries')
      const db = Database.get('CORM_SUITE_URL')
      opened.push(db)
      await db.createTables([Entry])
      expect(await Entry.count()).toBe(0)
    })
    it('that names nothing is an error that says what to do', async () => {
      class Entry extends Model(fields, { database: 'nowhere' }) {}
      await expect(Entry.count()).rejects.toThrow(/"nowhere".*connect/)
    })
  })

  describe('DATABASE_URL', () => {
    it('is connected by the first query, and two first queries share one connection', async () => {
      vi.stubEnv('DATABASE_URL', 'sqlite::memory:')
      const [first, second] = await Promise.allSettled([Thing.count(), Thing.where('name', 'x').get()])
      expect([first.status, second.status]).toEqual(['rejected', 'rejected'])
      const db = Database.get()
      opened.push(db)
      await db.createTables([Thing])
      await Promise.all([Thing.create({ name: 'a' }), Thing.create({ name: 'b' })])
      expect(await Thing.count()).toBe(2)
      expect(Database.get()).toBe(db)
    })
    it('is not there: the error says how to connect', async () => {
      vi.stubEnv('DATABASE_URL', '')
      for (const work of [() => Thing.count(), () => Thing.create({ name: 'x' }), async () => await Thing.query()])
        await expect(work()).rejects.toThrow(/Database\.connect\(url\).*DATABASE_URL/)
    })
    it('a wrong one fails each time it is tried', async () => {
      vi.stubEnv('DATABASE_URL', 'oracle://x')
      await expect(Thing.count()).rejects.toBeInstanceOf(ConfigurationError)
      await expect(Thing.count()).rejects.toBeInstanceOf(ConfigurationError)
      vi.stubEnv('DATABASE_URL', 'sqlite::memory:')
      await expect(Thing.count()).rejects.toThrow('things')
      opened.push(Database.get())
    })
  })
})
