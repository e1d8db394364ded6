import { type Database, Field, Model, Relation } from 'corm'
import type { ModelName } from './chain.js'
import { type Row, type Rows, tablesOfPairs } from './world.js'

const LEVELS = ['low', 'mid', 'high'] as const

class Team extends Model(
  {
    title: Field.string(),
    city: Field.string({ nullable: true }),
    rank: Field.integer(),
    open: Field.boolean(),
    budget: Field.decimal({ precision: 10, scale: 2, nullable: true }),
  },
  { table: 'fuzz_teams' },
) {
  static members = Relation.hasMany(() => Person)
  static posts = Relation.hasManyThrough(() => Post, { through: () => Person })
}

class Person extends Model(
  {
    name: Field.string(),
    nick: Field.string({ nullable: true }),
    age: Field.integer({ nullable: true }),
    big: Field.bigInteger({ nullable: true }),
    score: Field.float({ nullable: true }),
    pay: Field.decimal({ precision: 10, scale: 2, nullable: true }),
    active: Field.boolean({ nullable: true }),
    role: Field.enum(LEVELS, { nullable: true }),
    born: Field.date({ nullable: true }),
    seenAt: Field.dateTime({ nullable: true }),
    createdAt: Field.dateTime(),
    managerId: Field.foreignKey(() => Person, { nullable: true, onDelete: 'setNull' }),
    teamId: Field.foreignKey(() => Team, { nullable: true, onDelete: 'setNull' }),
  },
  { table: 'fuzz_people' },
) {
  static manager = Relation.belongsTo(() => Person)
  static reports = Relation.hasMany(() => Person, { foreignKey: 'managerId' })
  static team = Relation.belongsTo(() => Team)
  static posts = Relation.hasMany(() => Post)
  static card = Relation.hasOne(() => Card)
  static liked = Relation.manyToMany(() => Post, { through: 'fuzz_likes' })
  static friends = Relation.manyToMany(() => Person, { through: 'fuzz_friends', symmetrical: true })
}

class Card extends Model(
  {
    personId: Field.oneToOne(() => Person, { onDelete: 'cascade' }),
    code: Field.string(),
    points: Field.integer({ nullable: true }),
  },
  { table: 'fuzz_cards' },
) {
  static person = Relation.belongsTo(() => Person)
}

class Post extends Model(
  {
    title: Field.string(),
    body: Field.text({ nullable: true }),
    views: Field.integer({ nullable: true }),
    rating: Field.float({ nullable: true }),
    price: Field.decimal({ precision: 10, scale: 2 }),
    kind: Field.enum(LEVELS),
    day: Field.date(),
    at: Field.dateTime({ nullable: true }),
    authorId: Field.foreignKey(() => Person, { nullable: true, onDelete: 'setNull' }),
  },
  { table: 'fuzz_posts' },
) {
  static author = Relation.belongsTo(() => Person)
  static likers = Relation.manyToMany(() => Person, { through: 'fuzz_likes' })
  static team = Relation.hasOneThrough(() => Team, { through: () => Person })
}

export const models = { Team, Person, Card, Post }
export const tables = [Team, Person, Card, Post] as const

const MOMENTS = new Set(['seenAt', 'createdAt', 'at'])

function toData(row: Row): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key,
      MOMENTS.has(key) && typeof value === 'string' ? new Date(value) : value,
    ]),
  )
}

export async function fillTables(db: Database, rows: Rows): Promise<void> {
  await db.createTables(tables)
  for (const name of Object.keys(models) as ModelName[])
    await (models[name] as unknown as { insertMany(rows: unknown[]): Promise<unknown> }).insertMany(
      rows[name].map(toData),
    )
  const { likes, friends } = tablesOfPairs()
  await Person.attachMany(
    'liked',
    likes.map(({ personId, postId }) => [personId ?? 0, postId ?? 0]),
  )
  await Person.attachMany(
    'friends',
    friends.map(({ personId, friendId }) => [personId ?? 0, friendId ?? 0]),
  )
}
