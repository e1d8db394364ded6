import { ForeignKeyViolationError, NotFoundError, NotNullViolationError, UsageError, ValidationError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { Comment, models, Post, Profile, User } from '../support/models.js'
import { seedWorld } from '../support/seed.js'

describeDatabases('related()', (database) => {
  database.useTables(models)
  let world: Awaited<ReturnType<typeof seedWorld>>
  beforeEach(async () => {
    world = await seedWorld()
  })

  it('is a query over the rows of the relation', async () => {
    const posts = world.ada.related('posts')
    expect(await posts).toHaveLength(2)
    expect(await posts.where('views', '>', 10).pluck('title')).toEqual(['Beta'])
    expect(await posts.count()).toBe(2)
    expect(await posts.where('title', 'Beta').orWhere('title', 'Gamma').pluck('title')).toEqual(['Beta'])
    expect(await world.alpha.related('author').pluck('name')).toEqual(['Ada Adams'])
    expect(await world.ada.related(User.posts).count()).toBe(2)
    expect(await world.dot.related('manager').get()).toEqual([])
  })
  it('updates and deletes the rows of the relation only', async () => {
    expect(await world.ada.related('posts').update({ views: 0 })).toBe(2)
    expect(await Post.where('views', 30).count()).toBe(1)
    expect(await world.ada.related('posts').where('title', 'Alpha').delete()).toBe(1)
    expect(await world.ada.related('posts').delete()).toBe(1)
    expect(await Post.query().pluck('title')).toEqual(['Gamma'])
  })

  describe('create() and createMany()', () => {
    it('fill in the foreign key', async () => {
      const post = await expectQueries(1, () => world.cal.related('posts').create({ title: 'New' }))
      expect(post).toMatchObject({ title: 'New', authorId: world.cal.id, isPersisted: true })
      const posts = await world.cal.related('posts').createMany([{ title: 'A' }, { title: 'B' }])
      expect(posts.map((each) => [each.title, each.authorId])).toEqual([
        ['A', world.cal.id],
        ['B', world.cal.id],
      ])
      expect(await world.cal.posts.count()).toBe(3)
    })
    it('the owner’s key is not the caller’s to choose', async () => {
      const post = await world.cal.related('posts').create({ title: 'Mine', authorId: world.ada.id } as never)
      expect(post.authorId).toBe(world.cal.id)
    })
    it('keep a loaded value in step', async () => {
      const user = await User.with('posts', 'profile').findOrFail(world.ada.id)
      const post = await user.related('posts').create({ title: 'New' })
      expect(user.posts).toHaveLength(3)
      expect(user.posts[2]).toBe(post)
      await user.related('posts').createMany([{ title: 'A' }, { title: 'B' }])
      expect(user.posts.map((each) => each.title)).toEqual(['Alpha', 'Beta', 'New', 'A', 'B'])
      const cal = await User.with('profile').findOrFail(world.cal.id)
      const profile = await cal.related('profile').create({ city: 'Rome' })
      expect(cal.profile).toBe(profile)
    })
    it('a failed create leaves the loaded value as it was', async () => {
      const user = await User.with('posts').findOrFail(world.ada.id)
      await expect(user.related('posts').create({ title: null } as never)).rejects.toBeInstanceOf(ValidationError)
      await expect(user.related('posts').create({ title: 'x'.repeat(300) })).rejects.toBeInstanceOf(ValidationError)
      expect(user.posts).toHaveLength(2)
    })
    it('need a saved owner', async () => {
      const user = User.make({ name: 'New', email: 'new@example.org' })
      expect((await expectRefusal(() => user.related('posts'))).message).toMatch(/saved|Save/)
    })
  })

  describe('save()', () => {
    it('gives an instance the foreign key and saves it', async () => {
      const post = Post.make({ title: 'Draft' })
      const saved = await world.dot.related('posts').save(post)
      expect(saved).toBe(post)
      expect(post).toMatchObject({ authorId: world.dot.id, isPersisted: true })
      const alpha = await Post.where('title', 'Alpha').sole()
      const dot = await User.with('posts').findOrFail(world.dot.id)
      await dot.related('posts').save(alpha)
      expect(dot.posts.map((each) => each.title).sort()).toEqual(['Alpha', 'Draft'])
      expect((await alpha.author).id).toBe(world.dot.id)
    })
    it('refuses an instance of another model', async () => {
      expect(await expectRefusal(() => world.dot.related('posts').save(new Comment() as never))).toBeInstanceOf(
        UsageError,
      )
    })
  })

  describe('associate() and dissociate()', () => {
    it('take an instance or a key, and save', async () => {
      const post = await Post.with('author').where('title', 'Alpha').sole()
      await expectQueries(1, () => post.related('author').associate(world.bea))
      expect(post.author.name).toBe('Bea Brown')
      expect(await Post.where('title', 'Alpha').pluck('authorId')).toEqual([world.bea.id])
      await post.related('author').associate(world.cal.id)
      expect(post.authorId).toBe(world.cal.id)
      expect((await post.author).name).toBe('Cal Clark')
      expect(post.isDirty()).toBe(false)
    })
    it('save the key only', async () => {
      const post = await Post.where('title', 'Alpha').sole()
      post.title = 'Changed'
      await post.related('author').associate(world.bea)
      expect(await Post.findOrFail(post.id)).toMatchObject({ title: 'Alpha', authorId: world.bea.id })
      expect(post.isDirty('title')).toBe(true)
    })
    it('dissociate() sets the key to null', async () => {
      const comment = await Comment.with('user').where('body', 'First').sole()
      await comment.related('user').dissociate()
      expect(comment.userId).toBeNull()
      expect(comment.user).toBeNull()
      expect(await Comment.where('body', 'First').pluck('userId')).toEqual([null])
    })
    it('a key that may not be null stays', async () => {
      const post = await Post.where('title', 'Alpha').sole()
      expect((await expectRefusal(() => post.related('author').dissociate())).message).toContain('authorId')
      expect(post.authorId).toBe(world.ada.id)
    })
    it('a target that is not there leaves the instance as it was', async () => {
      const post = await Post.with('author').where('title', 'Alpha').sole()
      await expect(post.related('author').associate(987654)).rejects.toBeInstanceOf(ForeignKeyViolationError)
      expect(post.authorId).toBe(world.ada.id)
      expect(post.author.name).toBe('Ada Adams')
      expect(post.isDirty()).toBe(false)
    })
    it('a row that leaves its owner holds no key of it, in memory too', async () => {
      const reports = await User.createMany([
        { name: 'R', email: 'r@example.org', managerId: world.ada.id },
        { name: 'S', email: 's@example.org', managerId: world.bea.id },
      ])
      expect(await world.ada.related('reports').detach(...reports)).toBe(1)
      expect(reports.map((each) => each.managerId)).toEqual([null, world.bea.id])
      expect(reports[0]?.isDirty()).toBe(false)
    })
    it('sync() of rows that are not there changes nothing', async () => {
      const report = await User.create({ name: 'R', email: 'r@example.org', managerId: world.ada.id })
      await expect(world.ada.related('reports').sync([987654])).rejects.toBeInstanceOf(NotFoundError)
      expect(await User.where('manager', world.ada).pluck('id')).toContain(report.id)
    })
    it('refuse an unsaved target, undefined and another model', async () => {
      const post = (await Post.where('title', 'Alpha').sole()) as any
      for (const target of [User.make({ name: 'x', email: 'x@example.org' }), undefined, {}, [1], new Post()])
        await expect(post.related('author').associate(target)).rejects.toMatchObject({
          code: expect.stringMatching(/USAGE|VALIDATION/),
        })
      expect(post.authorId).toBe(world.ada.id)
    })
    it('work before the first save', async () => {
      const post = Post.make({ title: 'Draft' })
      await post.related('author').associate(world.bea)
      expect(post).toMatchObject({ authorId: world.bea.id, isPersisted: true })
    })
  })

  describe('a relation in the data of create()', () => {
    it('stands for its key', async () => {
      const post = await Post.create({ author: world.bea, title: 'By Bea' } as never)
      expect(post.authorId).toBe(world.bea.id)
      expect((await post.author).name).toBe('Bea Brown')
      const profile = await Profile.create({ user: world.dot, city: 'Oslo' } as never)
      expect(profile.userId).toBe(world.dot.id)
    })
    it('must be a saved instance of the right model', async () => {
      for (const author of [world.alpha, User.make({ name: 'x', email: 'y@example.org' }), {}, undefined])
        await expect(Post.create({ author, title: 'x' } as never)).rejects.toMatchObject({
          code: expect.stringMatching(/USAGE|VALIDATION/),
        })
      expect(await Post.count()).toBe(3)
    })
  })

  it('refuses names that are no relations', async () => {
    const user = world.ada as any
    for (const name of ['post', 'name', 'constructor', '__proto__', undefined, 5])
      expect(await expectRefusal(() => user.related(name))).toMatchObject({
        code: expect.stringMatching(/RELATION|USAGE/),
      })
    expect(await expectRefusal(() => user.related(Post.author))).toBeInstanceOf(UsageError)
  })

  it('deleting an owner follows the foreign keys', async () => {
    await world.ada.delete()
    expect(await Post.query().pluck('title')).toEqual(['Gamma'])
    expect(await Profile.count()).toBe(1)
    expect(await User.where('name', 'Bea Brown').pluck('managerId')).toEqual([null])
    await expect(Comment.create({ body: 'x' } as never)).rejects.not.toBeInstanceOf(NotNullViolationError)
  })
})
