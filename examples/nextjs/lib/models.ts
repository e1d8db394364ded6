import { Field, Model, Relation } from 'corm'

// Next.js minifies server code, so each model names its table
export class Author extends Model({ name: Field.string({ min: 2, max: 120 }) }, { table: 'authors' }) {
  static books = Relation.hasMany(() => Book)
}

export class Book extends Model(
  {
    title: Field.string({ min: 1, max: 200 }),
    price: Field.decimal({ precision: 8, scale: 2 }),
    authorId: Field.foreignKey(() => Author),
  },
  { table: 'books' },
) {
  static author = Relation.belongsTo(() => Author)
}
