import {
  Decimal,
  Field,
  fn,
  Model,
  type QueryBuilder,
  type RelatedOptions,
  Relation,
  UnknownFieldError,
  UnknownRelationError,
  UsageError,
} from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { Comment, models, Post, User } from '../support/models.js'
import { seedWorld } from '../support/seed.js'

class Shop extends Model({ name: Field.string() }) {
  static orders = Relation.hasMany(() => Order)
}
class Order extends Model({
  total: Field.decimal({ precision: 18, scale: 4, nullable: true }),
  wide: Field.decimal({ precision: 30, scale: 6, nullable: true }),
  items: Field.bigInteger({ nullable: true }),
  weight: Field.float({ nullable: true }),
  day: Field.date({ nullable: true }),
  paid: Field.boolean({ default: false }),
  note: Field.text({ nullable: true, lazy: true }),
  shopId: Field.foreignKey(() => Shop, { nullable: true }),
}) {
  static shop = Relation.belongsTo(() => Shop)
}

type Posts = QueryBuilder<typeof Post>
type Narrow = NonNullable<RelatedOptions<typeof Post>['where']>

const users = () => User.query().orderBy('name')
const posts = () => Post.query().orderBy('title')

describeDatabases('values of related rows', (database) => {
  database.useTables([...models, Shop, Order])

  it('counts related rows beside each row, which stays one row', async () => {
    await seedWorld()
    const rows = await users().withCount('posts', 'comments', 'reports').withCount('profile')
    expect(rows.map((row) => [row.postsCount, row.commentsCount, row.reportsCount, row.profileCount])).toEqual([
      [2, 1, 2, 1],
      [1, 1, 0, 1],
      [0, 1, 0, 0],
      [0, 0, 0, 0],
    ])
    const comments = await Comment.query().orderBy('body').withCount('user', 'post').withExists('user')
    expect(comments.map((row) => [row.body, row.userCount, row.postCount, row.userExists])).toEqual([
      ['First', 1, 1, true],
      ['Nice', 1, 1, true],
      ['Second', 1, 1, true],
      ['Third', 0, 1, false],
    ])
  })

  it('counts the rows that a callback leaves, under a name of their own', async () => {
    await seedWorld()
    const rows = await users()
      .withCount('posts')
      .withCount({
        posts: { as: 'published', where: (q) => q.where('published', true) },
        comments: { where: (q) => q.where('body', 'First').orWhere('body', 'Third') },
      })
      .withCount({ reports: { as: 'grown', where: (q) => q.where('age', '>', 20) } })
    // an orWhere of the callback does not reach the rows of others
    expect(rows.map((row) => [row.postsCount, row.published, row.commentsCount, row.grown])).toEqual([
      [2, 2, 0, 2],
      [1, 0, 1, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ])
  })

  it('narrows by relations, paths, joins, unions, groups and windows of the related rows', async () => {
    await seedWorld()
    const counted = async (where: Narrow) =>
      (await users().withCount({ posts: { as: 'n', where } })).map((row) => row.n)
    expect(await counted((q) => q.whereHas('comments'))).toEqual([1, 1, 0, 0])
    expect(await counted((q) => q.whereHas('comments', (c) => c.where('user.name', 'Ada Adams')))).toEqual([0, 1, 0, 0])
    expect(await counted((q) => q.where('author.name', 'Ada Adams'))).toEqual([2, 0, 0, 0])
    expect(await counted((q) => q.withCount('comments').where('commentsCount', 0))).toEqual([1, 0, 0, 0])
    expect(await counted((q) => q.where('views', 10).union(Post.where('views', 30)))).toEqual([1, 1, 0, 0])
    expect(await counted((q) => q.where((c) => fn.count(c.comments).gt(2)))).toEqual([1, 0, 0, 0])
    expect(
      await counted((q) =>
        q.annotate({ place: () => fn.rank().over({ orderBy: Post.columns.views }) }).where('place', '>', 1),
      ),
    ).toEqual([1, 1, 0, 0])
    const joined = (q: Posts) => q.join(Comment, (p) => p.id.eq(Comment.columns.postId))
    expect(await counted(joined)).toEqual([3, 1, 0, 0])
    expect(await counted((q) => joined(q).distinct())).toEqual([1, 1, 0, 0])
    const sums = await users().withSum('posts', 'views', { where: (q) => joined(q).distinct() })
    expect(sums.map((row) => row.postsSumViews)).toEqual([10, 30, null, null])
    const manyOf = (q: Posts) => joined(q).having(() => fn.count(Comment.columns.id).gt(1))
    expect(await counted(manyOf)).toEqual([1, 0, 0, 0])
    expect((await users().withExists({ posts: { where: manyOf } })).map((row) => row.postsExists)).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  it('sums, averages and finds the ends of a field; null where there are no values', async () => {
    await seedWorld()
    const rows = await users()
      .withSum('posts', 'views')
      .withAvg('posts', 'views')
      .withAvg('posts', 'rating', { as: 'stars', where: (q) => q.where('rating', '>', 4) })
      .withMin('posts', 'title')
      .withMax('posts', 'publishedAt')
      .withMax('reports', 'name')
      .withMax('profile', 'city')
    expect(
      rows.map((row) => [row.postsSumViews, row.postsAvgViews, row.stars, row.postsMinTitle, row.reportsMaxName]),
    ).toEqual([
      [30, 15, 4.5, 'Alpha', 'Cal Clark'],
      [30, 30, null, 'Gamma', null],
      [null, null, null, null, null],
      [null, null, null, null, null],
    ])
    expect(rows.map((row) => row.postsMaxPublishedAt)).toEqual([new Date('2024-02-01T12:00:00Z'), null, null, null])
    expect(rows.map((row) => row.profileMaxCity)).toEqual(['London', 'Paris', null, null])
    const owners = await posts().withMax('author', 'age').withSum('votes', 'score')
    expect(owners.map((row) => [row.authorMaxAge, row.votesSumScore])).toEqual([
      [36, 0],
      [36, null],
      [28, 1],
    ])
  })

  it('keeps decimals and wide integers exact', async () => {
    const [one, two, none] = await Shop.createMany([{ name: 'one' }, { name: 'two' }, { name: 'none' }])
    await Order.createMany([
      { shopId: one?.id, total: '90071992547409.9301', wide: '900719925474099312345.000001', items: 2n ** 62n },
      { shopId: one?.id, total: '0.0002', wide: '0.000002', items: 1n, weight: 0.5, day: '2024-02-29', paid: true },
      { shopId: one?.id },
      { shopId: two?.id, total: '0.1', items: 3n, weight: 2, day: '2024-03-01' },
      { total: '7' },
    ])
    const rows = await Shop.query()
      .orderBy('id')
      .withSum('orders', 'total')
      .withAvg('orders', 'total')
      .withMax('orders', 'total')
      .withMin('orders', 'total')
      .withSum('orders', 'wide')
      .withSum('orders', 'items')
      .withMax('orders', 'items')
      .withAvg('orders', 'items', { where: (q) => q.where('items', '<', 10n) })
      .withSum('orders', 'weight')
      .withMin('orders', 'day')
      .withCount({ orders: { as: 'paid', where: (q) => q.where('paid', true) } })
    const text = (value: Decimal | bigint | number | null | undefined) => value?.toString() ?? null
    expect(
      rows.map((row) => [row.ordersSumTotal, row.ordersMaxTotal, row.ordersMinTotal, row.ordersSumWide].map(text)),
    ).toEqual([
      ['90071992547409.9303', '90071992547409.9301', '0.0002', '900719925474099312345.000003'],
      ['0.1', '0.1', '0.1', null],
      [null, null, null, null],
    ])
    expect(rows[0]?.ordersSumTotal).toBeInstanceOf(Decimal)
    expect(rows.map((row) => text(row.ordersAvgTotal))).toEqual(['45035996273704.96515', '0.1', null])
    expect(rows.map((row) => [row.ordersSumItems, row.ordersMaxItems, row.ordersAvgItems])).toEqual([
      [2n ** 62n + 1n, 2n ** 62n, 1],
      [3n, 3n, 3],
      [null, null, null],
    ])
    expect(rows.map((row) => [row.ordersSumWeight, row.ordersMinDay, row.paid])).toEqual([
      [0.5, '2024-02-29', 1],
      [2, '2024-03-01', 0],
      [null, null, 0],
    ])
    const rich = Shop.query().withSum('orders', 'total').where('ordersSumTotal', '90071992547409.9303')
    expect(await rich.pluck('name')).toEqual(['one'])
    expect(
      await Shop.query().withSum('orders', 'total').where('ordersSumTotal', '>', '90071992547409.9303').count(),
    ).toBe(0)
    expect(none?.id).toBe(rows[2]?.id)
    // a field that is not read with the rows can be asked for all the same
    expect((await Shop.query().withMax('orders', 'note').first())?.ordersMaxNote).toBe(null)
  })

  it('says by true and false whether there are related rows', async () => {
    await seedWorld()
    const rows = await users()
      .withExists('posts', 'profile')
      .withExists({ posts: { as: 'drafts', where: (q) => q.where('published', false) } })
    expect(rows.map((row) => [row.postsExists, row.profileExists, row.drafts])).toEqual([
      [true, true, false],
      [true, true, true],
      [false, false, false],
      [false, false, false],
    ])
    const query = users().withExists('posts')
    expect(await query.where('postsExists', true).pluck('name')).toEqual(['Ada Adams', 'Bea Brown'])
    expect(await query.where({ postsExists: false }).where('name', '!=', 'Cal Clark').pluck('name')).toEqual([
      'Dot Davis',
    ])
    expect(await query.valuesList('name', 'postsExists').then((list) => list[3])).toEqual(['Dot Davis', false])
    expect(await query.reorder().orderBy('postsExists').orderBy('-name').pluck('postsExists')).toEqual([
      false,
      false,
      true,
      true,
    ])
    const groups = await User.query()
      .withExists('posts')
      .groupBy('postsExists')
      .orderBy('postsExists')
      .aggregate({ n: fn.count() })
    expect(groups).toEqual([
      { postsExists: false, n: 2 },
      { postsExists: true, n: 2 },
    ])
  })

  it('stands in conditions, orders, results, groups and computed values afterwards', async () => {
    await seedWorld()
    const query = User.query().withCount('posts', 'reports').withSum('posts', 'views')
    expect(await query.orderBy('-postsCount').orderBy('-name').pluck('name')).toEqual([
      'Ada Adams',
      'Bea Brown',
      'Dot Davis',
      'Cal Clark',
    ])
    expect(await query.where('age', 28).where('postsCount', '>', 0).pluck('name')).toEqual(['Bea Brown'])
    expect(await query.where('postsCount', 1).orWhere('reportsCount', 2).count()).toBe(2)
    expect(
      await query.where((c) => c.postsCount.eq(c.reportsCount).and(c.postsSumViews.isNotNull())).values('name'),
    ).toEqual([{ name: 'Ada Adams' }])
    expect(await query.having('postsCount', '>=', 1).orderBy('name').valuesList('name', 'postsSumViews')).toEqual([
      ['Ada Adams', 30],
      ['Bea Brown', 30],
    ])
    const groups = await query
      .groupBy('postsCount')
      .orderBy('postsCount')
      .aggregate({ n: fn.count(), age: fn.max(User.columns.age) })
    expect(groups.map((group) => [group.postsCount, group.n, group.age])).toEqual([
      [0, 2, 28],
      [1, 1, 28],
      [2, 1, 36],
    ])
    const [ada] = await query
      .annotate({ all: (c) => c.postsCount.plus(c.reportsCount) })
      .select('name', 'all')
      .orderBy('-all')
    expect([ada?.name, ada?.all]).toEqual(['Ada Adams', 4])
    expect(await query.aggregate({ most: (c) => fn.max(c.postsCount), all: (c) => fn.sum(c.postsCount) })).toEqual({
      most: 2,
      all: 3,
    })
    expect(
      await query
        .distinct()
        .orderBy('-postsCount')
        .first()
        .then((row) => row?.postsCount),
    ).toBe(2)
    const inner = User.query().withCount('posts').where('postsCount', '>', 1)
    expect(await Post.query().whereIn('authorId', inner.select('id')).count()).toBe(2)
    expect(
      await User.query()
        .whereHas('posts', (q) => q.withCount('comments').where('commentsCount', 3))
        .pluck('name'),
    ).toEqual(['Ada Adams'])
  })

  it('goes with pages, cursors, streams and unions', async () => {
    await seedWorld()
    const query = User.query().withCount('posts').withExists('profile')
    const page = await query
      .where('postsCount', '<', 2)
      .orderBy('-postsCount')
      .orderBy('name')
      .paginate({ page: 1, size: 2 })
    expect([page.total, page.items.map((row) => [row.name, row.postsCount, row.profileExists])]).toEqual([
      3,
      [
        ['Bea Brown', 1, true],
        ['Cal Clark', 0, false],
      ],
    ])
    const sorted = query.where('postsCount', '>=', 0).orderBy('-name')
    const first = await sorted.cursorPaginate({ size: 3 })
    expect(first.items.map((row) => row.postsCount)).toEqual([0, 0, 1])
    const next = await sorted.cursorPaginate({ size: 3, after: first.nextCursor as string })
    expect(next.items.map((row) => [row.name, row.postsCount])).toEqual([['Ada Adams', 2]])
    const streamed: number[] = []
    for await (const row of query.orderBy('name').stream({ chunkSize: 3 })) streamed.push(row.postsCount)
    expect(streamed).toEqual([2, 1, 0, 0])
    const byCount = query.orderBy('postsCount')
    const least = await byCount.cursorPaginate({ size: 3 })
    expect(least.items.map((row) => row.postsCount)).toEqual([0, 0, 1])
    const rest = await byCount.cursorPaginate({ size: 3, after: least.nextCursor as string })
    expect(rest.items.map((row) => row.postsCount)).toEqual([2])

    const both = query
      .where('postsCount', 2)
      .unionAll(query.where('postsCount', 0))
      .orderBy('-postsCount')
      .orderBy('name')
    expect((await both).map((row) => [row.name, row.postsCount, row.profileExists])).toEqual([
      ['Ada Adams', 2, true],
      ['Cal Clark', 0, false],
      ['Dot Davis', 0, false],
    ])
    const after = User.where('name', 'Ada Adams')
      .union(User.where('name', 'Dot Davis'))
      .withCount('posts')
      .orderBy('name')
    expect((await after).map((row) => row.postsCount)).toEqual([2, 0])
    expect(await User.query().from(query.where('postsCount', 1)).where('postsCount', 1).pluck('name')).toEqual([
      'Bea Brown',
    ])
  })

  it('goes with relations that are loaded, and on related rows', async () => {
    const { ada } = await seedWorld()
    const author = await User.with('posts', 'profile').withCount('posts').where('name', 'Ada Adams').firstOrFail()
    expect([author.posts.length, author.postsCount, author.profile?.city]).toEqual([2, 2, 'London'])
    expect(author.toJSON()).toMatchObject({ postsCount: 2 })
    const rows = await users().with({
      posts: (q) => q.withCount('comments').withSum('votes', 'score').orderBy('-commentsCount').limit(1),
    })
    expect(rows.map((row) => row.posts.map((post) => [post.title, post.commentsCount, post.votesSumScore]))).toEqual([
      [['Alpha', 3, 0]],
      [['Gamma', 1, 1]],
      [],
      [],
    ])
    const own = await ada.related('posts').withCount('comments').orderBy('title')
    expect(own.map((post) => post.commentsCount)).toEqual([3, 0])
    const managers = await users().with({ manager: (q) => q.withCount('reports') })
    expect(managers.map((row) => row.manager?.reportsCount)).toEqual([undefined, 2, 2, undefined])
  })

  it('binds each value in its place, whatever else the query binds', async () => {
    await seedWorld()
    const query = (name: string, views: number, body: string, most: number) =>
      User.where('name', '!=', name)
        .withCount({ posts: { as: 'seen', where: (q) => q.where('views', '>=', views) } })
        .annotate({ big: (c) => c.name.concat(body) })
        .withExists({ comments: { where: (q) => q.where('body', body) } })
        .where('seen', '<=', most)
        .orderBy('name')
        .limit(3)
        .valuesList('seen', 'big', 'commentsExists')
    expect(await query('Dot Davis', 20, 'Nice', 5)).toEqual([
      [1, 'Ada AdamsNice', true],
      [1, 'Bea BrownNice', false],
      [0, 'Cal ClarkNice', false],
    ])
    expect(await query('Cal Clark', 10, 'First', 1)).toEqual([
      [1, 'Bea BrownFirst', true],
      [0, 'Dot DavisFirst', false],
    ])
    expect(await query('Ada Adams', 40, 'Second', 0)).toEqual([
      [0, 'Bea BrownSecond', false],
      [0, 'Cal ClarkSecond', true],
      [0, 'Dot DavisSecond', false],
    ])
  })

  it('says which rows are updated and deleted', async () => {
    await seedWorld()
    expect(await Post.query().withCount('comments').where('commentsCount', 0).update({ views: 7 })).toBe(1)
    expect(await posts().pluck('views')).toEqual([10, 7, 30])
    expect(await Post.query().withExists('votes').where('votesExists', false).delete()).toBe(1)
    expect(await posts().pluck('title')).toEqual(['Alpha', 'Gamma'])
  })

  it('refuses names that are taken, and says what to do', () => {
    const say = (text: RegExp, make: () => unknown) => {
      expect(make).toThrow(UsageError)
      expect(make).toThrow(text)
    }
    const query = User.query()
    say(/withCount\(\) can't name a value "name": .*\{ as: '…' \}/, () => query.withCount({ posts: { as: 'name' } }))
    say(/"posts".*\{ as: '…' \}/, () => query.withExists({ posts: { as: 'posts' } }))
    say(/"save".*\{ as: '…' \}/, () => query.withCount({ posts: { as: 'save' } }))
    say(/"postsCount".*\{ as: '…' \}/, () => query.withCount('posts').withCount('posts'))
    say(/"postsSumViews".*\{ as: '…' \}/, () => query.withSum('posts', 'views').withSum('posts', 'views'))
    say(/names two values "postsCount"/, () => query.withCount('posts', 'posts'))
    say(/names two values "n"/, () => query.withCount({ posts: { as: 'n' }, votes: { as: 'n' } }))
    say(/is not a name for a value/, () => query.withMax('posts', 'views', { as: 'most viewed' }))
    expect(
      query
        .withCount('posts')
        .withCount({ posts: { as: 'again' } })
        .toSQL({ dialect: 'sqlite' }).sql,
    ).toContain('"again"')
  })

  it('refuses what is no relation, no field of it, or a path', async () => {
    const query = User.query() as unknown as { [step: string]: (...args: unknown[]) => unknown }
    const call =
      (step: string, ...args: unknown[]) =>
      () =>
        query[step]?.(...args)
    expect(call('withCount', 'post')).toThrow(UnknownRelationError)
    expect(call('withCount', 'post')).toThrow(/Did you mean "posts"\?/)
    expect(call('withExists', { post: {} })).toThrow(UnknownRelationError)
    expect(call('withSum', 'posts', 'vews')).toThrow(UnknownFieldError)
    expect(call('withSum', 'posts', 'vews')).toThrow(/Did you mean "views"\?/)
    expect(call('with', 'profile', { posts: true })).toThrow(/Put all relations into one map/)
    expect(call('with', ['posts'])).toThrow(/and no list/)
    const averages = User.query().withAvg('posts', 'views') as unknown as { pluck(key: string): Promise<unknown> }
    await expect(averages.pluck('postsAvgView')).rejects.toThrow(/Did you mean "postsAvgViews"\?/)
    await expect(averages.pluck('average')).rejects.toThrow(/Choose one of: "postsAvgViews", "id"/)
    expect(call('withMax', 'posts', 'author')).toThrow(/"author".*relation/)
    expect(call('withSum', 'posts', 'title')).toThrow(/Post.title.*is not a number, so withSum\(\) can't use it/)
    expect(call('withAvg', 'posts', 'published')).toThrow(/is not a number/)
    expect(call('withCount', 'posts.comments')).toThrow(/"posts.comments" is a path/)
    expect(call('withSum', 'posts.comments', 'id')).toThrow(/is a path/)
    expect(call('withSum', 'posts.views')).toThrow("two arguments: withSum('posts', 'views')")
    expect(call('withMax', 'posts', 'author.age')).toThrow(/"author.age" is a path/)
    expect(call('withCount')).toThrow(/takes names of relations, or one map/)
    expect(call('withCount', 'posts', { votes: {} })).toThrow(/not both/)
    expect(call('withCount', 5)).toThrow(UsageError)
    expect(call('withMin', 'posts')).toThrow(/needs the name of a field of "Post"/)
    expect(call('withMin', undefined, 'id')).toThrow(/takes the name of a relation of "User"/)
    for (const options of [true, null, 'x', { is: 'n' }, { as: 5 }, { where: 'id' }, { where: {} }])
      expect(call('withCount', { posts: options })).toThrow(/withCount\('posts'\)/)
    expect(call('withMax', 'posts', 'views', 'most')).toThrow(
      /withMax\('posts'\) takes its options as an object: as, where/,
    )
  })

  it('refuses callbacks that cut rows, group them, or answer something else', () => {
    const count = (where: unknown) => () => User.query().withCount({ posts: { where: where as Narrow } })
    expect(count((q: Posts) => q.limit(3))).toThrow(/withCount\('posts'\) can't use limit\(\) or offset\(\)/)
    expect(count((q: Posts) => q.offset(3))).toThrow(UsageError)
    expect(count((q: Posts) => q.groupBy('views'))).toThrow(/a query of rows, not of groups/)
    expect(count(() => undefined)).toThrow(/must return the query it was given/)
    expect(count(() => User.query())).toThrow(/must return the query it was given/)
    expect(count(async (q: Posts) => q)).toThrow(/must return the query it was given/)
    expect(count((q: Posts) => q.select('title').union(Post.query().select('title')))).toThrow(
      /Post.authorId.*is not selected by/,
    )
  })
})
