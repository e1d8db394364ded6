import { beforeEach, expect, it } from 'vitest'
import { expectQueries } from '../support/count-queries.js'
import { describeDatabases } from '../support/databases.js'
import { Person, relationModels, seedArticles } from '../support/relation-models.js'

describeDatabases('relations of a model with itself', (database) => {
  database.useTables(relationModels)
  let world: Awaited<ReturnType<typeof seedArticles>>
  beforeEach(async () => {
    world = await seedArticles()
  })

  const names = (people: readonly { name: string }[]) => people.map((person) => person.name).sort()
  const friendsOf = async (person: { id: number }) =>
    names((await Person.with('friends').findOrFail(person.id)).friends)

  it('a symmetrical pair is seen from both sides, whoever made it', async () => {
    const { ann, bob, cat } = world
    expect(await ann.related('friends').attach(bob)).toBe(1)
    expect(await cat.related('friends').attach(ann)).toBe(1)
    expect(names(await ann.friends)).toEqual(['Bob', 'Cat'])
    expect(names(await bob.friends)).toEqual(['Ann'])
    expect(names(await cat.friends)).toEqual(['Ann'])
    expect(await Promise.all([ann, bob, cat].map(friendsOf))).toEqual([['Bob', 'Cat'], ['Ann'], ['Ann']])
  })
  it('is one row, also when both sides make it', async () => {
    const { ann, bob } = world
    expect(await ann.related('friends').attach(bob)).toBe(1)
    expect(await bob.related('friends').attach(ann)).toBe(0)
    expect(await Person.attachMany('friends', [[bob, ann]])).toBe(0)
    expect(await ann.related('friends').count()).toBe(1)
    expect(await bob.related('friends').count()).toBe(1)
    expect(await bob.related('friends').detach(ann)).toBe(1)
    expect(await ann.related('friends').exists()).toBe(false)
  })
  it('holds a row’s pair with itself once', async () => {
    const { ann } = world
    expect(await ann.related('friends').attach(ann)).toBe(1)
    expect(await ann.related('friends').attach(ann)).toBe(0)
    expect(names(await ann.friends)).toEqual(['Ann'])
    expect(await ann.related('friends').sync([ann])).toEqual({ attached: 0, detached: 0, updated: 0 })
    expect(await ann.related('friends').clear()).toBe(1)
  })
  it('both ways given at once are one pair', async () => {
    const { ann, bob } = world
    expect(
      await Person.attachMany('friends', [
        [ann, bob],
        [bob, ann],
      ]),
    ).toBe(1)
    expect(await ann.related('friends').count()).toBe(1)
  })
  it('has its pivot from either side', async () => {
    const { ann, bob } = world
    await bob.related('friends').attach([[ann, { since: 2001 }]])
    expect((await ann.friends)[0]?.pivot.since).toBe(2001)
    expect((await bob.friends)[0]?.pivot.since).toBe(2001)
    expect(await ann.related('friends').updatePivot(bob, { since: 2002 })).toBe(1)
    expect((await bob.related('friends').get())[0]?.pivot.since).toBe(2002)
    expect(
      await bob
        .related('friends')
        .where('pivot.since' as never, 2002 as never)
        .count(),
    ).toBe(1)
    // a pair that is there gets the values given for it, from whichever side
    expect(await ann.related('friends').attach([[bob, { since: 2003 }]])).toBe(0)
    expect((await bob.related('friends').get())[0]?.pivot.since).toBe(2003)
  })
  it('sync, toggle and clear work on pairs of either direction', async () => {
    const { ann, bob, cat } = world
    await bob.related('friends').attach(ann)
    expect(await ann.related('friends').sync([bob, cat])).toEqual({ attached: 1, detached: 0, updated: 0 })
    expect(await cat.related('friends').sync([bob])).toEqual({ attached: 1, detached: 1, updated: 0 })
    expect(names(await Person.query().whereHas('friends').get())).toEqual(['Ann', 'Bob', 'Cat'])
    expect(await bob.related('friends').toggle(ann, cat)).toEqual({ attached: 0, detached: 2 })
    expect(await bob.related('friends').toggle([ann])).toEqual({ attached: 1, detached: 0 })
    expect(await ann.related('friends').clear()).toBe(1)
    expect(await Person.query().whereHas('friends').count()).toBe(0)
  })
  it('stands in conditions, counts and deep paths', async () => {
    const { ann, bob, cat } = world
    await ann.related('friends').attach(bob, cat)
    expect(await Person.query().whereHas('friends', '>=', 2).pluck('name')).toEqual(['Ann'])
    expect(await Person.query().whereHas('friends', '=', 1).orderBy('id').pluck('name')).toEqual(['Bob', 'Cat'])
    expect(await Person.where('friends.name', 'Ann').orderBy('id').pluck('name')).toEqual(['Bob', 'Cat'])
    expect(await Person.where('friends.friends.name', 'Cat').orderBy('id').pluck('name')).toEqual(['Bob', 'Cat'])
    const people = await expectQueries(3, () => Person.with('friends.friends').orderBy('id'))
    expect(people.map((person) => person.friends.map((friend) => names(friend.friends)))).toEqual([
      [['Ann'], ['Ann']],
      [['Bob', 'Cat']],
      [['Bob', 'Cat']],
    ])
    const one = await Person.with({ friends: (q) => q.orderBy('-name').limit(1) }).orderBy('id')
    expect(one.map((person) => names(person.friends))).toEqual([['Cat'], ['Ann'], ['Ann']])
  })
  it('updates and deletes the rows it leads to', async () => {
    const { ann, bob, cat } = world
    await bob.related('friends').attach(ann)
    await ann.related('friends').attach(cat)
    expect(await ann.related('friends').update({ name: 'Friend' })).toBe(2)
    expect(await Person.query().orderBy('id').pluck('name')).toEqual(['Ann', 'Friend', 'Friend'])
    expect(await ann.related('friends').where('id', bob.id).delete()).toBe(1)
    expect(await friendsOf(ann)).toEqual(['Friend'])
  })
  it('tells of itself', () => {
    expect(Person.friends.metadata).toMatchObject({
      symmetrical: true,
      through: { table: 'people_friends', from: ['person_id'], to: ['friend_id'] },
    })
  })

  it('a relation with keys of its own has a direction', async () => {
    const { ann, bob, cat } = world
    await ann.related('follows').attach([bob, cat])
    await bob.related('follows').attach(ann)
    const [first] = await expectQueries(3, () => Person.with('follows', 'followers').orderBy('id'))
    expect(names(first!.follows)).toEqual(['Bob', 'Cat'])
    expect(names(first!.followers)).toEqual(['Bob'])
    expect(await Person.query().whereHas('followers').orderBy('id').pluck('name')).toEqual(['Ann', 'Bob', 'Cat'])
    expect(await Person.query().whereDoesntHave('follows').pluck('name')).toEqual(['Cat'])
    expect(await cat.related('followers').detach(ann)).toBe(1)
    expect(names(await Person.query().whereHas('follows', '=', 1).get())).toEqual(['Ann', 'Bob'])
  })
})
