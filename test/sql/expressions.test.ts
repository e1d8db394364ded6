import { and, between, contains, Decimal, not, oneOf, or, startsWith } from 'corm'
import { describe, it } from 'vitest'
import { Author, Book, expectSql } from './support.js'

const authors = () => Author.query().select('id')
const books = () => Book.query().select('id')

describe('expressions as SQL', () => {
  it('the callback joins predicates', () => {
    expectSql(
      authors().where((c) => c.age.gt(18).and(or(c.name.eq('a'), c.name.eq('b').not()))),
      {
        sqlite: ['select "id" from "authors" where "age" > ? and ("name" = ? or not ("name" = ?))', 18n, 'a', 'b'],
        postgres: ['select "id" from "authors" where "age" > $1 and ("name" = $2 or not ("name" = $3))', 18, 'a', 'b'],
        mysql: ['select `id` from `authors` where `age` > ? and (`name` = ? or not (`name` = ?))', 18, 'a', 'b'],
      },
    )
  })

  it('and, or and not bracket what they join', () => {
    expectSql(
      authors().where(or(and(Author.columns.age.gt(1), Author.columns.age.lt(5)), not(Author.columns.name.eq('x')))),
      {
        sqlite: [
          'select "id" from "authors" where ("authors"."age" > ? and "authors"."age" < ?) or not ("authors"."name" = ?)',
          1n,
          5n,
          'x',
        ],
        postgres: [
          'select "id" from "authors" where ("authors"."age" > $1 and "authors"."age" < $2) or not ("authors"."name" = $3)',
          1,
          5,
          'x',
        ],
        mysql: [
          'select `id` from `authors` where (`authors`.`age` > ? and `authors`.`age` < ?) or not (`authors`.`name` = ?)',
          1,
          5,
          'x',
        ],
      },
    )
  })

  it('operators in an object', () => {
    expectSql(
      authors().where({ name: startsWith('a'), age: between(1, 2), role: oneOf(['writer', 'editor']), bio: not(null) }),
      {
        sqlite: [
          'select "id" from "authors" where "name" glob ? and "age" between ? and ? and "role" in (select value from json_each(?)) and "bio" is not null',
          'a*',
          1n,
          2n,
          '["writer","editor"]',
        ],
        postgres: [
          `select "id" from "authors" where "name" like $1::text escape '|' and "age" between $2 and $3 and "role" = any($4) and "bio" is not null`,
          'a%',
          1,
          2,
          '{"writer","editor","editor","editor","editor","editor","editor","editor","editor","editor"}',
        ],
        mysql: [
          "select `id` from `authors` where `name` like ? escape '|' and `age` between ? and ? and `role` in (?, ?) and `bio` is not null",
          'a%',
          1,
          2,
          'writer',
          'editor',
        ],
      },
    )
  })

  it('not of an operator', () => {
    expectSql(authors().where({ name: not(contains('a')), age: not(3) }), {
      sqlite: ['select "id" from "authors" where not (instr("name", ?) > 0) and "age" <> ?', 'a', 3n],
      postgres: [`select "id" from "authors" where not ("name" like $1::text escape '|') and "age" <> $2`, '%a%', 3],
      mysql: ["select `id` from `authors` where not (`name` like ? escape '|') and `age` <> ?", '%a%', 3],
    })
  })

  it('coalesce, lower, upper and length', () => {
    expectSql(
      authors().where((c) => c.bio.coalesce('').lower().eq('a').and(c.name.upper().eq('B'), c.name.length().gt(2))),
      {
        sqlite: [
          'select "id" from "authors" where corm_lower(coalesce("bio", ?)) = ? and corm_upper("name") = ? and length("name") > ?',
          '',
          'a',
          'B',
          2n,
        ],
        postgres: [
          'select "id" from "authors" where lower(coalesce("bio", $1::text)) = $2::text and upper("name") = $3::text and char_length("name") > $4::int4',
          '',
          'a',
          'B',
          2,
        ],
        mysql: [
          'select `id` from `authors` where lower(coalesce(`bio`, ?)) = ? and upper(`name`) = ? and char_length(`name`) > ?',
          '',
          'a',
          'B',
          2,
        ],
      },
    )
  })

  it('concat', () => {
    expectSql(
      authors().where((c) => c.name.concat(' ', c.bio).eq('a b')),
      {
        sqlite: ['select "id" from "authors" where ("name" || ? || "bio") = ?', ' ', 'a b'],
        postgres: ['select "id" from "authors" where ("name" || $1::text || "bio") = $2::text', ' ', 'a b'],
        mysql: ['select `id` from `authors` where (concat(`name`, ?, `bio`)) = ?', ' ', 'a b'],
      },
    )
  })

  it('arithmetic', () => {
    expectSql(
      books().where((c) => c.stock.plus(1).times(2).minus(c.stock).gt(3)),
      {
        sqlite: ['select "id" from "books" where ((("stock" + ?) * ?) - "stock") > ?', 1n, 2n, 3n],
        postgres: [
          'select "id" from "books" where ((("stock" + $1::int4) * $2::int8) - "stock") > $3::int8',
          1n,
          2n,
          3,
        ],
        mysql: ['select `id` from `books` where (((`stock` + ?) * ?) - `stock`) > ?', 1n, 2n, 3],
      },
    )
  })

  it('division and remainder', () => {
    expectSql(
      books().where((c) => c.stock.dividedBy(2).gt(0.4).and(c.stock.mod(3).eq(1))),
      {
        sqlite: ['select "id" from "books" where ("stock" * 1.0 / ?) > ? and ("stock" % ?) = ?', 2n, 0.4, 3n, 1n],
        postgres: [
          'select "id" from "books" where ("stock"::float8 / $1::int4) > $2::numeric and ("stock" % $3::int4) = $4::int8',
          2n,
          0.4,
          3n,
          1,
        ],
        mysql: ['select `id` from `books` where ((`stock` + 0e0) / ?) > ? and (`stock` % ?) = ?', 2n, 0.4, 3n, 1],
      },
    )
  })

  it('arithmetic with decimals', () => {
    expectSql(
      books().where((c) => c.price.plus(1).times(2).gt(new Decimal('3.10'))),
      {
        sqlite: ['select "id" from "books" where (("price" + (? * 100)) * ?) > ?', 1n, 2n, 310n],
        postgres: [
          'select "id" from "books" where (("price" + $1::numeric) * $2::numeric) > $3::numeric',
          '1',
          '2',
          '3.10',
        ],
        mysql: [
          'select `id` from `books` where ((`price` + cast(? as decimal(65,0))) * cast(? as decimal(65,0))) > cast(? as decimal(65,30))',
          '1',
          '2',
          '3.10',
        ],
      },
    )
  })
})
