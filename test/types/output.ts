import {
  type Country,
  type Entity,
  Field,
  fn,
  type JsonOf,
  Model,
  type ObjectOf,
  Relation,
  type StoredFile,
} from 'corm'
import type { Decimal } from 'decimal.js'
import { fits, is } from './support/expect.js'

class Owner extends Model({
  name: Field.string(),
  token: Field.string({ hidden: true }),
  word: Field.password(),
  born: Field.dateTime({ nullable: true }),
}) {
  static items = Relation.hasMany(() => Item)
}
class Label extends Model({ text: Field.string(), since: Field.dateTime() }) {}
class Item extends Model({
  price: Field.decimal(),
  big: Field.bigInteger(),
  made: Field.dateTime(),
  bytes: Field.binary({ nullable: true }),
  vector: Field.vector(3),
  days: Field.array(Field.dateTime()),
  data: Field.json<{ a: number[] }>(),
  land: Field.country(),
  file: Field.file({ nullable: true }),
  kind: Field.enum(['a', 'b']),
  ownerId: Field.foreignKey(() => Owner, { nullable: true }),
}) {
  static owner = Relation.belongsTo(() => Owner)
  static labels = Relation.manyToMany(() => Label, { pivot: { added: Field.dateTime(), rank: Field.integer() } })
}
type OwnerObject = { id: number; name: string; born: Date | null }
type OwnerJson = { id: number; name: string; born: string | null }
type ItemJson = {
  id: number
  price: string
  big: string
  made: string
  bytes: string | null
  vector: number[]
  days: string[]
  data: { a: number[] }
  land: string
  file: string | null
  kind: 'a' | 'b'
  ownerId: number | null
}

export async function fields() {
  const item = await Item.findOrFail(1)
  is<ItemJson>()(item.toJSON())
  const plain = item.toObject()
  is<Decimal>()(plain.price)
  is<bigint>()(plain.big)
  is<Uint8Array | null>()(plain.bytes)
  is<Float32Array>()(plain.vector)
  is<Date[]>()(plain.days)
  is<Country>()(plain.land)
  is<StoredFile | null>()(plain.file)
  // @ts-expect-error: not loaded
  item.toJSON().owner
  // @ts-expect-error: no option
  item.toJSON({ depth: 1 })
  // @ts-expect-error: a plain object has no methods
  plain.save

  const owner = await Owner.query().firstOrFail()
  is<OwnerObject>()(owner.toObject())
  is<OwnerJson>()(owner.toJSON())
  is<OwnerJson>()((await Owner.create({ name: 'x', token: 'y', word: 'z' })).toJSON())
  // @ts-expect-error: hidden
  owner.toJSON().token
  // @ts-expect-error: hidden
  owner.toObject().word

  is<{ id: number; born: string | null }>()((await Owner.query().select('born').firstOrFail()).toJSON())
  is<{ id: number }>()((await Owner.query().select('token').firstOrFail()).toJSON())
  is<{ id: number; name: string }>()((await Owner.query().omit('born').firstOrFail()).toJSON())
}

export async function added() {
  const row = await Owner.query()
    .annotate({ last: fn.now(), n: 1 })
    .withCount('items')
    .withSum('items', 'price')
    .select('name', 'last', 'n', 'itemsCount', 'itemsSumPrice')
    .firstOrFail()
  const json = row.toJSON()
  is<number>()(json.itemsCount)
  is<string | null>()(json.itemsSumPrice)
  is<string>()(json.last)
  is<Decimal | null>()(row.toObject().itemsSumPrice)
  const path = await Item.query().select('price', 'owner.born').firstOrFail()
  is<{ id: number; price: string; 'owner.born': string | null }>()(path.toJSON())
}

export async function relations() {
  const item = await Item.with('owner', 'labels').firstOrFail()
  is<OwnerJson | null>()(item.toJSON().owner)
  is<{ id: number; text: string; since: string; pivot: { added: string; rank: number } }[]>()(item.toJSON().labels)
  is<{ added: Date; rank: number }>()(item.toObject().labels[0]?.pivot ?? { added: new Date(), rank: 1 })
  const owner = await Owner.query().with('items.labels').firstOrFail()
  is<string | undefined>()(owner.toJSON().items[0]?.labels[0]?.since)
  // @ts-expect-error: hidden in a relation
  item.toJSON().owner?.token
  const narrowed = await Owner.with({ items: (q) => q.select('price').with('owner') }).firstOrFail()
  is<string | undefined>()(narrowed.toJSON().items[0]?.price)
  // @ts-expect-error: not selected
  narrowed.toJSON().items[0]?.big
  is<string | undefined>()((await (await Owner.query().firstOrFail()).load('items')).toJSON().items[0]?.made)
  const linked = await (await Item.query().firstOrFail()).related('labels').firstOrFail()
  is<string>()(linked.toJSON().pivot.added)
}

declare const flag: boolean
class Secret extends Model({
  seen: Field.string({ hidden: false }),
  perhaps: Field.string({ hidden: flag }),
  body: Field.text({ lazy: true }),
  safe: Field.encrypted(Field.string()),
  open: Field.encrypted(Field.tel({ nullable: true }), { index: true, hidden: false }),
  maybe: Field.encrypted(Field.string(), { hidden: flag }),
  count: Field.integer({ hidden: true, nullable: true, default: 1 }),
  big: Field.bigInteger({ hidden: true }),
  price: Field.decimal({ hidden: true }),
  slug: Field.slug({ hidden: true }),
  char: Field.char(3, { hidden: true }),
  uuid: Field.uuid({ hidden: true, auto: true }),
  kind: Field.enum(['a'], { hidden: true }),
  when: Field.dateTime({ hidden: true }),
  land: Field.country({ hidden: true }),
  file: Field.file({ hidden: true }),
  list: Field.array(Field.string(), { hidden: true }),
  vector: Field.vector(3, { hidden: true }),
  ownerId: Field.foreignKey(() => Owner, { hidden: true }),
  gone: Field.softDelete({ hidden: true }),
  lock: Field.version({ hidden: true }),
  data: Field.json<{ a: 1 }>({ hidden: true, nullable: true }),
  more: Field.json<{ a: 1 }>({ hidden: flag }),
  large: Field.json<{ a: 1 }>({ lazy: true, nullable: true }),
  shown: Field.json<{ a: 1 }>({ hidden: false, default: { a: 1 } }),
  again: Field.virtual<string>({ hidden: true }),
  given: Field.virtual<string>(),
  short: Field.computed((s: { seen: string }) => s.seen.length, { dependsOn: ['seen'] }),
  long: Field.computed((s: { body: string }) => BigInt(s.body.length)),
  inner: Field.computed(() => 1, { hidden: true }),
}) {}
type SecretJson = {
  id: number
  seen: string
  perhaps?: string
  body?: string
  open: string | null
  maybe?: string
  more?: { a: 1 }
  large?: { a: 1 } | null
  shown: { a: 1 }
  given?: string
  short: number
  long?: string
}
export async function hidden(secret: Entity<typeof Secret>) {
  is<SecretJson>()(secret.toJSON())
  is<bigint | undefined>()(secret.toObject().long)
  // a query that names a lazy field reads it
  const named = async () => (await Secret.query().select('body', 'large', 'perhaps', 'long').firstOrFail()).toJSON()
  is<{ id: number; body: string; large: { a: 1 } | null; perhaps?: string; long?: string }>()(await named())
  const parsed = Secret.schema.select.parse({})
  is<string>()(parsed.seen)
  is<string | null>()(parsed.open)
  // @ts-expect-error: hidden
  void parsed.count
  // @ts-expect-error: hidden
  void parsed.safe
  // @ts-expect-error: hidden is a boolean
  Field.string({ hidden: 'yes' })
  // @ts-expect-error: and here
  Field.json({ hidden: 'yes' })
}

class Page extends Model({
  title: Field.translated(Field.string(), { locales: ['en', 'fr'], base: true }),
  notes: Field.translated(Field.text({ hidden: true }), { locales: ['en', 'fr'] }),
}) {}
export function translated(page: Entity<typeof Page>) {
  const json = page.toJSON({ locales: 'all' })
  is<string>()(json.title)
  is<string | null | undefined>()(json.titleFr)
  // @ts-expect-error: hidden
  void json.notes
  // @ts-expect-error: in every language
  void json.notesFr
}

class Special extends Owner.extend({ level: Field.bigInteger(), secret: Field.string({ hidden: true }) }) {
  override toJSON() {
    is<Record<string, unknown>>()(super.toJSON())
    is<Record<string, unknown>>()(this.toObject())
    return { ...super.toJSON(), level: `${this.level}!` as const }
  }
  shape(this: Entity<typeof Special>) {
    return this.toObject().level
  }
}
class Remark extends Model({ ...Field.morphs('about') }) {
  static about = Relation.morphTo([() => Owner, () => Label])
}
export async function instances(row: Entity<typeof Owner> | Entity<typeof Label>) {
  const special = await Special.findOrFail(1)
  is<`${bigint}!`>()(special.toJSON().level)
  is<OwnerObject & { level: bigint } extends infer T ? { [K in keyof T]: T[K] } : never>()(special.toObject())
  is<bigint>()(special.shape())
  // of an instance that was not loaded nothing is known
  is<Record<string, unknown>>()(new Owner({ name: 'x' }).toJSON())
  const remark = await Remark.with('about').firstOrFail()
  fits<OwnerJson | { id: number; text: string; since: string } | null>(remark.toJSON().about)
  fits<OwnerObject | { id: number; text: string; since: Date }>(row.toObject())
  fits<OwnerJson>({} as JsonOf<Entity<typeof Owner>>)
  fits<Date | null>(({} as ObjectOf<Entity<typeof Owner>>).born)
  // @ts-expect-error: not loaded
  fits<unknown>(({} as JsonOf<Entity<typeof Owner>>).items)
  fits<string | undefined>(({} as JsonOf<Entity<typeof Owner, 'items'>>).items[0]?.price)
}
export const generic = <E extends Entity<typeof Owner>>(owner: E): Record<string, unknown> => owner.toJSON()

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
class Tree extends Model({
  any: Field.json(),
  tree: Field.json<Json>(),
  pair: Field.json<[number, string[]]>(),
  count: Field.bigInteger({ as: 'string' }),
  size: Field.decimal({ as: 'number' }),
  sum: Field.computed((t: { count: string }) => ({ total: BigInt(t.count) })),
}) {}
export function values(tree: Entity<typeof Tree>) {
  const json = tree.toJSON()
  is<unknown>()(json.any)
  fits<Json>(json.tree)
  is<[number, string[]]>()(json.pair)
  is<string>()(json.count)
  is<number>()(json.size)
  // an object without toJSON stays as it is
  is<{ total: bigint }>()(json.sum)
}
