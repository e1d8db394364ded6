import { Decimal, sql } from 'corm'
import { describe, it } from 'vitest'
import { Author, Book, expectSql } from './support.js'

const authors = () => Author.query().select('id')
const books = () => Book.query().select('id')

describe('values and keys as SQL', () => {
  it('whereBetween and whereNotBetween', () => {
    expectSql(authors().whereBetween('age', [1, 9]).whereNotBetween('age', [3, 4]), {
      sqlite: ['select "id" from "authors" where "age" between ? and ? and "age" not between ? and ?', 1n, 9n, 3n, 4n],
      postgres: [
        'select "id" from "authors" where "age" between $1 and $2 and "age" not between $3 and $4',
        1,
        9,
        3,
        4,
      ],
      mysql: ['select `id` from `authors` where `age` between ? and ? and `age` not between ? and ?', 1, 9, 3, 4],
    })
  })

  it('whereNull and whereNotNull', () => {
    expectSql(authors().whereNull('bio').whereNotNull('age'), {
      sqlite: ['select "id" from "authors" where "bio" is null and "age" is not null'],
      postgres: ['select "id" from "authors" where "bio" is null and "age" is not null'],
      mysql: ['select `id` from `authors` where `bio` is null and `age` is not null'],
    })
  })

  it('whereColumn compares two fields', () => {
    expectSql(books().whereColumn('stock', '<', 'views'), {
      sqlite: ['select "id" from "books" where "stock" < "views"'],
      postgres: ['select "id" from "books" where "stock" < "views"'],
      mysql: ['select `id` from `books` where `stock` < `views`'],
    })
  })

  it('whereKey of one key and of several', () => {
    expectSql(authors().whereKey(3).orWhere('age', 1).whereKey([1, 2]), {
      sqlite: [
        'select "id" from "authors" where "id" = ? or ("age" = ? and "id" in (select value from json_each(?)))',
        3n,
        1n,
        '[1,2]',
      ],
      postgres: [
        'select "id" from "authors" where "id" = $1 or ("age" = $2 and "id" = any($3))',
        3,
        1,
        '{1,2,2,2,2,2,2,2,2,2}',
      ],
      mysql: ['select `id` from `authors` where `id` = ? or (`age` = ? and `id` in (?, ?))', 3, 1, 1, 2],
    })
  })

  it('whereRaw is bracketed', () => {
    expectSql(authors().whereRaw(sql`length(${Author.columns.name}) > ${10} or 1 = 1`).where('age', 1), {
      sqlite: ['select "id" from "authors" where (length("authors"."name") > ? or 1 = 1) and "age" = ?', 10n, 1n],
      postgres: ['select "id" from "authors" where (length("authors"."name") > $1 or 1 = 1) and "age" = $2', 10, 1],
      mysql: ['select `id` from `authors` where (length(`authors`.`name`) > ? or 1 = 1) and `age` = ?', 10, 1],
    })
  })

  it('a decimal is compared exactly', () => {
    expectSql(books().where('price', '>=', new Decimal('19.99')), {
      sqlite: ['select "id" from "books" where "price" >= ?', 1999n],
      postgres: ['select "id" from "books" where "price" >= $1', '19.99'],
      mysql: ['select `id` from `books` where `price` >= cast(? as decimal(65,30))', '19.99'],
    })
  })

  it('a boolean', () => {
    expectSql(books().where('inPrint', true), {
      sqlite: ['select "id" from "books" where "in_print" = ?', 1n],
      postgres: ['select "id" from "books" where "in_print" = $1', true],
      mysql: ['select `id` from `books` where `in_print` = ?', 1],
    })
  })

  it('a date and a time', () => {
    expectSql(authors().where('joined', '<', new Date('2024-05-06T07:08:09.123Z')), {
      sqlite: ['select "id" from "authors" where "joined" < ?', '2024-05-06 07:08:09.123'],
      postgres: ['select "id" from "authors" where "joined" < $1', '2024-05-06 07:08:09.123+00'],
      mysql: ['select `id` from `authors` where `joined` < ?', '2024-05-06 07:08:09.123'],
    })
  })

  it('a plain date', () => {
    expectSql(books().where('printed', '2024-02-29'), {
      sqlite: ['select "id" from "books" where "printed" = ?', '2024-02-29'],
      postgres: ['select "id" from "books" where "printed" = $1', '2024-02-29'],
      mysql: ['select `id` from `books` where `printed` = ?', '2024-02-29'],
    })
  })

  it('a big integer keeps its digits', () => {
    expectSql(books().where('views', 9007199254740993n), {
      sqlite: ['select "id" from "books" where "views" = ?', 9007199254740993n],
      postgres: ['select "id" from "books" where "views" = $1', 9007199254740993n],
      mysql: ['select `id` from `books` where `views` = ?', 9007199254740993n],
    })
  })

  it('a float', () => {
    expectSql(books().where('rating', '>', 0.5), {
      sqlite: ['select "id" from "books" where "rating" > ?', 0.5],
      postgres: ['select "id" from "books" where "rating" > $1', 0.5],
      mysql: ['select `id` from `books` where `rating` > ?', 0.5],
    })
  })
})
