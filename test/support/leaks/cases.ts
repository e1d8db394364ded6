/** Cases for the public members of queries, each with a few queries in which tables are hidden in different places. */
import { fn, gt, sql } from 'corm'
import { Person, Post, Remark, Tag, Team } from './world.js'

type Any = any

export interface QueryCase {
  build(): Any
  run(query: Any): unknown
  /** The correct result is empty, because only hidden rows match. */
  readonly isNothing?: true
}
/** A member that reads no rows by itself, and why. */
export type Cases = readonly QueryCase[] | string

const people = (): Any => Person.query().orderBy('id')
const posts = (): Any => Post.query().orderBy('id')
const teams = (): Any => Team.query().orderBy('id')
const tags = (): Any => Tag.query().orderBy('id')
const remarks = (): Any => Remark.query().orderBy('id')

const read = (query: Any) => query.get()
const many = (...builds: (() => Any)[]): QueryCase[] => builds.map((build) => ({ build, run: read }))
const end = (build: () => Any, ...runs: ((query: Any) => unknown)[]): QueryCase[] => runs.map((run) => ({ build, run }))
const nothing = (build: () => Any, ...runs: ((query: Any) => unknown)[]): QueryCase[] =>
  end(build, ...runs).map((each) => ({ ...each, isNothing: true }))
const collected = async (items: AsyncIterable<unknown>) => {
  const all: unknown[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Conditions, orders and values over every kind of relation. */
const counted = (step: string) =>
  many(
    () => people()[step]('posts', 'tags', 'remarks', 'badge', 'team', 'mentor'),
    () => posts()[step]({ tags: { as: 'n', where: (q: Any) => q.where('name', '!=', '') }, person: { as: 'm' } }),
    () => teams()[step]('people', 'posts'),
    () => teams().with({ people: (q: Any) => q[step]('posts', 'tags').orderBy('id') }),
    () => remarks()[step]('about'),
  )
const summed = (step: string) =>
  many(
    () => people()[step]('posts', 'rank'),
    () => teams()[step]('people', 'rank', { as: 'n', where: (q: Any) => q.where('rank', '>=', 0) }),
    () =>
      teams()
        [step]('posts', 'rank')
        .orderBy(`posts${step.slice(4)}Rank`),
    () =>
      people()
        .where('team.id', '>', 0)
        [step]('posts', 'rank')
        .where(`posts${step.slice(4)}Rank`, '>=', 0),
  )

export const queryCases: Readonly<Record<string, Cases>> = {
  // biome-ignore lint/suspicious/noThenProperty: the name of a member
  then: [{ build: people, run: async (query) => await query }],
  where: many(
    () => people().where('team.name', '!=', ''),
    () => people().where('posts.name', '!=', ''),
    () => people().where('team', null),
    () => people().where('mentor', '!=', null),
    () => people().where('badge', null),
    () => people().where('mentor.team.name', '!=', ''),
    () => people().where({ rank: gt(0), 'tags.name': gt('') }),
    () => people().where((c: Any) => fn.count(c.posts).gt(0)),
    () => people().where('teamId', 'in', Team.query().select('id')),
    () => people().where('rank', '>', Post.query().select('rank').orderBy('id').limit(1)),
    () => teams().where((c: Any) => fn.max(c.posts.rank).gt(-1)),
    () => posts().where('tags.posts.name', '!=', ''),
    () => remarks().where('about', null),
  ),
  orWhere: many(() => people().where('rank', '<', 0).orWhere('posts.id', '>', 0)),
  whereNot: many(
    () => people().whereNot('team.name', ''),
    () => people().whereNot('posts.name', 'x'),
  ),
  exclude: many(() => people().exclude('tags.name', 'x')),
  whereIn: many(
    () => people().whereIn('teamId', Team.query().select('id')),
    () => people().whereIn('id', Post.query().select('personId').limit(3).orderBy('id')),
    () => people().whereIn('team.name', Team.query().select('name')),
  ),
  whereNotIn: many(() => people().where('teamId', '!=', null).whereNotIn('teamId', Team.query().select('id'))),
  whereBetween: many(() => people().whereBetween('team.id', [0, 999])),
  whereNotBetween: many(() => people().whereNotBetween('posts.id', [900, 999])),
  whereNull: many(
    () => people().whereNull('team.name'),
    () => people().whereNull('mentor.team.name'),
  ),
  whereNotNull: many(() => people().whereNotNull('team.name')),
  whereColumn: many(
    () => people().whereColumn('team.id', '<', 'mentor.id'),
    () => people().whereColumn('id', '!=', 'team.id'),
  ),
  whereKey: many(() => people().whereKey([1, 2, 101, 102, 103, 104, 105])).concat(
    nothing(() => people().whereKey(103), read),
  ),
  whereExists: many(
    () => people().whereExists((c: Any) => Post.where((p: Any) => p.personId.eq(c.id))),
    () => people().whereExists(Team.query()),
  ),
  whereHas: many(
    () => people().whereHas('posts'),
    () => people().whereHas('tags', (q: Any) => q.where('name', '!=', '')),
    () => people().whereHas('posts', '>=', 2),
    () => people().whereHas('posts.tags'),
    () => teams().whereHas('posts', '<', 2),
    () => people().whereHas('remarks', '=', 1),
    () => remarks().whereHas('about'),
    () => people().whereHas('posts', (q: Any) => q.whereHas('tags', (t: Any) => t.whereHas('posts'))),
  ),
  whereDoesntHave: many(
    () => people().whereDoesntHave('posts'),
    () => people().whereDoesntHave('team'),
    () => posts().whereDoesntHave('tags'),
  ),
  whereRaw: many(() => people().whereRaw(sql`${sql.id('team_id')} in (${Team.query().select('id')})`)),
  select: many(() => people().select('id', 'team.name', 'mentor.team.name')),
  omit: many(() => people().omit('rank').with('posts')),
  selectAll: many(() => people().selectAll()),
  distinct: many(
    () =>
      people()
        .join(Post, (c: Any, t: Any) => t.personId.eq(c.id))
        .distinct(),
    () => people().select('teamId').distinct(),
  ),
  withoutDistinct: many(() => people().distinct().withoutDistinct()),
  annotate: many(
    () =>
      people().annotate({
        a: (c: Any) => fn.count(c.posts),
        b: (c: Any) => fn.max(c.tags.name),
        d: (c: Any) => c.team.name,
        e: (c: Any) => fn.sum(c.posts.rank),
      }),
    () =>
      people().annotate({
        a: (c: Any) =>
          Post.where((p: Any) => p.personId.eq(c.id))
            .annotate({ n: fn.count() })
            .select('n'),
      }),
    () => people().annotate({ a: (c: Any) => fn.rowNumber().over({ orderBy: [c.rank, c.id] }) }),
    () => people().annotate({ a: Team.query().select('name').orderBy('id').limit(1) }),
  ),
  nearest: 'not every database has vectors: test/suite/nearest.test.ts looks at rows that are hidden',
  matches: 'ranks depend on all rows: test/suite/full-text.test.ts looks at rows that are hidden',
  search: 'the same as nearest',
  hybrid: 'scores depend on all rows: test/suite/hybrid.test.ts looks at rows that are hidden',
  having: end(
    () => Person.query().groupBy('teamId').orderBy('teamId'),
    (q) => q.having((c: Any) => fn.count(c.id).gt(0)).aggregate({ n: fn.count() }),
  ),
  orHaving: end(
    () =>
      Person.query()
        .groupBy('teamId')
        .orderBy('teamId')
        .having((c: Any) => fn.count(c.id).gt(9)),
    (q) => q.orHaving((c: Any) => fn.max(c.rank).gt(-1)).aggregate({ n: fn.count() }),
  ),
  groupBy: end(
    () => Person.query().groupBy('team.name').orderBy('team.name'),
    (q) => q.aggregate({ n: fn.count(), m: fn.max((Person.columns as Any).rank) }),
  ),
  orderBy: many(
    () => Person.query().orderBy('team.name').orderBy('id'),
    () =>
      Person.query()
        .orderBy((c: Any) => fn.count(c.posts).desc())
        .orderBy('id'),
    () =>
      Person.query()
        .orderBy((c: Any) => Team.where((t: Any) => t.id.eq(c.teamId)).select('name'))
        .orderBy('id'),
  ),
  latest: many(() => Person.query().latest('rank').orderBy('id')),
  oldest: many(() => Person.query().oldest('rank').orderBy('id').limit(3)),
  orderByRaw: many(() =>
    Person.query()
      .orderByRaw(sql`(${Team.query().annotate({ n: fn.count() }).select('n')})`)
      .orderBy('id'),
  ),
  random: end(
    () => Person.query().random(),
    async (q) => (await q.pluck('id')).sort((a: number, b: number) => a - b),
  ),
  reorder: many(() => people().reorder().orderBy('-id')),
  join: many(
    () => people().join(Team, (c: Any, t: Any) => c.teamId.eq(t.id)),
    () =>
      people()
        .join(Post, (c: Any, t: Any) => c.id.eq(t.personId))
        .annotate({ n: (_: Any, t: Any) => t.posts.id })
        .orderBy('n'),
    () => people().join(Post.where('rank', '>=', 0), (c: Any, t: Any) => c.id.eq(t.personId), { alias: 'p' }),
  ).concat(
    end(
      () =>
        people()
          .join(Team, (c: Any, t: Any) => c.teamId.eq(t.id), { type: 'right', alias: 't' })
          .annotate({ n: (_: Any, t: Any) => t.t.id }),
      (q) => q.reorder().orderBy(['n', 'id']).values('id', 'n'),
    ),
  ),
  leftJoin: many(() =>
    people()
      .leftJoin(Team, (c: Any, t: Any) => c.teamId.eq(t.id))
      .annotate({ n: (_: Any, t: Any) => t.teams.name }),
  ),
  from: many(
    () => people().from(Person.where('rank', '>=', 0)),
    () => people().from('people'),
  ),
  withCte: many(
    () =>
      people()
        .withCte('t', Team.query())
        .join('t', (c: Any, t: Any) => c.teamId.eq(t.id)),
    () =>
      people()
        .withCte('p', Person.where('rank', '>', 0))
        .from('p'),
  ),
  withRecursive: many(() =>
    people()
      .withRecursive('tree', Person.query().where('rank', '>=', 0), (self: Any) =>
        Person.query().join(self, (c: Any, t: Any) => c.mentorId.eq(t.id)),
      )
      .from('tree'),
  ),
  union: many(
    () =>
      Person.where('rank', '<', 4)
        .union(Person.where('rank', '>=', 4))
        .orderBy('id'),
    () => Person.query().union(Person.query()).orderBy('id'),
  ),
  unionAll: many(() => Person.query().unionAll(Person.query()).orderBy('id')),
  unionRows: end(
    () => Person.query().orderBy('id'),
    (query) => query.select('id', 'name').unionRows(people().select('id', 'name')).orderBy('id').get(),
  ),
  intersect: many(() => Person.query().intersect(Person.query()).orderBy('id')),
  except: many(() =>
    Person.query()
      .except(Person.where('rank', '>', 4))
      .orderBy('id'),
  ),
  limit: many(() => people().limit(3)),
  offset: many(() => people().offset(2)),
  page: many(() => people().page(2, 2)),
  filter: many(
    () => people().filter(['rank', '>=', 0]),
    () => people().filter(['team.name', '!=', ''], { allow: ['team.name'] }),
  ),
  sort: many(
    () => Person.query().sort('-rank').orderBy('id'),
    () =>
      Person.query()
        .sort('team.name', { allow: ['team.name'] })
        .orderBy('id'),
  ),
  scope: many(() => people().scope((q: Any) => q.whereHas('team'))),
  tap: many(() => people().tap((q: Any) => q.whereHas('team'))),
  when: many(() => people().when(true, (q: Any) => q.whereHas('posts'))),
  using: 'says where the query runs; every case runs in a transaction or none',
  timeout: many(() => people().timeout(60_000).with('posts')),
  signal: many(() => people().signal(AbortSignal.timeout(60_000)).withCount('posts')),
  all: many(() => people().all()),
  withoutGlobalScope: 'lifts what hides the rows',
  withoutGlobalScopes: 'lifts what hides the rows',
  withTrashed: 'lifts what hides the rows',
  onlyTrashed: 'lifts what hides the rows',
  lock: 'locks the rows that the query reads, in transactions only',
  comment: many(() => people().comment('x').whereHas('posts')),
  with: many(
    () => people().with('team', 'mentor.team', 'badge', 'posts.tags', 'tags.posts', 'remarks'),
    () => teams().with('people.posts.remarks', 'posts.person'),
    () => posts().with('tags'),
    () => posts().with('person', 'tags.posts.person').limit(3),
    () => tags().with('posts.tags'),
    () => remarks().with('about'),
    () => people().with({ posts: (q: Any) => q.orderBy('id').limit(1), tags: (q: Any) => q.orderBy('-id') }),
    () => people().with({ team: (q: Any) => q.withCount('people') }),
    () => people().whereKey(1).with('team.people.posts'),
  ),
  withCount: counted('withCount').concat(
    many(() => Person.query().withCount('posts').where('postsCount', '>', 0).orderBy('-postsCount').orderBy('id')),
  ),
  withExists: counted('withExists'),
  withSum: summed('withSum'),
  withAvg: summed('withAvg'),
  withMin: summed('withMin'),
  withMax: summed('withMax').concat(many(() => people().withMax('tags', 'name').withMax('posts', 'name'))),
  get: end(
    () => people(),
    (q) => q.get(),
  ),
  first: end(
    () => people().whereHas('posts'),
    (q) => q.first(),
  ),
  firstOrFail: end(
    () => people().where('team.id', '>', 0),
    (q) => q.firstOrFail(),
  ),
  last: end(
    () => people(),
    (q) => q.last(),
    (q) => q.whereHas('team').last(),
  ),
  sole: end(
    () => people().whereKey(1),
    (q) => q.sole(),
  ),
  soleOrNull: end(
    () => people().whereKey([2, 102]),
    (q) => q.soleOrNull(),
  ),
  find: end(
    () => people(),
    (q) => q.find(1),
  ).concat(
    nothing(
      () => people(),
      (q) => q.find(101),
      (q) => q.find(104),
    ),
  ),
  findOrFail: end(
    () => people(),
    (q) => q.findOrFail(2),
  ).concat(nothing(people, (q) => q.findOrFail(102))),
  count: end(
    () => people(),
    (q) => q.count(),
    (q) => q.whereHas('posts').count(),
    (q) => q.limit(99).count(),
  ),
  exists: end(
    () => Person.query(),
    (q) => q.exists(),
    (q) => q.whereHas('posts.tags').exists(),
  ).concat(nothing(people, (q) => q.where('id', '>', 100).exists())),
  sum: end(
    () => Person.query(),
    (q) => q.sum('rank'),
    (q) => q.sum('team.id'),
  ),
  avg: end(
    () => Person.query(),
    (q) => q.avg('rank'),
  ),
  min: end(
    () => Person.query(),
    (q) => q.min('name'),
    (q) => q.min('team.name'),
  ),
  max: end(
    () => Person.query(),
    (q) => q.max('name'),
    (q) => q.max('mentor.name'),
  ),
  groupConcat: end(
    () => Person.query().orderBy('id').from(Person.query().orderBy('id').limit(99)),
    async (q) => (await q.groupConcat('name', ' ')).split(' ').sort(),
  ),
  aggregate: end(
    () => Person.query(),
    (q) => q.aggregate({ n: fn.count(), m: fn.max((Person.columns as Any).name) }),
    (q) => q.groupBy('rank').orderBy('rank').aggregate({ n: fn.count() }),
    (q) => q.withCount('posts').aggregate({ n: (c: Any) => fn.sum(c.postsCount) }),
  ),
  values: end(
    () => people(),
    (q) => q.values('id', 'team.name', 'mentor.name'),
    (q) => q.withCount('tags').values('id', 'tagsCount'),
  ),
  valuesList: end(
    () => people(),
    (q) => q.valuesList('id', 'team.name'),
  ),
  pluck: end(
    () => people(),
    (q) => q.pluck('team.name'),
    (q) => q.withMax('posts', 'name').pluck('postsMaxName'),
  ),
  paginate: end(
    () => people(),
    (q) => q.paginate({ page: 1, size: 2 }),
    (q) => q.whereHas('posts').paginate({ page: 1, size: 2 }),
  ),
  cursorPaginate: end(
    () => people(),
    async (q) => {
      const page = await q.cursorPaginate({ size: 2 })
      return [page, page.next && (await q.cursorPaginate({ size: 2, after: page.next }))].map((one) => one?.items)
    },
  ),
  stream: end(
    () => people(),
    (q) => collected(q.stream({ chunkSize: 2 })),
    (q) => collected(q.with('posts').stream({ chunkSize: 4 })),
  ),
  batches: end(
    () => people(),
    (q) => collected(q.batches(2)),
  ),
  idBatches: end(
    () => Person.query(),
    (q) => collected(q.idBatches(3)),
  ),
  explain: 'gives the plan of the database, which knows how many rows there are',
  print: end(
    () => people(),
    async (q) => {
      let text = ''
      await q.print({ stream: { write: (part: string) => (text += part) } })
      return text
    },
  ),
  toSQL: end(
    () => people().whereHas('posts'),
    (q) => q.toSQL(),
  ),
  toSQLUpdate: end(
    () => Person.where('rank', '>', 1),
    (q) => q.toSQLUpdate({ rank: 1 }),
  ),
  toSQLDelete: end(
    () => Post.where('rank', '>', 1),
    (q) => q.toSQLDelete().sql,
  ),
  toRawSQL: end(
    () => people().withCount('posts'),
    (q) => q.toRawSQL(),
  ),
}

const keys = [1, 2, 101, 102, 103, 104, 105, 106, 107, 108]
const toBoth = (build: () => Any, run: (query: Any) => unknown) => [{ build, run }]

/** Members of queries that write. */
export const queryWrites: Readonly<Record<string, readonly QueryCase[]>> = {
  update: end(
    () => Person.query(),
    (q) => q.all().update({ rank: 7 }),
    (q) => q.where('team.name', '!=', '').update({ rank: 7 }),
    (q) => q.whereKey(keys).update((c: Any) => ({ rank: c.rank.plus(1) })),
    (q) => q.whereHas('posts').orderBy('id').limit(2).update({ rank: 7 }),
  ),
  delete: end(
    () => Person.query(),
    (q) => q.all().delete(),
    (q) => q.whereKey(keys).delete(),
    (q) => q.where('team', null).delete(),
  ),
  forceDelete: end(
    () => Post.query(),
    (q) => q.whereKey(keys).forceDelete(),
    (q) => q.whereHas('tags').forceDelete(),
  ),
  restore: toBoth(
    () => Person.query(),
    async (q) => [await Person.query().whereKey(1).delete(), await q.whereKey([1, 2]).restore()],
  ),
  updateReturning: end(
    () => people(),
    (q) => q.whereKey(keys).updateReturning({ rank: 7 }),
    (q) => q.with('posts').whereHas('team').updateReturning({ rank: 3 }),
  ),
  deleteReturning: end(
    () => people(),
    (q) => q.whereKey(keys).deleteReturning(),
  ),
  increment: end(
    () => Person.query(),
    (q) => q.whereKey(keys).increment('rank'),
  ),
  decrement: end(
    () => Person.query(),
    (q) => q.where('mentor.id', '>', 0).decrement('rank', 2),
  ),
}
