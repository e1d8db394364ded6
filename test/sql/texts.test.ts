import { describe, it } from 'vitest'
import { Author, expectSql } from './support.js'

const authors = () => Author.query().select('id')

describe('text searches as SQL', () => {
  it('contains escapes wildcards', () => {
    expectSql(authors().where('name', 'contains', '50%_|\\'), {
      sqlite: ['select "id" from "authors" where instr("name", ?) > 0', '50%_|\\'],
      postgres: [`select "id" from "authors" where "name" like $1::text escape '|'`, '%50|%|_||\\%'],
      mysql: ["select `id` from `authors` where `name` like ? escape '|'", '%50|%|_||\\%'],
    })
  })

  it('startsWith and endsWith', () => {
    expectSql(authors().where('name', 'startsWith', 'a*').where('name', 'endsWith', 'z?'), {
      sqlite: ['select "id" from "authors" where "name" glob ? and "name" glob ?', 'a[*]*', '*z[?]'],
      postgres: [
        `select "id" from "authors" where "name" like $1::text escape '|' and "name" like $2::text escape '|'`,
        'a*%',
        '%z?',
      ],
      mysql: ["select `id` from `authors` where `name` like ? escape '|' and `name` like ? escape '|'", 'a*%', '%z?'],
    })
  })

  it('icontains, istartsWith and iendsWith', () => {
    expectSql(
      authors().where('name', 'icontains', 'Ä').where('name', 'istartsWith', 'B').where('name', 'iendsWith', 'C'),
      {
        sqlite: [
          'select "id" from "authors" where instr(corm_lower("name"), ?) > 0 and corm_lower("name") glob ? and corm_lower("name") glob ?',
          'ä',
          'b*',
          '*c',
        ],
        postgres: [
          `select "id" from "authors" where "name" ilike $1::text escape '|' and "name" ilike $2::text escape '|' and "name" ilike $3::text escape '|'`,
          '%Ä%',
          'B%',
          '%C',
        ],
        mysql: [
          "select `id` from `authors` where lower(`name`) like lower(?) escape '|' and lower(`name`) like lower(?) escape '|' and lower(`name`) like lower(?) escape '|'",
          '%Ä%',
          'B%',
          '%C',
        ],
      },
    )
  })

  it('like takes a pattern', () => {
    expectSql(authors().where('name', 'like', 'a%_|').where('name', 'not like', 'b').where('name', 'ilike', 'C%'), {
      sqlite: [
        'select "id" from "authors" where "name" glob ? and "name" not glob ? and corm_lower("name") glob ?',
        'a*?|',
        'b',
        'c*',
      ],
      postgres: [
        `select "id" from "authors" where "name" like $1::text escape '' and "name" not like $2::text escape '' and "name" ilike $3::text escape ''`,
        'a%_|',
        'b',
        'C%',
      ],
      mysql: [
        "select `id` from `authors` where `name` like ? escape '|' and `name` not like ? escape '|' and lower(`name`) like lower(?) escape '|'",
        'a%_||',
        'b',
        'C%',
      ],
    })
  })

  it('regex and iregex', () => {
    expectSql(authors().where('name', 'regex', '^a').where('name', 'iregex', /b$/), {
      sqlite: ['select "id" from "authors" where corm_regexp(?, "name") and corm_iregexp(?, "name")', '^a', 'b$'],
      postgres: ['select "id" from "authors" where "name" ~ $1::text and "name" ~* $2::text', '^a', 'b$'],
      mysql: [
        "select `id` from `authors` where regexp_like(`name`, ?, 'c') and regexp_like(`name`, ?, 'i')",
        '^a',
        'b$',
      ],
      mariadb: ['select `id` from `authors` where `name` regexp ? and `name` regexp ?', '(?-i)^a', '(?i)b$'],
    })
  })
})
