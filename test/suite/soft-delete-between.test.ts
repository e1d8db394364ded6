import { Field, Model, Relation } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Country extends Model({ name: Field.string() }) {
  static reports = Relation.hasManyThrough(() => Report, { through: () => Reporter })
}

class Reporter extends Model({
  name: Field.string(),
  countryId: Field.foreignKey(() => Country),
  deletedAt: Field.softDelete(),
}) {
  static badges = Relation.manyToMany(() => Badge, { through: () => Award })
}

class Report extends Model({ title: Field.string(), reporterId: Field.foreignKey(() => Reporter) }) {
  static country = Relation.hasOneThrough(() => Country, { through: () => Reporter })
  static topics = Relation.manyToMany(() => Topic, { through: () => Tagging })
}

class Topic extends Model({ name: Field.string() }) {
  static reports = Relation.manyToMany(() => Report, { through: () => Tagging })
}

class Tagging extends Model(
  {
    reportId: Field.foreignKey(() => Report, { primaryKey: true }),
    topicId: Field.foreignKey(() => Topic, { primaryKey: true }),
    kind: Field.string({ default: 'main' }),
    deletedAt: Field.softDelete(),
  },
  { globalScopes: { main: (q) => q.where('kind', 'main') } },
) {}

// a target without relations of its own
class Badge extends Model({ name: Field.string() }) {}

class Award extends Model(
  {
    reporterId: Field.foreignKey(() => Reporter, { primaryKey: true }),
    badgeId: Field.foreignKey(() => Badge, { primaryKey: true, onDelete: 'cascade' }),
    year: Field.integer({ default: 2026 }),
    deletedAt: Field.softDelete(),
  },
  { globalScopes: { thisYear: (q) => q.where('year', 2026) } },
) {}

class Remark extends Model({ body: Field.string(), ...Field.morphs('about') }) {
  static about = Relation.morphTo([() => Reporter, () => Report])
}

describeDatabases('rows that a join table hides', (database) => {
  database.useTables([Country, Reporter, Report, Topic, Tagging, Badge, Award, Remark])

  async function seed() {
    const france = await Country.create({ name: 'France' })
    const [ann, bob] = await Reporter.createMany([
      { name: 'Ann', countryId: france.id },
      { name: 'Bob', countryId: france.id },
    ])
    if (!ann || !bob) throw new Error('created')
    const [first, second] = await Report.createMany([
      { title: 'First', reporterId: ann.id },
      { title: 'Second', reporterId: bob.id },
    ])
    const [art, law] = await Topic.createMany([{ name: 'art' }, { name: 'law' }])
    if (!first || !second || !art || !law) throw new Error('created')
    await first.related('topics').attach([art, law])
    await second.related('topics').attach(art)
    return { france, ann, first, second, art, law }
  }
  let world: Awaited<ReturnType<typeof seed>>
  beforeEach(async () => {
    world = await seed()
  })

  it('a deleted row between leads nowhere', async () => {
    await world.ann.delete()
    const [france] = await Country.query().with('reports')
    expect(france?.reports.map(({ title }) => title)).toEqual(['Second'])
    expect(await world.france.related('reports').pluck('title')).toEqual(['Second'])
    expect(await Country.query().whereHas('reports', '=', 1).count()).toBe(1)
    expect(await Country.where('reports.title', 'First').count()).toBe(0)
    const reports = await Report.query().with('country').orderBy('id')
    expect(reports.map(({ country }) => country?.name ?? null)).toEqual([null, 'France'])
    expect(await Report.query().orderBy('id').pluck('country.name')).toEqual([null, 'France'])
    await world.ann.restore()
    expect(await Report.where('country.name', 'France').count()).toBe(2)
  })
  it('a morphTo to a deleted row leads nowhere', async () => {
    const { ann, first } = world
    await Remark.create({ body: 'of Ann', aboutId: ann.id, aboutType: 'Reporter' })
    await Remark.create({ body: 'of a report', aboutId: first.id, aboutType: 'Report' })
    expect(await Remark.where('about', null).count()).toBe(0)
    await ann.delete()
    expect(await Remark.where('about', null).pluck('body')).toEqual(['of Ann'])
    expect(await Remark.where('about', '!=', null).pluck('body')).toEqual(['of a report'])
    const remarks = await Remark.query().with('about').orderBy('id')
    expect(remarks.map(({ about }) => about?.id ?? null)).toEqual([null, first.id])
  })
  it('links that are deleted, or that a scope leaves out, are none', async () => {
    expect(await world.first.related('topics').detach(world.art)).toBe(1)
    expect(await Tagging.onlyTrashed().count()).toBe(1)
    const reports = await Report.query().with('topics').orderBy('id')
    expect(reports.map(({ topics }) => topics.map(({ name }) => name))).toEqual([['law'], ['art']])
    await world.second.related('topics').updatePivot(world.art, { kind: 'side' })
    expect(await world.second.related('topics').count()).toBe(0)
    expect(await Topic.query().whereHas('reports').pluck('name')).toEqual(['law'])
    expect(await Topic.query().withCount('reports').orderBy('id').pluck('reportsCount')).toEqual([0, 1])
  })

  it('links to a model without relations are left out as well', async () => {
    const { ann } = world
    const [gold, tin, old] = await Badge.createMany([{ name: 'gold' }, { name: 'tin' }, { name: 'old' }])
    if (!gold || !tin || !old) throw new Error('created')
    await Award.createMany([
      { reporterId: ann.id, badgeId: gold.id },
      { reporterId: ann.id, badgeId: tin.id },
      { reporterId: ann.id, badgeId: old.id, year: 1999 },
    ])
    await Award.where('badgeId', tin.id).delete()
    const names = (badges: Iterable<Badge>) => [...badges].map(({ name }) => name)
    expect(await ann.related('badges').count()).toBe(1)
    expect(names(await ann.related('badges').orderBy('name'))).toEqual(['gold'])
    expect(await ann.related('badges').pluck('name')).toEqual(['gold'])
    expect(names(await ann.badges)).toEqual(['gold'])
    expect(names((await Reporter.query().with('badges').findOrFail(ann.id)).badges)).toEqual(['gold'])
    expect(await Reporter.query().where('badges.name', 'tin').count()).toBe(0)
    expect(
      await Reporter.query()
        .whereHas('badges', (q) => q.where('name', 'old'))
        .count(),
    ).toBe(0)
    expect((await Reporter.query().withCount('badges').findOrFail(ann.id)).badgesCount).toBe(1)
    expect(await ann.related('badges').update({ name: 'won' })).toBe(1)
    expect(await ann.related('badges').delete()).toBe(1)
    expect(await Badge.query().orderBy('name').pluck('name')).toEqual(['old', 'tin'])
  })
})
