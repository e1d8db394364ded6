import {
  CheckViolationError,
  Database,
  Decimal,
  DefinitionError,
  Field,
  FieldNotLoadedError,
  Model,
  sql,
  ValidationError,
} from 'corm'
import { column, migration } from 'corm/migration'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { describeDatabases, freshDatabase } from '../support/databases.js'
import { looseField, looseModel } from '../support/loose.js'

class Item extends Model(
  {
    name: Field.string(),
    tags: Field.array(Field.email({ validate: (text) => text !== 'no@example.org' || 'is not wanted' }), {
      min: 1,
      max: 3,
      default: ['a@example.org'],
      validate: (list) => new Set(list).size === list.length || 'has an element twice',
    }),
    sizes: Field.array(Field.integer({ min: 0, max: 10, choices: [0, 5, 10] }), { nullable: true }),
    later: Field.array(Field.string({ validate: async (text) => text !== 'no' }), { nullable: true }),
    parsed: Field.array(Field.string({ validate: z.string().min(2) }), { nullable: true }),
    made: Field.array(Field.decimal({ precision: 6, scale: 2 }), { default: [new Decimal('1.5')] }),
    stored: Field.array(Field.string(), { dbDefault: ["it's", '"\\{}'] }),
    secret: Field.array(Field.bigInteger(), { hidden: true, nullable: true }),
    body: Field.array(Field.string(), { lazy: true, nullable: true }),
    once: Field.array(Field.string(), { readonly: true, nullable: true }),
  },
  { table: 'array_items' },
) {}

class Tagged extends Model(
  {
    tags: Field.array(Field.string({ max: 40 }), { index: true }),
    ids: Field.array(Field.uuid(), { nullable: true, unique: true }),
  },
  { table: 'array_tagged' },
) {}

const issuesOf = async (data: object) => {
  const error = await Item.create({ name: 'x', ...data } as never).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ValidationError)
  return (error as ValidationError).issues.map(({ path, message }) => `${path} ${message}`)
}

describeDatabases('options of arrays', (database) => {
  database.useTables([Item])

  it('have the type of the database that a migration names', async ({ skip }) => {
    if (database.kind !== 'postgres' && database.kind !== 'pglite') skip()
    const { url, drop } = await freshDatabase(database.kind)
    try {
      await using db = await Database.connect({ name: 'named arrays', url })
      const first = migration({
        parents: [],
        operations: [
          {
            op: 'createTable',
            table: 'things',
            columns: { id: column.id(), tags: column.array(column.text(), { sql: 'character varying[]' }) },
          },
        ],
      })
      await db.migrate({ migrations: { '20260101T000000_first': first } })
      const types = await db.select(
        sql`select pg_typeof(tags)::text as type from (values (1)) one (n) left join things on true`,
      )
      expect(types).toEqual([{ type: 'character varying[]' }])
    } finally {
      await drop()
    }
  })

  it('can be in a check where the definition of a table can search them', async () => {
    class Checked extends Model(
      { tags: Field.array(Field.string()) },
      { table: 'array_checked', checks: { wanted: (c) => c.tags.contains('a').not() } },
    ) {}
    const { db } = database
    if (database.kind === 'sqlite') {
      await expect(db.createTables([Checked])).rejects.toThrow(DefinitionError)
      await expect(db.createTables([Checked])).rejects.toThrow(
        /uses contains\(\) of an array or a JSON value, .* "validate"/,
      )
      return
    }
    await db.createTables([Checked])
    try {
      await Checked.create({ tags: ['b'] })
      await expect(Checked.create({ tags: ['b', 'a'] })).rejects.toThrow(CheckViolationError)
    } finally {
      await db.dropTables([Checked])
    }
  })
  it('a list in JSON can be in a check where no query is needed to search it', async () => {
    class Checked extends Model(
      { data: Field.json<{ tags: string[] }>() },
      { table: 'json_checked', checks: { wanted: (c) => c.data.json('tags').contains('a').not() } },
    ) {}
    const { db, kind } = database
    if (kind === 'sqlite' || kind === 'mysql') {
      await expect(db.createTables([Checked])).rejects.toThrow(DefinitionError)
      await expect(db.createTables([Checked])).rejects.toThrow(/contains\(\) of a.* "validate"/)
      return
    }
    await db.createTables([Checked])
    try {
      await Checked.create({ data: { tags: ['b'] } })
      await expect(Checked.create({ data: { tags: ['b', 'a'] } })).rejects.toThrow(CheckViolationError)
    } finally {
      await db.dropTables([Checked])
    }
  })
  it('are checked with the elements', async () => {
    expect(await issuesOf({ tags: [] })).toEqual(['tags must have at least 1 element'])
    expect(await issuesOf({ tags: ['a@b.org', 'b@b.org', 'c@b.org', 'no'] })).toEqual([
      'tags.3 must be an e-mail address',
      'tags must have at most 3 elements',
    ])
    expect(await issuesOf({ tags: ['a@b.org', 'no@example.org'] })).toEqual(['tags.1 is not wanted'])
    expect(await issuesOf({ tags: ['a@b.org', 'a@b.org'] })).toEqual(['tags has an element twice'])
    expect(await issuesOf({ sizes: [0, 11, 3] })).toEqual([
      'sizes.1 must be at most 10',
      'sizes.1 must be one of 0, 5, 10',
      'sizes.2 must be one of 0, 5, 10',
    ])
    expect(await issuesOf({ later: ['yes', 'no'] })).toEqual(['later.1 is not valid'])
    expect((await issuesOf({ parsed: ['yes', 'n'] }))[0]).toMatch(/^parsed\.1 /)
    await expect(Item.where('id', 1).update({ sizes: [3] })).rejects.toThrow(/sizes\.0/)
  })

  it('include defaults, of which each instance has its own', async () => {
    const [one, two] = [await Item.create({ name: 'a' }), await Item.create({ name: 'b' })]
    one.made.push(new Decimal(2))
    expect(two.made).toEqual([new Decimal('1.5')])
    expect(two.tags).toEqual(['a@example.org'])
    const found = await Item.findOrFail(two.id)
    expect(found.stored).toEqual(["it's", '"\\{}'])
    expect(found.made).toEqual([new Decimal('1.5')])
  })

  it('include hidden, lazy and readonly', async () => {
    const made = await Item.create({ name: 'a', secret: [5n], body: ['x'], once: ['1'] })
    const item = await Item.findOrFail(made.id)
    expect(item.secret).toEqual([5n])
    item.secret?.push(6n)
    expect(item.isDirty()).toBe(true)
    await item.save()
    expect((await Item.findOrFail(made.id)).secret).toEqual([5n, 6n])
    expect(JSON.stringify(item)).not.toContain('secret')
    expect(() => item.body).toThrow(FieldNotLoadedError)
    await item.loadField('body')
    expect(item.body).toEqual(['x'])
    item.body?.push('y')
    await item.save()
    expect((await Item.query().selectAll().first())?.body).toEqual(['x', 'y'])
    await expect(Item.where('id', 1).update({ once: ['2'] })).rejects.toThrow(/readonly/)
  })

  it('are in schemas and JSON Schema', () => {
    const parse = (data: object) => Item.schema.insert.safeParse({ name: 'a', ...data })
    expect(parse({ secret: ['5'], sizes: [5] })).toMatchObject({ success: true, data: { secret: [5n], sizes: [5] } })
    expect(parse({ tags: ['no'] })).toMatchObject({ success: false, error: { issues: [{ path: 'tags.0' }] } })
    expect(parse({ sizes: 'a' })).toMatchObject({ success: false, error: { issues: [{ path: 'sizes' }] } })
    const { properties } = z.toJSONSchema(Item.schema.insert.zod, { io: 'input' }) as { properties: object }
    expect(properties).toMatchObject({
      tags: { type: 'array', items: { type: 'string', format: 'email', maxLength: 254 }, minItems: 1, maxItems: 3 },
      sizes: { anyOf: [{ type: 'array', items: { type: 'integer', minimum: 0, maximum: 10 } }, { type: 'null' }] },
    })
  })

  it('make indexes', async () => {
    await database.db.createTables([Tagged])
    try {
      await Tagged.create({ tags: ['a'], ids: ['6f1c2a34-1111-4222-8333-444455556666'] })
      expect(await Tagged.where('tags', 'contains', 'a').count()).toBe(1)
      expect(await Tagged.where('ids', ['6F1C2A34-1111-4222-8333-444455556666']).count()).toBe(1)
    } finally {
      await database.db.dropTables([Tagged])
    }
  })

  it('update by expressions', async () => {
    const { id } = await Item.create({ name: 'a', sizes: [5] })
    await Item.where({ id }).update((c) => ({ sizes: c.sizes.coalesce([10]), name: 'b' }))
    expect((await Item.findOrFail(id)).sizes).toEqual([5])
    await Item.where({ id }).update({ sizes: sql`null` })
    expect((await Item.findOrFail(id)).sizes).toBeNull()
  })
})

it('arrays refuse elements that make none', () => {
  const refused = (of: unknown, options?: unknown) => {
    let error: unknown
    try {
      class One extends looseModel({ it: looseField.array?.(of, options) }) {}
      One.hasField('it')
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(DefinitionError)
    return (error as Error).message
  }
  expect(refused(undefined)).toMatch(/needs the field/)
  expect(refused({ max: 5 })).toMatch(/needs the field/)
  expect(refused(Field.array(Field.string()))).toMatch(/Field\.json/)
  expect(refused(Field.json())).toMatch(/Field\.json/)
  expect(refused(Field.custom({ type: 'json', encode: (x: unknown) => x, decode: (x) => x })())).toMatch(/Field\.json/)
  expect(refused(Field.binary())).toMatch(/related model/)
  expect(refused(Field.file())).toMatch(/related model/)
  expect(refused(Field.vector(3))).toMatch(/related model/)
  expect(refused(Field.password())).toMatch(/related model/)
  expect(refused(Field.foreignKey(() => Item))).toMatch(/relation/)
  expect(refused(Field.morphs('a').aId)).toMatch(/not possible/)
  expect(refused(Field.id())).toMatch(/Field\.integer/)
  expect(refused(Field.softDelete())).toMatch(/Field\.dateTime/)
  expect(refused(Field.version())).toMatch(/Field\.integer/)
  expect(refused(Field.translated(Field.string(), { locales: ['en'] }))).toMatch(/needs the field/)
  expect(refused(Field.virtual())).toMatch(/needs the field/)
  for (const options of [{ unique: true }, { default: 'a' }, { lazy: true }, { hidden: true }, { column: 'x' }])
    expect(refused(Field.string(options))).toMatch(/about a column/)
  expect(refused(Field.dateTime({ storage: 'iso' }))).toMatch(/storage/)
  expect(refused(Field.string(), { choices: [['a']] })).toMatch(/field of its elements/)
  expect(refused(Field.string(), { primaryKey: true })).toMatch(/primaryKey/)
  expect(refused(Field.string(), { min: 3, max: 2 })).toMatch(/no array meets/)
  expect(refused(Field.string(), { max: 'a' })).toMatch(/max/)
  expect(refused(Field.string(), { pattern: /a/ })).toMatch(/pattern/)
})
