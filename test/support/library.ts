/** Models with a relation of each kind that can be written, for nested writes. */
import { Field, Model, Relation } from 'corm'

export class Country extends Model({
  code: Field.char(2, { primaryKey: true }),
  name: Field.string(),
}) {
  static writers = Relation.hasMany(() => Writer)
  static novels = Relation.hasManyThrough(() => Novel, { through: () => Writer, otherKey: 'writerId' })
}

export class Writer extends Model({
  name: Field.string({ max: 20 }),
  rank: Field.integer({ default: 0, guarded: true }),
  countryCode: Field.foreignKey(() => Country, { key: 'string', nullable: true }),
}) {
  static country = Relation.belongsTo(() => Country, { foreignKey: 'countryCode' })
  static home = Relation.hasOne(() => Home)
  static passport = Relation.hasOne(() => Passport)
  static novels = Relation.hasMany(() => Novel, { foreignKey: 'writerId' })
  static drafts = Relation.hasMany(() => Novel, { foreignKey: 'ghostId' })
  static groups = Relation.manyToMany(() => Group, { pivot: { role: Field.string({ default: 'member' }) } })
  static friends = Relation.manyToMany(() => Writer, { symmetrical: true })
  static portrait = Relation.morphOne(() => Picture, 'shown')
  static notes = Relation.morphMany(() => Note, 'about')
  static labels = Relation.morphToMany(() => Label, 'labelled')
}

/** Its foreign key may be null. */
export class Home extends Model({
  street: Field.string({ max: 20 }),
  writerId: Field.oneToOne(() => Writer, { nullable: true }),
}) {
  static writer = Relation.belongsTo(() => Writer)
}

/** Its foreign key may not be null. */
export class Passport extends Model({
  number: Field.string({ unique: true }),
  writerId: Field.oneToOne(() => Writer),
}) {
  static writer = Relation.belongsTo(() => Writer)
}

export class Novel extends Model({
  title: Field.string({ max: 20 }),
  writerId: Field.foreignKey(() => Writer),
  ghostId: Field.foreignKey(() => Writer, { nullable: true }),
}) {
  static writer = Relation.belongsTo(() => Writer)
  static ghost = Relation.belongsTo(() => Writer)
  static chapters = Relation.hasMany(() => Chapter)
  static labels = Relation.morphToMany(() => Label, 'labelled')
}

export class Chapter extends Model({
  heading: Field.string({ max: 20 }),
  novelId: Field.foreignKey(() => Novel),
}) {
  static novel = Relation.belongsTo(() => Novel)
  static notes = Relation.morphMany(() => Note, 'about')
}

export class Group extends Model({ name: Field.string({ unique: true }) }) {
  static writers = Relation.manyToMany(() => Writer, { pivot: { role: Field.string({ default: 'member' }) } })
}

export class Picture extends Model({ file: Field.string(), ...Field.morphs('shown', { nullable: true }) }) {
  static shown = Relation.morphTo([() => Writer, () => Novel])
}

/** Notes are soft-deleted. */
export class Note extends Model({
  text: Field.string({ max: 20 }),
  ...Field.morphs('about'),
  deletedAt: Field.softDelete(),
}) {
  static about = Relation.morphTo([() => Writer, () => Chapter])
}

export class Label extends Model({ word: Field.string({ unique: true }) }) {
  static writers = Relation.morphedByMany(() => Writer, 'labelled')
  static novels = Relation.morphedByMany(() => Novel, 'labelled')
}

export const libraryModels = [Country, Writer, Home, Passport, Novel, Chapter, Group, Picture, Note, Label] as const
