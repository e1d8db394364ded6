/** The main domain of the tests: people who write posts, comment on them and vote for them. */
import { Field, Model, Relation } from 'corm'

export class User extends Model({
  name: Field.string({ max: 120 }),
  email: Field.string({ unique: true }),
  age: Field.integer({ nullable: true }),
  role: Field.enum(['reader', 'editor', 'admin'], { default: 'reader', guarded: true }),
  balance: Field.decimal({ precision: 12, scale: 2, default: 0 }),
  settings: Field.json<{ theme: string; tags?: string[] }>({ default: { theme: 'light' } }),
  password: Field.string({ nullable: true, hidden: true }),
  managerId: Field.foreignKey(() => User, { nullable: true, onDelete: 'setNull' }),
  createdAt: Field.dateTime({ autoNowAdd: true }),
  updatedAt: Field.dateTime({ autoNow: true }),
}) {
  static profile = Relation.hasOne(() => Profile)
  static posts = Relation.hasMany(() => Post)
  static comments = Relation.hasMany(() => Comment)
  static votes = Relation.hasMany(() => Vote)
  static manager = Relation.belongsTo(() => User)
  static reports = Relation.hasMany(() => User, { foreignKey: 'managerId' })

  get initials() {
    return this.name
      .split(' ')
      .map((word) => word.slice(0, 1))
      .join('')
  }
}

export class Profile extends Model({
  userId: Field.oneToOne(() => User, { onDelete: 'cascade' }),
  bio: Field.text({ nullable: true }),
  city: Field.string({ nullable: true }),
}) {
  static user = Relation.belongsTo(() => User)
}

export class Post extends Model({
  title: Field.string({ max: 200, index: true }),
  body: Field.text({ default: '' }),
  views: Field.integer({ default: 0 }),
  rating: Field.float({ nullable: true }),
  published: Field.boolean({ default: false }),
  publishedAt: Field.dateTime({ nullable: true }),
  authorId: Field.foreignKey(() => User, { onDelete: 'cascade' }),
}) {
  static author = Relation.belongsTo(() => User)
  static comments = Relation.hasMany(() => Comment)
  static votes = Relation.hasMany(() => Vote)
}

export class Comment extends Model({
  body: Field.text(),
  postId: Field.foreignKey(() => Post, { onDelete: 'cascade' }),
  /** Null for comments of visitors. */
  userId: Field.foreignKey(() => User, { nullable: true, onDelete: 'setNull' }),
}) {
  static post = Relation.belongsTo(() => Post)
  static user = Relation.belongsTo(() => User)
}

/** A model with a composite key. */
export class Vote extends Model({
  userId: Field.foreignKey(() => User, { primaryKey: true, onDelete: 'cascade' }),
  postId: Field.foreignKey(() => Post, { primaryKey: true, onDelete: 'cascade' }),
  score: Field.smallInteger({ default: 1 }),
}) {
  static user = Relation.belongsTo(() => User)
  static post = Relation.belongsTo(() => Post)
}

export const models = [User, Profile, Post, Comment, Vote] as const
