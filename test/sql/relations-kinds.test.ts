import { fn } from 'corm'
import { describe, it } from 'vitest'
import { Article, Country, Label, Person, Photo, Remark } from '../support/relation-models.js'
import { expectSql } from './support.js'

describe('relations by way of a join table as SQL', () => {
  it('that there are linked rows, by callback and by path', () => {
    expectSql(
      Article.query()
        .select('id')
        .whereHas('tags', (q) => q.where('name', 'a')),
      {
        sqlite: [
          'select "id" from "articles" where exists (select 1 = 1 from "tags" join "articles_tags" as "corm_pivot" on "corm_pivot"."tag_id" = "tags"."id" where "corm_pivot"."article_id" = "articles"."id" and "tags"."name" = ?)',
          'a',
        ],
        postgres: [
          'select "id" from "articles" where exists (select true from "tags" join "articles_tags" as "corm_pivot" on "corm_pivot"."tag_id" = "tags"."id" where "corm_pivot"."article_id" = "articles"."id" and "tags"."name" = $1)',
          'a',
        ],
        mysql: [
          'select `id` from `articles` where exists (select 1 = 1 from `tags` join `articles_tags` as `corm_pivot` on `corm_pivot`.`tag_id` = `tags`.`id` where `corm_pivot`.`article_id` = `articles`.`id` and `tags`.`name` = ?)',
          'a',
        ],
      },
    )
    expectSql(Article.query().select('id').where('tags.name', 'a'), {
      sqlite: [
        'select "id" from "articles" where exists (select 1 = 1 from "tags" join "articles_tags" as "corm_pivot" on "corm_pivot"."tag_id" = "tags"."id" where "corm_pivot"."article_id" = "articles"."id" and "tags"."name" = ?)',
        'a',
      ],
      postgres: [
        'select "id" from "articles" where exists (select true from "tags" join "articles_tags" as "corm_pivot" on "corm_pivot"."tag_id" = "tags"."id" where "corm_pivot"."article_id" = "articles"."id" and "tags"."name" = $1)',
        'a',
      ],
      mysql: [
        'select `id` from `articles` where exists (select 1 = 1 from `tags` join `articles_tags` as `corm_pivot` on `corm_pivot`.`tag_id` = `tags`.`id` where `corm_pivot`.`article_id` = `articles`.`id` and `tags`.`name` = ?)',
        'a',
      ],
    })
  })

  it('their number', () => {
    expectSql(Article.query().select('id').whereHas('tags', '>=', 2), {
      sqlite: [
        'select "id" from "articles" where (select count(*) from "articles_tags" as "corm_pivot" where "corm_pivot"."article_id" = "articles"."id") >= ?',
        2n,
      ],
      postgres: [
        'select "id" from "articles" where (select count(*) from "articles_tags" as "corm_pivot" where "corm_pivot"."article_id" = "articles"."id") >= $1::int4',
        2,
      ],
      mysql: [
        'select `id` from `articles` where (select count(*) from `articles_tags` as `corm_pivot` where `corm_pivot`.`article_id` = `articles`.`id`) >= ?',
        2,
      ],
    })
  })

  it('what the table holds of them', () => {
    expectSql(
      Article.query()
        .select('id')
        .whereHas('tags', (q) => q.where('pivot.position', '>', 1)),
      {
        sqlite: [
          'select "id" from "articles" where exists (select 1 = 1 from "tags" join "articles_tags" as "corm_pivot" on "corm_pivot"."tag_id" = "tags"."id" where "corm_pivot"."article_id" = "articles"."id" and "corm_pivot"."position" > ?)',
          1n,
        ],
        postgres: [
          'select "id" from "articles" where exists (select true from "tags" join "articles_tags" as "corm_pivot" on "corm_pivot"."tag_id" = "tags"."id" where "corm_pivot"."article_id" = "articles"."id" and "corm_pivot"."position" > $1)',
          1,
        ],
        mysql: [
          'select `id` from `articles` where exists (select 1 = 1 from `tags` join `articles_tags` as `corm_pivot` on `corm_pivot`.`tag_id` = `tags`.`id` where `corm_pivot`.`article_id` = `articles`.`id` and `corm_pivot`.`position` > ?)',
          1,
        ],
      },
    )
  })

  it('the rows of one owner, with what the table holds', () => {
    expectSql(Article.ref(7).related('tags').select('name').where('name', 'a').orWhere('name', 'b'), {
      sqlite: [
        'select "tags"."id", "tags"."name", "corm_pivot"."article_id" as "corm_link_0", "corm_pivot"."position" as "corm_link_1", "corm_pivot"."note" as "corm_link_2" from "tags" join "articles_tags" as "corm_pivot" on "corm_pivot"."tag_id" = "tags"."id" where "corm_pivot"."article_id" = ? and ("tags"."name" = ? or "tags"."name" = ?)',
        7n,
        'a',
        'b',
      ],
      postgres: [
        'select "tags"."id", "tags"."name", "corm_pivot"."article_id" as "corm_link_0", "corm_pivot"."position" as "corm_link_1", "corm_pivot"."note" as "corm_link_2" from "tags" join "articles_tags" as "corm_pivot" on "corm_pivot"."tag_id" = "tags"."id" where "corm_pivot"."article_id" = $1 and ("tags"."name" = $2 or "tags"."name" = $3)',
        7,
        'a',
        'b',
      ],
      mysql: [
        'select `tags`.`id`, `tags`.`name`, `corm_pivot`.`article_id` as `corm_link_0`, `corm_pivot`.`position` as `corm_link_1`, `corm_pivot`.`note` as `corm_link_2` from `tags` join `articles_tags` as `corm_pivot` on `corm_pivot`.`tag_id` = `tags`.`id` where `corm_pivot`.`article_id` = ? and (`tags`.`name` = ? or `tags`.`name` = ?)',
        7,
        'a',
        'b',
      ],
    })
  })

  it('aggregates of them', () => {
    expectSql(
      Article.query()
        .select('id')
        .annotate({ total: (c) => fn.count(c.tags) }),
      {
        sqlite: [
          'select "id", (select count(*) from "articles_tags" as "corm_pivot" where "corm_pivot"."article_id" = "articles"."id") as "total" from "articles"',
        ],
        postgres: [
          'select "id", (select count(*) from "articles_tags" as "corm_pivot" where "corm_pivot"."article_id" = "articles"."id") as "total" from "articles"',
        ],
        mysql: [
          'select `id`, (select count(*) from `articles_tags` as `corm_pivot` where `corm_pivot`.`article_id` = `articles`.`id`) as `total` from `articles`',
        ],
      },
    )
  })

  it('pairs seen from both sides', () => {
    expectSql(Person.query().select('id').whereHas('friends'), {
      sqlite: [
        'select "id" from "people" where exists (select 1 = 1 from (select "person_id", "friend_id", "since" from "people_friends" union all select "friend_id" as "person_id", "person_id" as "friend_id", "since" from "people_friends" where not ("person_id" = "friend_id")) as "corm_pivot" where "corm_pivot"."person_id" = "people"."id")',
      ],
      postgres: [
        'select "id" from "people" where exists (select true from (select "person_id", "friend_id", "since" from "people_friends" union all select "friend_id" as "person_id", "person_id" as "friend_id", "since" from "people_friends" where not ("person_id" = "friend_id")) as "corm_pivot" where "corm_pivot"."person_id" = "people"."id")',
      ],
      mysql: [
        'select `id` from `people` where exists (select 1 = 1 from (select `person_id`, `friend_id`, `since` from `people_friends` union all select `friend_id` as `person_id`, `person_id` as `friend_id`, `since` from `people_friends` where not (`person_id` = `friend_id`)) as `corm_pivot` where `corm_pivot`.`person_id` = `people`.`id`)',
      ],
    })
  })

  it('pairs with rows of several models', () => {
    expectSql(Label.query().select('id').whereHas('photos'), {
      sqlite: [
        'select "id" from "labels" where exists (select 1 = 1 from "photos" join "labelables" as "corm_pivot" on "corm_pivot"."labelable_id" = "photos"."id" and "corm_pivot"."labelable_type" = ? where "corm_pivot"."label_id" = "labels"."id")',
        'picture',
      ],
      postgres: [
        'select "id" from "labels" where exists (select true from "photos" join "labelables" as "corm_pivot" on "corm_pivot"."labelable_id" = "photos"."id" and "corm_pivot"."labelable_type" = $1 where "corm_pivot"."label_id" = "labels"."id")',
        'picture',
      ],
      mysql: [
        'select `id` from `labels` where exists (select 1 = 1 from `photos` join `labelables` as `corm_pivot` on `corm_pivot`.`labelable_id` = `photos`.`id` and `corm_pivot`.`labelable_type` = ? where `corm_pivot`.`label_id` = `labels`.`id`)',
        'picture',
      ],
    })
  })
})

describe('relations by way of a model between as SQL', () => {
  it('that there are rows', () => {
    expectSql(Country.query().select('id').whereHas('articles'), {
      sqlite: [
        'select "id" from "countries" where exists (select 1 = 1 from "articles" join "people" as "corm_pivot" on "corm_pivot"."id" = "articles"."person_id" where "corm_pivot"."country_id" = "countries"."id")',
      ],
      postgres: [
        'select "id" from "countries" where exists (select true from "articles" join "people" as "corm_pivot" on "corm_pivot"."id" = "articles"."person_id" where "corm_pivot"."country_id" = "countries"."id")',
      ],
      mysql: [
        'select `id` from `countries` where exists (select 1 = 1 from `articles` join `people` as `corm_pivot` on `corm_pivot`.`id` = `articles`.`person_id` where `corm_pivot`.`country_id` = `countries`.`id`)',
      ],
    })
  })

  it('aggregates of them', () => {
    expectSql(
      Country.query()
        .select('id')
        .annotate({ views: (c) => fn.sum(c.articles.views) }),
      {
        sqlite: [
          'select "id", (select sum("articles"."views") from "articles" join "people" as "corm_pivot" on "corm_pivot"."id" = "articles"."person_id" where "corm_pivot"."country_id" = "countries"."id") as "views" from "countries"',
        ],
        postgres: [
          'select "id", (select sum("articles"."views") from "articles" join "people" as "corm_pivot" on "corm_pivot"."id" = "articles"."person_id" where "corm_pivot"."country_id" = "countries"."id") as "views" from "countries"',
        ],
        mysql: [
          'select `id`, (select sum(`articles`.`views`) from `articles` join `people` as `corm_pivot` on `corm_pivot`.`id` = `articles`.`person_id` where `corm_pivot`.`country_id` = `countries`.`id`) as `views` from `countries`',
        ],
      },
    )
  })

  it('a path to the first row', () => {
    expectSql(Article.query().select('id').orderBy('country.name'), {
      sqlite: [
        'select "id" from "articles" order by (select "countries"."name" from "countries" join "people" as "corm_pivot" on "corm_pivot"."country_id" = "countries"."id" where "corm_pivot"."id" = "articles"."person_id" order by "countries"."id" asc limit 1) asc',
      ],
      postgres: [
        'select "id" from "articles" order by (select "countries"."name" from "countries" join "people" as "corm_pivot" on "corm_pivot"."country_id" = "countries"."id" where "corm_pivot"."id" = "articles"."person_id" order by "countries"."id" asc limit 1) asc',
      ],
      mysql: [
        'select `id` from `articles` order by (select `countries`.`name` from `countries` join `people` as `corm_pivot` on `corm_pivot`.`country_id` = `countries`.`id` where `corm_pivot`.`id` = `articles`.`person_id` order by `countries`.`id` asc limit 1) asc',
      ],
    })
  })

  it('a path to the first row of a key that is not unique', () => {
    expectSql(Person.query().select('id').orderBy('passport.number'), {
      sqlite: [
        'select "id" from "people" order by (select "passports"."number" from "passports" where "passports"."person_id" = "people"."id" order by "passports"."id" asc limit 1) asc',
      ],
      postgres: [
        'select "id" from "people" order by (select "passports"."number" from "passports" where "passports"."person_id" = "people"."id" order by "passports"."id" asc limit 1) asc',
      ],
      mysql: [
        'select `id` from `people` order by (select `passports`.`number` from `passports` where `passports`.`person_id` = `people`.`id` order by `passports`.`id` asc limit 1) asc',
      ],
    })
  })
})

describe('morphs as SQL', () => {
  it('rows that hold the model’s name', () => {
    expectSql(Photo.query().select('id').whereHas('remarks'), {
      sqlite: [
        'select "id" from "photos" where exists (select 1 = 1 from "remarks" where "remarks"."remarkable_id" = "photos"."id" and "remarks"."remarkable_type" = ?)',
        'picture',
      ],
      postgres: [
        'select "id" from "photos" where exists (select true from "remarks" where "remarks"."remarkable_id" = "photos"."id" and "remarks"."remarkable_type" = $1)',
        'picture',
      ],
      mysql: [
        'select `id` from `photos` where exists (select 1 = 1 from `remarks` where `remarks`.`remarkable_id` = `photos`.`id` and `remarks`.`remarkable_type` = ?)',
        'picture',
      ],
    })
  })

  it('a row of any of several models', () => {
    expectSql(Remark.query().select('id').whereHas('remarkable'), {
      sqlite: [
        'select "id" from "remarks" where exists (select 1 = 1 from "articles" where "articles"."id" = "remarks"."remarkable_id" and "remarks"."remarkable_type" = ?) or exists (select 1 = 1 from "photos" where "photos"."id" = "remarks"."remarkable_id" and "remarks"."remarkable_type" = ?)',
        'Article',
        'picture',
      ],
      postgres: [
        'select "id" from "remarks" where exists (select true from "articles" where "articles"."id" = "remarks"."remarkable_id" and "remarks"."remarkable_type" = $1) or exists (select true from "photos" where "photos"."id" = "remarks"."remarkable_id" and "remarks"."remarkable_type" = $2)',
        'Article',
        'picture',
      ],
      mysql: [
        'select `id` from `remarks` where exists (select 1 = 1 from `articles` where `articles`.`id` = `remarks`.`remarkable_id` and `remarks`.`remarkable_type` = ?) or exists (select 1 = 1 from `photos` where `photos`.`id` = `remarks`.`remarkable_id` and `remarks`.`remarkable_type` = ?)',
        'Article',
        'picture',
      ],
    })
  })

  it('how many of them', () => {
    expectSql(Remark.query().select('id').whereHas('remarkable', '=', 0), {
      sqlite: [
        'select "id" from "remarks" where ((select count(*) from "articles" where "articles"."id" = "remarks"."remarkable_id" and "remarks"."remarkable_type" = ?) + (select count(*) from "photos" where "photos"."id" = "remarks"."remarkable_id" and "remarks"."remarkable_type" = ?)) = ?',
        'Article',
        'picture',
        0n,
      ],
      postgres: [
        'select "id" from "remarks" where ((select count(*) from "articles" where "articles"."id" = "remarks"."remarkable_id" and "remarks"."remarkable_type" = $1) + (select count(*) from "photos" where "photos"."id" = "remarks"."remarkable_id" and "remarks"."remarkable_type" = $2)) = $3::int4',
        'Article',
        'picture',
        0,
      ],
      mysql: [
        'select `id` from `remarks` where ((select count(*) from `articles` where `articles`.`id` = `remarks`.`remarkable_id` and `remarks`.`remarkable_type` = ?) + (select count(*) from `photos` where `photos`.`id` = `remarks`.`remarkable_id` and `remarks`.`remarkable_type` = ?)) = ?',
        'Article',
        'picture',
        0,
      ],
    })
  })

  it('one row', () => {
    expectSql(Remark.query().select('id').where('remarkable', Photo.ref(3)), {
      sqlite: ['select "id" from "remarks" where "remarkable_type" = ? and "remarkable_id" = ?', 'picture', 3n],
      postgres: ['select "id" from "remarks" where "remarkable_type" = $1 and "remarkable_id" = $2', 'picture', 3],
      mysql: ['select `id` from `remarks` where `remarkable_type` = ? and `remarkable_id` = ?', 'picture', 3],
    })
  })

  it('one of several rows', () => {
    expectSql(
      Remark.query()
        .select('id')
        .where('remarkable', 'in', [Photo.ref(3), Article.ref(4)]),
      {
        sqlite: [
          'select "id" from "remarks" where ("remarkable_type" = ? and "remarkable_id" = ?) or ("remarkable_type" = ? and "remarkable_id" = ?)',
          'picture',
          3n,
          'Article',
          4n,
        ],
        postgres: [
          'select "id" from "remarks" where ("remarkable_type" = $1 and "remarkable_id" = $2) or ("remarkable_type" = $3 and "remarkable_id" = $4)',
          'picture',
          3,
          'Article',
          4,
        ],
        mysql: [
          'select `id` from `remarks` where (`remarkable_type` = ? and `remarkable_id` = ?) or (`remarkable_type` = ? and `remarkable_id` = ?)',
          'picture',
          3,
          'Article',
          4,
        ],
      },
    )
  })

  it('none', () => {
    expectSql(Remark.query().select('id').where('remarkable', null), {
      sqlite: ['select "id" from "remarks" where "remarkable_id" is null or "remarkable_type" is null'],
      postgres: ['select "id" from "remarks" where "remarkable_id" is null or "remarkable_type" is null'],
      mysql: ['select `id` from `remarks` where `remarkable_id` is null or `remarkable_type` is null'],
    })
  })
})
