import { Decimal } from 'corm'
import { describe, it } from 'vitest'
import { Author, Book, expectSql } from './support.js'

const authors = () => Author.query().select('id')
const books = () => Book.query().select('id')

describe('lists as SQL', () => {
  it('whereIn binds one list', () => {
    expectSql(authors().whereIn('id', [1, 2, 3]), {
      sqlite: ['select "id" from "authors" where "id" in (select value from json_each(?))', '[1,2,3]'],
      postgres: ['select "id" from "authors" where "id" = any($1)', '{1,2,3,3,3,3,3,3,3,3}'],
      mysql: ['select `id` from `authors` where `id` in (?, ?, ?, ?)', 1, 2, 3, 3],
    })
  })

  it('whereIn of one value is an equality', () => {
    expectSql(authors().whereIn('id', [7]), {
      sqlite: ['select "id" from "authors" where "id" = ?', 7n],
      postgres: ['select "id" from "authors" where "id" = $1', 7],
      mysql: ['select `id` from `authors` where `id` = ?', 7],
    })
  })

  it('whereIn of texts', () => {
    expectSql(authors().whereIn('name', ['a', 'b']), {
      sqlite: ['select "id" from "authors" where "name" in (select value from json_each(?))', '["a","b"]'],
      postgres: ['select "id" from "authors" where "name" = any($1)', '{"a","b","b","b","b","b","b","b","b","b"}'],
      mysql: ['select `id` from `authors` where `name` in (?, ?)', 'a', 'b'],
    })
  })

  it('whereNotIn', () => {
    expectSql(authors().whereNotIn('id', [1, 2]), {
      sqlite: ['select "id" from "authors" where "id" not in (select value from json_each(?))', '[1,2]'],
      postgres: ['select "id" from "authors" where "id" <> all($1)', '{1,2,2,2,2,2,2,2,2,2}'],
      mysql: ['select `id` from `authors` where `id` not in (?, ?)', 1, 2],
    })
  })

  it('an empty IN matches nothing, an empty NOT IN everything', () => {
    expectSql(authors().whereIn('id', []).orWhere('id', 'not in', []), {
      sqlite: ['select "id" from "authors" where 1 = 0 or 1 = 1'],
      postgres: ['select "id" from "authors" where false or true'],
      mysql: ['select `id` from `authors` where 1 = 0 or 1 = 1'],
    })
  })

  it('null in a list is its own test', () => {
    expectSql(authors().whereIn('age', [1, null, 2]), {
      sqlite: ['select "id" from "authors" where "age" in (select value from json_each(?)) or "age" is null', '[1,2]'],
      postgres: ['select "id" from "authors" where "age" = any($1) or "age" is null', '{1,2,2,2,2,2,2,2,2,2}'],
      mysql: ['select `id` from `authors` where `age` in (?, ?) or `age` is null', 1, 2],
    })
  })

  it('null in a NOT IN drops only the NULLs', () => {
    expectSql(authors().whereNotIn('age', [1, null, 2]), {
      sqlite: [
        'select "id" from "authors" where "age" not in (select value from json_each(?)) and "age" is not null',
        '[1,2]',
      ],
      postgres: ['select "id" from "authors" where "age" <> all($1) and "age" is not null', '{1,2,2,2,2,2,2,2,2,2}'],
      mysql: ['select `id` from `authors` where `age` not in (?, ?) and `age` is not null', 1, 2],
    })
  })

  it('whereIn of decimals', () => {
    expectSql(books().whereIn('price', [new Decimal('1.50'), new Decimal('2')]), {
      sqlite: ['select "id" from "books" where "price" in (select value from json_each(?))', '[150,200]'],
      postgres: [
        'select "id" from "books" where "price" = any($1)',
        '{"1.50","2.00","2.00","2.00","2.00","2.00","2.00","2.00","2.00","2.00"}',
      ],
      mysql: [
        'select `id` from `books` where `price` in (cast(? as decimal(65,30)), cast(? as decimal(65,30)))',
        '1.50',
        '2.00',
      ],
    })
  })

  it('whereIn of big integers', () => {
    expectSql(books().whereIn('views', [9007199254740993n, 2n]), {
      sqlite: ['select "id" from "books" where "views" in (select value from json_each(?))', '[9007199254740993,2]'],
      postgres: ['select "id" from "books" where "views" = any($1)', '{9007199254740993,2,2,2,2,2,2,2,2,2}'],
      mysql: ['select `id` from `books` where `views` in (?, ?)', 9007199254740993n, 2n],
    })
  })
})
