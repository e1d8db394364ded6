import { Decimal } from 'decimal.js'
import { is } from './support/expect.js'
import { Comment, Country, Label, Membership, Post, Team, User } from './support/relation-models.js'

// the manager of a relation by way of a join table
export async function links() {
  const user = await User.findOrFail(1)
  const team = await Team.findOrFail(1)
  const teams = user.related('teams')
  is<number>()(await teams.attach(team))
  await teams.attach(1)
  await teams.attach([team, 2, [3, { role: 'lead' }], [team, { since: new Date(), fee: new Decimal(1) }]])
  await teams.attach([team, { role: 'lead' }])
  await teams.attach([1, 2], { role: 'lead' })
  await teams.attach(1, { role: 'lead' }, { guarded: true })
  await teams.attach([[1, { role: 'lead' }]], { guarded: true })
  await teams.add([1, 2], undefined, { guarded: true })
  await teams.sync([[1, { role: 'lead' }]], { guarded: true })
  await teams.set([1], { guarded: true })
  await teams.toggle([[1, { role: 'lead' }]], { guarded: true })
  await teams.updatePivot(1, { role: 'lead' }, { guarded: true })
  await teams.save(team, { role: 'lead' }, { guarded: true })
  const [found, created] = await teams.firstOrCreate({ title: 'red' }, {}, { role: 'lead' })
  is<boolean>()(created)
  is<string>()(found.title)
  await teams.updateOrCreate({ title: 'red' }, { title: 'blue' }, undefined, { guarded: true })
  // @ts-expect-error: no such field
  await teams.firstOrCreate({ titel: 'red' })
  // @ts-expect-error: no such value of the join table
  await teams.firstOrCreate({ title: 'red' }, {}, { rank: 1 })
  await User.attachMany('teams', [[1, 2, { role: 'lead' }]], { guarded: true, withoutGlobalScopes: true })
  // @ts-expect-error: an option is spelt otherwise
  await teams.sync([1], { gaurded: true })
  // @ts-expect-error: likewise
  await teams.attach(1, { role: 'lead' }, { gaurded: true })
  // @ts-expect-error: what is removed has no values
  await teams.detach(1, { guarded: true })
  await teams.add(team, { role: 'member' })
  is<number>()(await teams.detach(team))
  await teams.detach([1, team])
  await teams.remove(1)
  is<number>()(await teams.clear())
  is<{ attached: number; detached: number; updated: number }>()({
    ...(await teams.sync([team, [2, { role: 'lead' }]])),
  })
  await teams.set([])
  const toggled = await teams.toggle([1, team])
  is<number>()(toggled.attached + toggled.detached)
  is<number>()(await teams.updatePivot(team, { role: 'lead', since: null }))
  await teams.updatePivot([1, 2], { fee: 3 })
  await teams.updatePivot(1, { fee: '2.50' })
  // @ts-expect-error: no such value
  await teams.attach(1, { role: 'boss' })
  // @ts-expect-error: no such field of the table
  await teams.attach([[1, { rank: 1 }]])
  // @ts-expect-error: no such field of the table
  await teams.updatePivot(1, { rank: 1 })
  // @ts-expect-error: an instance of another model
  await teams.attach(user)
  // @ts-expect-error: the key is a number
  await teams.detach('1')
  // @ts-expect-error: a list
  await teams.sync(1)
  // @ts-expect-error: what a removed link held is not asked for
  await teams.detach([[1, { role: 'lead' }]])
  // @ts-expect-error: a toggle changes no values
  toggled.updated
  // @ts-expect-error: links are attached
  teams.associate(team)
  // @ts-expect-error: a step leads to a plain query
  teams.where('title', 'x').attach(1)
}

export async function making() {
  const user = await User.findOrFail(1)
  const teams = user.related('teams')
  is<string>()((await teams.create({ title: 'x' })).title)
  await teams.create({ title: 'x' }, { role: 'lead' })
  await teams.create({ id: 3, title: 'x' }, undefined, { guarded: true })
  const [x, y] = await teams.createMany([{ title: 'x' }, { title: 'y' }], { role: 'lead' })
  is<string>()(x.title + y.title)
  is<number>()((await teams.save(new Team({ title: 'x' }), { role: 'lead' })).id)
  // @ts-expect-error: the title is required
  await teams.create({})
  // @ts-expect-error: no such field of the table
  await teams.create({ title: 'x' }, { rank: 1 })
  // @ts-expect-error: a generated key is guarded
  await teams.create({ id: 3, title: 'x' })
  // @ts-expect-error: an instance of another model
  await teams.save(user)
  // a bare table takes what it has
  await user.related('friends').attach(2)
  await (await Label.findOrFail(1)).related('photos').attach(1, { note: 'x' })
  await (await Label.findOrFail(1)).related('posts').attach([[1, { weight: 2 }]])
}

// the manager of rows that hold the key of their owner
export async function owned() {
  const user = await User.findOrFail(1)
  const post = await Post.findOrFail(1)
  const posts = user.related('posts')
  is<boolean>()((await posts.firstOrCreate({ title: 'x' }))[1])
  is<string>()((await posts.updateOrCreate({ title: 'x' }, { title: 'y' }))[0].title)
  // @ts-expect-error: no such field
  await posts.updateOrCreate({ title: 'x' }, { titel: 'y' })
  is<number>()(await posts.attach(post))
  await posts.attach(1, 2, post)
  await posts.add([1, post])
  is<number>()(await posts.detach(post))
  await posts.remove([1, 2])
  is<number>()(await posts.clear())
  is<number>()((await posts.sync([1, post])).attached)
  await posts.set([])
  await post.related('comments').attach(await Comment.findOrFail(1))
  // @ts-expect-error: no join table that could hold it
  await posts.attach([[1, { role: 'lead' }]])
  // @ts-expect-error: no join table
  posts.toggle(1)
  // @ts-expect-error: no join table
  posts.updatePivot(1, {})
  // @ts-expect-error: an instance of another model
  await posts.attach(user)
}

// rows at the end of two relations are read
export async function through() {
  const country = await Country.findOrFail('FR')
  is<string | undefined>()((await country.related('posts').where('title', 'x').orderBy('title').first())?.title)
  is<number>()(await country.related('posts').count())
  // @ts-expect-error: which model between it would be is not known
  country.related('posts').create({ title: 'x' })
  // @ts-expect-error: which model between it would be is not known
  country.related('posts').attach(1)
}

export async function ofTheModel() {
  const user = await User.findOrFail(1)
  const team = await Team.findOrFail(1)
  is<number>()(
    await User.attachMany('teams', [
      [1, 2],
      [user, team],
      [user, 3, { role: 'lead' }],
    ]),
  )
  is<number>()(
    await User.detachMany('teams', [
      [1, 2],
      [user, team],
    ]),
  )
  await Post.attachMany('labels', [[1, 2, { weight: 3, note: null }]])
  await Label.attachMany('photos', [[1, 2]])
  // @ts-expect-error: no relation by way of a join table
  await User.attachMany('posts', [[1, 2]])
  // @ts-expect-error: no such relation
  await User.attachMany('team', [[1, 2]])
  // @ts-expect-error: the sides are the other way round
  await User.attachMany('teams', [[team, user]])
  // @ts-expect-error: a pair
  await User.attachMany('teams', [1, 2])
  // @ts-expect-error: no such value
  await User.attachMany('teams', [[1, 2, { role: 'boss' }]])
  // @ts-expect-error: no values where links go
  await User.detachMany('teams', [[1, 2, { role: 'lead' }]])
}

/** In the methods of a model, by the relation itself. */
export async function byRelation(user: User, post: Post) {
  await user.related(User.teams).attach(1, { role: 'lead' })
  is<'member' | 'lead' | undefined>()((await user.related(User.teams).first())?.pivot.role)
  await post.related(Post.labels).sync([[1, { weight: 2 }]])
  await user.related(User.avatar).create({ url: 'x' })
  await new Comment().related(Comment.commentable).associate(post)
  is<string | undefined>()((await user.related(User.colleagues).first())?.name)
  // @ts-expect-error: no such value
  await user.related(User.teams).attach(1, { role: 'boss' })
  // @ts-expect-error: a table without a model has no such field
  await user.related(User.follows).attach(1, { role: 'lead' })
  // @ts-expect-error: not one of its models
  await new Comment().related(Comment.commentable).associate(user)
}

/** A model of the table is a model like any. */
export async function between() {
  is<'member' | 'lead'>()((await Membership.create({ userId: 1, teamId: 2 })).role)
  await Membership.where('role', 'lead').update({ fee: 3 })
}
