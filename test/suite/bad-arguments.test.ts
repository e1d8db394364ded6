import {
  and,
  between,
  CormError,
  caseWhen,
  contains,
  Database,
  Field,
  fn,
  gt,
  like,
  Model,
  not,
  oneOf,
  or,
  Relation,
  sql,
} from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { methodsOf } from '../support/declarations.js'

class Owner extends Model({ name: Field.string({ unique: true }), at: Field.dateTime({ nullable: true }) }) {
  static things = Relation.hasMany(() => Thing)
  static labels = Relation.manyToMany(() => Label)
}
class Thing extends Model({
  title: Field.string(),
  count: Field.integer({ default: 0 }),
  price: Field.decimal({ precision: 8, scale: 2, default: '1' }),
  bytes: Field.binary({ nullable: true }),
  data: Field.json({ nullable: true }),
  ownerId: Field.foreignKey(() => Owner, { nullable: true }),
  deletedAt: Field.softDelete(),
}) {
  static owner = Relation.belongsTo(() => Owner)
}
class Label extends Model({ word: Field.string() }) {}

// what the types refuse must be refused at run time as well
type Loose = any

/** What a caller may give by mistake, or on purpose; made for each call. */
const BAD: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  one: () => 1,
  'a negative number': () => -1.5,
  NaN: () => Number.NaN,
  'a bigint': () => 10n ** 30n,
  true: () => true,
  'an empty text': () => '',
  'a text': () => 'x',
  'a key of a request': () => `\u0000\n\u202e${'k'.repeat(100_000)}`,
  'a path': () => 'owner.x.y',
  __proto__: () => '__proto__',
  'an empty list': () => [],
  'a list of null': () => [null],
  'a list of undefined': () => [undefined],
  'a list of lists': () => [[[1]]],
  'an empty object': () => ({}),
  'an unknown key': () => ({ nope: 1 }),
  'a key of a request in an object': () => ({ [`\u0007${'k'.repeat(100_000)}`]: 1 }),
  'an object without a prototype': () => Object.create(null),
  'a value of null': () => ({ title: null, name: null }),
  'a symbol': () => Symbol('x'),
  'a symbol in an object': () => ({ title: Symbol('x') }),
  'a function': () => () => undefined,
  'a Map': () => new Map([[1, 2]]),
  'a Date': () => new Date(0),
  'an invalid Date': () => new Date(Number.NaN),
  'a forged Date': () => Object.create(Date.prototype),
  'a forged Date in an object': () => ({ title: Object.create(Date.prototype) }),
  'detached bytes': () => {
    const bytes = new Uint8Array(8)
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
    return bytes
  },
  'forged bytes': () => Object.create(Uint8Array.prototype),
  'a proxy': () => new Proxy({}, {}),
  'a revoked proxy': () => revoked({}),
  'a revoked proxy of a list': () => revoked([]),
  'a revoked proxy of a function': () => revoked(() => undefined),
  'a revoked proxy in an object': () => ({ title: revoked({}) }),
  'a revoked proxy in a list': () => [revoked({})],
  'a getter that throws': () => throwing('title'),
  'a list of a getter that throws': () => [throwing('title')],
  'a promise': () => Promise.resolve(1),
  'half of a surrogate pair': () => '\ud83d',
  'a query of another model': () => Label.query(),
  'an instance of another model': () => new Label({ word: 'x' }),
  'an expression of another model': () => Label.columns.word,
  'a regular expression': () => /x/,
  'an error': () => new Error('x'),
}

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

function throwing(name: string): object {
  return Object.defineProperty({}, name, {
    enumerable: true,
    get: () => {
      throw new Error('from a getter')
    },
  })
}

/** Good arguments, for those that stand before or behind the bad one. */
const GOOD: Readonly<Record<string, readonly unknown[]>> = {
  where: ['title', '=', 'a'],
  whereIn: ['title', ['a']],
  whereNotIn: ['title', ['a']],
  whereBetween: ['count', [1, 2]],
  whereNotBetween: ['count', [1, 2]],
  whereColumn: ['count', '>', 'id'],
  whereHas: ['owner', (q: unknown) => q, '>=', 1],
  whereDoesntHave: ['owner', (q: unknown) => q],
  orderBy: ['title', 'asc'],
  join: [Owner, (c: Loose, t: Loose) => c.ownerId.eq(t.id), {}],
  leftJoin: [Owner, (c: Loose, t: Loose) => c.ownerId.eq(t.id), {}],
  withCte: ['some', null],
  withRecursive: ['some', null, null],
  page: [1, 10],
  filter: [['title', '=', 'a'], {}],
  sort: ['title', {}],
  when: [true, (q: unknown) => q],
  lock: ['update', {}],
  withSum: ['owner', 'id', {}],
  withAvg: ['owner', 'id', {}],
  withMin: ['owner', 'name', {}],
  withMax: ['owner', 'name', {}],
  update: [{ title: 'b' }, {}],
  updateReturning: [{ title: 'b' }, {}],
  toSQLUpdate: [{ title: 'b' }, {}],
  increment: ['count', 1],
  decrement: ['count', 1],
  groupConcat: ['title', ','],
  create: [{ title: 'c' }, {}],
  createMany: [[{ title: 'c' }], {}],
  insertMany: [[{ title: 'c' }], {}],
  createWithRelations: [{ title: 'c' }, {}],
  firstOrCreate: [{ title: 'a' }, { count: 1 }, {}],
  updateOrCreate: [{ title: 'a' }, { count: 1 }, {}],
  upsert: [{ title: 'a' }, { conflict: 'id' }],
  upsertMany: [[{ title: 'a' }], { conflict: 'id' }],
  saveMany: [[], {}],
  updateMany: [[], ['title'], {}],
  deleteMany: [[1], {}],
  attachMany: ['labels', [[1, 1]]],
  detachMany: ['labels', [[1, 1]]],
  transaction: [async () => undefined, {}],
  toSQLInsert: [{ title: 'a' }, {}],
  fill: [{ title: 'a' }, {}],
  make: [{ title: 'a' }, {}],
  saveWithRelations: [{ title: 'a' }, {}],
  between: [1, 2],
  notBetween: [1, 2],
  substring: [1, 2],
  replace: ['a', 'b'],
  jsonSet: [['a'], 1],
}

/** Callbacks of the caller's are called: what they throw is theirs. Aborting a signal, or closing, ends the test. */
const SKIPPED = new Set(['tap', 'then', 'extend', 'using'])

describeDatabases('bad arguments', (database) => {
  database.useTables([Owner, Label, Thing])

  const problem = async (attempt: () => unknown): Promise<string | null> => {
    try {
      const result = attempt()
      if (typeof (result as Loose)?.next === 'function') await (result as Loose).next()
      else if (typeof result === 'object' && result !== null && 'then' in result) await result
      return null
    } catch (error) {
      // what a caller's own code throws is theirs
      if ((error as Error)?.message === 'from a getter') return null
      if (!(error instanceof CormError)) return String((error as Error)?.stack ?? error).slice(0, 600)
      const { message } = error
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be in a message
      if (/[\u0000-\u001f\u007f-\u009f\u202e]/.test(message))
        return `control characters: ${JSON.stringify(message.slice(0, 200))}`
      return message.length > 2000 ? `${message.length} characters: ${message.slice(0, 200)}` : null
    }
  }

  const attemptAll = async (owner: string, holder: () => Promise<Loose>): Promise<string[]> => {
    const wrong: string[] = []
    for (const { name, most, parameters } of methodsOf(owner)) {
      if (SKIPPED.has(name)) continue
      const good = GOOD[name] ?? GOOD[name.replace(/^(or|where)(Where|Not)$/, 'where')] ?? []
      const places = most === Number.POSITIVE_INFINITY ? 2 : most
      for (let place = 0; place < places; place++)
        for (const [what, make] of Object.entries(BAD)) {
          const args = Array.from({ length: Math.max(place + 1, parameters[0]?.length ?? 0) }, (_, i) => good[i])
          args[place] = make()
          const made = await holder()
          const it = Array.isArray(made) ? made[0] : made
          const found = await problem(() => it[name](...args))
          if (found !== null)
            wrong.push(`${owner}.${name}(${args.map((_, i) => (i === place ? what : '…')).join(', ')}): ${found}`)
        }
    }
    return wrong
  }

  const holders: Readonly<Record<string, () => Promise<unknown>>> = {
    QueryBuilder: async () => [Thing.query().where('id', 0)],
    Statics: async () => Thing,
    ModelStatics: async () => Thing,
    Column: async () => Thing.columns.count,
    Functions: async () => fn,
    Operators: async () => ({
      ...fn,
      and,
      between,
      contains,
      gt,
      like,
      not,
      oneOf,
      or,
      eq: gt,
      gte: gt,
      lt: gt,
      lte: gt,
      icontains: contains,
      startsWith: contains,
      istartsWith: contains,
      endsWith: contains,
      iendsWith: contains,
    }),
    SqlTag: async () => sql,
    FieldMakers: async () => Field,
    RelationMakers: async () => Relation,
    CaseSteps: async () => caseWhen(Thing.columns.count.gt(1), 'a'),
    ModelBase: async () => Thing.create({ title: 'a' }),
    Typed: async () => Thing.create({ title: 'a' }),
    Handle: async () => Thing.create({ title: 'a' }),
    RelatedOwner: async () => [((await Thing.create({ title: 'a' })) as Loose).related('owner')],
    RelatedRows: async () => [((await anOwner()) as Loose).related('things')],
    LinkedRows: async () => [((await anOwner()) as Loose).related('labels')],
    Executor: async () => database.db,
    Schema: async () => Thing.schema.insert,
  }
  const anOwner = async () => (await Owner.firstOrCreate({ name: 'o' }))[0]

  it.each(Object.keys(holders))(
    'of %s are refused by an error of corm, or taken',
    async (owner) => {
      const wrong = await attemptAll(owner, holders[owner] as () => Promise<Loose>)
      expect(wrong.join('\n\n')).toBe('')
    },
    120_000,
  )

  it('of a model, its construction and a database likewise', async () => {
    const loose = {
      Model: Model as Loose,
      Thing: Thing as Loose,
      Database: Database as Loose,
      db: database.db as Loose,
    }
    const calls: Readonly<Record<string, (bad: unknown) => unknown>> = {
      Model: (bad) => loose.Model(bad),
      'Model, options': (bad) => loose.Model({ name: Field.string() }, bad),
      'Model, a field': (bad) => loose.Model({ name: bad }),
      new: (bad) => new loose.Thing(bad),
      'new, options': (bad) => new loose.Thing({ title: 'a' }, bad),
      'new, a value': (bad) => new loose.Thing({ title: bad }).save(),
      using: (bad) => loose.Thing.using(bad).count(),
      'Database.get': (bad) => loose.Database.get(bad),
      'Database.configure': (bad) => loose.Database.configure(bad),
      createTables: (bad) => loose.db.createTables(bad),
      'createTables, a model': (bad) => loose.db.createTables([bad]),
      syncTables: (bad) => loose.db.syncTables(bad),
      dropTables: (bad) => loose.db.dropTables(bad),
      validate: (bad) => loose.db.validate(bad),
      connection: (bad) => loose.db.connection(bad),
      on: (bad) => loose.db.on(bad, () => undefined)(),
      'on, listener': (bad) => loose.db.on('query', bad)(),
      'an index': (bad) =>
        loose.db.validate([class Odd extends loose.Model({ name: Field.string() }, { indexes: [bad] }) {}]),
      'a check': (bad) =>
        loose.db.validate([class Odd extends loose.Model({ name: Field.string() }, { checks: { a: bad } }) {}]),
      'every field': async (bad) => loose.Thing.create({ title: 'a', bytes: bad, data: bad }),
      'a number': async (bad) => loose.Thing.create({ title: 'a', count: bad, price: bad }),
    }
    const wrong: string[] = []
    for (const [name, call] of Object.entries(calls))
      for (const [what, make] of Object.entries(BAD)) {
        const found = await problem(() => call(make()))
        if (found !== null) wrong.push(`${name}(${what}): ${found}`)
      }
    expect(wrong.join('\n\n')).toBe('')
  }, 120_000)
})
