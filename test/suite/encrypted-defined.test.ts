import { randomBytes } from 'node:crypto'
import { Database, DefinitionError, Field, Model, Relation, UsageError } from 'corm'
import { afterEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseField, looseModel } from '../support/loose.js'

const key = randomBytes(32)
const loose = Database as unknown as { configure(options: object): void }
afterEach(() => loose.configure({ encryption: undefined }))

function refused(of: unknown, options?: unknown): string {
  let error: unknown
  try {
    class One extends looseModel({ it: looseField.encrypted?.(of, options) }) {}
    One.hasField('it')
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(DefinitionError)
  return (error as Error).message
}

it('encrypted fields refuse what they can not be', () => {
  expect(refused(undefined)).toMatch(/needs the field/)
  expect(refused(Field.translated(Field.string(), { locales: ['en'] }))).toMatch(/needs the field/)
  for (const of of [
    Field.encrypted(Field.string()),
    Field.password(),
    Field.file(),
    Field.vector(3),
    Field.id(),
    Field.version(),
    Field.softDelete(),
    Field.foreignKey(() => Object),
    Field.slug({ from: 'a' }),
    Field.morphs('a').aId,
  ])
    expect(refused(of)).toMatch(/not possible/)
  expect(refused(Field.string({ unique: true }))).toMatch(/index: 'unique'/)
  expect(refused(Field.string({ index: true }))).toMatch(/index: true/)
  expect(refused(Field.string({ primaryKey: true }))).toMatch(/primaryKey/)
  expect(refused(Field.string({ dbDefault: 'x' }))).toMatch(/dbDefault/)
  expect(refused(Field.dateTime({ autoNow: true }))).toMatch(/autoNow/)
  expect(refused(Field.uuid({ auto: true }))).toMatch(/auto/)
  expect(refused(Field.date({ storage: 'milliseconds' }))).toMatch(/form of their own/)
  expect(refused(Field.json(), { index: true })).toMatch(/no index of JSON/)
  expect(refused(Field.array(Field.string()), { index: true })).toMatch(/no index of JSON and arrays/)
  expect(refused(Field.string(), { unique: true })).toMatch(/unique/)
  expect(refused(Field.string(), { index: 'yes' })).toMatch(/index/)
  expect(() => Field.translated(Field.encrypted(Field.string()) as never, { locales: ['en'] })).toThrow(DefinitionError)
  expect(() => Field.array(Field.encrypted(Field.string()))).toThrow(/Encrypt the whole array/)
  class Named extends looseModel({ it: Field.encrypted(Field.string()) }) {}
  expect(Named.hasField('it')).toBe(true)
  expect(() => {
    class Twice extends looseModel({
      it: Field.encrypted(Field.string(), { index: true }),
      itIndex: Field.string(),
    }) {}
    return Twice
  }).toThrow(/itIndex/)
})

it('keys are checked when they are configured', () => {
  const wrong = (encryption: unknown, message: RegExp) => {
    let error: unknown
    try {
      loose.configure({ encryption })
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(Error)
    expect((error as Error).message).toMatch(message)
    expect((error as Error).message).not.toContain(key.toString('hex'))
  }
  wrong('x', /encryption/)
  wrong({}, /current, keys/)
  wrong({ current: 1, keys: { 1: 'x'.repeat(32) } }, /32 bytes/)
  wrong({ current: 1, keys: { 1: randomBytes(16) } }, /32 bytes/)
  wrong({ current: 1, keys: { 1: new Uint8Array(32) } }, /not random/)
  wrong({ current: 0, keys: { 0: key } }, /1 to 255/)
  wrong({ current: 256, keys: { 256: key } }, /1 to 255/)
  wrong({ current: 2, keys: { 1: key } }, /"current"/)
  wrong({ current: '1', keys: { 1: key } }, /"current"/)
})

class Secret extends Model({ it: Field.encrypted(Field.string(), { index: true }) }, { table: 'enc_secrets' }) {}
class Moved extends Model(
  { that: Field.encrypted(Field.string({ column: 'it' }), { index: true, context: 'enc_secrets.it' }) },
  { table: 'enc_moved' },
) {}

describeDatabases('keys', (database) => {
  database.useTables([Secret, Moved])

  it('come from a function, at each use', async () => {
    let keys = { current: 1, keys: { 1: key } as Record<number, Uint8Array> }
    let calls = 0
    Database.configure({
      encryption: () => {
        calls++
        return keys
      },
    })
    const { id } = await Secret.create({ it: 'x' })
    keys = { current: 2, keys: { 1: key, 2: randomBytes(32) } }
    await Secret.create({ it: 'x' })
    expect(await Secret.where('it', 'x').count()).toBe(2)
    expect(await Secret.reencrypt()).toBe(1)
    expect((await Secret.findOrFail(id)).it).toBe('x')
    expect(calls).toBeGreaterThan(3)
    loose.configure({ encryption: async () => keys })
    await expect(Secret.create({ it: 'y' })).rejects.toThrow(UsageError)
    expect(() => Secret.where('it', 'y')).toThrow(/at once/)
  })

  it('checks and conditions of indexes compare no encrypted field with a value', () => {
    Database.configure({ encryption: { current: 1, keys: { 1: key } } })
    const fields = { name: Field.string(), it: Field.encrypted(Field.string({ nullable: true }), { index: true }) }
    const toSQL = (model: never) => String(database.db.toSQLCreateTables([model]))
    class Compared extends Model(fields, { table: 'enc_compared', checks: { known: (c) => c.it.ne('x') } }) {}
    class Listed extends Model(fields, { table: 'enc_listed', checks: { known: (c) => c.it.in(['x', 'y']) } }) {}
    class Partial extends Model(fields, {
      table: 'enc_partial',
      indexes: [{ fields: ['name'], where: (c) => c.it.eq('x') }],
    }) {}
    class Tested extends Model(fields, { table: 'enc_tested', checks: { known: (c) => c.it.isNotNull() } }) {}
    for (const model of [Compared, Listed, Partial])
      expect(() => toSQL(model as never)).toThrow(
        /of "\w+" compares an encrypted field with a value, which the database can't do/,
      )
    expect(toSQL(Tested as never)).toMatch(/it. is not null/i)
  })

  it('are no keys of relations', () => {
    const fields = { code: Field.encrypted(Field.string(), { index: true }) }
    class Pass extends Model(fields, { table: 'enc_passes' }) {}
    class Holder extends Model(fields, { table: 'enc_holders' }) {
      static passes = Relation.hasMany(() => Pass, { foreignKey: 'code', localKey: 'code' })
    }
    expect(() => Holder.query().with('passes')).toThrow(DefinitionError)
    expect(() => Holder.query().with('passes')).toThrow(/whose values the database can't compare/)
  })

  it('are bound to a place, which a moved table can keep', async () => {
    Database.configure({ encryption: { current: 1, keys: { 1: key } } })
    const { id } = await Secret.create({ it: 'x' })
    const { sql } = await import('corm')
    await database.db.execute(sql`insert into enc_moved (id, it, it_index) select id, it, it_index from enc_secrets`)
    expect((await Moved.findOrFail(id)).that).toBe('x')
    expect(await Moved.where('that', 'x').count()).toBe(1)
    await expect(Secret.reencrypt({ batch: 1 })).resolves.toBe(0)
    expect(() => (Moved as never as { where(...a: unknown[]): unknown }).where('thatIndex', 'x')).toThrow(/encrypted/)
    expect(
      await Moved.query()
        .selectAll()
        .pluck('thatIndex' as never),
    ).toEqual([null])
  })
})
