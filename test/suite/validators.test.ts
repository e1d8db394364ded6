import { DatabaseError, Field, Model, Relation, sql, ValidationError } from 'corm'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { describeDatabases } from '../support/databases.js'

const later = <T>(value: T) => new Promise<T>((resolve) => setTimeout(resolve, 1, value))

class Coupon extends Model({
  code: Field.string({ validate: async (code) => (await later(code.startsWith('C'))) || 'must begin with C' }),
  uses: Field.integer({ default: 0, validate: async (uses) => later(uses < 10) }),
  note: Field.string({
    default: '',
    validate: async (note) => {
      if (await later(note === 'bad')) throw new Error('is a bad note')
    },
  }),
}) {}

const asked: { verdict: () => unknown } = { verdict: () => true }
const verdict = () => asked.verdict() as Promise<boolean>
class Voucher extends Model({
  code: Field.string({ validate: verdict }),
  note: Field.string({ nullable: true, lazy: true, validate: verdict }),
  uses: Field.integer({ default: 0 }),
}) {}

const issues = (promise: PromiseLike<unknown>) =>
  promise.then(
    () => [],
    (error: unknown) => {
      expect(error).toBeInstanceOf(ValidationError)
      return (error as ValidationError).issues.map(({ path, message }) => `${path} ${message}`).sort()
    },
  )

describeDatabases('asynchronous checks of fields', (database) => {
  database.useTables([Coupon, Voucher])

  it('are awaited before a row is written, and report all problems together', async () => {
    const good = await Coupon.create({ code: 'C1', uses: 3, note: 'ok' })
    expect(good.isPersisted).toBe(true)
    const wrong = ['code must begin with C', 'note is a bad note', 'uses is not valid']
    expect(await issues(Coupon.create({ code: 'D1', uses: 10, note: 'bad' }))).toEqual(wrong)
    expect(await issues(Coupon.createMany([{ code: 'C2' }, { code: 'D2' }]))).toHaveLength(1)
    expect(await issues(new Coupon({ code: 'D1', uses: 10, note: 'bad' }).save())).toEqual(wrong)
    expect(await Coupon.count()).toBe(1)
  })

  it('are awaited on updates, for the fields that changed', async () => {
    const coupon = await Coupon.create({ code: 'C1' })
    expect(await issues(coupon.update({ uses: 11 }))).toEqual(['uses is not valid'])
    expect((await Coupon.findOrFail(coupon.id)).uses).toBe(0)
    await coupon.fill({ uses: 9 }).save()
    expect((await Coupon.findOrFail(coupon.id)).uses).toBe(9)
    const other = await Coupon.create({ code: 'C2' })
    coupon.uses = 12
    other.note = 'bad'
    expect(await issues(Coupon.saveMany([coupon, other]))).toEqual(
      expect.arrayContaining([expect.stringMatching(/is not valid|bad note/)]),
    )
    expect((await Coupon.findOrFail(other.id)).note).toBe('')
  })

  it('are not asked about fields that were not loaded', async () => {
    asked.verdict = () => true
    const { id } = await Voucher.create({ code: 'V', note: 'n' })
    asked.verdict = () => 'is taken'
    const voucher = await Voucher.findOrFail(id)
    await voucher.update({ uses: 1 })
    expect(await issues(voucher.update({ note: 'm' }))).toEqual(['note is taken'])
    const partial = await Voucher.query().select('id', 'uses').sole()
    partial.uses = 2
    await partial.save()
    expect(await Voucher.query().pluck('uses')).toEqual([2])
  })

  it('refuse what they refuse by any promise or error, and pass failed queries on', async () => {
    const refusals: [unknown, string][] = [
      [Promise.reject(null), 'null'],
      [Promise.reject('is odd'), 'is odd'],
      // biome-ignore lint/suspicious/noThenProperty: a promise of another library
      [{ then: (done: (value: string) => void) => done('is taken') }, 'is taken'],
    ]
    for (const [given, message] of refusals) {
      asked.verdict = () => given
      expect(await issues(Voucher.create({ code: 'V' }))).toEqual([`code ${message}`])
      const { error } = await Voucher.schema.insert.safeParseAsync({ code: 'V' })
      expect(error?.issues.map((issue) => issue.message)).toEqual([message])
    }
    asked.verdict = () => database.db.execute(sql`select * from no_such_table`)
    await expect(Voucher.create({ code: 'V' })).rejects.toThrow(DatabaseError)
    await expect(Voucher.schema.insert.parseAsync({ code: 'V' })).rejects.toThrow(DatabaseError)
    expect(await Voucher.count()).toBe(0)
  })

  it('are awaited by firstOrCreate and updateOrCreate', async () => {
    expect(await issues(Coupon.firstOrCreate({ code: 'X' }))).toEqual(['code must begin with C'])
    const [coupon] = await Coupon.firstOrCreate({ code: 'C1' })
    expect(await issues(Coupon.updateOrCreate({ code: 'C1' }, { uses: 10 }))).toEqual(['uses is not valid'])
    expect((await Coupon.findOrFail(coupon.id)).uses).toBe(0)
  })
})

class Ticket extends Model({
  seats: Field.integer({ default: 1, validate: (seats) => seats <= 5 || 'must be 5 at most' }),
  email: Field.string({ nullable: true, validate: z.email() }),
  extras: Field.json({ nullable: true, schema: z.object({ meal: z.object({ kind: z.enum(['fish', 'rice']) }) }) }),
  notes: Field.json({ nullable: true, schema: z.object({ text: z.string() }), validate: async () => fail() }),
  row: Field.string({
    nullable: true,
    validate: (row) => {
      if (row === 'Z') throw new Error('there is no such row')
    },
  }),
  code: Field.string({ nullable: true, validate: async () => fail() }),
  late: Field.string({ nullable: true, validate: () => later(false) }),
  failing: Field.string({ nullable: true, validate: () => Promise.reject(new Error('is refused later')) }),
}) {}

const fail = () => {
  throw new Error('was called')
}

describe('checks of fields in schemas', () => {
  const wrong = { seats: 6, email: 'nobody', extras: { meal: { kind: 'stone' } }, row: 'Z' }

  it.each(['insert', 'update'] as const)('run in schema.%s, and report all problems together', (kind) => {
    const result = Ticket.schema[kind].safeParse(wrong)
    expect(result.error?.issues.map(({ path, code }) => `${path}: ${code}`)).toEqual([
      'seats: custom',
      'email: custom',
      'extras.meal.kind: custom',
      'row: custom',
    ])
    expect(result.error?.issues[0]?.message).toBe('must be 5 at most')
    expect(result.error?.issues[3]?.message).toBe('there is no such row')
  })

  it('run in pick, and not on null, missing or wrong values', () => {
    expect(Ticket.schema.insert.pick('seats').safeParse({ seats: 6 }).success).toBe(false)
    expect(Ticket.schema.insert.safeParse({ email: null, row: null })).toEqual({
      success: true,
      data: { email: null, row: null },
    })
    expect(Ticket.schema.insert.safeParse({ seats: 'x' }).error?.issues).toEqual([
      { path: 'seats', code: 'type', message: expect.any(String) },
    ])
  })

  it('are left to the write where they are asynchronous', async () => {
    const data = { code: 'A', late: 'A', failing: 'A' }
    expect(Ticket.schema.insert.safeParse(data)).toEqual({ success: true, data })
    await later(undefined)
    const wrong = Ticket.schema.insert.safeParse({ notes: { text: 3 } } as never)
    expect(wrong.error?.issues.map(({ path }) => path)).toEqual(['notes.text'])
  })
})

class Student extends Model({ name: Field.string() }) {
  static courses = Relation.manyToMany(() => Course, { through: () => Enrollment })
}

class Course extends Model({ title: Field.string() }) {}

class Enrollment extends Model(
  {
    studentId: Field.foreignKey(() => Student, { onDelete: 'cascade' }),
    courseId: Field.foreignKey(() => Course, { onDelete: 'cascade' }),
    progress: Field.integer({ default: 0, validate: (progress) => progress <= 100 || 'must be 100 at most' }),
    note: Field.string({ nullable: true, validate: async (note) => (await later(note !== 'bad')) || 'is bad' }),
  },
  { uniques: [['studentId', 'courseId']] },
) {}

describeDatabases('checks of the fields of a join table', (database) => {
  database.useTables([Student, Course, Enrollment])

  it('hold for new links and for changes of links', async () => {
    const courses = (await Student.create({ name: 'Ann' })).related('courses')
    const [one, two] = await Course.createMany([{ title: 'One' }, { title: 'Two' }])
    const wrong = ['progress must be 100 at most']
    expect(await issues(courses.attach(one!, { progress: 101 }))).toEqual(wrong)
    await courses.attach(one!, { progress: 10 })
    expect(await issues(courses.attach(one!, { progress: 101 }))).toEqual(wrong)
    expect(await issues(courses.updatePivot(one!, { progress: 101, note: 'bad' }))).toEqual(['note is bad', ...wrong])
    expect(await issues(courses.sync([two!, [one!, { progress: 101 }]]))).toEqual(wrong)
    expect(await courses.orderBy('id').pluck('pivot.progress')).toEqual([10])
    expect(await courses.updatePivot(one!, { progress: 100, note: null })).toBe(1)
    expect(await courses.sync([two!, [one!, { progress: 99 }]])).toEqual({ attached: 1, detached: 0, updated: 1 })
  })
})
