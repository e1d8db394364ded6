import { Field, Model, Relation } from 'corm'

export class Author extends Model({
  name: Field.string({ min: 2, max: 120 }),
  email: Field.string({ unique: true }),
}) {
  static books = Relation.hasMany(() => Book)
}

export class Book extends Model({
  title: Field.string({ min: 1, max: 200 }),
  price: Field.decimal({ precision: 8, scale: 2 }),
  stock: Field.integer({ default: 0 }),
  authorId: Field.foreignKey(() => Author),
}) {
  static author = Relation.belongsTo(() => Author)
}
