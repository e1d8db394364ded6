import { Field, Model, Relation } from 'corm'
import { describe, expect, it } from 'vitest'
import { expectSql } from './support.js'

let least = 1

class Shelf extends Model(
  { name: Field.string(), open: Field.boolean() },
  { table: 'shelves', globalScopes: { open: (q) => q.where('open', true) } },
) {}

class Copy extends Model(
  {
    title: Field.string(),
    stars: Field.integer(),
    shelfId: Field.foreignKey(() => Shelf),
    deletedAt: Field.softDelete(),
  },
  { globalScopes: { rated: (q) => q.where('stars', '>=', least).orWhere('title', 'x') } },
) {
  static shelf = Relation.belongsTo(() => Shelf)
}

class Loan extends Model({ copyId: Field.foreignKey(() => Copy), endedAt: Field.softDelete() }) {
  static copy = Relation.belongsTo(() => Copy)
}

const loans = () => Loan.query().select('id')

describe('global scopes as SQL', () => {
  it('deleted rows are left out, whatever is asked', () => {
    expectSql(loans(), {
      sqlite: ['select "id" from "loans" where "ended_at" is null'],
      postgres: ['select "id" from "loans" where "ended_at" is null'],
      mysql: ['select `id` from `loans` where `ended_at` is null'],
    })
  })
  it('alternatives are in brackets beside it', () => {
    expectSql(Loan.where('copyId', 1).orWhere('copyId', 2).select('id'), {
      sqlite: ['select "id" from "loans" where ("copy_id" = ? or "copy_id" = ?) and "ended_at" is null', 1n, 2n],
      postgres: ['select "id" from "loans" where ("copy_id" = $1 or "copy_id" = $2) and "ended_at" is null', 1, 2],
      mysql: ['select `id` from `loans` where (`copy_id` = ? or `copy_id` = ?) and `ended_at` is null', 1, 2],
    })
  })
  it('all rows, or the deleted ones', () => {
    expectSql(loans().onlyTrashed(), {
      sqlite: ['select "id" from "loans" where "ended_at" is not null'],
      postgres: ['select "id" from "loans" where "ended_at" is not null'],
      mysql: ['select `id` from `loans` where `ended_at` is not null'],
    })
  })
  it('several scopes, each in its brackets', () => {
    expectSql(Copy.where('title', 'a').orWhere('title', 'b').select('id'), {
      sqlite: [
        'select "id" from "copies" where ("title" = ? or "title" = ?) and ("stars" >= ? or "title" = ?) and "deleted_at" is null',
        'a',
        'b',
        1n,
        'x',
      ],
      postgres: [
        'select "id" from "copies" where ("title" = $1 or "title" = $2) and ("stars" >= $3 or "title" = $4) and "deleted_at" is null',
        'a',
        'b',
        1,
        'x',
      ],
      mysql: [
        'select `id` from `copies` where (`title` = ? or `title` = ?) and (`stars` >= ? or `title` = ?) and `deleted_at` is null',
        'a',
        'b',
        1,
        'x',
      ],
    })
  })
  it('one is lifted', () => {
    expectSql(Copy.where('title', 'a').withoutGlobalScope('rated').select('id'), {
      sqlite: ['select "id" from "copies" where "title" = ? and "deleted_at" is null', 'a'],
      postgres: ['select "id" from "copies" where "title" = $1 and "deleted_at" is null', 'a'],
      mysql: ['select `id` from `copies` where `title` = ? and `deleted_at` is null', 'a'],
    })
  })
  it('a path to one row: in the condition of the join', () => {
    expectSql(loans().where('copy.title', 'a'), {
      sqlite: [
        'select "loans"."id" from "loans" left join "copies" as "corm_copy" on "corm_copy"."id" = "loans"."copy_id" and ("corm_copy"."stars" >= ? or "corm_copy"."title" = ?) and "corm_copy"."deleted_at" is null where "corm_copy"."title" = ? and "loans"."ended_at" is null',
        1n,
        'x',
        'a',
      ],
      postgres: [
        'select "loans"."id" from "loans" left join "copies" as "corm_copy" on "corm_copy"."id" = "loans"."copy_id" and ("corm_copy"."stars" >= $1 or "corm_copy"."title" = $2) and "corm_copy"."deleted_at" is null where "corm_copy"."title" = $3 and "loans"."ended_at" is null',
        1,
        'x',
        'a',
      ],
      mysql: [
        'select `loans`.`id` from `loans` left join `copies` as `corm_copy` on `corm_copy`.`id` = `loans`.`copy_id` and (`corm_copy`.`stars` >= ? or `corm_copy`.`title` = ?) and `corm_copy`.`deleted_at` is null where `corm_copy`.`title` = ? and `loans`.`ended_at` is null',
        1,
        'x',
        'a',
      ],
    })
  })
  it('rows of an EXISTS', () => {
    expectSql(
      Shelf.query()
        .select('id')
        .whereExists((c) => Copy.where((d) => d.shelfId.eq(c.id))),
      {
        sqlite: [
          'select "id" from "shelves" where exists (select 1 = 1 from "copies" where "copies"."shelf_id" = "shelves"."id" and ("copies"."stars" >= ? or "copies"."title" = ?) and "copies"."deleted_at" is null) and "open" = ?',
          1n,
          'x',
          1n,
        ],
        postgres: [
          'select "id" from "shelves" where exists (select true from "copies" where "copies"."shelf_id" = "shelves"."id" and ("copies"."stars" >= $1 or "copies"."title" = $2) and "copies"."deleted_at" is null) and "open" = $3',
          1,
          'x',
          true,
        ],
        mysql: [
          'select `id` from `shelves` where exists (select 1 = 1 from `copies` where `copies`.`shelf_id` = `shelves`.`id` and (`copies`.`stars` >= ? or `copies`.`title` = ?) and `copies`.`deleted_at` is null) and `open` = ?',
          1,
          'x',
          1,
        ],
      },
    )
  })
  it('both queries of a union', () => {
    expectSql(Shelf.query().select('id').union(Shelf.where('name', 'a').select('id')), {
      sqlite: [
        'select "id" from (select "id" from "shelves" where "open" = ? union select "id" from "shelves" where "name" = ? and "open" = ?) as "shelves"',
        1n,
        'a',
        1n,
      ],
      postgres: [
        'select "id" from (select "id" from "shelves" where "open" = $1 union select "id" from "shelves" where "name" = $2 and "open" = $3) as "shelves"',
        true,
        'a',
        true,
      ],
      mysql: [
        'select `id` from (select `id` from `shelves` where `open` = ? union select `id` from `shelves` where `name` = ? and `open` = ?) as `shelves`',
        1,
        'a',
        1,
      ],
    })
  })
  it('a model that is joined', () => {
    expectSql(
      loans().join(Copy, (c, t) => c.copyId.eq(t.id)),
      {
        sqlite: [
          'select "loans"."id" from "loans" join "copies" on "loans"."copy_id" = "copies"."id" and ("copies"."stars" >= ? or "copies"."title" = ?) and "copies"."deleted_at" is null where "loans"."ended_at" is null',
          1n,
          'x',
        ],
        postgres: [
          'select "loans"."id" from "loans" join "copies" on "loans"."copy_id" = "copies"."id" and ("copies"."stars" >= $1 or "copies"."title" = $2) and "copies"."deleted_at" is null where "loans"."ended_at" is null',
          1,
          'x',
        ],
        mysql: [
          'select `loans`.`id` from `loans` join `copies` on `loans`.`copy_id` = `copies`.`id` and (`copies`.`stars` >= ? or `copies`.`title` = ?) and `copies`.`deleted_at` is null where `loans`.`ended_at` is null',
          1,
          'x',
        ],
      },
    )
  })
  it('a delete', () => {
    expectSql((options) => Shelf.where('name', 'a').toSQLDelete(options), {
      sqlite: ['delete from "shelves" where "name" = ? and "open" = ?', 'a', 1n],
      postgres: ['delete from "shelves" where "name" = $1 and "open" = $2', 'a', true],
      mysql: ['delete from `shelves` where `name` = ? and `open` = ?', 'a', 1],
    })
  })
  it('an update by a path', () => {
    expectSql((options) => Loan.where('copy.title', 'a').toSQLUpdate({ copyId: 2 }, options), {
      sqlite: [
        'update "loans" set "copy_id" = ? where (select "copies"."title" from "copies" where "copies"."id" = "loans"."copy_id" and ("copies"."stars" >= ? or "copies"."title" = ?) and "copies"."deleted_at" is null) = ? and "ended_at" is null',
        2n,
        1n,
        'x',
        'a',
      ],
      postgres: [
        'update "loans" set "copy_id" = $1 where (select "copies"."title" from "copies" where "copies"."id" = "loans"."copy_id" and ("copies"."stars" >= $2 or "copies"."title" = $3) and "copies"."deleted_at" is null) = $4::text and "ended_at" is null',
        2,
        1,
        'x',
        'a',
      ],
      mysql: [
        'update `loans` set `copy_id` = ? where (select `copies`.`title` from `copies` where `copies`.`id` = `loans`.`copy_id` and (`copies`.`stars` >= ? or `copies`.`title` = ?) and `copies`.`deleted_at` is null) = ? and `ended_at` is null',
        2,
        1,
        'x',
        'a',
      ],
    })
  })

  it('a soft delete and its opposite', () => {
    const texts = { sqlite: '"', postgres: '"', mysql: '`' } as const
    for (const dialect of ['sqlite', 'postgres', 'mysql'] as const) {
      const quoted = (sql: string) => sql.replaceAll('"', texts[dialect])
      const { sql, parameters } = Loan.where('copyId', 1).toSQLDelete({ dialect })
      const [time, key] = dialect === 'postgres' ? ['$1', '$2'] : ['?', '?']
      expect(sql).toBe(
        quoted(`update "loans" set "ended_at" = ${time} where "copy_id" = ${key} and "ended_at" is null`),
      )
      expect(parameters).toHaveLength(2)
    }
  })

  it('values are those of the moment, in one text', () => {
    const query = Copy.where('title', 'a').select('id')
    const first = query.toSQL({ dialect: 'sqlite' })
    least = 7
    try {
      expect(query.toSQL({ dialect: 'sqlite' })).toEqual({ sql: first.sql, parameters: ['a', 7n, 'x'] })
    } finally {
      least = 1
    }
    expect(query.toSQL({ dialect: 'sqlite' })).toEqual(first)
  })
})
