import { AsyncLocalStorage } from 'node:async_hooks'
import {
  DefinitionError,
  Field,
  outsideTransaction,
  PermissionError,
  Relation,
  StaleModelError,
  sql,
  UniqueViolationError,
  UsageError,
} from 'corm'
import { beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseModel } from '../support/loose.js'

/** Whose rows are seen; none outside a request, where all are. */
const tenant = new AsyncLocalStorage<number>()
const as = <R>(id: number, run: () => R): R => tenant.run(id, run)

const forms: Record<string, (q: any, id: number) => any> = {
  'a comparison': (q, id) => q.where('tenant', id),
  'a list': (q, id) => q.whereIn('tenant', [id, -1]),
  'an expression': (q, id) => q.where((c: any) => c.tenant.times(2).eq(id * 2)),
  'a path': (q, id) => q.where('owner.id', id),
  'whereHas()': (q, id) => q.whereHas('owner', (o: any) => o.where('id', id)),
  'its own SQL': (q, id) => q.whereRaw(sql`${sql.id('tenant')} = ${id}`),
}

class Tenant extends looseModel({ id: Field.integer({ primaryKey: true }), name: Field.string() }) {}

/** The models of one form of the scope. */
function modelsOf(form: (q: any, id: number) => any, table: string) {
  const scope = (q: any) => {
    const id = tenant.getStore()
    return id === undefined ? q : form(q, id)
  }
  const locked = { globalScopes: { tenant: { apply: scope, locked: true } } }
  class Doc extends looseModel(
    {
      title: Field.string({ max: 50 }),
      code: Field.string({ unique: true, max: 50, nullable: true }),
      n: Field.integer({ default: 0 }),
      changed: Field.dateTime({ autoNow: true }),
      tenant: Field.foreignKey(() => Tenant),
      folderId: Field.foreignKey(() => Folder, { nullable: true }),
      deletedAt: Field.softDelete(),
    },
    {
      table: `${table}_docs`,
      ...locked,
      globalScopes: { ...locked.globalScopes, named: (q: any) => q.where('title', '!=', 'no') },
    },
  ) {
    static owner = Relation.belongsTo(() => Tenant, { foreignKey: 'tenant' })
    static folder = Relation.belongsTo(() => Folder)
    static labels = Relation.manyToMany(() => Label, {
      through: () => DocLabel,
      foreignKey: 'docId',
      otherKey: 'labelId',
    })
  }
  class Folder extends looseModel({ name: Field.string() }, { table: `${table}_folders` }) {
    static docs = Relation.hasMany(() => Doc)
    static doc = Relation.hasOne(() => Doc)
  }
  class Label extends looseModel({ word: Field.string() }, { table: `${table}_labels` }) {}
  class DocLabel extends looseModel(
    {
      docId: Field.foreignKey(() => Doc, { onDelete: 'cascade' }),
      labelId: Field.foreignKey(() => Label, { onDelete: 'cascade' }),
      tenant: Field.foreignKey(() => Tenant, { default: 1 }),
    },
    { table: `${table}_doc_labels`, ...locked, uniques: [['docId', 'labelId']] },
  ) {
    static owner = Relation.belongsTo(() => Tenant, { foreignKey: 'tenant' })
  }
  return { Doc, Folder, Label, DocLabel } as { Doc: any; Folder: any; Label: any; DocLabel: any }
}

describeDatabases('locked global scopes', (database) => {
  const all = Object.fromEntries(Object.entries(forms).map(([name, form], i) => [name, modelsOf(form, `locked_${i}`)]))
  const tables = Object.values(all).flatMap(({ Doc, Folder, Label, DocLabel }) => [Folder, Doc, Label, DocLabel])
  database.useTables([Tenant, ...tables])

  const names = Object.keys(forms).filter((_, i) => database.facts.quick || i % 2 === 0)
  describe.each(names)('of %s', (name) => {
    const { Doc, Folder, Label, DocLabel } = all[name] as ReturnType<typeof modelsOf>
    let mine: any
    let theirs: any
    let folder: any

    beforeEach(async () => {
      await Tenant.insertMany([
        { id: 1, name: 'one' },
        { id: 2, name: 'two' },
      ])
      folder = await Folder.create({ name: 'f' })
      const rows = [
        { title: 'mine', code: 'm', tenant: 1, folderId: folder.id },
        { title: 'theirs', code: 't', tenant: 2, folderId: folder.id },
      ]
      const made = await Doc.createMany(rows)
      mine = made[0]
      theirs = made[1]
    })

    const stored = async () =>
      (await Doc.withoutGlobalScope('tenant').orderBy('id').values('title', 'code', 'n', 'tenant')) as object[]
    const row = (over: object = {}) => ({ title: 'new', code: 'x', tenant: 2, ...over })

    /** A row of one's own, before another. */
    const first = (data: any) => row({ code: `with ${data.code}`, tenant: 1 })
    const inserts: Record<string, (data: object) => Promise<any>> = {
      create: (data) => Doc.create(data),
      'new and save': (data) => new Doc(data).save(),
      createMany: (data) => Doc.createMany([first(data), data]),
      insertMany: (data) => Doc.insertMany([first(data), data]),
      saveMany: (data) => Doc.saveMany([new Doc(first(data)), new Doc(data)]),
      firstOrCreate: (data: any) => Doc.firstOrCreate({ code: data.code }, data),
      updateOrCreate: (data: any) => Doc.updateOrCreate({ code: data.code }, data),
      upsert: (data) => Doc.upsert(data, { conflict: 'code' }),
      'upsert that updates nothing': (data) => Doc.upsert(data, { conflict: 'code', update: false }),
      upsertMany: (data) => Doc.upsertMany([first(data), data], { conflict: 'code' }),
      createWithRelations: (data) => Doc.createWithRelations(data),
      'a nested create': (data) => Folder.createWithRelations({ name: 'g', docs: [data] }),
      'a nested save': (data) => folder.saveWithRelations({ docs: { create: [data] } }),
      'create of a relation': (data) => folder.related('docs').create(data),
      'createMany of a relation': (data) => folder.related('docs').createMany([data]),
      'save of a relation': (data) => folder.related('docs').save(new Doc(data)),
    }

    it.each(Object.keys(inserts))('%s makes rows in them, and no other', async (how) => {
      const insert = inserts[how] as (data: object) => Promise<unknown>
      const before = await stored()
      const instance = new Doc(row())
      for (const inside of [
        (work: () => Promise<unknown>) => work(),
        (work: () => Promise<unknown>) => database.db.transaction(work),
      ]) {
        const error = await as(1, () => inside(() => insert(row()))).catch((thrown: unknown) => thrown)
        expect(error).toBeInstanceOf(PermissionError)
        expect(error).toMatchObject({ model: 'Doc', code: 'PERMISSION' })
        expect(String(error)).toContain('"tenant" of "Doc" is locked')
        expect(await stored()).toEqual(before)
      }
      expect([instance.isPersisted, instance.id]).toEqual([false, undefined])
      await as(1, () => insert(row({ tenant: 1 })))
      expect((await stored()).length).toBeGreaterThan(before.length)
      // where nobody is meant all rows are
      await insert(row({ code: 'z' }))
    })

    it('what a refused insert was of is as new as before', async () => {
      const doc = new Doc(row())
      for (const work of [() => doc.save(), () => Doc.saveMany([doc]), () => folder.related('docs').save(doc)])
        await expect(as(1, work)).rejects.toBeInstanceOf(PermissionError)
      expect([doc.isPersisted, doc.id, doc.changed]).toEqual([false, undefined, undefined])
      doc.tenant = 1
      await as(1, () => doc.save())
      expect(doc.isPersisted).toBe(true)
    })

    const moves: Record<string, (doc: any, to: number) => Promise<unknown>> = {
      save: (doc, to) => Object.assign(doc, { tenant: to }).save(),
      update: (doc, to) => doc.update({ tenant: to, n: 5 }),
      saveMany: (doc, to) => Doc.saveMany([Object.assign(doc, { tenant: to })]),
      'saveMany with a new one': (doc, to) =>
        Doc.saveMany([new Doc(row({ tenant: 1 })), Object.assign(doc, { tenant: to })]),
      updateMany: (doc, to) => Doc.updateMany([Object.assign(doc, { tenant: to })], ['tenant']),
      saveWithRelations: (doc, to) => doc.saveWithRelations({ tenant: to }),
      'update of a query': (doc, to) => Doc.where('id', doc.id).update({ tenant: to }),
      'update of a query, computed': (doc, to) =>
        Doc.where('id', doc.id).update((c: any) => ({ tenant: c.tenant.plus(to - 1) })),
      updateReturning: (doc, to) => Doc.where('id', doc.id).updateReturning({ tenant: to }),
      increment: (doc, to) => Doc.where('id', doc.id).increment('tenant', to - 1),
      'increment of the instance': (doc, to) => doc.increment('tenant', to - 1),
      upsert: (_, to) => Doc.upsert({ title: 'moved', code: 'm', tenant: to }, { conflict: 'code' }),
      'upsert by a function': (_, to) =>
        Doc.upsert({ title: 'moved', code: 'm', tenant: 1 }, { conflict: 'code', update: () => ({ tenant: to }) }),
      upsertMany: (_, to) => Doc.upsertMany([{ title: 'moved', code: 'm', tenant: to }], { conflict: 'code' }),
      updateOrCreate: (_, to) => Doc.updateOrCreate({ code: 'm' }, { tenant: to }),
      associate: (doc, to) => doc.related('owner').associate(to),
      ref: (doc, to) => Object.assign(Doc.ref(doc.id), { tenant: to }).save(),
      'ref by saveMany': (doc, to) => Doc.saveMany([Object.assign(Doc.ref(doc.id), { tenant: to })]),
    }

    it.each(Object.keys(moves))('%s moves no row out of them', async (how) => {
      const move = moves[how] as (doc: any, to: number) => Promise<unknown>
      const before = await stored()
      const doc = await as(1, () => Doc.findOrFail(mine.id))
      const error = await as(1, () => move(doc, 2)).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(PermissionError)
      expect(await stored()).toEqual(before)
      expect(doc.getOriginal('tenant')).toBe(1)
      // a move within them is none
      const again = await as(1, () => Doc.findOrFail(mine.id))
      await as(1, () => move(again, 1))
      expect((await stored())[0]).toMatchObject({ tenant: 1 })
    })

    it('rows outside them are neither changed nor written over', async () => {
      const before = await stored()
      const hidden = (work: () => Promise<unknown>) => as(1, work).catch((error: Error) => error.constructor)
      // read by somebody else, or before
      const doc = await Doc.findOrFail(theirs.id)
      doc.n = 7
      expect(await hidden(() => doc.save())).toBe(StaleModelError)
      expect(await hidden(() => Doc.saveMany([doc]))).toBe(StaleModelError)
      expect(await hidden(() => doc.increment('n'))).toBe(StaleModelError)
      expect(await hidden(() => doc.refresh())).toBe(StaleModelError)
      await hidden(() => doc.delete())
      expect(await hidden(() => Doc.upsert({ title: 'taken', code: 't', tenant: 1 }, { conflict: 'code' }))).toBe(
        UniqueViolationError,
      )
      expect(
        await hidden(() => Doc.upsert({ title: 'taken', code: 't', tenant: 1 }, { conflict: 'code', update: false })),
      ).toBe(UniqueViolationError)
      expect(
        await hidden(() =>
          Doc.upsertMany([row({ tenant: 1 }), { title: 'taken', code: 't', tenant: 1 }], { conflict: 'code' }),
        ),
      ).toBe(UniqueViolationError)
      expect(await hidden(() => Doc.updateOrCreate({ code: 't' }, { title: 'taken', tenant: 1 }))).toBe(
        UniqueViolationError,
      )
      expect(await hidden(() => Doc.firstOrCreate({ code: 't' }, { title: 'taken', tenant: 1 }))).toBe(
        UniqueViolationError,
      )
      await hidden(() => Doc.ref(theirs.id).update({ n: 3 }))
      await hidden(() => Doc.ref(theirs.id).delete())
      await hidden(() => Doc.withoutGlobalScopes().where('id', theirs.id).update({ n: 4 }))
      await hidden(() => Doc.withoutGlobalScopes().where('id', theirs.id).forceDelete())
      await hidden(() => Doc.deleteMany([theirs.id]))
      await hidden(() => folder.related('docs').withoutGlobalScopes().clear())
      expect(await hidden(() => Doc.truncate())).toBe(UsageError)
      expect((await stored()).map(({ n, code }: any) => [code, n])).toEqual(before.map(({ n, code }: any) => [code, n]))
      expect((await Doc.withoutGlobalScope('tenant').findOrFail(theirs.id)).folderId).toBe(folder.id)
    })

    it('are lifted by their name only', async () => {
      await Doc.create({ title: 'no', code: 'n', tenant: 1 })
      await as(1, async () => {
        expect(await Doc.query().pluck('title')).toEqual(['mine'])
        expect((await Doc.withoutGlobalScopes().orderBy('id').pluck('title')) as string[]).toEqual(['mine', 'no'])
        expect((await Doc.withoutGlobalScope('tenant').orderBy('id').pluck('title')) as string[]).toEqual([
          'mine',
          'theirs',
        ])
        expect(await Doc.withoutGlobalScope('tenant').where('id', theirs.id).update({ tenant: 1, n: 2 })).toBe(1)
        expect(await Doc.withoutGlobalScope('tenant').where('id', theirs.id).update({ tenant: 2 })).toBe(1)
        const [moved] = await Doc.withoutGlobalScope('tenant').where('id', mine.id).updateReturning({ tenant: 2 })
        expect(moved.tenant).toBe(2)
      })
    })

    it('hold for the rows of join models', async () => {
      const label = await Label.create({ word: 'w' })
      const attach = (id: number) => as(1, () => mine.related('labels').attach([[label, { tenant: id }]]))
      await expect(attach(2)).rejects.toBeInstanceOf(PermissionError)
      expect(await DocLabel.withoutGlobalScope('tenant').count()).toBe(0)
      await attach(1)
      expect(await DocLabel.count()).toBe(1)
      await expect(as(1, () => mine.related('labels').updatePivot(label, { tenant: 2 }))).rejects.toBeInstanceOf(
        PermissionError,
      )
    })

    it('a write of other fields costs no further statement', async () => {
      const doc = await as(1, () => Doc.findOrFail(mine.id))
      doc.n = 4
      await as(1, () => doc.save())
      await doc.delete()
      await doc.restore()
      expect((await Doc.findOrFail(mine.id)).n).toBe(4)
    })
  })

  it('hold while many write at once', async () => {
    const { Doc } = all['a comparison'] as ReturnType<typeof modelsOf>
    await Tenant.insertMany([
      { id: 1, name: 'one' },
      { id: 2, name: 'two' },
    ])
    const docs = await Doc.createMany(
      Array.from({ length: 10 }, (_, i) => ({ title: `d${i}`, code: `c${i}`, tenant: 1 + (i % 2) })),
    )
    const work = async (id: number, i: number) => {
      const doc = docs[i % 10]
      const calls = [
        () => Doc.upsert({ title: `by${id}`, code: `c${i % 12}`, tenant: id }, { conflict: 'code' }),
        () => Doc.where('id', doc.id).update({ title: `by${id}`, tenant: 3 - id }),
        () => Doc.where('id', doc.id).update({ title: `by${id}` }),
        async () => (await Doc.findOrFail(doc.id)).update({ title: `by${id}` }),
        () => Doc.updateOrCreate({ code: `c${i % 12}` }, { title: `by${id}`, tenant: id }),
      ]
      await as(id, calls[i % calls.length] as () => Promise<unknown>).catch((error: Error) => {
        if (!/Permission|NotFound|Unique|Stale|Deadlock|Serialization/.test(error.constructor.name)) throw error
      })
    }
    for (let round = 0; round < 4; round++)
      await Promise.all(Array.from({ length: 24 }, (_, i) => work(1 + (i % 2), i + round)))
    for (const { title, tenant: id, code } of await Doc.query().get())
      expect([code, title]).toEqual([code, /^by/.test(title) ? `by${id}` : title])
    for (const [i, doc] of docs.entries()) expect((await Doc.findOrFail(doc.id)).tenant).toBe(1 + (i % 2))
  })

  it('a row that is made meanwhile is not written over', async () => {
    if (!database.facts.concurrent) return
    const { Doc } = all['a comparison'] as ReturnType<typeof modelsOf>
    await Tenant.insertMany([
      { id: 1, name: 'one' },
      { id: 2, name: 'two' },
    ])
    let made = false
    const stop = database.db.on('query', ({ sql }: any) => {
      if (made || !/^insert/.test(sql)) return
      made = true
    })
    const upserts = Array.from({ length: 12 }, (_, i) =>
      as(1 + (i % 2), () =>
        Doc.upsert({ title: `by${1 + (i % 2)}`, code: 'same', tenant: 1 + (i % 2) }, { conflict: 'code' }),
      ).catch((error: Error) => {
        if (!/Unique|Serialization|Deadlock/.test(error.constructor.name)) throw error
      }),
    )
    await Promise.all(upserts)
    stop()
    const [doc, other] = await Doc.query().get()
    expect([other, doc.title]).toEqual([undefined, `by${doc.tenant}`])
    await outsideTransaction(async () => undefined)
  })

  it('are checked when they are defined', async () => {
    const defined = (scope: unknown) => () => {
      class Bad extends looseModel({ n: Field.integer() }, { globalScopes: { mine: scope } } as object) {}
      return Bad.query()
    }
    for (const [scope, text] of [
      [{ locked: true }, 'has no function'],
      [{ apply: 1 }, '"apply" of globalScopes.mine must be a function'],
      [{ apply: (q: unknown) => q, locked: 'yes' }, '"locked" of globalScopes.mine must be true or false'],
      [{ apply: (q: unknown) => q, lock: true }, 'no option "lock"'],
      [5, 'is not a function'],
    ] as const) {
      expect(defined(scope)).toThrow(DefinitionError)
      expect(defined(scope)).toThrow(text)
    }
    class Base extends looseModel({ n: Field.integer() }, {
      table: 'locked_bases',
      globalScopes: { few: { apply: (q: any) => q.where('n', 1), locked: true } },
    } as object) {}
    class More extends (Base as any).extend({ m: Field.integer() }, { table: 'locked_mores' }) {}
    await database.db.createTables([More] as never)
    try {
      await expect((More as any).create({ n: 2, m: 1 })).rejects.toBeInstanceOf(PermissionError)
      expect((await (More as any).create({ n: 1, m: 1 })).isPersisted).toBe(true)
      expect(await (More as any).withoutGlobalScopes().where('n', 2).count()).toBe(0)
    } finally {
      await database.db.dropTables([More] as never)
    }
  })
})
