import { fn, not, or } from 'corm'
import { describe, it } from 'vitest'
import { Author, Book, expectSql } from './support.js'

const authors = () => Author.query().select('id')
const books = () => Book.query().select('id')

describe('functions of values as SQL', () => {
  it('notIn, notBetween and notLike', () => {
    expectSql(
      authors().where((c) => c.age.notIn([1, 2]).and(c.age.notBetween(3, 4), c.name.notLike('x%'))),
      {
        sqlite: [
          'select "id" from "authors" where "age" not in (select value from json_each(?)) and "age" not between ? and ? and "name" not glob ?',
          '[1,2]',
          3n,
          4n,
          'x*',
        ],
        postgres: [
          `select "id" from "authors" where "age" <> all($1) and "age" not between $2 and $3 and "name" not like $4::text escape ''`,
          '{1,2,2,2,2,2,2,2,2,2}',
          3,
          4,
          'x%',
        ],
        mysql: [
          "select `id` from `authors` where `age` not in (?, ?) and `age` not between ? and ? and `name` not like ? escape '|'",
          1,
          2,
          3,
          4,
          'x%',
        ],
      },
    )
  })

  it('text searches without regard to case', () => {
    expectSql(
      authors().where((c) => c.name.ilike('a_').and(c.name.istartsWith('a%'), c.name.iendsWith('b'))),
      {
        sqlite: [
          'select "id" from "authors" where corm_lower("name") glob ? and corm_lower("name") glob ? and corm_lower("name") glob ?',
          'a?',
          'a%*',
          '*b',
        ],
        postgres: [
          `select "id" from "authors" where "name" ilike $1::text escape '' and "name" ilike $2::text escape '|' and "name" ilike $3::text escape '|'`,
          'a_',
          'a|%%',
          '%b',
        ],
        mysql: [
          "select `id` from `authors` where lower(`name`) like lower(?) escape '|' and lower(`name`) like lower(?) escape '|' and lower(`name`) like lower(?) escape '|'",
          'a_',
          'a|%%',
          '%b',
        ],
      },
    )
  })

  it('regular expressions', () => {
    expectSql(
      authors().where((c) => c.name.regex('^a').and(c.name.iregex('b$'))),
      {
        sqlite: ['select "id" from "authors" where corm_regexp(?, "name") and corm_iregexp(?, "name")', '^a', 'b$'],
        postgres: ['select "id" from "authors" where "name" ~ $1::text and "name" ~* $2::text', '^a', 'b$'],
        mysql: [
          "select `id` from `authors` where regexp_like(`name`, ?, 'c') and regexp_like(`name`, ?, 'i')",
          '^a',
          'b$',
        ],
        mariadb: ['select `id` from `authors` where `name` regexp ? and `name` regexp ?', '(?-i)^a', '(?i)b$'],
      },
    )
  })

  it('functions of texts', () => {
    expectSql(
      authors().where((c) => c.name.trim().substring(2, 3).replace('a', 'b').ltrim().rtrim().position('c').gt(0)),
      {
        sqlite: [
          'select "id" from "authors" where instr(rtrim(ltrim(replace(substr(trim("name"), ?, ?), ?, ?))), ?) > ?',
          2n,
          3n,
          'a',
          'b',
          'c',
          0n,
        ],
        postgres: [
          'select "id" from "authors" where strpos(rtrim(ltrim(replace(substr(btrim("name"), $1::int4, $2::int4), $3::text, $4::text))), $5::text) > $6::int4',
          2,
          3,
          'a',
          'b',
          'c',
          0,
        ],
        mysql: [
          'select `id` from `authors` where locate(?, rtrim(ltrim(replace(substring(trim(`name`), ?, ?), ?, ?)))) > ?',
          'c',
          2,
          3,
          'a',
          'b',
          0,
        ],
      },
    )
  })

  it('functions of numbers', () => {
    expectSql(
      books().where((c) =>
        c.rating
          .round(1)
          .gt(1)
          .and(
            c.price.round(1).gt(1),
            c.price.floor().lt('9'),
            c.rating.ceil().gt(2),
            c.stock.abs().gt(0),
            c.stock.round().gt(0),
            c.price.sign().eq(1),
          ),
      ),
      {
        sqlite: [
          'select "id" from "books" where corm_round_digits("rating", 1) > ? and corm_round_scaled("price", 10) > ? and corm_floor_scaled("price", 100) < ? and ceil("rating") > ? and abs("stock") > ? and "stock" > ? and sign("price") = ?',
          1,
          100n,
          900n,
          2,
          0n,
          0n,
          1n,
        ],
        postgres: [
          'select "id" from "books" where round("rating"::text::numeric, 1)::float8 > $1::float8 and round("price"::numeric, 1) > $2::numeric and floor("price") < $3::numeric and ceil("rating") > $4::float8 and abs("stock") > $5::int4 and "stock" > $6::int4 and sign("price")::int4 = $7::int4',
          1,
          '1.00',
          '9.00',
          2,
          0,
          0,
          1,
        ],
        mysql: [
          'select `id` from `books` where case when abs(`rating`) < 9007199254740992 then round(cast(`rating` as decimal(65,30)), 1) + 0e0 else `rating` end > ? and cast(round(`price`, 1) as decimal(65,2)) > cast(? as decimal(65,30)) and cast(floor(`price`) as decimal(65,2)) < cast(? as decimal(65,30)) and ceil(`rating`) > ? and abs(`stock`) > ? and `stock` > ? and sign(`price`) = ?',
          1,
          '1.00',
          '9.00',
          2,
          0,
          0,
          1,
        ],
      },
    )
  })

  it('greatest, least and nullIf at one scale', () => {
    expectSql(
      books().where((c) => fn.greatest(c.price, 1).gt(fn.least(c.price, c.stock)).and(c.stock.nullIf(0).isNull())),
      {
        sqlite: [
          'select "id" from "books" where max("price", ?) > min("price", ("stock" * 100)) and nullif("stock", ?) is null',
          100n,
          0n,
        ],
        postgres: [
          'select "id" from "books" where case when "price" is not null then greatest("price", $1::numeric) end > case when "price" is not null and "stock" is not null then least("price", "stock") end and nullif("stock", $2::int4) is null',
          '1.00',
          0,
        ],
        mysql: [
          'select `id` from `books` where greatest(`price`, cast(? as decimal(65,2))) > least(`price`, `stock`) and nullif(`stock`, ?) is null',
          '1.00',
          0,
        ],
      },
    )
  })

  it('objects among conditions', () => {
    expectSql(
      authors().where((c) => or({ role: 'editor', age: null }, c.age.gt(65), not({ name: 'x' }))),
      {
        sqlite: [
          'select "id" from "authors" where ("role" = ? and "age" is null) or "age" > ? or not ("name" = ?)',
          'editor',
          65n,
          'x',
        ],
        postgres: [
          'select "id" from "authors" where ("role" = $1 and "age" is null) or "age" > $2 or not ("name" = $3)',
          'editor',
          65,
          'x',
        ],
        mysql: [
          'select `id` from `authors` where (`role` = ? and `age` is null) or `age` > ? or not (`name` = ?)',
          'editor',
          65,
          'x',
        ],
      },
    )
  })
})
