import { Database, Field, Model, type Previous, Relation, ValidationError } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

let log: string[] = []
/** What a hook does besides being logged: by its name, as `Post.beforeSave`. */
let acts: Record<string, (instance: any) => unknown> = {}

async function ran(instance: object, hook: string, detail = ''): Promise<void> {
  const name = `${instance.constructor.name}.${hook}`
  // what is not awaited would come later
  await new Promise((resolve) => setImmediate(resolve))
  log.push(`${name}${detail}`)
  await acts[name]?.(instance)
}

class Author extends Model({ name: Field.string({ max: 50 }) }, { table: 'hook_authors' }) {
  static posts = Relation.hasMany(() => Post)
}

class Post extends Model(
  {
    title: Field.string({ max: 50 }),
    slug: Field.string({ max: 50, nullable: true }),
    views: Field.integer({ default: 0 }),
    authorId: Field.foreignKey(() => Author, { nullable: true }),
    deletedAt: Field.softDelete(),
  },
  { table: 'hook_posts' },
) {
  static author = Relation.belongsTo(() => Author)
  static tags = Relation.manyToMany(() => Tag, { through: 'hook_post_tags', foreignKey: 'postId', otherKey: 'tagId' })
  static attachments = Relation.hasMany(() => Attachment)

  override beforeValidate() {
    return ran(this, 'beforeValidate')
  }
  override validate() {
    return ran(this, 'validate')
  }
  override beforeInsert() {
    return ran(this, 'beforeInsert')
  }
  override beforeSave() {
    return ran(this, 'beforeSave')
  }
  override afterInsert() {
    return ran(this, 'afterInsert')
  }
  override afterUpdate() {
    return ran(this, 'afterUpdate')
  }
  override afterSave() {
    return ran(this, 'afterSave')
  }
  override beforeDelete() {
    return ran(this, 'beforeDelete')
  }
  override afterDelete() {
    return ran(this, 'afterDelete')
  }
  override beforeRestore() {
    return ran(this, 'beforeRestore')
  }
  override afterRestore() {
    return ran(this, 'afterRestore')
  }
  override onChange(previous: Previous<Post>) {
    return ran(this, 'onChange', ` ${JSON.stringify(previous)}`)
  }
}

class Tag extends Model({ name: Field.string({ max: 50 }) }, { table: 'hook_tags' }) {
  override afterSave() {
    return ran(this, 'afterSave')
  }
  override beforeDelete() {
    return ran(this, 'beforeDelete')
  }
}

class Attachment extends Model(
  { file: Field.string({ max: 50 }), postId: Field.foreignKey(() => Post) },
  { table: 'hook_attachments' },
) {
  override beforeSave() {
    return ran(this, 'beforeSave')
  }
  override afterInsert() {
    return ran(this, 'afterInsert')
  }
  override beforeDelete() {
    return ran(this, 'beforeDelete')
  }
  override afterDelete() {
    return ran(this, 'afterDelete')
  }
}

const BEFORE_INSERT = ['Post.beforeValidate', 'Post.validate', 'Post.beforeInsert', 'Post.beforeSave']
const AFTER_INSERT = ['Post.afterInsert', 'Post.afterSave', 'Post.onChange {}']
const INSERT = [...BEFORE_INSERT, ...AFTER_INSERT]
const BEFORE_UPDATE = ['Post.beforeValidate', 'Post.validate', 'Post.beforeSave']
const afterUpdate = (previous: object) => [
  'Post.afterUpdate',
  'Post.afterSave',
  `Post.onChange ${JSON.stringify(previous)}`,
]
const update = (previous: object) => [...BEFORE_UPDATE, ...afterUpdate(previous)]
const DELETE = ['Post.beforeDelete', 'Post.afterDelete']

async function logOf(work: () => Promise<unknown>): Promise<string[]> {
  log = []
  await work()
  return log
}

describeDatabases('hooks', (database) => {
  database.useTables([Author, Tag, Post, Attachment])

  beforeEach(() => {
    log = []
    acts = {}
  })

  it('runs them in order for each write of an instance', async () => {
    const post = new Post({ title: 'a' })
    expect(await logOf(() => post.save())).toEqual(INSERT)
    expect(await logOf(() => Post.create({ title: 'b' }))).toEqual(INSERT)
    post.title = 'c'
    expect(await logOf(() => post.save())).toEqual(update({ title: 'a' }))
    expect(await logOf(() => post.update({ title: 'd', views: 2 }))).toEqual(update({ title: 'c', views: 0 }))
    expect(await logOf(() => post.delete())).toEqual(DELETE)
    expect(await logOf(() => post.restore())).toEqual(['Post.beforeRestore', 'Post.afterRestore'])
    expect(await logOf(() => post.forceDelete())).toEqual(DELETE)
    expect(await Post.withTrashed().valuesList('title')).toEqual([['b']])
  })

  it('runs the hooks of all instances around one statement', async () => {
    const made = await Post.createMany([{ title: 'a' }, { title: 'b' }])
    expect(log).toEqual([...BEFORE_INSERT, ...BEFORE_INSERT, ...AFTER_INSERT, ...AFTER_INSERT])
    for (const post of made) post.views = 5
    const fresh = new Post({ title: 'c' })
    expect(await logOf(() => Post.saveMany([...made, fresh]))).toEqual([
      ...BEFORE_UPDATE,
      ...BEFORE_UPDATE,
      ...BEFORE_INSERT,
      ...afterUpdate({ views: 0 }),
      ...afterUpdate({ views: 0 }),
      ...AFTER_INSERT,
    ])
  })

  it('runs them for managers and nested writes, level by level', async () => {
    const author = await Author.create({ name: 'Ann' })
    expect(await logOf(() => author.related('posts').create({ title: 'a' }))).toEqual(INSERT)
    expect(await logOf(() => author.related('posts').save(new Post({ title: 'b' })))).toEqual(INSERT)
    const post = await Post.where('title', 'a').firstOrFail()
    expect(await logOf(() => post.related('tags').create({ name: 't' }))).toEqual(['Tag.afterSave'])
    expect(await logOf(() => post.related('author').dissociate())).toEqual(update({ authorId: author.id }))
    expect(
      await logOf(() =>
        Author.createWithRelations({
          name: 'Bob',
          posts: [
            { title: 'x', attachments: [{ file: '1' }, { file: '2' }] },
            { title: 'y', tags: [{ name: 'u' }] },
          ],
        }),
      ),
    ).toEqual([
      ...[...BEFORE_INSERT, ...BEFORE_INSERT, ...AFTER_INSERT, ...AFTER_INSERT],
      ...['Attachment.beforeSave', 'Attachment.beforeSave', 'Attachment.afterInsert', 'Attachment.afterInsert'],
      'Tag.afterSave',
    ])
  })

  it('runs none for writes over a query, and for those that have no instances', async () => {
    const post = await Post.create({ title: 'a' })
    post.views = 3
    expect(
      await logOf(async () => {
        await Post.insertMany([{ title: 'b' }])
        await Post.updateMany([post], ['views'])
        await Post.where('title', 'b').update({ views: 4 }, { hooks: false })
        await post.increment('views')
        await Post.deleteMany([post.id])
        await Post.where('title', 'b').delete({ hooks: false })
      }),
    ).toEqual([])
  })

  it('runs only those before the write when nothing has changed, and writes what they set', async () => {
    const post = await Post.create({ title: 'a' })
    expect(await logOf(() => post.save())).toEqual(BEFORE_UPDATE)
    acts['Post.beforeSave'] = (each) => {
      each.slug = each.title.toUpperCase()
    }
    expect(await logOf(() => post.save())).toEqual(update({ slug: null }))
    expect(await logOf(() => post.update({ title: 'b' }))).toEqual(update({ title: 'a', slug: 'A' }))
    post.views = 7
    expect(await logOf(() => post.save({ only: ['title'] }))).toEqual(BEFORE_UPDATE)
    expect(await Post.query().valuesList('title', 'slug', 'views')).toEqual([['b', 'B', 0]])
  })

  it('runs them in the transaction of the write, where their queries see its row', async () => {
    const counts: number[] = []
    for (const hook of ['beforeSave', 'afterInsert', 'afterSave'])
      acts[`Post.${hook}`] = async () => {
        counts.push(await Post.count())
      }
    await Post.create({ title: 'a' })
    expect(counts).toEqual([0, 1, 1])
  })

  it('rolls back when a hook throws, and says which one it was', async () => {
    const post = await Post.create({ title: 'a' })
    const fail = () => {
      throw new Error('no')
    }
    const failing = async (hook: string, work: () => Promise<unknown>) => {
      acts = { [hook]: fail }
      const error = await work().then(
        () => null,
        (thrown) => thrown,
      )
      acts = {}
      expect([error.message, error.hook, Object.keys(error)]).toEqual(['no', hook, []])
    }
    for (const hook of [...BEFORE_INSERT, 'Post.afterInsert', 'Post.afterSave', 'Post.onChange']) {
      const fresh = new Post({ title: 'n' })
      await failing(hook, () => fresh.save())
      expect([fresh.isPersisted, fresh.id]).toEqual([false, undefined])
      await failing(hook, () => Post.createMany([{ title: 'n' }, { title: 'm' }]))
    }
    for (const hook of [...BEFORE_UPDATE, 'Post.afterUpdate', 'Post.afterSave', 'Post.onChange']) {
      await failing(hook, () => post.update({ title: 'z' }))
      expect(post.getChanges()).toEqual({ title: ['a', 'z'] })
    }
    for (const hook of DELETE) {
      await failing(hook, () => post.delete())
      await failing(hook, () => post.forceDelete())
      expect([post.isDeleted, post.isPersisted]).toEqual([false, true])
    }
    expect(await Post.withTrashed().valuesList('title', 'deletedAt')).toEqual([['a', null]])
    await post.fill({ title: 'a' }).delete()
    for (const hook of ['Post.beforeRestore', 'Post.afterRestore']) await failing(hook, () => post.restore())
    expect([post.isDeleted, await Post.count()]).toEqual([true, 0])
  })

  it('undoes in an outer transaction only the write whose hook has failed', async () => {
    await Post.transaction(async () => {
      await Post.create({ title: 'a' })
      acts['Post.afterInsert'] = async () => {
        await Tag.create({ name: 'undone' })
        throw new Error('no')
      }
      await expect(Post.create({ title: 'b' })).rejects.toThrow('no')
      acts = {}
      await Post.create({ title: 'c' })
    })
    expect(await Post.query().orderBy('id').valuesList('title')).toEqual([['a'], ['c']])
    expect(await Tag.count()).toBe(0)
  })

  it('collects what validate() finds with what the fields say', async () => {
    acts['Post.validate'] = async (post) => {
      if (post.title === 'taken') post.addIssue('title', 'is taken', 'taken')
      if ((await Author.count()) === 0) post.addIssue('authorId', 'has to be there')
    }
    const error = await Post.create({ title: 'taken', views: 1.5 }).then(
      () => null,
      (thrown) => thrown,
    )
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.issues).toEqual([
      { path: 'title', code: 'taken', message: 'is taken' },
      { path: 'authorId', code: 'custom', message: 'has to be there' },
      { path: 'views', code: 'type', message: 'expects an integer, not a fraction' },
    ])
    await Author.create({ name: 'Ann' })
    const post = await Post.create({ title: 'free' })
    await expect(post.update({ title: 'taken' })).rejects.toThrow('"Post" is not valid: title is taken.')
    expect(await Post.query().valuesList('title')).toEqual([['free']])
    post.title = 'free'
    acts['Post.validate'] = (each) => each.addIssue('views', 'is never right')
    await expect(post.save()).rejects.toThrow('"Post" is not valid: views is never right.')
    await expect(Author.createWithRelations({ name: 'B', posts: [{ title: 'x' }, { title: 'y' }] })).rejects.toThrow(
      '"Author" is not valid: posts.0.views is never right; posts.1.views is never right.',
    )
    expect(await Author.count()).toBe(1)
  })

  it('takes issues of an instance only while hooks check it', async () => {
    const post = await Post.create({ title: 'a' })
    const message =
      "addIssue() of \"Post\" was called while no hook checks this instance. Call it in validate(): validate() { this.addIssue('title', 'is taken') }."
    expect(() => post.addIssue('title', 'is taken')).toThrow(message)
    acts['Post.afterSave'] = (each) => each.addIssue('title', 'is taken')
    await expect(post.update({ title: 'b' })).rejects.toThrow(message)
  })

  it('lets an after-hook save its instance, and the other hooks run afterwards', async () => {
    acts['Post.afterInsert'] = (post) => post.update({ views: 9 })
    expect(await logOf(() => Post.create({ title: 'a' }))).toEqual([
      ...BEFORE_INSERT,
      'Post.afterInsert',
      ...update({ views: 0 }),
      'Post.afterSave',
      'Post.onChange {}',
    ])
    acts = { 'Post.afterUpdate': (post) => post.delete() }
    const post = await Post.query().sole()
    expect(await logOf(() => post.update({ title: 'b' }))).toEqual([
      ...BEFORE_UPDATE,
      'Post.afterUpdate',
      ...DELETE,
      'Post.afterSave',
      'Post.onChange {"title":"a"}',
    ])
    expect(post.isDeleted).toBe(true)
  })

  it('refuses a before-hook that writes its own instance', async () => {
    for (const write of ['save', 'delete', 'forceDelete'] as const) {
      acts['Post.beforeSave'] = (post) => (post.isPersisted ? post[write]() : undefined)
      const post = await Post.create({ title: 'a' })
      await expect(post.update({ title: 'b' })).rejects.toThrow(
        'A hook that runs before the write of a "Post" writes it itself. Set its values: the write under way stores them.',
      )
    }
    acts['Post.beforeSave'] = () => Tag.create({ name: 'other' })
    await Post.create({ title: 'c' })
    expect(await Tag.count()).toBe(1)
  })

  it('stops hooks that save each other for ever', async () => {
    acts['Post.afterSave'] = async (post) => {
      await post.related('tags').create({ name: 'next' })
    }
    acts['Tag.afterSave'] = () => Post.create({ title: 'next' })
    const error = await Post.create({ title: 'a' }).then(
      () => null,
      (thrown) => thrown,
    )
    expect(error.message).toBe(
      `Hooks save instances whose hooks save again, more than 20 deep: ${Array(10).fill('Post.afterSave → Tag.afterSave').join(' → ')}. Save only when there is something to change.`,
    )
    expect([await Post.count(), await Tag.count()]).toEqual([0, 0])
  })

  it('waits for what a hook has begun, and refuses what comes later', async () => {
    const late: Promise<string>[] = []
    acts['Post.afterInsert'] = () => {
      void Tag.create({ name: 'begun' })
      late.push(
        new Promise((resolve) => setTimeout(resolve, 300)).then(() =>
          Tag.create({ name: 'late' }).then(
            () => 'stored',
            (error: Error) => error.message,
          ),
        ),
      )
    }
    await Post.create({ title: 'a' })
    expect(await Tag.query().valuesList('name')).toEqual([['begun']])
    expect(await Promise.all(late)).toEqual([expect.stringContaining('transaction')])
    expect(await Tag.count()).toBe(1)
  })

  it('calls a hook of the class above by super', async () => {
    class Base extends Model({ name: Field.string({ max: 50 }) }, { table: 'hook_tags' }) {
      override beforeSave(): void | Promise<void> {
        log.push('base')
      }
    }
    class Special extends Base.extend({}, { table: 'hook_tags' }) {
      override async beforeSave() {
        await super.beforeSave()
        await super.validate()
        log.push('special')
      }
    }
    await Special.create({ name: 'a' })
    expect(log).toEqual(['base', 'special'])
  })

  it('refuses a hook that is a class field', async () => {
    class Wrong extends Model({ name: Field.string({ max: 50 }) }, { table: 'hook_tags' }) {
      override beforeSave = () => {}
    }
    const message =
      '"Wrong.beforeSave" is a class field, so corm would never call it. Write it as a method: async beforeSave() { … }.'
    expect(() => new Wrong({ name: 'a' })).toThrow(message)
    await Tag.create({ name: 'a' })
    await expect(Wrong.query().first()).rejects.toThrow(message)
    class Getter extends Model({ name: Field.string({ max: 50 }) }, { table: 'hook_tags' }) {}
    Object.defineProperty(Getter.prototype, 'afterSave', { value: 'text' })
    expect(() => Getter.query()).toThrow('"Getter.afterSave" has to be a method: afterSave() { … }.')
  })

  it('keeps the names of hooks for hooks', () => {
    expect(() => Model({ validate: Field.string() } as never)).toThrow('A field can\'t be called "validate"')
    expect(Database.get().isConnected).toBe(true)
  })
})
