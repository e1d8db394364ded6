import { inspect } from 'node:util'
import {
  CheckViolationError,
  ConfigurationError,
  ConnectionError,
  ConstraintError,
  CormError,
  Database,
  DatabaseError,
  Field,
  ForeignKeyViolationError,
  Model,
  NotNullViolationError,
  sql,
  UniqueViolationError,
} from 'corm'
import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

const SECRET = 'secret-9c41'

class Parent extends Model(
  {
    name: Field.string({ unique: true }),
    code: Field.string({ nullable: true }),
    place: Field.string({ nullable: true, column: 'the_place' }),
    kind: Field.enum(['a', 'b'], { nullable: true }),
    price: Field.integer({ default: 1 }),
    body: Field.text({ default: '' }),
  },
  { uniques: [['code', 'place']], checks: { positive: (c) => c.price.gt(0) } },
) {}

class Child extends Model({ parentId: Field.foreignKey(() => Parent), note: Field.string({ default: '' }) }) {}

/** Everything a person or a log may see of an error. */
function everythingShown(error: unknown): string {
  const shown: string[] = []
  for (let at = error; at instanceof Error; at = at.cause)
    shown.push(
      at.message,
      String(at.stack),
      JSON.stringify(at),
      inspect(at, { depth: 9, showHidden: false }),
      String(at),
    )
  shown.push(inspect({ error }, { depth: 9 }), JSON.stringify({ error }))
  return shown.join('\n')
}

async function thrown(work: () => unknown): Promise<DatabaseError> {
  try {
    await work()
  } catch (error) {
    return error as DatabaseError
  }
  throw new Error('Nothing was thrown.')
}

describeDatabases('a refused statement', (database) => {
  it('say what to do about a table that is not there', async () => {
    class Absent extends Model({ name: Field.string() }, { table: 'absent_rows' }) {}
    await expect(Absent.count()).rejects.toThrow(
      /absent_rows.*create it: run "corm migrate up", or db\.createTables\(\)\.$/,
    )
  })

  database.useTables([Parent, Child])

  const violations: readonly (readonly [
    title: string,
    type: typeof ConstraintError,
    code: string,
    fields: readonly string[],
    constraint: RegExp | undefined,
    work: () => Promise<unknown>,
  ])[] = [
    [
      'unique field',
      UniqueViolationError,
      'UNIQUE_VIOLATION',
      ['name'],
      /parents_name_unique/,
      async () => {
        await Parent.create({ name: SECRET })
        await Parent.create({ name: SECRET })
      },
    ],
    [
      'unique fields',
      UniqueViolationError,
      'UNIQUE_VIOLATION',
      ['code', 'place'],
      /parents_code_the_place_unique/,
      () =>
        Parent.createMany([
          { name: '1', code: SECRET, place: SECRET },
          { name: '2', code: SECRET, place: SECRET },
        ]),
    ],
    [
      'unique field in an update',
      UniqueViolationError,
      'UNIQUE_VIOLATION',
      ['name'],
      /parents_name_unique/,
      async () => {
        await Parent.createMany([{ name: SECRET }, { name: 'b' }])
        await Parent.where('name', 'b').update({ name: SECRET, body: SECRET })
      },
    ],
    [
      'foreign key without a row',
      ForeignKeyViolationError,
      'FOREIGN_KEY_VIOLATION',
      ['parentId'],
      /children_parent_id_fkey/,
      () => Child.create({ parentId: 987_654_321, note: SECRET }),
    ],
    [
      'foreign key that still points',
      ForeignKeyViolationError,
      'FOREIGN_KEY_VIOLATION',
      [],
      /children_parent_id_fkey/,
      async () => {
        const { id } = await Parent.create({ name: SECRET })
        await Child.create({ parentId: id, note: SECRET })
        await Parent.where('id', id).delete()
      },
    ],
    [
      'check of the model',
      CheckViolationError,
      'CHECK_VIOLATION',
      [],
      /parents_positive_check/,
      () => Parent.create({ name: SECRET, price: -987_654_321 }),
    ],
    [
      'NULL where none may be',
      NotNullViolationError,
      'NOT_NULL_VIOLATION',
      ['body'],
      undefined,
      async () => {
        await Parent.create({ name: SECRET })
        await Parent.where('name', SECRET).update({ body: sql`null` })
      },
    ],
    [
      'choice of an enum',
      CheckViolationError,
      'CHECK_VIOLATION',
      ['kind'],
      /parents_kind_check/,
      async () => {
        await Parent.create({ name: SECRET })
        await Parent.where('name', SECRET).update({ kind: sql`'c'` })
      },
    ],
  ]

  it.each(violations)('tells a violated %s by its type and fields', async (_, type, code, fields, constraint, work) => {
    const error = await thrown(work)
    expect(error).toBeInstanceOf(type)
    expect(error).toBeInstanceOf(ConstraintError)
    expect(error).toBeInstanceOf(CormError)
    expect(error).toMatchObject({ code, name: type.name })
    const isForeign = type === ForeignKeyViolationError
    // SQLite does not say which foreign key it was
    const told = !isForeign || database.facts.namesForeignKeys
    if (told) expect(error.fields).toEqual(fields)
    else expect([error.fields, error.constraint]).toEqual([[], undefined])
    // nor the name of a unique index
    if (constraint !== undefined && told && error.constraint !== undefined) expect(error.constraint).toMatch(constraint)
    expect(error.cause).toBeDefined()
  })

  it.each(violations)('never shows values: %s', async (_title, _type, _code, _fields, _constraint, work) => {
    const error = await thrown(work)
    const shown = everythingShown(error)
    expect(shown).not.toContain(SECRET)
    expect(shown).not.toContain('987654321')
    expect(Object.keys(error)).not.toContain('sql')
    expect(Object.keys(error)).not.toContain('parameters')
    expect(error.sql).toMatch(/^(insert|update|delete) /)
    expect(Array.isArray(error.parameters)).toBe(true)
  })

  it('has its parameters to read, but not to print', async () => {
    const { id } = await Parent.create({ name: 'a' })
    const error = await thrown(() => Parent.where('id', id).update({ name: SECRET, body: sql`null` }))
    expect(error.parameters).toContain(SECRET)
    expect(Object.getOwnPropertyDescriptor(error, 'parameters')?.enumerable).toBe(false)
    expect(Object.getOwnPropertyDescriptor(error, 'sql')?.enumerable).toBe(false)
    expect(everythingShown(error)).not.toContain(SECRET)
  })

  it('is a plain DatabaseError where the SQL is wrong, without the values', async () => {
    const statements = [
      () => database.db.select(sql`select ${SECRET} from not_there`),
      () => database.db.execute(sql`selekt ${SECRET}`),
      () => Parent.raw(sql`select nope from parents where name = ${SECRET}`),
      () => Parent.query().whereRaw(sql`nope(${SECRET}) = 1`).get(),
      () => Parent.query().whereRaw(sql`not_a_column = ${SECRET}`).count(),
    ]
    for (const statement of statements) {
      const error = await thrown(statement)
      expect(error).toBeInstanceOf(DatabaseError)
      expect(error).not.toBeInstanceOf(ConstraintError)
      expect(error).toMatchObject({ code: 'DATABASE', name: 'DatabaseError' })
      expect(everythingShown(error)).not.toContain(SECRET)
    }
  })

  it('is found in the stack at the call of the user', async () => {
    const error = await thrown(async () => {
      await Parent.create({ name: 'a' })
      await Parent.create({ name: 'a' })
    })
    expect(error.stack).toContain('errors.test.ts')
  })

  it('is told to listeners with its error', async () => {
    const told: unknown[] = []
    const stop = database.db.on('query', ({ error }) => told.push(error))
    await Parent.create({ name: 'a' })
    const error = await thrown(() => Parent.create({ name: 'a' }))
    stop()
    expect(told).toEqual([undefined, error])
  })

  it('leaves the database usable', async () => {
    await thrown(() => database.db.execute(sql`selekt 1`))
    await Parent.create({ name: 'a' })
    expect(await Parent.count()).toBe(1)
  })
})

describe('a connection that can not be made', () => {
  const password = 'hunter2-very-secret'
  const urls = [
    `postgres://user:${password}@127.0.0.1:1/db`,
    `mysql://user:${password}@127.0.0.1:1/db`,
    `sqlite:////no/such/folder/${password.length}/file.db`,
  ]

  it.each(urls)('is a ConnectionError without the password: %s', async (url) => {
    const error = await thrown(async () => {
      await using db = await Database.connect({ name: 'lost', url, connectTimeout: 2000 })
      await db.ping()
    })
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error.code).toBe('CONNECTION')
    expect(everythingShown(error)).not.toContain(password)
  })

  it.each([
    [`oracle://u:${password}@host/db`, 'is unknown'],
    [`postgres://u:${password}@host:notaport/db`, ''],
    [`mysql://u:${password}@host/db?nope=1`, 'nope'],
    [`postgres://u:${password}@host/db?flags=-c`, 'flags'],
    [`postgres://u:${password}@host/db?min_size=x`, 'min_size'],
  ])('by a wrong URL is a ConfigurationError without the password: %s', async (url, word) => {
    const error = await thrown(() => Database.connect({ name: 'lost', url }))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toContain(word)
    expect(everythingShown(error)).not.toContain(password)
  })

  it('is told when nothing is connected, closed, or asked for by a wrong name', async () => {
    expect(() => Database.get('nowhere')).toThrow(
      `No database named "nowhere" is connected. Call await Database.connect({ name: 'nowhere', url }) first.`,
    )
    const db = await Database.connect({ name: 'short', url: 'sqlite::memory:' })
    await db.close()
    await db.close()
    await expect(db.execute(sql`select 1`)).rejects.toBeInstanceOf(ConnectionError)
    await expect(db.transaction(async () => 1)).rejects.toThrow('The database "short" is closed.')
    expect(db.isConnected).toBe(false)
  })
})
