import { type Entity, Field, Model, Relation } from 'corm'
import { is } from './support/expect.js'
import { Country, Post, Region, Town, User } from './support/relation-models.js'

export async function through() {
  const country = await Country.with('posts.comments', 'anthem.user').firstOrFail()
  is<string | undefined>()(country.posts[0]?.title)
  is<string | undefined>()(country.posts[0]?.comments[0]?.body)
  is<string | undefined>()(country.anthem?.user.name)
  // @ts-expect-error: the one row at the end may not be there
  country.anthem.title
  // @ts-expect-error: rows at the end of two relations have no pivot
  country.posts[0]?.pivot
  const pending = await Country.findOrFail('FR')
  is<string | undefined>()((await pending.posts)[0]?.title)
  is<string | undefined>()((await pending.anthem)?.title)
  is<number>()(await pending.posts.where('title', 'x').count())
  // @ts-expect-error: not loaded
  pending.posts[0]
  // @ts-expect-error: not loaded
  pending.anthem?.title

  is<string[]>()(await Country.where('posts.title', 'x').orderBy('anthem.title').pluck('name'))
  is<(string | null)[]>()(await Country.query().pluck('anthem.title'))
  Country.query().whereHas('posts', (posts) => posts.where('title', 'x'), '>=', 2)
  Country.query().whereHas('posts.comments', (comments) => comments.where('body', 'x'))
  Country.where('anthem', await Post.findOrFail(1))
  // @ts-expect-error: no such field at the end
  Country.where('posts.titel', 'x')
  // @ts-expect-error: many rows are no value
  Country.query().orderBy('posts.title')
  // @ts-expect-error: many rows are not compared with one
  Country.where('posts', await Post.findOrFail(1))
}

export async function composite() {
  const town = await Town.with('region.towns', 'twin', 'half').firstOrFail()
  is<string>()(town.region.name)
  is<string | undefined>()(town.twin?.name)
  is<string | undefined>()(town.half?.name)
  is<number>()(town.region.towns.length)
  // @ts-expect-error: both fields of its key are nullable
  town.twin.name
  // @ts-expect-error: one field of its key is nullable
  town.half.name
  is<string>()((await (await Town.findOrFail(1)).region).name)
  is<string[]>()(await Town.query().pluck('region.name'))
  is<(string | null)[]>()(await Town.query().pluck('twin.name'))
  await town.related('twin').associate({ country: 'FR', code: 'x' })
  await town.related('twin').associate(await Region.findOrFail({ country: 'FR', code: 'x' }))
  // @ts-expect-error: the key has two fields
  await town.related('twin').associate('FR')
  // @ts-expect-error: the key has two fields
  await town.related('twin').associate({ country: 'FR' })
  const region = await Region.findOrFail({ country: 'FR', code: 'x' })
  await region.related('towns').create({ name: 'a', country: 'FR', regionCode: 'x' })
  await region.related('towns').attach(1, await Town.findOrFail(2))
  is<number | undefined>()((await region.visitors)[0]?.pivot.year)
  await User.attachMany('teams', [[1, 2]])
  await Region.attachMany('visitors', [[{ country: 'FR', code: 'x' }, 3, { year: 1999 }]])
  // @ts-expect-error: the key has two fields
  await Region.attachMany('visitors', [['FR', 3]])
}

export async function custom() {
  const user = await User.with('colleagues.country', 'favourite').firstOrFail()
  is<string | undefined>()(user.colleagues[0]?.country.name)
  is<string | undefined>()(user.favourite?.title)
  // @ts-expect-error: whether there is a row is not known of a kind of one's own
  user.favourite.title
  is<number>()(await (await User.findOrFail(1)).colleagues.where('name', 'x').count())
  User.where('favourite.title', 'x').orderBy('favourite.title').where('colleagues.name', 'y')
  is<string | undefined>()((await user.related('colleagues').where('name', 'x').first())?.name)
  // @ts-expect-error: a kind of one's own is read only
  user.related('colleagues').create({ name: 'x' })
  // @ts-expect-error: a kind of one's own is read only
  user.related('favourite').associate(3)
}
const plain = Relation.custom({ many: false, link: ({ name }) => ({ from: `${name}Id`, to: 'id' }) })
plain(() => Post)
// @ts-expect-error: this kind takes no options
plain(() => Post, { field: 'x' })
const sized = Relation.custom<true, { size: number }>({
  many: true,
  link: ({ options, source }) => ({ from: source.fields[options.size] ?? 'id', to: ['id'] }),
})
sized(() => Post, { size: 3 })
// @ts-expect-error: its options are needed
sized(() => Post)
// @ts-expect-error: an option of another type
sized(() => Post, { size: 'x' })
// @ts-expect-error: whether it leads to many rows has to be said
Relation.custom({ link: () => ({ from: 'a', to: 'b' }) })
// @ts-expect-error: both ends have to be named
Relation.custom({ many: true, link: () => ({ from: 'a' }) })
Relation.custom({
  many: true,
  link: () => ({ from: 'id', to: 'id', through: { model: () => User, near: 'a', far: ['b'] } }),
})

// options
Relation.hasManyThrough(() => Post, { through: () => User, foreignKey: 'a', otherKey: 'b', localKey: 'c' })
Relation.hasOne(() => Post, { foreignKey: ['a', 'b'], localKey: ['c', 'd'] })
// @ts-expect-error: the model between has to be named
Relation.hasManyThrough(() => Post)
// @ts-expect-error: the model between is not a table
Relation.hasOneThrough(() => Post, { through: 'users' })
// @ts-expect-error: no such option
Relation.belongsTo(() => Post, { through: () => User })
// @ts-expect-error: no such option
Relation.hasMany(() => Post, { otherKey: 'a' })
// @ts-expect-error: a function that returns the model
Relation.hasMany(Post)

export function metadata() {
  const info = Country.posts.metadata
  is<string | undefined>()(info?.through?.table)
  is<readonly string[] | undefined>()(info?.source.columns)
  is<boolean | undefined>()(info?.symmetrical)
  is<string | null | undefined>()(info?.morph?.value)
  // @ts-expect-error: null before the model is used
  info.name
}

/** Whatever is loaded of it. */
const names = (user: Entity<typeof User, 'posts' | 'posts.comments'>) =>
  user.posts.map((post) => [post.lead(), post.comments.length])
export async function passing() {
  names(await User.with('posts.comments.replies', 'country').firstOrFail())
  const country = await Country.with('users.posts.comments').firstOrFail()
  country.users.map(names)
  // @ts-expect-error: the comments are not loaded
  names(await User.with('posts').firstOrFail())
}

// models that relate to themselves and to each other by way of tables
class Node extends Model({ name: Field.string() }) {
  static outs = Relation.manyToMany(() => Node, { through: () => Edge, foreignKey: 'fromId', otherKey: 'toId' })
  static ins = Relation.manyToMany(() => Node, { through: () => Edge, foreignKey: 'toId', otherKey: 'fromId' })
}
class Edge extends Model({
  fromId: Field.foreignKey(() => Node),
  toId: Field.foreignKey(() => Node),
  length: Field.float(),
}) {
  static from = Relation.belongsTo(() => Node)
}
export async function graph() {
  const node = await Node.with('outs.ins.outs').firstOrFail()
  is<number | undefined>()(node.outs[0]?.ins[0]?.outs[0]?.pivot.length)
  await Edge.where('from.outs.ins.name', 'x')
}
