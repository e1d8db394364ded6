import { AsyncLocalStorage } from 'node:async_hooks'
import { Field, fn, Model, NotFoundError, Relation, StaleModelError, sql } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

const tenant = new AsyncLocalStorage<number>()
const as = <R>(id: number, run: () => R): R => tenant.run(id, run)

class Shelf extends Model({ name: Field.string(), total: Field.integer({ default: 0 }) }) {
  static copies = Relation.hasMany(() => Copy)
  static topics = Relation.manyToMany(() => Topic)
}
class Copy extends Model(
  {
    title: Field.string(),
    price: Field.integer(),
    tenant: Field.integer(),
    shelfId: Field.foreignKey(() => Shelf),
    topicId: Field.foreignKey(() => Topic, { nullable: true }),
    deletedAt: Field.softDelete(),
  },
  { globalScopes: { tenant: (q) => q.where('tenant', tenant.getStore() ?? 0) } },
) {
  static shelf = Relation.belongsTo(() => Shelf)
  static topic = Relation.belongsTo(() => Topic)
}
class Topic extends Model(
  { name: Field.string(), tenant: Field.integer() },
  { globalScopes: { tenant: (q) => q.where('tenant', tenant.getStore() ?? 0) } },
) {}
/** Its name is one that corm might give to a table in a statement. */
class Alias extends Model(
  { name: Field.string(), parentId: Field.foreignKey(() => Alias, { nullable: true, onDelete: 'setNull' }) },
  { table: 'corm_1' },
) {
  static parent = Relation.belongsTo(() => Alias)
  static children = Relation.hasMany(() => Alias, { foreignKey: 'parentId' })
}

/** Their names are those that corm gives to a join table, and to what a path leads to. */
class Pivot extends Model(
  { name: Field.string(), ownerId: Field.foreignKey(() => Writer, { nullable: true, onDelete: 'setNull' }) },
  {
    table: 'corm_pivot',
  },
) {
  static owner = Relation.belongsTo(() => Writer)
  static friends = Relation.manyToMany(() => Pivot, { foreignKey: 'one', otherKey: 'other' })
  static writers = Relation.manyToMany(() => Writer)
}
class Writer extends Model(
  { name: Field.string(), ownerId: Field.foreignKey(() => Writer, { nullable: true, onDelete: 'setNull' }) },
  {
    table: 'corm_owner',
  },
) {
  static owner = Relation.belongsTo(() => Writer)
  static pivots = Relation.manyToMany(() => Pivot)
}

const refusal = async (run: () => Promise<unknown>): Promise<Error> =>
  run().then(
    () => expect.fail('not refused'),
    (error: Error) => error,
  )

describeDatabases('global scopes in every place', (database) => {
  database.useTables([Topic, Shelf, Copy, Alias, Writer, Pivot])
  let shelf: Awaited<ReturnType<typeof Shelf.create>>
  beforeEach(async () => {
    shelf = await Shelf.create({ name: 'a' })
    const of = (title: string, price: number, tenant: number) => ({ title, price, tenant, shelfId: shelf.id })
    await Copy.insertMany([of('mine', 3, 1), of('also', 5, 1), of('their secret', 9, 2), of('gone', 7, 1)])
    await as(1, () => Copy.where('title', 'gone').delete())
  })

  it('hold for what is counted and summed of related rows', async () => {
    const shelves = Shelf.query()
      .withCount('copies')
      .withExists('copies')
      .withSum('copies', 'price')
      .withAvg('copies', 'price')
      .withMin('copies', 'title')
      .withMax('copies', 'title')
    const values = () =>
      shelves.values('copiesCount', 'copiesExists', 'copiesSumPrice', 'copiesMinTitle', 'copiesMaxTitle')
    const [mine] = await as(1, values)
    expect({ ...mine, copiesSumPrice: Number(mine?.copiesSumPrice) }).toEqual({
      copiesCount: 2,
      copiesExists: true,
      copiesSumPrice: 8,
      copiesMinTitle: 'also',
      copiesMaxTitle: 'mine',
    })
    expect((await as(2, values))[0]?.copiesMaxTitle).toBe('their secret')
    expect((await as(3, values))[0]?.copiesExists).toBe(false)
    expect(await as(1, () => shelves.where('copiesCount', '>', 2).count())).toBe(0)
    expect(await as(1, () => shelves.orderBy('copiesMaxTitle').pluck('copiesMaxTitle'))).toEqual(['mine'])
    const open = Shelf.query().withCount({ copies: { where: (q) => q.withoutGlobalScopes() } })
    expect(await as(1, () => open.pluck('copiesCount'))).toEqual([4])
  })

  it('are those of whoever runs the query, not of whoever has built it', async () => {
    const copies = () => Copy.query().orderBy('title')
    const [union, inside, has, cte, among] = as(1, () => [
      copies().union(Copy.query()).orderBy('title'),
      copies().whereIn('id', Copy.query().select('id')),
      Shelf.query().whereHas('copies', (q) => q.where('price', '>', 4)),
      copies()
        .withCte('other', Copy.query())
        .join('other', (c, t) => c.id.eq(t.id as never)),
      Shelf.query().annotate({
        most: Copy.query()
          .annotate({ m: fn.max(Copy.columns.price) })
          .select('m'),
      }),
    ])
    for (const query of [union, inside, cte]) {
      expect(await as(2, () => (query as typeof union).pluck('title'))).toEqual(['their secret'])
      expect(await as(1, () => (query as typeof union).pluck('title'))).toEqual(['also', 'mine'])
    }
    expect(await as(3, () => has.count())).toBe(0)
    expect(await as(2, () => has.count())).toBe(1)
    expect(await as(2, () => among.pluck('most'))).toEqual([9])
    expect(await as(1, () => among.pluck('most'))).toEqual([5])
  })

  it('hold for queries in SQL by hand, and in the update of an upsert', async () => {
    const dear = Copy.where('price', '>', 4).select('title')
    const raw = () => database.db.select<{ title: string }>(sql`select t.title from (${dear}) t`)
    expect(await as(1, raw)).toEqual([{ title: 'also' }])
    expect(await as(2, raw)).toEqual([{ title: 'their secret' }])
    const most = Copy.query()
      .annotate({ m: fn.max(Copy.columns.price) })
      .select('m')
    const upsert = () =>
      Shelf.upsert(
        { id: shelf.id, name: 'a' } as never,
        {
          conflict: 'id',
          update: () => ({ total: most }) as never,
          guarded: true,
        } as never,
      )
    expect((await as(1, upsert)).total).toBe(5)
    expect((await as(2, upsert)).total).toBe(9)
  })

  it('hold for rows that are linked by their keys', async () => {
    const [mine, theirs] = await Promise.all([
      Topic.create({ name: 'm', tenant: 1 }),
      Topic.create({ name: 't', tenant: 2 }),
    ])
    const copy = await as(1, () => Copy.where('title', 'mine').firstOrFail())
    const topics = shelf.related('topics')
    const links: (() => Promise<unknown>)[] = [
      () => topics.attach(theirs.id),
      () => topics.attach([mine.id, theirs.id]),
      () => topics.attach(Topic.ref(theirs.id)),
      () => topics.sync([theirs.id]),
      () => topics.toggle([theirs.id]),
      () => Shelf.attachMany('topics', [[shelf.id, theirs.id]]),
      () => copy.related('topic').associate(theirs.id),
      () => shelf.saveWithRelations({ topics: { connect: theirs.id } }),
      () => copy.saveWithRelations({ topic: { connect: theirs.id } }),
    ]
    for (const link of links) {
      const hidden = await refusal(() => as(1, link))
      expect(hidden).toBeInstanceOf(NotFoundError)
      expect(hidden.message).toBe('No "Topic" found by the keys given.')
    }
    expect(copy.topicId).toBe(null)
    expect(await as(2, () => topics.count())).toBe(0)
    expect(await as(1, () => topics.attach(mine.id))).toBe(1)
    expect(await as(1, () => topics.withoutGlobalScopes().attach(theirs.id))).toBe(1)
    expect(await as(1, () => topics.pluck('name'))).toEqual(['m'])
    expect(await as(1, () => topics.clear())).toBe(1)
    expect(await as(2, () => topics.pluck('name'))).toEqual(['t'])
    const lifted = { withoutGlobalScopes: true }
    expect(await as(1, () => Shelf.attachMany('topics', [[shelf.id, mine.id]], lifted))).toBe(1)
    expect(await as(3, () => Shelf.detachMany('topics', [[shelf.id, mine.id]]))).toBe(0)
    expect(await as(3, () => Shelf.detachMany('topics', [[shelf.id, mine.id]], lifted))).toBe(1)
    await as(1, () => copy.related('topic').withoutGlobalScope('tenant').associate(theirs.id))
    expect(copy.topicId).toBe(theirs.id)
  })

  it('hold for what a reference by key reads, not for an instance', async () => {
    const [id = 0] = await as(2, () => Copy.query().pluck('id'))
    expect(await as(2, () => Copy.ref(id).loadField('title'))).toBe('their secret')
    for (const read of [() => Copy.ref(id).loadField('title'), () => Copy.ref(id).refresh('title')])
      expect(await as(1, () => refusal(read))).toBeInstanceOf(StaleModelError)
    const known = await as(2, () => Copy.findOrFail(id))
    expect((await as(1, () => known.refresh())).title).toBe('their secret')
  })

  it('hold for what a reference by key writes, not for an instance', async () => {
    const [id = 0] = await as(2, () => Copy.query().pluck('id'))
    const [own = 0] = await as(1, () => Copy.where('title', 'mine').pluck('id'))
    const rows = () => Copy.withoutGlobalScopes().withTrashed().orderBy('id').valuesList('title', 'price', 'deletedAt')
    const before = await rows()
    const writes: ((key: number) => Promise<unknown>)[] = [
      (key) => Copy.ref(key).update({ price: 1 }),
      (key) => Object.assign(Copy.ref(key), { price: 1 }).save(),
      (key) => Copy.ref(key).increment('price'),
      (key) => Copy.ref(key).restore(),
      (key) => Copy.ref(key).delete(),
      (key) => Copy.ref(key).forceDelete(),
      (key) => Copy.updateMany([Object.assign(Copy.ref(key), { price: 1 })], ['price']),
      (key) => Copy.saveMany([own, key].map((each) => Object.assign(Copy.ref(each), { price: 1 }))),
      (key) => Copy.saveMany([key, key].map((each, i) => Object.assign(Copy.ref(each), { price: i }))),
    ]
    const came = (key: number) =>
      Promise.all(writes.map((write) => as(1, () => write(key)).then(String, (error: Error) => error.message)))
    const missing = await came(12345)
    expect(await came(id)).toEqual(missing)
    expect(missing.map((text) => /"Copy" (is no longer in the database|were changed or deleted)/.test(text))).toEqual(
      writes.map((_, i) => i !== 4 && i !== 5),
    )
    expect(await rows()).toEqual(before)
    await as(1, () => Copy.saveMany([Object.assign(Copy.ref(own), { price: 20 })]))
    await as(1, () =>
      Copy.updateMany(
        [own].map((key) => Object.assign(Copy.ref(key), { title: 'new' })),
        ['title'],
      ),
    )
    const ref = Copy.ref(own)
    await as(1, () => ref.update({ price: 21 }))
    // its row has been written, so that it is an instance like any other
    await as(2, () => ref.update({ price: 22 }))
    expect(await as(1, () => Copy.where('title', 'new').pluck('price'))).toEqual([22])
    await as(1, () => Copy.ref(own).delete())
    expect(await as(1, () => Copy.find(own))).toBe(null)
    await as(2, () => refusal(() => Copy.ref(own).restore()))
    await as(1, () => Copy.ref(own).restore())
    const known = await as(1, () => Copy.findOrFail(own))
    await as(2, () => known.update({ price: 23 }))
    await as(2, () => known.delete())
    await as(2, () => known.restore())
    expect((await as(1, () => Copy.findOrFail(own))).price).toBe(23)
    await as(1, () => Copy.ref(own).forceDelete())
    expect(await rows()).toHaveLength(before.length - 1)
  })

  it('are those of whoever has made the iterator, for all rows of a stream', async () => {
    const copies = Copy.query().orderBy('title').with('shelf.copies')
    const made = as(1, () => [copies.stream({ chunkSize: 1 }), copies.batches(1), copies.idBatches(1)])
    const shelves = as(1, () => Shelf.query().withCount('copies').stream())
    for (const iterator of made) {
      const titles: string[] = []
      let turn = 0
      for (;;) {
        // each step is asked for by somebody else
        const { done, value } = await as([2, 3, 1][turn++ % 3] as number, () => iterator.next())
        if (done === true) break
        for (const copy of [value].flat()) titles.push(copy.title, ...(await copy.shelf).copies.length.toString())
      }
      expect(titles.sort()).toEqual(['2', '2', 'also', 'mine'])
    }
    for await (const one of shelves) expect(one.copiesCount).toBe(2)
    const inside = await as(2, () =>
      database.db.transaction(async () => {
        const rows = as(1, () => copies.stream({ chunkSize: 1 }))
        const titles: string[] = []
        for await (const { title } of rows) titles.push(title)
        return titles
      }),
    )
    expect(inside).toEqual(['also', 'mine'])
  })

  it('a table that has the name of an alias is counted right by queries inside its own', async () => {
    const root = await Alias.create({ name: 'root' })
    await Alias.createMany([
      { name: 'x', parentId: root.id },
      { name: 'y', parentId: root.id },
    ])
    const counts = Alias.query().withCount('children').orderBy('id')
    expect(await counts.pluck('childrenCount')).toEqual([2, 0, 0])
    expect(await Alias.query().whereHas('children').pluck('name')).toEqual(['root'])
    expect(await Alias.query().whereHas('children.parent.children').pluck('name')).toEqual(['root'])
    expect(await Alias.where('parent.name', 'root').count()).toBe(2)
    const siblings = Alias.query().annotate({
      n: (c) =>
        Alias.where((a) => a.parentId.eq(c.parentId))
          .annotate({ n: fn.count() })
          .select('n'),
    })
    expect((await siblings.orderBy('id').pluck('n')).map(Number)).toEqual([0, 2, 2])
  })

  it('tables that have the names of aliases stand beside those in one statement', async () => {
    const [jane, emily] = await Writer.createMany([{ name: 'jane' }, { name: 'emily' }])
    if (!jane || !emily) throw new Error('created')
    await emily.update({ ownerId: jane.id })
    const [a, b] = await Pivot.createMany([
      { name: 'a', ownerId: emily.id },
      { name: 'b', ownerId: jane.id },
    ])
    if (!a || !b) throw new Error('created')
    await a.related('friends').attach([a.id, b.id])
    await a.related('writers').attach(emily.id)
    const pairs = await Pivot.query().with('friends', 'writers.pivots', 'owner.owner').orderBy('id')
    expect(pairs.map((one) => one.friends.map(({ name }) => name).sort())).toEqual([['a', 'b'], []])
    expect(pairs[0]?.writers[0]?.pivots.map(({ name }) => name)).toEqual(['a'])
    expect(await a.related('friends').where('owner.name', 'jane').pluck('name')).toEqual(['b'])
    expect(await emily.related('pivots').where('owner.owner.name', 'jane').pluck('name')).toEqual(['a'])
    expect(
      await Pivot.query()
        .whereHas('friends', (q) => q.where('name', 'b'))
        .pluck('name'),
    ).toEqual(['a'])
    expect(await Pivot.query().withCount('friends', 'writers').orderBy('id').pluck('friendsCount')).toEqual([2, 0])
    expect(await Writer.where('pivots.owner.name', 'emily').pluck('name')).toEqual(['emily'])
    expect(await Writer.where('owner.name', 'jane').pluck('name')).toEqual(['emily'])
    expect(await Writer.query().orderBy('owner.name').whereNotNull('owner.name').values('name', 'owner.name')).toEqual([
      { name: 'emily', 'owner.name': 'jane' },
    ])
    const joined = Pivot.query().join(Writer, (c, t) => c.ownerId.eq(t.id))
    const named = joined.annotate({ writer: (_, t) => (t as any).corm_owner.name }).orderBy('id')
    expect(await named.values('owner.name', 'writer', 'owner.owner.name')).toEqual([
      { 'owner.name': 'emily', writer: 'emily', 'owner.owner.name': 'jane' },
      { 'owner.name': 'jane', writer: 'jane', 'owner.owner.name': null },
    ])
    expect(await Pivot.where('owner.owner.name', 'jane').update({ name: 'c' })).toBe(1)
    expect(await a.related('friends').orderBy('id').limit(1).pluck('name')).toEqual(['c'])
    expect(await Pivot.where('friends.owner.name', 'jane').delete()).toBe(1)
  })
})
