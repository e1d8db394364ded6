import { Field, type Insertable, Model, Relation } from 'corm'
import { is } from './support/expect.js'

class Task extends Model({
  title: Field.string(),
  hours: Field.integer({ nullable: true }),
  state: Field.enum(['open', 'done'], { default: 'open' }),
  owner: Field.string({ guarded: true, default: '' }),
}) {}
class Note extends Model({ text: Field.string({ nullable: true }) }) {
  static tasks = Relation.hasMany(() => Task)
}

// written data is checked as a whole
export async function updates(task: Task, note: Note) {
  const query = Task.query()
  await query.update({ hours: 3, title: Task.columns.title.upper() })
  await query.update((c) => ({ hours: c.hours.plus(1), state: 'done' }))
  await query.update((c) => (task.hours === null ? { hours: 1 } : { title: c.title.lower() }))
  await query.update((c) => ({ owner: c.title }), { guarded: true })
  await query.updateReturning((c) => ({ title: c.title.lower() }))
  // @ts-expect-error: a text for a number
  await query.update((c) => ({ hours: c.title }))
  // @ts-expect-error: not one of the values
  await query.update(() => ({ state: 'gone' }))
  // @ts-expect-error: no such field, next to one that there is
  await query.update((c) => ({ hours: 3, titel: c.title }))
  // @ts-expect-error: no such field
  await query.updateReturning((c) => ({ hours: 3, titel: c.title }))
  // @ts-expect-error: no such field
  query.toSQLUpdate((c) => ({ hours: 3, titel: c.title }))
  // @ts-expect-error: guarded
  await query.update((c) => ({ owner: c.title }))
  // @ts-expect-error: a promise of data
  await query.update(async () => ({ hours: 3 }))
  // @ts-expect-error: a number
  await query.update(5)
  // @ts-expect-error: a text
  await query.update('title')
  // @ts-expect-error: a list
  await query.update([{ hours: 3 }])
  // @ts-expect-error: a number
  task.fill(5)
  // @ts-expect-error: a promise
  await task.update(Promise.resolve({ hours: 3 }))
  // @ts-expect-error: a function
  await note.update(() => ({ text: 'x' }))
  // @ts-expect-error: a text
  await Note.create('x')
  // @ts-expect-error: a number
  await Note.createMany([5])
  // @ts-expect-error: a function
  new Note(() => ({ text: 'x' }))
}

// what one write takes, another takes
export async function data(rows: Insertable<typeof Task>[]) {
  is<number>()(await Task.insertMany(rows))
  await Task.createMany(rows)
  await Task.createMany(rows, { guarded: true })
}

// options are read one by one
Field.string({ nullable: true, max: 3, validate: (text) => text.length > 1 })
// @ts-expect-error: no such option, next to one that there is
Field.string({ nullable: true, uniqe: true })
// @ts-expect-error: no such option
Field.integer({ default: 3, minimum: 3 })
// @ts-expect-error: no such option
Field.foreignKey(() => Task, { nullable: true, ondelete: 'cascade' })
// @ts-expect-error: no such option
Field.enum(['a', 'b'], { default: 'a', hiden: true })
// @ts-expect-error: no such option
Field.char(3, { nullable: true, uniq: true })

// what is not known until it runs is not taken for false
const options = { nullable: true }
const maybe = { guarded: true }
const kind = { as: 'number' as 'number' | 'string' }
class Later extends Model({
  text: Field.string(options),
  count: Field.integer({ ...(options.nullable ? { nullable: true } : {}) }),
  locked: Field.string(maybe),
  total: Field.decimal(kind),
  plain: Field.string({ ...{ max: 3 } }),
  state: Field.integer({ ...(options.nullable ? { default: 1 } : {}) }),
}) {}
export async function later(row: Later) {
  // a default that may be there counts as given, or the code that relies on it could not be written
  await Later.create({ text: 'x', count: 1, locked: 'x', total: 1, plain: 'x' }, { guarded: true })
  await Later.create({ text: 'x', count: 1, total: 1, plain: 'x', state: 2, locked: 'x' }, { guarded: true })
  // @ts-expect-error: of its own type all the same
  await Later.create({ text: 'x', count: 1, total: 1, plain: 'x', state: 'y', locked: 'x' }, { guarded: true })
  is<string | null>()(row.text)
  is<number | null>()(row.count)
  is<number | string>()(row.total)
  is<string>()(row.plain)
  // @ts-expect-error: it may be guarded
  await row.update({ locked: 'x' })
  await row.update({ locked: 'x' }, { guarded: true })
}
