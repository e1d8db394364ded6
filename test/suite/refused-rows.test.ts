import { Field, Model, ValidationError } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Guest extends Model({ email: Field.email({ unique: true }), name: Field.string({ min: 2, max: 20 }) }) {}

class Hooked extends Model({ name: Field.string({ min: 2 }) }, { table: 'hooked_guests' }) {
  override beforeSave() {
    if (this.name === 'nobody') throw new ValidationError('Hooked', [])
  }
}

const refused = async (work: Promise<unknown>): Promise<ValidationError> => {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ValidationError)
  return error as ValidationError
}

const guest = (name: string, i = 0) => ({ name, email: `${i}${name}@example.org` })
const LIST = [guest('Jane'), guest('Mary'), guest('X'), guest('')]
const WHERE = /^"Guest" is not valid: name .*\. It is row 2 of the list, counted from 0\.$/

describeDatabases('a list with a row that is refused', (database) => {
  database.useTables([Guest, Hooked])
  beforeEach(async () => {
    await Guest.query().all().delete()
  })

  it.each([
    ['createMany', () => Guest.createMany(LIST)],
    ['createMany of instances', () => Guest.createMany(LIST.map((data) => new Guest(data)))],
    ['insertMany', () => Guest.insertMany(LIST)],
    ['insertMany of instances', () => Guest.insertMany(LIST.map((data) => new Guest(data)))],
    ['upsertMany', () => Guest.upsertMany(LIST, { conflict: 'email' })],
    ['saveMany', () => Guest.saveMany(LIST.map((data) => new Guest(data)))],
  ])('says which row it is: %s', async (_, write) => {
    const error = await refused(write())
    expect(error).toMatchObject({ index: 2, issues: [{ path: 'name', code: 'length' }] })
    expect(error.message).toMatch(WHERE)
    expect(await Guest.query().count()).toBe(0)
  })

  it.each(['saveMany', 'updateMany'] as const)(
    'says which saved instance it is, in the list as given: %s',
    async (call) => {
      const [jane, mary, anne] = await Guest.createMany([guest('Jane'), guest('Mary'), guest('Anne')])
      for (const each of [jane, mary, anne]) each.name = 'Changed'
      anne.name = 'X'
      const list = [jane, mary, mary, anne]
      const error = await refused(call === 'saveMany' ? Guest.saveMany(list) : Guest.updateMany(list, ['name']))
      expect(error.index).toBe(3)
      expect(await Guest.query().orderBy('id').pluck('name')).toEqual(['Jane', 'Mary', 'Anne'])
    },
  )

  it('says it where hooks run, and names no row of a write of one', async () => {
    expect(await refused(Hooked.createMany([{ name: 'Jane' }, { name: 'X' }]))).toMatchObject({ index: 1 })
    const error = await refused(Hooked.create({ name: 'X' }))
    expect(error.index).toBe(null)
    expect(error.message).not.toContain('of the list')
    expect((await refused(Guest.create(guest('X')))).index).toBe(null)
  })
})
