/**
 * A hidden row might as well not be there: what a tenant reads and changes is the same once the rows that it does not see are
 * removed. The scopes here are themselves made of relations, subqueries, OR, and other scoped models.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type AnyQuery, Field, fn, lt, Model, Relation, sql } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

const actor = new AsyncLocalStorage<number>()
const me = () => actor.getStore() ?? 0
const id = () => Field.integer({ primaryKey: true })
const key = () => Field.integer({ nullable: true })

class Org extends Model(
  { id: id(), name: Field.string(), tenant: Field.integer(), public: Field.boolean() },
  { globalScopes: { mine: (q: AnyQuery<any>) => q.where('tenant', me()).orWhere('public', true) } },
) {
  static teams = Relation.hasMany(() => Unit, { foreignKey: 'orgId' })
  static docs = Relation.hasManyThrough(() => Doc, { through: () => Unit, foreignKey: 'orgId', otherKey: 'unitId' })
}
// scope by a relation path to a scoped model
class Unit extends Model(
  { id: id(), name: Field.string(), orgId: key(), parentId: key() },
  { globalScopes: { org: (q: AnyQuery<any>) => q.whereHas('org') } },
) {
  static org = Relation.belongsTo(() => Org, { foreignKey: 'orgId' })
  static parent = Relation.belongsTo(() => Unit, { foreignKey: 'parentId' })
  static children = Relation.hasMany(() => Unit, { foreignKey: 'parentId' })
  static docs = Relation.hasMany(() => Doc, { foreignKey: 'unitId' })
}
// scope by subquery of another scoped model, OR, and a nested path
class Doc extends Model(
  {
    id: id(),
    name: Field.string(),
    unitId: key(),
    size: Field.integer(),
    nextId: key(),
    deletedAt: Field.softDelete(),
  },
  {
    globalScopes: {
      unit: (q: AnyQuery<any>) =>
        q.whereIn('unitId', (Unit as any).query().select('id')).orWhere({ unitId: null, size: lt(3) } as any),
      next: (q: AnyQuery<any>) =>
        q.whereDoesntHave('unit.org', (x: any) => x.withoutGlobalScopes().where('name', 'banned')),
    },
  },
) {
  static unit = Relation.belongsTo(() => Unit, { foreignKey: 'unitId' })
  static next = Relation.belongsTo(() => Doc, { foreignKey: 'nextId' })
  static before = Relation.hasMany(() => Doc, { foreignKey: 'nextId' })
  static labels = Relation.manyToMany(() => Label, { through: () => Mark, foreignKey: 'docId', otherKey: 'labelId' })
  static notes = Relation.morphMany(() => Note, 'on')
}
class Label extends Model(
  { id: id(), name: Field.string(), tenant: Field.integer() },
  { globalScopes: { t: (q: AnyQuery<any>) => q.where((c: any) => c.tenant.eq(me())) } },
) {
  static docs = Relation.manyToMany(() => Doc, { through: () => Mark, foreignKey: 'labelId', otherKey: 'docId' })
}
class Mark extends Model(
  { id: id(), docId: key(), labelId: key(), ok: Field.boolean() },
  { globalScopes: { ok: (q: AnyQuery<any>) => q.where('ok', true) } },
) {}
class Note extends Model(
  { id: id(), name: Field.string(), onId: key(), onType: Field.string({ nullable: true }) },
  {
    globalScopes: {
      has: (q: AnyQuery<any>) =>
        q.where((c: any) =>
          c.id.lt(
            Label.query()
              .annotate({ n: fn.max(Label.columns.id) })
              .select('n'),
          ),
        ),
    },
  },
) {
  static on = Relation.morphTo([() => Doc, () => Unit])
}
const models = [Org, Unit, Doc, Label, Mark, Note] as any[]

function rnd(seed: number) {
  let s = (seed * 2654435761) | 0
  return (n: number) => {
    s = (s + 0x6d2b79f5) | 0
    let t = Math.imul(s ^ (s >>> 15), 1 | s)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % n
  }
}
async function fill(seed: number) {
  const r = rnd(seed)
  const k = () => (r(6) === 0 ? null : 1 + r(14))
  const ids = Array.from({ length: 14 }, (_, i) => i + 1)
  await Org.insertMany(
    ids.map((id) => ({ id, name: r(8) === 0 ? 'banned' : `org${id}`, tenant: 1 + r(3), public: r(6) === 0 })) as any,
  )
  await Unit.insertMany(ids.map((id) => ({ id, name: `u${id}`, orgId: k(), parentId: k() })) as any)
  await Doc.insertMany(
    ids.map((id) => ({
      id,
      name: `d${id}`,
      unitId: k(),
      size: r(6),
      nextId: k(),
      deletedAt: r(5) === 0 ? new Date('2024-01-01T00:00:00Z') : null,
    })) as any,
  )
  await Label.insertMany(ids.map((id) => ({ id, name: `l${id}`, tenant: 1 + r(2) })) as any)
  await Mark.insertMany(
    Array.from({ length: 30 }, (_, i) => ({ id: i + 1, docId: k(), labelId: k(), ok: r(3) > 0 })) as any,
  )
  await Note.insertMany(ids.map((id) => ({ id, name: `n${id}`, onId: k(), onType: r(2) ? 'Doc' : 'Unit' })) as any)
}
const show = (v: unknown): string => JSON.stringify(v, (_, p) => (typeof p === 'bigint' ? `${p}n` : p)) ?? 'undefined'
const collect = async (it: any) => {
  const all: any[] = []
  for await (const x of it) all.push(x)
  return all
}
class Back extends Error {}
const inTrx = async (work: () => Promise<any>) => {
  let out = ''
  await (Doc as any)
    .transaction(async () => {
      const came = await work()
      const seen: any[] = []
      for (const m of models) seen.push(show(await m.query().orderBy('id').values()))
      out = show([came, seen])
      throw new Back()
    })
    .catch((e: any) => {
      if (!(e instanceof Back)) throw e
    })
  return out
}
const D = () => (Doc as any).query().orderBy('id'),
  U = () => (Unit as any).query().orderBy('id'),
  O = () => (Org as any).query().orderBy('id'),
  L = () => (Label as any).query().orderBy('id'),
  N = () => (Note as any).query().orderBy('id')
const g = (build: () => any, run: (q: any) => any = (q) => q.get()) => ({ build, run })
const joins = (type: string) => [
  g(
    () =>
      (Unit as any)
        .query()
        .join(Doc, (c: any, t: any) => t.unitId.eq(c.id), { type })
        .annotate({ d: (_: any, t: any) => t.docs.id }),
    async (q) => (await q.valuesList('id', 'd')).map(show).sort(),
  ),
  g(
    () =>
      (Doc as any)
        .query()
        .join(Doc, (c: any, t: any) => c.nextId.eq(t.id), { type, alias: 'other' })
        .annotate({ o: (_: any, t: any) => t.other.name }),
    async (q) => (await q.valuesList('id', 'o')).map(show).sort(),
  ),
  g(
    () =>
      (Doc as any)
        .query()
        .join(Unit, (c: any, t: any) => c.unitId.eq(t.id), { type })
        .join(Org, (_: any, t: any, all: any) => t.id.eq((all ?? t).id ?? t.id), { type })
        .annotate({ n: fn.count() }),
    async (q) => show(await q.count()),
  ),
  g(
    () =>
      (Unit as any)
        .query()
        .join(Doc.query().where('size', '>', 0) as any, (c: any, t: any) => t.unitId.eq(c.id), { type, alias: 'ds' })
        .annotate({ d: (_: any, t: any) => t.ds.id })
        .where((c: any) => c.id.gt(0)),
    async (q) => (await q.valuesList('id', 'd')).map(show).sort(),
  ),
]
const cases: Record<string, { build(): any; run(q: any): any }[]> = {
  plain: [
    g(O),
    g(U),
    g(D),
    g(L),
    g(N),
    g(() => (Mark as any).query().orderBy('id')),
    g(D, (q) => q.count()),
    g(D, (q) => q.paginate({ size: 3 })),
    g(D, async (q) => (await q.cursorPaginate({ size: 3 })).items),
  ],
  streams: [
    g(D, (q) => collect(q.stream({ chunkSize: 2 }))),
    g(D, (q) => collect(q.with('unit.org', 'labels').batches(3))),
    g(D, (q) => collect(q.idBatches(2))),
  ],
  withs: [
    g(() => D().with('unit.org', 'next.next', 'before', 'labels', 'notes')),
    g(() => U().with('parent.parent', 'children.children', 'docs.labels.docs', 'org.docs')),
    g(() => O().with('teams.docs', 'docs.labels')),
    g(() => N().with('on')),
    g(() => L().with('docs.unit')),
    g(() =>
      U().with({ docs: (q: any) => q.withCount('labels', 'notes', 'before').withSum('before', 'size').orderBy('id') }),
    ),
    g(() => O().with({ docs: (q: any) => q.limit(2).orderBy('-id') })),
    g(() => U().with({ docs: (q: any) => q.orderBy('id').limit(1) })),
    g(() => L().with({ docs: (q: any) => q.orderBy('-id').limit(2) })),
  ],
  lazies: [
    g(D, async (q) => {
      const out: any[] = []
      for (const d of await q)
        out.push([
          d.id,
          await d.unit,
          (await d.next)?.id,
          (await d.before).map((x: any) => x.id),
          (await d.labels).map((x: any) => x.id),
          (await d.notes).map((x: any) => x.id),
        ])
      return out
    }),
    g(N, async (q) => {
      const out: any[] = []
      for (const d of await q) out.push([d.id, await d.on])
      return out
    }),
  ],
  managers: [
    g(O, async (q) => {
      const out: any[] = []
      for (const o of await q)
        out.push([
          o.id,
          await o.related('docs').count(),
          await o.related('docs').orderBy('id').pluck('id'),
          await o.related('teams').whereHas('docs').orderBy('id').pluck('id'),
          await o.related('docs').exists(),
          await o.related('docs').withCount('labels').orderBy('id').pluck('labelsCount'),
        ])
      return out
    }),
    g(L, async (q) => {
      const out: any[] = []
      for (const o of await q)
        out.push([o.id, await o.related('docs').count(), await o.related('docs').distinct().orderBy('id').pluck('id')])
      return out
    }),
  ],
  counts: [
    g(() => O().withCount('teams', 'docs').withExists('docs').withMax('docs', 'name').withSum('docs', 'size')),
    g(() => U().withCount('parent', 'children', 'docs')),
    g(() => D().withCount('labels', 'notes', 'before', 'next', 'unit').withAvg('before', 'size')),
    g(() => L().withCount('docs').withMin('docs', 'size')),
    g(() => N().withCount('on').withExists('on')),
    g(() =>
      O().withCount({ docs: { where: (q: any) => q.whereHas('labels').where('unit.parent.org.name', '!=', '') } }),
    ),
  ],
  paths: [
    g(() => D().where('unit.org.name', '!=', '')),
    g(() => D().select('id', 'unit.name', 'unit.parent.name', 'unit.parent.org.name', 'next.unit.org.name')),
    g(() => D().orderBy('unit.parent.name').orderBy('id')),
    g(() => D().whereNull('unit.name')),
    g(() => D().whereNull('next.unit.name')),
    g(() => D().where('next', null)),
    g(() => D().where('unit', '!=', null)),
    g(() => N().where('on', null)),
    g(() => D().where('labels.name', 'l1').orWhere('before.size', '>', 2)),
    g(() => L().where('docs.unit.org.name', '!=', 'x')),
    g(() => D().whereNot('labels.name', 'l2')),
    g(() => U().where((c: any) => fn.count(c.docs).gt(0))),
    g(() => U().annotate({ s: (c: any) => fn.sum(c.docs.size), m: (c: any) => fn.max(c.children.name) })),
  ],
  has: [
    g(() => O().whereHas('docs', '>=', 2)),
    g(() => O().whereHas('docs', (q: any) => q.whereDoesntHave('labels'))),
    g(() => D().whereDoesntHave('next')),
    g(() => D().whereHas('labels', (q: any) => q.whereHas('docs', (d: any) => d.where('size', '>', 1), '>=', 2))),
    g(() => N().whereHas('on')),
    g(() => D().whereHas('notes', '=', 1)),
    g(() => U().whereHas('children.docs')),
    g(() => U().whereHas('parent.parent')),
  ],
  unions: [
    g(() =>
      (Doc as any)
        .where('size', '<', 2)
        .union((Doc as any).where('size', '>', 3))
        .orderBy('id'),
    ),
    g(() =>
      (Doc as any)
        .where('size', '<', 4)
        .except((Doc as any).whereHas?.('labels') ?? (Doc as any).query().whereHas('labels'))
        .orderBy('id'),
    ),
    g(
      () =>
        (Doc as any)
          .query()
          .unionAll(Doc.query() as any)
          .orderBy('id'),
      (q) => q.count(),
    ),
    g(() =>
      (Doc as any)
        .where('size', '<', 4)
        .intersect((Doc as any).where('size', '>', 1))
        .orderBy('id')
        .with('unit'),
    ),
  ],
  ctes: [
    g(() =>
      D()
        .withCte('u', (Unit as any).query())
        .join('u', (c: any, t: any) => c.unitId.eq(t.id)),
    ),
    g(() =>
      D()
        .withCte('d', (Doc as any).where('size', '>', 1))
        .from('d'),
    ),
    g(() =>
      (Doc as any)
        .query()
        .from((Doc as any).where('size', '>', 1))
        .orderBy('id'),
    ),
    g(() => (Doc as any).query().from('docs').orderBy('id')),
    g(() =>
      (Unit as any)
        .query()
        .withRecursive('tree', (Unit as any).where('parentId', null).select('id', 'parentId'), (tree: any) =>
          (Unit as any)
            .query()
            .select('id', 'parentId')
            .join(tree, (c: any, t: any) => c.parentId.eq(t.id)),
        )
        .whereIn('id', sql`(select id from tree)` as any)
        .orderBy('id'),
    ),
    g(
      () =>
        (Unit as any)
          .query()
          .withRecursive('tree', (Unit as any).where('parentId', null).select('id', 'parentId'), (tree: any) =>
            (Unit as any)
              .query()
              .select('id', 'parentId')
              .join(tree, (c: any, t: any) => c.parentId.eq(t.id)),
          )
          .from('tree')
          .orderBy('id'),
      (q) => q.pluck('id'),
    ),
  ],
  joined: ['inner', 'left', 'right', 'full'].flatMap(joins),
  groups: [
    g(
      () => (Doc as any).query().groupBy('unit.name').orderBy('unit.name'),
      (q) => q.aggregate({ n: fn.count(), s: fn.sum((Doc.columns as any).size) }),
    ),
    g(
      () => (Doc as any).query(),
      (q) => q.aggregate({ n: fn.count(), s: fn.sum((Doc.columns as any).size) }),
    ),
    g(D, (q) => q.sum('size')),
    g(D, (q) => q.max('unit.name')),
    g(
      () => (Doc as any).query().distinct().select('unitId').orderBy('unitId'),
      (q) => q.pluck('unitId'),
    ),
    g(() =>
      D()
        .annotate({ r: (c: any) => fn.rowNumber().over({ partitionBy: [c.unitId], orderBy: [c.id] }) })
        .where('r', 1),
    ),
    g(() => (Doc as any).query().orderBy('unitId').distinctOn?.('unitId') ?? D()),
  ],
  subs: [
    g(() => D().whereIn('unitId', (Unit as any).query().select('id').limit(3).orderBy('id'))),
    g(() => D().whereExists((c: any) => (Unit as any).where((u: any) => u.parentId.eq(c.unitId)))),
    g(() =>
      D().annotate({
        n: (c: any) =>
          (Doc as any)
            .where((d: any) => d.nextId.eq(c.id))
            .annotate({ n: fn.count() })
            .select('n'),
      }),
    ),
    g(() =>
      D().where(
        'size',
        '>',
        (Doc as any)
          .query()
          .annotate({ a: fn.avg((Doc.columns as any).size) })
          .select('a'),
      ),
    ),
    g(() => D().whereRaw(sql`${sql.id('id')} in (${(Doc as any).query().whereHas('next').select('id')})`)),
  ],
  writes: [
    g(
      () => (Doc as any).where('unit.org.name', '!=', ''),
      (q) => inTrx(() => q.update({ size: 9 })),
    ),
    g(
      () => (Doc as any).query().orderBy('-id').limit(2),
      (q) => inTrx(() => q.update({ size: 9 })),
    ),
    g(
      () => (Doc as any).query().join(Unit, (c: any, t: any) => c.unitId.eq(t.id)),
      (q) => inTrx(() => q.update({ size: 9 })),
    ),
    g(
      () => (Unit as any).all(),
      (q) => inTrx(() => q.update({ name: 'z' })),
    ),
    g(
      () => (Unit as any).query().whereHas('children'),
      (q) => inTrx(() => q.delete()),
    ),
    g(
      () => (Unit as any).where('parent.org.name', '!=', ''),
      (q) => inTrx(() => q.delete()),
    ),
    g(
      () => (Doc as any).query().whereHas('labels'),
      (q) => inTrx(() => q.delete()),
    ),
    g(
      () => (Doc as any).query().whereHas('next', (n: any) => n.whereHas('unit')),
      (q) => inTrx(() => q.forceDelete()),
    ),
    g(
      () => (Doc as any).query().orderBy('id').limit(3),
      (q) =>
        inTrx(async () =>
          (await q.updateReturning({ size: (c: any) => c.size } as any).catch(() => q.updateReturning({ size: 7 })))
            .map((x: any) => x.id)
            .sort(),
        ),
    ),
    g(
      () => (Doc as any).where('size', '>', 0),
      (q) => inTrx(async () => (await q.deleteReturning()).map((x: any) => x.id).sort()),
    ),
    g(
      () => (Unit as any).all(),
      (q) =>
        inTrx(() =>
          q.update((c: any) => ({
            name: (Doc as any)
              .where((d: any) => d.unitId.eq(c.id))
              .annotate({ m: fn.coalesce(fn.max((Doc.columns as any).name), 'none') })
              .select('m'),
          })),
        ),
    ),
    g(
      () => (Doc as any).all(),
      (q) => inTrx(() => q.update((c: any) => ({ size: fn.count(c.before) }))),
    ),
    g(
      () => (Doc as any).all(),
      (q) => inTrx(() => q.increment('size', 2)),
    ),
  ],
  keys: [
    g(
      () => null,
      async () => [
        await (Doc as any).findMany([1, 2, 3, 4, 5, 6, 7, 8]),
        await (Unit as any).find(1),
        await (Unit as any).find(2),
        await (Unit as any).find(3),
        await (Unit as any).find(4),
      ],
    ),
  ],
}

describeDatabases('rows that global scopes hide', (database) => {
  database.useTables(models)
  const as = <T>(tenant: number, work: () => T) => actor.run(tenant, work)

  /** Not every database has every join: an error must be the same, too. */
  const outcome = async (run: () => unknown): Promise<string> => {
    try {
      return await as(1, async () => show(await run()))
    } catch (error) {
      if (database.facts.quick) throw error
      return (error as Error).message
    }
  }

  async function outcomes(): Promise<Map<string, string>> {
    const all = new Map<string, string>()
    for (const [name, list] of Object.entries(cases))
      for (const [i, { build, run }] of list.entries()) {
        const own = await outcome(() => run(build()))
        // built by another tenant, who has run it too
        const query = as(2, build)
        await as(2, async () => run(query)).catch(() => undefined)
        const other = await outcome(() => run(query))
        expect(other).toBe(own)
        all.set(`${name} ${i}`, own)
      }
    return all
  }

  for (const seed of database.facts.quick ? [2, 3, 5] : [5])
    it(`might as well not be there, with the rows of seed ${seed}`, async () => {
      await fill(seed)
      const before = await outcomes()
      const seen = await as(1, async () => Promise.all(models.map((model) => model.query().pluck('id'))))
      for (const [i, model] of models.entries())
        await (model === Doc ? model.withTrashed() : model.query())
          .withoutGlobalScopes()
          .whereNotIn('id', [0, ...seen[i]])
          .forceDelete()
      expect([...(await outcomes())]).toEqual([...before])
      expect(seen.every((ids) => ids.length > 0)).toBe(true)
    })
})
