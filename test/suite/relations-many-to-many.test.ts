import { Field, ForeignKeyViolationError, fn, Model, Relation, UsageError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { Article, relationModels, seedArticles, Tag } from '../support/relation-models.js'

describeDatabases('manyToMany', (database) => {
  database.useTables(relationModels)
  let world: Awaited<ReturnType<typeof seedArticles>>
  beforeEach(async () => {
    world = await seedArticles()
    const { one, two, a, b, c } = world
    await one.related('tags').attach([a, b])
    await two.related('tags').attach([b, c])
  })

  const names = (tags: readonly { name: string }[]) => tags.map((tag) => tag.name).sort()

  it('is seen from both sides', async () => {
    expect(names(await world.one.tags)).toEqual(['a', 'b'])
    expect((await world.b.articles).map((article) => article.title).sort()).toEqual(['One', 'Two'])
    expect(await world.three.tags).toEqual([])
  })
  it('loads eagerly from both sides, each in one query', async () => {
    const articles = await expectQueries(3, () => Article.with('tags.articles').orderBy('id'))
    expect(articles.map((article) => names(article.tags))).toEqual([['a', 'b'], ['b', 'c'], []])
    expect(articles[0]!.tags.find((tag) => tag.name === 'b')!.articles).toHaveLength(2)
  })
  it('gives each parent instances of its own, with its own pivot', async () => {
    await world.one.related('tags').updatePivot(world.b, { position: 1 })
    await world.two.related('tags').updatePivot(world.b, { position: 2 })
    const [one, two] = await Article.with('tags').orderBy('id')
    const of = (article: typeof one) => article!.tags.find((tag) => tag.name === 'b')!
    expect(of(one).pivot).toMatchObject({ position: 1, articleId: world.one.id, tagId: world.b.id })
    expect(of(two).pivot).toMatchObject({ position: 2, articleId: world.two.id })
  })
  it('answers the steps of a query, loaded or not', async () => {
    expect(await world.one.tags.where('name', 'b').pluck('id')).toEqual([world.b.id])
    expect(await world.one.tags.orderBy('name', 'desc').pluck('name')).toEqual(['b', 'a'])
    expect(await world.one.tags.limit(1)).toHaveLength(1)
    expect((await world.one.tags.first())?.name).toBe('a')
    expect(await world.one.tags.count()).toBe(2)
    expect(await world.three.tags.exists()).toBe(false)
    const one = await Article.with('tags').findOrFail(world.one.id)
    await expectQueries(0, async () => {
      expect(await one.tags.count()).toBe(2)
      expect((await one.tags.first())?.name).toBe('a')
      expect(await one.tags.exists()).toBe(true)
    })
    expect(await one.tags.where('name', 'b').pluck('name')).toEqual(['b'])
  })
  it('an orWhere stays inside', async () => {
    expect(names(await world.one.tags.where('name', 'a').orWhere('name', 'c'))).toEqual(['a'])
    expect(await world.one.related('tags').where('name', 'a').orWhere('name', 'c').count()).toBe(1)
  })
  it('updates and deletes the rows of the relation only', async () => {
    expect(await world.one.related('tags').where('name', 'b').update({ name: 'B' })).toBe(1)
    expect(await Tag.query().orderBy('id').pluck('name')).toEqual(['a', 'B', 'c'])
    expect(await world.two.related('tags').delete()).toBe(2)
    expect(await Tag.query().pluck('name')).toEqual(['a'])
    expect(names(await world.one.tags)).toEqual(['a'])
  })

  describe('conditions', () => {
    it('whereHas, whereDoesntHave, counts, both ways', async () => {
      const titles = (query: { pluck(key: 'title'): Promise<unknown[]> }) => query.pluck('title')
      expect(await titles(Article.query().whereHas('tags').orderBy('id'))).toEqual(['One', 'Two'])
      expect(await titles(Article.query().whereDoesntHave('tags'))).toEqual(['Three'])
      expect(await titles(Article.query().whereHas('tags', (q) => q.where('name', 'c')))).toEqual(['Two'])
      expect(await titles(Article.query().whereHas('tags', '=', 0))).toEqual(['Three'])
      expect(await titles(Article.query().whereHas('tags', '>=', 2).orderBy('id'))).toEqual(['One', 'Two'])
      expect(
        await titles(
          Article.query()
            .whereHas('tags', (q) => q.where('name', 'b'), '=', 1)
            .orderBy('id'),
        ),
      ).toEqual(['One', 'Two'])
      expect(await Tag.query().whereHas('articles', '>=', 2).pluck('name')).toEqual(['b'])
      expect(
        await Tag.query()
          .whereHas('articles.tags', (q) => q.where('name', 'a'))
          .orderBy('id')
          .pluck('name'),
      ).toEqual(['a', 'b'])
    })
    it('an orWhere in whereHas stays inside', async () => {
      const found = Article.query().whereHas('tags', (q) => q.where('name', 'a').orWhere('name', 'zzz'))
      expect(await found.pluck('title')).toEqual(['One'])
    })
    it('a path never multiplies rows', async () => {
      expect(await Article.where('tags.name', 'in', ['a', 'b', 'c']).count()).toBe(2)
      expect(await Article.where('tags.name', 'a').where('tags.name', 'b').pluck('title')).toEqual(['One'])
      expect(await Article.where({ 'tags.name': 'a', 'tags.id': world.b.id }).count()).toBe(0)
      expect(await Article.where('tags.articles.title', 'Two').orderBy('id').pluck('title')).toEqual(['One', 'Two'])
    })
    it('is not compared with an instance, nor sorted by, nor selected', async () => {
      expect(await expectRefusal(() => Article.where('tags' as never, world.a as never).get())).toBeInstanceOf(
        UsageError,
      )
      expect(
        await expectRefusal(() =>
          Article.query()
            .orderBy('tags.name' as never)
            .get(),
        ),
      ).toBeInstanceOf(Error)
      expect(
        await expectRefusal(() =>
          Article.query()
            .select('tags.name' as never)
            .get(),
        ),
      ).toBeInstanceOf(Error)
    })
  })

  it('a link goes with its row, and needs one', async () => {
    // the keys of the join table are foreign keys
    await expect(world.one.related('tags').attach(987654)).rejects.toBeInstanceOf(ForeignKeyViolationError)
    await Tag.query().whereKey(world.b.id).delete()
    const [one, two] = await Article.with('tags').orderBy('id')
    expect([names(one!.tags), names(two!.tags)]).toEqual([['a'], ['c']])
  })
  it('tells its tables', () => {
    expect(Article.tags.metadata).toEqual({
      name: 'tags',
      type: 'manyToMany',
      source: { model: 'Article', table: 'articles', columns: ['id'] },
      target: { model: 'Tag', table: 'tags', columns: ['id'] },
      through: { table: 'articles_tags', from: ['article_id'], to: ['tag_id'] },
      symmetrical: false,
      morph: null,
    })
    expect(Tag.articles.metadata?.through).toEqual({ table: 'articles_tags', from: ['tag_id'], to: ['article_id'] })
  })
  it('aggregates over it stand in expressions', async () => {
    const rows = await Article.query()
      .orderBy('id')
      .annotate({ tagCount: (c) => fn.count(c.tags), last: (c) => fn.max(c.tags.name) })
    expect(rows.map((row) => [row.tagCount, row.last])).toEqual([
      [2, 'b'],
      [2, 'c'],
      [0, null],
    ])
    const sums = await Tag.query()
      .orderBy('id')
      .annotate({ views: (c) => fn.sum(c.articles.views) })
    expect(sums.map((tag) => tag.views)).toEqual([10, 30, 20])
  })
  it('has an index for the side that its primary key does not begin with', async () => {
    class Knot extends Model({ name: Field.string() }, { table: 'pair_knots' }) {
      static cords = Relation.manyToMany(() => Cord)
    }
    class Cord extends Model({ name: Field.string() }, { table: 'pair_cords' }) {}
    const { events } = await recordQueries(() => database.db.createTables([Knot, Cord]))
    try {
      const indexes = events.flatMap(({ sql }) => /^create index [`"]?(\w+)/.exec(sql)?.[1] ?? [])
      expect(indexes).toEqual(['pair_cords_pair_knots_cord_id_index'])
    } finally {
      await database.db.dropTables([Knot, Cord])
    }
  })
})
