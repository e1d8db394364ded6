import { type AnyQuery, Field, Model, Relation } from 'corm'
import { is } from './support/expect.js'

export class Writer extends Model(
  { name: Field.string(), active: Field.boolean({ default: true }), deletedAt: Field.softDelete() },
  {
    globalScopes: {
      active: (q) => q.where('active', true),
      named: (q) => q.where((c) => c.name.ne('')).orWhere({ id: 1 }),
    },
  },
) {
  static works = Relation.hasMany(() => Work)
}
export class Work extends Model({
  title: Field.string(),
  writerId: Field.foreignKey(() => Writer),
  shopId: Field.foreignKey(() => Shop),
  gone: Field.softDelete({ column: 'gone_at', index: true, guarded: true }),
}) {
  static writer = Relation.belongsTo(() => Writer)
  static shop = Relation.belongsTo(() => Shop)
  static parts = Relation.hasMany(() => Part)
}
export class Shop extends Model({ name: Field.string() }) {}
export class Part extends Model({ workId: Field.foreignKey(() => Work) }) {
  static work = Relation.belongsTo(() => Work)
}

export async function fields() {
  const writer = await Writer.create({ name: 'Ann' })
  is<Date | null>()(writer.deletedAt)
  await Writer.create({ name: 'Ann', deletedAt: new Date() }, { guarded: true })
  // @ts-expect-error: guarded
  await Work.create({ title: 'x', writerId: 1, shopId: 1, gone: new Date() })
  writer.deletedAt = null
  // @ts-expect-error: a Date
  writer.deletedAt = 'now'
  is<boolean>()(writer.isDeleted)
  is<void>()(await writer.restore())
  is<void>()(await writer.forceDelete())
  // @ts-expect-error: it is nullable, and takes no other word on that
  Field.softDelete({ nullable: true })
  // @ts-expect-error: set by delete() only
  Field.softDelete({ autoNow: true })
  // @ts-expect-error: a member of Model
  Model({ restore: Field.string() })
  // @ts-expect-error: a member of Model
  Model({ forceDelete: Field.string() })
}

export async function queries() {
  is<number>()(await Work.where('title', 'x').restore())
  is<number>()(await Work.query().where('title', 'x').forceDelete())
  const [work] = await Work.withTrashed().where('title', 'x').with('writer')
  is<string | undefined>()(work?.title)
  await Work.onlyTrashed().where('gone', '>', new Date()).restore()
  await Work.withoutGlobalScope('softDelete').withoutGlobalScopes().withTrashed().onlyTrashed().first()
  await Work.withoutGlobalScopes().count()
  // @ts-expect-error: no such field
  Work.withTrashed().where('titel', 'x')
  // @ts-expect-error: a name
  Work.withoutGlobalScope(1)
}

export async function relations() {
  const work = await Work.with('writer', 'shop').firstOrFail()
  // the key is NOT NULL, but the writer may be deleted
  is<string | undefined>()(work.writer?.name)
  // @ts-expect-error: a deleted row is none
  work.writer.name
  // its shop can't be
  is<string>()(work.shop.name)
  is<string>()((await (await Work.firstOrCreate({ title: 'x' }))[0].shop).name)
  const part = await Part.with('work.writer').firstOrFail()
  is<string | undefined>()(part.work?.writer?.name)
  const map = await Work.query()
    .with({ writer: (q) => q.withTrashed(), shop: true })
    .firstOrFail()
  is<string | undefined>()(map.writer?.name)
  is<string>()(map.shop.name)
  const [row] = await Part.query().values('work.title', 'work.shop.name')
  is<string | null | undefined>()(row?.['work.title'])
  is<string | null | undefined>()(row?.['work.shop.name'])
  is<string[]>()(await Work.query().pluck('shop.name'))
  is<(string | null)[]>()(await Work.query().pluck('writer.name'))
}

export function scopes() {
  // @ts-expect-error: no such field
  Model({ name: Field.string() }, { globalScopes: { wrong: (q) => q.where('nam', 'x') } })
  // @ts-expect-error: a value of another type
  Model({ name: Field.string() }, { globalScopes: { wrong: (q) => q.where('name', 3) } })
  // @ts-expect-error: it must return a query
  Model({ name: Field.string() }, { globalScopes: { wrong: () => true } })
  // @ts-expect-error: a function
  Model({ name: Field.string() }, { globalScopes: { wrong: { apply: () => 1 } } })
  Model({ name: Field.string() }, { globalScopes: { own: { apply: (q) => q.where('name', 'x'), locked: true } } })
  // @ts-expect-error: no such field
  Model({ name: Field.string() }, { globalScopes: { own: { apply: (q) => q.where('nam', 'x'), locked: true } } })
  // @ts-expect-error: true or false
  Model({ name: Field.string() }, { globalScopes: { own: { apply: (q) => q.where('name', 'x'), locked: 'yes' } } })
  // relations are not known yet: any query takes their names
  Model({ name: Field.string() }, { globalScopes: { any: (q: AnyQuery<any>) => q.whereHas('works') } })
  Writer.extend(
    { level: Field.integer() },
    { globalScopes: { level: (q) => q.where('level', 3).where('active', true) } },
  )
}
