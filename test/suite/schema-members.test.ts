import { Field, Model } from 'corm'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { describeDatabases } from '../support/databases.js'

class Post extends Model({
  code: Field.string(),
  title: Field.translated(Field.string({ max: 10 }), { locales: ['en', 'fr'] }),
  body: Field.translated(Field.text(), { locales: ['en', 'fr'], base: true }),
  note: Field.translated(Field.text({ nullable: true }), { locales: ['en'] }),
}) {}

class Account extends Model({
  name: Field.string(),
  secret: Field.string({ hidden: true }),
  password: Field.password(),
  motto: Field.translated(Field.string({ hidden: true }), { locales: ['en'] }),
}) {}

const pathsOf = (data: unknown, schema: { safeParse(data: unknown): any } = Post.schema.insert) =>
  schema.safeParse(data).error?.issues.map(({ path, code }: { path: string; code: string }) => `${path} ${code}`) ?? []
const jsonOf = (schema: { readonly zod: unknown }) => z.toJSONSchema(schema.zod as z.ZodType, { io: 'input' })

describeDatabases('members of schemas', (database) => {
  database.useTables([Account])

  it('demand a text of a translated field in one of its languages', async () => {
    const { insert, update } = Post.schema
    expect(pathsOf({ code: 'a' })).toEqual(['title required', 'body required'])
    expect(pathsOf({ code: 'a', title: 'x', body: 'y' })).toEqual([])
    expect(pathsOf({ code: 'a', titleFr: 'x', bodyFr: 'y' })).toEqual([])
    expect(pathsOf({ code: 'a', title: '', titleFr: null, body: 'y' })).toEqual(['title required'])
    // what is wrong is not missing
    expect(pathsOf({ code: 'a', titleEn: 'x'.repeat(11), body: 'y' })).toEqual(['titleEn length'])
    expect(pathsOf({ body: 'y' })).toEqual(['code required', 'title required'])
    expect(await insert.safeParseAsync({ code: 'a', body: 'y' })).toMatchObject({
      error: { message: '"Post" is not valid: title is required in one of its languages.' },
    })
    expect(pathsOf({}, update)).toEqual([])
    expect(pathsOf({}, insert.partial())).toEqual([])
    expect(pathsOf({}, insert.pick('title', 'titleFr'))).toEqual(['title required'])
    expect(pathsOf({}, insert.omit('code', 'title', 'body'))).toEqual([])
    expect(pathsOf(5)).toEqual([' type'])
  })

  it('say so in JSON Schema', () => {
    const { insert, update } = Post.schema
    const oneOf = (...names: string[]) => ({ anyOf: names.map((name) => ({ required: [name] })) })
    expect(jsonOf(insert)).toMatchObject({
      type: 'object',
      required: ['code'],
      allOf: [oneOf('titleEn', 'titleFr', 'title'), oneOf('bodyEn', 'bodyFr', 'body')],
    })
    expect(jsonOf(insert.omit('body'))).toMatchObject(oneOf('titleEn', 'titleFr', 'title'))
    for (const schema of [update, insert.partial()]) {
      expect(jsonOf(schema)).not.toHaveProperty('allOf')
      expect(jsonOf(schema)).not.toHaveProperty('anyOf')
    }
    // zod's own methods work as before
    expect((insert.zod.extend({ extra: z.string() }) as unknown as z.ZodObject).shape).toHaveProperty('extra')
  })

  it('leave hidden fields out of what an instance shows', async () => {
    const account = await Account.create({ name: 'a', secret: 'b', password: 'c c c c c c c c', mottoEn: 'd' })
    const found = await Account.findOrFail(account.id)
    expect(Account.schema.select.parse(found.toObject())).toEqual({ id: account.id, name: 'a' })
    expect(Object.keys(jsonOf(Account.schema.select).properties ?? {})).toEqual(['id', 'name'])
    expect(Object.keys(jsonOf(Account.schema.insert).properties ?? {})).toContain('password')
  })
})
