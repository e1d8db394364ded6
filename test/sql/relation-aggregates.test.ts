import { Field, Model, Relation } from 'corm'
import { describe, it } from 'vitest'
import { Author, Book, expectSql } from './support.js'

class Topic extends Model({ parentId: Field.foreignKey(() => Topic, { nullable: true }), posts: Field.integer() }) {
  static parent = Relation.belongsTo(() => Topic)
  static subtopics = Relation.hasMany(() => Topic)
}

const authors = () => Author.query().select('id')

describe('values of related rows as SQL', () => {
  it('numbers of them, in conditions and orders too', () => {
    expectSql(authors().where('age', 40).withCount('books').where('booksCount', '>', 2).orderBy('-booksCount'), {
      sqlite: [
        'select "id", "booksCount" as "booksCount" from (select "id", (select count(*) from "books" where "books"."author_id" = "authors"."id") as "booksCount" from "authors" where "age" = ? limit -1 offset 0) as "authors" where "booksCount" > ? order by "booksCount" desc',
        40n,
        2n,
      ],
      postgres: [
        'select "id", "booksCount" as "booksCount" from (select "id", (select count(*) from "books" where "books"."author_id" = "authors"."id") as "booksCount" from "authors" where "age" = $1 offset 0) as "authors" where "booksCount" > $2 order by "booksCount" desc',
        40,
        2,
      ],
      mysql: [
        'select `id`, `booksCount` as `booksCount` from (select `id`, (select count(*) from `books` where `books`.`author_id` = `authors`.`id`) as `booksCount` from `authors` where `age` = ? limit 18446744073709551615 offset 0) as `authors` where `booksCount` > ? order by `booksCount` desc',
        40,
        2,
      ],
    })
  })

  it('computed once: an order goes by the name, and with a limit in another order by a value for few rows', () => {
    expectSql(authors().withCount('books').orderBy('-booksCount').limit(3), {
      sqlite: [
        'select "id", (select count(*) from "books" where "books"."author_id" = "authors"."id") as "booksCount" from "authors" order by "booksCount" desc limit 3',
      ],
      postgres: [
        'select "id", (select count(*) from "books" where "books"."author_id" = "authors"."id") as "booksCount" from "authors" order by "booksCount" desc limit 3',
      ],
      mysql: [
        'select `id`, (select count(*) from `books` where `books`.`author_id` = `authors`.`id`) as `booksCount` from `authors` order by `booksCount` desc limit 3',
      ],
    })
    expectSql(authors().withCount('books').where('booksCount', '>', 2).orderBy('id').limit(3), {
      sqlite: [
        'select "id", (select count(*) from "books" where "books"."author_id" = "authors"."id") as "booksCount" from "authors" where (select count(*) from "books" where "books"."author_id" = "authors"."id") > ? order by "id" asc limit 3',
        2n,
      ],
      postgres: [
        'select "id", (select count(*) from "books" where "books"."author_id" = "authors"."id") as "booksCount" from "authors" where (select count(*) from "books" where "books"."author_id" = "authors"."id") > $1::int4 order by "id" asc limit 3',
        2,
      ],
      mysql: [
        'select `id`, (select count(*) from `books` where `books`.`author_id` = `authors`.`id`) as `booksCount` from `authors` where (select count(*) from `books` where `books`.`author_id` = `authors`.`id`) > ? order by `id` asc limit 3',
        2,
      ],
    })
  })

  it('those that a callback leaves', () => {
    expectSql(
      authors()
        .withCount({ books: { as: 'some', where: (q) => q.where('stock', '>', 5).orWhere('inPrint', false) } })
        .where('age', 40),
      {
        sqlite: [
          'select "id", (select count(*) from "books" where "books"."author_id" = "authors"."id" and ("books"."stock" > ? or "books"."in_print" = ?)) as "some" from "authors" where "age" = ?',
          5n,
          0n,
          40n,
        ],
        postgres: [
          'select "id", (select count(*) from "books" where "books"."author_id" = "authors"."id" and ("books"."stock" > $1 or "books"."in_print" = $2)) as "some" from "authors" where "age" = $3',
          5,
          false,
          40,
        ],
        mysql: [
          'select `id`, (select count(*) from `books` where `books`.`author_id` = `authors`.`id` and (`books`.`stock` > ? or `books`.`in_print` = ?)) as `some` from `authors` where `age` = ?',
          5,
          0,
          40,
        ],
      },
    )
  })

  it('sums and averages, exact for decimals', () => {
    expectSql(
      authors().withSum('books', 'price').withAvg('books', 'price', { as: 'mean' }).withMax('books', 'printed'),
      {
        sqlite: [
          'select "id", cast((select sum("books"."price") from "books" where "books"."author_id" = "authors"."id") as text) as "booksSumPrice", cast((select corm_divided(sum("books"."price"), 2, count("books"."price"), 0, 10) from "books" where "books"."author_id" = "authors"."id") as text) as "mean", (select max("books"."printed") from "books" where "books"."author_id" = "authors"."id") as "booksMaxPrinted" from "authors"',
        ],
        postgres: [
          'select "id", (select sum("books"."price") from "books" where "books"."author_id" = "authors"."id") as "booksSumPrice", (select round((sum("books"."price") * 1.00000000000000) / nullif(count("books"."price"), 0), 10) from "books" where "books"."author_id" = "authors"."id") as "mean", (select max("books"."printed") from "books" where "books"."author_id" = "authors"."id") as "booksMaxPrinted" from "authors"',
        ],
        mysql: [
          'select `id`, (select sum(`books`.`price`) from `books` where `books`.`author_id` = `authors`.`id`) as `booksSumPrice`, (select round((sum(`books`.`price`) * 1.000000000000) / count(`books`.`price`), 10) from `books` where `books`.`author_id` = `authors`.`id`) as `mean`, (select max(`books`.`printed`) from `books` where `books`.`author_id` = `authors`.`id`) as `booksMaxPrinted` from `authors`',
        ],
      },
    )
  })

  it('that there are any', () => {
    expectSql(authors().withExists('books').where('booksExists', true), {
      sqlite: [
        'select "id", "booksExists" as "booksExists" from (select "id", exists (select 1 = 1 from "books" where "books"."author_id" = "authors"."id") as "booksExists" from "authors" limit -1 offset 0) as "authors" where "booksExists" = ?',
        1n,
      ],
      postgres: [
        'select "id", "booksExists" as "booksExists" from (select "id", exists (select true from "books" where "books"."author_id" = "authors"."id") as "booksExists" from "authors" offset 0) as "authors" where "booksExists" = $1',
        true,
      ],
      mysql: [
        'select `id`, `booksExists` as `booksExists` from (select `id`, exists (select 1 = 1 from `books` where `books`.`author_id` = `authors`.`id`) as `booksExists` from `authors` limit 18446744073709551615 offset 0) as `authors` where `booksExists` = ?',
        1,
      ],
    })
  })

  it('of the same table', () => {
    expectSql(Topic.query().select('id').withSum('subtopics', 'posts').withCount('parent'), {
      sqlite: [
        'select "id", (select sum("corm_1"."posts") from "topics" as "corm_1" where "corm_1"."parent_id" = "topics"."id") as "subtopicsSumPosts", (select count(*) from "topics" as "corm_1" where "corm_1"."id" = "topics"."parent_id") as "parentCount" from "topics"',
      ],
      postgres: [
        'select "id", (select sum("corm_1"."posts") from "topics" as "corm_1" where "corm_1"."parent_id" = "topics"."id") as "subtopicsSumPosts", (select count(*) from "topics" as "corm_1" where "corm_1"."id" = "topics"."parent_id") as "parentCount" from "topics"',
      ],
      mysql: [
        'select `id`, (select sum(`corm_1`.`posts`) from `topics` as `corm_1` where `corm_1`.`parent_id` = `topics`.`id`) as `subtopicsSumPosts`, (select count(*) from `topics` as `corm_1` where `corm_1`.`id` = `topics`.`parent_id`) as `parentCount` from `topics`',
      ],
    })
  })

  it('of distinct rows, which are made first', () => {
    const written = authors().withSum('books', 'stock', {
      where: (q) => q.join(Author, (b) => b.authorId.eq(Author.columns.id)).distinct(),
    })
    expectSql(written, {
      sqlite: [
        'select "id", (select sum("books"."stock") from (select distinct "books"."id", "books"."stock", "books"."author_id" from "books" join "authors" on "books"."author_id" = "authors"."id") as "books" where "books"."author_id" = "authors"."id") as "booksSumStock" from "authors"',
      ],
      postgres: [
        'select "id", (select sum("books"."stock") from (select distinct "books"."id", "books"."stock", "books"."author_id" from "books" join "authors" on "books"."author_id" = "authors"."id") as "books" where "books"."author_id" = "authors"."id") as "booksSumStock" from "authors"',
      ],
      mysql: [
        'select `id`, (select sum(`books`.`stock`) from (select distinct `books`.`id`, `books`.`stock`, `books`.`author_id` from `books` join `authors` on `books`.`author_id` = `authors`.`id`) as `books` where `books`.`author_id` = `authors`.`id`) as `booksSumStock` from `authors`',
      ],
    })
  })

  it('of the one row that a row belongs to, beside a limit', () => {
    expectSql(Book.query().select('id').withCount('author').limit(5), {
      sqlite: [
        'select "id", (select count(*) from "authors" where "authors"."id" = "books"."author_id") as "authorCount" from "books" limit 5',
      ],
      postgres: [
        'select "id", (select count(*) from "authors" where "authors"."id" = "books"."author_id") as "authorCount" from "books" limit 5',
      ],
      mysql: [
        'select `id`, (select count(*) from `authors` where `authors`.`id` = `books`.`author_id`) as `authorCount` from `books` limit 5',
      ],
    })
  })
})
