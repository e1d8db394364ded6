import { Field, Model, sql } from 'corm'
import type { Decimal } from 'decimal.js'
import { z } from 'zod'
import { is } from './support/expect.js'

enum Level {
  Low,
  High,
}
enum Color {
  Red = 'red',
  Blue = 'blue',
}
const SIZES = { small: 's', large: 'l' } as const

class Money {
  constructor(readonly cents: bigint) {}
}
const money = Field.custom({
  type: 'bigInteger',
  encode: (value: Money) => value.cents,
  decode: (raw) => new Money(BigInt(raw)),
})
const point = Field.custom<[number, number], readonly [number, number] | string>({
  type: 'string',
  encode: (value) => (typeof value === 'string' ? value : value.join()),
  decode: (raw) => raw.split(',').map(Number) as [number, number],
  sql: 'point',
})

class Kinds extends Model({
  small: Field.smallInteger(),
  whole: Field.integer({ nullable: true }),
  big: Field.bigInteger(),
  bigNumber: Field.bigInteger({ as: 'number' }),
  counted: Field.integer({ autoIncrement: true }),
  bigCounted: Field.bigInteger({ autoIncrement: true, as: 'number' }),
  bigText: Field.bigInteger({ as: 'string', nullable: true }),
  float: Field.float({ allowNaN: true }),
  price: Field.decimal({ precision: 10, scale: 2 }),
  priceText: Field.decimal({ as: 'string' }),
  priceNumber: Field.decimal({ as: 'number' }),
  flag: Field.boolean({ default: false }),
  name: Field.string({ max: 10, min: 2, pattern: /^a/, validate: z.string().min(3) }),
  body: Field.text({ lazy: true, validate: (text) => text.length > 3 }),
  code: Field.char(2, { choices: ['aa', 'bb'] }),
  token: Field.uuid({ auto: true, version: 7 }),
  status: Field.enum(['a', 'b'], { default: 'a' }),
  level: Field.enum(Level),
  color: Field.enum(Color, { nullable: true }),
  size: Field.enum(SIZES),
  anything: Field.json(),
  settings: Field.json<{ theme: string }>({ default: { theme: 'dark' } }),
  extra: Field.json<string[]>({ nullable: true, maxSize: 100 }),
  checked: Field.json({ schema: z.object({ a: z.number() }) }),
  day: Field.date(),
  hour: Field.time(),
  at: Field.dateTime({ precision: 6 }),
  seen: Field.dateTime({ autoNow: true }),
  bytes: Field.binary(),
  near: Field.vector(3, { index: { method: 'hnsw', metric: 'dot', m: 8 } }),
  far: Field.vector(3, { nullable: true, index: true }),
  ownerId: Field.foreignKey(() => Kinds, { nullable: true }),
  keyId: Field.foreignKey(() => Kinds, { key: 'uuid' }),
  bigKeyId: Field.oneToOne(() => Kinds, { key: 'bigint', onDelete: 'cascade', onUpdate: 'setNull' }),
  cost: money({ nullable: true }),
  place: point(),
  upper: Field.string({ generated: sql`upper(name)`, stored: true }),
  secret: Field.string({ guarded: true, hidden: true, dbDefault: sql`gen()` }),
  first: Field.integer({ guarded: true }),
}) {}

declare const row: Kinds
is<number>()(row.id)
is<number>()(row.small)
is<number | null>()(row.whole)
is<bigint>()(row.big)
is<number>()(row.bigNumber)
is<string | null>()(row.bigText)
is<number>()(row.float)
is<Decimal>()(row.price)
is<string>()(row.priceText)
is<number>()(row.priceNumber)
is<boolean>()(row.flag)
is<string>()(row.name)
is<string>()(row.code)
is<string>()(row.token)
is<'a' | 'b'>()(row.status)
is<Level>()(row.level)
is<Color | null>()(row.color)
is<'s' | 'l'>()(row.size)
is<unknown>()(row.anything)
is<{ theme: string }>()(row.settings)
is<string[] | null>()(row.extra)
is<{ a: number }>()(row.checked)
is<string>()(row.day)
is<string>()(row.hour)
is<Date>()(row.at)
is<Uint8Array>()(row.bytes)
is<Float32Array>()(row.near)
is<Float32Array | null>()(row.far)
is<number | null>()(row.ownerId)
is<string>()(row.keyId)
is<bigint>()(row.bigKeyId)
is<Money | null>()(row.cost)
is<[number, number]>()(row.place)
is<string>()(row.upper)

row.name = 'ok'
// @ts-expect-error: a string field takes no number
row.name = 3
// @ts-expect-error: not nullable
row.small = null

Field.id({ column: 'key' })
Field.bigId()
// @ts-expect-error: no such option
Field.string({ maximum: 3 })
// @ts-expect-error: the default is not a string
Field.string({ default: 3 })
// @ts-expect-error: not one of the values
Field.enum(['a', 'b'], { default: 'c' })
// @ts-expect-error: not one of the choices' type
Field.integer({ choices: ['a'] })
// @ts-expect-error: no such action
Field.foreignKey(() => Kinds, { onDelete: 'explode' })
Field.foreignKey(() => Kinds, { nullable: true, validate: (key) => is<number>()(key) })
Field.foreignKey(() => Kinds, { key: 'uuid', validate: (key) => is<string>()(key) })
// @ts-expect-error: a UUID is version 4 or 7
Field.uuid({ version: 5 })
// @ts-expect-error: no such type
Field.custom({ type: 'money', encode: (v: number) => v, decode: (raw) => Number(raw) })
// @ts-expect-error: a validator of another type
Field.integer({ validate: (value: string) => value.length > 1 })

// keys
class Tenant extends Model({ key: Field.uuid({ primaryKey: true, auto: true }) }) {}
declare const tenant: Tenant
is<string>()(tenant.pk)
// @ts-expect-error: no id is added where there is a key
tenant.id
class Event extends Model({ id: Field.bigId(), name: Field.string() }) {}
declare const event: Event
is<bigint>()(event.id)
is<bigint>()(event.pk)

// what `decode` receives is what a column of the type holds
Field.custom({ type: 'bigInteger', encode: (v: bigint) => v, decode: (raw) => is<bigint>()(raw) })
Field.custom({ type: 'dateTime', encode: (v: Date) => v, decode: (raw) => is<Date>()(raw) })
Field.custom({ type: 'decimal', encode: (v: string) => v, decode: (raw) => is<string>()(raw) })
Field.custom<string>({ type: 'json', encode: (v) => v, decode: (raw) => is<unknown>()(raw) as never })
// @ts-expect-error: a column of texts holds no number
Field.custom({ type: 'text', encode: String, decode: (raw: number) => raw })
