import { Database, RelationNotLoadedError, sql, UsageError } from 'corm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { Article, Label, Person, Photo, Remark, relationModels, seedArticles } from '../support/relation-models.js'

describeDatabases('unloaded relations of all kinds', (database) => {
  database.useTables(relationModels)
  let world: Awaited<ReturnType<typeof seedArticles>>
  beforeEach(async () => {
    world = await seedArticles()
    const { one, two, a, b, p, x, ann, bob } = world
    await Article.attachMany('tags', [
      [one, a],
      [one, b],
      [two, b],
    ])
    await one.related('remarks').createMany([{ body: 'r1' }, { body: 'r2' }])
    await p.related('remarks').create({ body: 'r3' })
    await Remark.create({ body: 'r4' })
    await one.related('labels').attach(x)
    await p.related('labels').attach(x)
    await ann.related('friends').attach(bob)
    await one.related('cover').create({ url: 'cover.png' })
  })
  afterEach(() => {
    Database.configure({ lazyLoading: 'batch' })
  })

  it('load for all siblings in one query, kind by kind', async () => {
    const articles = await Article.query().orderBy('id').get()
    for (const name of ['tags', 'labels', 'remarks', 'cover', 'country', 'author'] as const)
      await expectQueries(1, async () => {
        for (const article of articles) await article[name]
      })
    const people = await Person.query().orderBy('id').get()
    for (const name of ['friends', 'follows', 'portrait'] as const)
      await expectQueries(1, async () => {
        for (const person of people) await person[name]
      })
    expect(people.map((person) => (person.friends as unknown as Person[]).map((friend) => friend.name))).toEqual([
      ['Bob'],
      ['Ann'],
      [],
    ])
  })
  it('nested, one query a level', async () => {
    const labels = await Label.query().orderBy('id').get()
    const names = await expectQueries(3, async () => {
      const list: string[] = []
      for (const label of labels)
        for (const article of await label.articles)
          for (const tag of await article.tags) for (const other of await tag.articles) list.push(other.title)
      return list
    })
    expect(names.sort()).toEqual(['One', 'One', 'Two'])
  })
  it('siblings meet below as well: rows of one load are one group', async () => {
    const articles = await Article.query().orderBy('id').get()
    await expectQueries(2, async () => {
      for (const article of articles) for (const tag of await article.tags) await tag.articles
    })
  })
  it('across morph types: one query for each', async () => {
    const remarks = await Remark.query().orderBy('id').get()
    const shown = await expectQueries(2, async () => {
      const list: (string | null)[] = []
      for (const remark of remarks) {
        const row = await remark.remarkable
        list.push(row === null ? null : row instanceof Photo ? row.url : row.title)
      }
      return list
    })
    expect(shown).toEqual(['One', 'One', 'p.png', null])
    // and on from there, each model its own
    await expectQueries(2, async () => {
      for (const remark of remarks) await (await remark.remarkable)?.labels
    })
  })
  it('joined when awaited at once', async () => {
    const remarks = await Remark.query().orderBy('id').get()
    await expectQueries(2, () => Promise.all(remarks.map((remark) => remark.remarkable)))
    const articles = await Article.query().get()
    await expectQueries(1, () => Promise.all(articles.map((article) => article.tags)))
  })
  it('a changed key or type unloads', async () => {
    const remark = await Remark.with('remarkable').where('body', 'r1').sole()
    expect(remark.remarkable).toBeInstanceOf(Article)
    remark.remarkableId = world.two.id
    expect(await expectQueries(1, () => remark.remarkable)).toMatchObject({ title: 'Two' })
    remark.remarkableType = 'picture'
    remark.remarkableId = world.p.id
    expect(await expectQueries(1, () => remark.remarkable)).toMatchObject({ url: 'p.png' })
    remark.remarkableId = null
    expect(remark.remarkable).toBeNull()
    remark.remarkableType = 'Nothing'
    remark.remarkableId = 1
    await expect(Promise.resolve(remark.remarkable)).rejects.toBeInstanceOf(UsageError)
    remark.remarkableType = 'Article'
    remark.remarkableId = 987654
    expect(await remark.remarkable).toBeNull()
    remark.remarkableType = 'picture'
    expect(await expectQueries(1, () => remark.remarkable)).toBeNull()
  })
  it('a sibling with a type that is not known fails alone or whole, but never finds a class', async () => {
    await database.db.execute(
      sql`update ${sql.id('remarks')} set ${sql.id('remarkable_type')} = ${'Object'} where ${sql.id('body')} = ${'r2'}`,
    )
    const remarks = await Remark.query().orderBy('id').get()
    await expect(Promise.resolve(remarks[1]!.remarkable)).rejects.toThrow(/"Object"/)
  })
  it("lazyLoading 'single' loads each by itself", async () => {
    Database.configure({ lazyLoading: 'single' })
    const articles = await Article.query().orderBy('id').get()
    await expectQueries(3, async () => {
      for (const article of articles) await article.tags
    })
    const remarks = await Remark.query().orderBy('id').get()
    await expectQueries(3, async () => {
      for (const remark of remarks) await remark.remarkable
    })
  })
  it("lazyLoading 'forbid' tells the way out", async () => {
    Database.configure({ lazyLoading: 'forbid' })
    const article = await Article.findOrFail(world.one.id)
    for (const name of ['tags', 'labels', 'remarks', 'cover', 'country'] as const)
      await expect(Promise.resolve(article[name]), name).rejects.toThrow(`with('${name}')`)
    const remark = await Remark.where('body', 'r1').sole()
    await expect(Promise.resolve(remark.remarkable)).rejects.toBeInstanceOf(RelationNotLoadedError)
    // a query is no lazy load
    expect(await article.tags.count()).toBe(2)
    expect(await article.related('tags').get()).toHaveLength(2)
  })

  describe('used unloaded', () => {
    it('throw, and say what to do', async () => {
      const article = await Article.findOrFail(world.one.id)
      const remark = await Remark.where('body', 'r1').sole()
      expect(() => (article.tags as any).length).toThrow(RelationNotLoadedError)
      expect(() => (article.cover as any).url).toThrow(RelationNotLoadedError)
      // members of any of its models
      expect(() => (remark.remarkable as any).title).toThrow(/"Remark\.remarkable"/)
      expect(() => (remark.remarkable as any).url).toThrow(RelationNotLoadedError)
      expect(JSON.stringify(article)).not.toContain('tags')
    })
    it('to-many ones answer as queries', async () => {
      const { one, ann, france } = world
      expect(await one.tags.where('name', 'a').count()).toBe(1)
      expect(await ann.friends.exists()).toBe(true)
      expect((await one.remarks.orderBy('-id').first())?.body).toBe('r2')
      expect(await france.related('articles').limit(1).get()).toHaveLength(1)
    })
  })
})
