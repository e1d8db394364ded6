import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Database, type Entity, fn, NPlusOneError, sql, UsageError, withRequest } from 'corm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { Comment, models, Post, User } from '../support/models.js'
import { seedWorld } from '../support/seed.js'

const file = fileURLToPath(import.meta.url)

/** The line that calls this, counted from there. */
function lineHere(further = 0): string {
  const [, line] = [...String(new Error('here').stack).matchAll(/n-plus-one\.test\.ts:(\d+)/g)].map(
    ([, found]) => found,
  )
  return `${file}:${Number(line) + further}`
}

/** The warnings of N+1 queries that come while `work` runs. */
async function warningsOf(work: () => Promise<unknown>): Promise<(Error & { code?: string })[]> {
  const warnings: Error[] = []
  const listen = (warning: Error) => warnings.push(warning)
  process.on('warning', listen)
  try {
    await work()
    // warnings are told in the next tick
    await new Promise((resolve) => setImmediate(resolve))
  } finally {
    process.off('warning', listen)
  }
  return warnings.filter(({ name }) => name === 'CORM_N_PLUS_ONE')
}

/** Runs `work` with a function that has a server run `handler`, over connections that are kept. */
async function withServer(
  handler: () => Promise<unknown>,
  work: (request: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const server = createServer((_, response) => {
    handler().then(
      () => response.end(),
      (error) => response.writeHead(500).end(String(error)),
    )
  })
  const agent = new Agent({ keepAlive: true })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    await work(
      () =>
        new Promise((resolve, reject) => {
          const sent = get({ port, agent, host: '127.0.0.1' }, (answer) => {
            answer.resume().on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error('failed'))))
          })
          sent.on('error', reject)
        }),
    )
  } finally {
    agent.destroy()
    server.close()
  }
}

async function postsOf(user: Entity<typeof User>) {
  await new Promise((resolve) => setImmediate(resolve))
  return user.related('posts')
}

async function messageOf(work: () => Promise<unknown>): Promise<string> {
  const warnings = await warningsOf(work)
  expect(warnings).toHaveLength(1)
  return warnings[0]?.message ?? ''
}

describeDatabases('the search for N+1 queries', (database) => {
  database.useTables(models)
  let users: Entity<typeof User>[]

  beforeEach(async () => {
    await seedWorld()
    await User.createMany([5, 6, 7, 8].map((n) => ({ name: `User ${n}`, email: `user${n}@example.net` })))
    users = await User.query().orderBy('id')
    Database.configure({ detectNPlusOne: 'warn' })
  })
  afterEach(() => Database.configure({ detectNPlusOne: false, lazyLoading: 'batch' }))

  describe('warns of a loop', () => {
    it('with the line, the number, the model and the fix', async () => {
      let line = ''
      const [warning, ...more] = await warningsOf(async () => {
        for (const user of users) {
          line = lineHere(1)
          await User.find(user.id)
        }
      })
      expect(more).toEqual([])
      expect(warning?.code).toBe('CORM_N_PLUS_ONE')
      expect(warning?.message).toBe(
        `N+1 queries: ${line} ran 5 similar queries for "User". Run one query before the loop: User.findMany(keys). If the keys come from a relation, load it in the query that reads the rows with these keys: .with(…).`,
      )
    })

    it('over findOrFail, also behind conditions', async () => {
      const message = await messageOf(async () => {
        for (const user of users) await User.query().omit('settings').findOrFail(user.id)
      })
      expect(message).toContain('User.findMany(keys)')
    })

    it('over awaited queries, which it finds by the line that awaits', async () => {
      let line = ''
      const message = await messageOf(async () => {
        for (const user of users) {
          line = lineHere(1)
          await Post.where('authorId', user.id)
        }
      })
      expect(message).toContain(`${line} ran 5 similar queries for "Post".`)
      expect(message).toContain(".whereIn('authorId', values)")
    })

    it('over queries that go on from one made before', async () => {
      const published = Post.where('published', true)
      const message = await messageOf(async () => {
        for (const user of users) await published.where('authorId', user.id)
      })
      expect(message).toContain('5 similar queries for "Post"')
    })

    it('over a query that is awaited again and again', async () => {
      const published = Post.where('published', true)
      expect(
        await warningsOf(async () => {
          for (const _ of users) await published
        }),
      ).toHaveLength(1)
    })

    it('over related queries', async () => {
      let line = ''
      const message = await messageOf(async () => {
        for (const user of users) {
          line = lineHere(1)
          await user.related('posts')
        }
      })
      expect(message).toBe(
        `N+1 queries: ${line} ran 5 similar queries for "User.posts". Load them in the query over "User": .with('posts').`,
      )
    })

    it('over steps of a relation that is not loaded', async () => {
      const message = await messageOf(async () => {
        for (const user of users) await user.posts.where('views', '>', 5).orderBy('id')
      })
      expect(message).toContain('5 similar queries for "User.posts"')
      expect(message).toContain(".with('posts'), or .with({ posts: (q) => q.where(…) }) for some of them.")
    })

    it('over steps of a relation that is loaded', async () => {
      const loaded = await User.query().with('posts')
      const message = await messageOf(async () => {
        for (const user of loaded) await user.posts.where('views', '>', 5)
      })
      expect(message).toContain('5 similar queries for "User.posts"')
    })

    it('over counts of a relation', async () => {
      const message = await messageOf(async () => {
        for (const user of users) await user.posts.count()
      })
      expect(message).toContain('5 similar queries for "User.posts"')
      expect(message).toContain(".withCount('posts')")
    })

    it('over whether there are rows of a relation', async () => {
      const message = await messageOf(async () => {
        for (const user of users) await user.related('posts').exists()
      })
      expect(message).toContain('.annotate()')
      expect(message).not.toContain('withCount')
    })

    it('over relations that are loaded one by one', async () => {
      Database.configure({ lazyLoading: 'single' })
      let line = ''
      const message = await messageOf(async () => {
        for (const user of users) {
          line = lineHere(1)
          await user.posts
        }
      })
      expect(message).toContain(`${line} ran 5 similar queries for "User.posts". `)
      expect(message).toContain(".with('posts')")
    })

    it('over load()', async () => {
      const message = await messageOf(async () => {
        for (const user of users) await user.load('posts')
      })
      expect(message).toContain(".with('posts')")
    })

    it('over refresh()', async () => {
      const message = await messageOf(async () => {
        for (const user of users) await user.refresh()
      })
      expect(message).toContain('User.findMany(keys)')
    })

    it('over pages, findMany and SQL by hand', async () => {
      const works: ((user: Entity<typeof User>) => Promise<unknown>)[] = [
        ({ id }) => Post.where('authorId', id).limit(3).first(),
        ({ id }) => Post.where('authorId', id).paginate(),
        ({ id }) => User.findMany([id]),
        ({ id }) => Post.where('authorId', id).pluck('title'),
        ({ id }) => Post.where('authorId', id).aggregate({ most: (c) => fn.max(c.views) }),
        ({ id }) => database.db.select(sql`select ${id}`),
        ({ id }) => User.raw(sql`select * from ${sql.id('users')} where ${sql.id('id')} = ${id}`),
      ]
      for (const work of works)
        expect(
          await warningsOf(async () => {
            for (const user of users) await work(user)
          }),
          String(work),
        ).toHaveLength(1)
    })

    it('whose statements are sent by a function that does other work first', async () => {
      const warnings = await warningsOf(async () => {
        await User.count()
        for (const user of users) await postsOf(user)
      })
      expect(warnings).toHaveLength(1)
    })

    it('in a transaction, and over transactions', async () => {
      const inside = await warningsOf(() =>
        database.db.transaction(async () => {
          for (const user of users) await Post.where('authorId', user.id)
        }),
      )
      expect(inside).toHaveLength(1)
      const around = await warningsOf(async () => {
        await User.count()
        for (const user of users) await database.db.transaction(async () => User.find(user.id))
      })
      expect(around).toHaveLength(1)
    })

    it('whose queries have limits', async () => {
      const warnings = await warningsOf(async () => {
        for (const user of users) await Post.where('authorId', user.id).timeout(10_000)
      })
      expect(warnings).toHaveLength(1)
    })

    it('once, however long it is', async () => {
      const warnings = await warningsOf(async () => {
        for (let i = 0; i < 30; i++) await User.find(i)
      })
      expect(warnings).toHaveLength(1)
    })

    it('in each request to a server', async () => {
      const warnings = await warningsOf(async () => {
        await User.count()
        const handler = async () => {
          for (const user of await User.query()) await postsOf(user)
        }
        await withServer(handler, async (request) => {
          await request()
          await Promise.all([request(), request()])
        })
      })
      expect(warnings).toHaveLength(3)
    })

    it('once for each line and each text', async () => {
      const warnings = await warningsOf(async () => {
        for (const user of users) {
          await User.find(user.id)
          await User.find(user.id)
          await user.related(user.id > 0 ? 'posts' : 'comments')
        }
      })
      expect(warnings).toHaveLength(3)
      expect(new Set(warnings.map(({ message }) => message)).size).toBe(3)
    })
  })

  describe('warns of a fan-out', () => {
    it('of calls', async () => {
      let line = ''
      const message = await messageOf(async () => {
        line = lineHere(1)
        await Promise.all(users.map((user) => User.find(user.id)))
      })
      expect(message).toContain(`N+1 queries: ${line} ran 5 `)
    })

    it('of awaited queries', async () => {
      let line = ''
      const message = await messageOf(async () => {
        line = lineHere(1)
        await Promise.all(users.map((user) => user.related('posts')))
      })
      expect(message).toContain(`${line} ran 5 similar queries for "User.posts".`)
    })

    it('of functions, after a first query', async () => {
      const warnings = await warningsOf(async () => {
        const all = await User.query()
        await Promise.all(all.map(async (user) => ({ user, posts: await user.posts.where('views', '>', 1) })))
      })
      expect(warnings).toHaveLength(1)
    })
  })

  describe('counts in a marked piece of work', () => {
    const handler = async (id: number) => {
      const user = await User.findOrFail(id)
      return user.related('posts').count()
    }

    it('by itself, whatever loop calls it', async () => {
      const warnings = await warningsOf(async () => {
        for (const { id } of users) await withRequest(() => handler(id))
        for (const { id } of users) await withRequest(() => handler(id))
        await Promise.all(users.map(({ id }) => withRequest(() => handler(id))))
      })
      expect(warnings).toEqual([])
    })

    it('without what ran before it, and what runs after', async () => {
      const warnings = await warningsOf(async () => {
        const read = (id: number) => User.find(id)
        for (let i = 0; i < 3; i++) await read(i)
        await withRequest(async () => {
          for (let i = 0; i < 3; i++) await read(i)
        })
        await read(4)
      })
      expect(warnings).toEqual([])
    })

    it('all that it begins, together', async () => {
      const warnings = await warningsOf(() =>
        withRequest(async () => {
          const read = async (id: number) => {
            await new Promise((resolve) => setImmediate(resolve))
            await User.find(id)
          }
          await Promise.all([read(1), read(2)])
          const later = new Promise((resolve, reject) => setTimeout(() => read(3).then(resolve, reject), 5))
          await read(4)
          await later
          await database.db.transaction(() => read(5))
        }),
      )
      expect(warnings).toHaveLength(1)
      expect(warnings[0]?.message).toContain('5 similar queries for "User"')
    })

    it('a piece inside another by itself', async () => {
      const warnings = await warningsOf(() =>
        withRequest(async () => {
          const read = (id: number) => User.find(id)
          for (let i = 0; i < 3; i++) await read(i)
          await withRequest(async () => {
            for (let i = 0; i < 3; i++) await read(i)
          })
          await read(4)
        }),
      )
      expect(warnings).toEqual([])
    })

    it('and refuses the one that is too many', async () => {
      Database.configure({ detectNPlusOne: 'throw' })
      const work = withRequest(async () => {
        for (const { id } of users) await User.find(id)
      })
      await expect(work).rejects.toBeInstanceOf(NPlusOneError)
    })

    it('which gives what the work gives, with the search on or off', async () => {
      for (const detectNPlusOne of ['warn', false] as const) {
        Database.configure({ detectNPlusOne })
        expect(await withRequest(() => User.count())).toBe(users.length)
        expect(await withRequest(() => 'at once')).toBe('at once')
        await expect(
          withRequest(() => {
            throw new RangeError('mine')
          }),
        ).rejects.toThrow(new RangeError('mine'))
        await expect(withRequest('work' as never)).rejects.toThrow(UsageError)
        await database.db
          .transaction((trx) =>
            withRequest(async () => {
              await User.create({ name: 'R', email: 'r@example.com' })
              expect(await User.using(trx).count()).toBe(users.length + 1)
              trx.rollback()
            }).catch((error) => {
              throw error
            }),
          )
          .catch(() => {})
        expect(await User.count()).toBe(users.length)
      }
    })
  })

  describe('leaves alone', () => {
    const silent = async (work: () => Promise<unknown>) =>
      expect((await warningsOf(work)).map(({ message }) => message)).toEqual([])

    it('four similar queries, and similar ones from other lines', () =>
      silent(async () => {
        for (let i = 0; i < 4; i++) await User.find(i)
        await User.find(1)
        await User.find(2)
        await User.find(3)
      }))

    it('one line that sends different statements', () =>
      silent(async () => {
        for (const name of ['id', 'name', 'email', 'age', 'role'] as const) await User.query().select(name).limit(1)
      }))

    it('pieces of work beside each other, that are short each', () =>
      silent(async () => {
        const handler = async () => {
          for (let i = 0; i < 3; i++) await User.find(i)
          for (let i = 0; i < 3; i++) await Post.where('authorId', i)
        }
        await User.count()
        await Promise.all([handler(), handler()])
        const later = () => new Promise((resolve, reject) => setImmediate(() => handler().then(resolve, reject)))
        await Promise.all(Array.from({ length: 8 }, later))
      }))

    it('requests to a server, on one connection or several', () =>
      silent(async () => {
        await User.count()
        await withServer(
          async () => {
            await User.find(1)
            await Post.where('authorId', 1)
            await User.find(2)
          },
          async (request) => {
            for (let i = 0; i < 6; i++) await request()
            await Promise.all(Array.from({ length: 6 }, () => request()))
          },
        )
      }))

    it('eager loading', () =>
      silent(async () => {
        for (let i = 0; i < 4; i++) await User.query().with('posts.comments.user', 'profile', 'reports')
        await User.query().with({ posts: (q) => q.where('views', '>', 1).limit(2) })
      }))

    it('relations that are loaded for all rows', () =>
      silent(async () => {
        for (const user of users)
          for (const post of await user.posts) for (const comment of await post.comments) await comment.user
      }))

    it('streams and batches', () =>
      silent(async () => {
        for await (const _ of User.query().stream({ chunkSize: 1 }));
        for await (const _ of User.query().with('posts').batches(1));
        for await (const _ of User.query().idBatches(1));
      }))

    it('writes, with what they read', () =>
      silent(async () => {
        for (let i = 0; i < 6; i++) {
          const user = await User.create({ name: 'A', email: `a${i}@example.com` })
          await user.increment('age')
          await user.update({ name: 'B' })
          await User.firstOrCreate({ email: `a${i}@example.com` }, { name: 'C' })
          await User.updateOrCreate({ email: `a${i}@example.com` }, { name: 'C' })
          await User.upsert({ name: 'D', email: `a${i}@example.com` }, { conflict: 'email' })
          await User.upsertMany([{ name: 'D', email: `a${i}@example.com` }], { conflict: 'email' })
          await User.where('id', user.id).update({ name: 'E' })
          await User.where('id', user.id).updateReturning({ name: 'F' })
          await user.delete()
        }
        await User.createMany(
          Array.from({ length: 40 }, (_, i) => ({ name: 'G', email: `g${i}@example.com` })),
          { batchSize: 4 },
        )
      }))

    it('rows that are locked', () =>
      silent(() =>
        database.db.transaction(async () => {
          for (const user of users) await User.where('id', user.id).lock('update').first()
        }),
      ))

    it('findMany of many keys', () =>
      silent(async () => {
        await User.findMany(Array.from({ length: 60_000 }, (_, i) => i))
      }))

    it('what comes now and then', () =>
      silent(async () => {
        for (let i = 0; i < 6; i++) {
          if (i === 3) await new Promise((resolve) => setTimeout(resolve, 1050))
          await User.find(i)
        }
      }))

    it('everything, when it is switched off, and looks at no stack', async () => {
      Database.configure({ detectNPlusOne: false })
      const looks = vi.spyOn(Error, 'captureStackTrace')
      try {
        await silent(async () => {
          for (const user of users) await user.related('posts')
          for (const user of users) await User.find(user.id)
        })
        expect(looks).not.toHaveBeenCalled()
        Database.configure({ detectNPlusOne: 'warn' })
        await User.find(1)
        expect(looks).toHaveBeenCalled()
      } finally {
        looks.mockRestore()
      }
    })

    it('a statement that waits when it is switched off', () =>
      silent(() =>
        database.db.transaction(async (trx) => {
          const nested = trx.transaction(async () => void (await User.count()))
          const found = users.map((user) => User.find(user.id))
          Database.configure({ detectNPlusOne: false })
          await Promise.all([nested, ...found])
        }),
      ))

    it('what was counted before it was switched on again', () =>
      silent(async () => {
        for (let i = 0; i < 8; i++) {
          if (i === 4) Database.configure({ detectNPlusOne: 'warn' })
          await User.find(i)
        }
      }))
  })

  describe("with 'throw'", () => {
    beforeEach(() => Database.configure({ detectNPlusOne: 'throw' }))

    it('rejects the statement that is one too many, before it is sent', async () => {
      let line = ''
      let done = 0
      const { events, error } = await recordQueries(async () => {
        for (const user of users) {
          line = lineHere(1)
          await user.related('posts')
          done++
        }
      })
      expect(done).toBe(4)
      expect(events).toHaveLength(4)
      expect(error).toBeInstanceOf(NPlusOneError)
      expect(error).toBeInstanceOf(UsageError)
      expect(error).toMatchObject({ code: 'N_PLUS_ONE', model: 'Post', relation: 'User.posts', at: line })
      expect((error as Error).message).toContain(".with('posts')")
    })

    it('rejects calls, and says where', async () => {
      let line = ''
      const { error } = await recordQueries(async () => {
        for (const user of users) {
          line = lineHere(1)
          await User.findOrFail(user.id)
        }
      })
      expect(error).toMatchObject({ model: 'User', relation: null, at: line })
      expect(String((error as Error).stack)).toContain(line)
    })

    it('rejects one of a fan-out', async () => {
      const results = await Promise.allSettled(users.map((user) => user.posts.count()))
      expect(results.map(({ status }) => status)).toEqual(users.map((_, i) => (i === 4 ? 'rejected' : 'fulfilled')))
    })

    it('leaves a transaction as it was', async () => {
      await database.db.transaction(async () => {
        const failed = async () => {
          for (const user of users) await User.find(user.id)
        }
        await expect(failed()).rejects.toThrow(NPlusOneError)
        await Comment.query()
          .delete()
          .catch(() => undefined)
        await User.create({ name: 'Kept', email: 'kept@example.org' })
      })
      expect(await User.where('name', 'Kept').count()).toBe(1)
    })

    it('finds the line of a statement that waits for a nested transaction', async () => {
      const { error } = await recordQueries(() =>
        database.db.transaction(async (trx) => {
          const nested = trx.transaction(async () => void (await User.count()))
          const found = Promise.all(users.map((user) => User.find(user.id)))
          await Promise.all([found, nested])
        }),
      )
      expect(error).toBeInstanceOf(NPlusOneError)
    })
  })

  it('takes no other mode', () => {
    for (const mode of [true, 'error', null])
      expect(() => Database.configure({ detectNPlusOne: mode as 'warn' })).toThrow("'warn', 'throw' or false")
  })
})
