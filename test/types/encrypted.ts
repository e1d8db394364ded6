import { Database, Field, Model } from 'corm'
import { is } from './support/expect.js'

export class Person extends Model({
  name: Field.string(),
  phone: Field.encrypted(Field.string({ nullable: true }), { index: true }),
  ssn: Field.encrypted(Field.string(), { index: 'unique', context: 'people.ssn' }),
  notes: Field.encrypted(Field.text({ nullable: true }), { hidden: false }),
  data: Field.encrypted(Field.json<{ a?: number }>({ default: {} })),
  list: Field.encrypted(Field.array(Field.integer(), { default: [] })),
  level: Field.encrypted(Field.integer({ guarded: true, default: 1 })),
}) {}

export async function encrypted() {
  const person = await Person.create({ name: 'a', ssn: '1' })
  is<string | null>()(person.phone)
  is<string>()(person.ssn)
  is<{ a?: number }>()(person.data)
  is<number[]>()(person.list)
  person.notes = null
  await Person.where({ phone: '1', ssn: '2' }).update({ notes: 'x', phone: null })
  Person.where('ssn', '1')
    .where('notes', null)
    .where((c) => c.phone.eq('1'))
  const count: number = await Person.reencrypt({ batch: 10 })
  Database.configure({ encryption: { current: 1, keys: { 1: new Uint8Array(32) } } })
  Database.configure({ encryption: () => ({ current: 1, keys: {} }) })
  // @ts-expect-error: required
  await Person.create({ name: 'a' })
  // @ts-expect-error: guarded
  await Person.create({ name: 'a', ssn: '1', level: 2 })
  // @ts-expect-error: not null
  person.ssn = null
  // @ts-expect-error: without an index it is not compared
  Person.where('notes', 'x')
  // @ts-expect-error: without an index it is not compared
  Person.where({ level: 1 })
  // @ts-expect-error: a text
  Person.where('ssn', 5)
  // @ts-expect-error: no such option
  Field.encrypted(Field.string(), { unique: true })
  // @ts-expect-error: a field first
  Field.encrypted({ index: true })
  // @ts-expect-error: keys may not be loaded later
  Database.configure({ encryption: async () => ({ current: 1, keys: {} }) })
  return count
}
