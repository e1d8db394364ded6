import { DeadlockError, Decimal, Field, Model, Relation, sql } from 'corm'
import { expect, it } from 'vitest'
import { Random } from '../fuzz/random.js'
import { describeDatabases } from '../support/databases.js'

class Shelf extends Model({ label: Field.string({ default: 'shelf' }) }) {
  static things = Relation.hasMany(() => Thing)
}

class Thing extends Model({
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
}

class Note extends Model({
  name: Field.string(),
  made: Field.dateTime({ autoNowAdd: true }),
  changed: Field.dateTime({ autoNow: true }),
  deletedAt: Field.softDelete(),
}) {}

const models = [Shelf, Thing, Note]
type Instance = Thing | Note

// classes that name each other have no types for their relations
const thingsOf = (shelf: Shelf) => (shelf as any).related('things')
const shelfOf = (thing: Thing) => (thing as any).related('shelf')

/** Thrown on purpose by a callback. */
class Enough extends Error {}

/** One program: what it does is decided by its seed alone. */
class Program {
  readonly known: Instance[] = []
  readonly steps: string[] = []
  readonly #random: Random
  #names = 0

  constructor(
    readonly transaction: <R>(work: () => Promise<R>, options?: { retries?: number }) => Promise<R>,
    readonly shelves: readonly Shelf[],
    readonly seed: number,
  ) {
    this.#random = new Random(seed, 77)
  }

  async run(): Promise<void> {
    for (let i = 0; i < 3; i++) this.known.push(await Thing.create({ name: this.#name() }))
    this.known.push(await Note.create({ name: 'note' }))
    const count = this.#random.whole(2, 5)
    for (let i = 0; i < count; i++) {
      if (this.#random.chance(0.7)) await this.#outermost()
      else await this.#step(0)
    }
  }

  /** A transaction that is committed, rolled back, or repeated after a deadlock. */
  async #outermost(): Promise<void> {
    let left = this.#random.whole(0, 2)
    await this.#ends(() =>
      this.transaction(
        async () => {
          this.#say('begin')
          await this.#steps(1)
          if (left-- > 0) {
            this.#say('deadlock')
            throw new DeadlockError('made up')
          }
          this.#maybeThrow()
          this.#say('commit')
        },
        { retries: this.#random.whole(0, 2) },
      ),
    )
  }

  async #nested(depth: number): Promise<void> {
    await this.#ends(() =>
      this.transaction(async () => {
        this.#say('savepoint')
        await this.#steps(depth + 1)
        this.#maybeThrow()
        this.#say('release')
      }),
    )
  }

  async #steps(depth: number): Promise<void> {
    const count = this.#random.whole(1, 5)
    for (let i = 0; i < count; i++) await this.#step(depth)
  }

  #maybeThrow(): void {
    if (!this.#random.chance(0.5)) return
    this.#say('throw')
    throw new Enough()
  }

  async #ends(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof Enough || error instanceof DeadlockError)) throw error
    }
  }

  #say(step: string): void {
    this.steps.push(step)
  }

  #name(): string {
    return `name ${this.seed} ${++this.#names}`
  }

  #about(instance: Instance): string {
    return `${instance.constructor.name} ${this.known.indexOf(instance)}`
  }

  async #step(depth: number): Promise<void> {
    const random = this.#random
    const saved = this.known.filter((each) => each.isPersisted)
    const things = saved.filter((each) => each instanceof Thing)
    const notes = saved.filter((each) => each instanceof Note)
    const alive = this.known.filter((each) => each.isPersisted || !each.isDeleted)
    await random.weighted<Promise<void>>([
      [depth > 0 && depth < 4 ? 3 : 0, () => this.#nested(depth)],
      [2, () => this.#create()],
      [1, () => this.#createMany()],
      [alive.length > 0 ? 6 : 0, () => this.#save(random.pick(alive))],
      [alive.length > 1 ? 2 : 0, () => this.#saveMany(alive)],
      [things.length > 0 ? 2 : 0, () => this.#increment(random.pick(things))],
      [things.length > 0 ? 2 : 0, () => this.#relate(random.pick(things))],
      [things.length > 0 ? 1 : 0, () => this.#duplicate(random.pick(things), random.pick(things))],
      [saved.length > 2 ? 2 : 0, () => this.#remove(random.pick(saved))],
      [notes.length > 0 ? 2 : 0, () => this.#restore(random.pick(notes))],
      [saved.length > 0 ? 1 : 0, () => this.#refresh(random.pick(saved))],
    ])
  }

  async #create(): Promise<void> {
    const name = this.#name()
    const way = this.#random.whole(0, 5)
    this.#say(['create note', 'related create', 'firstOrCreate'][way] ?? `new ${this.known.length}`)
    if (way === 0) this.known.push(await Note.create({ name }))
    else if (way === 1) this.known.push(await thingsOf(this.#random.pick(this.shelves)).create({ name }))
    else if (way === 2) this.known.push((await Thing.firstOrCreate({ name }, { amount: 4 }))[0])
    else {
      const thing = new Thing({ name })
      this.known.push(thing)
      if (way > 3) await thing.save()
    }
  }

  async #createMany(): Promise<void> {
    this.#say('createMany')
    this.known.push(...(await Thing.createMany([{ name: this.#name() }, { name: this.#name(), level: 3 }])))
  }

  /** Gives some fields other values, or changes what they hold in place. */
  #change(instance: Instance): void {
    const random = this.#random
    if (instance instanceof Note) {
      instance.name = this.#name()
      return
    }
    const changes: (() => void)[] = [
      () => (instance.name = this.#name()),
      () => (instance.amount = random.whole(0, 3)),
      () => (instance.level = random.whole(0, 3)),
      () => (instance.at = instance.at === null ? new Date(random.whole(1, 9) * 1000) : instance.at),
      () => instance.at?.setTime(random.whole(1, 9) * 1000),
      () => (instance.fine = new Date(random.whole(1, 9) * 1000)),
      () => (instance.bytes = new Uint8Array([random.whole(0, 3), 1])),
      () => instance.bytes?.fill(random.whole(0, 3)),
      () => (instance.data = { list: [random.whole(0, 3)] }),
      () => instance.data?.list.push(random.whole(0, 3)),
      () => (instance.price = random.chance(0.2) ? null : new Decimal(`${random.whole(1, 3)}.50`)),
      () => (instance.changed = new Date(random.whole(1, 9) * 1000)),
    ]
    for (const change of random.some(changes, 3)) change()
  }

  async #save(instance: Instance): Promise<void> {
    const random = this.#random
    this.#say(`save ${this.#about(instance)}`)
    if (random.chance(0.9)) this.#change(instance)
    if (instance instanceof Thing && instance.isPersisted && random.chance(0.3))
      await instance.update({ amount: random.whole(5, 9) })
    else if (random.chance(0.3)) await Promise.all([instance.save(), instance.save()])
    else {
      const saving = instance.save()
      // what is changed now was not sent
      if (random.chance(0.4)) this.#change(instance)
      await saving
    }
  }

  async #saveMany(alive: readonly Instance[]): Promise<void> {
    const things = alive.filter((each) => each instanceof Thing)
    if (things.length === 0) return
    const some = this.#random.some(things, 4)
    this.#say(`saveMany ${some.map((each) => this.#about(each)).join()}`)
    for (const each of some) this.#change(each)
    const saving = Thing.saveMany(some)
    if (this.#random.chance(0.4)) this.#change(some[0] as Thing)
    await saving
  }

  async #increment(thing: Thing): Promise<void> {
    this.#say(`increment ${this.#about(thing)}`)
    await thing.increment('amount', this.#random.whole(1, 3))
  }

  async #relate(thing: Thing): Promise<void> {
    const shelf = this.#random.pick(this.shelves)
    this.#say(`relate ${this.#about(thing)}`)
    await this.#random.weighted<Promise<unknown>>([
      [1, () => thingsOf(shelf).attach(thing)],
      [1, () => thingsOf(shelf).detach(thing)],
      [1, () => thingsOf(shelf).save(thing)],
      [1, () => shelfOf(thing).associate(shelf)],
      [1, () => shelfOf(thing).dissociate()],
      [1, () => (thing as any).saveWithRelations({ amount: 2, shelf: { connect: shelf } })],
    ])
  }

  /** A statement that the database refuses; a savepoint keeps the rest of a transaction. */
  async #duplicate(thing: Thing, other: Thing): Promise<void> {
    if (thing === other) return
    this.#say(`duplicate ${this.#about(thing)}`)
    const copy = new Thing({ name: other.getOriginal('name') as string })
    this.known.push(copy)
    await this.#ends(() =>
      this.transaction(async () => {
        if (this.#random.chance(0.5)) await thing.save()
        await copy.save().catch(() => {
          throw new Enough()
        })
      }),
    )
    copy.name = this.#name()
  }

  async #remove(instance: Instance): Promise<void> {
    this.#say(`remove ${this.#about(instance)}`)
    const way = this.#random.whole(0, 3)
    if (way === 0) await Promise.all([instance.delete(), instance.delete()])
    else if (way === 1) await instance.forceDelete()
    else await instance.delete()
  }

  async #restore(note: Note): Promise<void> {
    this.#say(`restore ${this.#about(note)}`)
    await note.restore()
  }

  async #refresh(instance: Instance): Promise<void> {
    this.#say(`refresh ${this.#about(instance)}`)
    await instance.refresh()
  }

  /** Every instance says what its row says, or is dirty. */
  async check(): Promise<void> {
    for (const instance of this.known) {
      const model = instance instanceof Thing ? Thing : Note
      const row = instance.id == null ? null : await rowOf(model, instance.id)
      const about = `seed ${this.seed}, ${this.#about(instance)}: ${this.steps.join('; ')}`
      if (!instance.isPersisted) {
        expect(row, about).toBeNull()
        continue
      }
      expect(row, about).not.toBeNull()
      const names = Object.keys(model.columns).filter((name) => instance.isDirty(name as never) === false)
      const held = Object.fromEntries(names.map((name) => [name, (instance as any)[name]]))
      expect(held, about).toEqual(Object.fromEntries(names.map((name) => [name, (row as any)[name]])))
      for (const name of Object.keys(row as object))
        expect([name, (instance as any).getOriginal(name)], about).toEqual([name, (row as any)[name]])
    }
  }

  /** What the code has assigned is stored by the next save, wherever the last one went. */
  async finish(): Promise<void> {
    for (const instance of this.known) {
      if (instance.isDeleted && !instance.isPersisted) continue
      const isNew = !instance.isPersisted
      // the times that corm set went with the row
      if (isNew) expect([instance.id, instance.made], `seed ${this.seed}`).toEqual([undefined, undefined])
      await instance.save()
      expect(instance.isDirty(), `seed ${this.seed}`).toBe(false)
    }
    await this.check()
  }
}

async function rowOf(model: typeof Thing | typeof Note, id: number): Promise<object | null> {
  const found = await (model as typeof Thing).withoutGlobalScopes().where('id', id).first()
  return found === null ? null : { ...(found as object) }
}

const PROGRAMS = 60

describeDatabases('random programs of writes, savepoints, rollbacks and retries', (database) => {
  database.useTables(models)

  it('leave every instance with what its row says, or dirty', async () => {
    for (let seed = 1; seed <= PROGRAMS; seed++) {
      const shelves = await Shelf.createMany([{ label: 'a' }, { label: 'b' }])
      const program = new Program((work, options) => database.db.transaction(work, options), shelves, seed)
      try {
        await program.run()
      } catch (error) {
        throw new Error(`seed ${seed}: ${program.steps.join('; ')}`, { cause: error })
      }
      await program.check()
      await program.finish()
    }
  }, 120_000)
})
