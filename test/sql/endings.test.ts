import { fn, UsageError } from 'corm'
import { describe, expect, it } from 'vitest'
import { SELECT } from '../../src/ast/expression.js'
import { createMysqlDialect } from '../../src/dialect/mysql/index.js'
import { anyNode } from '../support/any-node.js'
import { Author, Book, expectSql } from './support.js'

const ids = Author.query().select('id')

describe('lock', () => {
  it('for an update', () => {
    expectSql(ids.limit(1).lock('update'), {
      sqlite: ['select "id" from "authors" limit 1'],
      postgres: ['select "id" from "authors" limit 1 for update'],
      mysql: ['select `id` from `authors` limit 1 for update'],
    })
  })

  it('for reading what stays', () => {
    expectSql(ids.offset(2).lock('share', {}), {
      sqlite: ['select "id" from "authors" limit -1 offset 2'],
      postgres: ['select "id" from "authors" offset 2 for share'],
      mysql: ['select `id` from `authors` limit 18446744073709551615 offset 2 for share'],
      mariadb: ['select `id` from `authors` limit 18446744073709551615 offset 2 lock in share mode'],
    })
  })

  const over = (options: object) => (dialect: { dialect: 'sqlite' | 'postgres' | 'mysql' }) =>
    ids.lock('update', options).toSQL(dialect)

  it('that skips rows, or fails at once', () => {
    expect(over({ skipLocked: true })({ dialect: 'postgres' }).sql).toBe(
      'select "id" from "authors" for update skip locked',
    )
    expect(over({ noWait: true })({ dialect: 'mysql' }).sql).toBe('select `id` from `authors` for update nowait')
    expect(ids.lock('share', { noWait: true }).toSQL({ dialect: 'mariadb' }).sql).toBe(
      'select `id` from `authors` lock in share mode nowait',
    )
    expect(over({ skipLocked: false, noWait: undefined })({ dialect: 'postgres' }).sql).toBe(
      'select "id" from "authors" for update',
    )
  })

  it('is refused where the database has no such thing', () => {
    // one transaction writes at a time: no row is locked by another one
    for (const options of [{ skipLocked: true }, { noWait: true }])
      expect(over(options)({ dialect: 'sqlite' }).sql).toBe('select "id" from "authors"')
    const old = createMysqlDialect({ mariadb: true, version: [10, 5, 9] })
    const select = {
      ...SELECT,
      selections: [],
      from: null,
      distinct: false,
      where: null,
      groupBy: [],
      having: null,
      orderBy: [],
      limit: null,
      offset: null,
    } as const
    const compile = (held: 'skip' | 'fail') =>
      anyNode(old.compiler).compile({ ...select, lock: { kind: 'lock', mode: 'update', held, of: undefined } }).sql
    expect(thrown(() => compile('skip')).message).toBe(
      'lock() with skipLocked is not supported by MariaDB 10.5.9. Lock without it, or use a newer server.',
    )
    expect(compile('fail')).toMatch(/ for update nowait$/)
  })

  it("is on the model's own table where others are joined", () => {
    const joined = (quote: string) =>
      'select "books"."id" from "books" left join "authors" as "corm_author" on "corm_author"."id" = "books"."author_id" where "corm_author"."name" = ?'.replaceAll(
        '"',
        quote,
      )
    expectSql(Book.where('author.name', 'A').select('id').lock('update', { noWait: false }), {
      sqlite: [joined('"'), 'A'],
      postgres: [`${joined('"').replace('?', '$1')} for update of "books"`, 'A'],
      mysql: [`${joined('`')} for update of \`books\``, 'A'],
      mariadb: [`${joined('`')} for update`, 'A'],
    })
  })

  it('the last one counts', () => {
    expect(ids.lock('share', { noWait: true }).lock('update').toSQL({ dialect: 'postgres' }).sql).toBe(
      'select "id" from "authors" for update',
    )
  })

  it('is refused in PostgreSQL where a row of the result is none of the table', () => {
    const few = Author.query().withCte('few', Author.query().limit(3)).from('few')
    const union = Author.query().union(Author.where('id', 1)).lock('update')
    expect(thrown(() => few.lock('update').toSQL({ dialect: 'postgres' }))).toBeInstanceOf(UsageError)
    expect(thrown(() => union.toSQL({ dialect: 'mysql' }))).toBeInstanceOf(UsageError)
    const queries = [
      ids.distinct().lock('update'),
      Author.query()
        .annotate({ rows: () => fn.count() })
        .lock('update'),
    ]
    for (const query of queries) {
      expect(thrown(() => query.toSQL({ dialect: 'postgres' }))).toBeInstanceOf(UsageError)
      query.toSQL({ dialect: 'mysql' })
    }
    expect(thrown(() => queries[0]?.toSQL({ dialect: 'postgres' })).message).toMatch(
      /^lock\(\) can't be combined with distinct\(\)/,
    )
  })

  it('has no place in a value, a condition or a write', () => {
    const locked = Author.query().select('id').lock('update')
    const uses = [
      () => Book.query().whereIn('authorId', locked),
      () => Book.query().whereExists(locked),
      () => Book.query().annotate({ first: () => locked }),
      () => Author.query().whereHas('books', (books) => books.lock('update')),
      () => Author.query().union(Author.query().lock('share')),
      () => Author.query().from(Author.query().lock('share')),
      () => Author.where('id', 1).lock('update').toSQLDelete({ dialect: 'postgres' }),
      () => Author.where('id', 1).lock('update').toSQLUpdate({ name: 'x' }, { dialect: 'sqlite' }),
    ]
    for (const use of uses) expect(thrown(use)).toBeInstanceOf(UsageError)
  })

  it('refuses what it does not know', () => {
    const loose = Author.query() as unknown as { lock(...args: unknown[]): unknown }
    const wrong = [
      [],
      ['UPDATE'],
      ['update; drop table authors'],
      ['update', true],
      ['update', { skip: true }],
      ['update', { noWait: 1 }],
      ['update', { noWait: true, skipLocked: true }],
    ]
    for (const args of wrong) expect(thrown(() => loose.lock(...args))).toBeInstanceOf(UsageError)
    expect(thrown(() => loose.lock('update', { noWait: true, skipLocked: true })).message).toMatch(/not both/)
  })
})

describe('comment', () => {
  it('stands behind the statement', () => {
    expectSql(ids.comment('nightly report').where('age', '>', 3).limit(2), {
      sqlite: ['select "id" from "authors" where "age" > ? limit 2 /* nightly report */', 3n],
      postgres: ['select "id" from "authors" where "age" > $1 limit 2 /* nightly report */', 3],
      mysql: ['select `id` from `authors` where `age` > ? limit 2 /* nightly report */', 3],
    })
  })

  it('behind updates and deletes too, one after the other', () => {
    const query = Author.where('id', 1).comment('a').comment('b')
    const dialect = { dialect: 'sqlite' } as const
    expect(query.toSQLDelete(dialect).sql).toBe('delete from "authors" where "id" = ? /* a */ /* b */')
    expect(query.toSQLUpdate({ name: 'x' }, dialect).sql).toBe(
      'update "authors" set "name" = ? where "id" = ? /* a */ /* b */',
    )
    expect(query.lock('update').select('id').toSQL({ dialect: 'postgres' }).sql).toBe(
      'select "id" from "authors" where "id" = $1 for update /* a */ /* b */',
    )
    expect(query.select('id').toRawSQL(dialect)).toBe('select "id" from "authors" where "id" = 1 /* a */ /* b */')
  })

  it('is left out of a query inside', () => {
    const inner = Author.query().select('id').comment('inner')
    expect(Book.query().whereIn('authorId', inner).select('id').comment('outer').toSQL({ dialect: 'sqlite' }).sql).toBe(
      'select "id" from "books" where "author_id" in (select "id" from "authors") /* outer */',
    )
  })

  const texts: [given: string, written: string][] = [
    ['*/ ; drop table authors; /*', '/* * / ; drop table authors; / * */'],
    ['/*/', '/* / * / */'],
    ['**//', '/* ** // */'],
    ['!50000 select 1', '/* !50000 select 1 */'],
    ['+ set_var(x=1)', '/* + set_var(x=1) */'],
    ['M!100100 select 1', '/* M!100100 select 1 */'],
    ['a\nb\r\n-- c\0d\u2028e', '/* a b -- c d e */'],
    ['ends in *', '/* ends in * */'],
    ['/', '/* / */'],
    ['\u202egnp.txt', '/* gnp.txt */'],
    ['\ud800', '/* \ufffd */'],
    ['is it ? or $1 or :a', '/* is it ? or $1 or :a */'],
  ]
  it.each(texts)('keeps %j in its place', (given, written) => {
    expect(ids.comment(given).toSQL({ dialect: 'postgres' }).sql).toBe(`select "id" from "authors" ${written}`)
  })

  it('says nothing where the text is blank, and refuses what is none', () => {
    expect(ids.comment(' \n ').toSQL({ dialect: 'sqlite' }).sql).toBe('select "id" from "authors"')
    expect(thrown(() => ids.comment(1 as never))).toBeInstanceOf(UsageError)
  })
})

function thrown(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    return error as Error
  }
  throw new Error('Nothing was thrown.')
}
