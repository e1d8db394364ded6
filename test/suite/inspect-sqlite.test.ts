import { Database, Field, Model, sql } from 'corm'
import { expect, it } from 'vitest'
import { inspectDatabase } from '../../src/inspect/index.js'
import { describeDifference } from '../../src/migration/drift.js'

// What only SQLite has.

async function inspected(fill: (db: Database) => Promise<unknown>) {
  await using db = await Database.connect({ name: 'inspected', url: 'sqlite::memory:' })
  await fill(db)
  const { files, differences } = await inspectDatabase(db, () => true)
  return {
    text: (path: string) => files.find((file) => file.path === path)?.text.replace(/\s+/g, ' ') ?? `no ${path}`,
    left: differences.map(describeDifference),
  }
}

const filledBy =
  (...statements: readonly string[]) =>
  async (db: Database) => {
    for (const statement of statements) await db.execute(sql.raw(statement))
  }

it('numbers the rows where SQLite does, and only there', async () => {
  const { text, left } = await inspected(
    filledBy(
      'create table rows (id integer primary key, name text)',
      'create table counters (id integer primary key autoincrement)',
      'create table downs (id integer, primary key (id desc))',
      'create table quirks (id integer primary key desc, name text)',
      'create table keyed (id integer primary key, name text) without rowid',
      'create table shorts (id int primary key)',
    ),
  )
  expect(text('row.ts')).toContain('id: Field.id({ reuse: true }),')
  expect(text('counter.ts')).toContain('id: Field.id(),')
  expect(text('down.ts')).toContain('id: Field.id({ reuse: true }),')
  expect(text('quirk.ts')).toContain('id: Field.integer({ primaryKey: true }),')
  expect(text('keyed.ts')).toContain('id: Field.integer({ primaryKey: true }),')
  expect(text('short.ts')).toMatch(/id: Field.integer\(\{ (?:sql: 'int', )?primaryKey: true/)
  expect(left.sort()).toEqual([
    'primary key of downs: it is id desc, expected id',
    'primary key of quirks: it is id desc, expected id',
  ])
})

it('numbers the rows of tables of corm whose numbers are given out again', async () => {
  class Ticket extends Model({ id: Field.id({ reuse: true }), name: Field.string() }) {}
  class Order extends Model({ id: Field.bigId({ reuse: true }) }) {}
  const { text, left } = await inspected((db) => db.createTables([Ticket, Order]))
  expect(text('ticket.ts')).toContain('id: Field.id({ reuse: true }),')
  expect(text('order.ts')).toContain('id: Field.bigId({ reuse: true }),')
  expect(left).toEqual([])
})

it('takes names of columns and tables in any case', async () => {
  const { text, left } = await inspected(
    filledBy(
      'create table Users (ID integer primary key, Name text)',
      'create table posts (id integer, USER_ID integer references users(id), author integer, n integer, primary key (ID), foreign key (AUTHOR) references USERS (iD), unique (Author, N))',
      'create index px on posts (USER_id)',
    ),
  )
  expect(left).toEqual([])
  expect(text('post.ts')).toContain('id: Field.id({ reuse: true }),')
  expect(text('post.ts')).toContain("userId: Field.foreignKey(() => User, { column: 'USER_ID',")
  expect(text('post.ts')).toContain('author: Field.foreignKey(() => User, {')
  expect(text('post.ts')).toContain("{ fields: ['author', 'n'], unique: true }, { fields: ['userId'], name: 'px' }")
})

it('reads a name as a default, quoted or not, as the text that it is', async () => {
  const { text, left } = await inspected(
    filledBy(
      'create table notes (id integer primary key, a text default "it\'s", b text default open, c text default CURRENT_DATE)',
    ),
  )
  expect(left).toEqual([])
  expect(text('note.ts')).toContain(`a: Field.text({ nullable: true, dbDefault: "it's" }),`)
  expect(text('note.ts')).toContain("b: Field.text({ nullable: true, dbDefault: 'open' }),")
  expect(text('note.ts')).toContain('dbDefault: sql`CURRENT_DATE`')
})

it('writes a key that is the key of another table as a foreign key, and numbers no rows by it', async () => {
  const { text, left } = await inspected(
    filledBy(
      'create table people (id integer primary key)',
      'create table passports (person_id integer primary key references people (id) on delete cascade)',
    ),
  )
  expect(left).toEqual([])
  expect(text('passport.ts')).toMatch(
    /personId: Field.foreignKey\(\(\) => Person, \{ primaryKey: true, onDelete: 'cascade'/,
  )
})
