import { type Entity, Field, Model, type Updatable } from 'corm'
import { is } from './support/expect.js'

class Person extends Model({
  first: Field.string(),
  last: Field.string({ nullable: true }),
  fullName: Field.computed((person: { first: string; last: string | null }) => `${person.first} ${person.last}`, {
    dependsOn: ['first', 'last'],
  }),
  size: Field.computed((person: { fullName: string }) => person.fullName.length, { dependsOn: ['fullName'] }),
  now: Field.computed(() => new Date(), { hidden: true, description: 'the time' }),
  repeated: Field.virtual<string>(),
  tags: Field.virtual<string[]>({ hidden: true }),
}) {
  get short() {
    return this.fullName.slice(0, this.size)
  }
}

export async function attributes() {
  const person = await Person.create({ first: 'Ada', repeated: 'x', tags: ['a'] })
  is<string>()(person.fullName)
  is<number>()(person.size)
  is<Date>()(person.now)
  is<string | undefined>()(person.repeated)
  is<string[] | undefined>()(person.tags)
  person.repeated = undefined
  person.first = 'x'
  // @ts-expect-error: it is computed
  person.fullName = 'x'
  await person.update({ repeated: 'y' })
  // @ts-expect-error: not its type
  await person.update({ repeated: 1 })
  // @ts-expect-error: it is computed
  await person.update({ fullName: 'x' })
  // @ts-expect-error: it is computed
  await Person.create({ first: 'x', fullName: 'x' })
  // @ts-expect-error: guarded data neither
  await Person.create({ first: 'x', fullName: 'x' }, { guarded: true })
  // @ts-expect-error: not its type
  await Person.create({ first: 'x', tags: 'a' })
  person.isDirty('fullName')
  is<string>()(await person.loadField('fullName'))
  const given: Updatable<typeof Person> = { first: 'x' }
  // @ts-expect-error: no column to write
  given.repeated = 'x'
  is<{ id: number; first: string; last: string | null }>()(Person.schema.select.parse({}))
}

export async function queries() {
  const [chosen] = await Person.query().select('fullName')
  is<string | undefined>()(chosen?.fullName)
  // @ts-expect-error: not selected
  void chosen?.size
  // @ts-expect-error: a virtual attribute is not loaded
  Person.query().select('repeated')
  // @ts-expect-error: no such attribute
  Person.query().select('fullNam')
  // @ts-expect-error: not a column
  Person.where('fullName', 'x')
  // @ts-expect-error: not a column
  Person.where({ fullName: 'x' })
  // @ts-expect-error: not a column
  Person.where((c) => c.fullName.eq('x'))
  // @ts-expect-error: not a column
  Person.query().orderBy('fullName')
  // @ts-expect-error: not a column
  Person.query().orderBy('-repeated')
  // @ts-expect-error: not a column
  Person.query().groupBy('fullName')
  // @ts-expect-error: not a column
  Person.query().omit('fullName')
  // @ts-expect-error: not a column
  await Person.query().pluck('fullName')
  // @ts-expect-error: not a column
  await Person.query().values('repeated')
  // @ts-expect-error: not a column
  await Person.where('id', 1).update({ repeated: 'x' })
  // @ts-expect-error: not a column
  await Person.query().sum('size')
  const shown = (person: Entity<typeof Person>) => is<string>()(person.fullName)
  shown(await Person.findOrFail(1))
}

export function definitions() {
  // @ts-expect-error: dependsOn names what the function reads
  Field.computed((person: { first: string }) => person.first, { dependsOn: ['last'] })
  // @ts-expect-error: a model without this field
  Model({ first: Field.string(), loud: Field.computed((person: { last: string }) => person.last) })
  // @ts-expect-error: the field has another type
  Model({ first: Field.integer(), loud: Field.computed((person: { first: string }) => person.first) })
  // @ts-expect-error: a model without this field
  Person.extend({ loud: Field.computed((person: { middle: string }) => person.middle) })
  Person.extend({ loud: Field.computed((person: { first: string; fullName: string }) => person.first) })
  // @ts-expect-error: it has no column to index
  Model({ first: Field.string(), loud: Field.computed(() => 1) }, { indexes: ['loud'] })
  // @ts-expect-error: no default
  Field.virtual<string>({ default: 'x' })
}
