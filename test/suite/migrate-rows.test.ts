import { MigrationError, sql } from 'corm'
import { column, type Migration, type MigrationDefinition, migration } from 'corm/migration'
import { afterEach, expect, it } from 'vitest'
import { down } from '../../src/migration/migrator.js'
import { namedMigrations } from '../../src/migration/modules.js'
import { describeDatabases } from '../support/databases.js'
import { dropAll, recorded } from '../support/migrations.js'

// Rows that a migration can't take are named, and nothing is changed.

const INITIAL = '20260101T000000_initial'
const NEXT = '20260102T000000_next'

const initial = migration({
  parents: [],
  operations: [
    { op: 'createTable', table: 'authors', columns: { id: column.id(), name: column.string({ max: 50 }) } },
    {
      op: 'createTable',
      table: 'books',
      columns: {
        id: column.id(),
        title: column.string({ max: 50, nullable: true }),
        pages: column.integer({ nullable: true }),
        price: column.decimal({ precision: 8, scale: 2, nullable: true }),
        author_id: column.integer({ nullable: true }),
      },
    },
  ],
})

const next = (...operations: MigrationDefinition['operations']): Record<string, Migration> => ({
  [INITIAL]: initial,
  [NEXT]: migration({ parents: [INITIAL], operations }),
})

const ADD = {
  op: 'addColumn',
  table: 'books',
  column: 'extra',
  definition: column.integer({ nullable: true }),
} as const

describeDatabases('rows that a migration cannot take', (database) => {
  afterEach(() => dropAll(database.db))

  /** The error of the migration, after which the schema and the record are what they were. */
  async function refused(rows: readonly string[], ...operations: MigrationDefinition['operations']): Promise<string> {
    const { db } = database
    await db.migrate({ migrations: { [INITIAL]: initial } })
    for (const row of rows) await db.execute(sql.raw(row))
    const error: unknown = await db.migrate({ migrations: next(ADD, ...operations) }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(MigrationError)
    await expect(db.select(sql`select extra from books`)).rejects.toThrow()
    expect(await recorded(db)).toEqual([INITIAL])
    return String(error)
  }

  const book = (id: number, values: string) =>
    `insert into books (id, title, pages, author_id) values (${id}, ${values})`

  it('have no value in a column that becomes NOT NULL', async () => {
    const message = await refused([book(1, "'a', 1, null"), book(2, 'null, 1, null'), book(3, 'null, 1, null')], {
      op: 'alterColumn',
      table: 'books',
      column: 'title',
      to: column.string({ max: 50 }),
    })
    expect(message).toContain(
      '"books.title" can\'t become NOT NULL: 2 rows (id: 2; 3) have no value in it. Fill them first',
    )
  })

  it('are there when a column without a default is added', async () => {
    const message = await refused([book(7, "'a', 1, null")], {
      op: 'addColumn',
      table: 'books',
      column: 'isbn',
      definition: column.string({ max: 20 }),
    })
    expect(message).toContain(
      '"books.isbn" is NOT NULL and has no default, and there is 1 row (id: 7). Give it a "fill".',
    )
  })

  it('have the same value in a unique index', async () => {
    const message = await refused(
      [
        book(1, "'a', 1, null"),
        book(2, "'b', 1, null"),
        book(3, "'a', 2, null"),
        book(4, 'null, 2, null'),
        book(5, 'null, 2, null'),
      ],
      { op: 'createIndex', table: 'books', name: 'books_title_unique', columns: ['title'], unique: true },
    )
    expect(message).toContain(
      'unique index "books_title_unique" can\'t be created: 2 rows (id: 1; 3) have the same value of "books.title" as another row.',
    )
  })

  it('have the same values in a unique index of several columns', async () => {
    const message = await refused([book(1, "'a', 1, null"), book(2, "'a', 2, null"), book(3, "'a', 1, null")], {
      op: 'createIndex',
      table: 'books',
      name: 'books_both',
      columns: ['title', 'pages'],
      unique: true,
    })
    expect(message).toContain('2 rows (id: 1; 3) have the same value of "books.title, books.pages"')
  })

  it('violate a check', async () => {
    const message = await refused(
      [1, 2, 3, 4, 5].map((id) => book(id, `'a', ${id === 1 ? 'null' : -id}, null`)),
      { op: 'addCheck', table: 'books', name: 'books_pages_check', check: (c) => c.pages!.gt(0) },
    )
    expect(message).toContain(
      'The check "books_pages_check" can\'t be added: 4 rows (id: 2; 3; 4; …) of "books" violate it.',
    )
  })

  it('have a foreign key that points to nothing', async () => {
    const message = await refused(
      [
        "insert into authors (id, name) values (1, 'Jane')",
        book(1, "'a', 1, 1"),
        book(2, "'b', 1, 9"),
        book(3, "'c', 1, null"),
      ],
      {
        op: 'addForeignKey',
        table: 'books',
        name: 'books_author_id_fkey',
        columns: ['author_id'],
        references: { table: 'authors', columns: ['id'] },
      },
    )
    expect(message).toMatch(
      /1 row \(id: 2\) of "books" points to rows of "authors" that are not there|1 of "books" to "authors"/,
    )
  })

  it('have a value that the new type cannot hold', async () => {
    const { db } = database
    const message = await refused(
      [
        'insert into books (id, pages) values (1, 40000)',
        'insert into books (id, pages) values (2, 400)',
        'insert into books (id, pages) values (3, null)',
      ],
      { op: 'alterColumn', table: 'books', column: 'pages', to: column.smallInteger({ nullable: true }) },
    )
    expect(message).toContain('"books.pages" can\'t become smallInteger: 1 row (id: 1) has values that would change.')
    expect(await db.select(sql`select pages from books where id = 1`)).toEqual([{ pages: 40000 }])
  })

  it('were written without a value since a column was retired', async () => {
    const { db } = database
    const retired = migration({
      parents: [NEXT],
      operations: [{ op: 'retireColumn', table: 'books', column: 'isbn' }],
    })
    const migrations = {
      ...next({ op: 'addColumn', table: 'books', column: 'isbn', definition: column.string({ max: 20 }) }),
      '20260103T000000_retired': retired,
    }
    await db.migrate({ migrations })
    await db.execute(sql`insert into books (id, title) values (5, 'a')`)
    await expect(down(db, { migrations: namedMigrations(migrations) })).rejects.toThrow(
      '"books.isbn" can\'t become NOT NULL: 1 row (id: 5) has no value in it. Fill them first, for example: update books set isbn = … where isbn is null.',
    )
    expect(await recorded(db)).toHaveLength(3)
    await db.execute(sql`update books set isbn = '1'`)
    await down(db, { migrations: namedMigrations(migrations) })
    expect(await recorded(db)).toHaveLength(2)
    await expect(db.execute(sql`insert into books (id, title) values (6, 'a')`)).rejects.toThrow(
      /NOT NULL|null|default|needs a value/i,
    )
  })

  it('are converted as the migration says', async () => {
    const { db } = database
    await db.migrate({ migrations: { [INITIAL]: initial } })
    await db.execute(sql`insert into books (id, title, pages) values (1, '1,255', 3), (2, null, 4)`)
    await db.migrate({
      migrations: next(
        {
          op: 'alterColumn',
          table: 'books',
          column: 'title',
          to: column.integer({ nullable: true }),
          using: {
            default: "replace(title, ',', '') + 0",
            postgres: "replace(title, ',', '')::integer",
          },
        },
        {
          op: 'alterColumn',
          table: 'books',
          column: 'pages',
          to: column.string({ max: 9 }),
          using: { default: "pages || ' pages'", mysql: "concat(pages, ' pages')" },
        },
      ),
    })
    expect(await db.select(sql`select id, title, pages from books order by id`)).toEqual([
      { id: 1, title: 1255, pages: '3 pages' },
      { id: 2, title: null, pages: '4 pages' },
    ])
  })
})
