import { describe, it } from 'vitest'
import { Author, Book, expectSql } from './support.js'

const authors = () => Author.query().select('id')
const books = () => Book.query().select('id')

describe('unions and other sources as SQL', () => {
  it('two queries as one', () => {
    expectSql(books().where('stock', 0).union(books().where('title', 'Emma')), {
      sqlite: [
        'select "id" from (select "id" from "books" where "stock" = ? union select "id" from "books" where "title" = ?) as "books"',
        0n,
        'Emma',
      ],
      postgres: [
        'select "id" from (select "id" from "books" where "stock" = $1 union select "id" from "books" where "title" = $2) as "books"',
        0,
        'Emma',
      ],
      mysql: [
        'select `id` from (select `id` from `books` where `stock` = ? union select `id` from `books` where `title` = ?) as `books`',
        0,
        'Emma',
      ],
    })
  })

  it('conditions, order and limit of the whole', () => {
    expectSql(
      books().where('stock', 0).unionAll(books().where('stock', 1)).where('id', '>', 5).orderBy('-id').limit(3),
      {
        sqlite: [
          'select "id" from (select "id" from "books" where "stock" = ? union all select "id" from "books" where "stock" = ?) as "books" where "id" > ? order by "id" desc limit 3',
          0n,
          1n,
          5n,
        ],
        postgres: [
          'select "id" from (select "id" from "books" where "stock" = $1 union all select "id" from "books" where "stock" = $2) as "books" where "id" > $3 order by "id" desc limit 3',
          0,
          1,
          5,
        ],
        mysql: [
          'select `id` from (select `id` from `books` where `stock` = ? union all select `id` from `books` where `stock` = ?) as `books` where `id` > ? order by `id` desc limit 3',
          0,
          1,
          5,
        ],
      },
    )
  })

  it('operands with an order and limit of their own', () => {
    expectSql(books().orderBy('-stock').limit(2).union(books().orderBy('stock').limit(2)), {
      sqlite: [
        'select "id" from (select * from (select "id" from "books" order by "stock" desc limit 2) as "corm_operand_1" union select * from (select "id" from "books" order by "stock" asc limit 2) as "corm_operand_2") as "books"',
      ],
      postgres: [
        'select "id" from (select * from (select "id" from "books" order by "stock" desc limit 2) as "corm_operand_1" union select * from (select "id" from "books" order by "stock" asc limit 2) as "corm_operand_2") as "books"',
      ],
      mysql: [
        'select `id` from (select * from (select `id` from `books` order by `stock` desc limit 2) as `corm_operand_1` union select * from (select `id` from `books` order by `stock` asc limit 2) as `corm_operand_2`) as `books`',
      ],
    })
  })

  it('different operators, one after the other', () => {
    expectSql(books().where('stock', 0).union(books().where('stock', 1)).intersect(books().where('stock', 2)), {
      sqlite: [
        'select "id" from (select "id" from (select "id" from "books" where "stock" = ? union select "id" from "books" where "stock" = ?) as "books" intersect select "id" from "books" where "stock" = ?) as "books"',
        0n,
        1n,
        2n,
      ],
      postgres: [
        'select "id" from (select "id" from (select "id" from "books" where "stock" = $1 union select "id" from "books" where "stock" = $2) as "books" intersect select "id" from "books" where "stock" = $3) as "books"',
        0,
        1,
        2,
      ],
      mysql: [
        'select `id` from (select `id` from (select `id` from `books` where `stock` = ? union select `id` from `books` where `stock` = ?) as `books` intersect select `id` from `books` where `stock` = ?) as `books`',
        0,
        1,
        2,
      ],
    })
  })

  it('except', () => {
    expectSql(books().except(books().where('stock', 0)).limit(1), {
      sqlite: [
        'select "id" from (select "id" from "books" except select "id" from "books" where "stock" = ?) as "books" limit 1',
        0n,
      ],
      postgres: [
        'select "id" from (select "id" from "books" except select "id" from "books" where "stock" = $1) as "books" limit 1',
        0,
      ],
      mysql: [
        'select `id` from (select `id` from `books` except select `id` from `books` where `stock` = ?) as `books` limit 1',
        0,
      ],
    })
  })

  it('a union as a value', () => {
    expectSql(
      authors().whereIn(
        'id',
        Book.query()
          .select('authorId')
          .where('stock', 0)
          .union(Book.query().select('authorId').where('stock', 1))
          .select('authorId'),
      ),
      {
        sqlite: [
          'select "id" from "authors" where "id" in (select "author_id" from (select "id", "author_id" from "books" where "stock" = ? union select "id", "author_id" from "books" where "stock" = ?) as "books")',
          0n,
          1n,
        ],
        postgres: [
          'select "id" from "authors" where "id" in (select "author_id" from (select "id", "author_id" from "books" where "stock" = $1 union select "id", "author_id" from "books" where "stock" = $2) as "books")',
          0,
          1,
        ],
        mysql: [
          'select `id` from `authors` where `id` in (select `author_id` from (select `id`, `author_id` from `books` where `stock` = ? union select `id`, `author_id` from `books` where `stock` = ?) as `books`)',
          0,
          1,
        ],
      },
    )
  })

  it('rows of a query', () => {
    expectSql(books().from(Book.query().orderBy('-stock').limit(3)).orderBy('id'), {
      sqlite: [
        'select "id" from (select "id", "title", "price", "stock", "views", "rating", "in_print", "printed", "author_id" from "books" order by "stock" desc limit 3) as "books" order by "id" asc',
      ],
      postgres: [
        'select "id" from (select "id", "title", "price", "stock", "views", "rating", "in_print", "printed", "author_id" from "books" order by "stock" desc limit 3) as "books" order by "id" asc',
      ],
      mysql: [
        'select `id` from (select `id`, `title`, `price`, `stock`, `views`, `rating`, `in_print`, `printed`, `author_id` from `books` order by `stock` desc limit 3) as `books` order by `id` asc',
      ],
    })
  })

  it('rows of another table', () => {
    expectSql(books().from('old_books'), {
      sqlite: ['select "id" from "old_books" as "books"'],
      postgres: ['select "id" from "old_books" as "books"'],
      mysql: ['select `id` from `old_books` as `books`'],
    })
  })
})
