import { Database, Field, Model, sql } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

// The text of tables on SQLite, which keeps it as it was written.

class Author extends Model({ name: Field.string({ max: 80, description: 'as on the cover' }) }) {}
class Book extends Model(
  {
    authorId: Field.foreignKey(() => Author, { nullable: true, onDelete: 'setNull', deferrable: true }),
    price: Field.decimal({ precision: 10, scale: 2, dbDefault: '1.50' }),
    tags: Field.array(Field.string({ max: 9 })),
    at: Field.dateTime({ precision: 6 }),
  },
  { comment: 'all of them', checks: { cheap: (c) => c.price.lt('100') } },
) {}

const TEXTS = `create table "authors" (
  "id" /*corm integer*/ INTEGER primary key autoincrement not null,
  "name" /*corm string(80): as on the cover*/ TEXT not null
) strict;

create table "books" (
  /*corm: all of them*/
  "id" /*corm integer*/ INTEGER primary key autoincrement not null,
  "author_id" /*corm integer*/ INTEGER constraint "books_author_id_fkey" references "authors" ("id") on delete set null on update no action deferrable initially deferred,
  "price" /*corm decimal(10, 2)*/ INTEGER not null default (150),
  "tags" /*corm array of string(9)*/ TEXT not null,
  "at" /*corm dateTime(6)*/ TEXT not null,
  constraint "books_cheap_check" check ("price" < 10000)
) strict;

create index "books_author_id_index" on "books" ("author_id");
`

describeDatabases('definitions', (database) => {
  it('on SQLite say the type of each column, and have a key where its column is', ({ skip }) => {
    if (database.kind !== 'sqlite') skip()
    expect(database.db.toSQLCreateTables([Author, Book])).toBe(TEXTS)
  })

  it('on SQLite have no queries', async ({ skip }) => {
    if (database.kind !== 'sqlite') skip()
    class Tagged extends Model(
      { tags: Field.array(Field.string()) },
      { checks: { wine: (c) => c.tags.contains('wine') } },
    ) {}
    await using db = await Database.connect({ url: 'sqlite::memory:', name: 'definitions' })
    await expect(db.createTables([Tagged])).rejects.toThrow(
      'The check "taggeds_wine_check" of "taggeds" uses contains() of an array or a JSON value, for which SQLite needs a subquery',
    )
    expect(await db.select(sql`select name from sqlite_schema`)).toEqual([])
  })
})
