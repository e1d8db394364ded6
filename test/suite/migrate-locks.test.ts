import { sql } from 'corm'
import { column, type MigrationOperation } from 'corm/migration'
import { afterEach, expect, it } from 'vitest'
import { EMPTY } from '../../src/ast/schema.js'
import { lockIn } from '../../src/dialect/locks.js'
import { isSchema } from '../../src/migration/definition.js'
import { resolveOperation } from '../../src/migration/resolve.js'
import { applied } from '../../src/schema/operation/index.js'
import { schemaSteps, textsOf } from '../../src/schema/steps.js'
import { describeDatabases } from '../support/databases.js'
import { dropAll } from '../support/migrations.js'

// The locks that corm names are those that the server takes: it refuses an algorithm that it can't use.

const columns = {
  id: column.id(),
  title: column.string({ max: 100 }),
  pages: column.integer({ nullable: true }),
  tags: column.json({ nullable: true }),
}
const tables: readonly MigrationOperation[] = [
  { op: 'createTable', table: 'books', columns },
  { op: 'createTable', table: 'papers', columns },
  { op: 'createIndex', table: 'papers', name: 'papers_words', columns: ['title'], fullText: true },
]

const changes = (table: string): readonly MigrationOperation[] => [
  { op: 'addColumn', table, column: 'a', definition: column.integer({ nullable: true }) },
  { op: 'addColumn', table, column: 'b', definition: column.json({ nullable: true }) },
  { op: 'addColumn', table, column: 'c', definition: column.string({ default: 'x' }) },
  { op: 'addColumn', table, column: 'd', definition: column.uuid({ default: 'uuid' }) },
  { op: 'removeColumn', table, column: 'pages' },
  { op: 'renameColumn', table, from: 'title', to: 'name' },
  { op: 'retireColumn', table, column: 'title' },
  { op: 'alterColumn', table, column: 'pages', to: column.integer() },
  { op: 'alterColumn', table, column: 'pages', to: column.bigInteger({ nullable: true }) },
  { op: 'alterColumn', table, column: 'pages', to: column.integer({ nullable: true, default: 1 }) },
  { op: 'alterColumn', table, column: 'title', to: column.string({ max: 200 }) },
  { op: 'alterColumn', table, column: 'tags', to: column.json() },
  { op: 'alterComment', table, column: 'tags', comment: 'words' },
  { op: 'alterComment', table, column: 'pages', comment: 'without the cover' },
  { op: 'alterComment', table, comment: 'all' },
  { op: 'addCheck', table, name: 'few', check: (c) => c.pages!.lt(9999) },
]

/** The clause that the lock promises, and the one that is refused if the lock is no weaker. */
const CLAUSES: Readonly<Record<string, readonly [accepted: string, refused: string | null]>> = {
  'metadata lock (INSTANT)': ['algorithm=instant', null],
  'INPLACE, LOCK=NONE': ['algorithm=inplace, lock=none', 'algorithm=instant'],
  'INPLACE, LOCK=SHARED': ['algorithm=inplace, lock=shared', 'algorithm=inplace, lock=none'],
  'COPY, LOCK=SHARED': ['algorithm=copy, lock=shared', 'algorithm=inplace, lock=shared'],
}

describeDatabases('the locks of changes', (database) => {
  afterEach(() => dropAll(database.db))

  it.each(['books', 'papers'])('are those that MariaDB takes on a table (%s)', async (table) => {
    const { db } = database
    const { dialect } = db
    const isMariadb = dialect.name === 'mysql' && dialect.capabilities.returning
    const operations = tables.filter((each) => !('table' in each) || each.table === table)
    const run = async () => {
      let state = EMPTY
      for (const operation of [...operations, null]) {
        const resolved = operation === null ? null : resolveOperation(operation, state)
        if (resolved === null || !isSchema(resolved)) continue
        const texts = schemaSteps([resolved], state, dialect).flatMap((step) => textsOf(step, dialect))
        for (const text of texts) await db.execute(sql.raw(text))
        state = applied(resolved, state)
      }
      return state
    }
    if (!isMariadb) return void (await run())
    for (const change of changes(table)) {
      await dropAll(db)
      const before = await run()
      await db.execute(sql.raw(`insert into ${table} (title, pages, tags) values ('a', 1, '1')`))
      const operation = resolveOperation(change, before)
      if (!isSchema(operation)) continue
      const lock = lockIn(dialect.locks, operation, before)
      const [accepted, refused] = CLAUSES[lock.name ?? ''] ?? []
      const [text, ...more] = schemaSteps([operation], before, dialect).flatMap((step) => textsOf(step, dialect))
      expect([change, more, accepted]).toEqual([change, [], expect.anything()])
      if (refused !== null)
        await expect(db.execute(sql.raw(`${text}, ${refused}`)), `${text}, ${refused}`).rejects.toThrow(/not supported/)
      await expect(db.execute(sql.raw(`${text}, ${accepted}`)), `${text}, ${accepted}`).resolves.toBeDefined()
    }
  })

  it('say of which changes PostgreSQL writes all rows into a new file', async () => {
    const { db } = database
    const { dialect } = db
    if (dialect.name !== 'postgres') return
    const file = async () => (await db.select(sql`select pg_relation_filenode('books') as file`))[0]?.file
    const [create] = tables
    const numbered = column.id()
    const all: readonly (readonly MigrationOperation[])[] = [
      ...changes('books').map((change) => [change]),
      [
        { op: 'alterColumn', table: 'books', column: 'pages', to: numbered },
        { op: 'alterColumn', table: 'books', column: 'pages', to: column.integer() },
      ],
      [{ op: 'addColumn', table: 'books', column: 'n', definition: numbered }],
    ]
    for (const operations of all) {
      await dropAll(db)
      let state = EMPTY
      for (const operation of [create, ...operations]) {
        const resolved = operation === undefined ? null : resolveOperation(operation, state)
        if (resolved === null || !isSchema(resolved)) continue
        const before = operation === create ? null : await file()
        const texts = schemaSteps([resolved], state, dialect).flatMap((step) => textsOf(step, dialect))
        for (const text of texts) await db.execute(sql.raw(text))
        if (before === null) await db.execute(sql`insert into books (title, pages, tags) values ('a', 1, '1')`)
        else
          expect([resolved, (await file()) === before ? 'kept' : 'written']).toEqual([
            resolved,
            lockIn(dialect.locks, resolved, state).lasts === 'rewrite' ? 'written' : 'kept',
          ])
        state = applied(resolved, state)
      }
    }
  })
})
