import { Field, Model, Relation } from 'corm'
import type { Payload } from './data.js'

const itemFields = () => ({
  num: Field.integer({ index: true }),
  title: Field.string({ max: 200 }),
  active: Field.boolean(),
  score: Field.float(),
  createdAt: Field.dateTime(),
  data: Field.json<Payload>(),
  price: Field.decimal({ precision: 12, scale: 2, as: 'string' }),
  note: Field.text({ nullable: true }),
  uid: Field.uuid(),
})

/** Rows that are only read. */
export class Item extends Model(itemFields(), { table: 'items' }) {}

/** The same rows, with exact decimals. */
export class DecimalItem extends Model(
  { ...itemFields(), price: Field.decimal({ precision: 12, scale: 2 }) },
  { table: 'items' },
) {}

/** Rows that are inserted, and removed again. */
export class FreshItem extends Model(itemFields(), { table: 'fresh_items' }) {}

/** Rows that are changed. */
export class ChangingItem extends Model(itemFields(), { table: 'changing_items' }) {}

const { data: _, ...leanFields } = itemFields()
/** The same rows, without their JSON. */
export class LeanItem extends Model(leanFields, { table: 'changing_items' }) {}

export class Author extends Model(
  {
    name: Field.string({ max: 120 }),
    email: Field.string({ max: 120 }),
    joinedAt: Field.dateTime(),
  },
  { table: 'authors' },
) {
  static posts = Relation.hasMany(() => Post)
}

export class Post extends Model(
  {
    title: Field.string({ max: 200 }),
    views: Field.integer(),
    published: Field.boolean(),
    createdAt: Field.dateTime(),
    authorId: Field.foreignKey(() => Author, { onDelete: 'cascade' }),
  },
  { table: 'posts' },
) {
  static author = Relation.belongsTo(() => Author)
}

/** A model like `Item` that has seen no query yet. */
export const unseenModel = () => class Unseen extends Model(itemFields(), { table: 'items' }) {}
