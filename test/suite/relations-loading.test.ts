import { Database, type QueryEvent, RelationNotLoadedError, sql, UsageError } from 'corm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import {
  Article,
  Country,
  Label,
  Person,
  Photo,
  Remark,
  relationModels,
  seedArticles,
  Tag,
} from '../support/relation-models.js'

describeDatabases('eager loading', (database) => {
  database.useTables(relationModels)
  let world: Awaited<ReturnType<typeof seedArticles>>
  beforeEach(async () => {
    world = await seedArticles()
    const { one, two, a, b, c, p, x, y } = world
    await Article.attachMany('tags', [
      [one, a, { position: 3 }],
      [one, b, { position: 2 }],
      [one, c, { position: 1 }],
      [two, c, { position: 1 }],
    ])
    await one.related('remarks').createMany([{ body: 'r1' }, { body: 'r2' }, { body: 'r3' }])
    await p.related('remarks').createMany([{ body: 'r4' }])
    await one.related('labels').attach([x, y])
    await p.related('labels').attach(x)
  })

  describe('costs one query a level', () => {
    it('whatever the number of rows', async () => {
      const load = (ids: number[]) =>
        Article.with('author.country', 'tags.articles', 'remarks.person', 'labels.photos', 'cover', 'country').whereKey(
          ids,
        )
      await expectQueries(1, () => load([]))
      // cover and the people of remarks are none: what has no parents or keys is not asked
      const ids = [world.one.id, world.two.id, world.three.id]
      // levels are asked at once only where all texts are known to be short: then one of those without parents is asked too
      for (const some of [ids.slice(0, 1), ids])
        await expectQueries({ apart: 10, together: 9, atOnce: [10, 11] }, () => load(some))
      const rows = await Article.insertMany(
        Array.from({ length: 1500 }, (_, n) => ({
          title: `many ${n}`,
          personId: n % 2 === 0 ? world.ann.id : world.bob.id,
        })),
      )
      expect(rows).toBe(1500)
      const many = await Article.where('title', 'like', 'many %').pluck('id')
      await Article.attachMany(
        'tags',
        many.map((id) => [id, world.a.id] as const),
      )
      const found = await expectQueries({ apart: 6, together: 5 }, () =>
        Article.with('author.country', 'tags', 'labels', 'cover').where('title', 'like', 'many %').orderBy('id'),
      )
      expect(found).toHaveLength(1500)
      expect(found.every((article) => article.tags.length === 1 && article.tags[0]!.id === world.a.id)).toBe(true)
      expect(found.map((article) => article.author?.country?.name)).toEqual(
        found.map((_, n) => (n % 2 === 0 ? 'France' : 'Peru')),
      )
      expect(found.every((article) => article.cover === null && article.labels.length === 0)).toBe(true)
    })
    it('with more keys than one statement may list, in as few as it takes', async () => {
      await Person.insertMany(Array.from({ length: 1500 }, (_, n) => ({ name: `p${n}` })))
      const ids = await Person.where('name', 'like', 'p%').orderBy('id').pluck('id')
      await Passportless(ids)
      const people = await expectQueries({ apart: 3, together: 2 }, () =>
        Person.with('articles', 'portrait').where('name', 'like', 'p%').orderBy('id'),
      )
      expect(people.map((person) => person.articles.map((article) => article.personId))).toEqual(ids.map((id) => [id]))
    })
    it('keys are listed once', async () => {
      await Article.insertMany(Array.from({ length: 50 }, () => ({ title: 'same', personId: world.ann.id })))
      const { events } = await recordQueries(() => Article.with('author').where('title', 'same'))
      const [, authors] = events as [QueryEvent, QueryEvent]
      expect(authors.parameters).toHaveLength(1)
    })
    it('siblings run side by side where there are several connections', async () => {
      // one connection runs one statement at a time
      if (!database.facts.concurrent) return void (await expectQueries(3, () => Article.with('author', 'tags')))
      const started: number[] = []
      const stop = database.db.on('query', (event) => started.push(event.duration))
      const before = performance.now()
      const slow = () => (q: any) =>
        q.whereRaw(database.kind === 'mysql' ? sql`sleep(0.2) = 0` : sql`pg_sleep(0.2) is not null`)
      await Article.with({ author: slow(), cover: slow(), country: slow() } as never).where('title', 'One')
      stop()
      expect(started).toHaveLength(4)
      expect(performance.now() - before).toBeLessThan(started.reduce((sum, each) => sum + each, 0))
    })
    it('siblings run in turn inside a transaction', async () => {
      const found = await Article.with('author', 'tags', 'remarks', 'labels').orderBy('id')
      expect(found[0]!.tags).toHaveLength(3)
      await database.db.transaction(async () => {
        const inside = await expectQueries({ apart: 5, together: 4 }, () =>
          Article.with('author', 'tags', 'remarks', 'labels').orderBy('id'),
        )
        expect(inside.map((article) => [article.author?.name, article.tags.length, article.remarks.length])).toEqual([
          ['Ann', 3, 3],
          ['Ann', 1, 0],
          ['Bob', 0, 0],
        ])
      })
    })
  })

  it('goes to any depth', async () => {
    const [country] = await expectQueries({ apart: 6, together: 4 }, () =>
      Country.with('people.articles.tags.articles.author').orderBy('id'),
    )
    const author = country!.people[0]!.articles[0]!.tags[0]!.articles[0]!.author
    expect(author?.name).toBe('Ann')
  })
  it('paths that share their beginning load it once', async () => {
    await expectQueries(4, () => Article.with('tags.articles', 'tags', 'tags.articles.author').orderBy('id'))
  })

  describe('with a callback', () => {
    it('narrows, and an orWhere in it does not leak', async () => {
      const articles = await Article.with({
        tags: (q) => q.where('name', 'a').orWhere('name', 'b'),
        remarks: (q) => q.where('body', 'r1').orWhere('body', 'r4'),
      }).orderBy('id')
      expect(
        articles.map((article) => [article.tags.map((tag) => tag.name).sort(), article.remarks.map((r) => r.body)]),
      ).toEqual([
        [['a', 'b'], ['r1']],
        [[], []],
        [[], []],
      ])
      const photos = await Photo.with({ remarks: (q) => q.where('body', 'r1').orWhere('body', 'r4') }).orderBy('id')
      expect(photos.map((photo) => photo.remarks.map((remark) => remark.body))).toEqual([['r4'], []])
      const one = await Article.with({ author: (q) => q.where('name', 'Bob').orWhere('name', 'Cat') }).orderBy('id')
      expect(one.map((article) => article.author?.name ?? null)).toEqual([null, null, 'Bob'])
    })
    it('limits and skips for each parent, every kind', async () => {
      await Article.attachMany('tags', [
        [world.two, world.a, { position: 9 }],
        [world.two, world.b, { position: 8 }],
      ])
      const names = (rows: readonly { tags: readonly { name: string }[] }[]) =>
        rows.map((row) => row.tags.map((tag) => tag.name))
      const first = await expectQueries(2, () =>
        Article.with({ tags: (q) => q.orderBy('name').limit(2) }).orderBy('id'),
      )
      expect(names(first)).toEqual([['a', 'b'], ['a', 'b'], []])
      expect(names(await Article.with({ tags: (q) => q.orderBy('name').limit(2).offset(1) }).orderBy('id'))).toEqual([
        ['b', 'c'],
        ['b', 'c'],
        [],
      ])
      expect(names(await Article.with({ tags: (q) => q.orderBy('pivot.position').limit(1) }).orderBy('id'))).toEqual([
        ['c'],
        ['c'],
        [],
      ])
      expect(names(await Article.with({ tags: (q) => q.orderBy('-name').offset(2) }).orderBy('id'))).toEqual([
        ['a'],
        ['a'],
        [],
      ])
      const remarks = await Article.with({ remarks: (q) => q.orderBy('-id').limit(2) }).orderBy('id')
      expect(remarks.map((article) => article.remarks.map((remark) => remark.body))).toEqual([['r3', 'r2'], [], []])
      const labels = await Label.with({ articles: (q) => q.limit(1), photos: (q) => q.limit(1) }).orderBy('id')
      expect(labels.map((label) => [label.articles.length, label.photos.length])).toEqual([
        [1, 1],
        [1, 0],
      ])
      const none = await Article.with({ tags: (q) => q.limit(0) }).orderBy('id')
      expect(names(none)).toEqual([[], [], []])
      expect((await first[0]!.tags.first())?.pivot.position).toBe(3)
    })
    it('limits below a limit', async () => {
      const people = await Person.with({
        articles: (q) =>
          q
            .orderBy('-views')
            .limit(1)
            .with({ tags: (t) => t.orderBy('name').limit(1) }),
      }).orderBy('id')
      expect(
        people.map((person) => person.articles.map((article) => [article.title, article.tags.map((tag) => tag.name)])),
      ).toEqual([[['Two', ['c']]], [['Three', []]], []])
    })
    it('selects without the key, which is loaded besides', async () => {
      const [one] = await Article.with({
        tags: (q) => q.select('name'),
        remarks: (q) => q.select('body'),
        author: (q) => q.select('name'),
        cover: (q) => q.select('url'),
      }).orderBy('id')
      expect(one!.tags.map((tag) => tag.name).sort()).toEqual(['a', 'b', 'c'])
      expect(one!.tags[0]!.pivot).toMatchObject({ articleId: world.one.id })
      expect(one!.remarks.map((remark) => remark.body).sort()).toEqual(['r1', 'r2', 'r3'])
      expect(one!.author?.name).toBe('Ann')
    })
    it('of a parent that selects without its keys', async () => {
      const [one] = await Article.query().select('title').with('author', 'tags', 'remarks', 'country').orderBy('id')
      expect([one!.author?.name, one!.tags.length, one!.remarks.length, one!.country?.name]).toEqual([
        'Ann',
        3,
        3,
        'France',
      ])
      const remarks = await Remark.query().select('body').with('remarkable').orderBy('id')
      expect(remarks.map((remark) => remark.remarkable instanceof Article)).toEqual([true, true, true, false])
    })
    it('adds values, and must give back its query', async () => {
      const [one] = (await Article.with({
        tags: (q) => q.annotate({ loud: (c) => c.name.upper() }).orderBy('id'),
      }).orderBy('id')) as any[]
      expect(one.tags.map((tag: any) => [tag.loud, tag.pivot.position])).toEqual([
        ['A', 3],
        ['B', 2],
        ['C', 1],
      ])
      for (const wrong of [() => undefined, () => Tag.query(), () => 5])
        await expect(Article.with({ tags: wrong as never }).get()).rejects.toBeInstanceOf(UsageError)
      expect(await expectRefusal(() => Article.with({ tags: 5 as never }).get())).toBeInstanceOf(UsageError)
      expect(await expectRefusal(() => Article.with('tags', { author: true } as never).get())).toBeInstanceOf(
        UsageError,
      )
    })
  })

  describe('load()', () => {
    it('works on instances from anywhere', async () => {
      const created = await Article.create({ title: 'New', personId: world.ann.id })
      expect((await created.load('author', 'tags')).author?.name).toBe('Ann')
      expect(created.tags).toEqual([])
      const found = await Article.findOrFail(world.one.id)
      await expectQueries(2, () => found.load('tags', 'labels'))
      const loaded = await expectQueries(1, () => found.load('tags.articles'))
      expect(loaded.tags[0]!.articles.length).toBeGreaterThan(0)
      const [raw] = await Article.raw(sql`select * from ${sql.id('articles')} where ${sql.id('id')} = ${world.one.id}`)
      expect((await raw!.load('tags', 'remarks')).tags).toHaveLength(3)
      const ref = Article.ref(world.one.id)
      expect((await ref.load('tags')).tags).toHaveLength(3)
      expect((await Article.ref(world.one.id).tags).length).toBe(3)
      const many = await Article.findMany([world.two.id, world.one.id])
      expect((await many[1]!.load('remarks')).remarks).toHaveLength(3)
      const remark = await Remark.where('body', 'r4').sole()
      expect((await remark.load('remarkable')).remarkable).toMatchObject({ url: 'p.png' })
    })
    it('refuses what it does not know', async () => {
      expect((await expectRefusal(() => world.one.load('tag' as never))).message).toContain('tags')
      expect(await expectRefusal(() => Article.with('tags.nothing' as never).get())).toBeInstanceOf(Error)
    })
    it('keeps the existing rows, and goes on from them', async () => {
      const remark = await Remark.with('remarkable').where('body', 'r1').sole()
      const article = remark.remarkable
      await expectQueries(2, () => remark.load('remarkable.author' as never, 'remarkable.labels'))
      expect(remark.remarkable).toBe(article)
      expect((article as any).author.name).toBe('Ann')
      const one = await Article.with('tags').findOrFail(world.one.id)
      const [tag] = one.tags
      await expectQueries(1, () => one.load('tags', 'tags.articles'))
      expect(one.tags[0]).toBe(tag)
      await expectQueries(0, () => one.load('tags.articles'))
      await expectQueries(1, () => (one as any).load({ tags: (q: any) => q.where('name', 'b') }))
      expect(one.tags.map((each) => each.name)).toEqual(['b'])
    })
  })

  it('find, first, pages, streams and batches load as well', async () => {
    expect((await Article.with('tags').findOrFail(world.one.id)).tags).toHaveLength(3)
    expect((await Article.with('tags').orderBy('id').first())?.tags).toHaveLength(3)
    const page = await Article.with('tags').orderBy('id').paginate({ page: 1, size: 2 })
    expect(page.items.map((article) => article.tags.length)).toEqual([3, 1])
    const counts: number[] = []
    for await (const article of Article.with('tags').orderBy('id').stream({ chunkSize: 2 }))
      counts.push(article.tags.length)
    expect(counts).toEqual([3, 1, 0])
  })
  it('a loaded graph is written with what is loaded', async () => {
    const [one] = await Article.with('author', 'labels').orderBy('id')
    const json = JSON.parse(JSON.stringify(one))
    expect(Object.keys(json).sort()).toEqual(['author', 'id', 'labels', 'personId', 'title', 'views'])
    expect(json.labels[0].pivot).toMatchObject({ weight: 1, labelableType: 'Article' })
    const remarks = await Remark.with('remarkable').orderBy('id')
    expect(JSON.parse(JSON.stringify(remarks))[3].remarkable).toMatchObject({ url: 'p.png' })
    expect(one!.toObject()).toMatchObject({ author: { name: 'Ann' }, labels: [{ pivot: { weight: 1 } }, {}] })
  })
  it('what is not loaded says so', async () => {
    const [one] = await Article.with('tags').orderBy('id')
    expect(() => (one!.remarks as any).length).toThrow(RelationNotLoadedError)
    expect(() => (one!.tags[0] as any).articles[0].title).toThrow(TypeError)
    expect(() => (one!.cover as any).url).toThrow(/"Article\.cover".*with\('cover'\)/)
  })

  const Passportless = (ids: readonly number[]) => Article.insertMany(ids.map((personId) => ({ title: 'x', personId })))

  describe('maxRows', () => {
    afterEach(() => Database.configure({ maxRows: undefined }))
    it('holds for each query, and is lifted for relations too where every row is meant', async () => {
      Database.configure({ maxRows: 3 })
      const read = (query: any) => query.with('tags.articles', 'remarks').orderBy('id')
      const count = ({ tags }: any) => tags.length
      const all = await read(Article.query().all())
      expect(all.map(count).sort()).toEqual([0, 1, 3])
      expect(all.flatMap(({ tags }: any) => tags.flatMap((tag: any) => tag.articles)).length).toBeGreaterThan(3)
      const streamed: unknown[] = []
      for await (const article of read(Article.query()).stream()) streamed.push(count(article))
      expect(streamed).toEqual(all.map(count))
      await expect(read(Article.query())).rejects.toThrow('more than 3 rows')
      await expect(read(Article.query()).cursorPaginate({ size: 3 })).rejects.toThrow('more than 3 rows')
    })
  })
})
