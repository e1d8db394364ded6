import { type Committed, Field, Model, Relation, sql } from 'corm'

// The models of the random programs. `program` is the number of the program that a row belongs to.

/** Thrown on purpose, by callbacks and hooks. */
export class Enough extends Error {}

export class Shelf extends Model({ program: Field.integer({ index: true }) }) {
  static things = Relation.hasMany(() => Thing)
}

export class Label extends Model({ program: Field.integer({ index: true }) }) {}

/** One field of each kind that holds its value in another way. */
export class Thing extends Model({
  program: Field.integer({ index: true }),
  name: Field.string({ unique: true }),
  amount: Field.integer({ default: 0 }),
  level: Field.integer({ dbDefault: sql`7` }),
  at: Field.dateTime({ nullable: true }),
  fine: Field.dateTime({ nullable: true, precision: 6 }),
  bytes: Field.binary({ nullable: true }),
  data: Field.json<{ list: number[] }>({ nullable: true }),
  price: Field.decimal({ precision: 8, scale: 2, nullable: true }),
  made: Field.dateTime({ autoNowAdd: true }),
  changed: Field.dateTime({ autoNow: true }),
  shelfId: Field.foreignKey(() => Shelf, { nullable: true, onDelete: 'setNull' }),
}) {
  static shelf = Relation.belongsTo(() => Shelf)
  static labels = Relation.manyToMany(() => Label)
}

/** Soft deletes and a version. */
export class Note extends Model({
  program: Field.integer({ index: true }),
  name: Field.string(),
  amount: Field.integer({ default: 0 }),
  changed: Field.dateTime({ autoNow: true }),
  version: Field.version(),
  deletedAt: Field.softDelete(),
}) {}

/** What hooks of Entry write. */
export class Line extends Model({ program: Field.integer({ index: true }), text: Field.string() }) {}

/** Calls of `afterCommit`, until somebody takes them. */
export const commits = new Map<object, string>()

/** Hooks that set a field, write another row, save their own instance, and throw if the name ends with "!". */
export class Entry extends Model({
  program: Field.integer({ index: true }),
  name: Field.string(),
  mark: Field.string({ nullable: true }),
  amount: Field.integer({ default: 0 }),
}) {
  override beforeSave() {
    this.mark = `${this.name} ${this.amount}`
  }

  override async afterInsert() {
    await this.#log('insert')
  }

  override async afterUpdate() {
    await this.#log('update')
    if (this.name.endsWith('!')) throw new Enough()
  }

  override async afterSave() {
    if (this.amount >= SAVES) return
    this.amount++
    await this.save()
  }

  override async afterDelete() {
    await this.#log('delete')
  }

  override afterCommit({ action }: Committed) {
    commits.set(this, `${commits.get(this) ?? ''} ${action}`)
  }

  async #log(action: string) {
    await Line.create({ program: this.program, text: `${action} ${this.name}` })
  }
}

/** How far the hook of Entry counts by saves of its own. */
export const SAVES = 2

export const models = [Shelf, Label, Thing, Note, Line, Entry]
export const written = { Thing, Note, Entry }
export type Kind = keyof typeof written
export type Instance = Thing | Note | Entry
