import { Field, Model, Relation, UsageError, ValidationError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

enum Level {
  Low,
  High = 5,
}
enum Color {
  Red = 'red',
  Blue = 'blue',
}
const SIZES = { small: 's', large: 'l' } as const
const RANKS = { first: 1, last: 99 } as const

const hooks: string[] = []

class Team extends Model({ name: Field.string() }, { table: 'bulk_teams' }) {
  static shirts = Relation.hasMany(() => Shirt)
}
class Shirt extends Model(
  {
    name: Field.string(),
    level: Field.enum(Level, { default: Level.Low }),
    color: Field.enum(Color, { nullable: true }),
    size: Field.enum(SIZES, { default: SIZES.small }),
    rank: Field.enum(RANKS, { default: RANKS.first, guarded: true }),
    html: Field.text({ richText: true, default: '' }),
    secret: Field.string({ hidden: true, default: 'none' }),
    made: Field.dateTime({ autoNowAdd: true }),
    note: Field.virtual<string>(),
    teamId: Field.foreignKey(() => Team, { nullable: true }),
  },
  { table: 'bulk_shirts' },
) {
  override beforeInsert() {
    hooks.push(`${this.name}:${this.note ?? ''}`)
  }
}

// what the types refuse must also be refused at run time
type Loose = any

describeDatabases('bulk inserts of instances', (database) => {
  database.useTables([Team, Shirt])

  it('insert the given instances themselves, among data, in order', async () => {
    hooks.length = 0
    const one = new Shirt({ name: 'one', note: 'n', secret: 'x' })
    one.rank = 99
    const list = [one, { name: 'two', color: Color.Blue }, Shirt.make({ name: 'three', level: Level.High })]
    const made = (await Shirt.createMany(list as Loose)) as Shirt[]
    expect(made[0]).toBe(one)
    expect(made[2]).toBe(list[2])
    expect(made.map(({ isPersisted, name }) => [isPersisted, name])).toEqual([
      [true, 'one'],
      [true, 'two'],
      [true, 'three'],
    ])
    expect([...hooks].sort()).toEqual(['one:n', 'three:', 'two:'])
    expect(made.some((shirt) => shirt.isDirty())).toBe(false)
    const found = await Shirt.query().orderBy('id')
    expect(found.map(({ id }) => id)).toEqual(made.map(({ id }) => id))
    expect(found.map((shirt) => [shirt.name, shirt.rank, shirt.secret, shirt.level, shirt.color])).toEqual([
      ['one', 99, 'x', Level.Low, null],
      ['two', 1, 'none', Level.Low, Color.Blue],
      ['three', 1, 'none', Level.High, null],
    ])
    one.name = 'uno'
    await one.save()
    expect(await Shirt.query().count()).toBe(3)
  })

  it('give instances of a relation their keys', async () => {
    const team = await Team.create({ name: 'T' })
    const shirt = new Shirt({ name: 'a' })
    await (team.related('shirts') as Loose).createMany([shirt, { name: 'b' }])
    expect(shirt.teamId).toBe(team.id)
    expect(await team.related('shirts').count()).toBe(2)
  })

  it('take only the values of instances in insertMany', async () => {
    hooks.length = 0
    const shirt = new Shirt({ name: 'a', secret: 'kept', note: 'n' })
    expect(await Shirt.insertMany([shirt, new Shirt({ name: 'b' })])).toBe(2)
    expect([shirt.isPersisted, shirt.id, hooks]).toEqual([false, undefined, []])
    expect((await Shirt.query().orderBy('id')).map(({ name, secret }) => [name, secret])).toEqual([
      ['a', 'kept'],
      ['b', 'none'],
    ])
  })

  it('refuse instances that are saved, are of another model or are given twice, and insert nothing', async () => {
    const saved = await Shirt.create({ name: 'saved' })
    const fresh = new Shirt({ name: 'fresh' })
    const refused = async (attempt: () => Promise<unknown>, message: string) => {
      const error = await attempt().then(
        () => null,
        (reason: unknown) => reason as Error,
      )
      expect(error).toBeInstanceOf(UsageError)
      expect(error?.message).toContain(message)
    }
    await refused(() => Shirt.createMany([fresh, saved]), 'createMany() of "Shirt" was given an instance that is saved')
    await refused(() => Shirt.insertMany([saved]), 'insertMany() of "Shirt" was given an instance that is saved')
    await refused(() => Shirt.createMany([fresh, fresh]), 'was given the same instance twice')
    await refused(() => Shirt.insertMany([fresh, fresh]), 'insertMany() of "Shirt" was given the same instance twice')
    await refused(() => Shirt.createMany([new Team({ name: 'x' }) as Loose]), 'must be a plain object')
    expect([await Shirt.query().count(), fresh.isPersisted]).toEqual([1, false])
    const wrong = new Shirt({ name: 'wrong' })
    wrong.size = 'xl' as Loose
    await expect(Shirt.createMany([fresh, wrong])).rejects.toThrow(ValidationError)
    expect([await Shirt.query().count(), fresh.isPersisted, fresh.id]).toEqual([1, false, undefined])
    await Shirt.createMany([fresh])
    expect(fresh.isPersisted).toBe(true)
  })

  it('keep enumerations of TypeScript and of constant objects, and refuse other values', async () => {
    const shirt = await Shirt.create({ name: 'a', level: Level.High, color: Color.Red, size: SIZES.large })
    const found = await Shirt.where({ level: Level.High, color: Color.Red, size: 'l' }).firstOrFail()
    expect([found.id, found.level, found.color, found.size]).toEqual([shirt.id, Level.High, 'red', 'l'])
    expect(await Shirt.where('level', '>', Level.Low).count()).toBe(1)
    // a numeric enum maps its numbers back to names, which are no values
    for (const wrong of [{ level: 'High' }, { level: 3 }, { color: 'Red' }, { size: 'small' }])
      await expect(Shirt.create({ name: 'b', ...(wrong as Loose) })).rejects.toThrow(ValidationError)
    await expect(Shirt.create({ name: 'b', rank: 2 as Loose }, { guarded: true })).rejects.toThrow(ValidationError)
  })

  it('store rich text as it is', async () => {
    const html = '<p onclick="x()">é<script>1</script></p>'
    const { id } = await Shirt.create({ name: 'a', html })
    expect((await Shirt.findOrFail(id)).html).toBe(html)
  })
})
