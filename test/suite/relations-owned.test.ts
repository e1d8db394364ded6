import { Database, Field, Model, Relation, UsageError, ValidationError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { Article, Passport, Person, Photo, Remark, relationModels, seedArticles } from '../support/relation-models.js'

describeDatabases('related() of rows that hold the key', (database) => {
  database.useTables(relationModels)
  let world: Awaited<ReturnType<typeof seedArticles>>
  beforeEach(async () => {
    world = await seedArticles()
  })

  const titles = async (person: { id: number }) => Article.where('personId', person.id).orderBy('id').pluck('title')

  describe('of a hasMany', () => {
    it('attach() takes rows over, detach() lets them go', async () => {
      const { ann, bob, cat, one, two, three } = world
      expect(await expectQueries(1, () => cat.related('articles').attach(one, three.id))).toBe(2)
      expect(one.personId).toBe(cat.id)
      expect(one.isDirty()).toBe(false)
      expect([await titles(ann), await titles(bob), await titles(cat)]).toEqual([['Two'], [], ['One', 'Three']])
      expect(await cat.related('articles').attach([])).toBe(0)
      expect(await cat.related('articles').add([two])).toBe(1)
      expect(await cat.related('articles').detach(two, three.id)).toBe(2)
      expect(two.personId).toBeNull()
      expect(await titles(cat)).toEqual(['One'])
      // rows of others stay theirs
      await bob.related('articles').attach(two)
      expect(await cat.related('articles').remove([two, one])).toBe(1)
      expect(await titles(bob)).toEqual(['Two'])
    })
    it('sync() makes the smallest difference, clear() leaves none', async () => {
      const { ann, one, two, three } = world
      expect(await ann.related('articles').sync([two, three])).toEqual({ attached: 1, detached: 1, updated: 0 })
      expect(await titles(ann)).toEqual(['Two', 'Three'])
      expect(await ann.related('articles').set([three.id, two.id])).toEqual({ attached: 0, detached: 0, updated: 0 })
      expect((await Article.findOrFail(one.id)).personId).toBeNull()
      expect(await ann.related('articles').clear()).toBe(2)
      expect(await ann.related('articles').clear()).toBe(0)
      expect(await Article.count()).toBe(3)
    })
    it('loaded rows are kept in step', async () => {
      const ann = await Person.with('articles').findOrFail(world.ann.id)
      const { articles } = ann
      const shown = () => ann.articles.map((article) => article.title).sort()
      await ann.related('articles').attach(world.three)
      expect(shown()).toEqual(['One', 'Three', 'Two'])
      expect(ann.articles).toContain(world.three)
      const gone = ann.articles.find((article) => article.title === 'One')!
      await ann.related('articles').detach(world.one.id)
      expect(shown()).toEqual(['Three', 'Two'])
      expect(gone.personId).toBeNull()
      expect(gone.isDirty()).toBe(false)
      await ann.related('articles').attach(world.one.id)
      expect(shown()).toEqual(['One', 'Three', 'Two'])
      await ann.related('articles').sync([world.two])
      expect(shown()).toEqual(['Two'])
      await ann.related('articles').clear()
      expect(shown()).toEqual([])
      expect(ann.articles).toBe(articles)
    })
    it('a key that may not be null stays', async () => {
      const passport = await world.ann.related('passport').create({ number: 'A' })
      const message = (await expectRefusal(() => world.ann.related('passport').detach(passport))).message
      expect(message).toMatch(/personId.*not nullable/)
      expect(await expectRefusal(() => world.ann.related('passport').clear())).toBeInstanceOf(UsageError)
      expect(await Passport.count()).toBe(1)
    })
    it('refuse what is no row of the other model', async () => {
      const articles = world.ann.related('articles') as any
      for (const wrong of [world.bob, Article.make({ title: 'unsaved' }), null, undefined, {}, true])
        expect(await expectRefusal(() => articles.attach(wrong)), String(wrong)).toBeInstanceOf(Error)
      expect(await expectRefusal(() => articles.sync(world.one))).toBeInstanceOf(UsageError)
      expect(await expectRefusal(() => (world.ann.related('passport') as any).attach(1, 2))).toBeInstanceOf(UsageError)
    })
    it('many callers at once', async () => {
      const { ann, bob, one, two, three } = world
      await Promise.all(Array.from({ length: 10 }, () => ann.related('articles').sync([one, three])))
      expect(await titles(ann)).toEqual(['One', 'Three'])
      await Promise.all(Array.from({ length: 10 }, () => bob.related('articles').attach(one, two, three)))
      expect(await titles(bob)).toEqual(['One', 'Two', 'Three'])
    })
  })

  describe('of a morphMany and morphOne', () => {
    it('fill in and empty both fields', async () => {
      const { one, p } = world
      const remark = await Remark.create({ body: 'r' })
      expect(await one.related('remarks').attach(remark)).toBe(1)
      expect([remark.remarkableId, remark.remarkableType]).toEqual([one.id, 'Article'])
      expect(await p.related('remarks').detach(remark)).toBe(0)
      expect(await p.related('remarks').attach(remark.id)).toBe(1)
      expect(await one.remarks.count()).toBe(0)
      const more = await p.related('remarks').createMany([{ body: 's' }, { body: 't' }])
      expect(await p.related('remarks').sync(more)).toEqual({ attached: 0, detached: 1, updated: 0 })
      expect(await Remark.findOrFail(remark.id)).toMatchObject({ remarkableId: null, remarkableType: null })
      expect(await p.related('remarks').clear()).toBe(2)
      expect(await Remark.where('remarkable', null).count()).toBe(3)
    })
    it('save() and create() of a morphOne', async () => {
      const { one } = world
      const photo = new Photo({ url: 'new.png' })
      expect(await one.related('cover').save(photo)).toBe(photo)
      expect(photo).toMatchObject({ imageableType: 'Article', imageableId: one.id, isPersisted: true })
      const loaded = await Article.with('cover').findOrFail(one.id)
      expect(loaded.cover?.url).toBe('new.png')
      expect(await loaded.related('cover').detach(photo)).toBe(1)
      expect(await loaded.cover).toBeNull()
      await loaded.related('cover').attach(world.q)
      expect(loaded.cover).toBe(world.q)
    })
    it('what a caller says of the owner does not count', async () => {
      const remark = await world.one.related('remarks').create({
        body: 'r',
        remarkableType: 'picture',
        remarkableId: world.p.id,
      } as never)
      expect(await Remark.findOrFail(remark.id)).toMatchObject({
        remarkableType: 'Article',
        remarkableId: world.one.id,
      })
    })
    it('a failed write leaves the instance as it was', async () => {
      const remark = Remark.make({ body: 'x'.repeat(500) })
      await expect(world.one.related('remarks').save(remark)).rejects.toBeInstanceOf(ValidationError)
      expect([remark.remarkableId ?? null, remark.remarkableType ?? null]).toEqual([null, null])
      expect(remark.isPersisted).toBe(false)
    })
  })

  it('rows go to the database of their owner', async () => {
    class Team extends Model({ name: Field.string({ max: 20 }) }) {
      static players = Relation.hasMany(() => Player)
      static badges = Relation.manyToMany(() => Badge)
    }
    class Player extends Model({
      name: Field.string({ max: 20 }),
      teamId: Field.foreignKey(() => Team, { nullable: true }),
    }) {
      static team = Relation.belongsTo(() => Team)
    }
    class Badge extends Model({ name: Field.string({ max: 20 }) }) {}
    await using other = await Database.connect({ name: 'other', url: 'sqlite::memory:' })
    await other.createTables([Team, Player, Badge])
    const team = await Team.using(other).create({ name: 't' })
    await team.related('players').create({ name: 'a' })
    await team.related('players').createMany([{ name: 'b' }])
    const saved = await team.related('players').save(Player.make({ name: 'c' }))
    const badge = await team.related('badges').create({ name: 'x' })
    await team.related('badges').save(new Badge({ name: 'y' }))
    expect(await team.players.count()).toBe(3)
    expect((await team.badges).map((each) => each.name).sort()).toEqual(['x', 'y'])
    expect(await team.related('badges').sync([badge])).toEqual({ attached: 0, detached: 1, updated: 0 })
    expect((await saved.team)?.name).toBe('t')
    await saved.related('team').dissociate()
    expect(await Team.using(other).where('players.name', 'c').count()).toBe(0)
    expect(await Team.using(other).attachMany('badges', [[team, badge]])).toBe(0)
    expect(await Team.using(other).with('players', 'badges').sole()).toMatchObject({
      players: [{ name: 'a' }, { name: 'b' }],
    })
  })
})
