import { Field, Model, Relation, sql, UsageError, ValidationError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { Article, Person, Photo, Remark, relationModels, seedArticles } from '../support/relation-models.js'

// a model and its extension, with a table of its own

class Beast extends Model({ name: Field.string() }) {
  static cubs = Relation.hasMany(() => Cub, { foreignKey: 'beastId' })
  static sightings = Relation.morphMany(() => Sighting, 'of')
}
class Wolf extends Beast.extend({ pack: Field.string({ default: 'none' }) }, { table: 'wolves' }) {
  static howls = Relation.hasMany(() => Howl)
}
class Cub extends Model({ beastId: Field.integer() }) {}
class Howl extends Model({ wolfId: Field.foreignKey(() => Wolf) }) {}
class Loose extends Model({ ...Field.morphs('about') }) {}
class Sighting extends Model({ ...Field.morphs('of', { nullable: true }) }) {
  static of = Relation.morphTo([() => Beast, () => Wolf])
}

describeDatabases('morphTo, morphOne and morphMany', (database) => {
  database.useTables([...relationModels, Beast, Wolf, Cub, Howl, Sighting, Loose])
  let world: Awaited<ReturnType<typeof seedArticles>>
  beforeEach(async () => {
    world = await seedArticles()
    const { one, two, p } = world
    await one.related('remarks').create({ body: 'of one' })
    await two.related('remarks').create({ body: 'of two' })
    await p.related('remarks').createMany([{ body: 'of p' }, { body: 'of p too' }])
    await Remark.create({ body: 'of nothing' })
  })

  /** As another program may have stored it: corm itself refuses it. */
  const storeType = (body: string, type: string) =>
    database.db.execute(
      sql`update ${sql.id('remarks')} set ${sql.id('remarkable_type')} = ${type} where ${sql.id('body')} = ${body}`,
    )
  const bodies = (query: { orderBy(key: 'id'): { pluck(key: 'body'): Promise<string[]> } }) =>
    query.orderBy('id').pluck('body')

  it('fill in the key and the name that is stored for the model', async () => {
    expect(await Remark.query().orderBy('id').valuesList('remarkableType', 'remarkableId')).toEqual([
      ['Article', world.one.id],
      ['Article', world.two.id],
      ['picture', world.p.id],
      ['picture', world.p.id],
      [null, null],
    ])
  })
  it('a key that is the same in two tables stays apart', async () => {
    const article = await Article.create({ id: 77, title: 'Same' } as never, { guarded: true } as never)
    const photo = await Photo.create({ id: 77, url: 'same.png' } as never, { guarded: true } as never)
    await article.related('remarks').create({ body: 'article 77' })
    await photo.related('remarks').create({ body: 'photo 77' })
    expect((await article.remarks).map((remark) => remark.body)).toEqual(['article 77'])
    expect((await photo.remarks).map((remark) => remark.body)).toEqual(['photo 77'])
    const loaded = await Remark.where('remarkableId', 77).with('remarkable').orderBy('id')
    expect(loaded.map((remark) => remark.remarkable instanceof Article)).toEqual([true, false])
    expect(
      await Article.query()
        .whereHas('remarks', (q) => q.where('body', 'photo 77'))
        .count(),
    ).toBe(0)
    expect(await Article.where('remarks.body', 'article 77').pluck('id')).toEqual([77])
  })
  it('morphTo loads one query a type, and null where it points nowhere', async () => {
    const remarks = await expectQueries(3, () => Remark.with('remarkable').orderBy('id'))
    expect(
      remarks.map(({ remarkable }) =>
        remarkable === null ? null : remarkable instanceof Photo ? remarkable.url : remarkable.title,
      ),
    ).toEqual(['One', 'Two', 'p.png', 'p.png', null])
    await Remark.where('remarkableType', 'picture').delete()
    await expectQueries(2, () => Remark.with('remarkable'))
  })
  it('a type that is not known is an error of its row, not of those that it is read with', async () => {
    await storeType('of two', 'Gone')
    const remarks = (await Remark.query().orderBy('id')) as any[]
    const read = await Promise.allSettled([1, 0, 2, 3].map(async (i) => await remarks[i].remarkable))
    expect(read.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
    expect((read[0] as PromiseRejectedResult).reason.message).toContain('"Gone"')
    const anew = (await Remark.query().orderBy('id')) as any[]
    expect(await expectQueries(2, async () => (await anew[0].remarkable).title)).toBe('One')
    expect(anew[2].remarkable.url).toBe('p.png')
    await expect((async () => await anew[1].remarkable)()).rejects.toThrow('fix the row')
    await expect(Remark.query().with('remarkable').get()).rejects.toThrow('fix the row')
  })
  it('morphTo goes on below each type that has the relation', async () => {
    await world.p.related('labels').attach(world.x)
    // remarks, articles, photos, persons of articles, labels of both
    const remarks = await expectQueries({ apart: 6, together: 5 }, () =>
      Remark.with('remarkable.author' as never, 'remarkable.labels').orderBy('id'),
    )
    const [first, , third] = remarks as any[]
    expect(first.remarkable.author.name).toBe('Ann')
    expect(third.remarkable.labels.map((label: { name: string }) => label.name)).toEqual(['x'])
    expect((await expectRefusal(() => Remark.with('remarkable.nothing' as never).get())).message).toContain('nothing')
  })
  it('morphTo takes a callback for each model', async () => {
    const remarks = (await Remark.with({
      remarkable: { Article: (q: any) => q.where('title', 'One').with('author'), picture: true },
    } as never).orderBy('id')) as any[]
    expect(remarks.map(({ remarkable }) => remarkable?.title ?? remarkable?.url ?? null)).toEqual([
      'One',
      null,
      'p.png',
      'p.png',
      null,
    ])
    expect(remarks[0].remarkable.author.name).toBe('Ann')
    const refused = await expectRefusal(() => Remark.with({ remarkable: { Photo: true } } as never).get())
    expect(refused.message).toContain('Photo')
  })
  it('a row that is gone is null', async () => {
    await Article.query().whereKey(world.one.id).delete()
    const [first] = await Remark.with('remarkable').orderBy('id')
    expect(first!.remarkable).toBeNull()
    const again = await Remark.findOrFail(first!.id)
    expect(await again.remarkable).toBeNull()
    await expectQueries(0, () => again.remarkable)
  })
  it('a type that the relation does not name is an error that names it', async () => {
    await storeType('of one', 'Person')
    await expect(Remark.with('remarkable').get()).rejects.toThrow(/"Person".*"Remark\.remarkable"/s)
    const remark = await Remark.where('body', 'of one').sole()
    await expect(Promise.resolve(remark.remarkable)).rejects.toBeInstanceOf(UsageError)
    // the others are read
    expect(await (await Remark.where('body', 'of two').sole()).remarkable).toBeInstanceOf(Article)
  })
  it('a type that the relation does not list is not written', async () => {
    const refusal = /remarkableType must be one of "Article", "picture"/
    const row = { body: 'typo', remarkableId: 1, remarkableType: 'Aritcle' }
    await expect(Remark.create(row)).rejects.toThrow(refusal)
    await expect(Remark.insertMany([{ ...row, remarkableType: 'Article' }, row])).rejects.toThrow(refusal)
    await expect(Remark.query().update({ remarkableType: 'Person' })).rejects.toThrow(refusal)
    const remark = await Remark.where('body', 'of one').sole()
    remark.remarkableType = 'Photo'
    await expect(remark.save()).rejects.toBeInstanceOf(ValidationError)
    expect(Remark.schema.insert.safeParse(row).success).toBe(false)
    expect(await Remark.where('remarkableType', 'Aritcle').count()).toBe(0)
    // an instance whose stored type is unknown can be saved, and repaired
    await storeType('of two', 'Gone')
    const stray = await Remark.where('body', 'of two').sole()
    await stray.update({ body: 'of nobody' })
    await stray.update({ remarkableType: 'Article' })
    expect(await stray.remarkable).toBeInstanceOf(Article)
  })
  it('a type that no relation reads can be any text', async () => {
    const note = await Loose.create({ aboutId: 1, aboutType: 'Whatever' })
    expect((await Loose.findOrFail(note.id)).aboutType).toBe('Whatever')
    await expect(Loose.create({ aboutId: 1, aboutType: 'x'.repeat(101) })).rejects.toThrow('at most 100 characters')
  })
  it('morphOne leads to one row', async () => {
    await world.one.related('cover').create({ url: 'one.png' })
    await world.ann.related('portrait').create({ url: 'ann.png' })
    const articles = await expectQueries(2, () => Article.with('cover').orderBy('id'))
    expect(articles.map((article) => article.cover?.url ?? null)).toEqual(['one.png', null, null])
    expect((await world.ann.portrait)?.url).toBe('ann.png')
    expect(
      await Photo.with('imageable')
        .orderBy('id')
        .get()
        .then((photos) => photos.map((photo) => photo.imageable?.constructor.name ?? null)),
    ).toEqual([null, null, 'Article', 'Person'])
    // several in the database: the first by key, everywhere
    await Photo.create({ url: 'later.png', imageable: world.one } as never)
    expect((await Article.with('cover').findOrFail(world.one.id)).cover?.url).toBe('one.png')
    expect(await Article.where('cover.url', 'one.png').count()).toBe(1)
    expect(await Article.where('cover.url', 'later.png').count()).toBe(0)
    expect(await Article.query().orderBy('cover.url').count()).toBe(3)
  })

  describe('conditions', () => {
    it('on the row itself', async () => {
      const { one, two, p, q } = world
      expect(await bodies(Remark.where('remarkable', one))).toEqual(['of one'])
      expect(await bodies(Remark.where('remarkable', p))).toEqual(['of p', 'of p too'])
      expect(await bodies(Remark.where('remarkable', q))).toEqual([])
      expect(await bodies(Remark.where('remarkable', null))).toEqual(['of nothing'])
      expect(await bodies(Remark.where('remarkable', '!=', null))).toHaveLength(4)
      expect(await bodies(Remark.where('remarkable', 'in', [one, p]))).toEqual(['of one', 'of p', 'of p too'])
      expect(await bodies(Remark.where('remarkable', 'in', []))).toEqual([])
      expect(await bodies(Remark.where('remarkable', 'not in', [one, p]))).toEqual(['of two'])
      expect(await bodies(Remark.where('remarkable', '!=', two))).toEqual(['of one', 'of p', 'of p too'])
      expect((await expectRefusal(() => Remark.where('remarkable', world.ann as never).get())).message).toContain(
        'Article',
      )
      expect(await expectRefusal(() => Remark.where('remarkable', undefined as never).get())).toBeInstanceOf(Error)
    })
    it('that there is one, and how many', async () => {
      expect(await bodies(Remark.query().whereHas('remarkable'))).toEqual(['of one', 'of two', 'of p', 'of p too'])
      expect(await bodies(Remark.query().whereDoesntHave('remarkable'))).toEqual(['of nothing'])
      expect(await bodies(Remark.query().whereHas('remarkable', '=', 0))).toEqual(['of nothing'])
      expect(await bodies(Remark.query().whereHas('remarkable', '<', 1))).toEqual(['of nothing'])
      expect(await bodies(Remark.query().whereHas('remarkable', '!=', 1))).toEqual(['of nothing'])
      expect(await bodies(Remark.query().whereHas('remarkable', '>', 1))).toEqual([])
      expect(await bodies(Remark.query().whereHas('remarkable', '<=', 1))).toHaveLength(5)
      await Article.query().whereKey(world.one.id).delete()
      expect(await bodies(Remark.query().whereDoesntHave('remarkable'))).toEqual(['of one', 'of nothing'])
    })
    it('on the rows of a morphMany', async () => {
      expect(await Article.query().whereHas('remarks').orderBy('id').pluck('title')).toEqual(['One', 'Two'])
      expect(await Photo.query().whereHas('remarks', '>=', 2).pluck('url')).toEqual(['p.png'])
      expect(await Photo.query().whereDoesntHave('remarks').pluck('url')).toEqual(['q.png'])
      expect(
        await Photo.query()
          .whereHas('remarks', (q) => q.where('body', 'of one').orWhere('body', 'of two'))
          .count(),
      ).toBe(0)
    })
    it('of another model’s morphOne are not met by a key that happens to be the same', async () => {
      const article = await Article.create({ id: 88, title: 'Same' } as never, { guarded: true } as never)
      await Person.create({ id: 88, name: 'Same' } as never, { guarded: true } as never)
      const cover = await article.related('cover').create({ url: '88.png' })
      expect(await Article.where('cover', cover).pluck('id')).toEqual([88])
      expect(await Person.where('portrait', cover).count()).toBe(0)
      expect(await Person.where('portrait', 'in', [cover]).count()).toBe(0)
      expect(await Person.where('portrait', world.p).count()).toBe(0)
      expect(await Person.where('portrait', null).count()).toBe(4)
      expect(await Article.where('cover', '!=', world.p).count()).toBe(4)
      // one that is nobody's is met by nobody; one that does not know whose it is can't be asked for
      expect(await Article.where('cover', new Photo({ url: 'new' })).count()).toBe(0)
      expect(await expectRefusal(() => Article.where('cover', Photo.ref(cover.id)).count())).toBeInstanceOf(Error)
    })
    it('no path goes through several models', async () => {
      expect(
        (await expectRefusal(() => Remark.where('remarkable.title' as never, 'x' as never).get())).message,
      ).toContain('remarkable')
      expect(
        await expectRefusal(() =>
          Remark.query()
            .orderBy('remarkable.title' as never)
            .get(),
        ),
      ).toBeInstanceOf(Error)
    })
  })

  it('associate() and dissociate() keep both fields', async () => {
    const remark = await Remark.where('body', 'of nothing').sole()
    await expectQueries(1, () => remark.related('remarkable').associate(world.p))
    expect([remark.remarkableType, remark.remarkableId]).toEqual(['picture', world.p.id])
    expect(await expectQueries(0, () => remark.remarkable)).toBe(world.p)
    await remark.related('remarkable').associate(world.one)
    expect(await bodies(Remark.where('remarkable', world.one))).toEqual(['of one', 'of nothing'])
    await remark.related('remarkable').dissociate()
    expect(remark.remarkable).toBeNull()
    expect([remark.remarkableType, remark.remarkableId]).toEqual([null, null])
    expect(remark.isDirty()).toBe(false)
    for (const wrong of [world.ann, world.p.id, undefined, new Photo({ url: 'new' })])
      expect(await expectRefusal(() => remark.related('remarkable').associate(wrong as never))).toBeInstanceOf(
        UsageError,
      )
  })
  it('in the data of create() the row stands for both fields', async () => {
    const remark = await Remark.create({ body: 'given', remarkable: world.q } as never)
    expect([remark.remarkableType, remark.remarkableId]).toEqual(['picture', world.q.id])
    expect(await (await Remark.findOrFail(remark.id)).remarkable).toMatchObject({ url: 'q.png' })
  })
  it('related() asks the rows of the one that it points at', async () => {
    const remark = await Remark.where('body', 'of two').sole()
    expect(await remark.related('remarkable').first()).toMatchObject({ title: 'Two' })
    const none = await Remark.where('body', 'of nothing').sole()
    expect(await none.related('remarkable').count()).toBe(0)
  })
  it('tell of themselves', () => {
    expect(Remark.remarkable.metadata).toMatchObject({
      target: null,
      source: { columns: ['remarkable_id'] },
      morph: { table: 'remarks', column: 'remarkable_type', value: null },
    })
    expect(Photo.remarks.metadata).toMatchObject({
      target: { table: 'remarks', columns: ['remarkable_id'] },
      morph: { table: 'remarks', column: 'remarkable_type', value: 'picture' },
    })
  })

  it('morphTo over a model and its extension takes an instance for what it is', async () => {
    const beast = await Beast.create({ name: 'beast' })
    const wolf = await Wolf.create({ name: 'wolf' })
    expect(wolf.id).toBe(beast.id)
    const given = await Sighting.create({ of: wolf } as never)
    const pointed = await Sighting.create({})
    await pointed.related('of').associate(wolf)
    expect(pointed.of).toBe(wolf)
    const nested = await Sighting.createWithRelations({ of: { connect: wolf } } as never)
    const ofBeast = await Sighting.create({ of: beast } as never)
    for (const sighting of [given, pointed, nested]) expect(sighting.ofType).toBe('Wolf')
    expect(ofBeast.ofType).toBe('Beast')
    expect(await Sighting.where('of', wolf).count()).toBe(3)
    expect(await Sighting.where('of', beast).pluck('id')).toEqual([ofBeast.id])
    await given.saveWithRelations({ of: { disconnect: beast } } as never)
    expect(given.ofType).toBe('Wolf')
    const read = await Sighting.with('of').findOrFail(given.id)
    expect(read.of instanceof Wolf).toBe(true)
  })
  it('a path below morphTo over a model and its extension loads the relation of each', async () => {
    const beast = await Beast.create({ name: 'beast' })
    const wolf = await Wolf.create({ name: 'wolf' })
    await Howl.create({ wolfId: wolf.id })
    const cub = await Cub.create({ beastId: beast.id })
    for (const each of [beast, wolf] as any[]) await each.related('sightings').create({})
    for (const sighting of await Sighting.query().with('of').orderBy('id')) {
      await sighting.load('of.cubs')
      const of = sighting.of as any
      expect((await of.cubs).map(({ id }: Cub) => id)).toEqual([cub.id])
      if (of instanceof Wolf) expect(await (of as any).howls).toEqual([expect.any(Howl)])
    }
  })
})
