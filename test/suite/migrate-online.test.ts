import { MigrationError, sql, WouldBlockError } from 'corm'
import { column, type Migration, type MigrationOperation, migration } from 'corm/migration'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { down, status, up } from '../../src/migration/migrator.js'
import { namedMigrations } from '../../src/migration/modules.js'
import { describeDatabases } from '../support/databases.js'
import { dropAll } from '../support/migrations.js'

// Changes of large tables: where the database takes conditions, it refuses what would copy the table or keep programs waiting.

const A = '20260101T000000_a'
const B = '20260102T000000_b'
const C = '20260103T000000_c'

/** The sizes of tables are estimates. */
const ROWS = 20_000

const books: MigrationOperation = {
  op: 'createTable',
  table: 'books',
  columns: {
    id: column.id(),
    title: column.string({ max: 100 }),
    note: column.string({ max: 100, nullable: true }),
    code: column.string({ max: 50, nullable: true }),
    pages: column.integer({ default: 1 }),
    text: column.text({ nullable: true }),
    author_id: column.integer({ nullable: true }),
  },
  checks: { books_pages_check: (c) => c.pages!.gt(0) },
}

const initial = migration({
  parents: [],
  operations: [
    { op: 'createTable', table: 'authors', columns: { id: column.id() } },
    books,
    { op: 'createIndex', table: 'books', name: 'books_code_index', columns: ['code'] },
    { op: 'createIndex', table: 'books', name: 'books_author_id_index', columns: ['author_id'] },
    {
      op: 'addForeignKey',
      table: 'books',
      name: 'books_author_id_fkey',
      columns: ['author_id'],
      references: { table: 'authors', columns: ['id'] },
    },
  ],
})

const addColumn = (name: string, safe?: string): MigrationOperation => ({
  op: 'addColumn',
  table: 'books',
  column: name,
  definition: column.integer({ nullable: true }),
  ...(safe !== undefined && { safe }),
})

/** Every kind of change, with the conditions of its statements on MariaDB; null: it copies the table. */
const CHANGES: readonly (readonly [MigrationOperation, ...(string | null)[]])[] = [
  [addColumn('one'), 'algorithm=instant'],
  [
    { op: 'addColumn', table: 'books', column: 'two', definition: column.string({ default: 'x' }) },
    'algorithm=instant',
  ],
  [{ op: 'renameColumn', table: 'books', from: 'one', to: 'uno' }, 'algorithm=instant'],
  [{ op: 'alterColumn', table: 'books', column: 'pages', to: column.integer({ default: 2 }) }, 'algorithm=instant'],
  [
    { op: 'alterColumn', table: 'books', column: 'note', to: column.string({ max: 200, nullable: true }) },
    'algorithm=instant',
  ],
  [
    { op: 'alterColumn', table: 'books', column: 'title', to: column.string({ max: 100, nullable: true }) },
    'algorithm=inplace, lock=none',
  ],
  [
    { op: 'alterColumn', table: 'books', column: 'title', to: column.string({ max: 100 }) },
    'algorithm=inplace, lock=none',
  ],
  [
    { op: 'alterColumn', table: 'books', column: 'pages', to: column.bigInteger({ default: 2 }) },
    'algorithm=instant',
    null,
    null,
  ],
  [{ op: 'alterComment', table: 'books', comment: 'all books' }, 'algorithm=instant'],
  [{ op: 'alterComment', table: 'books', column: 'note', comment: 'a note' }, 'algorithm=instant'],
  [{ op: 'createIndex', table: 'books', name: 'books_pages_index', columns: ['pages'] }, 'algorithm=nocopy lock=none'],
  [
    { op: 'createIndex', table: 'books', name: 'books_title_key', columns: ['title', 'id'], unique: true },
    'algorithm=nocopy lock=none',
  ],
  [{ op: 'renameIndex', table: 'books', from: 'books_pages_index', to: 'by_pages' }, 'algorithm=instant'],
  [{ op: 'dropIndex', table: 'books', name: 'by_pages' }, 'algorithm=nocopy, lock=none'],
  [{ op: 'dropCheck', table: 'books', name: 'books_pages_check' }, 'algorithm=instant'],
  [{ op: 'addCheck', table: 'books', name: 'books_pages_check', check: (c) => c.pages!.gt(0) }, null],
  [{ op: 'dropForeignKey', table: 'books', name: 'books_author_id_fkey' }, 'algorithm=instant'],
  [{ op: 'retireColumn', table: 'books', column: 'title' }, 'algorithm=inplace, lock=none'],
  [{ op: 'retireColumn', table: 'books', column: 'two' }],
  [{ op: 'removeColumn', table: 'books', column: 'two' }, 'algorithm=instant'],
]

/** The same in a table with a full-text index. */
const AFTER_WORDS: readonly (readonly [MigrationOperation, string])[] = [
  [addColumn('three'), 'algorithm=inplace, lock=shared'],
  [{ op: 'removeColumn', table: 'books', column: 'uno' }, 'algorithm=inplace, lock=shared'],
  [{ op: 'renameColumn', table: 'books', from: 'note', to: 'remark' }, 'algorithm=instant'],
]

describeDatabases('changes of large tables', (database) => {
  beforeEach(async () => {
    const { db } = database
    await db.migrate({ migrations: { [A]: initial } })
    await db.execute(sql`insert into books (title, code, text) values ('first', 'c', 'some words')`)
    for (let rows = 1; rows < ROWS; rows *= 2)
      await db.execute(sql`insert into books (title, code, text) select title, code, text from books`)
    if (database.kind === 'mysql') await db.select(sql`analyze table books`)
  })
  afterEach(() => dropAll(database.db))

  const modules = (...operations: readonly MigrationOperation[]): Record<string, Migration> => ({
    [A]: initial,
    [B]: migration({ parents: [A], operations }),
  })
  const columns = async () =>
    Object.keys((await database.db.select<Record<string, unknown>>(sql`select * from books limit 1`))[0] ?? {})
  const isMysql = () => database.kind === 'mysql'
  const endings = (run: Awaited<ReturnType<typeof up>>) =>
    run.planned
      .flatMap(({ steps }) => steps.flatMap(({ sql }) => sql))
      .map((text) => /algorithm=.*$/.exec(text)?.[0] ?? null)

  it('have the condition that the server is known to keep', async () => {
    const { db } = database
    const migrations = namedMigrations(modules(...CHANGES.map(([operation]) => operation)))
    const run = await up(db, { migrations })
    expect(endings(run)).toEqual(
      isMysql() ? CHANGES.flatMap(([, ...expected]) => expected) : endings(run).map(() => null),
    )
    const words = {
      op: 'createIndex',
      table: 'books',
      name: 'books_words',
      columns: ['text'],
      fullText: true,
    } satisfies MigrationOperation
    const more = migration({ parents: [B], operations: [words, ...AFTER_WORDS.map(([operation]) => operation)] })
    const all = namedMigrations({ ...modules(...CHANGES.map(([operation]) => operation)), [C]: more })
    const second = await up(db, { migrations: all })
    expect(endings(second)).toEqual(
      isMysql()
        ? [null, 'algorithm=inplace lock=shared', ...AFTER_WORDS.map(([, ending]) => ending)]
        : endings(second).map(() => null),
    )
    expect(await columns()).toEqual(expect.arrayContaining(['remark', 'three']))
    const reversed = await down(db, { migrations: all, steps: 2, allowLoss: true })
    expect(endings(reversed).includes('algorithm=instant')).toBe(isMysql())
    expect(await columns()).toEqual(['id', 'title', 'note', 'code', 'pages', 'text', 'author_id'])
  }, 60_000)

  it('have none in a small table, in one of the same run, with a reason, and where they are allowed', async () => {
    const { db } = database
    const first = [
      { op: 'addColumn', table: 'authors', column: 'name', definition: column.string({ nullable: true }) },
      { op: 'createTable', table: 'shops', columns: { id: column.id() } },
      { op: 'createIndex', table: 'shops', name: 'shops_index', columns: ['id'] },
      { op: 'renameTable', table: 'shops', to: 'stores' },
      { op: 'renameTable', table: 'authors', to: 'writers' },
      { op: 'addColumn', table: 'stores', column: 'name', definition: column.string({ nullable: true }) },
      { op: 'addColumn', table: 'writers', column: 'born', definition: column.date({ nullable: true }) },
      addColumn('one', 'it is night'),
    ] satisfies MigrationOperation[]
    const run = await up(db, { migrations: namedMigrations(modules(...first)) })
    expect(new Set(endings(run))).toEqual(new Set([null]))
    const more = { ...modules(...first), [C]: migration({ parents: [B], operations: [addColumn('two')] }) }
    const migrations = namedMigrations(more)
    const dry = await up(db, { migrations, dryRun: true })
    expect(endings(dry)).toEqual([isMysql() ? 'algorithm=instant' : null])
    const allowed = await up(db, { migrations, allow: true })
    expect(endings(allowed)).toEqual([null])
    expect(await columns()).toContain('two')
  })

  it('stop where the server would do something else, and go on where that is allowed', async () => {
    const { db } = database
    // what corm does not know of: such a table is never changed at once
    if (isMysql()) await db.execute(sql`alter table books row_format=compressed`)
    const migrations = namedMigrations(modules(addColumn('one'), addColumn('two')))
    const stopped = await up(db, { migrations }).catch((error) => error)
    if (isMysql()) {
      expect(stopped).toBeInstanceOf(MigrationError)
      expect(stopped.cause).toBeInstanceOf(WouldBlockError)
      expect(stopped.message).toBe(
        `The migration "${B}" stopped at step 1 of 2 (add column books.one), and nothing of this step was done: the table is large, and the server would copy it or keep programs waiting. It says: "ALGORITHM=INSTANT is not supported for this operation. Try ALGORITHM=INPLACE". If that is meant, give the operation a reason in its file (safe: 'why'), or allow it for this run of "up": --allow on the command line, { allow: true } in code.`,
      )
      expect(await columns()).not.toContain('one')
      expect((await status(db, { migrations }))[1]).toMatchObject({ state: 'failed', step: 1, steps: 2 })
      // the file is still the same migration with a reason
      const meant = namedMigrations(modules(addColumn('one', 'it is night'), addColumn('two')))
      await expect(up(db, { migrations: meant })).rejects.toThrow('stopped at step 2 of 2')
      await up(db, { migrations, allow: true })
    }
    expect(await columns()).toEqual(expect.arrayContaining(['one', 'two']))
    expect((await status(db, { migrations }))[1]).toMatchObject({ state: 'applied' })
  })
})
