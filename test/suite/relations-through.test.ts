import { fn } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { expectQueries, expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { Article, Country, Passport, Person, relationModels, seedArticles } from '../support/relation-models.js'

describeDatabases('hasOneThrough and hasManyThrough', (database) => {
  database.useTables(relationModels)
  let world: Awaited<ReturnType<typeof seedArticles>>
  beforeEach(async () => {
    world = await seedArticles()
    const { ann, bob, cat } = world
    await Passport.createMany([
      { number: 'A2', personId: ann.id },
      { number: 'A1', personId: ann.id },
      { number: 'B1', personId: bob.id },
      { number: 'C1', personId: cat.id },
    ])
  })

  const titles = (articles: readonly { title: string }[]) => articles.map((article) => article.title).sort()

  it('hasManyThrough leads to the rows of rows', async () => {
    expect(titles(await world.france.articles)).toEqual(['One', 'Two'])
    const countries = await expectQueries({ apart: 2, together: 1 }, () => Country.with('articles').orderBy('id'))
    expect(countries.map((country) => titles(country.articles))).toEqual([['One', 'Two'], ['Three']])
    expect(await world.france.articles.where('views', '>', 10).pluck('title')).toEqual(['Two'])
    expect(await world.peru.articles.count()).toBe(1)
  })
  it('its rows have no pivot and nothing else that the query did not ask for', async () => {
    const [country] = await Country.with('articles').orderBy('id')
    const [article] = country!.articles
    expect(Object.keys(article!)).toEqual(['id', 'title', 'views', 'personId'])
    expect(article!.toJSON()).toEqual({
      id: article!.id,
      title: article!.title,
      views: article!.views,
      personId: article!.personId,
    })
  })
  it('hasOneThrough goes either way, the first by key where there are several', async () => {
    const countries = await Country.with('passport').orderBy('id')
    expect(countries.map((country) => country.passport?.number)).toEqual(['A2', 'B1'])
    expect((await world.france.passport)?.number).toBe('A2')
    const articles = await expectQueries(2, () => Article.with('country').orderBy('id'))
    expect(articles.map((article) => article.country?.name)).toEqual(['France', 'France', 'Peru'])
    expect((await world.three.country)?.name).toBe('Peru')
    const passports = await Passport.with('country').orderBy('id')
    expect(passports.map((passport) => passport.country?.name)).toEqual(['France', 'France', 'Peru', undefined])
  })
  it('leads nowhere where a key between is null', async () => {
    const orphan = await Article.create({ title: 'Orphan' })
    expect(await orphan.country).toBeNull()
    expect((await Article.with('country').findOrFail(orphan.id)).country).toBeNull()
    await Person.query().whereKey(world.bob.id).update({ countryId: null })
    expect((await Country.with('articles').findOrFail(world.peru.id)).articles).toEqual([])
    expect(await (await Article.findOrFail(world.three.id)).country).toBeNull()
  })
  it('stands in conditions', async () => {
    const names = (query: { pluck(key: 'name'): Promise<string[]> }) => query.pluck('name')
    expect(await names(Country.query().whereHas('articles', '>=', 2))).toEqual(['France'])
    expect(await names(Country.query().whereHas('articles', (q) => q.where('views', 30)))).toEqual(['Peru'])
    expect(await names(Country.where('articles.title', 'One'))).toEqual(['France'])
    expect(await names(Country.where('passport.number', 'A2'))).toEqual(['France'])
    expect(await Article.where('country.name', 'France').orderBy('id').pluck('title')).toEqual(['One', 'Two'])
    expect(await Article.where('country', world.peru).pluck('title')).toEqual(['Three'])
    await Article.create({ title: 'Orphan' })
    expect(await Article.where('country', null).pluck('title')).toEqual(['Orphan'])
    expect(await Article.where('country', '!=', null).count()).toBe(3)
    expect(await Article.where('country', 'in', [world.peru, world.france]).count()).toBe(3)
  })
  it('of several rows, paths and orders mean the first by key, and rows never multiply', async () => {
    expect(await Country.query().orderBy('-passport.number').pluck('name')).toEqual(['Peru', 'France'])
    expect(await Country.query().orderBy('passport.number').values('name', 'passport.number')).toEqual([
      { name: 'France', 'passport.number': 'A2' },
      { name: 'Peru', 'passport.number': 'B1' },
    ])
    // a condition on a to-one path is on that same row
    expect(await Country.where('passport.number', 'A1').count()).toBe(0)
    expect(await Person.query().orderBy('passport.number').pluck('name')).toEqual(['Ann', 'Bob', 'Cat'])
    expect(await Person.where('passport.number', 'in', ['A1', 'A2']).count()).toBe(1)
  })
  it('limits are per parent', async () => {
    const countries = await expectQueries(2, () =>
      Country.with({ articles: (q) => q.orderBy('-views').limit(1) }).orderBy('id'),
    )
    expect(countries.map((country) => titles(country.articles))).toEqual([['Two'], ['Three']])
    const second = await Country.with({ articles: (q) => q.orderBy('-views').limit(1).offset(1) }).orderBy('id')
    expect(second.map((country) => titles(country.articles))).toEqual([['One'], []])
  })
  it('aggregates go through it', async () => {
    const countries = await Country.query()
      .orderBy('id')
      .annotate({ written: (c) => fn.count(c.articles), views: (c) => fn.sum(c.articles.views) })
    expect(countries.map((country) => [country.written, country.views])).toEqual([
      [2, 30],
      [1, 30],
    ])
  })
  it('can be asked, updated and deleted, and links nothing', async () => {
    expect(await world.france.related('articles').where('title', 'One').update({ views: 99 })).toBe(1)
    expect(await Article.where('views', 99).pluck('title')).toEqual(['One'])
    expect(await world.france.related('articles').delete()).toBe(2)
    expect(await Article.query().pluck('title')).toEqual(['Three'])
    expect('attach' in world.peru.related('articles')).toBe(false)
    expect((await expectRefusal(() => Country.attachMany('articles' as never, [] as never))).message).toContain(
      'articles',
    )
  })
  it('tells the join table', () => {
    expect(Country.articles.metadata).toMatchObject({
      type: 'hasManyThrough',
      through: { table: 'people', from: ['country_id'], to: ['id'] },
      target: { columns: ['person_id'] },
    })
    expect(Article.country.metadata).toMatchObject({
      source: { columns: ['person_id'] },
      through: { table: 'people', from: ['id'], to: ['country_id'] },
    })
  })
})
