import { RiskyMigrationError, sql } from 'corm'
import { column, type MigrationDefinition, migration } from 'corm/migration'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { question } from '../../src/execution/statement.js'
import { describeDatabases } from '../support/databases.js'
import { dropAll } from '../support/migrations.js'

const initial = migration({
  parents: [],
  operations: [
    {
      op: 'createTable',
      table: "o'books",
      columns: { id: column.id(), title: column.string({ max: 100 }), note: column.text({ nullable: true }) },
    },
    { op: 'createTable', table: 'empty', columns: { id: column.id() } },
    { op: 'renameColumn', table: "o'books", from: 'note', to: 'remark' },
  ],
})

const second = (safe?: string): MigrationDefinition => ({
  parents: ['a'],
  operations: [
    { op: 'renameColumn', table: "o'books", from: 'remark', to: 'comment', ...(safe !== undefined && { safe }) },
  ],
})

describeDatabases('dangerous migrations', (database) => {
  beforeEach(() => void vi.stubEnv('NODE_ENV', 'production'))
  afterEach(async () => {
    vi.unstubAllEnvs()
    await dropAll(database.db)
  })

  it('stop in production before anything is run, unless there is a reason or they are allowed', async () => {
    const { db } = database
    // what one run creates and changes is used by nobody
    await db.migrate({ migrations: { a: initial } })
    const stopped = await db.migrate({ migrations: { a: initial, b: migration(second()) } }).catch((error) => error)
    expect(stopped).toBeInstanceOf(RiskyMigrationError)
    expect(stopped.code).toBe('MIGRATION_RISKY')
    expect(stopped.risks).toMatchObject([{ migration: 'b', level: 'breaks-old-code' }])
    expect(stopped.message).toContain(`"rename column o'books.remark to comment" of "b": programs that run now`)
    expect(await db.select(sql`select remark from ${sql.id("o'books")}`)).toEqual([])
    const run = await db.migrate({ migrations: { a: initial, b: migration(second()) }, allow: true })
    expect(run.finished).toHaveLength(1)
    expect(await db.select(sql`select comment from ${sql.id("o'books")}`)).toEqual([])
  })

  it('run with a reason, and outside production', async () => {
    const { db } = database
    await db.migrate({ migrations: { a: initial } })
    const meant = { a: initial, b: migration(second('nobody is there at night')) }
    expect((await db.migrate({ migrations: meant })).finished).toHaveLength(1)
    vi.stubEnv('NODE_ENV', 'development')
    const dropped = migration({ parents: ['b'], operations: [{ op: 'dropTable', table: 'empty' }] })
    expect((await db.migrate({ migrations: { ...meant, c: dropped } })).finished).toHaveLength(1)
  })

  it('know about how many rows a table has', async () => {
    const { db } = database
    await db.migrate({ migrations: { a: initial } })
    const rows = Array.from({ length: 200 }, (_, i) => sql`(${`title ${i}`})`)
    await db.execute(sql`insert into ${sql.id("o'books")} (title) values ${sql.join(rows)}`)
    if (db.dialect.name === 'mysql') await db.select(sql`analyze table ${sql.id("o'books")}`)
    if (db.dialect.name === 'postgres') await db.execute(sql`analyze ${sql.id("o'books")}`)
    const found = await db.run(question(db.dialect.tableSizes(["o'books", 'empty'])))
    const sizes = new Map(found.rows.map(([name, size]) => [String(name), Number(size)]))
    expect(sizes.get("o'books")).toBeGreaterThan(150)
    expect(sizes.get("o'books")).toBeLessThan(300)
    expect(sizes.get('empty')).toBe(0)
  })
})
