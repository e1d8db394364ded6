import { inspect } from 'node:util'
import { Database, outsideTransaction, RelationNotLoadedError, UsageError } from 'corm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectQueries, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { Comment, models, Post, User } from '../support/models.js'
import { seedWorld } from '../support/seed.js'

describeDatabases('relations that are not loaded', (database) => {
  database.useTables(models)
  let world: Awaited<ReturnType<typeof seedWorld>>
  beforeEach(async () => {
    world = await seedWorld()
  })

  describe('awaited', () => {
    it('load for all rows of the same result in one query', async () => {
      const comments = await Comment.query().orderBy('id').get()
      const names = await expectQueries(1, async () => {
        const list: unknown[] = []
        for (const comment of comments) list.push((await comment.user)?.name ?? null)
        return list
      })
      expect(names).toEqual(['Bea Brown', 'Cal Clark', null, 'Ada Adams'])
    })
    it('load level by level, each in one query', async () => {
      const users = await User.query().get()
      const bodies = await expectQueries(2, async () => {
        const list: string[] = []
        for (const user of users)
          for (const post of await user.posts) for (const comment of await post.comments) list.push(comment.body)
        return list
      })
      expect(bodies.sort()).toEqual(['First', 'Nice', 'Second', 'Third'])
    })
    it('join each other when they are awaited at once', async () => {
      const posts = await Post.query().orderBy('title').get()
      const authors = await expectQueries(1, () => Promise.all(posts.map(async (post) => (await post.author).name)))
      expect(authors).toEqual(['Ada Adams', 'Ada Adams', 'Bea Brown'])
      const comments = await expectQueries(1, () => Promise.all(posts.map((post) => post.comments)))
      expect(comments.map((list) => list.length)).toEqual([3, 0, 1])
    })
    it('join none that is under way inside a transaction, or outside it', async () => {
      if (!database.facts.concurrent) return
      const name = (post: any) => async (): Promise<string> => (await post.author).name
      const read = async () => (await Post.query().orderBy('title'))[0]
      const [one, other] = [name(await read()), name(await read())]
      await database.db.transaction(async (trx) => {
        await User.where('name', 'Ada Adams').update({ name: 'Within' })
        const insideFirst = [one(), outsideTransaction(one)]
        expect(await Promise.all(insideFirst)).toEqual(['Within', 'Ada Adams'])
        const outsideFirst = [outsideTransaction(other), other()]
        expect(await Promise.all(outsideFirst)).toEqual(['Ada Adams', 'Within'])
        trx.rollback()
      })
    })
    it('two relations at once are two queries', async () => {
      const posts = await Post.query().get()
      await expectQueries(2, () => Promise.all(posts.flatMap((post) => [post.author, post.comments] as any[])))
    })
    it('a second await sends nothing', async () => {
      const post = await Post.where('title', 'Alpha').sole()
      const first = await post.author
      expect(await expectQueries(0, () => post.author)).toBe(first)
      const comments = await post.comments
      expect(await expectQueries(0, () => post.comments)).toBe(comments)
    })
    it('a null key is null at once', async () => {
      const comment = await Comment.where('body', 'Third').sole()
      expect(comment.user).toBeNull()
      expect(await expectQueries(0, () => comment.user)).toBeNull()
    })
    it('no row is null, and is remembered', async () => {
      const cal = await User.where('name', 'Cal Clark').sole()
      expect(await expectQueries(1, () => cal.profile)).toBeNull()
      expect(await expectQueries(0, () => cal.profile)).toBeNull()
    })
    it('more than 1000 rows load by groups', async () => {
      await Post.insertMany(Array.from({ length: 2500 }, (_, n) => ({ title: `P${n}`, authorId: world.dot.id })))
      const posts = await Post.where('authorId', world.dot.id).orderBy('id').get()
      expect(posts).toHaveLength(2500)
      await expectQueries(1, async () => {
        for (const post of posts.slice(0, 1000)) expect((await post.author).id).toBe(world.dot.id)
      })
      await expectQueries(2, async () => {
        for (const post of posts) expect((await post.author).id).toBe(world.dot.id)
      })
    })
    it('a failed load can be tried again', async () => {
      const posts = await Post.query().orderBy('title').get()
      Database.configure({ lazyLoading: 'forbid' })
      await expect(Promise.resolve(posts[0]!.author)).rejects.toBeInstanceOf(RelationNotLoadedError)
      Database.configure({ lazyLoading: 'batch' })
      expect((await posts[0]!.author).name).toBe('Ada Adams')
    })
    it('work with then, Promise.resolve and Promise.all', async () => {
      const post = await Post.where('title', 'Alpha').sole()
      expect(await (post.author as PromiseLike<User>).then((author) => author.name)).toBe('Ada Adams')
      const other = await Post.where('title', 'Gamma').sole()
      expect((await Promise.resolve(other.author)).name).toBe('Bea Brown')
      expect((await Promise.all([other.comments, other.votes])).map((list) => list.length)).toEqual([1, 1])
    })
  })

  describe('the setting lazyLoading', () => {
    afterEach(() => Database.configure({ lazyLoading: 'batch' }))
    it("'single' loads for one row", async () => {
      Database.configure({ lazyLoading: 'single' })
      const posts = await Post.query().get()
      await expectQueries(3, async () => {
        for (const post of posts) await post.author
      })
    })
    it("'forbid' refuses, and with() is the way", async () => {
      Database.configure({ lazyLoading: 'forbid' })
      const post = await Post.where('title', 'Alpha').sole()
      const error = await Promise.resolve(post.author).catch((thrown) => thrown)
      expect(error).toBeInstanceOf(RelationNotLoadedError)
      expect(error.message).toContain("with('author')")
      expect((await Post.with('author').where('title', 'Alpha').sole()).author.name).toBe('Ada Adams')
      expect(await post.comments.count()).toBe(3)
    })
    it('takes nothing else', () => {
      expect(() => Database.configure({ lazyLoading: 'never' as 'forbid' })).toThrow(UsageError)
    })
  })

  describe('to-many', () => {
    it('not loaded, answer as a query', async () => {
      const { ada } = world
      const user = await User.findOrFail(ada.id)
      expect(await user.posts.count()).toBe(2)
      expect(await user.posts.exists()).toBe(true)
      expect((await user.posts.first())?.title).toBe('Alpha')
      expect(await user.posts.where('views', '>', 10).pluck('title')).toEqual(['Beta'])
      expect(await user.posts.orderBy('-views').pluck('title')).toEqual(['Beta', 'Alpha'])
      expect(await user.posts.limit(1)).toHaveLength(1)
      expect(await user.posts.query().sum('views')).toBe(30)
      expect(await user.posts.where('title', 'Alpha').orWhere('title', 'Gamma').pluck('title')).toEqual(['Alpha'])
      expect(await (await User.findOrFail(world.dot.id)).posts.exists()).toBe(false)
    })
    it('not loaded, say how to load them when they are used as a list', async () => {
      const user = (await User.findOrFail(world.ada.id)) as any
      for (const use of [
        () => user.posts.length,
        () => user.posts.map((post: Post) => post.title),
        () => user.posts.find(() => true),
        () => user.posts.push({}),
        () => [...user.posts],
        () => {
          for (const post of user.posts) return post
        },
      ]) {
        expect(use).toThrow(RelationNotLoadedError)
        expect(use).toThrow(/"User.posts".*await.*with\('posts'\)/)
      }
    })
    it('loaded, are lists that still answer', async () => {
      const user = await User.with('posts').findOrFail(world.ada.id)
      await expectQueries(0, async () => {
        expect(user.posts.length).toBe(2)
        expect(user.posts.map((post) => post.title)).toEqual(['Alpha', 'Beta'])
        expect(user.posts.filter((post) => post.views > 10)).toHaveLength(1)
        expect([...user.posts]).toHaveLength(2)
        expect(Array.isArray(user.posts)).toBe(true)
        expect(await user.posts).toHaveLength(2)
        expect(await user.posts.count()).toBe(2)
        expect(await user.posts.exists()).toBe(true)
        expect((await user.posts.first())?.title).toBe('Alpha')
      })
      await expectQueries(2, async () => {
        expect(await user.posts.where('views', '>', 10).pluck('title')).toEqual(['Beta'])
        expect(await user.posts.orderBy('-views').limit(1).pluck('title')).toEqual(['Beta'])
      })
    })
    it('what map and filter give is a plain list', async () => {
      const user = await User.with('posts').findOrFail(world.ada.id)
      expect(user.posts.map((post) => post.title).constructor).toBe(Array)
      expect(user.posts.slice().constructor).toBe(Array)
    })
  })

  describe('a changed key', () => {
    it('makes a to-one relation unloaded', async () => {
      const post = await Post.with('author').where('title', 'Alpha').sole()
      post.authorId = world.bea.id
      expect(() => post.author.name).toThrow(RelationNotLoadedError)
      expect((await post.author).name).toBe('Bea Brown')
      post.authorId = world.cal.id
      expect((await post.author).name).toBe('Cal Clark')
    })
    it('to null reads null', async () => {
      const comment = await Comment.with('user').where('body', 'First').sole()
      comment.userId = null
      expect(comment.user).toBeNull()
    })
    it('of one row does not touch its siblings', async () => {
      const posts = await Post.query().with('author').orderBy('title').get()
      posts[0]!.authorId = world.bea.id
      await expectQueries(1, () => posts[0]!.author)
      expect(await expectQueries(0, async () => posts[1]!.author.name)).toBe('Ada Adams')
    })
  })

  describe('looked at from outside', () => {
    it('do not throw, send nothing and show nothing', async () => {
      const post = await Post.where('title', 'Alpha').sole()
      const user = await User.findOrFail(world.ada.id)
      const { events } = await recordQueries(async () => {
        expect(inspect(post)).not.toContain('author:')
        expect(inspect(post.author)).toContain('not loaded')
        expect(inspect(user.posts)).toContain('not loaded')
        expect(JSON.parse(JSON.stringify(post))).not.toHaveProperty('author')
        expect(JSON.stringify({ author: post.author, posts: user.posts })).toBe('{}')
        expect({ ...post }).not.toHaveProperty('author')
        expect(Object.keys(post)).not.toContain('author')
        expect(String(post.author)).toBe('[object Object]')
        expect(post).toEqual(post)
        expect(structuredClone(Object.keys(user.posts))).toEqual([])
      })
      expect(events).toEqual([])
    })
    it('two instances of one row are equal', async () => {
      const [first, second] = [await Post.where('title', 'Alpha').sole(), await Post.where('title', 'Alpha').sole()]
      expect(first).toEqual(second)
      await first.author
      expect(first.toObject()).toHaveProperty('author')
    })
    it('cannot be assigned', async () => {
      const post = (await Post.where('title', 'Alpha').sole()) as any
      expect(() => {
        post.author = world.bea
      }).toThrow(/related\('author'\)\.associate/)
      expect(() => {
        post.comments = []
      }).toThrow(UsageError)
    })
  })

  describe('toJSON() and toObject()', () => {
    it('have the relations that are loaded', async () => {
      const user = await User.with('posts.comments', 'profile', 'manager').where('name', 'Bea Brown').sole()
      const json = JSON.parse(JSON.stringify(user))
      expect(json).toMatchObject({
        name: 'Bea Brown',
        profile: { city: 'Paris' },
        manager: { name: 'Ada Adams' },
        posts: [{ title: 'Gamma', comments: [{ body: 'Nice' }] }],
      })
      expect(json).not.toHaveProperty('votes')
      expect(json.manager).not.toHaveProperty('password')
      expect(user.toObject().posts).toHaveLength(1)
    })
    it('cycles come to an end', async () => {
      const user = await User.with('posts.author.posts', 'manager.reports').where('name', 'Bea Brown').sole()
      expect(() => JSON.stringify(user)).not.toThrow()
      const self = await User.where('name', 'Ada Adams').sole()
      await self.update({ managerId: self.id })
      const mine = await User.with('manager', 'reports').findOrFail(self.id)
      expect(JSON.parse(JSON.stringify(mine)).manager.name).toBe('Ada Adams')
      const reports = await mine.reports
      for (const report of reports) await report.manager
      expect(() => JSON.stringify(mine)).not.toThrow()
    })
  })
})
