import { caseWhen, Field, fn, Model, Relation, UsageError } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Team extends Model({ name: Field.string() }) {
  static players = Relation.hasMany(() => Player)
}
class Player extends Model({
  name: Field.string(),
  goals: Field.integer({ nullable: true }),
  active: Field.boolean({ default: true }),
  data: Field.json<{ size?: number }>({ default: {} }),
  teamId: Field.foreignKey(() => Team),
}) {
  static team = Relation.belongsTo(() => Team)
}

describeDatabases('conditions as values', (database) => {
  database.useTables([Team, Player])
  beforeEach(async () => {
    const { id: teamId } = await Team.create({ name: 'Reds' })
    await Player.createMany([
      { name: 'Ann', goals: 1, teamId },
      { name: 'Bob', goals: 5, active: false, teamId },
      { name: 'Cid', teamId },
    ])
  })
  const scorers = () => Player.query().annotate({ scorer: (c) => c.goals.gt(2) })

  it('are true, false or null', async () => {
    expect(await scorers().orderBy('name').pluck('scorer')).toEqual([false, true, null])
    expect((await scorers().orderBy('name')).map(({ scorer }) => scorer)).toEqual([false, true, null])
    expect(await scorers().distinct().orderBy('scorer').whereNotNull('scorer').pluck('scorer')).toEqual([false, true])
    expect(await Player.query().from(scorers()).orderBy('name').pluck('scorer')).toEqual([false, true, null])
    expect(await scorers().union(scorers()).orderBy('name').pluck('scorer')).toEqual([false, true, null])
    const [row] = await Player.query()
      .annotate({
        none: (c) => c.goals.isNull(),
        both: (c) => c.goals.gt(0).and(c.active.eq(true)),
        not: (c) => c.name.contains('n').not(),
        listed: (c) => c.name.in(['Ann', 'Cid']),
        many: (c) => fn.count(c.team.name).gte(1),
        json: (c) => c.data.json('size').eq(3),
        before: (c) => fn.lag(c.goals.gt(2)).over({ orderBy: c.name.desc() }),
        kind: (c) => caseWhen(c.active.eq(true), c.goals.gt(2)).else(true),
      })
      .orderBy('name')
    expect({ ...row }).toMatchObject({ none: false, both: true, not: false, listed: true, many: true, json: null })
    expect([row?.before, row?.kind]).toEqual([true, false])
  })

  it('are compared, counted and grouped by', async () => {
    expect(await scorers().where('scorer', true).pluck('name')).toEqual(['Bob'])
    expect(await scorers().where('scorer', '!=', true).pluck('name')).toEqual(['Ann'])
    expect(
      await Player.where((c) => c.goals.gt(2).ne(c.active))
        .orderBy('name')
        .pluck('name'),
    ).toEqual(['Ann', 'Bob'])
    expect(
      await scorers().whereNotNull('scorer').groupBy('scorer').orderBy('scorer').aggregate({ n: fn.count() }),
    ).toEqual([
      { scorer: false, n: 1 },
      { scorer: true, n: 1 },
    ])
    expect(
      await Player.query().aggregate({
        any: (c) => fn.max(c.goals.gt(2)),
        all: (c) => fn.min(c.goals.gt(2)),
        three: () => fn.count().eq(3),
      }),
    ).toEqual({ any: true, all: false, three: true })
  })

  it('become texts and numbers', async () => {
    const cast = Player.query().annotate({
      text: (c) => c.goals.gt(2).cast('text'),
      number: (c) => c.goals.gt(2).cast('integer'),
      sure: (c) => c.goals.gt(2).coalesce(false),
    })
    expect(await cast.orderBy('name').valuesList('text', 'number', 'sure')).toEqual([
      ['false', 0, false],
      ['true', 1, true],
      [null, null, false],
    ])
  })

  it('go into fields, and come from queries', async () => {
    expect(
      await Player.query()
        .all()
        .update((c) => ({ active: c.goals.gt(2).coalesce(false) })),
    ).toBe(3)
    expect(await Player.query().orderBy('name').pluck('active')).toEqual([false, true, false])
    const team = Player.query().annotate({
      red: (c) =>
        Team.where((t) => t.id.eq(c.teamId))
          .annotate({ is: (t) => t.name.eq('Reds') })
          .select('is'),
    })
    expect(await team.orderBy('name').pluck('red')).toEqual([true, true, true])
  })

  it('sums are of numbers, and JSON has no largest value: told before anything is sent', () => {
    const loose = Player.query() as unknown as Record<string, (key: string) => unknown>
    expect(() => loose.sum?.('name')).toThrow(UsageError)
    expect(() => loose.avg?.('active')).toThrow(/needs a number/)
    expect(() => loose.max?.('data')).toThrow(/JSON value needs its type/)
    expect(() => fn.sum(Player.columns.name as never)).toThrow(/this is a value of type string/)
  })
})
