import { Field, Model, NotFoundError, Relation, sql } from 'corm'
import { describe, expect, it } from 'vitest'
import { expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'

const timestamps = { createdAt: Field.dateTime({ autoNowAdd: true }), updatedAt: Field.dateTime({ autoNow: true }) }

class Animal extends Model({ name: Field.string({ max: 40 }), legs: Field.integer({ default: 4 }), ...timestamps }) {
  static owner = Relation.belongsTo(() => Keeper, { foreignKey: 'keeperId' })
  static named(name: string) {
    return this.query().where('name', name)
  }
  get shout() {
    return this.name.toUpperCase()
  }
  describe() {
    return `${this.name} has ${this.legs} legs`
  }
}

class Keeper extends Model({ name: Field.string() }) {}

class Pet extends Model({
  name: Field.string(),
  keeperId: Field.foreignKey(() => Keeper, { nullable: true }),
}) {
  static keeper = Relation.belongsTo(() => Keeper)
}

class Dog extends Pet.extend({ breed: Field.string({ default: 'mutt' }) }, { table: 'dogs' }) {
  bark() {
    return `${this.name} the ${this.breed}`
  }
}

class Puppy extends Dog.extend({ breed: Field.text({ nullable: true }), weeks: Field.integer() }) {
  // @ts-expect-error: a field of the base has another type here, so that the compiler takes its methods for properties
  override bark() {
    return `${super.bark()}, small`
  }
}

class Chip extends Pet.extend({ code: Field.string({ primaryKey: true }) }) {}

class Seat extends Model({
  row: Field.string({ primaryKey: true, max: 2 }),
  number: Field.integer({ primaryKey: true }),
  taken: Field.boolean({ default: false }),
}) {}

class Chicken extends Model({ name: Field.string(), eggId: Field.foreignKey(() => Egg, { nullable: true }) }) {
  static egg = Relation.belongsTo(() => Egg)
  static eggs = Relation.hasMany(() => Egg)
}
class Egg extends Model({ size: Field.integer(), chickenId: Field.foreignKey(() => Chicken, { nullable: true }) }) {
  static chicken = Relation.belongsTo(() => Chicken)
}

class Everything extends Model(
  { amount: Field.integer({ unique: true, index: true }), kind: Field.string({ max: 10 }), note: Field.text() },
  {
    table: 'all_of_it',
    indexes: ['kind', ['kind', 'amount'], { fields: ['amount'], name: 'by_amount' }],
    uniques: [['kind', 'amount']],
    checks: { positive: (c) => c.amount.gt(0), written: sql`length(kind) > 0` },
    comment: "What it's for",
    orderBy: '-amount',
  },
) {}

describe('a model', () => {
  it('has an id of its own when no field is a key', () => {
    expect(Object.keys(Keeper.fields)).toEqual(['id', 'name'])
    expect(Object.keys(Seat.fields)).toEqual(['row', 'number', 'taken'])
  })

  it('knows its fields', () => {
    expect(Keeper.hasField('name')).toBe(true)
    expect(['toString', 'constructor', '__proto__', 'nme', ''].map((name) => Keeper.hasField(name))).not.toContain(true)
    expect(Object.isFrozen(Keeper.fields)).toBe(true)
  })

  it('is what its instances are instances of', () => {
    const dog = new Dog({ name: 'Rex' })
    expect(dog).toBeInstanceOf(Dog)
    expect(dog).toBeInstanceOf(Pet)
    expect(dog).toBeInstanceOf(Model)
    expect(dog).not.toBeInstanceOf(Puppy)
    expect({}).not.toBeInstanceOf(Model)
    expect(null).not.toBeInstanceOf(Model)
  })

  it('takes fields from a spread object, with methods, getters and statics of its own', () => {
    const animal = new Animal({ name: 'Cat' })
    expect(animal.describe()).toBe('Cat has 4 legs')
    expect(animal.shout).toBe('CAT')
    expect(Object.keys(Animal.fields)).toEqual(['id', 'name', 'legs', 'createdAt', 'updatedAt'])
  })

  it('extended keeps fields, relations, statics and methods, and may redefine them', () => {
    expect(Object.keys(Dog.fields)).toEqual(['id', 'name', 'keeperId', 'breed'])
    expect(Object.keys(Puppy.fields)).toEqual(['id', 'name', 'keeperId', 'breed', 'weeks'])
    expect(new Puppy({ name: 'Bo', weeks: 3, breed: 'pug' }).bark()).toBe('Bo the pug, small')
    expect(new Puppy({ name: 'Bo', weeks: 3 }).breed).toBeNull()
    expect(new Dog({ name: 'Bo' }).breed).toBe('mutt')
  })

  it('extended with a key of its own loses the id it had by default', () => {
    expect(Object.keys(Chip.fields)).toEqual(['name', 'keeperId', 'code'])
  })
})

describeDatabases('a model', (database) => {
  database.useTables([Keeper, Pet, Dog, Puppy, Chip, Seat, Everything])

  it('extended has a table of its own and the relations of its base', async () => {
    const keeper = await Keeper.create({ name: 'Kim' })
    const dog = await Dog.create({ name: 'Rex', keeperId: keeper.id })
    await Puppy.create({ name: 'Bo', weeks: 2, keeperId: keeper.id })
    const chip = await Chip.create({ name: 'Rex', code: 'x-1' })
    expect([await Pet.count(), await Dog.count(), await Puppy.count()]).toEqual([0, 1, 1])
    const [found] = await Dog.with('keeper')
    expect(found?.keeper?.name).toBe('Kim')
    expect(found?.bark()).toBe('Rex the mutt')
    expect((await (await dog.refresh()).keeper)?.id).toBe(keeper.id)
    expect(await Chip.find('x-1')).toEqual(chip)
    expect((await Puppy.with('keeper'))[0]?.keeper?.name).toBe('Kim')
  })

  it('has its constraints and order', async () => {
    await Everything.createMany([1, 3, 2].map((amount) => ({ amount, kind: 'k', note: '' })))
    expect((await Everything.query()).map(({ amount }) => amount)).toEqual([3, 2, 1])
    expect(await Everything.query().orderBy('amount').pluck('amount')).toEqual([1, 2, 3])
    await expect(Everything.create({ amount: 0, kind: 'k', note: '' })).rejects.toMatchObject({
      code: 'CHECK_VIOLATION',
    })
    await expect(Everything.create({ amount: 5, kind: '', note: '' })).rejects.toMatchObject({
      code: 'CHECK_VIOLATION',
    })
    await expect(Everything.create({ amount: 2, kind: 'k', note: '' })).rejects.toMatchObject({
      fields: expect.arrayContaining(['amount']),
    })
  })

  it('refers to another that refers to it', async () => {
    const { db } = database
    await db.createTables([Chicken, Egg])
    const hen = await Chicken.create({ name: 'Hen' })
    const egg = await Egg.create({ size: 3, chickenId: hen.id })
    await hen.update({ eggId: egg.id })
    const [found] = await Chicken.with('egg.chicken', 'eggs')
    expect(found?.egg?.chicken?.name).toBe('Hen')
    expect(found?.eggs.map(({ size }) => size)).toEqual([3])
    await db.dropTables([Chicken, Egg])
    await db.createTables([Egg, Chicken])
    await db.dropTables([Egg, Chicken])
  })

  it('has its tables created once with ifNotExists, and dropped where they are', async () => {
    const { db } = database
    await db.createTables([Keeper, Pet], { ifNotExists: true })
    await expect(db.createTables([Keeper])).rejects.toMatchObject({ code: 'DATABASE' })
    await db.dropTables([Chicken, Egg])
  })

  describe('with a key of several fields', () => {
    it('is found, updated and deleted by objects', async () => {
      const a1 = await Seat.create({ row: 'A', number: 1 })
      await Seat.createMany([
        { row: 'A', number: 2 },
        { row: 'B', number: 1 },
      ])
      expect(a1.pk).toEqual({ row: 'A', number: 1 })
      expect(await Seat.find({ row: 'A', number: 1 })).toEqual(a1)
      expect(await Seat.find({ number: 9, row: 'A' })).toBeNull()
      await expect(Seat.findOrFail({ row: 'Z', number: 1 })).rejects.toThrow('No "Seat" found by row, number.')
      await expect(Seat.findOrFail({ row: 'Z', number: 1 })).rejects.toBeInstanceOf(NotFoundError)
      const keys = [
        { row: 'B', number: 1 },
        { row: 'Z', number: 1 },
        { row: 'A', number: 1 },
      ]
      expect((await Seat.findMany(keys)).map(({ pk }) => pk)).toEqual([keys[0], keys[2]])
      await a1.update({ taken: true })
      expect(await Seat.where('taken', true).pluck('number')).toEqual([1])
      a1.number = 7
      await a1.save()
      expect(await Seat.query().whereKey({ row: 'A', number: 7 }).count()).toBe(1)
      expect(await Seat.deleteMany([{ row: 'A', number: 7 }, keys[0] as { row: string; number: number }])).toBe(2)
      expect((await Seat.query()).map(({ pk }) => pk)).toEqual([{ row: 'A', number: 2 }])
    })

    it('refuses keys that are not whole', async () => {
      const loose = Seat as any
      expect((await expectRefusal(() => loose.find('A'))).message).toBe(
        'The key of "Seat" is an object of row, number.',
      )
      expect((await expectRefusal(() => loose.find({ row: 'A' }))).message).toBe(
        'The key of "Seat" is undefined. It is often a misspelt property, or an instance that is not saved.',
      )
      expect((await expectRefusal(() => loose.find({ row: 'A', number: null }))).message).toBe(
        'The key of "Seat" is null, which no row has. Check it before the call, or search with where().',
      )
      expect((await expectRefusal(() => loose.find({ row: 'A', number: 1, x: 1 }))).message).toBe(
        '"x" is not part of the key of "Seat", which is row, number.',
      )
    })

    it('refuses a second row with the same key', async () => {
      await Seat.create({ row: 'A', number: 1 })
      const violation = Seat.create({ row: 'A', number: 1 })
      await expect(violation).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION', fields: ['row', 'number'] })
    })
  })
})
