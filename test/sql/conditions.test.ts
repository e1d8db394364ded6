import { gt } from 'corm'
import { describe, it } from 'vitest'
import { Author, expectSql } from './support.js'

const authors = () => Author.query().select('id')

describe('conditions as SQL', () => {
  it('an equality binds its value', () => {
    expectSql(authors().where('name', 'Ada'), {
      sqlite: ['select "id" from "authors" where "name" = ?', 'Ada'],
      postgres: ['select "id" from "authors" where "name" = $1', 'Ada'],
      mysql: ['select `id` from `authors` where `name` = ?', 'Ada'],
    })
  })

  it('comparisons are written as they are said', () => {
    expectSql(authors().where('age', '>', 18).where('age', '<=', 65), {
      sqlite: ['select "id" from "authors" where "age" > ? and "age" <= ?', 18n, 65n],
      postgres: ['select "id" from "authors" where "age" > $1 and "age" <= $2', 18, 65],
      mysql: ['select `id` from `authors` where `age` > ? and `age` <= ?', 18, 65],
    })
  })

  it('unlike is <>', () => {
    expectSql(authors().where('name', '!=', 'Ada'), {
      sqlite: ['select "id" from "authors" where "name" <> ?', 'Ada'],
      postgres: ['select "id" from "authors" where "name" <> $1', 'Ada'],
      mysql: ['select `id` from `authors` where `name` <> ?', 'Ada'],
    })
  })

  it('null is IS NULL, and its opposite IS NOT NULL', () => {
    expectSql(authors().where('bio', null).where('age', '!=', null), {
      sqlite: ['select "id" from "authors" where "bio" is null and "age" is not null'],
      postgres: ['select "id" from "authors" where "bio" is null and "age" is not null'],
      mysql: ['select `id` from `authors` where `bio` is null and `age` is not null'],
    })
  })

  it('an object is all of its fields', () => {
    expectSql(authors().where({ role: 'editor', bio: null, age: gt(18) }), {
      sqlite: ['select "id" from "authors" where "role" = ? and "bio" is null and "age" > ?', 'editor', 18n],
      postgres: ['select "id" from "authors" where "role" = $1 and "bio" is null and "age" > $2', 'editor', 18],
      mysql: ['select `id` from `authors` where `role` = ? and `bio` is null and `age` > ?', 'editor', 18],
    })
  })

  it('orWhere joins with everything before it; AND binds tighter', () => {
    expectSql(authors().where('age', 1).where('name', 'a').orWhere('age', 2).where('name', 'b'), {
      sqlite: [
        'select "id" from "authors" where ("age" = ? and "name" = ?) or ("age" = ? and "name" = ?)',
        1n,
        'a',
        2n,
        'b',
      ],
      postgres: [
        'select "id" from "authors" where ("age" = $1 and "name" = $2) or ("age" = $3 and "name" = $4)',
        1,
        'a',
        2,
        'b',
      ],
      mysql: [
        'select `id` from `authors` where (`age` = ? and `name` = ?) or (`age` = ? and `name` = ?)',
        1,
        'a',
        2,
        'b',
      ],
    })
  })

  it('whereNot and exclude negate their condition', () => {
    expectSql(authors().whereNot('name', 'Ada').exclude({ role: 'editor', age: 3 }), {
      sqlite: [
        'select "id" from "authors" where not ("name" = ?) and not ("role" = ? and "age" = ?)',
        'Ada',
        'editor',
        3n,
      ],
      postgres: [
        'select "id" from "authors" where not ("name" = $1) and not ("role" = $2 and "age" = $3)',
        'Ada',
        'editor',
        3,
      ],
      mysql: [
        'select `id` from `authors` where not (`name` = ?) and not (`role` = ? and `age` = ?)',
        'Ada',
        'editor',
        3,
      ],
    })
  })
})
