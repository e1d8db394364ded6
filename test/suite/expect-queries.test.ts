import { AssertionError } from 'node:assert'
import { Field, Model, Relation, sql } from 'corm'
import { expectQueries, recordingDriver } from 'corm/testing'
import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Town extends Model({ name: Field.string({ max: 50 }) }, { table: 'counted_towns' }) {
  static streets = Relation.hasMany(() => Street)
}
class Street extends Model(
  { name: Field.string({ max: 50 }), townId: Field.foreignKey(() => Town) },
  { table: 'counted_streets' },
) {
  static town = Relation.belongsTo(() => Town)
}

const failure = async (work: () => Promise<unknown>): Promise<AssertionError> => {
  try {
    await work()
  } catch (error) {
    expect(error).toBeInstanceOf(AssertionError)
    return error as AssertionError
  }
  throw new Error('expected an error')
}

describeDatabases('expectQueries', (database) => {
  database.useTables([Town, Street])

  it('counts SQL of the user whatever it begins with', async () => {
    await expectQueries(3, () =>
      database.db.transaction(async (trx) => {
        await trx.execute(sql`savepoint mine`)
        await trx.transaction(async () => Town.count())
        await trx.execute(sql`release savepoint mine`)
      }),
    )
  })

  it('returns the result where the number is as expected', async () => {
    const town = await expectQueries(1, () => Town.create({ name: 'Bath' }))
    expect(town.name).toBe('Bath')
    expect(await expectQueries(0, () => 3)).toBe(3)
    const towns = await expectQueries({ max: 2 }, () => Town.with('streets'))
    expect(towns).toHaveLength(1)
    await expectQueries({ min: 1 }, () => Town.count())
    await expectQueries({ min: 1, max: 3 }, () =>
      Town.transaction(async () => {
        await Town.count()
        await Town.transaction(async () => Town.count())
      }),
    )
  })

  it('lists the queries, with the lines of the code that sent them, and no values', async () => {
    const error = await failure(() =>
      expectQueries(1, async () => {
        await Town.where('name', 'secret').get()
        await Town.transaction(async () => Town.count())
      }),
    )
    expect(error).toMatchObject({ code: 'ERR_ASSERTION', actual: 2, expected: 1 })
    expect(error.message).toMatch(
      /^Expected 1 query, but 2 ran:\n {2}1\. select .+counted_towns.+\n {5}at .*expect-queries\.test\.ts:\d+\n {2}2\. select count/,
    )
    expect(error.message).not.toContain('secret')
    expect(error.stack).toContain('expect-queries.test.ts')
    expect((await failure(() => expectQueries(2, () => Town.count()))).message).toMatch(
      /^Expected 2 queries, but 1 ran:/,
    )
    expect((await failure(() => expectQueries({ min: 2 }, () => 1))).message).toBe(
      'Expected at least 2 queries, but none ran.',
    )
    const few = await failure(() => expectQueries({ max: 0 }, () => Town.count()))
    expect(few.message).toMatch(/^Expected 0 queries, but 1 ran:/)
  })

  it('counts statements that fail, and passes errors of the work on', async () => {
    await expect(
      expectQueries(1, async () => {
        throw new Error('own')
      }),
    ).rejects.toThrow('own')
    await expectQueries(1, () => Street.create({ name: 'x', townId: 99 }).catch(() => null))
    await failure(() => expectQueries(1, () => Promise.all([Town.count(), Town.count()])))
    expect(await Town.count()).toBe(0)
  })

  it('refuses what is no number and no work', async () => {
    for (const wrong of [-1, 1.5, Number.NaN, {}, { min: 3, max: 1 }, undefined, '2'])
      await expect(expectQueries(wrong as never, () => 1)).rejects.toMatchObject({ code: 'USAGE' })
    await expect(expectQueries(1, 2 as never)).rejects.toMatchObject({ code: 'USAGE' })
  })
})

describe('recordingDriver', () => {
  it('records statements and their values, in the SQL of a dialect', async () => {
    const { database, statements } = recordingDriver({ dialect: 'postgres' })
    expect(await Town.using(database).where('name', 'Bath').get()).toEqual([])
    expect(statements).toEqual([
      { sql: expect.stringContaining('from "counted_towns" where "name" = $1'), parameters: ['Bath'] },
    ])
    statements.length = 0
    await database.transaction(async (trx) => {
      await Town.using(trx).where('id', 1).update({ name: 'x' })
      trx.rollback()
    })
    expect(statements.map(({ sql }) => sql.split(' ')[0])).toEqual(['begin', 'update', 'rollback'])
    expect(await expectQueries(1, () => Town.using(database).exists())).toBe(false)
  })

  it('answers with the rows that it is given', async () => {
    const { database, statements } = recordingDriver({
      dialect: 'mysql',
      rows: ({ sql }) => (sql.startsWith('select') ? [[1, 'Bath']] : []),
    })
    const Towns = Town.using(database)
    expect((await Towns.query().first())?.name).toBe('Bath')
    const town = await Towns.create({ name: 'York' })
    expect(town.id).toBe(1)
    expect(statements.at(-1)).toEqual({
      sql: expect.stringMatching(/^insert into `counted_towns`/),
      parameters: ['York'],
    })
  })

  it('refuses options that it does not know', () => {
    expect(() => recordingDriver({ dialect: 'oracle' as never })).toThrow('There is no dialect "oracle"')
    expect(() => recordingDriver({} as never)).toThrow('needs the name of a dialect')
    expect(() => recordingDriver({ dialect: 'sqlite', row: [] } as never)).toThrow('has no option "row"')
  })
})
