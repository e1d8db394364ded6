import { column, sql } from 'corm/migration'
import type { MigrationOperation } from '../../src/types/migration.js'

// The examples of docs/reference/migrations.md. Each is an operation on a schema of authors and books.

const later =
  'the existing rows are read in another transaction, after the constraint holds for new ones, and can be written meanwhile (PostgreSQL). Default: false'

export const BEFORE: readonly MigrationOperation[] = [
  {
    op: 'createTable',
    table: 'authors',
    columns: {
      id: column.id(),
      name: column.string({ max: 100 }),
      full_name: column.string({ max: 100, nullable: true }),
      born: column.date({ nullable: true }),
      born_on: column.date({ nullable: true }),
    },
  },
  {
    op: 'createTable',
    table: 'books',
    columns: {
      id: column.id(),
      title: column.string({ max: 200 }),
      author_id: column.integer(),
      editor_id: column.integer({ nullable: true }),
      pages: column.integer({ nullable: true }),
      pages_other_type: column.bigInteger({ nullable: true }),
      price: column.text({ nullable: true }),
      isbn: column.string({ max: 20, nullable: true, retired: true }),
    },
    foreignKeys: {
      books_editor_id_fkey: { columns: ['editor_id'], references: { table: 'authors', columns: ['id'] } },
    },
    checks: { books_title_check: (c: any) => c.title.ne('') },
  },
  { op: 'createIndex', table: 'books', name: 'books_title_index', columns: ['title'] },
  { op: 'mirrorColumn', table: 'authors', from: 'born', to: 'born_on' },
  { op: 'createTable', table: 'notes', columns: { id: column.id(), text: column.text() } },
  { op: 'retireTable', table: 'notes' },
  { op: 'createView', name: 'titles', sql: 'select title from books' },
]

export interface Example {
  readonly says: string
  readonly operation: MigrationOperation
  /** What each property is, except `op` and `safe`. */
  readonly properties: Readonly<Record<string, string>>
}

const table = 'the table'
const name = 'its name'
const key = {
  columns: 'the columns of this table',
  references: 'the table and the columns that they name: `{ table, columns }`',
  onDelete: "`'cascade'`, `'restrict'` (default), `'setNull'`, `'setDefault'` or `'noAction'`",
  onUpdate: 'the same, when the key changes',
  deferrable: 'whether it is checked when the transaction commits (PostgreSQL, SQLite). Default: false',
}

export const EXAMPLES: readonly Example[] = [
  {
    says: 'Creates a table. Its indexes are operations of their own.',
    operation: {
      op: 'createTable',
      table: 'reviews',
      columns: { id: column.id(), book_id: column.integer(), stars: column.smallInteger({ default: 3 }) },
      foreignKeys: {
        reviews_book_id_fkey: {
          columns: ['book_id'],
          references: { table: 'books', columns: ['id'] },
          onDelete: 'cascade',
        },
      },
      checks: { reviews_stars_check: (c: any) => c.stars.between(1, 5) },
    },
    properties: {
      table: name,
      columns: 'the columns by their names, made by `column`',
      primaryKey: 'the columns of the primary key, if no column says it itself',
      foreignKeys: 'foreign keys by their names, with the properties of `addForeignKey`',
      checks: 'conditions by their names: functions of the columns, or SQL',
      comment: 'a comment on the table',
      options: "what holds for the table as a whole, in the words of a database: `['strict']`. Others skip it",
    },
  },
  {
    says: 'Drops a table with its indexes.',
    operation: { op: 'dropTable', table: 'notes' },
    properties: { table },
  },
  {
    says: 'Says that no model uses a table any more. Nothing happens in the database until `dropTable`.',
    operation: { op: 'retireTable', table: 'books' },
    properties: { table },
  },
  {
    says: 'Says that a model uses a retired table again.',
    operation: { op: 'restoreTable', table: 'notes' },
    properties: { table },
  },
  {
    says: 'Renames a table. Foreign keys of other tables follow.',
    operation: { op: 'renameTable', table: 'books', to: 'novels' },
    properties: { table, to: 'its new name' },
  },
  {
    says: 'Adds a column. One that is NOT NULL and has no default needs `fill` if the table has rows.',
    operation: {
      op: 'addColumn',
      table: 'books',
      column: 'stars',
      definition: column.integer(),
      fill: 3,
    },
    properties: {
      table,
      column: 'the name of the column',
      definition: 'the column, made by `column`',
      fill: 'the value of the existing rows',
    },
  },
  {
    says: 'Removes a column. Its indexes, checks and keys are dropped before, by operations of their own.',
    operation: { op: 'removeColumn', table: 'books', column: 'isbn' },
    properties: { table, column: 'the column' },
  },
  {
    says: 'Says that no model uses a column any more. If it is NOT NULL and has no default, it becomes nullable, so that rows without it can be inserted.',
    operation: { op: 'retireColumn', table: 'books', column: 'author_id' },
    properties: { table, column: 'the column' },
  },
  {
    says: 'Renames a column. Indexes, keys and checks follow.',
    operation: { op: 'renameColumn', table: 'books', from: 'title', to: 'name' },
    properties: { table, from: 'the old name', to: 'the new name' },
  },
  {
    says: 'Creates triggers that copy what is written to one of two columns to the other, while old and new programs run. If a statement writes both, `to` counts. Until `unmirrorColumn`, neither column can be removed or renamed.',
    operation: { op: 'mirrorColumn', table: 'authors', from: 'name', to: 'full_name' },
    properties: {
      table,
      from: 'the column that old programs write',
      to: 'the column that new programs write',
      oneWay:
        'only what is written to `from` is copied, converted to the type of `to`; a value that `to` can not hold is refused. Default: false',
    },
  },
  {
    says: 'Drops the triggers of `mirrorColumn`. Both columns stay.',
    operation: { op: 'unmirrorColumn', table: 'authors', from: 'born', to: 'born_on' },
    properties: { table, from: 'as in `mirrorColumn`', to: 'as in `mirrorColumn`' },
  },
  {
    says: 'Two columns exchange their names: the column `with` is called `column` from then on, and no program ever finds one of them missing. The old one keeps its values, takes NULL, and has no default any more. Indexes follow. Columns of keys, of checks, and those that generated columns read, can not be swapped.',
    operation: {
      op: 'swapColumns',
      table: 'books',
      column: 'pages',
      with: 'pages_other_type',
      to: column.bigInteger({ nullable: true }),
    },
    properties: {
      table,
      column: 'the column whose name programs use',
      with: 'the column that takes its name',
      to: 'the column `column` as it is afterwards, made by `column`; its type is that of `with`',
    },
  },
  {
    says: "Changes the type, the default or NOT NULL of a column. A change of type keeps every value, on every database: if rows have values that the new type can't hold, such as 1.25 with one decimal place or the time of a date, the migration is refused with the number and the keys of these rows.",
    operation: {
      op: 'alterColumn',
      table: 'books',
      column: 'price',
      to: column.decimal({ precision: 10, scale: 2 }),
      using: { default: "replace(price, ',', '.')", postgres: "replace(price, ',', '.')::numeric" },
      fill: '0.00',
    },
    properties: {
      table,
      column: 'the column',
      to: 'the column as it will be, made by `column`',
      using:
        'SQL for the new value of a row, for all databases or by their names. MySQL and MariaDB store its values in another column while the type changes',
      fill: 'the value of rows that have NULL',
    },
  },
  {
    says: 'Creates an index.',
    operation: {
      op: 'createIndex',
      table: 'books',
      name: 'books_author_id_index',
      columns: ['author_id'],
      concurrently: true,
    },
    properties: {
      table,
      name,
      columns: 'the columns',
      unique: 'whether values may occur once only. Default: false',
      where: 'the condition of the rows that are in it (SQLite, PostgreSQL)',
      expression: 'what is indexed in place of the columns, which it reads',
      method: 'the method of the index, such as `gin` (PostgreSQL)',
      vector: 'the `metric` and `settings` of an index of vectors',
      sql: "what stands in the brackets, used unchanged: `'lower(name), price desc'`",
      fullText: '`true`, or `language` and `weights`: an index of words',
      concurrently: 'without blocking writes, outside a transaction (PostgreSQL). Default: false',
    },
  },
  {
    says: 'Drops an index.',
    operation: { op: 'dropIndex', table: 'books', name: 'books_title_index' },
    properties: { table, name, concurrently: 'without blocking writes, outside a transaction (PostgreSQL)' },
  },
  {
    says: 'Renames an index.',
    operation: { op: 'renameIndex', table: 'books', from: 'books_title_index', to: 'books_by_title' },
    properties: { table, from: 'the old name', to: 'the new name' },
  },
  {
    says: 'Adds a foreign key. Rows that point nowhere make it fail.',
    operation: {
      op: 'addForeignKey',
      table: 'books',
      name: 'books_author_id_fkey',
      columns: ['author_id'],
      references: { table: 'authors', columns: ['id'] },
      onDelete: 'cascade',
    },
    properties: { table, name, ...key, concurrently: later },
  },
  {
    says: 'Drops a foreign key.',
    operation: { op: 'dropForeignKey', table: 'books', name: 'books_editor_id_fkey' },
    properties: { table, name },
  },
  {
    says: 'Adds a check. Rows that break it make it fail.',
    operation: { op: 'addCheck', table: 'books', name: 'books_pages_check', check: (c: any) => c.pages.gt(0) },
    properties: { table, name, check: 'the condition: a function of the columns, or SQL', concurrently: later },
  },
  {
    says: 'Drops a check.',
    operation: { op: 'dropCheck', table: 'books', name: 'books_title_check' },
    properties: { table, name },
  },
  {
    says: 'Changes the comment of a table or a column.',
    operation: { op: 'alterComment', table: 'books', column: 'pages', comment: 'without the cover' },
    properties: { table, column: 'the column. Default: the table itself', comment: 'the comment; null removes it' },
  },
  {
    says: 'Creates a view.',
    operation: { op: 'createView', name: 'long_books', sql: 'select * from books where pages > 500' },
    properties: {
      name,
      sql: 'its query, for all databases or by their names',
      options:
        'what the query does not say: `security_barrier`, `security_invoker` (PostgreSQL), `sql security invoker` (MySQL and MariaDB)',
    },
  },
  {
    says: 'Drops a view.',
    operation: { op: 'dropView', name: 'titles' },
    properties: { name },
  },
]

/** What the program says itself: no SQL is known of it. */
export const OTHERS: readonly Example[] = [
  {
    says: 'Runs SQL of your own. A dialect that has no entry, and no `default`, or `null`, runs nothing.',
    operation: {
      op: 'sql',
      up: { postgres: 'create extension if not exists citext', default: null },
      down: { postgres: 'drop extension citext', default: null },
    },
    properties: {
      up: 'SQL, for all databases or by their names: `sqlite`, `postgres`, `mysql`, `default`',
      down: 'what reverses it, in the same form. Default null: the migration can not be reversed',
      probe:
        'a query that returns a row if `up` was done: after an interruption corm asks it where the migration stands',
    },
  },
  {
    says: 'Runs a function that changes data. See [Change data](../guide/migrations.md#change-data).',
    operation: {
      op: 'data',
      name: 'remove spaces',
      up: async (m) => void (await m.execute(sql`update books set title = trim(title)` as never)),
      down: 'none',
    },
    properties: {
      name: 'its name, in messages and in the checksum of the migration',
      up: 'the function. It gets `m`, the data at this point of the migrations',
      down: "a function that reverses it, or `'none'`: there is nothing to reverse. Default: `down` runs, and says that what was changed stays",
      elidable: '`squash` may leave it out. Default: false',
    },
  },
]
