import { type Entity, fn, Relation } from 'corm'
import type { Decimal } from 'decimal.js'
import { fits, is } from './support/expect.js'
import { Label, Post, Team, User } from './support/relation-models.js'

// typed from `pivot`, from a model of the table, or not known
export async function loaded() {
  const user = await User.with('follows', 'teams.users', 'friends').firstOrFail()
  is<boolean | undefined>()(user.follows[0]?.pivot.muted)
  is<'member' | 'lead' | undefined>()(user.teams[0]?.pivot.role)
  is<Date | null | undefined>()(user.teams[0]?.pivot.since)
  is<number | undefined>()(user.teams[0]?.pivot.teamId)
  is<Decimal | undefined>()(user.teams[0]?.users[0]?.pivot.fee)
  is<unknown>()(user.friends[0]?.pivot.anything)
  is<string | undefined>()(user.teams.map((team) => team.title)[0])
  // @ts-expect-error: no such field of the table
  user.follows[0]?.pivot.role
  // @ts-expect-error: the values come with the row; updatePivot changes them
  user.teams[0]!.pivot = user.teams[1]!.pivot
  // @ts-expect-error: one value would not be saved either
  user.teams[0]!.pivot.role = 'lead'
  // @ts-expect-error: a row that did not come through the table
  ;(await Team.findOrFail(1)).pivot

  const post = await Post.with('labels.posts').firstOrFail()
  is<number | undefined>()(post.labels[0]?.pivot.weight)
  is<string | null | undefined>()(post.labels[0]?.pivot.note)
  is<number | undefined>()(post.labels[0]?.posts[0]?.pivot.weight)
}

export async function pending() {
  const user = await User.findOrFail(1)
  is<'member' | 'lead' | undefined>()((await user.teams)[0]?.pivot.role)
  is<'member' | 'lead' | undefined>()((await user.teams.first())?.pivot.role)
  is<boolean | undefined>()((await user.follows.where('name', 'x').limit(3))[0]?.pivot.muted)
  is<boolean | undefined>()((await user.follows.query().orderBy('-pivot.muted').first())?.pivot.muted)
  // @ts-expect-error: not loaded
  user.teams[0]
  const label = await Label.findOrFail(1)
  is<number | undefined>()((await label.posts)[0]?.pivot.weight)
  is<unknown>()((await label.photos)[0]?.pivot.whatever)
}

// 'pivot.…' is a key of queries over the rows of the relation
export async function keys() {
  const user = await User.findOrFail(1)
  const teams = user.related('teams')
  teams.where('pivot.role', 'lead').orderBy('pivot.since').orderBy('-pivot.fee', 'asc')
  teams.where('pivot.fee', '>', 3).whereIn('pivot.role', ['lead', 'member']).whereNull('pivot.since')
  teams.whereBetween('pivot.fee', [1, '2.50']).where('pivot.role', '!=', 'lead').orWhere('pivot.since', null)
  is<('member' | 'lead')[]>()(await teams.pluck('pivot.role'))
  is<{ title: string; 'pivot.since': Date | null }[]>()(await teams.values('title', 'pivot.since'))
  is<[string, Decimal][]>()(await teams.valuesList('title', 'pivot.fee'))
  is<'member' | 'lead' | undefined>()((await teams.where('pivot.role', 'lead'))[0]?.pivot.role)
  await teams.groupBy('pivot.role').aggregate({ teams: fn.count() })
  user.teams.where('pivot.role', 'lead').orderBy('pivot.since')
  // @ts-expect-error: no such field of the table
  teams.where('pivot.rôle', 'lead')
  // @ts-expect-error: no such value
  teams.where('pivot.role', 'boss')
  // @ts-expect-error: a date, or null
  teams.where('pivot.since', 3)
  // @ts-expect-error: no such field of the table
  teams.orderBy('pivot.rank')
  // @ts-expect-error: no such field of the table
  teams.pluck('pivot.rank')
  // @ts-expect-error: a query over all teams has no join table
  Team.query().where('pivot.role', 'lead')
  // @ts-expect-error: posts are not reached by a join table
  user.related('posts').orderBy('pivot.role')
}

export async function callbacks() {
  const user = await User.query()
    .with({ teams: (teams) => teams.where('pivot.role', 'lead').orderBy('-pivot.since').limit(2), follows: true })
    .firstOrFail()
  is<'member' | 'lead' | undefined>()(user.teams[0]?.pivot.role)
  is<boolean | undefined>()(user.follows[0]?.pivot.muted)
  const nested = await User.query()
    .with({ teams: (teams) => teams.with({ users: (users) => users.where('pivot.role', 'member') }) })
    .firstOrFail()
  is<'member' | 'lead' | undefined>()(nested.teams[0]?.users[0]?.pivot.role)
  User.query().whereHas('teams', (teams) => teams.where('pivot.role', 'lead').where('title', 'x'), '>', 1)
  User.query().whereDoesntHave('follows', (follows) => follows.where({ name: 'x' }).where('pivot.muted', true))
  User.query().whereHas('follows.teams', (teams) => teams.whereNull('pivot.since'))
  Post.query().whereHas('labels', (labels) => labels.where('pivot.weight', '>', 2))
  // @ts-expect-error: no such field of the table
  User.query().with({ teams: (teams) => teams.where('pivot.rank', 1) })
  // @ts-expect-error: no such field of the table
  User.query().whereHas('follows', (follows) => follows.where('pivot.role', 'lead'))
  // @ts-expect-error: the last relation of the path has it, not the first
  User.query().whereHas('follows.teams', (teams) => teams.where('pivot.muted', true))
}

// paths go through the table and past it
export async function paths() {
  is<string[]>()(await User.where('teams.title', 'x').where('follows.teams.title', 'y').pluck('name'))
  User.where({ 'teams.title': 'x', 'friends.name': 'y' })
  const counted = await User.query().annotate({ size: (c) => fn.count(c.teams), last: (c) => fn.max(c.teams.title) })
  is<number | undefined>()(counted[0]?.size)
  is<string | null | undefined>()(counted[0]?.last)
  // @ts-expect-error: many rows are no value
  User.query().orderBy('teams.title')
  // @ts-expect-error: no such field
  User.where('teams.name', 'x')
}

/** What came through the table fits where the row alone is asked for. */
const titles = (user: Entity<typeof User, 'teams' | 'teams.users'>) =>
  user.teams.map((team) => [team.title, team.pivot.role, team.users.length])
const title = (team: Team) => team.title
const inside = (user: Entity<typeof User, 'teams'>) => user.teams.map((team) => title(team))
export async function passing() {
  const user = await User.with('teams.users', 'follows').firstOrFail()
  titles(user)
  inside(user)
  inside(await User.with({ teams: (teams) => teams.where('pivot.role', 'lead') }).firstOrFail())
  user.teams.map(title)
  fits<Entity<typeof Team>>((await user.teams.first())!)
  fits<Entity<typeof User>>(user)
  // @ts-expect-error: their users are not loaded
  titles(await User.with('teams').firstOrFail())
  // @ts-expect-error: teams are not loaded
  inside(await User.findOrFail(1))
}

// options
Relation.manyToMany(() => Team, { through: 'x', foreignKey: ['a', 'b'], otherKey: 'c', localKey: ['d', 'e'] })
Relation.morphToMany(() => Label, 'labelable', { through: () => User, otherKey: 'a', typeKey: 'b' })
// @ts-expect-error: pivot takes fields
Relation.manyToMany(() => Team, { pivot: { role: 'text' } })
// @ts-expect-error: no such option
Relation.manyToMany(() => Team, { table: 'x' })
// @ts-expect-error: the pair of fields has to be named
Relation.morphToMany(() => Label)
// @ts-expect-error: a pair with models of several kinds has no two sides that are one
Relation.morphToMany(() => Label, 'labelable', { symmetrical: true })
