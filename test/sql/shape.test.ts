import { sql } from 'corm'
import { describe, it } from 'vitest'
import { Author, Book, expectSql } from './support.js'

describe('the shape of a query as SQL', () => {
  it('all fields but the lazy ones are read', () => {
    expectSql(Book.query(), {
      sqlite: [
        'select "id", "title", "price", "stock", cast("views" as text), "rating", "in_print", "printed", "author_id" from "books"',
      ],
      postgres: [
        'select "id", "title", "price", "stock", "views", "rating", "in_print", "printed", "author_id" from "books"',
      ],
      mysql: [
        'select `id`, `title`, `price`, `stock`, `views`, `rating`, `in_print`, `printed`, `author_id` from `books`',
      ],
    })
  })

  it('select reads these fields and the key', () => {
    expectSql(Book.query().select('title', 'price'), {
      sqlite: ['select "id", "title", "price" from "books"'],
      postgres: ['select "id", "title", "price" from "books"'],
      mysql: ['select `id`, `title`, `price` from `books`'],
    })
  })

  it('omit reads all fields but these', () => {
    expectSql(Author.query().omit('bio', 'joined'), {
      sqlite: ['select "id", "name", "age", "role" from "authors"'],
      postgres: ['select "id", "name", "age", "role" from "authors"'],
      mysql: ['select `id`, `name`, `age`, `role` from `authors`'],
    })
  })

  it('selectAll reads lazy fields too', () => {
    expectSql(Book.query().selectAll(), {
      sqlite: [
        'select "id", "title", "price", "stock", cast("views" as text), "rating", "in_print", "printed", "author_id", "body" from "books"',
      ],
      postgres: [
        'select "id", "title", "price", "stock", "views", "rating", "in_print", "printed", "author_id", "body" from "books"',
      ],
      mysql: [
        'select `id`, `title`, `price`, `stock`, `views`, `rating`, `in_print`, `printed`, `author_id`, `body` from `books`',
      ],
    })
  })

  it('distinct', () => {
    expectSql(Author.query().select('role').distinct(), {
      sqlite: ['select distinct "id", "role" from "authors"'],
      postgres: ['select distinct "id", "role" from "authors"'],
      mysql: ['select distinct `id`, `role` from `authors`'],
    })
  })

  it('withoutDistinct takes it back', () => {
    expectSql(Author.query().select('role').distinct().withoutDistinct(), {
      sqlite: ['select "id", "role" from "authors"'],
      postgres: ['select "id", "role" from "authors"'],
      mysql: ['select `id`, `role` from `authors`'],
    })
  })

  it('orders append', () => {
    expectSql(Author.query().select('name').orderBy('name').orderBy('-age').orderBy('role', 'desc'), {
      sqlite: ['select "id", "name" from "authors" order by "name" asc, "age" desc, "role" desc'],
      postgres: ['select "id", "name" from "authors" order by "name" asc, "age" desc, "role" desc'],
      mysql: ['select `id`, `name` from `authors` order by `name` asc, `age` desc, `role` desc'],
    })
  })

  it('an order by a list', () => {
    expectSql(Author.query().select('name').orderBy(['name', '-age']), {
      sqlite: ['select "id", "name" from "authors" order by "name" asc, "age" desc'],
      postgres: ['select "id", "name" from "authors" order by "name" asc, "age" desc'],
      mysql: ['select `id`, `name` from `authors` order by `name` asc, `age` desc'],
    })
  })

  it('an order by expressions', () => {
    expectSql(
      Author.query()
        .select('name')
        .orderBy((c) => c.name.lower().desc())
        .orderBy(Author.columns.age.asc({ nulls: 'last' })),
      {
        sqlite: ['select "id", "name" from "authors" order by corm_lower("name") desc, "authors"."age" asc nulls last'],
        postgres: ['select "id", "name" from "authors" order by lower("name") desc, "authors"."age" asc nulls last'],
        mysql: [
          'select `id`, `name` from `authors` order by lower(`name`) desc, `authors`.`age` is null, `authors`.`age` asc',
        ],
      },
    )
  })

  it('nulls first and last', () => {
    expectSql(
      Author.query()
        .select('name')
        .orderBy(Author.columns.age.desc({ nulls: 'first' }))
        .orderBy(Author.columns.bio.desc({ nulls: 'last' })),
      {
        sqlite: [
          'select "id", "name" from "authors" order by "authors"."age" desc nulls first, "authors"."bio" desc nulls last',
        ],
        postgres: [
          'select "id", "name" from "authors" order by "authors"."age" desc nulls first, "authors"."bio" desc nulls last',
        ],
        mysql: [
          'select `id`, `name` from `authors` order by `authors`.`age` is null desc, `authors`.`age` desc, `authors`.`bio` desc',
        ],
      },
    )
  })

  it('an order by sql', () => {
    expectSql(Author.query().select('name').orderBy(sql`length(${Author.columns.name}) + ${1}`, 'desc'), {
      sqlite: ['select "id", "name" from "authors" order by (length("authors"."name") + ?) desc', 1n],
      postgres: ['select "id", "name" from "authors" order by (length("authors"."name") + $1) desc', 1],
      mysql: ['select `id`, `name` from `authors` order by (length(`authors`.`name`) + ?) desc', 1],
    })
  })

  it('latest and oldest fall back to the key', () => {
    expectSql(Author.query().select('name').latest().oldest('joined'), {
      sqlite: ['select "id", "name" from "authors" order by "id" desc, "joined" asc'],
      postgres: ['select "id", "name" from "authors" order by "id" desc, "joined" asc'],
      mysql: ['select `id`, `name` from `authors` order by `id` desc, `joined` asc'],
    })
  })

  it('reorder drops the orders before it', () => {
    expectSql(Author.query().select('name').orderBy('name').reorder().orderBy('age'), {
      sqlite: ['select "id", "name" from "authors" order by "age" asc'],
      postgres: ['select "id", "name" from "authors" order by "age" asc'],
      mysql: ['select `id`, `name` from `authors` order by `age` asc'],
    })
  })

  it('limit and offset stand in the text', () => {
    expectSql(Author.query().select('name').limit(10).offset(20), {
      sqlite: ['select "id", "name" from "authors" limit 10 offset 20'],
      postgres: ['select "id", "name" from "authors" limit 10 offset 20'],
      mysql: ['select `id`, `name` from `authors` limit 10 offset 20'],
    })
  })

  it('limit(0) is a limit', () => {
    expectSql(Author.query().select('name').limit(0), {
      sqlite: ['select "id", "name" from "authors" limit 0'],
      postgres: ['select "id", "name" from "authors" limit 0'],
      mysql: ['select `id`, `name` from `authors` limit 0'],
    })
  })

  it('an offset without a limit', () => {
    expectSql(Author.query().select('name').offset(5), {
      sqlite: ['select "id", "name" from "authors" limit -1 offset 5'],
      postgres: ['select "id", "name" from "authors" offset 5'],
      mysql: ['select `id`, `name` from `authors` limit 18446744073709551615 offset 5'],
    })
  })

  it('page counts from 1', () => {
    expectSql(Author.query().select('name').page(3, 10), {
      sqlite: ['select "id", "name" from "authors" limit 10 offset 20'],
      postgres: ['select "id", "name" from "authors" limit 10 offset 20'],
      mysql: ['select `id`, `name` from `authors` limit 10 offset 20'],
    })
  })
})
