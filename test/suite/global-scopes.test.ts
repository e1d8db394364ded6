import { AsyncLocalStorage } from 'node:async_hooks'
import { type AnyQuery, DefinitionError, Field, fn, Model, Relation, sql, UsageError } from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { expectRefusal, recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

/** A scope knows no relations by their names: the model is not there yet. */
type AnyModel = any

/** What the scope of Note reads: whose notes are seen. */
let tenant: number | null = null
const ambient = new AsyncLocalStorage<number>()

class Team extends Model(
  {
    name: Field.string(),
    active: Field.boolean({ default: true }),
    leadId: Field.foreignKey(() => Team, { nullable: true, onDelete: 'setNull' }),
  },
  { globalScopes: { active: (q) => q.where('active', true) } },
) {
  static notes = Relation.hasMany(() => Note)
  static lead = Relation.belongsTo(() => Team)
  static followers = Relation.hasMany(() => Team, { foreignKey: 'leadId' })
}

class Note extends Model(
  {
    text: Field.string(),
    tenant: Field.integer(),
    stars: Field.integer({ default: 0 }),
    teamId: Field.foreignKey(() => Team, { nullable: true }),
    deletedAt: Field.softDelete(),
  },
  {
    globalScopes: {
      tenant: (q) => (tenant === null ? q : q.where('tenant', tenant)),
      rated: (q) => q.where('stars', '>=', 0).orWhere((c) => c.text.startsWith('!')),
    },
  },
) {
  static team = Relation.belongsTo(() => Team)
}

describeDatabases('global scopes', (database) => {
  database.useTables([Team, Note])
  beforeEach(() => {
    tenant = null
  })

  /** Red leads Blue, Grey is not active and leads Red. Tenant 1: a, b (Grey's); tenant 2: c; d has bad stars. */
  const seed = async () => {
    const grey = await Team.create({ name: 'Grey', active: false })
    const red = await Team.create({ name: 'Red', leadId: grey.id })
    const blue = await Team.create({ name: 'Blue', leadId: red.id })
    const [a] = await Note.createMany([
      { text: 'a', tenant: 1, stars: 1, teamId: red.id },
      { text: 'b', tenant: 1, stars: 2, teamId: grey.id },
      { text: 'c', tenant: 2, stars: 3, teamId: blue.id },
      { text: 'd', tenant: 1, stars: -1, teamId: red.id },
    ])
    return { grey, red, blue, a }
  }
  const texts = async (query: { pluck(key: 'text'): Promise<string[]> }) => (await query.pluck('text')).sort().join('')
  const as = async <R>(id: number, work: () => PromiseLike<R>): Promise<R> => {
    tenant = id
    try {
      return await work()
    } finally {
      tenant = null
    }
  }

  it('hold for every way to read', async () => {
    const { grey, red } = await seed()
    expect(await Team.query().orderBy('name').pluck('name')).toEqual(['Blue', 'Red'])
    expect(await Team.find(grey.id)).toBe(null)
    expect((await Team.findMany([grey.id, red.id])).map((team) => team.name)).toEqual(['Red'])
    expect(await Team.findBy({ name: 'Grey' })).toBe(null)
    expect(await Team.count()).toBe(2)
    expect(await Team.where('name', 'Grey').exists()).toBe(false)
    expect(await Team.where('name', 'Red').orWhere('name', 'Grey').count()).toBe(1)
    expect(await Team.query().max('name')).toBe('Red')
    expect((await Team.query().paginate()).total).toBe(2)
    const streamed: string[] = []
    for await (const team of Team.query().stream({ chunkSize: 1 })) streamed.push(team.name)
    expect(streamed).toEqual(['Red', 'Blue'])
    expect(await Team.where('name', 'Grey').union(Team.where('name', 'Red')).pluck('name')).toEqual(['Red'])
    expect(await Note.query().whereIn('teamId', Team.query().select('id')).count()).toBe(2)
    expect(
      await Note.query()
        .whereExists((c) => Team.where((t) => t.id.eq(c.teamId)))
        .count(),
    ).toBe(2)
    expect(
      await texts(
        Note.query()
          .withCte('t', Team.query())
          .join('t', (c, t) => c.teamId.eq(t.id)),
      ),
    ).toBe('ac')
    expect(await texts(Note.query().join(Team, (c, t) => c.teamId.eq(t.id)))).toBe('ac')
  })

  it('hold for writes over a query', async () => {
    const { grey } = await seed()
    expect(await Team.all().update({ name: 'X' })).toBe(2)
    expect(await Team.withoutGlobalScope('active').where('id', grey.id).pluck('name')).toEqual(['Grey'])
    expect(await Note.all().delete()).toBe(3)
    expect(await as(2, () => Note.all().forceDelete())).toBe(0)
    expect(await as(2, () => Note.onlyTrashed().forceDelete())).toBe(1)
    expect(await as(2, () => Note.all().restore())).toBe(0)
    expect(await as(1, () => Note.all().restore())).toBe(2)
    expect((await Note.where('stars', 1).deleteReturning()).map((note) => note.text)).toEqual(['a'])
    expect(await Note.deleteMany(await Note.withoutGlobalScopes().pluck('id'))).toBe(1)
    expect((await expectRefusal(() => Team.query().delete())).message).toContain('would change every row')
  })

  it('are alternatives in brackets beside those of the query', async () => {
    await seed()
    await Note.create({ text: '!e', tenant: 1, stars: -5 })
    expect(await texts(Note.query())).toBe('!eabc')
    expect(await texts(Note.where('text', 'd').orWhere('text', '!e'))).toBe('!e')
    expect(await as(2, () => texts(Note.where('tenant', 1).orWhere('stars', '>', 0)))).toBe('c')
  })

  it('are asked when a query runs, and their values are of that moment', async () => {
    await seed()
    const query = Note.where('stars', '>', 0).orderBy('text')
    expect(await as(1, () => texts(query))).toBe('ab')
    expect(await as(2, () => texts(query))).toBe('c')
    expect(await texts(query)).toBe('abc')
    expect(await as(1, () => texts(query))).toBe('ab')
    const ids = await query.pluck('id')
    expect(await as(2, () => Note.find(ids[0] as number))).toBe(null)
    expect((await as(1, () => Note.find(ids[0] as number)))?.text).toBe('a')
    // the value of the query's own condition on the same field is another one
    expect(await as(1, () => texts(Note.where('tenant', 2)))).toBe('')
    expect(await as(2, () => texts(Note.where('tenant', 2)))).toBe('c')
  })

  it('keep one plan for all values', async () => {
    await seed()
    const { events } = await recordQueries(async () => {
      for (const id of [1, 2, 1]) await as(id, () => Note.where('stars', '>', 0).select('text'))
    })
    expect(new Set(events.map((event) => event.sql)).size).toBe(1)
  })

  it('follow the async context', async () => {
    class Own extends Model(
      { text: Field.string(), tenant: Field.integer() },
      { table: 'notes', globalScopes: { own: (q) => q.where('tenant', ambient.getStore() ?? 0) } },
    ) {}
    await seed()
    const query = Own.query().orderBy('text')
    const seen = await Promise.all([1, 2, 3].map((id) => ambient.run(id, async () => (await query).length)))
    expect(seen).toEqual([3, 1, 0])
    expect(await query.count()).toBe(0)
  })

  describe('of related rows', () => {
    it('hold for what is loaded', async () => {
      const { red, blue } = await seed()
      const all = await Note.query().with('team').orderBy('text')
      expect(all.map((note) => note.team?.name ?? null)).toEqual(['Red', null, 'Blue'])
      const teams = await as(1, () => Team.query().with('notes').orderBy('name'))
      expect(teams.map((team) => team.notes.length)).toEqual([0, 1])
      const open = await Team.query()
        .with({ notes: (q) => q.withoutGlobalScopes() })
        .orderBy('name')
      expect(open.map((team) => team.notes.length)).toEqual([1, 2])
      expect(await red.lead).toBe(null)
      expect((await blue.lead)?.name).toBe('Red')
      expect((await red.notes).map((note) => note.text)).toEqual(['a'])
      expect(await red.related('notes').withoutGlobalScope('rated').count()).toBe(2)
    })

    it('hold for paths, joined to one row', async () => {
      await seed()
      expect(await texts(Note.where('team.name', 'Grey'))).toBe('')
      expect(await texts(Note.query().whereNull('team.name'))).toBe('b')
      expect(await Note.query().orderBy('text').pluck('team.name')).toEqual(['Red', null, 'Blue'])
      expect(await Note.query().orderBy('text').pluck('team.lead.name')).toEqual([null, null, 'Red'])
      expect(await Team.where('lead.name', 'Grey').count()).toBe(0)
      expect(await Team.withoutGlobalScopes().where('lead.name', 'Grey').count()).toBe(0)
      expect(await Note.where('team.name', 'Red').update({ stars: 9 })).toBe(1)
      expect(await texts(Note.where('team', null))).toBe('b')
    })

    it('hold for paths to many rows', async () => {
      await seed()
      const notes = () => Team.query().where('notes.stars', '>', 0).orderBy('name').pluck('name')
      expect(await notes()).toEqual(['Blue', 'Red'])
      expect(await as(2, notes)).toEqual(['Blue'])
      const counted = () =>
        Team.query()
          .annotate({ n: (c) => fn.count(c.notes) })
          .orderBy('name')
          .pluck('n')
      expect(await counted()).toEqual([1, 1])
      expect(await as(1, counted)).toEqual([0, 1])
      const teams = Team.withoutGlobalScopes().annotate({ of: (c) => fn.max(c.notes.team.name) })
      expect(await teams.orderBy('name').pluck('of')).toEqual(['Blue', null, 'Red'])
      expect(
        await Team.query()
          .whereHas('notes', (q) => q.withoutGlobalScopes(), '=', 2)
          .pluck('name'),
      ).toEqual(['Red'])
    })

    it('hold with the values of the moment where a path leads to them', async () => {
      class Reader extends Model({ name: Field.string(), noteId: Field.foreignKey(() => Note) }) {
        static note = Relation.belongsTo(() => Note)
      }
      await database.db.createTables([Reader])
      try {
        await seed()
        const [a] = await Note.query().orderBy('text')
        await Reader.create({ name: 'Ann', noteId: a?.id as number })
        const query = Reader.where('name', 'Ann').select('name', 'note.text')
        const text = async () => (await query.firstOrFail())['note.text']
        expect(await as(1, text)).toBe('a')
        expect(await as(2, text)).toBe(null)
        expect(await text()).toBe('a')
        expect(await as(2, () => Reader.where('note.stars', '>', 0).count())).toBe(0)
        expect(await as(1, () => Reader.where('note.stars', '>', 0).count())).toBe(1)
        expect(await as(2, () => Reader.where('note.team.name', 'Red').count())).toBe(0)
        expect(await as(1, () => Reader.where((c) => c.note.team.name.eq('Red')).update({ name: 'Bob' }))).toBe(1)
        expect(
          await as(2, () =>
            Reader.query()
              .annotate({ stars: (c) => c.note.stars })
              .pluck('stars'),
          ),
        ).toEqual([null])
      } finally {
        await database.db.dropTables([Reader])
      }
    })

    it('hold for scopes that lead to them', async () => {
      class Public extends Model(
        { text: Field.string(), stars: Field.integer(), teamId: Field.foreignKey(() => Team, { nullable: true }) },
        {
          table: 'notes',
          globalScopes: { team: (q: AnyQuery<AnyModel>) => q.where('team.name', '!=', 'Blue') },
        },
      ) {
        static team = Relation.belongsTo(() => Team)
      }
      class Shown extends Model(
        { text: Field.string(), teamId: Field.foreignKey(() => Team, { nullable: true }) },
        { table: 'notes' },
      ) {
        static team = Relation.belongsTo(() => Team)
        static same = Relation.belongsTo(() => Public, { foreignKey: 'id' })
      }
      await seed()
      expect(await texts(Public.query())).toBe('ad')
      expect(await texts(Public.where('stars', '>', 0))).toBe('a')
      expect(await Public.where('stars', '>', 0).update({ stars: 7 })).toBe(1)
      expect(await Shown.query().orderBy('text').pluck('same.text')).toEqual(['a', null, null, 'd'])
      expect(await texts(Shown.where('same.stars', 7))).toBe('a')
    })
  })

  it('are lifted by name, or all at once', async () => {
    await seed()
    await as(1, async () => {
      expect(await texts(Note.query())).toBe('ab')
      expect(await texts(Note.withoutGlobalScope('tenant'))).toBe('abc')
      expect(await texts(Note.withoutGlobalScope('rated'))).toBe('abd')
      expect(await texts(Note.withoutGlobalScope('rated').withoutGlobalScope('tenant'))).toBe('abcd')
      expect(await texts(Note.where('stars', '<', 3).withoutGlobalScopes())).toBe('abd')
      await Note.where('text', 'a').delete()
      expect(await texts(Note.withoutGlobalScope('rated'))).toBe('bd')
      expect(await texts(Note.withTrashed())).toBe('ab')
      expect(await texts(Note.onlyTrashed())).toBe('a')
      expect(await texts(Note.withoutGlobalScopes())).toBe('abcd')
    })
    const error = await expectRefusal(async () => Note.withoutGlobalScope('tenent'))
    expect(error).toBeInstanceOf(UsageError)
    expect(error.message).toBe('"Note" has no global scope "tenent". Did you mean "tenant"?')
  })

  it('leave an instance to itself', async () => {
    const { grey, red } = await seed()
    red.active = false
    await red.save()
    expect(await Team.count()).toBe(1)
    await red.update({ name: 'Rot' })
    await red.refresh()
    expect(red.name).toBe('Rot')
    await Team.saveMany([red])
    await grey.update({ name: 'Grau' })
    await grey.refresh()
    expect(grey.name).toBe('Grau')
    await red.update({ active: true })
    expect(await Team.find(red.id)).not.toBe(null)
  })

  it('are inherited, one by one', async () => {
    class Plain extends Note.extend({}, { table: 'notes' }) {}
    class More extends Note.extend(
      {},
      { table: 'notes', globalScopes: { top: (q) => q.where('stars', '>', 1), rated: (q) => q } },
    ) {}
    await seed()
    await Note.where('text', 'c').delete()
    expect(await as(1, () => texts(Plain.query()))).toBe('ab')
    expect(await as(1, () => texts(More.query()))).toBe('b')
    expect(await texts(More.withoutGlobalScope('top'))).toBe('abd')
  })

  it('may be SQL by hand, and functions of the class', async () => {
    class Raw extends Model(
      { text: Field.string(), stars: Field.integer() },
      {
        table: 'notes',
        globalScopes: {
          raw: (q) => q.whereRaw(sql`${sql.id('stars')} > ${sql.raw(String(tenant ?? 0))}`),
          text(this: unknown, q) {
            return q.where('text', '!=', (this as { hiddenText: string }).hiddenText)
          },
        },
      },
    ) {
      static hiddenText = 'a'
    }
    await seed()
    expect(await texts(Raw.query())).toBe('bc')
    expect(await as(2, () => texts(Raw.where('text', '!=', 'z')))).toBe('c')
    expect(await texts(Raw.where('text', '!=', 'z'))).toBe('bc')
  })

  it('must keep rows, and nothing else', () => {
    const made = (scope: (q: never) => unknown) =>
      class Wrong extends Model({ n: Field.integer() }, { globalScopes: { wrong: scope as never } }) {}
    const message = (scope: (q: AnyQuery<typeof Team>) => unknown) => {
      try {
        made(scope as never)
          .query()
          .toSQL({ dialect: 'sqlite' })
      } catch (error) {
        return error instanceof DefinitionError ? error.message : String(error)
      }
      return 'none'
    }
    const own =
      'The global scope "wrong" of "Wrong" must return the query that it was given, with further conditions: q => q.where(…).'
    expect(message(() => undefined)).toBe(own)
    expect(message(() => Team.query())).toBe(own)
    expect(message(async (q) => q)).toBe(own)
    const conditionsOnly =
      'The global scope "wrong" of "Wrong" keeps rows: it takes conditions only, no orders, limits, joins or relations to load.'
    expect(message((q) => q.limit(3))).toBe(conditionsOnly)
    expect(message((q) => q.orderBy('id'))).toBe(conditionsOnly)
    expect(message((q) => q.withoutGlobalScopes())).toBe(conditionsOnly)
    expect(message((q) => q)).toBe('none')
  })

  it('are functions by name', () => {
    const define = (globalScopes: unknown) => () =>
      Model({ n: Field.integer() }, { globalScopes: globalScopes as never })
    expect(define({ active: 'n = 1' })).toThrow(
      'The global scope "active" is not a function of a query. Write { active: q => q.where(…) }.',
    )
    expect(define([])).toThrow(DefinitionError)
    expect(define({ softDelete: () => 1 })).toThrow('that is the one of Field.softDelete()')
  })

  it('that lead to themselves are refused, and may lift themselves', async () => {
    const tree = (scope: (q: AnyQuery<typeof Team>) => unknown) =>
      class Tree extends Model(
        { name: Field.string(), leadId: Field.foreignKey(() => Tree, { nullable: true }) },
        { table: 'teams', globalScopes: { tree: scope as never } },
      ) {
        static lead = Relation.belongsTo(() => Tree)
      }
    expect(() =>
      tree((q) => q.whereHas('lead'))
        .query()
        .toSQL({ dialect: 'sqlite' }),
    ).toThrow('A global scope of "Tree" leads back to "Tree"')
    expect(() =>
      tree((q) => q.where('lead.name', 'Red'))
        .query()
        .toSQL({ dialect: 'sqlite' }),
    ).toThrow(DefinitionError)
    await seed()
    const lifted = tree((q) => q.whereHas('lead', (lead) => lead.withoutGlobalScope('tree').where('name', 'Red')))
    expect(await lifted.query().pluck('name')).toEqual(['Blue'])
  })
})
