/** Models with every kind of field and key, for dumps and loads. */
import { Database, Field, JsonNull, Model, Relation, sql } from 'corm'
import 'corm/country'

export class Everything extends Model({
  name: Field.string({ max: 60 }),
  small: Field.smallInteger({ nullable: true }),
  whole: Field.integer({ default: 7 }),
  big: Field.bigInteger({ nullable: true }),
  bigNumber: Field.bigInteger({ nullable: true, as: 'number' }),
  float: Field.float({ nullable: true, allowNaN: false }),
  price: Field.decimal({ precision: 38, scale: 10, nullable: true }),
  cents: Field.decimal({ precision: 10, scale: 2, nullable: true, as: 'number' }),
  isOpen: Field.boolean({ default: true }),
  notes: Field.text({ lazy: true, nullable: true }),
  code: Field.char(3, { nullable: true }),
  mark: Field.uuid({ auto: true }),
  level: Field.enum({ Low: 1, High: 3 } as const, { default: 1 }),
  mood: Field.enum(['good', "it's"], { default: 'good', guarded: true }),
  data: Field.json({ nullable: true }),
  always: Field.json(),
  day: Field.date({ nullable: true }),
  time: Field.time({ nullable: true }),
  at: Field.dateTime({ nullable: true }),
  exactly: Field.dateTime({ nullable: true, precision: 6 }),
  bytes: Field.binary({ nullable: true }),
  amounts: Field.array(Field.decimal({ precision: 12, scale: 3, nullable: true }), { nullable: true }),
  moments: Field.array(Field.dateTime({ precision: 6 }), { nullable: true }),
  measures: Field.array(Field.float({ allowNaN: true }), { nullable: true }),
  secret: Field.password({ nullable: true }),
  hidden: Field.string({ hidden: true, default: 'out of sight' }),
  once: Field.string({ readonly: true, default: 'first' }),
  country: Field.country({ nullable: true }),
  email: Field.email({ nullable: true }),
  phone: Field.tel({ nullable: true }),
  link: Field.url({ nullable: true }),
  ip: Field.ip({ nullable: true }),
  slug: Field.slug({ from: 'name' }),
  picture: Field.file({ nullable: true }),
  upper: Field.custom<string>({
    type: 'string',
    encode: (text) => text.toLowerCase(),
    decode: (text) => String(text).toUpperCase(),
  })({ nullable: true }),
  title: Field.translated(Field.string({ max: 50, nullable: true }), { locales: ['en', 'de'] }),
  double: Field.integer({ generated: sql`whole * 2`, stored: true }),
  createdAt: Field.dateTime({ autoNowAdd: true }),
  updatedAt: Field.dateTime({ autoNow: true }),
  deletedAt: Field.softDelete(),
  version: Field.version(),
}) {}

/** Rows with all values, with few, with each kind of JSON null, and a deleted one. */
export async function makeEverything(db = Database.get()): Promise<void> {
  const Rows = Everything.using(db)
  const rows: object[] = [
    {
      small: -32_768,
      big: 2n ** 63n - 1n,
      bigNumber: Number.MAX_SAFE_INTEGER,
      float: 0.1 + 0.2,
      price: '9999999999999999999999999999.9999999999',
      cents: -0.01,
      isOpen: false,
      notes: 'base64:aGVsbG8= "quotes" \\ \n\t\u2028 😀',
      code: 'é表😀',
      level: 3 as const,
      data: { z: 1, a: [1.5, null, { __proto__: null, b: '$json' }], $json: 2 },
      always: { $json: { $json: null } },
      day: '0099-12-31',
      time: '23:59:59.999999',
      at: new Date('2024-02-29T23:59:59.999Z'),
      exactly: new Date('2024-03-31T01:30:00.123Z'),
      bytes: Uint8Array.from({ length: 256 }, (_, i) => i),
      amounts: ['1.5', null, '-999999999.999'],
      moments: [new Date('2024-03-31T01:30:00.123Z')],
      measures: [Number.NaN, 0.1, -1e300],
      country: 'DE',
      email: 'a@example.com',
      phone: '+4930123456',
      link: 'https://example.com/?a=1&b=%20',
      ip: '2001:db8::1',
      upper: 'ABC',
      titleEn: 'One',
      titleDe: 'Eins',
    },
    { always: null, data: JsonNull, bytes: new Uint8Array(), notes: '' },
    { always: 'null', data: { $json: null }, float: 1e300, price: '-0.0000000001' },
    { always: [], data: [[]], float: 5e-324, big: -(2n ** 63n) },
    { always: 0, data: '$json', exactly: new Date('1970-01-01T00:00:00.000Z') },
  ]
  for (const [i, row] of rows.entries()) await Rows.create({ name: `Name ${i}`, always: null, ...row })
  await Rows.where('name', 'Name 3').delete()
  const [first] = await Rows.where('name', 'Name 0').get()
  if (first === undefined) throw new Error('the first row is missing')
  first.isOpen = true
  await first.save()
}

// references in a circle, to the same table, and between tables

export class Team extends Model(
  {
    name: Field.string({ primaryKey: true }),
    leadId: Field.foreignKey(() => Player, { key: 'uuid', nullable: true, onDelete: 'setNull' }),
  },
  { table: 'fixture_teams' },
) {
  static players = Relation.hasMany(() => Player)
}
export class Player extends Model(
  {
    id: Field.uuid({ primaryKey: true }),
    team: Field.foreignKey(() => Team, { key: 'string' }),
    captainId: Field.foreignKey(() => Player, { key: 'uuid', nullable: true, onDelete: 'setNull' }),
    rank: Field.integer({ unique: true }),
  },
  { table: 'fixture_players' },
) {
  static awards = Relation.manyToMany(() => Award, { pivot: { year: Field.integer({ default: 2000 }) } })
}
export class Award extends Model(
  {
    id: Field.id(),
    words: Field.string({ max: 100 }),
    about: Field.string({ nullable: true }),
  },
  { table: 'fixture_awards', globalScopes: { known: (q) => q.where('about', null) } },
) {}
