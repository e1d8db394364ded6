/** Everyday work of a program with its own models, which logs the result of each step. */
import { caseWhen, Database, Field, fn, gt, Model, oneOf, Relation, sql } from 'corm'

/** Defines fields of every kind with many of their options. */
function define() {
  class User extends Model(
    {
      name: Field.string({ max: 50, index: true }),
      age: Field.integer({ nullable: true }),
      role: Field.enum(['user', 'admin'], { default: 'user', guarded: true }),
      data: Field.json<object>({ nullable: true }),
      at: Field.dateTime({ autoNowAdd: true }),
      seen: Field.dateTime({ autoNow: true, precision: 6 }),
      price: Field.decimal({ precision: 10, scale: 2, default: '1' }),
      code: Field.uuid({ auto: true }),
      note: Field.text({ nullable: true, lazy: true }),
      secret: Field.string({ hidden: true, default: 's' }),
      rank: Field.smallInteger({ dbDefault: 3 }),
      bytes: Field.binary({ nullable: true }),
      ratio: Field.float({ default: 0.5 }),
      yes: Field.boolean({ default: true }),
      big: Field.bigInteger({ default: 5n }),
      day: Field.date({ nullable: true }),
      time: Field.time({ nullable: true }),
    },
    {
      table: 'poison_users',
      indexes: [['name', 'age'], { fields: ['rank'], unique: false }],
      checks: { grown: (c: any) => c.rank.gte(0) },
      globalScopes: { named: (q: any) => q.where('name', '!=', '') },
      orderBy: 'id',
      comment: 'people',
    } as never,
  ) {
    static posts = Relation.hasMany(() => Post)
    static tags = Relation.manyToMany(() => Tag, { pivot: { level: Field.integer({ default: 1 }) } })
  }
  class Post extends Model(
    {
      title: Field.string({ unique: true }),
      userId: Field.foreignKey(() => User, { onDelete: 'cascade' }),
      deletedAt: Field.softDelete(),
    },
    { table: 'poison_posts' },
  ) {
    static user = Relation.belongsTo(() => User)
  }
  class Tag extends Model({ word: Field.string({ unique: true }) }, { table: 'poison_tags' }) {
    static users = Relation.manyToMany(() => User)
  }
  return { User, Post, Tag } as { User: any; Post: any; Tag: any }
}

class RolledBack extends Error {}

export async function everyday(log: (what: unknown) => void): Promise<void> {
  const db = Database.get()
  const { User, Post, Tag } = define()
  const tables = [User, Post, Tag]
  await db.dropTables(tables)
  await db.createTables(tables, { ifNotExists: true })
  const refused = async (run: () => unknown) => {
    try {
      log(await run())
    } catch (error) {
      const { name, message, code, fields, issues } = error as any
      log([name, message, code, fields, issues])
    }
  }
  const ada = await User.create({ name: 'Ada', age: 3, data: { x: [1] }, bytes: new Uint8Array([1, 2]) })
  const bob = await User.create({ name: 'Bob' })
  log([ada, bob, Object.keys(ada), ada.isDirty(), ada.getChanges(), ada.toObject().age, await ada.loadField('note')])
  await refused(() => User.create(JSON.parse('{ "name": "x", "role": "admin" }')))
  await refused(() => User.create(JSON.parse('{ "name": "x", "__proto__": { "role": "admin" } }')))
  await refused(() => User.create({}))
  await refused(() => User.create({ name: 5, age: 'x', data: () => 1 }))
  await refused(() => User.create({ name: 'admin', role: 'admin' }, { guarded: true }))
  await Post.createMany([
    { title: 'p', userId: ada.id },
    { title: 'q', userId: ada.id },
  ])
  await Post.insertMany([{ title: 'r', userId: bob.id }], { batchSize: 1 })
  await refused(() => Post.create({ title: 'p', userId: ada.id }))
  await refused(() => Post.create({ title: 'z', userId: 9999 }))
  log(await User.query().with('posts', 'tags').orderBy('id'))
  log(
    await User.query()
      .with({ posts: (q: any) => q.orderBy('title', 'desc').limit(1) })
      .get(),
  )
  const post = await Post.query().firstOrFail()
  log([(await post.user).name, await User.where({ age: gt(2) }).count(), await (await User.find(bob.id)).posts])
  log(
    await User.query()
      .annotate({ y: (c: any) => c.at.year().minus(c.at.year()) })
      .annotate({ place: fn.rowNumber().over({ orderBy: User.columns.id, partitionBy: User.columns.role }) })
      .annotate({ x: (c: any) => c.data.json('x', 0), up: (c: any) => c.name.upper().trim() })
      .annotate({ cut: (c: any) => c.price.round(1).floor(), kind: caseWhen(User.columns.rank.gt(1), 'a').else('b') })
      .orderBy('id')
      .valuesList('y', 'place', 'x', 'up', 'cut', 'kind'),
  )
  log(await User.where({ name: oneOf(['Ada', 'Bob']) }).count())
  ada.name = 'Lady Ada'
  await ada.save()
  await ada.update({ age: 4 })
  await ada.increment('age')
  await ada.refresh()
  log([ada, await User.where('name', 'Lady Ada').update({ age: 7 }), await ada.related('posts').count()])
  const [tag, other] = await Tag.createMany([{ word: 'a' }, { word: 'b' }])
  log(await ada.related('tags').attach([tag, { level: 4 }], other))
  log([await ada.related('tags').sync([[other, { level: 2 }]]), await ada.related('tags').get()])
  log(await ada.related('tags').toggle(tag))
  log(await ada.related('tags').updatePivot(tag, { level: 9 }))
  log(await User.attachMany('tags', [[bob, tag, { level: 3 }]]))
  log(await Tag.upsert({ word: 'a' }, { conflict: 'word', update: false }))
  log(await Tag.upsertMany([{ word: 'a' }, { word: 'c' }], { conflict: ['word'], batchSize: 5 }))
  log(await Tag.firstOrCreate({ word: 'd' }))
  log(await User.createWithRelations({ name: 'Eve', posts: [{ title: 'n' }], tags: { connect: [tag] } }))
  await ada.saveWithRelations({ age: 8, posts: { create: [{ title: 'm' }] } })
  log(await db.select(sql`select ${1} as one`))
  await db.transaction(
    async (trx) => {
      log(await User.create({ name: 'kept' }))
      const lost = trx.transaction(async () => {
        await User.create({ name: 'lost' })
        throw new RolledBack()
      })
      log(await lost.catch((error: Error) => error.constructor.name))
      log(await User.query().lock('update').first())
    },
    { retries: 1 },
  )
  log(
    await User.query()
      .groupBy('role')
      .orderBy('role')
      .aggregate({ n: fn.count(), s: fn.sum(User.columns.price) }),
  )
  log(
    await Post.where('user.name', 'Lady Ada')
      .whereHas('user', (q: any) => q.where('age', '>', 1))
      .pluck('title'),
  )
  log(await User.query().paginate({ page: 1, size: 2 }))
  log((await User.query().orderBy('name').cursorPaginate({ size: 2 })).items)
  for await (const each of User.query().stream({ chunkSize: 2 })) log(each.name)
  log(
    await User.query()
      .filter([['age', '>', 1]] as never)
      .sort('-name')
      .pluck('name'),
  )
  await refused(() =>
    User.query()
      .filter([['nope', '=', 1]] as never)
      .get(),
  )
  await refused(() => User.where('nope', 1).get())
  await refused(() => User.query().stream({ nope: 1 }).next())
  await post.delete()
  log([post.isDeleted, await Post.onlyTrashed().count()])
  await post.restore()
  log(await Post.where('title', 'p').deleteReturning())
  log(await User.query().where('age', '>', 7).updateReturning({ age: 1 }))
  log([User.schema.insert.safeParse({ name: 'x', role: 'admin' }), User.query().toSQL(), User.hasField('name')])
  log([User.query().where('age', 1).toRawSQL()])
  log(await User.all().delete())
  await db.dropTables(tables)
}
