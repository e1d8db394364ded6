/** Cases for the members of models, instances, lists of related rows and managers of relations. */
import { Database } from 'corm'
import { Badge, Person, Post, Remark, Tag, Team } from './world.js'

type Any = any

export interface MemberCase {
  run(): unknown
  readonly writes?: true
  /** Why the outcome depends on hidden rows nevertheless. */
  readonly open?: string
}
/** A member that neither reads nor writes rows, and why. */
export type Members = Readonly<Record<string, readonly MemberCase[] | string>>

const reads = (...runs: (() => unknown)[]): MemberCase[] => runs.map((run) => ({ run }))
const writes = (...runs: (() => unknown)[]): MemberCase[] => runs.map((run) => ({ run, writes: true }))
const open = (reason: string, ...runs: (() => unknown)[]): MemberCase[] =>
  runs.map((run) => ({ run, writes: true, open: reason }))

const QUERY = 'starts a query, whose members have cases of their own'
const MEMORY = 'says what is in memory'
const HOOK = 'does nothing, unless a model overrides it'
const LIFTS = {
  withoutGlobalScope: 'lifts what hides the rows',
  withoutGlobalScopes: 'lifts what hides the rows',
  withTrashed: 'lifts what hides the rows',
  onlyTrashed: 'lifts what hides the rows',
}
const UNIQUE = 'a unique key is taken by a hidden row'

const first = async (): Promise<Any> => Person.findOrFail(1)
const person = async (id = 1): Promise<Any> => Person.findOrFail(id)
const post = async (id = 1): Promise<Any> => Post.findOrFail(id)
const mine = { tenant: 1 }
const hidden = [101, 102, 103, 104, 105, 106, 107, 108]
/** Runs each value in turn. Hidden rows exist in one world and not in the other. */
const each = async (values: readonly number[], run: (value: number) => Promise<unknown>) => {
  const all: unknown[] = []
  for (const value of values)
    all.push(
      // a savepoint, so that an error does not abort the surrounding transaction
      await Database.get()
        .transaction(async () => run(value))
        .catch((error: Error) => `${error.constructor.name}: ${error.message}`),
    )
  return all
}

export const statics: Members = {
  fields: MEMORY,
  columns: MEMORY,
  schema: MEMORY,
  hasField: MEMORY,
  query: QUERY,
  where: QUERY,
  with: reads(() => Person.with('posts', 'team').orderBy('id')),
  make: MEMORY,
  ref: reads(
    () => each([1, ...hidden], async (id) => (await Person.ref(id).refresh('name')).name),
    () => each([2, ...hidden], (id) => Person.ref(id).loadField('name') as Promise<unknown>),
    () => each([2, ...hidden], async (id) => (await (Person.ref(id) as Any).posts).map((row: Any) => row.id)),
  ).concat(
    writes(
      () => each(hidden, async (id) => (await Person.ref(id).increment('rank')).rank),
      () => each(hidden, (id) => Person.ref(id).update({ rank: 5 })),
      () => each(hidden, (id) => Object.assign(Person.ref(id), { rank: 5 }).save()),
      () => each(hidden, (id) => Person.saveMany([Object.assign(Person.ref(id), { rank: 5 })])),
      () => Person.updateMany([Object.assign(Person.ref(1), { rank: 5 })], ['rank'] as Any),
      () => each(hidden, (id) => Person.ref(id).delete()),
      () => each(hidden, (id) => Post.ref(id).forceDelete()),
    ),
  ),
  create: writes(() => Person.create({ id: 701, name: 'new', rank: 1, ...mine } as Any)).concat(
    open(UNIQUE, () => each(hidden, async (id) => Person.create({ id, name: 'new', rank: 1, ...mine } as Any))),
  ),
  createWithRelations: writes(() =>
    Person.createWithRelations({
      id: 701,
      name: 'new',
      rank: 1,
      ...mine,
      posts: [{ id: 701, name: 'p', rank: 1, ...mine }],
    } as Any),
  ).concat(
    writes(() =>
      each([1, ...hidden], (id) =>
        Person.createWithRelations({ id: 701, name: 'new', rank: 1, ...mine, team: { connect: id } } as Any),
      ),
    ),
    writes(() =>
      each([1, ...hidden], (id) =>
        Post.createWithRelations({ id: 701, name: 'new', rank: 1, ...mine, tags: { connect: id } } as Any),
      ),
    ),
    writes(() =>
      each([1, ...hidden], (id) =>
        Person.createWithRelations({ id: 701, name: 'new', rank: 1, ...mine, posts: { connect: id } } as Any),
      ),
    ),
  ),
  createMany: writes(() =>
    Tag.createMany([
      { id: 701, name: 'a', ...mine },
      { id: 702, name: 'b', ...mine },
    ] as Any),
  ),
  insertMany: writes(() => Tag.insertMany([{ id: 701, name: 'a', ...mine }] as Any)),
  find: reads(
    () => Person.find(1),
    () => each(hidden, (id) => Person.find(id)),
  ),
  findOrFail: reads(() => each([2, ...hidden], (id) => Person.findOrFail(id))),
  findMany: reads(() => Person.findMany([3, 101, 102, 103, 104, 1])),
  findBy: reads(
    () => Person.findBy({ id: 1 } as Any),
    () => each(hidden, (id) => Person.findBy({ id } as Any)),
  ),
  firstOrCreate: writes(() => Tag.firstOrCreate({ id: 1 } as Any, { name: 'x', ...mine } as Any)).concat(
    open(UNIQUE, () => each(hidden, (id) => Tag.firstOrCreate({ id } as Any, { name: 'x', ...mine } as Any))),
  ),
  updateOrCreate: writes(() => Tag.updateOrCreate({ id: 1 } as Any, { name: 'x', ...mine } as Any)).concat(
    open(UNIQUE, () => each(hidden, (id) => Tag.updateOrCreate({ id } as Any, { name: 'x', ...mine } as Any))),
  ),
  upsert: writes(() => Tag.upsert({ id: 1, name: 'x', ...mine } as Any, { conflict: 'id' })).concat(
    open(UNIQUE, () => each(hidden, (id) => Tag.upsert({ id, name: 'x', ...mine } as Any, { conflict: 'id' }))),
  ),
  upsertMany: writes(() =>
    Tag.upsertMany(
      [
        { id: 1, name: 'x', ...mine },
        { id: 701, name: 'y', ...mine },
      ] as Any,
      { conflict: 'id' },
    ),
  ).concat(
    open(UNIQUE, () => each(hidden, (id) => Tag.upsertMany([{ id, name: 'x', ...mine }] as Any, { conflict: 'id' }))),
  ),
  saveMany: writes(async () => {
    const rows: Any[] = await Person.query().orderBy('id').limit(2)
    for (const row of rows) row.rank = 9
    await Person.saveMany(rows)
  }),
  updateMany: writes(async () => {
    const rows: Any[] = await Person.query().orderBy('id').limit(2)
    for (const row of rows) row.rank = 9
    return Person.updateMany(rows, ['rank'] as Any)
  }),
  deleteMany: writes(() => Person.deleteMany([1, 101, 102, 103, 104])),
  attachMany: writes(
    () =>
      Post.attachMany('tags', [
        [1, 1],
        [2, 3],
      ] as Any),
    () => each(hidden, (id) => Post.attachMany('tags', [[1, id]] as Any)),
    () => each(hidden, (id) => Post.attachMany('tags', [[id, 1]] as Any)),
  ),
  detachMany: writes(
    () => Post.detachMany('tags', [1, 2, 3, 4, 5, 6, ...hidden].map((id) => [1, id]) as Any),
    () =>
      each(hidden, (id) =>
        Post.detachMany('tags', [
          [id, 1],
          [id, 2],
          [id, 3],
        ] as Any),
      ),
  ),
  all: QUERY,
  withTrashed: 'lifts what hides the rows',
  onlyTrashed: 'lifts what hides the rows',
  withoutGlobalScope: 'lifts what hides the rows',
  withoutGlobalScopes: 'lifts what hides the rows',
  count: reads(() => Person.count()),
  exists: reads(() => Badge.exists()),
  raw: 'is SQL of the program, which no gate reads',
  rawFirst: 'is SQL of the program, which no gate reads',
  using: 'says where statements run',
  transaction: 'runs work that is made of other members',
  truncate: 'removes every row there is',
  staleEmbeddings: 'is a query; rows that a scope hides: embeddings.test.ts',
  missingTranslations: 'is a query; rows that a scope hides: languages.test.ts',
  reencrypt: 'rewrites what all rows have encrypted, and returns their number alone: encrypted.test.ts',
  embedAll: 'reads that query; rows that a scope hides: embeddings.test.ts',
  toSQLInsert: MEMORY,
  extend: MEMORY,
}

const loaded = (run: (row: Any) => unknown) => async () => run(await first())

export const instances: Members = {
  isPersisted: MEMORY,
  isDeleted: MEMORY,
  delete: writes(loaded((row) => row.delete())),
  forceDelete: writes(loaded((row) => row.forceDelete())),
  restore: writes(
    loaded(async (row) => {
      await row.delete()
      await row.restore()
      return row
    }),
  ),
  clone: MEMORY,
  toObject: MEMORY,
  toJSON: MEMORY,
  getDatabase: MEMORY,
  addIssue: MEMORY,
  beforeValidate: HOOK,
  validate: HOOK,
  beforeInsert: HOOK,
  beforeSave: HOOK,
  afterInsert: HOOK,
  afterUpdate: HOOK,
  afterSave: HOOK,
  beforeDelete: HOOK,
  afterDelete: HOOK,
  beforeRestore: HOOK,
  afterRestore: HOOK,
  onChange: HOOK,
  afterCommit: HOOK,
  afterLoad: HOOK,
  related: reads(
    ...['posts', 'tags', 'remarks', 'team', 'mentor', 'badge'].map((name) => async () => {
      const all: unknown[] = []
      for (const id of [1, 2, 3, 4]) all.push(await (await person(id)).related(name).orderBy('id').pluck('id'))
      return all
    }),
  ),
  pk: MEMORY,
  save: writes(
    loaded((row) => {
      row.rank = 9
      return row.save()
    }),
  ),
  update: writes(loaded((row) => row.update({ rank: 9 }))),
  fill: MEMORY,
  refresh: reads(loaded((row) => row.refresh())),
  increment: writes(loaded((row) => row.increment('rank'))),
  decrement: writes(loaded((row) => row.decrement('rank'))),
  isDirty: MEMORY,
  getChanges: MEMORY,
  getOriginal: MEMORY,
  loadField: reads(loaded((row) => row.loadField('name'))),
  load: reads(
    async () =>
      Promise.all(
        [1, 2, 3, 4].map(async (id) =>
          (await person(id)).load('team', 'mentor', 'posts.tags', 'tags', 'remarks', 'badge'),
        ),
      ),
    async () => Promise.all([1, 2, 3, 4].map(async (id) => ((await Remark.findOrFail(id)) as Any).load('about'))),
  ),
  saveWithRelations: writes(
    loaded((row) => row.saveWithRelations({ posts: { set: [1, 2] } })),
    loaded((row) => each(hidden, (id) => row.saveWithRelations({ posts: { connect: id } }))),
    loaded((row) => each(hidden, (id) => row.saveWithRelations({ team: { connect: id } }))),
    async () => (await post()).saveWithRelations({ tags: { set: [1, 2] } }),
  ),
}

const lists = (run: (list: Any) => unknown) =>
  reads(
    async () => Promise.all([1, 2, 3].map(async (id) => run((await person(id)).posts))),
    async () => Promise.all([1, 2, 3].map(async (id) => run((await person(id)).tags))),
    async () => Promise.all([1, 2, 3].map(async (id) => run(((await Team.findOrFail(id)) as Any).posts))),
  )

export const relationSteps: Members = {
  query: lists((list) => list.query().orderBy('id')),
  where: lists((list) => list.where('name', '!=', '').orderBy('id')),
  orderBy: lists((list) => list.orderBy('-id')),
  limit: lists((list) => list.limit(1).orderBy('id')),
  first: lists((list) => list.first()),
  count: lists((list) => list.count()),
  exists: lists((list) => list.exists()),
}

export const owners: Members = {
  ...LIFTS,
  associate: writes(
    loaded(async (row) => each([2, ...hidden], (id) => row.related('team').associate(id))),
    loaded(async (row) => each([2, ...hidden], (id) => row.related('mentor').associate(Person.ref(id)))),
  ),
  dissociate: writes(loaded((row) => row.related('team').dissociate())),
}

const rowsOf = (run: (rows: Any) => unknown) =>
  writes(
    async () => run((await person(1)).related('posts')),
    async () => run((await person(2)).related('remarks')),
  )

export const relatedRows: Members = {
  ...LIFTS,
  create: writes(async () => (await person()).related('posts').create({ id: 701, name: 'x', rank: 1, ...mine })),
  createMany: writes(async () =>
    (await person()).related('posts').createMany([{ id: 701, name: 'x', rank: 1, ...mine }]),
  ),
  firstOrCreate: writes(async () =>
    (await person()).related('posts').firstOrCreate({ name: 'x' }, { id: 701, rank: 1, ...mine }),
  ),
  updateOrCreate: writes(async () =>
    (await person()).related('posts').updateOrCreate({ name: 'x' }, { id: 702, rank: 1, ...mine }),
  ),
  save: writes(async () => (await person()).related('posts').save(await post(3))),
  attach: rowsOf((rows) => each([1, 2, ...hidden], (id) => rows.attach(id))),
  add: rowsOf((rows) => rows.add([1, 2, 3, 101, 102])),
  detach: rowsOf((rows) => rows.detach([1, 2, 3, 4, 5, 6, 101, 102, 103, 104])),
  remove: rowsOf((rows) => rows.remove([1, 2, 3, 4, 5, 6, 105, 106])),
  clear: rowsOf((rows) => rows.clear()),
  sync: rowsOf((rows) => rows.sync([1, 2])).concat(rowsOf((rows) => each(hidden, (id) => rows.sync([1, id])))),
  set: rowsOf((rows) => rows.set([])),
}

const linksOf = (run: (links: Any) => unknown) =>
  writes(
    async () => run((await post(1)).related('tags')),
    async () => run((await post(2)).related('tags')),
  )

export const linkedRows: Members = {
  ...LIFTS,
  create: writes(async () => (await post()).related('tags').create({ id: 701, name: 'x', ...mine })),
  createMany: writes(async () => (await post()).related('tags').createMany([{ id: 701, name: 'x', ...mine }])),
  firstOrCreate: linksOf((links) => links.firstOrCreate({ id: 1 }, { name: 'x', ...mine })),
  updateOrCreate: linksOf((links) => links.updateOrCreate({ id: 2 }, { name: 'x', ...mine })),
  save: writes(async () => (await post()).related('tags').save(await Tag.findOrFail(6))),
  attach: linksOf((links) => each([1, 2, ...hidden], (id) => links.attach(id))).concat(
    linksOf((links) => each(hidden, (id) => links.attach(Tag.ref(id)))),
  ),
  add: linksOf((links) => links.add([1, 2, 3])),
  detach: linksOf((links) => links.detach([1, 2, 3, 4, ...hidden])),
  remove: linksOf((links) => links.remove([4, 5, 6, ...hidden])),
  clear: linksOf((links) => links.clear()),
  sync: linksOf((links) => links.sync([1, 2])).concat(
    linksOf((links) => links.sync([])),
    linksOf((links) => each(hidden, (id) => links.sync([1, id]))),
  ),
  set: linksOf((links) => links.set([3])),
  toggle: linksOf((links) => links.toggle([1, 2, 3])).concat(
    linksOf((links) => each(hidden, (id) => links.toggle(id))),
  ),
  updatePivot: writes(async () =>
    each([1, 2, 3, ...hidden], async (id) => (await person()).related('tags').updatePivot(id, { note: 'x' })),
  ),
}
