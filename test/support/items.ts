/** A table for conditions, with a column of most types and some NULLs. */
import { type AnyQuery, type Entity, Field, Model, Relation } from 'corm'

export class Item extends Model({
  name: Field.string({ max: 255 }),
  note: Field.text({ nullable: true }),
  age: Field.integer({ nullable: true }),
  limitAge: Field.integer({ nullable: true }),
  price: Field.decimal({ precision: 10, scale: 2, nullable: true }),
  rating: Field.float({ nullable: true }),
  big: Field.bigInteger({ nullable: true }),
  active: Field.boolean({ default: false }),
  kind: Field.enum(['tool', 'toy'], { default: 'tool' }),
  day: Field.date({ nullable: true }),
  at: Field.dateTime({ nullable: true }),
  body: Field.text({ lazy: true, nullable: true }),
  parentId: Field.foreignKey(() => Item, { nullable: true, onDelete: 'setNull' }),
}) {
  static parent = Relation.belongsTo(() => Item)
  static children = Relation.hasMany(() => Item)
}

/** No test writes to this table: its one row must stay unchanged, whatever happens elsewhere. */
export class Canary extends Model({ word: Field.string() }, { table: 'canary' }) {}

type Made = Entity<typeof Item>

/**
 * | name | age | limitAge | price | rating | big | active | kind | day | at | parent |
 * | axe  | 1 | 5 | 1.50 | 1.5 | 2^53+1 | true | tool | 2024-02-29 | 2024-02-29 12:00 | – |
 * | ball | 2 | 2 | 2.25 | -0.5 | 5 | true | toy | 2024-03-01 | 2024-03-01 00:00 | axe |
 * | cart | 4 | 3 | 10.00 | NULL | NULL | false | toy | NULL | NULL | axe |
 * | drum | NULL | 3 | NULL | … NULL | false | toy | NULL | NULL | ball |
 */
export async function fillItems() {
  const created = await Item.createMany([
    {
      name: 'axe',
      age: 1,
      limitAge: 5,
      price: '1.50',
      rating: 1.5,
      big: 9007199254740993n,
      active: true,
      day: '2024-02-29',
      at: new Date('2024-02-29T12:00:00.000Z'),
      note: 'sharp',
      body: 'Steel and wood.',
    },
    {
      name: 'ball',
      age: 2,
      limitAge: 2,
      price: '2.25',
      rating: -0.5,
      big: 5n,
      active: true,
      kind: 'toy',
      day: '2024-03-01',
      at: new Date('2024-03-01T00:00:00.000Z'),
    },
    { name: 'cart', age: 4, limitAge: 3, price: '10', kind: 'toy' },
    { name: 'drum', limitAge: 3, kind: 'toy', note: 'loud' },
  ])
  const [axe, ball, cart, drum] = created as [Made, Made, Made, Made]
  await Item.where('name', 'in', ['ball', 'cart']).update({ parentId: axe.id })
  await Item.where('name', 'drum').update({ parentId: ball.id })
  return { axe, ball, cart, drum }
}

/** The names of the items that a query finds, in alphabetical order. */
export const namesOf = (query: AnyQuery<typeof Item>): Promise<string[]> =>
  query.reorder().orderBy('name').pluck('name')
