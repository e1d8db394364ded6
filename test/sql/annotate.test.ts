import { fn } from 'corm'
import { describe, it } from 'vitest'
import { Author, Book, expectSql } from './support.js'

const authors = () => Author.query().select('id')
const books = () => Book.query().select('id')

describe('annotations as SQL', () => {
  it('an annotation is a column, and its expression in conditions and orders', () => {
    expectSql(
      authors()
        .annotate({ label: (c) => c.name.concat('-', c.role) })
        .where('label', 'a-writer')
        .orderBy('-label'),
      {
        sqlite: [
          'select "id", "name" || ? || "role" as "label" from "authors" where ("name" || ? || "role") = ? order by ("name" || ? || "role") desc',
          '-',
          '-',
          'a-writer',
          '-',
        ],
        postgres: [
          'select "id", "name" || $1::text || "role" as "label" from "authors" where ("name" || $2::text || "role") = $3::text order by ("name" || $4::text || "role") desc',
          '-',
          '-',
          'a-writer',
          '-',
        ],
        mysql: [
          'select `id`, concat(`name`, ?, `role`) as `label` from `authors` where (concat(`name`, ?, `role`)) = ? order by (concat(`name`, ?, `role`)) desc',
          '-',
          '-',
          'a-writer',
          '-',
        ],
      },
    )
  })

  it('annotations build on those before them', () => {
    expectSql(
      books()
        .annotate({ twice: (c) => c.stock.times(2) })
        .annotate({ more: (c) => c.twice.plus(c.stock) })
        .where('more', '>', 3),
      {
        sqlite: [
          'select "id", "stock" * ? as "twice", ("stock" * ?) + "stock" as "more" from "books" where (("stock" * ?) + "stock") > ?',
          2n,
          2n,
          2n,
          3n,
        ],
        postgres: [
          'select "id", "stock" * $1::int8 as "twice", ("stock" * $2::int8) + "stock" as "more" from "books" where (("stock" * $3::int8) + "stock") > $4::int8',
          2n,
          2n,
          2n,
          3,
        ],
        mysql: [
          'select `id`, `stock` * ? as `twice`, (`stock` * ?) + `stock` as `more` from `books` where ((`stock` * ?) + `stock`) > ?',
          2n,
          2n,
          2n,
          3,
        ],
      },
    )
  })

  it('a condition on an aggregate is HAVING, each row a group of its own', () => {
    expectSql(
      authors()
        .annotate({ total: (c) => fn.sum(c.age) })
        .where('total', '>', 3)
        .where('role', 'editor'),
      {
        sqlite: [
          'select "id", sum("age") as "total" from "authors" where "role" = ? group by "id" having sum("age") > ?',
          'editor',
          3n,
        ],
        postgres: [
          'select "id", sum("age") as "total" from "authors" where "role" = $1 group by "id" having sum("age") > $2::int4',
          'editor',
          3,
        ],
        mysql: [
          'select `id`, sum(`age`) as `total` from `authors` where `role` = ? group by `id` having sum(`age`) > ?',
          'editor',
          3,
        ],
      },
    )
  })

  it('alternatives with an aggregate are asked of the groups', () => {
    expectSql(
      authors()
        .annotate({ total: (c) => fn.sum(c.age) })
        .where('total', '>', 3)
        .orWhere('role', 'editor'),
      {
        sqlite: [
          'select "id", sum("age") as "total" from "authors" group by "id", "role" having sum("age") > ? or "role" = ?',
          3n,
          'editor',
        ],
        postgres: [
          'select "id", sum("age") as "total" from "authors" group by "id", "role" having sum("age") > $1::int4 or "role" = $2',
          3,
          'editor',
        ],
        mysql: [
          'select `id`, sum(`age`) as `total` from `authors` group by `id`, `role` having sum(`age`) > ? or `role` = ?',
          3,
          'editor',
        ],
      },
    )
  })

  it('a scalar subquery is correlated through the columns of the model', () => {
    expectSql(
      authors()
        .annotate({
          works: () =>
            Book.query()
              .where((b) => b.authorId.eq(Author.columns.id))
              .annotate({ n: fn.count() })
              .select('n'),
        })
        .where('works', 2),
      {
        sqlite: [
          'select "id", "works" as "works" from (select "id", (select count(*) as "n" from "books" where "author_id" = "authors"."id") as "works" from "authors" limit -1 offset 0) as "authors" where "works" = ?',
          2n,
        ],
        postgres: [
          'select "id", "works" as "works" from (select "id", (select count(*) as "n" from "books" where "author_id" = "authors"."id") as "works" from "authors" offset 0) as "authors" where "works" = $1',
          2,
        ],
        mysql: [
          'select `id`, `works` as `works` from (select `id`, (select count(*) as `n` from `books` where `author_id` = `authors`.`id`) as `works` from `authors` limit 18446744073709551615 offset 0) as `authors` where `works` = ?',
          2,
        ],
      },
    )
  })

  it('an update over an annotation', () => {
    expectSql(
      {
        toSQL: (o: { dialect: 'sqlite' | 'postgres' | 'mysql' }) =>
          Author.query()
            .annotate({ label: (c) => c.name.lower() })
            .where('label', 'a')
            .toSQLUpdate({ bio: 'x' }, o),
      },
      {
        sqlite: ['update "authors" set "bio" = ? where corm_lower("name") = ?', 'x', 'a'],
        postgres: ['update "authors" set "bio" = $1 where lower("name") = $2::text', 'x', 'a'],
        mysql: ['update `authors` set `bio` = ? where lower(`name`) = ?', 'x', 'a'],
      },
    )
  })

  it('a delete over a condition on groups goes by the keys', () => {
    expectSql(
      {
        toSQL: (o: { dialect: 'sqlite' | 'postgres' | 'mysql' }) =>
          Author.query()
            .where((c) => fn.sum(c.age).gt(3))
            .toSQLDelete(o),
      },
      {
        sqlite: [
          'delete from "authors" where "id" in (select "id" from (select "id" from "authors" group by "id" having sum("age") > ?) as "corm_rows")',
          3n,
        ],
        postgres: [
          'delete from "authors" where "id" in (select "id" from (select "id" from "authors" group by "id" having sum("age") > $1::int4) as "corm_rows")',
          3,
        ],
        mysql: [
          'delete from `authors` where `id` in (select `id` from (select `id` from `authors` group by `id` having sum(`age`) > ?) as `corm_rows`)',
          3,
        ],
      },
    )
  })

  it('a condition is a value, compared with booleans', () => {
    expectSql(
      Book.query()
        .annotate({ scarce: (c) => c.stock.lt(3) })
        .select('scarce')
        .where('scarce', true),
      {
        sqlite: ['select "id", "stock" < ? as "scarce" from "books" where ("stock" < ?) = ?', 3n, 3n, 1n],
        postgres: ['select "id", "stock" < $1 as "scarce" from "books" where ("stock" < $2) = $3::bool', 3, 3, true],
        mysql: ['select `id`, `stock` < ? as `scarce` from `books` where (`stock` < ?) = ?', 3, 3, 1],
      },
    )
  })
})
