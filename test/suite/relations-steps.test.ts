import { fn, UsageError } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { Article, Country, relationModels, seedArticles, Tag } from '../support/relation-models.js'

describeDatabases('steps over the rows of a relation', (database) => {
  database.useTables(relationModels)
  let world: Awaited<ReturnType<typeof seedArticles>>
  beforeEach(async () => {
    world = await seedArticles()
    const { one, two, a, b, c } = world
    await one.related('tags').attach([
      [a, { position: 3 }],
      [b, { position: 2 }],
      [c, { position: 1 }],
    ])
    await two.related('tags').attach(a)
  })

  const tags = () => world.one.related('tags')
  const shown = (rows: readonly { name: string; pivot?: { position: number } }[]) =>
    rows.map((row) => [row.name, row.pivot?.position])

  it('pages, streams and batches have their pivots', async () => {
    const page = await tags().orderBy('name').paginate({ page: 2, size: 2 })
    expect([page.total, shown(page.items)]).toEqual([3, [['c', 1]]])
    const first = await tags().orderBy('name').cursorPaginate({ size: 2 })
    const second = await tags()
      .orderBy('name')
      .cursorPaginate({ size: 2, after: first.nextCursor as string })
    expect([shown(first.items), shown(second.items)]).toEqual([
      [
        ['a', 3],
        ['b', 2],
      ],
      [['c', 1]],
    ])
    const streamed: unknown[] = []
    for await (const tag of tags().orderBy('id').stream({ chunkSize: 2 })) streamed.push(...shown([tag]))
    expect(streamed).toEqual([
      ['a', 3],
      ['b', 2],
      ['c', 1],
    ])
    const sizes: number[] = []
    for await (const batch of tags().batches(2)) sizes.push(batch.length)
    expect(sizes).toEqual([2, 1])
  })
  it('values and aggregates may be of pivots', async () => {
    const loose = tags() as any
    expect(await loose.orderBy('id').values('name', 'pivot.position')).toEqual([
      { name: 'a', 'pivot.position': 3 },
      { name: 'b', 'pivot.position': 2 },
      { name: 'c', 'pivot.position': 1 },
    ])
    expect((await loose.pluck('pivot.position')).sort()).toEqual([1, 2, 3])
    expect([await loose.sum('pivot.position'), await loose.max('pivot.position')]).toEqual([6, 3])
    expect(await tags().aggregate({ rows: fn.count() })).toEqual({ rows: 3 })
    const counted = await tags()
      .annotate({ uses: (c) => fn.count(c.articles) })
      .orderBy('id')
    expect(counted.map((tag) => [tag.name, tag.uses, tag.pivot.position])).toEqual([
      ['a', 2, 3],
      ['b', 1, 2],
      ['c', 1, 1],
    ])
  })
  it('a key of another row is not found', async () => {
    expect((await tags().find(world.b.id))?.pivot.position).toBe(2)
    const other = await Tag.create({ name: 'other' })
    expect(await tags().find(other.id)).toBeNull()
    await expect(tags().findOrFail(other.id)).rejects.toThrow()
  })
  it('unions and subqueries', async () => {
    const both = await tags().union(world.two.related('tags'))
    expect(shown(both).sort()).toEqual([
      ['a', 0],
      ['a', 3],
      ['b', 2],
      ['c', 1],
    ])
    expect(await Tag.query().whereIn('id', world.two.related('tags').select('id')).pluck('name')).toEqual(['a'])
  })
  it('a union in a callback is of the rows of each owner', async () => {
    const union = (q: any) => q.where('name', 'a').union(q.where('name', 'c')).orderBy('name')
    const articles = (await Article.with({ tags: union } as never).orderBy('id')) as any[]
    const names = (list: any[], column = 'name') => list.map((row) => row[column])
    for (const article of articles) {
      const all = names(await article.related('tags').orderBy('name'))
      expect(names(article.tags)).toEqual(all.filter((name) => name !== 'b'))
    }
    expect(articles.some(({ tags }) => tags.length === 2)).toBe(true)
    const other = (q: any) => q.where('title', 'One').union(q.where('title', 'Three')).orderBy('title')
    const countries = (await Country.with({ articles: other } as never).orderBy('id')) as any[]
    for (const country of countries) {
      const all = names(await country.related('articles').orderBy('title'), 'title')
      expect(names(country.articles, 'title')).toEqual(all.filter((title) => title === 'One' || title === 'Three'))
    }
    const cut = (q: any) => union(q).limit(1)
    await expect(Article.with({ tags: cut } as never).get()).rejects.toThrow('has a union and a limit')
    const outside = (q: any) => q.union(Tag.where('name', 'b'))
    await expect(Article.with({ tags: outside } as never).get()).rejects.toThrow(UsageError)
  })
  it('writes by a path to many', async () => {
    expect(await Article.where('tags.name', 'a').update({ views: 1 })).toBe(2)
    expect(await Country.where('articles.title', 'Three').update({ name: 'Chile' })).toBe(1)
    expect(await Article.where('labels.name', 'x').delete()).toBe(0)
    expect(await Article.query().whereDoesntHave('tags').delete()).toBe(1)
    expect(await Article.count()).toBe(2)
  })
  it('rows go on as instances', async () => {
    const tag = await tags().where('name', 'a').sole()
    tag.name = 'A'
    await tag.save()
    await tag.refresh()
    expect([tag.name, tag.pivot.position, tag.isDirty()]).toEqual(['A', 3, false])
    await tag.delete()
    expect(await tags().count()).toBe(2)
  })
  it('a cursor goes on in the order of a field of the join table', async () => {
    const query = tags().orderBy('-pivot.position')
    const all = (await query).map((tag) => tag.name)
    const first = await query.cursorPaginate({ size: 1 })
    const rest = await query.cursorPaginate({ size: 100, after: first.nextCursor as string })
    expect([...first.items, ...rest.items].map((tag) => tag.name)).toEqual(all)
    expect(all.length).toBeGreaterThan(1)
  })
})
