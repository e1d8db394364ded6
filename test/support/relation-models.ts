/** A domain with every kind of relation: articles with tags and labels, people who follow each other, courses, orders. */
import { type Entity, Field, Model, Relation } from 'corm'

export class Country extends Model({
  name: Field.string({ max: 80 }),
}) {
  static people = Relation.hasMany(() => Person)
  static articles = Relation.hasManyThrough(() => Article, { through: () => Person })
  /** A to-one relation over a non-unique key: the people of a country have many passports. */
  static passport = Relation.hasOneThrough(() => Passport, { through: () => Person })
}

export class Person extends Model({
  name: Field.string({ max: 80 }),
  countryId: Field.foreignKey(() => Country, { nullable: true, onDelete: 'setNull' }),
}) {
  static country = Relation.belongsTo(() => Country)
  static passport = Relation.hasOne(() => Passport)
  static articles = Relation.hasMany(() => Article)
  static friends = Relation.manyToMany(() => Person, {
    symmetrical: true,
    pivot: { since: Field.integer({ nullable: true }) },
  })
  static follows = Relation.manyToMany(() => Person, {
    through: 'follows',
    foreignKey: 'followerId',
    otherKey: 'followedId',
  })
  static followers = Relation.manyToMany(() => Person, {
    through: 'follows',
    foreignKey: 'followedId',
    otherKey: 'followerId',
  })
  static portrait = Relation.morphOne(() => Photo, 'imageable')
  static remarks = Relation.hasMany(() => Remark)
}

export class Passport extends Model({
  number: Field.string({ max: 20 }),
  personId: Field.foreignKey(() => Person, { onDelete: 'cascade' }),
}) {
  static person = Relation.belongsTo(() => Person)
  static country = Relation.hasOneThrough(() => Country, { through: () => Person })
}

export class Article extends Model({
  title: Field.string({ max: 120 }),
  views: Field.integer({ default: 0 }),
  personId: Field.foreignKey(() => Person, { nullable: true, onDelete: 'setNull' }),
}) {
  static author = Relation.belongsTo(() => Person, { foreignKey: 'personId' })
  static country = Relation.hasOneThrough(() => Country, { through: () => Person })
  static tags = Relation.manyToMany(() => Tag, {
    pivot: { position: Field.integer({ default: 0 }), note: Field.string({ nullable: true }) },
  })
  static labels = Relation.morphToMany(() => Label, 'labelable', { pivot: { weight: Field.integer({ default: 1 }) } })
  static remarks = Relation.morphMany(() => Remark, 'remarkable')
  static cover = Relation.morphOne(() => Photo, 'imageable')
}

export class Tag extends Model({
  name: Field.string({ max: 40 }),
}) {
  static articles = Relation.manyToMany(() => Article, {
    pivot: { position: Field.integer({ default: 0 }), note: Field.string({ nullable: true }) },
  })
}

export class Label extends Model({
  name: Field.string({ max: 40 }),
}) {
  static articles = Relation.morphedByMany(() => Article, 'labelable', {
    pivot: { weight: Field.integer({ default: 1 }) },
  })
  static photos = Relation.morphedByMany(() => Photo, 'labelable', { pivot: { weight: Field.integer({ default: 1 }) } })
}

export class Photo extends Model(
  {
    url: Field.string({ max: 120 }),
    ...Field.morphs('imageable', { nullable: true }),
  },
  { morphName: 'picture' },
) {
  static imageable = Relation.morphTo([() => Article, () => Person])
  static remarks = Relation.morphMany(() => Remark, 'remarkable')
  static labels = Relation.morphToMany(() => Label, 'labelable', { pivot: { weight: Field.integer({ default: 1 }) } })
}

/** A polymorphic comment on an article or a photo. */
export class Remark extends Model({
  body: Field.string({ max: 120 }),
  personId: Field.foreignKey(() => Person, { nullable: true, onDelete: 'setNull' }),
  ...Field.morphs('remarkable', { nullable: true }),
}) {
  static person = Relation.belongsTo(() => Person)
  static remarkable = Relation.morphTo([() => Article, () => Photo])
}

export class Student extends Model({
  name: Field.string({ max: 80 }),
}) {
  static courses = Relation.manyToMany(() => Course, { through: () => Enrollment })
  static enrollments = Relation.hasMany(() => Enrollment)
}

export class Course extends Model({
  title: Field.string({ max: 80 }),
}) {
  static students = Relation.manyToMany(() => Student, { through: () => Enrollment })
}

/** A join table that is a model with its own key. No constraint prevents duplicate pairs. */
export class Enrollment extends Model({
  studentId: Field.foreignKey(() => Student, { onDelete: 'cascade' }),
  courseId: Field.foreignKey(() => Course, { onDelete: 'cascade' }),
  grade: Field.integer({ nullable: true }),
  role: Field.string({ max: 20, default: 'learner' }),
}) {
  static student = Relation.belongsTo(() => Student)
  static course = Relation.belongsTo(() => Course)
}

export const relationModels = [
  Country,
  Person,
  Passport,
  Article,
  Tag,
  Label,
  Photo,
  Remark,
  Student,
  Course,
  Enrollment,
] as const

/** Articles "One" and "Two" of Ann (France), "Three" of Bob (Peru); Cat of nowhere; tags, labels and photos. */
export async function seedArticles() {
  const [france, peru] = await listOf<typeof Country>(Country.createMany([{ name: 'France' }, { name: 'Peru' }]))
  const [ann, bob, cat] = await listOf<typeof Person>(
    Person.createMany([{ name: 'Ann', countryId: france.id }, { name: 'Bob', countryId: peru.id }, { name: 'Cat' }]),
  )
  const [one, two, three] = await listOf<typeof Article>(
    Article.createMany([
      { title: 'One', views: 10, personId: ann.id },
      { title: 'Two', views: 20, personId: ann.id },
      { title: 'Three', views: 30, personId: bob.id },
    ]),
  )
  const [a, b, c] = await listOf<typeof Tag>(Tag.createMany([{ name: 'a' }, { name: 'b' }, { name: 'c' }]))
  const [x, y] = await listOf<typeof Label>(Label.createMany([{ name: 'x' }, { name: 'y' }]))
  const [p, q] = await listOf<typeof Photo>(Photo.createMany([{ url: 'p.png' }, { url: 'q.png' }]))
  return { france, peru, ann, bob, cat, one, two, three, a, b, c, x, y, p, q }
}

/** Tests take at most three items of a list, so a tuple of three saves them checks for undefined. */
const listOf = async <C>(made: Promise<unknown[]>) => (await made) as [Entity<C>, Entity<C>, Entity<C>]
