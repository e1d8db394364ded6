import { Field, Model, Relation } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectQueries, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { Article, Country, Person, relationModels, seedArticles, Tag } from '../support/relation-models.js'

// Outside of transactions some databases are sent the queries of several levels at once. What is loaded is the same.

class Folder extends Model({
  name: Field.string({ max: 40 }),
  rank: Field.integer({ default: 0 }),
  parentId: Field.foreignKey(() => Folder, { nullable: true, onDelete: 'setNull' }),
  deletedAt: Field.softDelete(),
}) {
  static parent = Relation.belongsTo(() => Folder, { foreignKey: 'parentId' })
  static folders = Relation.hasMany(() => Folder, { foreignKey: 'parentId' })
}

let hides = false

class Drawer extends Model({ name: Field.string({ max: 40 }) }) {
  static sheets = Relation.hasMany(() => Sheet)
}

class Sheet extends Model(
  {
    text: Field.string({ max: 40 }),
    secret: Field.boolean({ default: false }),
    drawerId: Field.foreignKey(() => Drawer, { onDelete: 'cascade' }),
  },
  { globalScopes: { shown: (q) => (hides ? q.where('secret', false) : q) } },
) {
  static drawer = Relation.belongsTo(() => Drawer)
}

class Shelf extends Model({
  hall: Field.integer({ primaryKey: true }),
  place: Field.integer({ primaryKey: true }),
  name: Field.string({ max: 40 }),
}) {
  static volumes = Relation.hasMany(() => Volume, { foreignKey: ['shelfHall', 'shelfPlace'] })
}

class Volume extends Model({
  title: Field.string({ max: 40 }),
  shelfHall: Field.integer({ nullable: true }),
  shelfPlace: Field.integer({ nullable: true }),
}) {
  static shelf = Relation.belongsTo(() => Shelf, { foreignKey: ['shelfHall', 'shelfPlace'] })
}

describeDatabases('relations and the rows they belong to', (database) => {
  database.useTables([...relationModels, Folder, Shelf, Volume, Drawer, Sheet])
  let world: Awaited<ReturnType<typeof seedArticles>>
  beforeEach(async () => {
    world = await seedArticles()
    const { one, two, a, b, c, p, x } = world
    await Article.attachMany('tags', [
      [one, a, { position: 3 }],
      [one, b, { position: 2 }],
      [two, c, { position: 1 }],
    ])
    await one.related('remarks').createMany([{ body: 'r1', personId: world.ann.id }, { body: 'r2' }])
    await one.related('labels').attach(x)
    await p.related('labels').attach(x)
    await world.ann.related('friends').attach(world.bob)
    await Folder.createMany(['a', 'b', 'c', 'd', 'e', 'f'].map((name, n) => ({ name, rank: n % 2 })))
    const ids = await Folder.query().orderBy('id').pluck('id')
    for (const [n, id] of ids.entries())
      await Folder.query()
        .whereKey(id)
        .update({ parentId: ids[Math.floor(n / 2)] ?? null })
    await Folder.where('name', 'd').delete()
    await Shelf.createMany([1, 2].flatMap((hall) => [1, 2].map((place) => ({ hall, place, name: `${hall}.${place}` }))))
    await Volume.createMany(
      [
        [1, 1],
        [1, 2],
        [2, 1],
        [null, 1],
      ].map(([shelfHall, shelfPlace], n) => ({ title: `v${n}`, shelfHall, shelfPlace })),
    )
  })

  // a transaction may see less at once: there, each level waits for the one above it
  const expectSame = async (read: () => PromiseLike<unknown>) => {
    const outside = await read()
    const inside = await database.db.transaction(async () => read())
    expect(JSON.parse(JSON.stringify(outside))).toEqual(JSON.parse(JSON.stringify(inside)))
    return outside
  }

  describe('are the same wherever they are read', () => {
    it('of all rows, of rows by key, and of pages', async () => {
      const { one, two, three } = world
      const deep = () => Article.with('author.country.people', 'tags.articles.author', 'remarks.person', 'cover')
      await expectSame(() => deep().orderBy('id'))
      await expectSame(() => deep().find(one.id))
      await expectSame(() => deep().find(one.id + 1000))
      await expectSame(() => deep().whereKey([two.id, three.id]).orderBy('id'))
      await expectSame(() => deep().orderBy('id', 'desc').limit(2).offset(1))
      await expectSame(() => deep().orderBy('title').limit(2))
      await expectSame(() => deep().where('views', '>', 10).orderBy('id'))
      await expectSame(() => deep().where('views', '>', 10).orWhere('title', 'One').orderBy('id'))
      await expectSame(() => deep().whereKey(one.id).where('views', '>', 1000))
      await expectSame(() => deep().whereNot('id', one.id).orderBy('id'))
    })
    it('of every kind, and narrowed by callbacks', async () => {
      await expectSame(() => Country.with('people.articles.tags', 'articles', 'passport').orderBy('id'))
      await expectSame(() => Person.with('friends.friends', 'follows', 'portrait.imageable', 'country').orderBy('id'))
      await expectSame(() => Tag.with({ articles: (q) => q.orderBy('views', 'desc').limit(1) }).orderBy('id'))
      await expectSame(() =>
        Person.with({ articles: (q) => q.where('views', '>', 10).with('tags', 'labels.photos') }).orderBy('id'),
      )
      await expectSame(() =>
        Person.with({ articles: (q) => q.select('id', 'title').orderBy('title').limit(1).with('tags') }).orderBy('id'),
      )
      await expectSame(() => Shelf.with('volumes.shelf').orderBy('hall').orderBy('place'))
      await expectSame(() => Volume.with('shelf.volumes').orderBy('id'))
    })
    it('of rows of one table below each other, without the deleted ones', async () => {
      const [first] = (await expectSame(() => Folder.with('folders.folders.folders').orderBy('id'))) as {
        folders: { name: string; folders: { name: string }[] }[]
      }[]
      expect(first?.folders.map(({ name }) => name)).toEqual(['a', 'b'])
      expect(first?.folders[1]?.folders.map(({ name }) => name)).toEqual(['c'])
      await expectSame(() => Folder.with('parent.parent').withTrashed().orderBy('id'))
      await expectSame(() => Folder.with('folders').onlyTrashed())
      await expectSame(() => Folder.with({ folders: (q) => q.withTrashed() }).orderBy('id'))
    })
  })

  it('are those that the global scopes leave, each time', async () => {
    const drawer = await Drawer.create({ name: 'top' })
    await Sheet.createMany([
      { text: 'a', drawerId: drawer.id },
      { text: 'b', secret: true, drawerId: drawer.id },
    ])
    const texts = async () => {
      const [read] = await Drawer.with('sheets.drawer.sheets')
      return read?.sheets.map((sheet) => [sheet.text, sheet.drawer?.sheets.length])
    }
    for (hides of [false, true, false, true]) {
      const seen = hides
        ? [['a', 1]]
        : [
            ['a', 2],
            ['b', 2],
          ]
      expect((await texts())?.sort()).toEqual(seen)
    }
    hides = false
  })

  it('are of one and the same rows, whichever those are', async () => {
    const { ann } = world
    await Article.insertMany(Array.from({ length: 40 }, (_, n) => ({ title: `t${n}`, personId: ann.id })))
    for (let round = 0; round < 5; round++) {
      const some = await Article.with('author').where('title', 'like', 't%').random(5)
      expect(some.map((article) => article.author?.name)).toEqual(Array.from({ length: 5 }, () => 'Ann'))
    }
    const people = await Person.with('articles').orderBy('name').limit(1)
    expect(people.map((person) => person.articles.length)).toEqual([42])
  })

  describe('found by keys', () => {
    const seed = async (ids: readonly number[]) => {
      await Person.query().all().delete()
      await Person.insertMany(ids.map((id) => ({ id, name: `p${id}` })))
      // each has as many articles as its number says; one belongs to nobody
      const owned = ids.flatMap((id) =>
        Array.from({ length: Math.abs(id) % 5 }, () => ({ title: `t${id}`, personId: id })),
      )
      await Article.insertMany([...owned, { title: 'loose' }])
    }
    const counts = async (ids: readonly number[]) => {
      const { events, result } = await recordQueries(() =>
        Person.with('articles')
          .whereIn(
            'name',
            ids.map((id) => `p${id}`),
          )
          .orderBy('id'),
      )
      const people = result as unknown as { id: number; articles: { title: string }[] }[]
      expect(people.map(({ id, articles }) => [id, articles.length])).toEqual(ids.map((id) => [id, Math.abs(id) % 5]))
      expect(people.every(({ id, articles }) => articles.every(({ title }) => title === `t${id}`))).toBe(true)
      return events.at(-1)?.sql ?? ''
    }
    const all = Array.from({ length: 30 }, (_, n) => n - 6)
    const isRange = () => database.capabilities.keyRange > 0

    it('without a gap, from below zero on, and with gaps that others are in', async () => {
      await seed(all)
      const whole = await counts(all)
      expect(whole.includes(' between ')).toBe(isRange())
      expect((await counts(all.slice(3, 9))).includes(' between ')).toBe(isRange())
      expect(await counts(all.filter((id) => id !== 7))).not.toContain(' between ')
      expect(await counts([all[2] as number, all[9] as number])).not.toContain(' between ')
      expect(await counts(all.slice(4, 5))).not.toContain(' between ')
    })
    it('in a transaction, one by one', async () => {
      await seed(all)
      await database.db.transaction(async () => {
        expect(await counts(all)).not.toContain(' between ')
      })
    })
    it('the same way to rows that many share', async () => {
      const { ann, one, two, three, a, b, c } = world
      await Article.attachMany('tags', [[three, a]])
      const articles = await Article.with('tags', 'author').where('views', '>', 0).orderBy('id')
      expect(articles.map(({ id, tags }) => [id, tags.map((tag) => tag.id)])).toEqual([
        [one.id, [a.id, b.id]],
        [two.id, [c.id]],
        [three.id, [a.id]],
      ])
      expect(articles[0]?.author?.id).toBe(ann.id)
    })
  })

  it('take one query a level', async () => {
    const deep = () => Country.with('people.articles.tags').orderBy('id')
    await expectQueries({ apart: 4, together: 2 }, deep)
    // nobody comes from there any more: that is known only where the rows come first
    await Person.query().all().update({ countryId: null })
    await expectQueries({ apart: 2, together: 1, atOnce: 3 }, deep)
  })
})
