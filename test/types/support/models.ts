import { Field, Model, Relation } from 'corm'

export class Author extends Model(
  {
    name: Field.string({ max: 120 }),
    email: Field.string({ unique: true }),
    bio: Field.text({ nullable: true }),
    role: Field.enum(['writer', 'editor'], { default: 'writer', guarded: true }),
    books: Field.integer({ default: 0, column: 'book_count' }),
    joined: Field.dateTime({ autoNowAdd: true }),
  },
  {
    checks: { named: (c) => c.name.ne('') },
    indexes: ['email', ['name', 'id'], { fields: ['joined'], where: (c) => c.bio.isNotNull() }],
    orderBy: ['-joined', 'id'],
  },
) {
  static works = Relation.hasMany(() => Book)
  static profile = Relation.hasOne(() => Profile)
  static mentees = Relation.hasMany(() => Author, { foreignKey: 'mentorId' })
  get initials() {
    return this.name.slice(0, 1)
  }
  static editors() {
    return this.query().where('role', 'editor')
  }
  latest() {
    return this.related(Author.works).latest().first()
  }
}

export class Book extends Model(
  {
    title: Field.string({ max: 200, index: true }),
    price: Field.decimal({ precision: 10, scale: 2 }),
    pages: Field.smallInteger({ nullable: true }),
    authorId: Field.foreignKey(() => Author, { onDelete: 'cascade' }),
    translatorId: Field.foreignKey(() => Author, { nullable: true }),
    sequelId: Field.oneToOne(() => Book, { nullable: true }),
  },
  { table: 'books' },
) {
  static author = Relation.belongsTo(() => Author)
  static translator = Relation.belongsTo(() => Author)
  static sequel = Relation.belongsTo(() => Book)
  static creator = Relation.belongsTo(() => Author, { foreignKey: 'authorId' })
}

export class Profile extends Model({
  authorId: Field.oneToOne(() => Author),
  links: Field.json<{ label: string; url: string }[]>({ default: [] }),
}) {
  static author = Relation.belongsTo(() => Author)
}

/** A composite key. */
export class Membership extends Model({
  groupId: Field.integer({ primaryKey: true }),
  code: Field.string({ primaryKey: true }),
  level: Field.integer({ default: 1 }),
}) {}
