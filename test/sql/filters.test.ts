import type { FilterInput } from 'corm'
import { describe, it } from 'vitest'
import { Author, Book, expectSql } from './support.js'

const authors = (json: FilterInput, allow: string[] = []) => Author.query().select('id').filter(json, { allow })
const where = (condition: string, ...values: unknown[]) => {
  let place = 0
  const from = (quote: string) => `select ${quote}id${quote} from ${quote}authors${quote}`
  const text = condition === '' ? '' : ` where ${condition}`
  return {
    sqlite: [from('"') + text, ...values.map((value) => (typeof value === 'number' ? BigInt(value) : value))],
    postgres: [from('"') + text.replaceAll('?', () => `$${++place}`), ...values],
    mysql: [from('`') + text.replaceAll('"', '`'), ...values],
  } as Parameters<typeof expectSql>[1]
}

describe('filters as SQL', () => {
  it('a triple is a condition', () => {
    expectSql(authors(['age', '>', 18]), where('"age" > ?', 18))
    expectSql(authors([['age', '>', 18]]), where('"age" > ?', 18))
  })

  it('neighbours are combined with AND, which binds tighter than OR', () => {
    expectSql(
      authors([['age', '>', 18], ['age', '<', 65], 'or', ['role', '=', 'editor'], 'and', ['name', '!=', 'x']]),
      where('("age" > ? and "age" < ?) or ("role" = ? and "name" <> ?)', 18, 65, 'editor', 'x'),
    )
    expectSql(
      authors([
        ['age', '>', 18],
        [['age', '<', 65], 'or', ['role', '=', 'editor']],
      ]),
      where('"age" > ? and ("age" < ? or "role" = ?)', 18, 65, 'editor'),
    )
  })

  it('a negation is around its item', () => {
    expectSql(authors(['not', ['age', '>', 18]]), where('not ("age" > ?)', 18))
    expectSql(
      authors([
        ['name', '=', 'x'],
        ['not', [['age', '>', 18], 'or', ['age', '<', 5]]],
      ]),
      where('"name" = ? and not ("age" > ? or "age" < ?)', 'x', 18, 5),
    )
  })

  it('null is asked for in two ways', () => {
    expectSql(authors(['bio', 'is null']), where('"bio" is null'))
    expectSql(authors(['bio', 'is not null', null]), where('"bio" is not null'))
    expectSql(authors(['bio', '=', null]), where('"bio" is null'))
    expectSql(authors(['bio', '!=', null]), where('"bio" is not null'))
  })

  it('an empty list says nothing', () => {
    expectSql(authors([]), where(''))
    expectSql(authors([[], ['age', '=', 1], 'or', [[]], ['not', []]]), where('"age" = ?', 1))
  })

  it('holds together with every other condition, before and after it', () => {
    expectSql(
      Author.query()
        .select('id')
        .where('age', 1)
        .orWhere('age', 2)
        .filter([['age', '=', 3], 'or', ['age', '=', 4]])
        .orWhere('age', 5),
      {
        sqlite: [
          'select "id" from "authors" where ("age" = ? or "age" = ?) and ("age" = ? or "age" = ? or "age" = ?)',
          3n,
          4n,
          1n,
          2n,
          5n,
        ],
        postgres: [
          'select "id" from "authors" where ("age" = $1 or "age" = $2) and ("age" = $3 or "age" = $4 or "age" = $5)',
          3,
          4,
          1,
          2,
          5,
        ],
        mysql: [
          'select `id` from `authors` where (`age` = ? or `age` = ?) and (`age` = ? or `age` = ? or `age` = ?)',
          3,
          4,
          1,
          2,
          5,
        ],
      },
    )
  })

  it('a path that is allowed joins to one row and looks among many', () => {
    const books = Book.query().select('id')
    expectSql(books.filter(['author.name', '=', 'Ada'], { allow: ['author.name'] }), {
      sqlite: [
        'select "books"."id" from "books" left join "authors" as "corm_author" on "corm_author"."id" = "books"."author_id" where "corm_author"."name" = ?',
        'Ada',
      ],
      postgres: [
        'select "books"."id" from "books" left join "authors" as "corm_author" on "corm_author"."id" = "books"."author_id" where "corm_author"."name" = $1',
        'Ada',
      ],
      mysql: [
        'select `books`.`id` from `books` left join `authors` as `corm_author` on `corm_author`.`id` = `books`.`author_id` where `corm_author`.`name` = ?',
        'Ada',
      ],
    })
    expectSql(authors(['books.stock', '>', 3], ['books.stock']), {
      sqlite: [
        'select "id" from "authors" where exists (select 1 = 1 from "books" where "books"."author_id" = "authors"."id" and "books"."stock" > ?)',
        3n,
      ],
      postgres: [
        'select "id" from "authors" where exists (select true from "books" where "books"."author_id" = "authors"."id" and "books"."stock" > $1)',
        3,
      ],
      mysql: [
        'select `id` from `authors` where exists (select 1 = 1 from `books` where `books`.`author_id` = `authors`.`id` and `books`.`stock` > ?)',
        3,
      ],
    })
  })

  it('a sort is an order after those that are there', () => {
    const sorted = Author.query().select('id').orderBy('role').sort(' -joined, name ')
    expectSql(sorted, {
      sqlite: ['select "id" from "authors" order by "role" asc, "joined" desc, "name" asc'],
      postgres: ['select "id" from "authors" order by "role" asc, "joined" desc, "name" asc'],
      mysql: ['select `id` from `authors` order by `role` asc, `joined` desc, `name` asc'],
    })
  })
})
