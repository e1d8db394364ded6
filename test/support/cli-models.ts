import { Field, Model, Relation } from 'corm'

/** The models of the projects in which rows are dumped and loaded. */
export class Author extends Model({ name: Field.string() }) {
  static books = Relation.hasMany(() => Book)
}
export class Book extends Model({
  title: Field.string(),
  price: Field.decimal({ precision: 8, scale: 2 }),
  authorId: Field.foreignKey(() => Author, { nullable: true }),
  firstId: Field.foreignKey(() => Book, { nullable: true }),
}) {
  static author = Relation.belongsTo(() => Author)
  static tags = Relation.manyToMany(() => Tag)
}
export class Tag extends Model({ word: Field.string({ unique: true }) }) {}
