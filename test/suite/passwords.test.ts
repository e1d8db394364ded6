import crypto from 'node:crypto'
import { inspect } from 'node:util'
import { type DatabaseError, Field, Model, type QueryEvent, sql, UsageError, ValidationError } from 'corm'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseField } from '../support/loose.js'

class User extends Model({
  name: Field.string({ unique: true }),
  password: Field.password({ min: 6 }),
  pin: Field.password({ nullable: true }),
}) {}

class Member extends Model(
  { name: Field.string(), password: Field.password(), pin: Field.password({ nullable: true, lazy: true }) },
  { table: 'password_members' },
) {}

const TEXT = 'correct horse'
const SCRYPT = /^\$scrypt\$ln=14,r=8,p=5\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/

/** A hash that costs little, as another program may have made it. */
const weak = (text: string) =>
  `$scrypt$ln=4,r=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$${crypto
    .scryptSync(text, 'saltsaltsaltsalt', 32, { N: 16, r: 1, p: 1 })
    .toString('base64')
    .replace(/=+$/, '')}`

const loose = (model: unknown) => model as any

const { scrypt } = crypto

/** The same hashes at less cost. */
const cheaply = (text: string, salt: Buffer, length: number, _: object, done: (error: Error | null) => void) =>
  scrypt(text, salt, length, { N: 16, r: 1, p: 1 }, done as never)

beforeEach(() => void vi.spyOn(crypto, 'scrypt').mockImplementation(cheaply as never))
afterEach(() => vi.restoreAllMocks())

describeDatabases('passwords', (database) => {
  database.useTables([User, Member])

  const stored = async (name: string) =>
    (await database.db.select<{ password: string }>(sql`select password from users where name = ${name}`))[0]?.password

  it('are stored as a hash, and verified', async () => {
    vi.restoreAllMocks()
    const user = await User.create({ name: 'ada', password: TEXT })
    expect(await stored('ada')).toMatch(SCRYPT)
    for (const each of [user, await User.findOrFail(user.id)]) {
      expect(await each.password.verify(TEXT)).toBe(true)
      expect(await each.password.verify(`${TEXT} `)).toBe(false)
      expect(await each.password.verify('')).toBe(false)
      expect(each.password.needsRehash).toBe(false)
      expect(each.pin).toBeNull()
      expect(each.isDirty()).toBe(false)
    }
    await expect(user.password.verify(5 as never)).rejects.toThrow('takes the password as a text, not an integer')
    expect(await user.password.verify('a'.repeat(2000))).toBe(false)
  })

  it('are verified before they are saved, and hashed once', async () => {
    const user = new User({ name: 'ada', password: TEXT })
    expect(await user.password.verify(TEXT)).toBe(true)
    expect(await user.password.verify('another')).toBe(false)
    expect(user.password.needsRehash).toBe(false)
    const hash = user.password
    await user.save()
    expect(user.password).toBe(hash)
    expect(await user.password.verify(TEXT)).toBe(true)
    await (await User.create({ name: 'bob', password: hash })).refresh()
    expect(await stored('bob')).toBe(await stored('ada'))
  })

  it('change by fill, update and assignment', async () => {
    const user = await User.create({ name: 'ada', password: TEXT })
    const first = await stored('ada')
    await user.update({ password: 'another one' })
    expect(await user.password.verify('another one')).toBe(true)
    expect(user.isDirty()).toBe(false)
    loose(user).password = 'a third one'
    expect(inspect(user, { showHidden: true, depth: 9 })).not.toContain('a third one')
    expect(user.isDirty('password')).toBe(true)
    await user.save()
    expect(await (await User.findOrFail(user.id)).password.verify('a third one')).toBe(true)
    expect(await stored('ada')).not.toBe(first)
    await user.fill({ pin: '1' }).save()
    expect(await user.pin?.verify('1')).toBe(true)
    await user.update({ pin: null })
    expect((await user.refresh()).pin).toBeNull()
    const unchanged = await stored('ada')
    await user.update({ name: 'eva' })
    expect(await stored('eva')).toBe(unchanged)
  })

  it.each(['é'.normalize('NFD'), '🎈🎈🎈🎈🎈🎈', 'a\u0000bcdef', 'x'.repeat(1024), '      ', '$scrypt$ln=1'])(
    'take any text: %j',
    async (text) => {
      const password = `${text}------`.slice(0, Math.max(text.length, 8))
      const { id } = await User.create({ name: 'ada', password })
      const user = await User.findOrFail(id)
      expect(await user.password.verify(password)).toBe(true)
      expect(await user.password.verify(password.normalize('NFC'))).toBe(true)
      expect(await user.password.verify(`${password}x`)).toBe(false)
    },
  )

  it.each([
    ['12345', 'must have at least 6 characters'],
    ['🎈🎈🎈🎈🎈', 'must have at least 6 characters'],
    ['', 'must have at least 6 characters'],
    ['x'.repeat(1025), 'must have at most 1024 bytes'],
    ['é'.repeat(600), 'must have at most 1024 bytes'],
    ['abcdef\ud800', 'has an invalid Unicode character'],
    [123456, 'expects a string, not an integer'],
    [['a'], 'expects a string, not a list'],
    [null, 'is required'],
  ])('refuse %j on every way in', async (given, message) => {
    const password = given as string
    const refused = await User.create({ name: 'ada', password }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ValidationError)
    expect((refused as ValidationError).issues).toMatchObject([
      { path: 'password', message: expect.stringContaining(message) },
    ])
    await expect(User.createMany([{ name: 'ada', password }])).rejects.toThrow(ValidationError)
    await expect(User.insertMany([{ name: 'ada', password }])).rejects.toThrow(ValidationError)
    await expect(User.upsert({ name: 'ada', password }, { conflict: 'name' })).rejects.toThrow(ValidationError)
    await expect(User.where('id', 1).update({ password })).rejects.toThrow(ValidationError)
    expect(User.schema.insert.safeParse({ name: 'ada', password }).success).toBe(false)
    expect(crypto.scrypt).not.toHaveBeenCalled()
    expect(await User.count()).toBe(0)
  })

  it('are hashed in bulk writes and in writes over a query', async () => {
    const sync = vi.spyOn(crypto, 'scryptSync')
    await User.createMany([
      { name: 'a', password: `${TEXT} a` },
      { name: 'b', password: `${TEXT} b` },
    ])
    await User.insertMany([{ name: 'c', password: `${TEXT} c` }])
    await User.upsertMany([{ name: 'd', password: `${TEXT} d` }], { conflict: 'name' })
    await User.upsert({ name: 'd', password: TEXT }, { conflict: 'name', update: () => ({ password: `${TEXT} d` }) })
    for (const user of await User.all()) expect(await user.password.verify(`${TEXT} ${user.name}`)).toBe(true)
    await User.where('name', 'in', ['a', 'b']).update({ password: 'the same for both' })
    await User.where('name', 'c').update({ password: 'with hooks' }, { hooks: true })
    for (const name of ['a', 'b', 'c', 'd']) expect(await stored(name)).toMatch(SCRYPT)
    expect(await (await User.where('name', 'b').sole()).password.verify('the same for both')).toBe(true)
    expect(await (await User.where('name', 'c').sole()).password.verify('with hooks')).toBe(true)
    expect(sync).not.toHaveBeenCalled()
  })

  it('are never shown', async () => {
    const events: QueryEvent[] = []
    const stop = database.db.on('query', (event) => void events.push(event))
    const user = await User.create({ name: 'ada', password: TEXT })
    await User.createMany([
      { name: 'b', password: TEXT },
      { name: 'c', password: TEXT },
    ])
    await User.where('id', user.id).update({ password: TEXT })
    const error: DatabaseError = await User.create({ name: 'ada', password: TEXT }).catch((error) => error)
    stop()
    const hash = (await stored('ada')) ?? ''
    expect(hash).toMatch(SCRYPT)
    const found = await User.where('name', 'ada').sole()
    const values = await User.query().values('name', 'password')
    const shown = [
      ...[user, found].flatMap((each) => [inspect(each, { showHidden: true }), JSON.stringify(each), each.toObject()]),
      { ...found },
      JSON.stringify(found.password),
      JSON.stringify(values),
      `${found.password}`,
      error.message,
      error.stack,
      error.sql,
      error.parameters,
      events,
      values,
      User.where('id', 1).toRawSQL(),
    ]
    for (const each of shown) {
      const text = typeof each === 'string' ? each : inspect(each, { depth: 20, showHidden: true })
      expect(text).not.toContain(TEXT)
      expect(text).not.toMatch(/\$scrypt\$|\$argon2id\$/)
    }
    expect(events.some(({ parameters }) => parameters.includes('[secret]'))).toBe(true)
    expect(error.parameters).toContain('[secret]')
  })

  it('of data are hashed, even where they look like a hash, unless the call says guarded', async () => {
    const hash = weak(TEXT)
    await User.create({ name: 'a', password: hash })
    await User.insertMany([{ name: 'b', password: hash }])
    await User.create({ name: 'c', password: TEXT })
    await User.where('name', 'c').update({ password: hash }, { hooks: true })
    for (const user of await User.all()) {
      expect(await user.password.verify(hash)).toBe(true)
      expect(await user.password.verify(TEXT)).toBe(false)
    }
    const taken = await User.create({ name: 'd', password: hash }, { guarded: true })
    await User.where('name', 'in', ['a', 'b']).update({ password: hash }, { guarded: true })
    await User.createMany([{ name: 'e', password: hash }], { guarded: true })
    await User.where('name', 'c').update({ password: hash }, { guarded: true, hooks: true })
    for (const name of ['a', 'b', 'c', 'd', 'e']) expect(await stored(name)).toBe(hash)
    expect(await taken.password.verify(TEXT)).toBe(true)
    expect(await taken.password.verify(hash)).toBe(false)
    expect(taken.password.needsRehash).toBe(true)
    await taken.update({ password: TEXT }, { guarded: true })
    expect(taken.password.needsRehash).toBe(false)
    const md5 = '$1$salt$hash'
    await expect(User.create({ name: 'f', password: md5 }, { guarded: true })).rejects.toThrow('must be a PHC string')
    expect(await (await User.create({ name: 'f', password: md5 })).password.verify(md5)).toBe(true)
  })

  it('whose hash corm cannot verify say so', async () => {
    const { id } = await User.create({ name: 'a', password: TEXT })
    await database.db.execute(sql`update users set password = '$2b$10$abc' where id = ${id}`)
    const user = await User.findOrFail(id)
    expect(user.password.needsRehash).toBe(true)
    await expect(user.password.verify(TEXT)).rejects.toThrow(UsageError)
    await user.update({ name: 'b' })
    expect(await stored('b')).toBe('$2b$10$abc')
    await database.db.execute(
      sql`update users set password = '$scrypt$ln=30,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$c2FsdHNhbHRzYWx0c2FsdA'`,
    )
    await expect((await user.refresh()).password.verify(TEXT)).rejects.toThrow('cannot verify')
  })

  it('are not compared, and can be tested for null', async () => {
    await User.create({ name: 'a', password: TEXT, pin: '1' })
    expect(await User.where('pin', null).count()).toBe(0)
    expect(await User.query().whereNotNull('pin').count()).toBe(1)
    const query = loose(User.query())
    const refused = [
      () => query.where('password', TEXT),
      () => query.where({ password: TEXT }),
      () => query.where('password', '>', TEXT),
      () => query.whereIn('password', [TEXT]),
      () => query.whereBetween('password', 'a', 'z'),
      () => query.where('password', 'like', '$scrypt%'),
      () => query.where('password', 'startsWith', '$'),
      () => query.where((c: any) => c.password.startsWith('$')),
      () => query.where((c: any) => c.password.eq(c.pin)),
      () => query.where((c: any) => c.password.regex('a')),
      () => query.whereColumn('password', '=', 'pin'),
    ]
    for (const call of refused) expect(call).toThrow(UsageError)
    expect(() => query.where('password', TEXT)).toThrow('A password is not compared by the database')
    expect(() => query.filter(['password', '=', TEXT])).toThrow('is not a field that can be filtered by')
    expect(() => query.filter(['password', '=', TEXT], { allow: ['password'] })).toThrow('is not an operator')
  })

  it('do not appear in cursors', async () => {
    await User.createMany(['ada', 'ben'].map((name) => ({ name, password: TEXT })))
    await expect(User.query().orderBy('password').cursorPaginate({ size: 1 })).rejects.toThrow(/would show its hash/)
    expect(await User.query().orderBy('password').count()).toBe(2)
  })

  it('need not be loaded to save other fields, or new passwords', async () => {
    await Member.create({ name: 'ada', password: TEXT, pin: '1234' })
    const member = await Member.where('name', 'ada').sole()
    await member.update({ name: 'Ada', pin: '5678' })
    const partial = await Member.query().select('id', 'name').sole()
    partial.name = 'Ada L.'
    await partial.save()
    await Member.saveMany([partial as never, member])
    const saved = await Member.query().selectAll().sole()
    expect(saved.name).toBe('Ada L.')
    expect([await saved.password.verify(TEXT), await saved.pin?.verify('5678')]).toEqual([true, true])
  })

  it('are hashed before the transaction of hooks, and again if a hook changes them', async () => {
    class Hooked extends Model({ name: Field.string(), password: Field.password() }, { table: 'users' }) {
      override beforeSave() {
        if (this.name === 'changes') this.fill({ password: 'by the hook' })
      }
    }
    const changed = await Hooked.create({ name: 'changes', password: TEXT })
    expect(await changed.password.verify('by the hook')).toBe(true)
    const kept = await Hooked.create({ name: 'keeps', password: TEXT })
    expect(await kept.password.verify(TEXT)).toBe(true)
  })

  it('stay as they were after a rollback', async () => {
    const user = await User.create({ name: 'a', password: TEXT })
    await database.db
      .transaction(async () => {
        await user.update({ password: 'rolled back' })
        throw new Error('no')
      })
      .catch(() => undefined)
    expect(user.isDirty('password')).toBe(true)
    expect(await (await User.findOrFail(user.id)).password.verify(TEXT)).toBe(true)
    await user.save()
    expect(await (await User.findOrFail(user.id)).password.verify('rolled back')).toBe(true)
    expect(await user.clone().password.verify('rolled back')).toBe(true)
  })

  it('go through the schema', async () => {
    const data = User.schema.insert.parse({ name: 'a', password: TEXT })
    expect(JSON.stringify(data)).not.toContain(TEXT)
    const user = await User.create(data)
    expect(await user.password.verify(TEXT)).toBe(true)
    expect(User.schema.insert.safeParse({ name: 'a' }).success).toBe(false)
    expect(User.schema.update.safeParse({}).success).toBe(true)
  })

  it('are hashed by argon2id where it is asked for', async () => {
    class Modern extends Model({ password: Field.password({ algorithm: 'argon2id' }) }, { table: 'corm_modern' }) {}
    await database.db.createTables([Modern])
    const node = crypto as unknown as Record<string, unknown>
    const before = node.argon2
    try {
      node.argon2 = undefined
      await expect(Modern.create({ password: TEXT })).rejects.toThrow('Use Node 24.7 or later, or scrypt')
      const asked: unknown[] = []
      node.argon2 = (name: string, options: any, done: (error: null, hash: Buffer) => void) => {
        asked.push(name, { ...options, nonce: options.nonce.length })
        const hash = crypto.createHash('sha256').update(options.message).update(options.nonce).digest()
        done(null, hash.subarray(0, options.tagLength))
      }
      const { id } = await Modern.create({ password: TEXT })
      expect(asked).toEqual([
        'argon2id',
        { message: TEXT, nonce: 16, parallelism: 1, tagLength: 32, memory: 19456, passes: 2 },
      ])
      const { password } = await Modern.findOrFail(id)
      expect(await password.verify(TEXT)).toBe(true)
      expect(await password.verify('another')).toBe(false)
      expect(password.needsRehash).toBe(false)
      const [row] = await database.db.select<{ password: string }>(sql`select password from corm_modern`)
      expect(row?.password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    } finally {
      node.argon2 = before
      await database.db.dropTables([Modern])
    }
  })
})

it('passwords have no default, and no other option that would show them', () => {
  for (const options of [{ default: 'a' }, { unique: true }, { index: true }, { hidden: false }, { min: 0 }])
    expect(() => looseField.password?.(options)).toThrow('Field.password()')
})
