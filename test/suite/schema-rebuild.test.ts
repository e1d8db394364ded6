import { Database, sql } from 'corm'
import { column } from 'corm/migration'
import { describe, expect, it } from 'vitest'
import { EMPTY, type SchemaOperation, type SchemaState } from '../../src/ast/schema.js'
import { sqliteDialectOf } from '../../src/dialect/sqlite/index.js'
import { isSchema } from '../../src/migration/definition.js'
import { resolveOperation } from '../../src/migration/resolve.js'
import { diffStates } from '../../src/schema/diff.js'
import { applied } from '../../src/schema/operation/index.js'
import { schemaSteps, textsOf } from '../../src/schema/steps.js'
import type { MigrationOperation } from '../../src/types/migration.js'
import { databaseKinds } from '../support/databases.js'
import { Random, randomSchema, stateAfter } from '../support/random-schema.js'
import { aroundSteps, runOperations, schemaSession } from '../support/schema-run.js'

// SQLite makes a table again for the changes that ALTER TABLE can't make.

const HARD = { removal: 'hard', dropRetired: true } as const

/** A database with two tables, of which one refers to the other and to itself. */
const BOOKS: readonly MigrationOperation[] = [
  { op: 'createTable', table: 'authors', columns: { id: column.id(), name: column.string({ max: 50 }) } },
  {
    op: 'createTable',
    table: 'books',
    columns: {
      id: column.id(),
      title: column.string({ max: 50 }),
      pages: column.text({ nullable: true }),
      author_id: column.integer({ nullable: true }),
      sequel_of: column.integer({ nullable: true }),
    },
    foreignKeys: {
      books_author_id_fkey: {
        columns: ['author_id'],
        references: { table: 'authors', columns: ['id'] },
        onDelete: 'cascade',
      },
      books_sequel_of_fkey: {
        columns: ['sequel_of'],
        references: { table: 'books', columns: ['id'] },
        onDelete: 'cascade',
      },
    },
  },
  { op: 'createIndex', table: 'books', name: 'books_title_index', columns: ['title'] },
]

class Changed {
  constructor(
    readonly db: Database,
    public state: SchemaState = EMPTY,
  ) {}

  operations(...given: readonly MigrationOperation[]): SchemaOperation[] {
    let state = this.state
    return given.flatMap((each) => {
      const operation = resolveOperation(each, state)
      if (!isSchema(operation)) return []
      state = applied(operation, state)
      return [operation]
    })
  }

  async run(...given: readonly MigrationOperation[]): Promise<void> {
    this.state = await runOperations(this.db, this.operations(...given), this.state)
  }

  steps(...given: readonly MigrationOperation[]) {
    return schemaSteps(this.operations(...given), this.state, this.db.dialect)
  }

  async values(query: ReturnType<typeof sql>): Promise<unknown[][]> {
    return (await this.db.select(query)).map((row) => Object.values(row))
  }
}

async function books(): Promise<Changed & AsyncDisposable> {
  const db = await Database.connect({ url: 'sqlite::memory:', name: 'rebuilds' })
  const changed = Object.assign(new Changed(db), { [Symbol.asyncDispose]: () => db.close() })
  await changed.run(...BOOKS)
  await db.execute(sql`insert into authors (name) values (${'Ann'}), (${'Bob'}), (${'Cy'})`)
  await db.execute(sql`insert into books (title, pages, author_id) values (${'A'}, ${'100'}, 1), (${'B'}, ${null}, 1)`)
  await db.execute(sql`insert into books (title, pages, author_id, sequel_of) values (${'C'}, ${'7'}, 2, 1)`)
  await db.execute(sql`delete from authors where id = 3`)
  return changed
}

const RETYPE: MigrationOperation = {
  op: 'alterColumn',
  table: 'books',
  column: 'pages',
  to: column.integer({ nullable: true }),
}
const RENAME_TYPE: MigrationOperation = {
  op: 'alterColumn',
  table: 'authors',
  column: 'name',
  to: column.string({ max: 80, comment: 'in full' }),
}

const areKeysChecked = sql`select foreign_keys, (select * from pragma_legacy_alter_table) from pragma_foreign_keys`

describe.runIf(databaseKinds.includes('sqlite'))('a table of SQLite that is made again', () => {
  it('keeps the rows that refer to it, and the numbers of deleted rows', async () => {
    await using changed = await books()
    await changed.run(RENAME_TYPE, RETYPE)
    expect(await changed.values(sql`select id, title, pages, typeof(pages), author_id, sequel_of from books`)).toEqual([
      [1, 'A', 100, 'integer', 1, null],
      [2, 'B', null, 'null', 1, null],
      [3, 'C', 7, 'integer', 2, 1],
    ])
    await changed.db.execute(sql`insert into authors (name) values (${'Dan'})`)
    expect(await changed.values(sql`select id, name from authors`)).toEqual([
      [1, 'Ann'],
      [2, 'Bob'],
      [4, 'Dan'],
    ])
    expect(await changed.values(areKeysChecked)).toEqual([[1, 0]])
    await changed.db.execute(sql`delete from authors where id = 1`)
    expect(await changed.values(sql`select id from books`)).toEqual([])
  })

  it('is copied once for all changes of it', async () => {
    await using changed = await books()
    const steps = changed.steps(
      RETYPE,
      { op: 'addColumn', table: 'books', column: 'stars', definition: column.integer(), fill: 3 },
      RENAME_TYPE,
      { op: 'alterColumn', table: 'books', column: 'title', to: column.string({ max: 60 }) },
    )
    expect(steps.map((step) => [step.kind, step.kind === 'rebuild' && step.table, step.operations.length])).toEqual([
      ['rebuild', 'authors', 1],
      ['rebuild', 'books', 3],
    ])
    const [text] = textsOf(steps[1] as (typeof steps)[number], changed.db.dialect).filter((each) =>
      /^insert/.test(each),
    )
    expect(text).toBe(
      'insert into "_corm_new_books" ("id", "title", "pages", "author_id", "sequel_of", "stars") ' +
        'select "id", "title", cast("pages" as integer), "author_id", "sequel_of", 3 from "books" order by rowid',
    )
  })

  it('is left as it is where ALTER TABLE can do the change', async () => {
    await using changed = await books()
    const texts = (...operations: MigrationOperation[]) =>
      changed.steps(...operations).flatMap((step) => {
        expect(step.kind === 'rebuild' && step.inPlace === null).toBe(false)
        return textsOf(step, changed.db.dialect)
      })
    expect(
      texts(
        { op: 'addColumn', table: 'books', column: 'editor_id', definition: column.integer({ nullable: true }) },
        {
          op: 'addForeignKey',
          table: 'books',
          name: 'books_editor_id_fkey',
          columns: ['editor_id'],
          references: { table: 'authors', columns: ['id'] },
        },
      ),
    ).toEqual([
      'alter table "books" add column "editor_id" /*corm integer*/ INTEGER constraint "books_editor_id_fkey" references "authors" ("id") on delete restrict on update restrict',
    ])
    expect(
      texts(
        { op: 'dropForeignKey', table: 'books', name: 'books_sequel_of_fkey' },
        { op: 'removeColumn', table: 'books', column: 'sequel_of' },
        { op: 'addCheck', table: 'books', name: 'books_pages_check', check: (c) => c.pages!.ne('') },
      ),
    ).toEqual([
      'alter table "books" drop column "sequel_of"',
      `alter table "books" add constraint "books_pages_check" check ("pages" <> '')`,
    ])
    expect(
      texts({ op: 'alterColumn', table: 'books', column: 'title', to: column.string({ max: 50, nullable: true }) }),
    ).toEqual(['alter table "books" alter column "title" drop not null'])
  })

  it('is made again where rows make a condition neither true nor false', async () => {
    await using changed = await books()
    const add: MigrationOperation = {
      op: 'addCheck',
      table: 'books',
      name: 'books_pages_check',
      check: (c) => c.pages!.ne(''),
    }
    await changed.run(add)
    expect(await changed.values(sql`select count(*) from books`)).toEqual([[3]])
    await expect(changed.db.execute(sql`update books set pages = ${''}`)).rejects.toThrow('books_pages_check')
    expect(await changed.values(sql`select count(*) from books where pages is null`)).toEqual([[1]])
  })

  it('keeps triggers, indexes of others, and searches', async () => {
    await using changed = await books()
    const { db } = changed
    await changed.run({ op: 'createIndex', table: 'books', name: 'books_words', columns: ['title'], fullText: true })
    await db.execute(sql`create table log (what text)`)
    await db.execute(sql`create trigger logged after insert on books begin insert into log values (new.title); end`)
    await db.execute(sql`create index by_hand on books (author_id, title)`)
    await changed.run(RETYPE)
    await db.execute(sql`insert into books (title) values (${'Red wine'})`)
    expect(await changed.values(sql`select what from log`)).toEqual([['Red wine']])
    expect(await changed.values(sql`select name from pragma_index_list('books') order by 1`)).toEqual([
      ['books_title_index'],
      ['by_hand'],
    ])
    const search = (word: string) => changed.values(sql`select rowid from books_words where books_words match ${word}`)
    expect([await search('wine'), await search('A')]).toEqual([[[4]], [[1]]])
  })

  it('keeps being STRICT and WITHOUT ROWID, or not', async () => {
    for (const options of ['', 'strict', 'without rowid', 'strict, without rowid']) {
      await using db = await Database.connect({ url: 'sqlite::memory:', name: 'rebuilds' })
      const changed = new Changed(db)
      const made = { code: column.string({ max: 9, primaryKey: true }), n: column.text({ nullable: true }) }
      const [create] = changed.operations({ op: 'createTable', table: 'things', columns: made })
      changed.state = applied(create as SchemaOperation, EMPTY)
      await db.execute(sql.raw(`create table things (code text not null primary key, n text) ${options}`))
      await db.execute(sql`insert into things values (${'b'}, ${'2'}), (${'a'}, ${'1'})`)
      const flags = () => changed.values(sql`select wr, strict from pragma_table_list where name = 'things'`)
      const before = await flags()
      await changed.run({ op: 'alterColumn', table: 'things', column: 'n', to: column.integer() })
      expect(await flags()).toEqual(before)
      expect(await changed.values(sql`select code, n from things order by code`)).toEqual([
        ['a', 1],
        ['b', 2],
      ])
    }
  })

  it('names the view that the change breaks, and the one that was broken before', async () => {
    await using changed = await books()
    const { db } = changed
    const before = await changed.values(sql`select name, sql from sqlite_schema order by 1`)
    await db.execute(sql`create view long_books as select title, pages from books`)
    await expect(changed.run({ op: 'removeColumn', table: 'books', column: 'pages' })).rejects.toThrow(
      'The change of the table "books" breaks a view or a trigger: error in view long_books',
    )
    await db.execute(sql`drop view long_books`)
    expect(await changed.values(sql`select name, sql from sqlite_schema order by 1`)).toEqual(before)
    await db.execute(sql`create view of_others as select * from no_table`)
    const broken =
      "A view or a trigger of the database does not work, so that SQLite can't change names: error in view of_others"
    await expect(changed.run(RETYPE)).rejects.toThrow(broken)
    await expect(changed.run({ op: 'renameColumn', table: 'books', from: 'pages', to: 'length' })).rejects.toThrow(
      broken,
    )
    expect(await changed.values(areKeysChecked)).toEqual([[1, 0]])
  })

  it('refuses values that would change, and rows without a value', async () => {
    await using changed = await books()
    await changed.db.execute(sql`update books set pages = ${'12abc'} where id = 3`)
    await expect(changed.run(RETYPE)).rejects.toThrow(
      'The column "books.pages" can\'t become integer: 1 row (id: 3) has values that would change. Change them first, or say in "using" how to convert them.',
    )
    await expect(
      changed.run({ op: 'alterColumn', table: 'books', column: 'pages', to: column.text() }),
    ).rejects.toThrow(
      'The column "books.pages" can\'t become NOT NULL: 1 row (id: 2) has no value in it. Fill them first, for example: update books set pages = … where pages is null.',
    )
    await expect(
      changed.run({ op: 'addColumn', table: 'books', column: 'stars', definition: column.integer() }),
    ).rejects.toThrow(
      'The column "books.stars" is NOT NULL and has no default, and there are 3 rows (id: 1; 2; 3). Give it a "fill".',
    )
    await changed.run({ ...RETYPE, using: { sqlite: 'cast(pages as integer)' } } as MigrationOperation)
    expect(await changed.values(sql`select pages from books`)).toEqual([[100], [null], [12]])
    expect(await changed.values(areKeysChecked)).toEqual([[1, 0]])
  })

  it('refuses what no migration knows of it, and keys that point nowhere', async () => {
    await using changed = await books()
    const { db } = changed
    await db.execute(sql`alter table books add column by_hand text`)
    await expect(changed.run(RETYPE)).rejects.toThrow('has columns that no migration knows ("by_hand")')
    await db.execute(sql`alter table books drop column by_hand`)
    await db.execute(sql`alter table books add constraint by_hand check (title <> '')`)
    await expect(changed.run(RETYPE)).rejects.toThrow('has checks that no migration knows')
    await db.execute(sql`alter table books drop constraint by_hand`)
    await expect(
      changed.run({
        op: 'addForeignKey',
        table: 'books',
        name: 'books_pages_fkey',
        columns: ['pages'],
        references: { table: 'authors', columns: ['id'] },
      }),
    ).rejects.toThrow('2 of "books" to "authors"')
    expect(await changed.values(sql`select count(*) from books`)).toEqual([[3]])
  })

  it('needs its own transaction', async () => {
    await using changed = await books()
    const { db } = changed
    const steps = changed.steps(RETYPE)
    await db.transaction(async (trx) => {
      const session = schemaSession(trx, db.dialect)
      await expect(aroundSteps(steps, session, async () => {})).rejects.toThrow('outside a transaction')
    })
  })

  it('is made by older versions as well', async () => {
    await using db = await Database.connect({ url: 'sqlite::memory:', name: 'rebuilds' })
    const dialect = sqliteDialectOf('3.45.1', false)
    expect(dialect.capabilities.alters).toBe('columns')
    for (let seed = 1; seed <= 15; seed++) {
      const random = new Random(seed)
      const [a, b] = [stateAfter(randomSchema(random)), stateAfter(randomSchema(random))]
      const steps = schemaSteps(diffStates(a, b, HARD), a, dialect)
      const texts = steps.flatMap((step) => textsOf(step, dialect)).join('\n')
      expect(texts, `seed ${seed}`).not.toMatch(/alter column|(?:add|drop) constraint/)
      const made = await runOperations(db, diffStates(EMPTY, a, HARD), EMPTY, dialect)
      const reached = await runOperations(db, diffStates(made, b, HARD), made, dialect)
      await runOperations(db, diffStates(reached, EMPTY, HARD), reached, dialect)
      expect(await db.select(sql`select name from sqlite_schema where name not like ${'sqlite%'}`)).toEqual([])
    }
  })
})
