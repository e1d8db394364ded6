import { Database, Field, Model, Relation } from 'corm'
import 'corm/country'
import { factory } from 'corm/testing'
import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Member extends Model(
  {
    name: Field.string({ max: 40 }),
    email: Field.email({ unique: true }),
    role: Field.enum(['guest', 'admin'], { default: 'guest', guarded: true }),
    nick: Field.string({ nullable: true }),
    joined: Field.dateTime({ autoNowAdd: true }),
  },
  { table: 'made_members' },
) {
  static posts = Relation.hasMany(() => Post)
  static badge = Relation.hasOne(() => Badge)
  static pictures = Relation.morphMany(() => Picture, 'shown')
  override beforeInsert() {
    hooks.push(`insert ${this.name}`)
  }
}
class Post extends Model(
  { title: Field.string({ max: 60 }), memberId: Field.foreignKey(() => Member) },
  { table: 'made_posts' },
) {
  static member = Relation.belongsTo(() => Member)
  static labels = Relation.manyToMany(() => Label, { through: 'made_post_labels' })
}
class Label extends Model({ word: Field.slug({ unique: true, max: 20 }) }, { table: 'made_labels' }) {}
class Badge extends Model({ code: Field.char(4), memberId: Field.oneToOne(() => Member) }, { table: 'made_badges' }) {}
class Picture extends Model({ url: Field.url(), ...Field.morphs('shown') }, { table: 'made_pictures' }) {
  static shown = Relation.morphTo([() => Member, () => Post])
}
class Everything extends Model(
  {
    text: Field.text({ min: 30 }),
    short: Field.string({ max: 3, unique: true }),
    plate: Field.string({ pattern: /^[A-Z]{1,3}-[A-Z]{2} \d{1,4}$/, unique: true }),
    version: Field.string({ pattern: /^v(?:\d+\.){2}\d+(-(alpha|beta))?$/ }),
    site: Field.url({ unique: true }),
    slug: Field.slug({ unique: true }),
    phone: Field.tel({ unique: true }),
    address: Field.ip({ unique: true }),
    code: Field.char(3),
    token: Field.uuid({ unique: true }),
    level: Field.enum(['low', 'high']),
    number: Field.enum({ one: 1, two: 2 }),
    word: Field.string({ choices: ['a', 'b'] }),
    meta: Field.json(),
    words: Field.array(Field.string()),
    born: Field.date({ max: '1999-12-31' }),
    opens: Field.time({ min: '22:00:00' }),
    at: Field.dateTime({ min: new Date('2030-01-01T00:00:00Z') }),
    small: Field.smallInteger({ min: -5, max: 5 }),
    count: Field.integer({ unique: true, min: 100 }),
    big: Field.bigInteger(),
    bigText: Field.bigInteger({ as: 'string' }),
    ratio: Field.float({ min: 0, max: 1 }),
    price: Field.decimal({ precision: 6, scale: 2, min: '0.50' }),
    rest: Field.decimal({ precision: 4, scale: 4 }),
    active: Field.boolean(),
    raw: Field.binary(),
    home: Field.country(),
    heading: Field.translated(Field.string({ max: 40 }), { locales: ['en', 'fr'] }),
  },
  { table: 'made_everything' },
) {}
class Coded extends Model(
  { number: Field.integer({ primaryKey: true }), name: Field.string() },
  { table: 'made_coded' },
) {}
class Login extends Model({ secret: Field.password({ min: 12 }) }, { table: 'made_logins' }) {}
class Ring extends Model({ nextId: Field.foreignKey(() => Ring) }, { table: 'made_rings' }) {}

let hooks: string[] = []
const models = [Member, Post, Label, Badge, Picture, Everything, Coded, Login]

const members = factory(Member, (n) => ({ name: `Member ${n}` }), {
  states: { admin: { role: 'admin' }, named: (n) => ({ nick: `nick ${n}` }) },
})
const posts = factory(Post)

describeDatabases('factories', (database) => {
  database.useTables(models)

  it('save rows with the values that are given, and make those that are required', async () => {
    hooks = []
    const member = await members.create({ name: 'Ada' })
    expect(member).toMatchObject({ name: 'Ada', nick: null, role: 'guest', isPersisted: true })
    expect(member.email).toMatch(/^member\d+@example\.org$/)
    expect(hooks).toEqual(['insert Ada'])
    const [a, b] = await members.createMany(2)
    expect(Number(b?.name.slice(7)) - Number(a?.name.slice(7))).toBe(1)
    expect(await Member.count()).toBe(3)
    const many = await members.createMany(2, (n) => ({ nick: `x${n}` }))
    expect(new Set(many.map((one) => one.nick)).size).toBe(2)
  })

  it('have states, the later ones first, and guarded fields', async () => {
    const admin = await members.state('admin', 'named').create()
    expect(admin.role).toBe('admin')
    expect(admin.nick).toMatch(/^nick \d+$/)
    expect((await members.state('admin').create({ role: 'guest' })).role).toBe('guest')
    expect((await members.create()).role).toBe('guest')
    expect(() => members.state('amdin' as 'admin')).toThrow(
      'The factory of "Member" has no state "amdin". It has "admin", "named".',
    )
  })

  it('give a password a cheap hash of "password", and hash one that is given', async () => {
    const [made, given] = [await factory(Login).create(), await factory(Login).create({ secret: 'battery staple' })]
    const [first, second] = await Login.query().orderBy('id')
    expect(await first?.secret.verify('password')).toBe(true)
    expect([made.secret.needsRehash, given.secret.needsRehash]).toEqual([true, false])
    expect(await second?.secret.verify('battery staple')).toBe(true)
    const unsaved = factory(Login).make()
    await unsaved.save()
    expect(await unsaved.secret.verify('password')).toBe(true)
  })

  it('make instances without a query', async () => {
    const before = database.db.lastSQL
    const [one, two] = members.state('admin').makeMany(2, { nick: 'n' })
    const post = posts.make()
    expect(one).toMatchObject({ isPersisted: false, role: 'admin', nick: 'n' })
    expect(two?.email).not.toBe(one?.email)
    expect([post.title, post.memberId]).toEqual([expect.stringMatching(/^title \d+$/), undefined])
    expect(database.db.lastSQL).toBe(before)
    await one?.save()
    expect(await Member.count()).toBe(1)
    expect(() => members.with('posts', 1).make()).toThrow('make() saves nothing')
  })

  it('save the row that a foreign key needs, by the factory of its model', async () => {
    const post = await posts.create()
    expect((await Member.findOrFail(post.memberId)).name).toMatch(/^Member \d+$/)
    await posts.createMany(2)
    expect(await Member.count()).toBe(3)
    const owner = await members.create()
    await posts.create({ memberId: owner.id })
    await posts.create({ member: owner })
    await posts.createMany(2, { member: owner })
    expect(await Member.count()).toBe(4)
    expect(await owner.related('posts').count()).toBe(4)
    await expect(factory(Ring).create()).rejects.toThrow('rows of "Ring" need rows of "Ring" themselves')
  })

  it('save related rows: of relations to many, to one, to owners and by links', async () => {
    const author = await members.with('posts', 2, { title: 'same' }).with('badge').create({ name: 'with posts' })
    expect(author.posts.map((post) => post.title)).toEqual(['same', 'same'])
    expect(author.badge?.code).toMatch(/^\w{4}$/)
    expect(await Member.count()).toBe(1)

    const own = factory(Post, (n) => ({ title: `own ${n}` }))
    const nested = await members.with('posts', 2, own.with('labels', 2)).create()
    expect(nested.posts.map((post) => post.title)).toEqual([
      expect.stringMatching(/^own /),
      expect.stringMatching(/^own /),
    ])
    expect(await Label.count()).toBe(4)
    expect(await Member.count()).toBe(2)

    const post = await posts.with('member', members.state('admin')).create()
    expect(post.member.role).toBe('admin')
    expect((await posts.with('member', { name: 'Given' }).create()).member.name).toBe('Given')
    expect((await posts.with('member', author).create()).memberId).toBe(author.id)

    const labels = await factory(Label).createMany(2)
    const [linked] = await posts.with('labels', labels).createMany(1)
    expect(linked?.labels.map((label) => label.id)).toEqual(labels.map((label) => label.id))
    expect(await Label.count()).toBe(6)
    const titled = await members.with('posts', 2, (n) => ({ title: `row ${n}` })).create()
    expect(new Set(titled.posts.map((each) => each.title)).size).toBe(2)
    expect((await members.with('posts', 0).create()).posts).toEqual([])
  })

  it('save rows of polymorphic relations', async () => {
    const member = await members.with('pictures', 2).create()
    expect(member.pictures.map((picture) => picture.shownType)).toEqual(['Member', 'Member'])
    const picture = await factory(Picture).create({ shown: member })
    expect(picture.shownId).toBe(member.id)
    expect((await factory(Picture).with('shown', member).create()).shownId).toBe(member.id)
    await expect(factory(Picture).create()).rejects.toThrow('Give it: create({ shown: row })')
  })

  it('make valid values for every kind of field', async () => {
    const rows = await factory(Everything).createMany(40)
    expect(rows).toHaveLength(40)
    const stored = await Everything.query().orderBy('id')
    expect(stored.map((row) => row.short)).toEqual(rows.map((row) => row.short))
    for (const row of stored) {
      expect(row.text.length).toBeGreaterThanOrEqual(30)
      expect(row.small).toBeGreaterThanOrEqual(-5)
      expect(row.small).toBeLessThanOrEqual(5)
      expect(row.home.code).toMatch(/^[A-Z]{2}$/)
      expect(row.heading).toMatch(/^heading \d+$/)
    }
  })

  it('give the same values in every run, and others with another seed', () => {
    const run = (seed: number) => {
      class Dice extends Model({ token: Field.uuid(), price: Field.decimal(), face: Field.integer() }) {}
      const dice = factory(
        Dice,
        (_, random) => ({ face: random.pick([1, 2]) + random.integer(10, 99) + (random.boolean() ? 1 : 0) }),
        { seed },
      )
      return dice.makeMany(5).map((row) => [row.token, String(row.price), row.face])
    }
    expect(run(1)).toEqual(run(1))
    expect(run(2)).not.toEqual(run(1))
  })

  it('make keys that the database does not make, and look at own properties only', async () => {
    Object.defineProperty(Object.prototype, 'nick', { value: 'polluted', configurable: true, writable: true })
    try {
      expect((await members.create()).nick).toBeNull()
    } finally {
      Reflect.deleteProperty(Object.prototype, 'nick')
    }
    const rows = await factory(Coded).createMany(20)
    expect(new Set(rows.map((row) => row.number)).size).toBe(20)
  })

  it('are of a bound model', async () => {
    await database.db.transaction(async (trx) => {
      await factory(Member.using(trx)).create()
      trx.rollback()
    })
    expect(await Member.count()).toBe(0)
    expect(Database.get()).toBe(database.db)
  })
})

describe('factories refuse', () => {
  class Strange extends Model({
    about: Field.string({ pattern: /(?=x)\p{L}/u }),
    data: Field.custom({ type: 'string', encode: String, decode: String })(),
  }) {}
  it.each([
    [
      'fields whose values they can not make',
      () => factory(Strange).make({ data: 'x' }),
      'can not make a value for the field "about"',
    ],
    ['custom fields', () => factory(Strange).make({ about: 'x' }), 'can not make a value for the field "data"'],
    ['unknown fields', () => members.make({ nmae: 'x' } as never), '"nmae"'],
    ['unknown relations', () => members.with('nope' as never, 1 as never), '"Member" has no relation "nope"'],
    ['relations to many without a number', () => members.with('posts' as never, {} as never), 'takes a number of rows'],
    [
      'factories of another model',
      () => members.with('posts', 1, factory(Label) as never),
      'takes a factory of "Post", not of "Label"',
    ],
    ['what is no row', () => posts.with('member', 3 as never), 'takes values, a factory or an instance of "Member"'],
    ['a morphTo without an instance', () => factory(Picture).with('shown'), 'takes an instance'],
    ['what is no number of rows', () => members.makeMany(-1), 'takes a number of rows'],
    ['values that are no function', () => factory(Member, { name: 'x' } as never), 'factory() takes a function'],
    ['async values', () => factory(Member, (async () => ({})) as never).make(), 'must not be async'],
    ['unknown options', () => factory(Member, undefined, { state: {} } as never), 'has no option "state"'],
    ['what is no model', () => factory(String as never), 'String'],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message)
  })
})
