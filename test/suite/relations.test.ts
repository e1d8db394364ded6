import {
  DatabaseError,
  Field,
  Model,
  Relation,
  RelationNotLoadedError,
  sql,
  UnknownRelationError,
  UsageError,
} from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { Comment, models, Post, User } from '../support/models.js'
import { seedWorld } from '../support/seed.js'

/** Its keys point nowhere in particular: nothing in the database checks them. */
class Leaf extends Model({ label: Field.string(), branchCode: Field.string({ nullable: true }) }) {
  static branch = Relation.belongsTo(() => Branch, { foreignKey: 'branchCode', localKey: 'code' })
}
class Branch extends Model({ code: Field.string({ unique: true }), label: Field.string() }) {
  static leaves = Relation.hasMany(() => Leaf, { foreignKey: 'branchCode', localKey: 'code' })
}

describeDatabases('loading relations with a query', (database) => {
  database.useTables([...models, Branch, Leaf])
  beforeEach(async () => {
    await seedWorld()
  })

  it('belongsTo, hasOne and hasMany, one query each', async () => {
    const users = await expectQueries(4, () => User.query().with('profile', 'posts', 'manager').orderBy('name').get())
    const [ada, bea, cal, dot] = users
    expect(ada!.profile?.city).toBe('London')
    expect(ada!.posts.map((post) => post.title)).toEqual(['Alpha', 'Beta'])
    expect(ada!.manager).toBeNull()
    expect(bea!.manager?.name).toBe('Ada Adams')
    expect(bea!.posts).toHaveLength(1)
    expect(cal!.profile).toBeNull()
    expect([...dot!.posts]).toEqual([])
  })
  it('paths of several levels, one query a level', async () => {
    const users = await expectQueries(4, () => User.query().with('posts.comments.user').orderBy('name').get())
    const [alpha] = users[0]!.posts
    expect(alpha!.comments.map((comment) => comment.user?.name ?? null)).toEqual(['Bea Brown', 'Cal Clark', null])
    const comments = await expectQueries(3, () => Comment.query().with('post.author', 'post').orderBy('id').get())
    expect(comments.map((comment) => comment.post.author.name)).toEqual([
      'Ada Adams',
      'Ada Adams',
      'Ada Adams',
      'Bea Brown',
    ])
  })
  it('paths with a common beginning load it once', async () => {
    await expectQueries({ apart: 4, together: 3 }, () =>
      User.query().with('posts.comments', 'posts.votes', 'posts').get(),
    )
    await expectQueries({ apart: 4, together: 3 }, () =>
      User.query().with('posts').with('posts.comments').with('posts.votes').get(),
    )
  })
  it('keys are asked for once, whatever the number of rows', async () => {
    const { events } = await recordQueries(() => Comment.query().with('post').get())
    expect(events).toHaveLength(2)
    const parameters = JSON.stringify(events[1]!.parameters)
    const alpha = (await Post.where('title', 'Alpha').sole()).id
    expect(parameters.split(String(alpha)).length - 1).toBeLessThanOrEqual(database.capabilities.listParameter ? 1 : 2)
  })
  it('rows of the same key are one object for all who point at it', async () => {
    const posts = await Post.query().with('author').orderBy('title').get()
    expect(posts[0]!.author).toBe(posts[1]!.author)
  })
  it('no rows, no queries below', async () => {
    await expectQueries(1, () => User.where('name', 'nobody').with('posts.comments').get())
    await expectQueries(2, () => User.where('name', 'Dot Davis').with('posts.comments').get())
    await expectQueries(1, () => User.where('name', 'Dot Davis').with('manager.profile').get())
  })
  it('first(), find() and sole() load them too', async () => {
    const user = await expectQueries(2, () => User.where('name', 'Ada Adams').with('posts').first())
    expect(user!.posts).toHaveLength(2)
    expect((await User.with('posts').find(user!.id))!.posts).toHaveLength(2)
    expect((await User.with('posts').where('name', 'Ada Adams').sole()).posts).toHaveLength(2)
  })

  describe('the map form', () => {
    it('takes conditions and an order', async () => {
      const users = await expectQueries(3, () =>
        User.query()
          .orderBy('name')
          .with({ posts: (query) => query.where('views', '>', 10).orderBy('-views'), profile: true })
          .get(),
      )
      expect(users.map((user) => user.posts.map((post) => post.title))).toEqual([['Beta'], ['Gamma'], [], []])
      expect(users[1]!.profile?.city).toBe('Paris')
    })
    it('an orWhere in it stays with the parent', async () => {
      const users = await User.query()
        .orderBy('name')
        .with({ posts: (query) => query.where('title', 'Alpha').orWhere('title', 'Gamma') })
        .get()
      expect(users.map((user) => user.posts.map((post) => post.title))).toEqual([['Alpha'], ['Gamma'], [], []])
    })
    it('a limit is per parent', async () => {
      const load = (limit: number, offset = 0) =>
        User.query()
          .orderBy('name')
          .with({ posts: (query) => query.orderBy('-views').limit(limit).offset(offset) })
          .get()
      const titles = async (users: ReturnType<typeof load>) =>
        (await users).map((user) => user.posts.map((post) => post.title))
      expect(await titles(load(1))).toEqual([['Beta'], ['Gamma'], [], []])
      expect(await titles(load(5))).toEqual([['Beta', 'Alpha'], ['Gamma'], [], []])
      expect(await titles(load(5, 1))).toEqual([['Alpha'], [], [], []])
      expect(await titles(load(0))).toEqual([[], [], [], []])
      const { events } = await recordQueries(() => load(2))
      expect(events).toHaveLength(2)
    })
    it('a limit without an order goes by the key', async () => {
      const users = await User.query()
        .orderBy('name')
        .with({ posts: (query) => query.limit(1) })
        .get()
      expect(users[0]!.posts.map((post) => post.title)).toEqual(['Alpha'])
    })
    it('loads deeper from inside', async () => {
      const [ada] = await expectQueries(3, () =>
        User.where('name', 'Ada Adams')
          .with({
            posts: (query) => query.where('title', 'Alpha').with({ comments: (q) => q.limit(2).orderBy('-id') }),
          })
          .get(),
      )
      expect(ada!.posts[0]!.comments.map((comment) => comment.body)).toEqual(['Third', 'Second'])
    })
    it('select() in it keeps the keys that are needed', async () => {
      const [ada] = await User.where('name', 'Ada Adams')
        .with({ posts: (query) => query.select('title').orderBy('title') })
        .get()
      expect(ada!.posts.map((post) => post.title)).toEqual(['Alpha', 'Beta'])
    })
    it('refuses what is neither true nor a callback, and a callback that returns another query', async () => {
      const query = User.query() as any
      for (const value of [false, null, 1, 'x', {}, undefined])
        expect(await expectRefusal(() => query.with({ posts: value }))).toBeInstanceOf(UsageError)
      for (const given of [() => User.query(), () => undefined, () => 5])
        await expect(query.with({ posts: given }).get()).rejects.toBeInstanceOf(UsageError)
      expect(await expectRefusal(() => query.with('posts', { comments: true }))).toBeInstanceOf(UsageError)
    })
  })

  it('select() of the parents may leave the keys out: they are loaded besides', async () => {
    const posts = await Post.query().select('title').with('author', 'comments').orderBy('title').get()
    expect(posts.map((post) => post.author.name)).toEqual(['Ada Adams', 'Ada Adams', 'Bea Brown'])
    expect(posts.map((post) => post.comments.length)).toEqual([3, 0, 1])
    const omitted = await Post.query().omit('authorId').with('author').orderBy('title').get()
    expect(omitted[0]!.author.name).toBe('Ada Adams')
  })
  it('an unknown name is refused with the near miss', async () => {
    const query = User.query() as any
    expect((await expectRefusal(() => query.with('post'))).message).toContain('"posts"')
    for (const name of ['name', 'constructor', '__proto__', '', 'posts.', '.posts', 'posts.none', 'posts.comments.x'])
      expect(await expectRefusal(() => query.with(name)), name).toBeInstanceOf(UnknownRelationError)
    for (const name of [1, null, ['posts'], Symbol('posts')])
      expect(await expectRefusal(() => query.with(name))).toBeInstanceOf(UsageError)
  })

  it('a null or dangling key has no partner, and a row without parent is nobody’s', async () => {
    await Branch.create({ code: 'a', label: 'A' })
    await Leaf.insertMany([
      { label: 'one', branchCode: 'a' },
      { label: 'two', branchCode: null },
      { label: 'three', branchCode: 'gone' },
      { label: 'four', branchCode: 'A' },
    ])
    const leaves = await Leaf.query().with('branch').orderBy('id').get()
    expect(leaves.map((leaf) => leaf.branch?.label ?? null)).toEqual(['A', null, null, null])
    const [branch] = await Branch.query().with('leaves').get()
    expect(branch!.leaves.map((leaf) => leaf.label)).toEqual(['one'])
    const lazily = await Leaf.query().orderBy('id').get()
    const labels: unknown[] = []
    for (const leaf of lazily) labels.push((await leaf.branch)?.label ?? null)
    expect(labels).toEqual(['A', null, null, null])
  })
  it('a loaded row stays loaded while its key is changed in memory', async () => {
    await Branch.create({ code: 'a', label: 'A' })
    await Branch.create({ code: 'b', label: 'B' })
    await Leaf.insertMany([{ label: 'one', branchCode: 'a' }])
    const leaf = await Leaf.query().with('branch').sole()
    const branch = leaf.branch!
    branch.code = 'renamed'
    expect(leaf.branch).toBe(branch)
    await branch.save()
    // the row is no longer the one that the leaf's key means
    expect(() => leaf.branch!.label).toThrow(RelationNotLoadedError)
    expect(await leaf.branch).toBeNull()
    leaf.branchCode = 'renamed'
    expect((await leaf.branch)?.label).toBe('A')
    leaf.branchCode = 'b'
    expect((await leaf.branch)?.label).toBe('B')
  })
  it('more parents than a statement takes parameters', async () => {
    const author = await User.where('name', 'Dot Davis').sole()
    await Post.insertMany(Array.from({ length: 3000 }, (_, n) => ({ title: `P${n}`, views: n, authorId: author.id })))
    const posts = await Post.where('authorId', author.id).orderBy('views').get()
    await Comment.insertMany(posts.map((post) => ({ body: post.title, postId: post.id, userId: author.id })))
    const loaded = await expectQueries(3, () =>
      Post.where('authorId', author.id).with('comments', 'author').orderBy('views').get(),
    )
    expect(loaded.every((post) => post.comments.length === 1 && post.comments[0]!.body === post.title)).toBe(true)
    expect(loaded.every((post) => post.author === loaded[0]!.author)).toBe(true)
  })

  describe('load()', () => {
    it('loads onto an instance what is not loaded yet', async () => {
      const ada = await User.where('name', 'Ada Adams').sole()
      const loaded = await expectQueries(2, () => ada.load('posts.comments'))
      expect(loaded).toBe(ada)
      expect(loaded.posts[0]!.comments).toHaveLength(3)
      await expectQueries(0, () => loaded.load('posts'))
    })
  })

  it('load() of several paths at once loads all of them onto the same rows', async () => {
    const comment = (await Comment.where('body', 'First').sole()) as any
    const [, , post] = await Promise.all([
      comment.load('post.author'),
      comment.load('post.comments.user'),
      (async () => await comment.post)(),
      comment.load('post.votes'),
    ])
    expect(post).toBe(comment.post)
    expect(post.author.name).toBe('Ada Adams')
    expect(Array.isArray(post.votes)).toBe(true)
    expect(post.comments.map(({ user }: any) => user?.name ?? null)).toHaveLength(3)
    const refused = comment.load({ post: (q: any) => q.whereRaw(sql`nonsense`) })
    await expect(Promise.all([comment.load('user'), refused])).rejects.toThrow(DatabaseError)
    expect((await comment.load('post.author')).post.author.name).toBe('Ada Adams')
  })
  it('to-one that is not loaded says how to load it', async () => {
    const post = (await Post.where('title', 'Alpha').sole()) as any
    for (const use of [() => post.author.name, () => post.author.posts, () => post.author.save()])
      expect(use).toThrow(RelationNotLoadedError)
    expect(() => post.author.name).toThrow(/await.*with\('author'\)/)
    expect((await post.author).name).toBe('Ada Adams')
    expect(post.author.name).toBe('Ada Adams')
  })
})
