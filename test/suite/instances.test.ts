import { inspect } from 'node:util'
import { Decimal, Field, FieldNotLoadedError, Model, sql, UnknownFieldError, UsageError } from 'corm'
import { describe, expect, it } from 'vitest'
import { expectQueries, expectRefusal } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { models, Post, Profile, User } from '../support/models.js'
import { createUser } from '../support/seed.js'

class Item extends Model({
  name: Field.string(),
  body: Field.text({ lazy: true, default: 'long' }),
  token: Field.string({ hidden: true, default: 'hidden-value' }),
  price: Field.decimal({ precision: 10, scale: 2, default: '1.10' }),
  big: Field.bigInteger({ nullable: true }),
  data: Field.json<{ list: number[]; sub?: Record<string, unknown> }>({ default: { list: [1] } }),
  raw: Field.binary({ default: () => new Uint8Array([1, 2]) }),
  day: Field.dateTime({ nullable: true }),
  slug: Field.string({ readonly: true, default: 'made' }),
  stamp: Field.integer({ dbDefault: sql`42` }),
  double: Field.integer({ generated: sql`stamp * 2`, stored: true }),
  made: Field.dateTime({ autoNowAdd: true }),
}) {
  #notes: string[] = ['made']
  get notes() {
    return this.#notes
  }
  get upper() {
    return this.name.toUpperCase()
  }
}

const loose = Item as any

describe('a new instance', () => {
  it('has what was given, defaults, and null where that is allowed', () => {
    const item = new Item({ name: 'a' })
    expect(item).toMatchObject({ name: 'a', body: 'long', big: null, data: { list: [1] }, slug: 'made' })
    expect(item.price).toEqual(new Decimal('1.1'))
    expect(item.token).toBe('hidden-value')
    expect([item.isPersisted, item.isDeleted, item.isDirty()]).toEqual([false, false, true])
    expect(Item.make({ name: 'a' })).toBeInstanceOf(Item)
    expect(Item.make({ name: 'ab' }).upper).toBe('AB')
  })

  it('has defaults of its own: no two share an object', () => {
    const [a, b] = [new Item({ name: 'a' }), new Item({ name: 'b' })]
    a.data.list.push(2)
    a.raw[0] = 9
    expect(b.data).toEqual({ list: [1] })
    expect(b.raw).toEqual(new Uint8Array([1, 2]))
    expect(new Item({ name: 'c' }).data).toEqual({ list: [1] })
  })

  it('runs the constructor of its class', () => {
    expect(new Item({ name: 'abc' }).notes).toEqual(['made'])
  })

  it('takes data with null prototype, and undefined as not given', () => {
    const data = Object.assign(Object.create(null), { name: 'a', slug: undefined })
    expect(new Item(data)).toMatchObject({ name: 'a', slug: 'made' })
  })

  it('refuses unknown keys and names the near miss', () => {
    expect(() => new loose({ nme: 'a' })).toThrow(
      new UnknownFieldError('"Item" has no field "nme". Did you mean "name"?'),
    )
    expect(() => loose.make({ name: 'a', isPersisted: true })).toThrow(UnknownFieldError)
    expect(() => loose.make({ name: 'a', constructor: 1 })).toThrow(UnknownFieldError)
    expect(() => loose.make(JSON.parse('{"name": "a", "__proto__": {"x": 1}}'))).toThrow(UnknownFieldError)
    expect(({} as any).x).toBeUndefined()
  })

  it.each([['a string'], [[1]], [new Date()], [new Map()], [1]])('refuses data that is no plain object: %s', (data) => {
    expect(() => loose.make(data)).toThrow('Data for "Item" must be a plain object of its fields.')
  })

  it('takes part in no relation that is not saved', () => {
    expect(() => new Post({ title: 'a', author: new User({ name: 'x' }) } as any)).toThrow(
      'The "User" given for "Post.author" is not saved yet. Save it first.',
    )
    expect(() => new User({ posts: [] } as any)).toThrow(
      `Create the rows with related('posts').create(…), or with createWithRelations().`,
    )
  })

  it('can not be read, deleted or related to the database before it is saved', async () => {
    const user = new User({ name: 'x', email: 'x' })
    for (const work of [
      () => user.delete(),
      () => user.refresh(),
      () => user.increment('age'),
      () => user.loadField('age'),
    ])
      await expect(work()).rejects.toThrow(UsageError)
    await expect(user.delete()).rejects.toThrow('delete() needs a saved "User"; this one is not in the database yet.')
    expect(() => (user as any).related('posts')).toThrow(UsageError)
  })
})

describeDatabases('an instance', (database) => {
  database.useTables([Item, ...models])

  it('is alike however it was made', async () => {
    const made = await Item.create({ name: 'a', day: new Date(5), big: 2n ** 60n })
    const found = await Item.query().selectAll().findOrFail(made.id)
    const saved = await new Item({ name: 'a', day: new Date(5), big: 2n ** 60n }).save()
    expect(found).toEqual(made)
    expect({ ...saved, id: 0, made: 0 }).toEqual({ ...made, id: 0, made: 0 })
    expect(made).toMatchObject({ stamp: 42, double: 84 })
    expect([made.isDirty(), found.isDirty(), saved.isDirty()]).toEqual([false, false, false])
    expect(await Item.create({ name: 'b' })).not.toEqual(made)
  })

  it('runs its constructor, then has its columns, when it is loaded', async () => {
    const { id } = await Item.create({ name: 'abc' })
    const found = await Item.findOrFail(id)
    expect([found.notes, found.upper]).toEqual([['made'], 'ABC'])
    expect((await Item.query().select('id')).map(({ notes }) => notes)).toEqual([['made']])
    expect(found).toBeInstanceOf(Item)
    expect(found.constructor).toBe(Item)
  })

  it('shows its attributes and nothing else', async () => {
    const profile = await Profile.create({ userId: (await createUser()).id, bio: 'b' })
    const { id, userId } = profile
    const plain = { id, userId, bio: 'b', city: null }
    expect({ ...profile }).toEqual(plain)
    expect(Object.entries(profile)).toEqual(Object.entries(plain))
    expect(profile).toEqual(await Profile.find(id))
    expect(JSON.parse(JSON.stringify(profile))).toEqual(plain)
    expect(inspect(profile)).toBe(`Profile ${inspect(plain)}`)
    expect(inspect([profile])).toContain("bio: 'b'")
    expect(structuredClone({ ...profile })).toEqual(plain)
    const keys: string[] = []
    for (const key in profile) keys.push(key)
    expect(keys).toEqual(['id', 'userId', 'bio', 'city'])
  })

  it('never shows a hidden field, but has it', async () => {
    const { id } = await Item.create({ name: 'a', token: 'top-secret' })
    const item = await Item.findOrFail(id)
    expect(item.token).toBe('top-secret')
    for (const shown of [
      JSON.stringify(item),
      JSON.stringify({ ...item }),
      inspect(item, { showHidden: true, depth: 9 }),
    ])
      expect(shown).not.toContain('top-secret')
    expect(
      [Object.keys(item), Object.entries(item), item.toObject(), item.toJSON()].map((x) => inspect(x)).join(),
    ).not.toContain('top-secret')
    item.token = 'other-secret'
    expect(item.isDirty('token')).toBe(true)
    await item.save()
    expect((await Item.findOrFail(id)).token).toBe('other-secret')
    expect(await Item.where('token', 'other-secret').count()).toBe(1)
    expect((await Item.where('id', id).select('token').first())?.token).toBe('other-secret')
    expect(inspect(item.clone())).not.toContain('secret')
    expect(item.clone().token).toBe('other-secret')
    const part = (await Item.query().select('name').findOrFail(id)) as any
    part.token = 'third-secret'
    expect([inspect(part), JSON.stringify(part), Object.keys(part).join()].join()).not.toMatch(/token|secret/)
    await part.save()
    expect((await Item.findOrFail(id)).token).toBe('third-secret')
    await expect(item.update({ token: 5 } as any)).rejects.not.toThrow('secret')
  })

  it('gives plain objects: with Dates and Decimals, or as JSON', async () => {
    const made = await Item.create({ name: 'a', day: new Date(5), big: 2n ** 60n, raw: new Uint8Array([255, 0]) })
    const item = await Item.findOrFail(made.id)
    expect(item.toObject()).toMatchObject({ day: new Date(5), big: 2n ** 60n, price: new Decimal('1.1') })
    expect(Object.getPrototypeOf(item.toObject())).toBe(Object.prototype)
    expect(item.toJSON()).toMatchObject({
      day: '1970-01-01T00:00:00.005Z',
      big: '1152921504606846976',
      price: '1.10',
      raw: '/wA=',
      data: { list: [1] },
    })
    expect(JSON.parse(JSON.stringify(item))).toEqual(item.toJSON())
    expect(item.toObject()).not.toHaveProperty('body')
    const user = await createUser()
    await Post.create({ title: 'p', authorId: user.id })
    const [loaded] = await User.where('id', user.id).with('posts.author', 'profile')
    expect(loaded?.toJSON()).toMatchObject({ name: user.name, posts: [{ title: 'p' }], profile: null })
    expect(loaded?.toJSON()).not.toHaveProperty('password')
  })

  it('is shown with its loaded relations, to the depth that is asked for', async () => {
    const user = await createUser()
    const id = user.id
    await Post.createMany([
      { title: 'one', authorId: id },
      { title: 'two', authorId: id },
    ])
    const [loaded] = await User.where('id', id).with('posts.author', 'profile')
    const text = inspect(loaded, { depth: 4 })
    expect(text).toMatch(/^User \{/)
    expect(text).toMatch(/posts: \[\s+Post \{.*title: 'one'.*Post \{.*title: 'two'/s)
    expect(text).toContain('profile: null')
    expect(text).toMatch(/author: (\[Circular User\]|User)/)
    expect(text).not.toContain('password')
    // the same instance inside itself ends there, however deep one looks
    expect(inspect(loaded, { depth: null }).length).toBeLessThan(20_000)
    expect(inspect({ a: { b: { c: loaded } } }, { depth: 1 })).toBe('{ a: { b: [Object] } }')
    expect(inspect([[loaded]], { depth: 1 })).toBe('[ [ [User] ] ]')
    expect(inspect(await User.findOrFail(id))).not.toContain('posts')
  })

  it('tells what changed since it was stored', async () => {
    const { id } = await Item.create({ name: 'a' })
    const item = await Item.findOrFail(id)
    expect([item.isDirty(), item.getChanges()]).toEqual([false, {}])
    item.name = 'b'
    expect([item.isDirty(), item.isDirty('name'), item.isDirty('price')]).toEqual([true, true, false])
    expect(item.getChanges()).toEqual({ name: ['a', 'b'] })
    expect(item.getOriginal('name')).toBe('a')
    item.name = 'a'
    expect(item.isDirty()).toBe(false)
    expect(() => item.isDirty('nme' as any)).toThrow(UnknownFieldError)
  })

  it('notices changes in place, and stores them', async () => {
    const { id } = await Item.create({ name: 'a', day: new Date(0), data: { list: [1], sub: { x: { y: 1 } } } })
    const item = await Item.findOrFail(id)
    item.data.list.push(2)
    ;(item.data.sub as any).x.y = null
    item.day?.setUTCFullYear(1999)
    item.raw[1] = 7
    expect(Object.keys(item.getChanges()).sort()).toEqual(['data', 'day', 'raw'])
    expect(item.getOriginal('data')).toEqual({ list: [1], sub: { x: { y: 1 } } })
    expect(item.getOriginal('day')).toEqual(new Date(0))
    expect(item.getOriginal('raw')).toEqual(new Uint8Array([1, 2]))
    await item.save()
    expect(item.isDirty()).toBe(false)
    const found = await Item.findOrFail(id)
    expect(found).toMatchObject({ data: { list: [1, 2], sub: { x: { y: null } } }, raw: new Uint8Array([1, 7]) })
    expect(found.day?.getUTCFullYear()).toBe(1999)
    found.data = { sub: { x: { y: null } }, list: [1, 2] }
    expect(found.isDirty()).toBe(false)
  })

  it('is cloned without key, times and state', async () => {
    const item = await Item.create({ name: 'a', data: { list: [5] } })
    const copy = item.clone()
    expect([copy.isPersisted, copy.id, copy.made, copy.name]).toEqual([false, undefined, undefined, 'a'])
    copy.data.list.push(6)
    expect(item.data).toEqual({ list: [5] })
    await copy.save()
    expect(copy.id).not.toBe(item.id)
    expect(await Item.count()).toBe(2)
  })

  it('known by its key only can be saved, refreshed, counted up and deleted', async () => {
    const { id } = await Item.create({ name: 'a' })
    const ref = Item.ref(id)
    expect(ref.id).toBe(id)
    expect(() => ref.name).toThrow(FieldNotLoadedError)
    await expectQueries(1, () => ref.update({ name: 'b' }))
    expect((await Item.findOrFail(id)).name).toBe('b')
    expect((await Item.ref(id).refresh('name')).name).toBe('b')
    await Item.ref(id).increment('stamp', 8)
    expect((await Item.findOrFail(id)).stamp).toBe(50)
    await Item.ref(id).delete()
    expect(await Item.find(id)).toBeNull()
    expect(() => loose.ref(undefined)).toThrow(UsageError)
    expect(() => loose.ref('1')).toThrow('id')
  })

  it('loads lazy fields when asked', async () => {
    const { id } = await Item.create({ name: 'a', body: 'text' })
    const item = await Item.findOrFail(id)
    expect(() => item.body).toThrow(
      `"Item.body" was not loaded. Select it (select('body') or selectAll()), or read it with await loadField('body').`,
    )
    expect(item.isDirty()).toBe(false)
    expect(JSON.parse(JSON.stringify(item))).not.toHaveProperty('body')
    expect(await expectQueries(1, () => item.loadField('body'))).toBe('text')
    expect(item.body).toBe('text')
    item.body = 'more'
    await item.save()
    const [all] = await Item.query().selectAll()
    expect(all?.body).toBe('more')
    const blind = await Item.findOrFail(id)
    blind.body = 'written without reading'
    expect(blind.isDirty('body')).toBe(true)
    await blind.save()
    expect((await Item.query().select('body').first())?.body).toBe('written without reading')
  })

  it('loaded in part refuses to read the rest, and saves what it has', async () => {
    const { id } = await Item.create({ name: 'a' })
    const part = (await Item.query().select('name').find(id)) as any
    expect(Object.keys(part).sort()).toEqual(['id', 'name'])
    expect(part).toBeInstanceOf(Item)
    expect(() => part.price).toThrow(FieldNotLoadedError)
    expect(() => part.token).toThrow(FieldNotLoadedError)
    part.name = 'b'
    await part.save()
    await part.refresh()
    expect(part.name).toBe('b')
    const rest = (await Item.query().omit('name', 'data').find(id)) as any
    expect(() => rest.name).toThrow(FieldNotLoadedError)
    expect(rest.price.toFixed()).toBe('1.1')
    expect(await Item.findOrFail(id)).toMatchObject({ name: 'b', stamp: 42 })
  })

  it('refuses to write what is generated, or readonly once it is there', async () => {
    await expectRefusal(() => loose.create({ name: 'a', double: 1 }))
    const item = await Item.create({ name: 'a', slug: 'first' })
    item.slug = 'second'
    const error = await expectRefusal(() => item.save())
    expect(error.message).toBe('"Item.slug" is readonly: it is written on insert only.')
    await expectRefusal(() => (Item.where('id', item.id) as any).update({ slug: 'second' }))
    ;(item as any).slug = 'first'
    item.stamp = 5
    await item.save()
    expect((await item.refresh()).double).toBe(10)
    ;(item as any).double = 1
    expect((await expectRefusal(() => item.save())).message).toContain('"Item.double" is generated by the database')
  })
})

class Helper extends Model({
  name: Field.string({ nullable: true }),
  role: Field.string({ nullable: true, guarded: true }),
}) {}
class Guarded extends Model({ role: Field.string({ nullable: true, guarded: true }) }) {
  constructor(data?: object, options?: { guarded: true }) {
    expect(() => new Helper({ role: 'admin' } as never)).toThrow('"Helper.role" is guarded')
    new Helper({ role: 'code may set it' }, { guarded: true })
    super(data as never, options as never)
  }
}

it('refuses guarded fields whatever instances a constructor makes on the way', async () => {
  const create = Guarded.create as unknown as (data: object) => Promise<unknown>
  await expect(create.call(Guarded, { role: 'admin' })).rejects.toThrow('"Guarded.role" is guarded')
  expect(() => new Guarded({ role: 'admin' })).toThrow('"Guarded.role" is guarded')
  expect(() => Guarded.make({ role: 'admin' } as never)).toThrow('"Guarded.role" is guarded')
  expect(new Guarded({ role: 'admin' }, { guarded: true }).role).toBe('admin')
  expect(Guarded.make({ role: 'admin' }, { guarded: true }).role).toBe('admin')
})
