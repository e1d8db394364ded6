import { Field, Model, NotFoundError, StaleModelError, UnknownFieldError, ValidationError } from 'corm'
import { describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { models, Post, User } from '../support/models.js'
import { createPost, createUser } from '../support/seed.js'

class Counter extends Model({
  name: Field.string({ unique: true }),
  count: Field.integer({ default: 0 }),
  total: Field.bigInteger({ default: 0n }),
  ratio: Field.float({ default: 0 }),
  note: Field.string({ nullable: true }),
}) {}

class Code extends Model({ code: Field.string({ primaryKey: true, max: 20 }), label: Field.string() }) {}

const loose = User as any

describeDatabases('writing', (database) => {
  database.useTables([Counter, Code, ...models])

  describe('save()', () => {
    it('inserts what is not persisted, whatever its key', async () => {
      const first = await Code.create({ code: 'a', label: 'first' })
      const second = new Code({ code: 'a', label: 'second' })
      await expect(second.save()).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
      expect(second.isPersisted).toBe(false)
      expect((await Code.findOrFail('a')).label).toBe('first')
      second.code = 'b'
      expect(await second.save()).toBe(second)
      expect([second.isPersisted, await Code.count()]).toEqual([true, 2])
      expect((await first.refresh()).label).toBe('first')
    })

    it('inserts a row with the id that was assigned', async () => {
      const user = new User({ name: 'a', email: 'a' })
      user.id = 4711
      await user.save()
      expect((await User.findOrFail(4711)).name).toBe('a')
      expect(await User.count()).toBe(1)
    })

    it('writes only what changed, and nothing when nothing did', async () => {
      const post = await createPost({ title: 'a', views: 1 })
      await expectQueries(0, () => post.save())
      post.views = 2
      const { events } = await recordQueries(() => post.save())
      expect(events.map(({ sql }) => sql)).toEqual([
        expect.stringMatching(/^update .posts. set .views. = \S+ where .id. = \S+$/),
      ])
      await expectQueries(0, () => post.save())
      await expectQueries(0, () => post.update({ views: 2, title: undefined }))
    })

    it('writes only the fields it is told', async () => {
      const post = await createPost({ title: 'a', views: 1 })
      Object.assign(post, { title: 'b', views: 2 })
      await post.save({ only: ['views'] })
      expect([post.isDirty('title'), post.isDirty('views')]).toEqual([true, false])
      expect(await Post.findOrFail(post.id)).toMatchObject({ title: 'a', views: 2 })
      expect((await expectRefusal(() => post.save({ only: ['viws' as any] }))).message).toContain(
        'Did you mean "views"?',
      )
    })

    it('moves a row whose key changed', async () => {
      const code = await Code.create({ code: 'a', label: 'x' })
      code.code = 'b'
      await code.save()
      code.label = 'y'
      await code.save()
      expect(await Code.query().values('code', 'label')).toEqual([{ code: 'b', label: 'y' }])
    })

    it('tells when the row is gone', async () => {
      const post = await createPost()
      await Post.where('id', post.id).delete()
      post.title = 'new'
      await expect(post.save()).rejects.toBeInstanceOf(StaleModelError)
      await expect(post.refresh()).rejects.toBeInstanceOf(StaleModelError)
      await expect(post.increment('views')).rejects.toBeInstanceOf(StaleModelError)
      expect(await Post.count()).toBe(0)
    })

    it('does not mark an instance that could not be inserted', async () => {
      const user = new User({ name: 'a' })
      await expect(user.save()).rejects.toBeInstanceOf(ValidationError)
      expect([user.isPersisted, user.isDirty()]).toEqual([false, true])
      user.email = 'a@example.org'
      await user.save()
      expect(user.isPersisted).toBe(true)
    })

    it('keeps a change that could not be stored', async () => {
      const [a, b] = [await createUser(), await createUser()]
      b.email = a.email
      await expect(b.save()).rejects.toMatchObject({ fields: ['email'] })
      expect(b.getChanges()).toMatchObject({ email: [expect.any(String), a.email] })
      b.email = 'free@example.org'
      await b.save()
    })

    it('writes through the database that is named', async () => {
      const user = await User.using(database.db).create({ name: 'a', email: 'a' })
      expect(user).toBeInstanceOf(User)
      expect(user.getDatabase()).toBe(database.db)
      await user.save({ using: database.db } as never)
      const Bound = User.using(database.db)
      expect(await new Bound({ name: 'b', email: 'b' }).save()).toBeInstanceOf(User)
    })
  })

  describe('update(), fill() and refresh()', () => {
    it('save what they are given, and leave the rest', async () => {
      const post = await createPost({ title: 'a' })
      post.body = 'unsaved'
      expect(await post.update({ title: 'b' })).toBe(post)
      expect(post.isDirty('body')).toBe(true)
      expect(await Post.findOrFail(post.id)).toMatchObject({ title: 'b', body: '' })
      expect(post.fill({ views: 5 })).toBe(post)
      expect(post.getChanges()).toEqual({ body: ['', 'unsaved'], views: [0, 5] })
      expect(await post.refresh('views')).toBe(post)
      expect([post.views, post.body]).toEqual([0, 'unsaved'])
      await post.refresh()
      expect(post.isDirty()).toBe(false)
    })

    it('refuse unknown keys, and keys that reach for the prototype', async () => {
      const post = (await createPost()) as any
      for (const data of [
        '{"titel": 1}',
        '{"__proto__": {"x": 1}}',
        '{"constructor": {}}',
        '{"isPersisted": false}',
        '{"toString": 1}',
      ]) {
        const error = await expectRefusal(() => post.update(JSON.parse(data)))
        expect(error).toBeInstanceOf(UnknownFieldError)
      }
      expect(({} as any).x).toBeUndefined()
      await expectRefusal(() => post.update([]))
      await expectRefusal(() => post.update(null))
    })
  })

  describe('increment() and decrement()', () => {
    it('count in the database and bring the instance along', async () => {
      const counter = await Counter.create({ name: 'a', count: 5 })
      await Counter.where('id', counter.id).update({ count: 10 })
      expect(await counter.increment('count')).toBe(counter)
      expect(counter.count).toBe(11)
      expect((await counter.decrement('count', 3)).count).toBe(8)
      expect((await counter.increment('total', 2n ** 60n)).total).toBe(2n ** 60n)
      expect((await counter.increment('ratio', 0.5)).ratio).toBe(0.5)
      expect(counter.isDirty()).toBe(false)
      await expectRefusal(() => (counter as any).increment('name'))
      await expectRefusal(() => (counter as any).increment('cuont'))
    })

    it('lose nothing among 50 writers', async () => {
      const { id } = await Counter.create({ name: 'a' })
      const writer = async () => {
        const own = await Counter.findOrFail(id)
        for (let i = 0; i < 20; i++) await own.increment('count')
      }
      await Promise.all(Array.from({ length: 50 }, writer))
      expect((await Counter.findOrFail(id)).count).toBe(1000)
    })
  })

  describe('delete()', () => {
    it('removes the row and leaves the instance, which can not be saved again', async () => {
      const post = await createPost()
      await post.delete()
      expect([post.isPersisted, post.isDeleted, await Post.count()]).toEqual([false, true, 0])
      await expect(post.delete()).rejects.toThrow('delete() needs a saved "Post"; this one was deleted.')
      await expect(post.save()).rejects.toThrow('This "Post" was deleted. Save a clone() of it instead.')
      expect((await post.clone().save()).isPersisted).toBe(true)
    })

    it('takes dependent rows along, or refuses, as the foreign key says', async () => {
      const [author, reader] = [await createUser(), await createUser()]
      const report = await createUser({ managerId: author.id })
      const post = await createPost({ authorId: author.id })
      await post.related('comments').create({ body: 'x', userId: reader.id })
      await author.delete()
      expect(await Post.count()).toBe(0)
      expect((await report.refresh()).managerId).toBeNull()
    })

    it('of many keys counts the rows that were there', async () => {
      const users = [await createUser(), await createUser(), await createUser()]
      expect(await User.deleteMany([users[0]!.id, users[2]!.id, 99_999])).toBe(2)
      expect(await User.deleteMany([])).toBe(0)
      expect((await User.query()).map(({ id }) => id)).toEqual([users[1]!.id])
      await expectRefusal(() => loose.deleteMany([undefined]))
      await expectRefusal(() => loose.deleteMany([[1]]))
      await expectRefusal(() => loose.deleteMany(1))
    })
  })

  describe('finding by key', () => {
    it('gives the row, null, or an error that names the model', async () => {
      const user = await createUser()
      expect(await User.find(user.id)).toEqual(user)
      expect(await User.find(99_999)).toBeNull()
      await expect(User.findOrFail(99_999)).rejects.toThrow(new NotFoundError('User', 'id'))
      expect(await User.findBy({ email: user.email, age: null })).toEqual(user)
      expect(await User.findBy({ email: 'nobody' })).toBeNull()
    })

    it('keeps the order of the keys, and repeats what is asked twice', async () => {
      const ids = (await User.createMany(['a', 'b', 'c'].map((name) => ({ name, email: name })))).map(({ id }) => id)
      const [a, b, c] = ids as [number, number, number]
      expect((await User.findMany([c, a, 99_999, b, a])).map(({ name }) => name)).toEqual(['c', 'a', 'b', 'a'])
      expect(await User.findMany([])).toEqual([])
    })

    it.each([[[1, 2]], [{ a: 1 }], [undefined], [null], ['1 or 1=1'], [NaN], [1.5], [{ toString: () => '1' }], [true]])(
      'refuses %j as a key',
      async (key) => {
        await expectRefusal(() => loose.find(key))
        await expectRefusal(() => loose.findMany([key]))
        await expectRefusal(() => loose.findOrFail(key))
        if (!Array.isArray(key)) await expectRefusal(() => loose.query().whereKey(key).get())
      },
    )

    it('refuses to find by nothing', async () => {
      for (const match of [{}, undefined, null, 1, { id: undefined }]) await expectRefusal(() => loose.findBy(match))
    })
  })

  describe('guarded fields', () => {
    const data = { name: 'x', email: 'x@example.org' }

    it('are refused in data, and written when the call says so', async () => {
      const user = (await User.create(data)) as any
      const attempts: (() => unknown)[] = [
        ...[{ role: 'admin' }, { id: 5 }].flatMap((extra) => [
          () => loose.create({ ...data, email: 'y', ...extra }),
          () => loose.createMany([{ ...data, email: 'y', ...extra }]),
          () => user.update(extra),
          () => Promise.resolve().then(() => user.fill(extra)),
          () => loose.where('id', user.id).update(extra),
          () => loose.upsert({ ...data, ...extra }, { conflict: 'email' }),
          () => loose.upsertMany([{ ...data, ...extra }], { conflict: 'email' }),
        ]),
      ]
      for (const attempt of attempts)
        expect((await expectRefusal(attempt)).message).toMatch(
          /^"User\.(role|id)" is guarded: data can't set it\. Pass \{ guarded: true \}/,
        )
      await expect(loose.firstOrCreate({ email: 'z' }, { name: 'z', role: 'admin' })).rejects.toThrow(
        '"User.role" is guarded',
      )
      await expect(loose.updateOrCreate({ email: data.email }, { role: 'admin' })).rejects.toThrow(
        '"User.role" is guarded',
      )
      expect(await User.query().pluck('role')).toEqual(['reader'])

      await user.update({ role: 'editor' }, { guarded: true })
      expect((await User.create({ ...data, email: 'y', role: 'admin', id: 77 }, { guarded: true })).id).toBe(77)
      await User.where('id', 77).update({ role: 'editor' }, { guarded: true })
      expect(await User.where('role', 'editor').count()).toBe(2)
      user.role = 'admin'
      await user.save()
      expect((await User.findOrFail(user.id)).role).toBe('admin')
    })
  })

  describe('firstOrCreate() and updateOrCreate()', () => {
    it('say whether the row was created', async () => {
      const [made, created] = await Counter.firstOrCreate({ name: 'a' }, { count: 1 })
      expect([created, made.count]).toEqual([true, 1])
      const [found, again] = await Counter.firstOrCreate({ name: 'a' }, { count: 2 })
      expect([again, found.id, found.count]).toEqual([false, made.id, 1])
      const [updated, third] = await Counter.updateOrCreate({ name: 'a' }, { count: 3 })
      expect([third, updated.id, updated.count]).toEqual([false, made.id, 3])
      expect((await Counter.updateOrCreate({ name: 'b' }, { count: 4 }))[1]).toBe(true)
      expect(await Counter.query().orderBy('name').pluck('count')).toEqual([3, 4])
      await expectRefusal(() => (Counter as any).firstOrCreate({}))
    })

    it('make one row for 20 callers at once', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => Counter.firstOrCreate({ name: 'one' })))
      expect(await Counter.count()).toBe(1)
      expect(new Set(answers.map(([{ id }]) => id)).size).toBe(1)
      expect(answers.filter(([, created]) => created)).toHaveLength(1)
    })

    it('work inside a transaction without spoiling it', async () => {
      await Counter.transaction(async () => {
        await Counter.firstOrCreate({ name: 'a' })
        await Counter.firstOrCreate({ name: 'a' })
        await Counter.create({ name: 'b' })
      })
      expect(await Counter.count()).toBe(2)
    })
  })

  describe('upsert()', () => {
    it('inserts or updates in one statement, and answers the row', async () => {
      const made = await Counter.upsert({ name: 'a', count: 1 }, { conflict: 'name' })
      const same = await Counter.upsert({ name: 'a', count: 2 }, { conflict: 'name' })
      expect([same.id, same.count, same.isDirty()]).toEqual([made.id, 2, false])
      await Counter.upsert({ name: 'a', count: 5, note: 'n' }, { conflict: ['name'], update: ['note'] })
      await Counter.upsert({ name: 'a', count: 9 }, { conflict: 'name', update: false })
      expect(await Counter.findBy({ name: 'a' })).toMatchObject({ count: 2, note: 'n' })
      await Counter.upsert(
        { name: 'a', count: 40 },
        { conflict: 'name', update: (c, incoming) => ({ count: c.count.plus(incoming.count) }) },
      )
      expect((await Counter.findBy({ name: 'a' }))?.count).toBe(42)
    })

    it('of many rows keeps them apart', async () => {
      await Counter.createMany([
        { name: 'a', count: 1 },
        { name: 'b', count: 1 },
      ])
      const rows = ['b', 'c', 'd'].map((name, i) => ({ name, count: i + 10, note: i === 1 ? null : name }))
      expect(await Counter.upsertMany(rows, { conflict: 'name' })).toEqual({ inserted: 2, updated: 1, skipped: 0 })
      expect(await Counter.query().orderBy('name').values('name', 'count', 'note')).toEqual([
        { name: 'a', count: 1, note: null },
        { name: 'b', count: 10, note: 'b' },
        { name: 'c', count: 11, note: null },
        { name: 'd', count: 12, note: 'd' },
      ])
      expect(await Counter.upsertMany([], { conflict: 'name' })).toEqual({ inserted: 0, updated: 0, skipped: 0 })
    })

    it('refuses to go without a conflict', async () => {
      for (const options of [undefined, {}, { conflict: 'nme' }])
        await expectRefusal(() => (Counter as any).upsert({ name: 'a' }, options))
    })
  })
})
