import { fn } from 'corm'
import { describe, it } from 'vitest'
import { Author, Book, expectSql } from './support.js'

const authors = () => Author.query().select('id')
const books = () => Book.query().select('id')

describe('paths through relations as SQL', () => {
  it('a path to one row', () => {
    expectSql(books().where('author.name', 'Ada').orderBy('-author.age'), {
      sqlite: [
        'select "books"."id" from "books" left join "authors" as "corm_author" on "corm_author"."id" = "books"."author_id" where "corm_author"."name" = ? order by "corm_author"."age" desc',
        'Ada',
      ],
      postgres: [
        'select "books"."id" from "books" left join "authors" as "corm_author" on "corm_author"."id" = "books"."author_id" where "corm_author"."name" = $1 order by "corm_author"."age" desc',
        'Ada',
      ],
      mysql: [
        'select `books`.`id` from `books` left join `authors` as `corm_author` on `corm_author`.`id` = `books`.`author_id` where `corm_author`.`name` = ? order by `corm_author`.`age` desc',
        'Ada',
      ],
    })
  })

  it('a path of several steps, joined once', () => {
    expectSql(books().where('author.name', 'Ada').where('author.age', '>', 30), {
      sqlite: [
        'select "books"."id" from "books" left join "authors" as "corm_author" on "corm_author"."id" = "books"."author_id" where "corm_author"."name" = ? and "corm_author"."age" > ?',
        'Ada',
        30n,
      ],
      postgres: [
        'select "books"."id" from "books" left join "authors" as "corm_author" on "corm_author"."id" = "books"."author_id" where "corm_author"."name" = $1 and "corm_author"."age" > $2',
        'Ada',
        30,
      ],
      mysql: [
        'select `books`.`id` from `books` left join `authors` as `corm_author` on `corm_author`.`id` = `books`.`author_id` where `corm_author`.`name` = ? and `corm_author`.`age` > ?',
        'Ada',
        30,
      ],
    })
  })

  it('a path to many rows: each condition is about some row', () => {
    expectSql(authors().where('books.title', 'Emma').where('books.stock', '>', 3), {
      sqlite: [
        'select "id" from "authors" where exists (select 1 = 1 from "books" where "books"."author_id" = "authors"."id" and "books"."title" = ?) and exists (select 1 = 1 from "books" where "books"."author_id" = "authors"."id" and "books"."stock" > ?)',
        'Emma',
        3n,
      ],
      postgres: [
        'select "id" from "authors" where exists (select true from "books" where "books"."author_id" = "authors"."id" and "books"."title" = $1) and exists (select true from "books" where "books"."author_id" = "authors"."id" and "books"."stock" > $2)',
        'Emma',
        3,
      ],
      mysql: [
        'select `id` from `authors` where exists (select 1 = 1 from `books` where `books`.`author_id` = `authors`.`id` and `books`.`title` = ?) and exists (select 1 = 1 from `books` where `books`.`author_id` = `authors`.`id` and `books`.`stock` > ?)',
        'Emma',
        3,
      ],
    })
  })

  it('conditions of one object on many rows: about the same row', () => {
    expectSql(authors().where({ 'books.title': 'Emma', 'books.stock': 3, name: 'Ada' }), {
      sqlite: [
        'select "id" from "authors" where "name" = ? and exists (select 1 = 1 from "books" where "books"."author_id" = "authors"."id" and ("books"."title" = ? and "books"."stock" = ?))',
        'Ada',
        'Emma',
        3n,
      ],
      postgres: [
        'select "id" from "authors" where "name" = $1 and exists (select true from "books" where "books"."author_id" = "authors"."id" and ("books"."title" = $2 and "books"."stock" = $3))',
        'Ada',
        'Emma',
        3,
      ],
      mysql: [
        'select `id` from `authors` where `name` = ? and exists (select 1 = 1 from `books` where `books`.`author_id` = `authors`.`id` and (`books`.`title` = ? and `books`.`stock` = ?))',
        'Ada',
        'Emma',
        3,
      ],
    })
  })

  it('a path through one row to many', () => {
    expectSql(books().where('author.books.title', 'Emma'), {
      sqlite: [
        'select "id" from "books" where exists (select 1 = 1 from "authors" where "authors"."id" = "books"."author_id" and exists (select 1 = 1 from "books" as "corm_2" where "corm_2"."author_id" = "authors"."id" and "corm_2"."title" = ?))',
        'Emma',
      ],
      postgres: [
        'select "id" from "books" where exists (select true from "authors" where "authors"."id" = "books"."author_id" and exists (select true from "books" as "corm_2" where "corm_2"."author_id" = "authors"."id" and "corm_2"."title" = $1))',
        'Emma',
      ],
      mysql: [
        'select `id` from `books` where exists (select 1 = 1 from `authors` where `authors`.`id` = `books`.`author_id` and exists (select 1 = 1 from `books` as `corm_2` where `corm_2`.`author_id` = `authors`.`id` and `corm_2`.`title` = ?))',
        'Emma',
      ],
    })
  })

  it('a negated condition on many rows', () => {
    expectSql(authors().whereNot('books.title', 'Emma'), {
      sqlite: [
        'select "id" from "authors" where not (exists (select 1 = 1 from "books" where "books"."author_id" = "authors"."id" and "books"."title" = ?))',
        'Emma',
      ],
      postgres: [
        'select "id" from "authors" where not (exists (select true from "books" where "books"."author_id" = "authors"."id" and "books"."title" = $1))',
        'Emma',
      ],
      mysql: [
        'select `id` from `authors` where not (exists (select 1 = 1 from `books` where `books`.`author_id` = `authors`.`id` and `books`.`title` = ?))',
        'Emma',
      ],
    })
  })

  it('a relation to one row', () => {
    expectSql(books().whereNull('author').orWhere('author', Author.ref(3)), {
      sqlite: ['select "id" from "books" where "author_id" is null or "author_id" = ?', 3n],
      postgres: ['select "id" from "books" where "author_id" is null or "author_id" = $1', 3],
      mysql: ['select `id` from `books` where `author_id` is null or `author_id` = ?', 3],
    })
  })

  it('paths among the values', () => {
    expectSql(Book.query().select('title', 'author.name'), {
      sqlite: [
        'select "books"."id", "books"."title", "corm_author"."name" as "author.name" from "books" left join "authors" as "corm_author" on "corm_author"."id" = "books"."author_id"',
      ],
      postgres: [
        'select "books"."id", "books"."title", "corm_author"."name" as "author.name" from "books" left join "authors" as "corm_author" on "corm_author"."id" = "books"."author_id"',
      ],
      mysql: [
        'select `books`.`id`, `books`.`title`, `corm_author`.`name` as `author.name` from `books` left join `authors` as `corm_author` on `corm_author`.`id` = `books`.`author_id`',
      ],
    })
  })

  it('distinct rows in the order of a path', () => {
    expectSql(Book.query().select('title').distinct().orderBy('author.name'), {
      sqlite: [
        'select "books"."id", "books"."title" from (select distinct "id", "title", "author_id" from "books") as "books" left join "authors" as "corm_author" on "corm_author"."id" = "books"."author_id" order by "corm_author"."name" asc',
      ],
      postgres: [
        'select "books"."id", "books"."title" from (select distinct "id", "title", "author_id" from "books") as "books" left join "authors" as "corm_author" on "corm_author"."id" = "books"."author_id" order by "corm_author"."name" asc',
      ],
      mysql: [
        'select `books`.`id`, `books`.`title` from (select distinct `id`, `title`, `author_id` from `books`) as `books` left join `authors` as `corm_author` on `corm_author`.`id` = `books`.`author_id` order by `corm_author`.`name` asc',
      ],
    })
  })

  it('a row compared with others of its table', () => {
    expectSql(
      books().whereExists((c) => Book.query().where((b) => b.authorId.eq(c.authorId).and(b.stock.gt(c.stock)))),
      {
        sqlite: [
          'select "id" from "books" where exists (select 1 = 1 from "books" as "corm_1" where "corm_1"."author_id" = "books"."author_id" and "corm_1"."stock" > "books"."stock")',
        ],
        postgres: [
          'select "id" from "books" where exists (select true from "books" as "corm_1" where "corm_1"."author_id" = "books"."author_id" and "corm_1"."stock" > "books"."stock")',
        ],
        mysql: [
          'select `id` from `books` where exists (select 1 = 1 from `books` as `corm_1` where `corm_1`.`author_id` = `books`.`author_id` and `corm_1`.`stock` > `books`.`stock`)',
        ],
      },
    )
  })

  it('a value of other rows of its table', () => {
    expectSql(
      books().annotate({
        cheaper: (c) =>
          Book.query()
            .where((b) => b.price.lt(c.price))
            .annotate({ n: fn.count() })
            .select('n'),
      }),
      {
        sqlite: [
          'select "id", (select count(*) as "n" from "books" as "corm_1" where "corm_1"."price" < "books"."price") as "cheaper" from "books"',
        ],
        postgres: [
          'select "id", (select count(*) as "n" from "books" as "corm_1" where "corm_1"."price" < "books"."price") as "cheaper" from "books"',
        ],
        mysql: [
          'select `id`, (select count(*) as `n` from `books` as `corm_1` where `corm_1`.`price` < `books`.`price`) as `cheaper` from `books`',
        ],
      },
    )
  })
})
