import { describe, it } from 'vitest'
import { Author, Book, expectSql } from './support.js'

const authors = () => Author.query().select('id')
const books = () => Book.query().select('id')

describe('joins and common table expressions as SQL', () => {
  it('a model', () => {
    expectSql(
      books()
        .join(Author, (c, t) => c.authorId.eq(t.id))
        .where(Author.columns.name.eq('Ada')),
      {
        sqlite: [
          'select "books"."id" from "books" join "authors" on "books"."author_id" = "authors"."id" where "authors"."name" = ?',
          'Ada',
        ],
        postgres: [
          'select "books"."id" from "books" join "authors" on "books"."author_id" = "authors"."id" where "authors"."name" = $1',
          'Ada',
        ],
        mysql: [
          'select `books`.`id` from `books` join `authors` on `books`.`author_id` = `authors`.`id` where `authors`.`name` = ?',
          'Ada',
        ],
      },
    )
  })

  it('a model under another name', () => {
    expectSql(
      books()
        .leftJoin(Book, (c, t) => c.authorId.eq(t.authorId).and(t.stock.gt(3)), { alias: 'other' })
        .where((_, t) => t.other.id.isNull())
        .orderBy((_, t) => t.other.title),
      {
        sqlite: [
          'select "books"."id" from "books" left join "books" as "other" on "books"."author_id" = "other"."author_id" and "other"."stock" > ? where "other"."id" is null order by "other"."title" asc',
          3n,
        ],
        postgres: [
          'select "books"."id" from "books" left join "books" as "other" on "books"."author_id" = "other"."author_id" and "other"."stock" > $1 where "other"."id" is null order by "other"."title" asc',
          3,
        ],
        mysql: [
          'select `books`.`id` from `books` left join `books` as `other` on `books`.`author_id` = `other`.`author_id` and `other`.`stock` > ? where `other`.`id` is null order by `other`.`title` asc',
          3,
        ],
      },
    )
  })

  it('a query', () => {
    expectSql(
      authors()
        .join(Book.query().select('authorId', 'stock').where('stock', '>', 3), (c, t) => c.id.eq(t.authorId), {
          alias: 'b',
        })
        .annotate({ stock: (_, t) => t.b.stock }),
      {
        sqlite: [
          'select "authors"."id", "b"."stock" as "stock" from "authors" join (select "id", "stock", "author_id" from "books" where "stock" > ?) as "b" on "authors"."id" = "b"."author_id"',
          3n,
        ],
        postgres: [
          'select "authors"."id", "b"."stock" as "stock" from "authors" join (select "id", "stock", "author_id" from "books" where "stock" > $1) as "b" on "authors"."id" = "b"."author_id"',
          3,
        ],
        mysql: [
          'select `authors`.`id`, `b`.`stock` as `stock` from `authors` join (select `id`, `stock`, `author_id` from `books` where `stock` > ?) as `b` on `authors`.`id` = `b`.`author_id`',
          3,
        ],
      },
    )
  })

  it('a common table expression', () => {
    expectSql(
      books()
        .withCte('cheap', Book.query().select('title').where('price', '<', 5))
        .join('cheap', (c, t) => c.id.eq(t.id))
        .where((_, t) => t.cheap.title.eq('Emma')),
      {
        sqlite: [
          'with "cheap" as (select "id", "title" from "books" where "price" < ?) select "books"."id" from "books" join "cheap" on "books"."id" = "cheap"."id" where "cheap"."title" = ?',
          500n,
          'Emma',
        ],
        postgres: [
          'with "cheap" as (select "id", "title" from "books" where "price" < $1) select "books"."id" from "books" join "cheap" on "books"."id" = "cheap"."id" where "cheap"."title" = $2',
          '5.00',
          'Emma',
        ],
        mysql: [
          'with `cheap` as (select `id`, `title` from `books` where `price` < cast(? as decimal(65,30))) select `books`.`id` from `books` join `cheap` on `books`.`id` = `cheap`.`id` where `cheap`.`title` = ?',
          '5.00',
          'Emma',
        ],
      },
    )
  })

  it('a common table expression in a subquery', () => {
    expectSql(
      books()
        .withCte('cheap', books().where('price', '<', 5))
        .whereIn('id', books().from('cheap')),
      {
        sqlite: [
          'with "cheap" as (select "id" from "books" where "price" < ?) select "id" from "books" where "id" in (select "id" from "cheap" as "books")',
          500n,
        ],
        postgres: [
          'with "cheap" as (select "id" from "books" where "price" < $1) select "id" from "books" where "id" in (select "id" from "cheap" as "books")',
          '5.00',
        ],
        mysql: [
          'with `cheap` as (select `id` from `books` where `price` < cast(? as decimal(65,30))) select `id` from `books` where `id` in (select `id` from `cheap` as `books`)',
          '5.00',
        ],
      },
    )
  })

  it('a recursive common table expression', () => {
    expectSql(
      books()
        .withRecursive('line', books().where('title', 'Emma'), (self) =>
          books().join(self, (c, t) => c.authorId.eq(t.id)),
        )
        .from('line')
        .orderBy('id'),
      {
        sqlite: [
          'with recursive "line" as (select "id" from "books" where "title" = ? union select "books"."id" from "books" join "line" on "books"."author_id" = "line"."id") select "id" from "line" as "books" order by "id" asc',
          'Emma',
        ],
        postgres: [
          'with recursive "line" as (select "id" from "books" where "title" = $1 union select "books"."id" from "books" join "line" on "books"."author_id" = "line"."id") select "id" from "line" as "books" order by "id" asc',
          'Emma',
        ],
        mysql: [
          'with recursive `line` as (select `id` from `books` where `title` = ? union select `books`.`id` from `books` join `line` on `books`.`author_id` = `line`.`id`) select `id` from `line` as `books` order by `id` asc',
          'Emma',
        ],
      },
    )
  })
})
