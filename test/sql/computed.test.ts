import { caseWhen, fn, sql } from 'corm'
import { describe, it } from 'vitest'
import { Author, Book, expectSql } from './support.js'

const authors = () => Author.query().select('id')
const books = () => Book.query().select('id')

describe('computed values as SQL', () => {
  it('caseWhen binds its values by their common type', () => {
    expectSql(
      books().where((c) => caseWhen(c.stock.lt(1), 'none').when(c.stock.lt(5), 'few').else('many').eq('few')),
      {
        sqlite: [
          'select "id" from "books" where case when "stock" < ? then ? when "stock" < ? then ? else ? end = ?',
          1n,
          'none',
          5n,
          'few',
          'many',
          'few',
        ],
        postgres: [
          'select "id" from "books" where case when "stock" < $1 then $2::text when "stock" < $3 then $4::text else $5::text end = $6::text',
          1,
          'none',
          5,
          'few',
          'many',
          'few',
        ],
        mysql: [
          'select `id` from `books` where case when `stock` < ? then ? when `stock` < ? then ? else ? end = ?',
          1,
          'none',
          5,
          'few',
          'many',
          'few',
        ],
      },
    )
  })

  it('caseWhen takes the type of a column', () => {
    expectSql(
      books().orderBy((c) => caseWhen(c.inPrint.eq(true), c.price).else('0.5').desc()),
      {
        sqlite: ['select "id" from "books" order by case when "in_print" = ? then "price" else ? end desc', 1n, 50n],
        postgres: [
          'select "id" from "books" order by case when "in_print" = $1 then "price" else $2::numeric end desc',
          true,
          '0.50',
        ],
        mysql: [
          'select `id` from `books` order by case when `in_print` = ? then `price` else cast(? as decimal(65,2)) end desc',
          1,
          '0.50',
        ],
      },
    )
  })

  it('cast to an integer cuts', () => {
    expectSql(
      books().where((c) => c.price.cast('integer').eq(1).and(c.rating.cast('bigInteger').eq(2n))),
      {
        sqlite: ['select "id" from "books" where ("price" / 100) = ? and cast("rating" as integer) = ?', 1n, 2n],
        postgres: [
          'select "id" from "books" where trunc("price")::int4 = $1::int4 and trunc("rating")::int8 = $2::int8',
          1,
          2n,
        ],
        mysql: [
          'select `id` from `books` where cast(truncate(`price`, 0) as signed) = ? and cast(truncate(`rating`, 0) as signed) = ?',
          1,
          2n,
        ],
      },
    )
  })

  it('cast to text', () => {
    expectSql(
      books().where((c) => c.inPrint.cast('text').eq('true').and(c.price.cast('text').eq('1.00'))),
      {
        sqlite: [
          `select "id" from "books" where (case "in_print" when 1 then 'true' when 0 then 'false' end) = ? and corm_digits("price", 2) = ?`,
          'true',
          '1.00',
        ],
        postgres: [
          'select "id" from "books" where "in_print"::text = $1::text and "price"::text = $2::text',
          'true',
          '1.00',
        ],
        mysql: [
          "select `id` from `books` where (case `in_print` when 1 then 'true' when 0 then 'false' end) = ? and cast(`price` as char) = ?",
          'true',
          '1.00',
        ],
      },
    )
  })

  it('cast to a number and to a day', () => {
    expectSql(
      authors().where((c) => c.joined.cast('date').eq('2024-01-01').and(c.name.cast('float').gt(1.5))),
      {
        sqlite: ['select "id" from "authors" where date("joined") = ? and cast("name" as real) > ?', '2024-01-01', 1.5],
        postgres: [
          `select "id" from "authors" where ("joined" at time zone 'UTC')::date = $1::date and "name"::float8 > $2::float8`,
          '2024-01-01',
          1.5,
        ],
        mysql: [
          'select `id` from `authors` where cast(`joined` as date) = ? and (`name` + 0e0) > ?',
          '2024-01-01',
          1.5,
        ],
      },
    )
  })

  it('aggregates of distinct values and of some rows', () => {
    expectSql(
      (() => {
        const { age, name, role } = Author.columns
        return authors().where(
          sql`${fn.count(age, { distinct: true }).filter(role.eq('editor'))} = ${fn.groupConcat(name, ' | ').filter(age.gt(1))}`,
        )
      })(),
      {
        sqlite: [
          'select "id" from "authors" where count(distinct "authors"."age") filter (where "authors"."role" = ?) = group_concat("authors"."name", ?) filter (where "authors"."age" > ?)',
          'editor',
          ' | ',
          1n,
        ],
        postgres: [
          'select "id" from "authors" where count(distinct "authors"."age") filter (where "authors"."role" = $1) = string_agg("authors"."name", $2::text) filter (where "authors"."age" > $3)',
          'editor',
          ' | ',
          1,
        ],
        mysql: [
          "select `id` from `authors` where count(distinct case when `authors`.`role` = ? then `authors`.`age` end) = group_concat(case when `authors`.`age` > ? then `authors`.`name` end separator ' | ')",
          'editor',
          1,
        ],
      },
    )
  })

  it('random and coalesce', () => {
    expectSql(
      authors()
        .where((c) => fn.coalesce(c.bio, c.name, 'none').ne('x'))
        .orderBy(fn.random()),
      {
        sqlite: ['select "id" from "authors" where coalesce("bio", "name", ?) <> ? order by random() asc', 'none', 'x'],
        postgres: [
          'select "id" from "authors" where coalesce("bio", "name", $1::text) <> $2::text order by random() asc',
          'none',
          'x',
        ],
        mysql: ['select `id` from `authors` where coalesce(`bio`, `name`, ?) <> ? order by rand() asc', 'none', 'x'],
      },
    )
  })
})
