import { beforeEach, describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import {
  Article,
  Course,
  Enrollment,
  Label,
  Person,
  Photo,
  relationModels,
  Student,
  seedArticles,
  Tag,
} from '../support/relation-models.js'

describeDatabases('pivots', (database) => {
  database.useTables(relationModels)
  let world: Awaited<ReturnType<typeof seedArticles>>
  beforeEach(async () => {
    world = await seedArticles()
    const { one, two, a, b, c } = world
    await one.related('tags').attach([
      [a, { position: 2, note: 'last' }],
      [b, { position: 1 }],
    ])
    await two.related('tags').attach([[b, { position: 5 }], c])
  })

  const tagsOf = (query: { pluck(key: 'name'): Promise<string[]> }) => query.pluck('name')

  it('come with the rows, eager, lazy and asked for', async () => {
    const article = await Article.with('tags').findOrFail(world.one.id)
    const first = article.tags.find((tag) => tag.name === 'a')!
    expect(first.pivot).toEqual({ articleId: world.one.id, tagId: world.a.id, position: 2, note: 'last' })
    expect((await world.one.tags).map((tag) => tag.pivot.position).sort()).toEqual([1, 2])
    expect((await world.one.related('tags').where('name', 'b').sole()).pivot.note).toBeNull()
    // a row that came another way has none
    expect((await Tag.findOrFail(world.a.id)) as object).not.toHaveProperty('pivot')
  })
  it('narrow, order and limit the rows of a relation', async () => {
    const tags = () => world.one.related('tags')
    expect(await tagsOf(tags().where('pivot.position', 1))).toEqual(['b'])
    expect(await tagsOf(tags().where('pivot.position', '>', 1).orWhere('pivot.note', 'x'))).toEqual(['a'])
    expect(await tagsOf(tags().whereNull('pivot.note'))).toEqual(['b'])
    expect(await tagsOf(tags().orderBy('pivot.position'))).toEqual(['b', 'a'])
    expect(await tagsOf(tags().orderBy('-pivot.position').limit(1))).toEqual(['a'])
  })
  it('narrow and order inside with() and whereHas()', async () => {
    const articles = await Article.with({
      tags: (q) => q.where('pivot.position', '>', 0).orderBy('pivot.position'),
    }).orderBy('id')
    expect(articles.map((article) => article.tags.map((tag) => tag.name))).toEqual([['b', 'a'], ['b'], []])
    const high = Article.query().whereHas('tags', (q) => q.where('pivot.position', '>=', 5))
    expect(await high.pluck('title')).toEqual(['Two'])
    expect(
      await Article.query()
        .whereHas('tags', (q) => q.where('pivot.position', '>', 0), '>=', 2)
        .pluck('title'),
    ).toEqual(['One'])
    const limited = await Article.with({ tags: (q) => q.orderBy('-pivot.position').limit(1) }).orderBy('id')
    expect(limited.map((article) => article.tags.map((tag) => tag.name))).toEqual([['a'], ['b'], []])
  })
  it('are asked of the relation only', async () => {
    expect((await expectRefusal(() => Tag.where('pivot.position' as never, 1 as never).get())).message).toContain(
      'pivot',
    )
    expect(
      await expectRefusal(() =>
        world.one
          .related('tags')
          .where('pivot.nothing' as never, 1 as never)
          .get(),
      ),
    ).toBeInstanceOf(Error)
  })
  it('are shown by toJSON() and toObject(), and are not saved with the row', async () => {
    const article = await Article.with({ tags: (q) => q.where('name', 'a') }).findOrFail(world.one.id)
    const json = JSON.parse(JSON.stringify(article))
    expect(json.tags).toEqual([
      { id: world.a.id, name: 'a', pivot: { articleId: world.one.id, tagId: world.a.id, position: 2, note: 'last' } },
    ])
    expect(article.toObject()).toMatchObject({ tags: [{ name: 'a', pivot: { position: 2 } }] })
    const [tag] = article.tags
    expect(tag!.isDirty()).toBe(false)
    tag!.name = 'A'
    await expectQueries(1, () => tag!.save())
    expect(Object.keys(tag!.clone())).not.toContain('pivot')
  })
  it('a cyclic graph is written finitely', async () => {
    const article = await Article.with('tags.articles.tags').findOrFail(world.one.id)
    expect(JSON.stringify(article).length).toBeLessThan(3000)
    await world.one.load('tags')
    await world.one.related('tags').attach([[world.c, { position: 1, note: null }]])
    const ann = await world.ann.load('friends')
    const bob = await world.bob.load('friends')
    await ann.related('friends').attach([[bob, { since: 1 }]])
    await bob.related('friends').attach([[ann, { since: 1 }]])
    expect(ann.friends[0]).toBe(bob)
    expect(JSON.stringify(ann)).toContain('Bob')
    expect(() => JSON.stringify([ann, bob])).not.toThrow()
    expect(ann.toObject()).toBeTypeOf('object')
  })

  describe('updatePivot()', () => {
    it('changes links that are there, and the loaded rows', async () => {
      const one = await Article.with('tags').findOrFail(world.one.id)
      expect(await expectQueries(1, () => one.related('tags').updatePivot(world.a, { note: 'changed' }))).toBe(1)
      expect(one.tags.find((tag) => tag.name === 'a')?.pivot).toMatchObject({ position: 2, note: 'changed' })
      expect(await one.related('tags').updatePivot([world.a.id, world.b.id], { position: 9 })).toBe(2)
      expect(await tagsOf(one.related('tags').where('pivot.position', 9).orderBy('id'))).toEqual(['a', 'b'])
      expect(await one.related('tags').updatePivot(world.c, { position: 9 })).toBe(0)
      expect(
        await Article.query()
          .whereHas('tags', (q) => q.where('pivot.position', 9))
          .count(),
      ).toBe(1)
    })
    it('refuses what the table does not have, and values that are not of its types', async () => {
      const tags = world.one.related('tags') as any
      expect((await expectRefusal(() => tags.updatePivot(world.a, { nothing: 1 }))).message).toContain('nothing')
      await expect(tags.updatePivot(world.a, { position: 'many' })).rejects.toBeInstanceOf(Error)
      expect(await expectRefusal(() => tags.updatePivot(world.a, 5))).toBeInstanceOf(Error)
      expect((await expectRefusal(() => tags.attach([[world.a, { nothing: 1 }]]))).message).toContain('nothing')
    })
  })

  it('attach() gives all rows the same values, or each its own', async () => {
    const { three, a, b, c } = world
    await three.related('tags').attach([a, b], { position: 7 })
    await three.related('tags').attach([[c, { position: 8, note: 'own' }]])
    expect(
      await three
        .related('tags')
        .orderBy('id')
        .get()
        .then((tags) => tags.map((tag) => tag.pivot.position)),
    ).toEqual([7, 7, 8])
    // what is not named stays as it is
    await three.related('tags').attach([[c, { position: 1 }]])
    expect((await three.related('tags').where('name', 'c').sole()).pivot).toMatchObject({ position: 1, note: 'own' })
    // and a link that is named without values stays whole
    await three.related('tags').attach(c)
    expect((await three.related('tags').where('name', 'c').sole()).pivot).toMatchObject({ position: 1, note: 'own' })
  })
  it('an instance that is linked to two owners shows each its own', async () => {
    const { one, two } = world
    const tag = await Tag.create({ name: 'd' })
    const [first, second] = [await one.load('tags'), await two.load('tags')]
    await one.related('tags').attach(tag, { position: 7, note: 'seven' })
    await two.related('tags').attach(tag, { position: 8, note: 'eight' })
    const shown = (tags: readonly { name: string; pivot: object }[]) =>
      tags.filter(({ name }) => name === 'd').map(({ pivot }) => ({ ...pivot, tagId: undefined, note: undefined }))
    expect(shown(first.tags)).toEqual([{ articleId: one.id, position: 7 }])
    expect(shown(second.tags)).toEqual([{ articleId: two.id, position: 8 }])
    await two.related('tags').updatePivot(tag, { position: 9 })
    expect(shown(first.tags)).toEqual([{ articleId: one.id, position: 7 }])
    expect(shown(second.tags)).toEqual([{ articleId: two.id, position: 9 }])
    const made = await Article.createWithRelations({ title: 'Made', tags: [[tag, { position: 3, note: 'x' }]] })
    expect(shown(made.tags)).toEqual([{ articleId: made.id, position: 3 }])
    expect(shown(first.tags)).toEqual([{ articleId: one.id, position: 7 }])
  })
  it('create(), createMany() and save() take values', async () => {
    const { three } = world
    const tag = await three.related('tags').create({ name: 'new' }, { position: 3 })
    expect(tag.isPersisted).toBe(true)
    await three.related('tags').createMany([{ name: 'm1' }, { name: 'm2' }], { position: 4 })
    await three.related('tags').save(new Tag({ name: 'saved' }), { position: 5 })
    const found = await three.related('tags').orderBy('id').get()
    expect(found.map((each) => [each.name, each.pivot.position])).toEqual([
      ['new', 3],
      ['m1', 4],
      ['m2', 4],
      ['saved', 5],
    ])
  })

  describe('of a model between', () => {
    it('are its fields, its key too', async () => {
      const ada = await Student.create({ name: 'Ada' })
      const [maths, art] = await Course.createMany([{ title: 'Maths' }, { title: 'Art' }])
      await ada.related('courses').attach([[maths!, { grade: 1 }], art!])
      const student = await Student.with('courses', 'enrollments').findOrFail(ada.id)
      const pivot = student.courses.find((course) => course.title === 'Maths')!.pivot
      expect(pivot).toEqual({
        id: expect.any(Number),
        studentId: ada.id,
        courseId: maths!.id,
        grade: 1,
        role: 'learner',
      })
      expect(student.enrollments.map((each) => each.role)).toEqual(['learner', 'learner'])
      expect(
        await Course.query()
          .whereHas('students', (q) => q.where('pivot.grade', 1))
          .pluck('title'),
      ).toEqual(['Maths'])
      expect(await ada.related('courses').where('pivot.role', 'learner').count()).toBe(2)
    })
    it('twice in the table, a pair is two rows with a pivot each', async () => {
      const ada = await Student.create({ name: 'Ada' })
      const maths = await Course.create({ title: 'Maths' })
      await Enrollment.createMany([
        { studentId: ada.id, courseId: maths.id, grade: 1 },
        { studentId: ada.id, courseId: maths.id, grade: 2 },
      ])
      const student = await Student.with('courses').findOrFail(ada.id)
      expect(student.courses.map((course) => course.pivot.grade).sort()).toEqual([1, 2])
      expect(await Student.query().whereHas('courses').count()).toBe(1)
      expect(await ada.related('courses').attach(maths)).toBe(0)
      expect(await ada.related('courses').detach(maths)).toBe(2)
    })
  })

  describe('of a morphToMany', () => {
    it('keep the models apart and are seen from both sides', async () => {
      const { one, p, x, y } = world
      await one.related('labels').attach([[x, { weight: 3 }], y])
      await p.related('labels').attach([[x, { weight: 4 }]])
      const article = await Article.with({ labels: (q) => q.orderBy('name') }).findOrFail(one.id)
      expect(article.labels.map((label) => [label.name, label.pivot.weight])).toEqual([
        ['x', 3],
        ['y', 1],
      ])
      const label = await Label.with('articles', 'photos').findOrFail(x.id)
      expect(label.articles.map((each) => [each.title, each.pivot.weight])).toEqual([['One', 3]])
      expect(label.photos.map((each) => [each.url, each.pivot.weight])).toEqual([['p.png', 4]])
      expect((await p.labels)[0]?.pivot).toMatchObject({ weight: 4 })
    })
    it('a key that is the same in two tables stays apart', async () => {
      const { x, y } = world
      const article = await Article.create({ id: 501, title: 'Same' } as never, { guarded: true } as never)
      const photo = await Photo.create({ id: 501, url: 'same' } as never, { guarded: true } as never)
      await article.related('labels').attach(x)
      await photo.related('labels').attach(y)
      expect((await article.labels).map((label) => label.name)).toEqual(['x'])
      expect((await photo.labels).map((label) => label.name)).toEqual(['y'])
      expect(
        await Article.query()
          .whereHas('labels', (q) => q.where('name', 'y'))
          .count(),
      ).toBe(0)
      expect(await Label.query().whereHas('photos').pluck('name')).toEqual(['y'])
      expect(await photo.related('labels').sync([x])).toEqual({ attached: 1, detached: 1, updated: 0 })
      expect(await photo.related('labels').clear()).toBe(1)
      expect((await article.labels).map((label) => label.name)).toEqual(['x'])
      expect(await x.related('articles').detach(article)).toBe(1)
    })
    it('are linked from the other side too', async () => {
      const { x, one, two, p } = world
      expect(await x.related('articles').sync([one, [two, { weight: 9 }]])).toEqual({
        attached: 2,
        detached: 0,
        updated: 0,
      })
      expect(await x.related('photos').attach(p)).toBe(1)
      expect((await two.labels)[0]?.pivot.weight).toBe(9)
      expect(await x.related('articles').sync([[two, { weight: 8 }]])).toEqual({ attached: 0, detached: 1, updated: 1 })
      expect(await x.related('photos').count()).toBe(1)
    })
    it('tell the column of the model’s name', () => {
      expect(Label.photos.metadata).toMatchObject({
        through: { table: 'labelables', from: ['label_id'], to: ['labelable_id'] },
        morph: { table: 'labelables', column: 'labelable_type', value: 'picture' },
      })
      expect(Person.follows.metadata?.morph).toBeNull()
    })
  })
})
