import { UsageError, ValidationError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { Article, Course, Enrollment, relationModels, Student, seedArticles, Tag } from '../support/relation-models.js'

describeDatabases('related() of links', (database) => {
  database.useTables(relationModels)
  let world: Awaited<ReturnType<typeof seedArticles>>
  beforeEach(async () => {
    world = await seedArticles()
  })

  const names = async (article: { id: number }) =>
    (await Article.with({ tags: (q) => q.orderBy('name') }).findOrFail(article.id)).tags.map((tag) => tag.name)

  describe('attach() and detach()', () => {
    it('take rows, keys and lists of them, once or many times', async () => {
      const { one, a, b, c } = world
      expect(await one.related('tags').attach(a)).toBe(1)
      expect(await one.related('tags').attach(a, b.id)).toBe(1)
      expect(await one.related('tags').attach([a, a, c.id, c])).toBe(1)
      expect(await one.related('tags').add(a)).toBe(0)
      expect(await names(one)).toEqual(['a', 'b', 'c'])
      expect(await one.related('tags').detach(a, a.id, b)).toBe(2)
      expect(await one.related('tags').remove([a, b])).toBe(0)
      expect(await names(one)).toEqual(['c'])
      expect(await expectQueries(0, () => one.related('tags').attach([]))).toBe(0)
      expect(await expectQueries(0, () => one.related('tags').detach([]))).toBe(0)
    })
    it('leave the links of others', async () => {
      const { one, two, a, b } = world
      await Article.attachMany('tags', [
        [one, a],
        [two, a],
        [two, b],
      ])
      await one.related('tags').detach(a, b)
      expect(await names(two)).toEqual(['a', 'b'])
      await one.related('tags').clear()
      expect(await names(two)).toEqual(['a', 'b'])
    })
    it('keep loaded rows in step, as they are known', async () => {
      const one = await Article.with('tags').findOrFail(world.one.id)
      const { tags } = one
      await one.related('tags').attach([[world.a, { position: 1, note: null }]])
      expect(one.tags[0]).toBe(world.a)
      await one.related('tags').attach(world.b.id, world.c)
      expect(one.tags.map((tag) => tag.name).sort()).toEqual(['a', 'b', 'c'])
      expect(one.tags).toBe(tags)
      expect(one.tags.map((tag) => tag.pivot.position).sort()).toEqual([0, 0, 1])
      await one.related('tags').detach(world.b.id)
      expect(one.tags.map((tag) => tag.name).sort()).toEqual(['a', 'c'])
      await one.related('tags').clear()
      expect(one.tags).toEqual([])
      expect(await one.tags.count()).toBe(0)
    })
    it('refuse what is no row of the other model, before anything is sent', async () => {
      const { one, two } = world
      const tags = one.related('tags') as any
      for (const wrong of [two, new Tag({ name: 'unsaved' }), null, undefined, {}, Number.NaN, [[1]], true])
        expect(await expectRefusal(() => tags.attach(wrong)), String(wrong)).toBeInstanceOf(Error)
      expect(await names(one)).toEqual([])
    })
    it('all or nothing', async () => {
      const { one, a, b } = world
      const loaded = await Article.with('tags').findOrFail(one.id)
      await expect(loaded.related('tags').attach(a, 987654, b)).rejects.toBeInstanceOf(Error)
      await expect(loaded.related('tags').attach(a, [b, { position: 'x' as never }])).rejects.toBeInstanceOf(
        ValidationError,
      )
      expect(await names(one)).toEqual([])
      expect(loaded.tags).toEqual([])
      await one.related('tags').attach(a)
      await expect(one.related('tags').sync([b, 987654])).rejects.toBeInstanceOf(Error)
      await expect(one.related('tags').toggle(a, 987654)).rejects.toBeInstanceOf(Error)
      await expect(one.related('tags').createMany([{ name: 'new' }, { name: 'x'.repeat(90) }])).rejects.toBeInstanceOf(
        ValidationError,
      )
      await expect(one.related('tags').create({ name: 'new' }, { position: 'x' as never })).rejects.toBeInstanceOf(
        Error,
      )
      const unsaved = new Tag({ name: 'unsaved' })
      await expect(one.related('tags').save(unsaved, { position: 'x' as never })).rejects.toBeInstanceOf(Error)
      expect(unsaved.isPersisted).toBe(false)
      expect(await names(one)).toEqual(['a'])
      expect(await Tag.count()).toBe(3)
    })
    it('many at once', async () => {
      await Tag.insertMany(Array.from({ length: 1500 }, (_, n) => ({ name: `t${n}` })))
      const ids = await Tag.where('name', 'like', 't%').pluck('id')
      expect(await world.one.related('tags').attach(ids)).toBe(1500)
      expect(await world.one.related('tags').attach(ids)).toBe(0)
      expect(await world.one.related('tags').sync(ids.slice(0, 10))).toEqual({
        attached: 0,
        detached: 1490,
        updated: 0,
      })
      expect(await world.one.related('tags').count()).toBe(10)
    })
    it('need a saved owner', async () => {
      expect((await expectRefusal(() => Article.make({ title: 'New' }).related('tags'))).message).toMatch(/[Ss]ave/)
    })
  })

  describe('sync() and toggle()', () => {
    it('sync() makes the smallest difference, in one transaction', async () => {
      const { one, a, b, c } = world
      expect(await one.related('tags').sync([a, [b, { position: 1 }]])).toEqual({
        attached: 2,
        detached: 0,
        updated: 0,
      })
      expect(await one.related('tags').sync([b, a.id])).toEqual({ attached: 0, detached: 0, updated: 0 })
      expect(await one.related('tags').sync([[b, { position: 1 }], c])).toEqual({
        attached: 1,
        detached: 1,
        updated: 0,
      })
      expect(await one.related('tags').sync([[b, { position: 2 }], c])).toEqual({
        attached: 0,
        detached: 0,
        updated: 1,
      })
      const { events } = await recordQueries(() => one.related('tags').set([b, c]))
      expect(events.filter(({ sql }) => /^(insert|update|delete)/i.test(sql))).toEqual([])
      expect(await one.related('tags').set([])).toEqual({ attached: 0, detached: 2, updated: 0 })
      expect(await expectRefusal(() => one.related('tags').sync(a as never))).toBeInstanceOf(UsageError)
    })
    it('keep loaded rows in step', async () => {
      const one = await Article.with('tags').findOrFail(world.one.id)
      const { a, b, c } = world
      await one.related('tags').sync([a, b])
      expect(one.tags.map((tag) => tag.name).sort()).toEqual(['a', 'b'])
      await one.related('tags').sync([b, [c, { position: 4 }]])
      expect(one.tags.map((tag) => [tag.name, tag.pivot.position]).sort()).toEqual([
        ['b', 0],
        ['c', 4],
      ])
      expect(await one.related('tags').toggle(a, b)).toEqual({ attached: 1, detached: 1 })
      expect(one.tags.map((tag) => tag.name).sort()).toEqual(['a', 'c'])
      expect(await names(one)).toEqual(['a', 'c'])
      expect(await one.related('tags').toggle([[b, { position: 6 }]])).toEqual({ attached: 1, detached: 0 })
      expect(one.tags.find((tag) => tag.name === 'b')?.pivot.position).toBe(6)
    })
  })

  it('create(), createMany() and save() keep loaded rows in step', async () => {
    const one = await Article.with('tags').findOrFail(world.one.id)
    const made = await one.related('tags').create({ name: 'new' })
    expect(made.id).toBeGreaterThan(0)
    await one.related('tags').createMany([{ name: 'm1' }, { name: 'm2' }])
    world.a.name = 'A'
    await one.related('tags').save(world.a, { position: 1, note: 'x' })
    expect(one.tags.map((tag) => tag.name).sort()).toEqual(['A', 'm1', 'm2', 'new'])
    expect(await names(one)).toEqual(one.tags.map((tag) => tag.name).sort())
    // saving it again links it once
    await one.related('tags').save(world.a)
    expect(await one.related('tags').count()).toBe(4)
  })
  it('links inside a transaction go with it', async () => {
    const { one, a, b } = world
    await expect(
      database.db.transaction(async () => {
        await one.related('tags').attach(a)
        await one.related('tags').sync([b])
        await one.related('tags').toggle(a)
        throw new Error('undo')
      }),
    ).rejects.toThrow('undo')
    expect(await names(one)).toEqual([])
    await database.db.transaction(async (trx) => {
      const inside = await Article.using(trx).findOrFail(one.id)
      await inside.related('tags').attach(a)
      expect(await inside.tags.count()).toBe(1)
    })
    expect(await names(one)).toEqual(['a'])
  })

  describe('attachMany() and detachMany()', () => {
    it('link pairs of rows and keys', async () => {
      const { one, two, three, a, b } = world
      const pairs = [
        [one, a],
        [two.id, b.id, { position: 3 }],
        [one.id, a.id],
        [three, b],
      ] as const
      expect(await Article.attachMany('tags', pairs)).toBe(3)
      expect(await Article.attachMany('tags', pairs)).toBe(0)
      expect((await two.tags)[0]?.pivot.position).toBe(3)
      expect(
        await Article.detachMany('tags', [
          [one, a],
          [two, a],
          [three.id, b.id],
        ]),
      ).toBe(2)
      expect(await Article.query().whereHas('tags').pluck('title')).toEqual(['Two'])
      expect(await Article.attachMany('tags', [])).toBe(0)
    })
    it('all or none, from the other side too, and refuse what they do not know', async () => {
      const { one, a, b } = world
      await expect(
        Tag.attachMany('articles', [
          [a, one],
          [b, 987654],
        ]),
      ).rejects.toBeInstanceOf(Error)
      expect(await names(one)).toEqual([])
      expect(await Tag.attachMany('articles', [[a, one]])).toBe(1)
      for (const wrong of [[one], [[one]], [[one, a, 5]], [[a, one]], 'x', [[one, a, {}, 1]]])
        expect(await expectRefusal(() => Article.attachMany('tags', wrong as never))).toBeInstanceOf(Error)
      expect(await expectRefusal(() => Article.attachMany('remarks' as never, [] as never))).toBeInstanceOf(UsageError)
    })
  })

  describe('many callers at once', () => {
    const callers = () => (database.facts.concurrent ? 20 : 5)
    const all = (work: (n: number) => Promise<unknown>) =>
      Promise.all(Array.from({ length: callers() }, (_, n) => work(n)))

    it('attach the same set: no link twice, none lost', async () => {
      const { one, a, b, c } = world
      await all(() => one.related('tags').attach([a, b, c]))
      expect(await names(one)).toEqual(['a', 'b', 'c'])
      await all((n) => one.related('tags').attach([[a, { position: n }], b]))
      expect(await one.related('tags').count()).toBe(3)
    })
    it('sync the same set', async () => {
      const { one, a, b, c } = world
      await one.related('tags').attach(a)
      await all(() => one.related('tags').sync([b, c]))
      expect(await names(one)).toEqual(['b', 'c'])
    })
    it('toggle an even number of times', async () => {
      await all(() => world.one.related('tags').toggle(world.a))
      expect(await names(world.one)).toEqual(callers() % 2 === 0 ? [] : ['a'])
    })
    it('of a symmetrical relation, from both sides', async () => {
      const { ann, bob, cat } = world
      await all((n) => (n % 2 === 0 ? ann.related('friends').attach(bob) : bob.related('friends').attach(ann)))
      await all(() => ann.related('friends').attach([bob, cat]))
      expect(await ann.related('friends').count()).toBe(2)
      expect(await bob.related('friends').count()).toBe(1)
      await all(() => ann.related('friends').sync([cat]))
      expect(await ann.related('friends').pluck('name')).toEqual(['Cat'])
    })
    it('where no constraint tells that a pair is there', async () => {
      const ada = await Student.create({ name: 'Ada' })
      const [maths, art] = await Course.createMany([{ title: 'Maths' }, { title: 'Art' }])
      await all(() => ada.related('courses').attach(maths!))
      expect(await Enrollment.count()).toBe(1)
      await all(() => ada.related('courses').attach([maths!, art!]))
      expect(await Enrollment.count()).toBe(2)
      await all(() => ada.related('courses').sync([art!]))
      expect(await Enrollment.query().pluck('courseId')).toEqual([art!.id])
      await all(() =>
        Student.attachMany('courses', [
          [ada, maths!],
          [ada, art!],
        ]),
      )
      expect(await Enrollment.count()).toBe(2)
    })
  })
})
