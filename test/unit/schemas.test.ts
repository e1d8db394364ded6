import { Database, Decimal, Field, Model, ValidationError } from 'corm'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'

let asked = 0
const free = async (nick: string) => {
  asked++
  return nick !== 'taken' || 'is taken'
}

class Account extends Model({
  name: Field.string({ min: 2, max: 120, description: 'The full name' }),
  nick: Field.string({ max: 20, nullable: true, validate: free }),
  code: Field.char(2, { nullable: true, choices: ['de', 'fr'] }),
  age: Field.integer({ min: 0, max: 150, nullable: true }),
  score: Field.float({ min: 0, default: 0.5 }),
  price: Field.decimal({ precision: 8, scale: 2, nullable: true }),
  plain: Field.decimal({ as: 'number', nullable: true }),
  visits: Field.bigInteger({ default: 0n }),
  active: Field.boolean({ default: true }),
  role: Field.enum(['reader', 'editor'], { default: 'reader', guarded: true }),
  mail: Field.email(),
  site: Field.url({ nullable: true }),
  born: Field.date({ nullable: true }),
  opens: Field.time({ nullable: true }),
  seenAt: Field.dateTime({ nullable: true }),
  token: Field.uuid({ auto: true }),
  picture: Field.binary({ nullable: true }),
  settings: Field.json<{ theme: string }>({ schema: z.object({ theme: z.string() }), default: { theme: 'dark' } }),
  anything: Field.json({ nullable: true }),
  vector: Field.vector(3, { nullable: true }),
  createdAt: Field.dateTime({ autoNowAdd: true }),
}) {}

const properties = (schema: object) => (schema as { properties: Record<string, unknown> }).properties
const orNull = (schema: object) => ({ anyOf: [schema, { type: 'null' }] })
const insert = Account.schema.insert

describe('z.toJSONSchema of a schema', () => {
  it('says what clients send, with io: input', () => {
    const schema = z.toJSONSchema(insert.zod, { io: 'input' })
    expect(schema).toMatchObject({ type: 'object', required: ['name', 'mail'], additionalProperties: false })
    expect(properties(schema)).toEqual({
      name: { type: 'string', minLength: 2, maxLength: 120, description: 'The full name' },
      nick: orNull({ type: 'string', maxLength: 20 }),
      code: orNull({ type: 'string', maxLength: 2, enum: ['de', 'fr'] }),
      age: orNull({ type: 'integer', minimum: 0, maximum: 150 }),
      score: { type: 'number', minimum: 0 },
      price: orNull({ anyOf: [{ type: 'number' }, { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$' }] }),
      plain: { type: ['number', 'null'] },
      visits: { anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^-?\\d{1,19}$' }] },
      active: { type: 'boolean' },
      mail: { type: 'string', maxLength: 254, format: 'email' },
      site: orNull({ type: 'string', maxLength: 2000, format: 'uri' }),
      born: orNull({ type: 'string', format: 'date' }),
      opens: orNull({ type: 'string', pattern: expect.stringContaining('[0-5]') }),
      seenAt: orNull({ type: 'string', format: 'date-time' }),
      token: { type: 'string', format: 'uuid' },
      picture: orNull({ type: 'string', contentEncoding: 'base64' }),
      settings: { type: 'object', properties: { theme: { type: 'string' } }, required: ['theme'] },
      anything: {},
      vector: orNull({ type: 'array', items: { type: 'number' }, minItems: 3, maxItems: 3 }),
    })
  })
  it('says what toJSON() writes, with io: output', () => {
    const schema = z.toJSONSchema(Account.schema.select.zod, { io: 'output' })
    expect(schema.required).toHaveLength(Object.keys(properties(schema)).length)
    expect(properties(schema)).toMatchObject({
      id: { type: 'integer' },
      price: orNull({ type: 'string' }),
      visits: { type: 'string' },
      role: { enum: ['reader', 'editor'] },
      createdAt: { type: 'string', format: 'date-time' },
    })
    const account = new Account({ name: 'Ann', mail: 'a@b.cc', price: '1.50', visits: 7n, vector: [1, 2, 3] })
    const json = JSON.parse(JSON.stringify(account)) as Record<string, unknown>
    expect([json.price, json.visits]).toEqual(['1.50', '7'])
  })
  it('speaks OpenAPI 3.0, and works inside a larger schema', () => {
    const body = z.object({ account: insert.pick('name', 'age').zod, terms: z.literal(true) })
    const schema = z.toJSONSchema(body, { io: 'input', target: 'openapi-3.0' })
    expect(properties(properties(schema).account as object)).toEqual({
      name: { type: 'string', minLength: 2, maxLength: 120, description: 'The full name' },
      age: { type: 'integer', minimum: 0, maximum: 150, nullable: true },
    })
    const changes = z.toJSONSchema(Account.schema.update.zod, { io: 'input' })
    expect(changes.required ?? []).toEqual([])
  })
})

describe('the zod object of a schema', () => {
  it('is extended, refined and nested as any other', () => {
    const signUp = insert.pick('name', 'price').zod.extend({ terms: z.literal(true) })
    const read = signUp.parse({ name: 'Ann', price: 2, terms: true })
    const typed: { name: string; terms: true } = read
    expect([typed, read.price]).toEqual([{ name: 'Ann', price: new Decimal(2), terms: true }, new Decimal(2)])
    expect(signUp.safeParse({ name: 'A', price: 2, terms: false }).error?.issues.map(({ path }) => path)).toEqual([
      ['name'],
      ['terms'],
    ])
    const inferred: z.infer<typeof signUp> = { name: 'Ann', price: null, terms: true }
    expect(inferred.terms).toBe(true)
    // @ts-expect-error: no such field
    expect(inferred.nothing).toBeUndefined()
    const list = z.object({ accounts: insert.pick('name').zod.array() })
    const accounts: { name: string }[] = list.parse({ accounts: [{ name: 'Ann' }] }).accounts
    expect(accounts).toEqual([{ name: 'Ann' }])
    const refined = insert
      .pick('born')
      .zod.refine(({ born }) => born !== '2000-01-01', { path: ['born'], message: 'no' })
    expect(refined.safeParse({ born: '2000-01-01' }).error?.issues[0]?.message).toBe('no')
  })
})

describe('async rules', () => {
  it('run in parseAsync(), safeParseAsync() and as a Standard Schema, with all other problems', async () => {
    const data = { name: 'A', nick: 'taken', mail: 'a@b.cc', age: -1 }
    const { error } = await insert.safeParseAsync(data)
    expect(error?.issues.map(({ path, code }) => `${path} ${code}`)).toEqual([
      'name length',
      'age range',
      'nick custom',
    ])
    await expect(insert.parseAsync(data)).rejects.toThrow(ValidationError)
    expect(await insert.parseAsync({ name: 'Ann', nick: 'free', mail: 'a@b.cc' })).toMatchObject({ nick: 'free' })
    const result = await insert['~standard'].validate({ name: 'Ann', nick: 'taken', mail: 'a@b.cc' })
    expect(result.issues).toEqual([{ message: 'is taken', path: ['nick'] }])
  })
  it('are not asked by parse(), nor of values that are wrong already', async () => {
    asked = 0
    insert.parse({ name: 'Ann', nick: 'taken', mail: 'a@b.cc' })
    await insert.safeParseAsync({ name: 'Ann', nick: 'x'.repeat(21), mail: 'a@b.cc' })
    expect(asked).toBe(0)
  })
  it('leave schemas without them at once', () => {
    const answer = insert.pick('name')['~standard'].validate({ name: 'Ann' })
    expect(answer).toEqual({ value: { name: 'Ann' } })
  })
  it('read what is no object, or can not be read', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    for (const data of [null, undefined, [], 'x', 7, proxy])
      expect((await insert.safeParseAsync(data)).error?.issues[0]).toMatchObject({ path: '', code: 'type' })
  })
})

it('JSON Schema has the limits of all fields that are numbers in JSON', () => {
  class Offer extends Model({
    price: Field.decimal({ as: 'number', scale: 2, min: '0.50', max: '9' }),
    views: Field.bigInteger({ as: 'number', min: 1 }),
    exact: Field.decimal({ min: '0.50' }),
    day: Field.date({ min: '2020-01-01' }),
  }) {}
  expect(z.toJSONSchema(Offer.schema.insert.zod, { io: 'output' }).properties).toEqual({
    price: { type: 'number', minimum: 0.5, maximum: 9 },
    views: { type: 'integer', minimum: 1 },
    exact: { type: 'string', pattern: expect.any(String) },
    day: { type: 'string', format: 'date' },
  })
})

describe('Database.configure({ translateIssue })', () => {
  afterEach(() => Database.configure({ translateIssue: undefined }))

  it('puts messages into the language of the user, by code and limits', async () => {
    const seen: object[] = []
    Database.configure({
      translateIssue(issue) {
        seen.push(issue)
        return issue.code === 'length' ? `mindestens ${String(issue.params?.min)} Zeichen` : undefined
      },
    })
    const { error } = insert.safeParse({ name: 'A', mail: 'a@b.cc', age: -1 })
    expect(error?.issues.map(({ message }) => message)).toEqual(['mindestens 2 Zeichen', 'must be at least 0'])
    expect(error?.message).toContain('name mindestens 2 Zeichen')
    expect(seen[0]).toEqual({
      model: 'Account',
      path: 'name',
      code: 'length',
      message: 'must have at least 2 characters',
      params: { min: 2 },
    })
  })
  it('translates each message once, from the message of corm', async () => {
    Database.configure({ translateIssue: ({ message }) => `<${message}>` })
    for (const name of ['A', 7]) {
      const parsed = insert.safeParse({ name, mail: 'a@b.cc' })
      const later = await insert.safeParseAsync({ name, mail: 'a@b.cc' })
      for (const { error } of [parsed, later]) expect(error?.issues[0]?.message).toMatch(/^<[^<>]+>$/)
      expect(insert.zod.safeParse({ name, mail: 'a@b.cc' }).error?.issues[0]?.message).toMatch(/^[^<>]+$/)
    }
  })
  it('keeps the message where the translation fails or is no text', () => {
    for (const translateIssue of [
      () => {
        throw new Error('broken')
      },
      () => 7 as never,
      () => '',
    ]) {
      Database.configure({ translateIssue })
      expect(insert.safeParse({ name: 'A', mail: 'a@b.cc' }).error?.issues[0]?.message).toBe(
        'must have at least 2 characters',
      )
    }
  })
})
