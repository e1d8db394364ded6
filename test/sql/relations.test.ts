import { Field, Model, Relation } from 'corm'
import { describe, it } from 'vitest'
import { Author, expectSql } from './support.js'

class Topic extends Model({ parentId: Field.foreignKey(() => Topic, { nullable: true }) }) {
  static subtopics = Relation.hasMany(() => Topic)
}

const authors = () => Author.query().select('id')

describe('conditions on relations as SQL', () => {
  it('that there are related rows', () => {
    expectSql(
      authors().whereHas('books', (q) => q.where('stock', '>', 5)),
      {
        sqlite: [
          'select "id" from "authors" where exists (select 1 = 1 from "books" where "books"."author_id" = "authors"."id" and "books"."stock" > ?)',
          5n,
        ],
        postgres: [
          'select "id" from "authors" where exists (select true from "books" where "books"."author_id" = "authors"."id" and "books"."stock" > $1)',
          5,
        ],
        mysql: [
          'select `id` from `authors` where exists (select 1 = 1 from `books` where `books`.`author_id` = `authors`.`id` and `books`.`stock` > ?)',
          5,
        ],
      },
    )
  })

  it('how many there are', () => {
    expectSql(authors().whereHas('books', '>=', 2), {
      sqlite: [
        'select "id" from "authors" where (select count(*) from "books" where "books"."author_id" = "authors"."id") >= ?',
        2n,
      ],
      postgres: [
        'select "id" from "authors" where (select count(*) from "books" where "books"."author_id" = "authors"."id") >= $1::int4',
        2,
      ],
      mysql: [
        'select `id` from `authors` where (select count(*) from `books` where `books`.`author_id` = `authors`.`id`) >= ?',
        2,
      ],
    })
  })

  it('names tables apart where a model points at itself', () => {
    expectSql(Topic.query().whereDoesntHave('subtopics.subtopics'), {
      sqlite: [
        'select "id", "parent_id" from "topics" where not (exists (select 1 = 1 from "topics" as "corm_1" where "corm_1"."parent_id" = "topics"."id" and exists (select 1 = 1 from "topics" as "corm_2" where "corm_2"."parent_id" = "corm_1"."id")))',
      ],
      postgres: [
        'select "id", "parent_id" from "topics" where not (exists (select true from "topics" as "corm_1" where "corm_1"."parent_id" = "topics"."id" and exists (select true from "topics" as "corm_2" where "corm_2"."parent_id" = "corm_1"."id")))',
      ],
      mysql: [
        'select `id`, `parent_id` from `topics` where not (exists (select 1 = 1 from `topics` as `corm_1` where `corm_1`.`parent_id` = `topics`.`id` and exists (select 1 = 1 from `topics` as `corm_2` where `corm_2`.`parent_id` = `corm_1`.`id`)))',
      ],
    })
  })
})
