import { describe, it } from 'vitest'
import { Author, Book, expectSql } from './support.js'

const authors = () => Author.query().select('id')
const books = () => Book.query().select('id')

describe('subqueries as SQL', () => {
  it('an order by a query of one value', () => {
    expectSql(
      authors().orderBy(
        (c) =>
          Book.where((b) => b.authorId.eq(c.id).and(b.stock.gt(2)))
            .select('title')
            .limit(1),
        'desc',
      ),
      {
        sqlite: [
          'select "id" from "authors" order by (select "books"."title" from "books" where "books"."author_id" = "authors"."id" and "books"."stock" > ? limit 1) desc',
          2n,
        ],
        postgres: [
          'select "id" from "authors" order by (select "books"."title" from "books" where "books"."author_id" = "authors"."id" and "books"."stock" > $1 limit 1) desc',
          2,
        ],
        mysql: [
          'select `id` from `authors` order by (select `books`.`title` from `books` where `books`.`author_id` = `authors`.`id` and `books`.`stock` > ? limit 1) desc',
          2,
        ],
      },
    )
  })

  it('a subquery with conditions of its own', () => {
    expectSql(
      authors()
        .whereIn('id', books().where('stock', '>', 5).select('authorId'))
        .where('age', 3),
      {
        sqlite: [
          'select "id" from "authors" where "id" in (select "author_id" from "books" where "stock" > ?) and "age" = ?',
          5n,
          3n,
        ],
        postgres: [
          'select "id" from "authors" where "id" in (select "author_id" from "books" where "stock" > $1) and "age" = $2',
          5,
          3,
        ],
        mysql: [
          'select `id` from `authors` where `id` in (select `author_id` from `books` where `stock` > ?) and `age` = ?',
          5,
          3,
        ],
      },
    )
  })

  it('a subquery in NOT IN', () => {
    expectSql(authors().whereNotIn('id', books().whereNotNull('authorId').select('authorId')), {
      sqlite: [
        'select "id" from "authors" where "id" not in (select "author_id" from "books" where "author_id" is not null)',
      ],
      postgres: [
        'select "id" from "authors" where "id" not in (select "author_id" from "books" where "author_id" is not null)',
      ],
      mysql: [
        'select `id` from `authors` where `id` not in (select `author_id` from `books` where `author_id` is not null)',
      ],
    })
  })

  it('a subquery with a limit', () => {
    expectSql(authors().whereIn('id', books().orderBy('-stock').limit(3).select('authorId')), {
      sqlite: [
        'select "id" from "authors" where "id" in (select "author_id" from "books" order by "stock" desc limit 3)',
      ],
      postgres: [
        'select "id" from "authors" where "id" in (select "author_id" from "books" order by "stock" desc limit 3)',
      ],
      mysql: [
        'select `id` from `authors` where `id` in (select * from (select `author_id` from `books` order by `stock` desc limit 3) as `limited`)',
      ],
    })
  })

  it('a subquery as a value', () => {
    expectSql(authors().where('id', books().orderBy('-stock').limit(1).select('authorId')), {
      sqlite: [
        'select "id" from "authors" where "id" = (select "author_id" from "books" order by "stock" desc limit 1)',
      ],
      postgres: [
        'select "id" from "authors" where "id" = (select "author_id" from "books" order by "stock" desc limit 1)',
      ],
      mysql: [
        'select `id` from `authors` where `id` = (select `author_id` from `books` order by `stock` desc limit 1)',
      ],
    })
  })
})
