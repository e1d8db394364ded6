import {
  Decimal,
  DefinitionError,
  Field,
  FieldNotLoadedError,
  Model,
  Relation,
  UnknownFieldError,
  UsageError,
} from 'corm'
import { expect, it } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { looseField, looseModel } from '../support/loose.js'

let calls = 0

class Person extends Model(
  {
    first: Field.string(),
    last: Field.string(),
    body: Field.text({ default: '', lazy: true }),
    price: Field.decimal({ precision: 8, scale: 2, default: '1.5' }),
    secret: Field.string({ default: 's', hidden: true }),
    fullName: Field.computed(
      (person: { first: string; last: string }) => {
        calls++
        return `${person.first} ${person.last}`
      },
      { dependsOn: ['first', 'last'] },
    ),
    greeting: Field.computed((person: { fullName: string }) => `Dear ${person.fullName}`, { dependsOn: ['fullName'] }),
    initial: Field.computed((person: { first: string }) => person.first.slice(0, 1)),
    double: Field.computed((person: { price: Decimal }) => person.price.times(2), { dependsOn: ['price'] }),
    excerpt: Field.computed((person: { body: string }) => person.body.slice(0, 3), { dependsOn: ['body'] }),
    whisper: Field.computed((person: { secret: string }) => `${person.secret}!`, {
      dependsOn: ['secret'],
      hidden: true,
    }),
    repeated: Field.virtual<string>(),
    token: Field.virtual<string>({ hidden: true }),
  },
  { table: 'computed_people' },
) {
  static pets = Relation.hasMany(() => Pet)
  override beforeSave() {
    if (this.repeated === 'wrong') this.addIssue('repeated', 'is not the same')
    if (this.token !== undefined && !this.isPersisted) this.last = `${this.last}+${this.token}`
  }
}
class Pet extends Model(
  { name: Field.string(), personId: Field.foreignKey(() => Person) },
  { table: 'computed_pets' },
) {
  static person = Relation.belongsTo(() => Person)
}

// what the types refuse must also be refused at run time
type Loose = any
const person = Person as Loose
const ada = { first: 'Ada', last: 'Lovelace' }

const refusal = async (attempt: () => unknown): Promise<Error> => {
  try {
    await attempt()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was refused')
}

describeDatabases('attributes without a column', (database) => {
  database.useTables([Person, Pet])

  it('are computed at each read, on new and loaded instances', async () => {
    const unsaved = new Person(ada)
    expect([unsaved.fullName, unsaved.greeting, unsaved.initial]).toEqual(['Ada Lovelace', 'Dear Ada Lovelace', 'A'])
    const created = await Person.create(ada)
    created.first = 'Augusta'
    expect(created.fullName).toBe('Augusta Lovelace')
    const loaded = await Person.findOrFail(created.id)
    expect(loaded.greeting).toBe('Dear Ada Lovelace')
    expect(Object.keys(loaded)).toEqual(['id', 'first', 'last', 'price'])
    expect({ ...loaded }).not.toHaveProperty('fullName')
  })

  it('cost nothing until they are read', async () => {
    calls = 0
    const { id } = await Person.create(ada)
    await Person.findOrFail(id)
    expect(calls).toBe(0)
  })

  it('are in toJSON and toObject, but for hidden ones and those whose fields are not loaded', async () => {
    const { id } = await Person.create(ada)
    const row = { id, first: 'Ada', last: 'Lovelace' }
    const computed = { fullName: 'Ada Lovelace', greeting: 'Dear Ada Lovelace', initial: 'A' }
    const loaded = await Person.findOrFail(id)
    expect(loaded.toJSON()).toEqual({ ...row, price: '1.50', ...computed, double: '3' })
    expect(loaded.toObject()).toEqual({ ...row, price: new Decimal('1.5'), ...computed, double: new Decimal(3) })
    expect((await Person.query().selectAll().firstOrFail()).toJSON()).toHaveProperty('excerpt', '')
    expect((await Person.query().select('first').firstOrFail()).toJSON()).toEqual({ id, first: 'Ada', initial: 'A' })
    expect((await Person.query().select('last').firstOrFail()).toJSON()).toEqual({ id, last: 'Lovelace' })
    const partial = (await Person.query().select('last').firstOrFail()) as Loose
    partial.first = 'Eve'
    expect(partial.toJSON()).toMatchObject({ fullName: 'Eve Lovelace', greeting: 'Dear Eve Lovelace' })
    await Pet.create({ name: 'Cat', personId: id })
    const [pet] = await Pet.query().with('person')
    expect(pet?.toJSON()).toMatchObject({ person: { fullName: 'Ada Lovelace' } })
  })

  it('are selected with what they depend on', async () => {
    const { id } = await Person.create(ada)
    const { events, result } = await recordQueries(() => Person.query().select('greeting').firstOrFail())
    expect(events).toHaveLength(1)
    expect(events[0]?.sql).toMatch(/^select .id., .first., .last. from/)
    expect(result?.greeting).toBe('Dear Ada Lovelace')
    expect((await Person.query().select('excerpt', 'first').firstOrFail()).excerpt).toBe('')
    const any = (await Person.query().select('initial').firstOrFail()) as Loose
    expect([any.initial, any.last]).toEqual(['A', 'Lovelace'])
    await Pet.create({ name: 'Cat', personId: id })
    const [pet] = await Pet.query().with({ person: (query) => query.select('fullName') })
    expect(pet?.person?.fullName).toBe('Ada Lovelace')
  })

  it('throw where a field that they depend on is not loaded', async () => {
    const { id } = await Person.create({ ...ada, body: 'Hello' })
    const loaded = (await Person.query().select('last').firstOrFail()) as Loose
    expect(() => loaded.fullName).toThrow(FieldNotLoadedError)
    expect(() => loaded.greeting).toThrow(
      `"Person.greeting" needs "first", which was not loaded. Select it (select('greeting') or selectAll()), or read it with await loadField('greeting').`,
    )
    expect(() => loaded.initial).toThrow('"Person.first" was not loaded.')
    const full = await Person.findOrFail(id)
    expect(() => full.excerpt).toThrow('"Person.excerpt" needs "body", which was not loaded.')
    const { events, result } = await recordQueries(async () => [
      await full.loadField('excerpt'),
      await full.loadField('excerpt'),
      full.excerpt,
    ])
    expect(result).toEqual(['Hel', 'Hel', 'Hel'])
    expect(events).toHaveLength(1)
    expect(await loaded.loadField('fullName')).toBe('Ada Lovelace')
    expect(await full.loadField('repeated')).toBeUndefined()
    await Person.where('id', id).update({ first: 'Eve' })
    expect((await full.refresh('fullName')).fullName).toBe('Eve Lovelace')
  })

  it('follow the changes of their fields', async () => {
    const saved = await Person.create({ ...ada, repeated: 'x' })
    expect([saved.isDirty('fullName'), saved.isDirty('repeated'), saved.isDirty()]).toEqual([false, false, false])
    saved.repeated = 'y'
    expect([saved.isDirty('fullName'), saved.isDirty('repeated'), saved.isDirty()]).toEqual([false, false, false])
    saved.last = 'King'
    expect([saved.isDirty('fullName'), saved.isDirty('greeting'), saved.isDirty('double')]).toEqual([true, true, false])
    expect(saved.getChanges()).toEqual({ last: ['Lovelace', 'King'] })
    expect(new Person(ada).isDirty('fullName')).toBe(true)
  })

  it('can not be assigned, and are refused in data, if they are computed', async () => {
    const saved = (await Person.create(ada)) as Loose
    const assigned = await refusal(() => {
      saved.fullName = 'x'
    })
    expect(assigned).toBeInstanceOf(UsageError)
    expect(assigned.message).toBe(
      '"Person.fullName" is computed and can\'t be assigned. Assign the fields that it is computed from.',
    )
    const attempts = [
      () => new person({ ...ada, fullName: 'x' }),
      () => person.create({ ...ada, fullName: 'x' }),
      () => person.create({ ...ada, fullName: 'x' }, { guarded: true }),
      () => person.createMany([{ ...ada, fullName: 'x' }]),
      () => person.insertMany([{ ...ada, fullName: 'x' }]),
      () => person.createWithRelations({ ...ada, fullName: 'x' }),
      () => person.firstOrCreate({ first: 'New' }, { fullName: 'x' }),
      () => person.upsert({ id: 1, ...ada, fullName: 'x' }, { conflict: 'id', guarded: true }),
      () => saved.fill({ fullName: 'x' }),
      () => saved.update({ fullName: 'x' }),
      () => person.where('id', 1).update({ fullName: 'x' }),
    ]
    for (const attempt of attempts) {
      const error = await refusal(attempt)
      expect(error).toBeInstanceOf(UsageError)
      expect(error.message).toBe(
        '"Person.fullName" is computed and can\'t be written. Leave it out, and write the fields that it is computed from.',
      )
    }
    expect(await Person.query().count()).toBe(1)
  })

  it('are refused in queries and saves, with what to use instead', async () => {
    const saved = (await Person.create(ada)) as Loose
    const attempts = (name: string): (() => unknown)[] => [
      () => person.where(name, 'x'),
      () => person.where({ [name]: 'x' }),
      () => person.where((c: Loose) => c[name].eq('x')),
      () => person.query().orderBy(name),
      () => person.query().orderBy(`-${name}`),
      () => person.query().groupBy(name),
      () => person.query().omit(name),
      () => person.query().values(name),
      () => person.query().pluck(name),
      () => person.query().max(name),
      () => person.query().latest(name),
      () => person.columns[name],
      () => saved.save({ only: [name] }),
      () => saved.increment(name),
      () => saved.getOriginal(name),
      () => (Pet as Loose).where(`person.${name}`, 'x').get(),
    ]
    for (const attempt of attempts('fullName')) {
      const error = await refusal(attempt)
      expect(error, String(attempt)).toBeInstanceOf(UsageError)
      expect(error.message).toMatch(
        /^"Person.fullName" is computed in code and has no column, .* annotate\(\)\..* generated column/,
      )
    }
    for (const attempt of [...attempts('repeated'), () => person.query().select('repeated')]) {
      const error = await refusal(attempt)
      expect(error, String(attempt)).toBeInstanceOf(UsageError)
      expect(error.message).toMatch(/^"Person.repeated" is virtual: it has no column/)
    }
    expect(person.hasField('fullName')).toBe(false)
    const client = await refusal(() => person.query().filter([['fullName', '=', 'x']]))
    expect(client.name).toBe('ValidationError')
  })

  it('take values and pass them to hooks, without a column, if they are virtual', async () => {
    const { events, result } = await recordQueries(async () => {
      const created = await Person.create({ ...ada, repeated: 'x', token: 't' })
      await created.update({ repeated: 'z' })
      return created
    })
    const saved = result as Person
    expect(events.filter(({ sql }) => /repeated|token/.test(sql))).toEqual([])
    expect([saved.repeated, saved.token, saved.last]).toEqual(['z', 't', 'Lovelace+t'])
    expect(Object.keys(saved)).toContain('repeated')
    expect(Object.keys(saved)).not.toContain('token')
    expect(saved.toJSON()).toHaveProperty('repeated', 'z')
    expect(saved.toJSON()).not.toHaveProperty('token')
    expect(saved.clone()).toMatchObject({ repeated: 'z', token: 't' })
    await expect(Person.create({ ...ada, repeated: 'wrong' })).rejects.toThrow('repeated is not the same')
    const loaded = await Person.findOrFail(saved.id)
    expect([loaded.repeated, loaded.token, Object.keys(loaded).includes('repeated')]).toEqual([
      undefined,
      undefined,
      false,
    ])
    expect(loaded.toJSON()).not.toHaveProperty('repeated')
    loaded.fill({ repeated: 'w' })
    expect(loaded.repeated).toBe('w')
    const made = Person.make({ ...ada, repeated: 'v' })
    expect(made.repeated).toBe('v')
    const nested = await Person.createWithRelations({ ...ada, repeated: 'u', pets: [{ name: 'Dog' }] })
    expect(nested.repeated).toBe('u')
    expect(await Person.insertMany([{ ...ada, repeated: 'v' }])).toBe(1)
    const [many] = await Person.createMany([{ ...ada, repeated: 'n' }])
    expect(many.repeated).toBe('n')
  })

  it('are in the schemas for data if they are virtual', () => {
    const { insert, update, select } = Person.schema
    expect(insert.parse({ ...ada, repeated: 'x' })).toEqual({ ...ada, repeated: 'x' })
    expect(update.parse({ token: 't' })).toEqual({ token: 't' })
    expect(insert.safeParse({ ...ada, fullName: 'x' }).success).toBe(false)
    expect(Object.keys((select as Loose).zod.shape)).toEqual(['id', 'first', 'last', 'body', 'price'])
  })

  it('are inherited', async () => {
    class Author extends Person.extend({ title: Field.computed((one: { last: string }) => `Dr ${one.last}`) }) {}
    const author = new Author(ada)
    expect([author.fullName, author.title]).toEqual(['Ada Lovelace', 'Dr Lovelace'])
    class Other extends Person.extend(
      { fullName: Field.string(), secret: Field.string() },
      { table: 'computed_others' },
    ) {}
    const other = new Other({ ...ada, fullName: 'stored', secret: 'shown' })
    expect([other.fullName, other.greeting, other.secret]).toEqual(['stored', 'Dear stored', 'shown'])
    expect(Object.keys(other)).toEqual(expect.arrayContaining(['fullName', 'secret']))
  })

  it('can not be defined with mistakes', () => {
    const use = (fields: Loose, members: (model: Loose) => void = () => undefined) => {
      class Wrong extends looseModel({ name: Field.string(), ...fields }) {}
      members(Wrong)
      return new (Wrong as Loose)({ name: 'a' })
    }
    const computed = looseField.computed as Loose
    const fn = () => 1
    expect(() => computed()).toThrow(DefinitionError)
    expect(() => computed('name')).toThrow('Field.computed() needs a function of an instance')
    expect(() => computed(fn, { dependOn: [] })).toThrow('Field.computed() has no option "dependOn". Did you mean')
    expect(() => looseField.virtual?.({ default: 1 })).toThrow('Field.virtual() has no option "default"')
    expect(() => use({ a: computed(fn, { dependsOn: ['nam'] }) })).toThrow(
      '"Wrong.a" depends on "nam", which is not a field. Did you mean "name"?',
    )
    expect(() => use({ a: computed(fn, { dependsOn: ['b'] }), b: computed(fn, { dependsOn: ['name', 'a'] }) })).toThrow(
      '"Wrong.a" depends on itself: a → b → a.',
    )
    expect(() =>
      use({ a: computed(fn) }, (model) =>
        Object.defineProperty(model.prototype, 'a', { get: () => 2, configurable: true }),
      ),
    ).toThrow('"Wrong.a" is both an attribute of Model() and a member of the class. Remove one of them.')
    class Shadowed extends looseModel({ note: looseField.virtual?.() }) {
      note = ''
    }
    expect(() => new Shadowed()).toThrow('"Shadowed" redeclares its field "note" as a class field')
    expect(() => use({ save: computed(fn) })).toThrow('A field can\'t be called "save"')
    class Related extends looseModel({ pets: computed(fn) }) {
      static pets = Relation.hasMany(() => Pet)
    }
    expect(() => new Related()).toThrow('"Related.pets" is both a field and a relation.')
    class Static extends looseModel({ name: Field.string() }) {
      static extra = computed(fn)
    }
    expect(() => new Static()).toThrow('"Static.extra" is a field outside Model().')
    expect(() => person.query().annotate({ fullName: (c: Loose) => c.first })).toThrow('has that name already')
    expect(() => person.where('fullNam', 'x')).toThrow(UnknownFieldError)
  })
})
