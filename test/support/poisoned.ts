// A program of its own: everyday work in a process whose Object.prototype is polluted, or frozen.
import assert from 'node:assert'
import { Database, Field, fn, gt, Model, oneOf, Relation, sql } from 'corm'

const NAMES =
  'guarded only using retries isolation readOnly mode conflict alias distinct nulls where nullable hidden lazy unique primaryKey foreignKey localKey table database naming dialect maxRows lazyLoading detectNPlusOne userRead flow ifNotExists pool driver sql rows prepare names explain insertIds constraint kind or on count batchSize update type through default polluted year week round lag rank length mode role age name title userId data price posts user id'.split(
    ' ',
  )

class User extends Model({
  name: Field.string({ max: 50 }),
  age: Field.integer({ nullable: true }),
  role: Field.string({ default: 'user', guarded: true }),
  data: Field.json<object>({ nullable: true }),
  at: Field.dateTime({ autoNowAdd: true }),
  price: Field.decimal({ precision: 10, scale: 2, default: '1' }),
}) {
  static posts = Relation.hasMany(() => Post)
}
class Post extends Model({
  title: Field.string({ unique: true }),
  userId: Field.foreignKey(() => User, { onDelete: 'cascade' }),
}) {
  static user = Relation.belongsTo(() => User)
}

const [url = '', mode = ''] = process.argv.slice(2)
const db = await Database.connect(url)
await db.dropTables([User, Post])
const prototype = Object.prototype as unknown as Record<string, unknown>
if (mode === 'polluted') for (const name of NAMES) prototype[name] = name === 'nulls' ? 'first' : 'polluted'
else Object.freeze(prototype)

await db.createTables([User, Post])
const ada = await User.create({ name: 'Ada', age: 3, data: { x: [1] } })
const bob = await User.create({ name: 'Bob' })
assert.deepEqual([ada.role, ada.age, bob.age, (await User.find(bob.id))?.data], ['user', 3, null, null])
await assert.rejects(User.create(JSON.parse('{ "name": "x", "role": "admin" }')), /guarded/)
await assert.rejects(User.create(JSON.parse('{ "name": "x", "__proto__": { "role": "admin" } }')), /no field/)
await Post.createMany([
  { title: 'p', userId: ada.id },
  { title: 'q', userId: ada.id },
])
await Post.insertMany([{ title: 'r', userId: bob.id }])
const [first] = await User.query().with('posts').orderBy('id')
assert.equal(first?.posts.length, 2)
const post = await Post.query().firstOrFail()
assert.equal((await post.user).name, 'Ada')
assert.equal(await User.where({ age: gt(2) }).count(), 1)
assert.deepEqual(
  await User.query()
    .annotate({ y: (c) => c.at.year().minus(c.at.year()), place: fn.rowNumber().over({ orderBy: User.columns.id }) })
    .orderBy('id')
    .annotate({ x: (c) => c.data.json('x', 0), up: (c) => c.name.upper().trim(), cut: (c) => c.price.round(1).floor() })
    .valuesList('y', 'place', 'x', 'up'),
  [
    [0, 1, 1, 'ADA'],
    [0, 2, null, 'BOB'],
  ],
)
assert.equal(await User.where({ name: oneOf(['Ada', 'Bob']) }).count(), 2)
ada.name = 'Lady Ada'
await ada.save()
await ada.update({ age: 4 })
await ada.increment('age')
assert.equal((await User.find(ada.id))?.age, 5)
assert.equal(await User.where('name', 'Lady Ada').update({ age: 7 }), 1)
assert.deepEqual(Object.keys((await db.select(sql`select 1 as one`))[0] ?? {}), ['one'])
await db.transaction(async () => {
  await User.create({ name: 'kept' })
  const lost = db.transaction(async () => {
    await User.create({ name: 'lost' })
    throw new Error('no')
  })
  await assert.rejects(lost, /no/)
})
assert.deepEqual(await User.query().groupBy('role').aggregate({ n: fn.count() }), [{ role: 'user', n: 3 }])
await assert.rejects(Post.create({ title: 'p', userId: ada.id }), { code: 'UNIQUE_VIOLATION' })
assert.equal(await User.all().delete(), 3)
await db.dropTables([User, Post])
await db.close()
console.log('done')
