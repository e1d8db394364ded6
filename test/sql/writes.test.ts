import { Decimal, Field, Model, sql } from 'corm'
import { describe, it } from 'vitest'
import { Author, Book, expectSql } from './support.js'

const authors = () => Author.query().select('id')
const books = () => Book.query().select('id')

class Vote extends Model({
  userId: Field.integer({ primaryKey: true }),
  postId: Field.integer({ primaryKey: true }),
  score: Field.integer({ default: 1 }),
}) {}

describe('writes as SQL', () => {
  it('update binds its values', () => {
    expectSql((o) => authors().where('age', '>', 3).toSQLUpdate({ name: 'x', bio: null }, o), {
      sqlite: ['update "authors" set "name" = ?, "bio" = ? where "age" > ?', 'x', null, 3n],
      postgres: ['update "authors" set "name" = $1, "bio" = $2 where "age" > $3', 'x', null, 3],
      mysql: ['update `authors` set `name` = ?, `bio` = ? where `age` > ?', 'x', null, 3],
    })
  })

  it('update with expressions', () => {
    expectSql(
      (o) =>
        books()
          .where('id', 1)
          .toSQLUpdate((c) => ({ stock: c.stock.plus(2), title: c.title.concat('!') }), o),
      {
        sqlite: [
          'update "books" set "stock" = corm_fit_integer("stock" + ?, 0, -2147483648, 2147483647), "title" = corm_fit_text("title" || ?, 200) where "id" = ?',
          2n,
          '!',
          1n,
        ],
        postgres: [
          'update "books" set "stock" = "stock" + $1::int4, "title" = "title" || $2::text where "id" = $3',
          2n,
          '!',
          1,
        ],
        mysql: ['update `books` set `stock` = `stock` + ?, `title` = concat(`title`, ?) where `id` = ?', 2n, '!', 1],
      },
    )
  })

  it('update of a decimal', () => {
    expectSql(
      (o) =>
        books()
          .where('id', 1)
          .toSQLUpdate((c) => ({ price: c.price.times(2).plus(new Decimal('0.50')) }), o),
      {
        sqlite: [
          'update "books" set "price" = corm_fit(("price" * ?) + (? * 10), 2, 10, 2) where "id" = ?',
          2n,
          5n,
          1n,
        ],
        postgres: ['update "books" set "price" = ("price" * $1::numeric) + $2::numeric where "id" = $3', '2', '0.5', 1],
        mysql: [
          'update `books` set `price` = (`price` * cast(? as decimal(65,0))) + cast(? as decimal(65,1)) where `id` = ?',
          '2',
          '0.5',
          1,
        ],
      },
    )
  })

  it('update with sql', () => {
    expectSql(
      (o) =>
        books()
          .where('id', 1)
          .toSQLUpdate({ stock: sql`${Book.columns.stock} + ${5}` }, o),
      {
        sqlite: [
          'update "books" set "stock" = corm_fit_integer("books"."stock" + ?, 0, -2147483648, 2147483647) where "id" = ?',
          5n,
          1n,
        ],
        postgres: ['update "books" set "stock" = "books"."stock" + $1 where "id" = $2', 5, 1],
        mysql: ['update `books` set `stock` = `books`.`stock` + ? where `id` = ?', 5, 1],
      },
    )
  })

  it('update with a subquery', () => {
    const author = Author.query().where('name', 'x').limit(1).select('id')
    expectSql(
      (o) =>
        books()
          .where('id', 1)
          .toSQLUpdate({ authorId: sql`${author}` }, o),
      {
        sqlite: [
          'update "books" set "author_id" = corm_fit_integer((select "id" from "authors" where "name" = ? limit 1), 0, -2147483648, 2147483647) where "id" = ?',
          'x',
          1n,
        ],
        postgres: [
          'update "books" set "author_id" = (select "id" from "authors" where "name" = $1 limit 1) where "id" = $2',
          'x',
          1,
        ],
        mysql: [
          'update `books` set `author_id` = (select `id` from `authors` where `name` = ? limit 1) where `id` = ?',
          'x',
          1,
        ],
      },
    )
  })

  it('update of every row, said in words', () => {
    expectSql((o) => books().all().toSQLUpdate({ stock: 0 }, o), {
      sqlite: ['update "books" set "stock" = ?', 0n],
      postgres: ['update "books" set "stock" = $1', 0],
      mysql: ['update `books` set `stock` = ?', 0],
    })
  })

  it('update of the first few', () => {
    expectSql((o) => books().where('stock', 0).orderBy('title').limit(2).toSQLUpdate({ inPrint: false }, o), {
      sqlite: [
        'update "books" set "in_print" = ? where "id" in (select "id" from (select "id" from "books" where "stock" = ? order by "title" asc limit 2) as "corm_rows")',
        0n,
        0n,
      ],
      postgres: [
        'update "books" set "in_print" = $1 where "id" in (select "id" from (select "id" from "books" where "stock" = $2 order by "title" asc limit 2) as "corm_rows")',
        false,
        0,
      ],
      mysql: [
        'update `books` set `in_print` = ? where `id` in (select `id` from (select `id` from `books` where `stock` = ? order by `title` asc limit 2) as `corm_rows`)',
        0,
        0,
      ],
    })
  })

  it('delete', () => {
    expectSql((o) => books().where('stock', 0).toSQLDelete(o), {
      sqlite: ['delete from "books" where "stock" = ?', 0n],
      postgres: ['delete from "books" where "stock" = $1', 0],
      mysql: ['delete from `books` where `stock` = ?', 0],
    })
  })

  it('delete of every row, said in words', () => {
    expectSql((o) => books().all().toSQLDelete(o), {
      sqlite: ['delete from "books"'],
      postgres: ['delete from "books"'],
      mysql: ['delete from `books`'],
    })
  })

  it('delete of the first few', () => {
    expectSql((o) => books().orderBy('id').limit(2).toSQLDelete(o), {
      sqlite: [
        'delete from "books" where "id" in (select "id" from (select "id" from "books" order by "id" asc limit 2) as "corm_rows")',
      ],
      postgres: [
        'delete from "books" where "id" in (select "id" from (select "id" from "books" order by "id" asc limit 2) as "corm_rows")',
      ],
      mysql: [
        'delete from `books` where `id` in (select `id` from (select `id` from `books` order by `id` asc limit 2) as `corm_rows`)',
      ],
    })
  })

  it('insert of one row', () => {
    expectSql((o) => Author.toSQLInsert({ name: 'Ada', age: 3 }, o), {
      sqlite: [
        'insert into "authors" ("name", "bio", "age", "role", "joined") values (?, ?, ?, ?, ?)',
        'Ada',
        null,
        3n,
        'writer',
        null,
      ],
      postgres: [
        'insert into "authors" ("name", "bio", "age", "role", "joined") values ($1, $2, $3, $4, $5) returning "id"',
        'Ada',
        null,
        3,
        'writer',
        null,
      ],
      mysql: [
        'insert into `authors` (`name`, `bio`, `age`, `role`, `joined`) values (?, ?, ?, ?, ?)',
        'Ada',
        null,
        3,
        'writer',
        null,
      ],
      mariadb: [
        'insert into `authors` (`name`, `bio`, `age`, `role`, `joined`) values (?, ?, ?, ?, ?) returning `authors`.`id`',
        'Ada',
        null,
        3,
        'writer',
        null,
      ],
    })
  })

  it('insert of two rows', () => {
    expectSql(
      (o) =>
        Author.toSQLInsert(
          [
            { name: 'Ada', age: 3 },
            { name: 'Bob', age: 4 },
          ],
          o,
        ),
      {
        sqlite: [
          'insert into "authors" ("name", "bio", "age", "role", "joined") values (?, ?, ?, ?, ?), (?, ?, ?, ?, ?)',
          'Ada',
          null,
          3n,
          'writer',
          null,
          'Bob',
          null,
          4n,
          'writer',
          null,
        ],
        postgres: [
          'insert into "authors" ("name", "bio", "age", "role", "joined") values ($1, $2, $3, $4, $5), ($6, $7, $8, $9, $10) returning "id"',
          'Ada',
          null,
          3,
          'writer',
          null,
          'Bob',
          null,
          4,
          'writer',
          null,
        ],
        mysql: [
          'insert into `authors` (`name`, `bio`, `age`, `role`, `joined`) values (?, ?, ?, ?, ?), (?, ?, ?, ?, ?)',
          'Ada',
          null,
          3,
          'writer',
          null,
          'Bob',
          null,
          4,
          'writer',
          null,
        ],
        mariadb: [
          'insert into `authors` (`name`, `bio`, `age`, `role`, `joined`) values (?, ?, ?, ?, ?), (?, ?, ?, ?, ?) returning `authors`.`id`',
          'Ada',
          null,
          3,
          'writer',
          null,
          'Bob',
          null,
          4,
          'writer',
          null,
        ],
      },
    )
  })

  it('insert of every type', () => {
    expectSql(
      (o) =>
        Book.toSQLInsert(
          {
            title: 't',
            price: '1.50',
            views: 9007199254740993n,
            rating: 0.5,
            inPrint: false,
            printed: '2024-02-29',
            authorId: 1,
          },
          o,
        ),
      {
        sqlite: [
          'insert into "books" ("title", "price", "stock", "views", "rating", "in_print", "printed", "author_id", "body") values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
          't',
          150n,
          0n,
          9007199254740993n,
          0.5,
          0n,
          '2024-02-29',
          1n,
          null,
        ],
        postgres: [
          'insert into "books" ("title", "price", "stock", "views", "rating", "in_print", "printed", "author_id", "body") values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning "id"',
          't',
          '1.50',
          0,
          9007199254740993n,
          0.5,
          false,
          '2024-02-29',
          1,
          null,
        ],
        mysql: [
          'insert into `books` (`title`, `price`, `stock`, `views`, `rating`, `in_print`, `printed`, `author_id`, `body`) values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
          't',
          '1.50',
          0,
          9007199254740993n,
          0.5,
          0,
          '2024-02-29',
          1,
          null,
        ],
        mariadb: [
          'insert into `books` (`title`, `price`, `stock`, `views`, `rating`, `in_print`, `printed`, `author_id`, `body`) values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning `books`.`id`',
          't',
          '1.50',
          0,
          9007199254740993n,
          0.5,
          0,
          '2024-02-29',
          1,
          null,
        ],
      },
    )
  })

  it('a limit before an update of rows with a key of two fields', () => {
    const first = Vote.query().orderBy('score').limit(2)
    expectSql((options) => first.toSQLUpdate({ score: 0 }, options), {
      sqlite: [
        'update "votes" set "score" = ? where ("user_id", "post_id") in (select "user_id", "post_id" from (select "user_id", "post_id" from "votes" order by "score" asc limit 2) as "corm_rows")',
        0n,
      ],
      postgres: [
        'update "votes" set "score" = $1 where ("user_id", "post_id") in (select "user_id", "post_id" from (select "user_id", "post_id" from "votes" order by "score" asc limit 2) as "corm_rows")',
        0,
      ],
      mysql: [
        'update `votes` set `score` = ? where (`user_id`, `post_id`) in (select `user_id`, `post_id` from (select `user_id`, `post_id` from `votes` order by `score` asc limit 2) as `corm_rows`)',
        0,
      ],
    })
  })
})
