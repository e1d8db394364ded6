import { Field, Model, Relation } from 'corm'

/** A relation of one's own kind without options, and one with. */
const sameTenant = Relation.custom({ many: true, link: () => ({ from: 'tenantId', to: 'tenantId' }) })
const byField = Relation.custom({
  many: false,
  link: ({ options, target }: { options: { field: string }; target: { primaryKey: readonly string[] } }) => ({
    from: options.field,
    to: target.primaryKey,
  }),
})

export class Country extends Model({ code: Field.char(2, { primaryKey: true }), name: Field.string() }) {
  static users = Relation.hasMany(() => User)
  static posts = Relation.hasManyThrough(() => Post, { through: () => User })
  static anthem = Relation.hasOneThrough(() => Post, { through: () => User, otherKey: 'userId' })
}

export class User extends Model({
  name: Field.string(),
  tenantId: Field.integer(),
  favouriteId: Field.integer({ nullable: true }),
  countryId: Field.foreignKey(() => Country, { key: 'string' }),
}) {
  static country = Relation.belongsTo(() => Country)
  static posts = Relation.hasMany(() => Post)
  static friends = Relation.manyToMany(() => User, { symmetrical: true })
  static follows = Relation.manyToMany(() => User, {
    through: 'follows',
    otherKey: 'followedId',
    pivot: { muted: Field.boolean({ default: false }) },
  })
  static teams = Relation.manyToMany(() => Team, { through: () => Membership })
  static avatar = Relation.morphOne(() => Photo, 'subject')
  static colleagues = sameTenant(() => User)
  static favourite = byField(() => Post, { field: 'favouriteId' })
  rename(name: string) {
    return this.update({ name })
  }
}

export class Team extends Model({ title: Field.string() }) {
  static users = Relation.manyToMany(() => User, { through: () => Membership })
}

/** The join table users and teams. */
export class Membership extends Model({
  userId: Field.foreignKey(() => User),
  teamId: Field.foreignKey(() => Team),
  role: Field.enum(['member', 'lead'], { default: 'member' }),
  since: Field.dateTime({ nullable: true }),
  fee: Field.decimal({ precision: 8, scale: 2, default: 0 }),
}) {}

export class Post extends Model({ title: Field.string(), userId: Field.foreignKey(() => User) }) {
  static user = Relation.belongsTo(() => User)
  static comments = Relation.morphMany(() => Comment, 'commentable')
  static labels = Relation.morphToMany(() => Label, 'labelable', {
    pivot: { weight: Field.integer({ default: 1 }), note: Field.string({ nullable: true }) },
  })
  lead() {
    return this.title.slice(0, 1)
  }
}

export class Photo extends Model({
  url: Field.string(),
  ...Field.morphs('subject', { nullable: true }),
}) {
  static subject = Relation.morphTo([() => User, () => Post])
  static comments = Relation.morphMany(() => Comment, 'commentable')
  static labels = Relation.morphToMany(() => Label, 'labelable')
}

export class Comment extends Model({ body: Field.text(), ...Field.morphs('commentable') }) {
  static commentable = Relation.morphTo([() => Post, () => Photo])
  static replies = Relation.morphMany(() => Reply, 'thing')
}

/** Keys that are texts, under names of its own. */
export class Reply extends Model({ body: Field.text(), ...Field.morphs('thing', { key: 'uuid' }) }) {
  static thing = Relation.morphTo([() => Comment])
}

export class Label extends Model({ name: Field.string() }) {
  static posts = Relation.morphedByMany(() => Post, 'labelable', {
    pivot: { weight: Field.integer({ default: 1 }) },
  })
  static photos = Relation.morphedByMany(() => Photo, 'labelable')
}

/** Keys of several fields. */
export class Region extends Model({
  country: Field.char(2, { primaryKey: true }),
  code: Field.string({ primaryKey: true }),
  name: Field.string(),
}) {
  static towns = Relation.hasMany(() => Town, { foreignKey: ['country', 'regionCode'] })
  static visitors = Relation.manyToMany(() => User, { pivot: { year: Field.integer() } })
}

export class Town extends Model({
  name: Field.string(),
  country: Field.char(2),
  regionCode: Field.string(),
  twinCountry: Field.char(2, { nullable: true }),
  twinCode: Field.string({ nullable: true }),
}) {
  static region = Relation.belongsTo(() => Region, { foreignKey: ['country', 'regionCode'] })
  static twin = Relation.belongsTo(() => Region, { foreignKey: ['twinCountry', 'twinCode'] })
  static half = Relation.belongsTo(() => Region, { foreignKey: ['country', 'twinCode'] })
}
