import { Field, fn, Model, Relation } from 'corm'
import { beforeEach, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'

class Post extends Model({ title: Field.string() }, { table: 'pair_posts' }) {
  static tags = Relation.manyToMany(() => Tag, { through: 'pair_post_tags' })
  static hidden = Relation.manyToMany(() => Hidden, { through: 'pair_post_hidden' })
  static friends = Relation.manyToMany(() => Post, { through: 'pair_friends', otherKey: 'friendId', symmetrical: true })
  static labels = Relation.morphToMany(() => Tag, 'labelable', { through: 'pair_labels' })
}
class Tag extends Model({ name: Field.string() }, { table: 'pair_tags' }) {
  static posts = Relation.manyToMany(() => Post, { through: 'pair_post_tags' })
  static labeled = Relation.morphedByMany(() => Post, 'labelable', { through: 'pair_labels' })
}
class Hidden extends Model({ name: Field.string(), deletedAt: Field.softDelete() }, { table: 'pair_hidden' }) {}

describeDatabases('relations with a join table', (database) => {
  database.useTables([Post, Tag, Hidden])
  beforeEach(async () => {
    const [a, b, c] = await Post.createMany([{ title: 'a' }, { title: 'b' }, { title: 'c' }])
    const [x, y] = await Tag.createMany([{ name: 'x' }, { name: 'y' }])
    const [shown, gone] = await Hidden.createMany([{ name: 'shown' }, { name: 'gone' }])
    await a!.related('tags').attach([x!, y!])
    await b!.related('tags').attach(x!)
    await a!.related('hidden').attach([shown!, gone!])
    await b!.related('hidden').attach(gone!)
    await gone!.delete()
    await a!.related('friends').attach([b!, a!])
    await c!.related('labels').attach(y!)
  })
  const sqlOf = (query: { toSQL(): { sql: string } }) => query.toSQL().sql.replace(/[`"]/g, '')

  it('are counted without reading the rows that they lead to', async () => {
    const posts = Post.query().orderBy('id')
    const counted = posts.withCount('tags').withExists('tags').withCount('friends').withCount('labels')
    expect(sqlOf(counted)).not.toMatch(/pair_tags|join/)
    expect(await counted.valuesList('tagsCount', 'tagsExists', 'friendsCount', 'labelsCount')).toEqual([
      [2, true, 2, 0],
      [1, true, 1, 0],
      [0, false, 0, 1],
    ])
    const asked = posts.whereHas('tags', '>=', 2).whereHas('friends').whereDoesntHave('labels')
    expect(sqlOf(asked)).not.toMatch(/pair_tags|join/)
    expect(await asked.pluck('title')).toEqual(['a'])
    expect(
      await Tag.query()
        .withCount('labeled')
        .withCount('posts')
        .orderBy('name')
        .valuesList('labeledCount', 'postsCount'),
    ).toEqual([
      [0, 2],
      [1, 1],
    ])
  })

  it('are counted by expressions without those rows too', async () => {
    const counted = Post.query()
      .annotate({
        n: (c) => fn.count(c.tags),
        ids: (c) => fn.count(c.tags.id),
        once: (c) => fn.count(c.tags, { distinct: true }),
        friendly: (c) => fn.count(c.friends),
        labeled: (c) => fn.count(c.labels).plus(1),
      })
      .orderBy('-n', 'id')
    expect(sqlOf(counted)).not.toMatch(/pair_tags|join/)
    expect(await counted.valuesList('n', 'ids', 'once', 'friendly', 'labeled')).toEqual([
      [2, 2, 2, 2, 1],
      [1, 1, 1, 1, 1],
      [0, 0, 0, 0, 2],
    ])
    const asked = Post.query().where((c) => fn.count(c.tags).gt(1))
    expect(sqlOf(asked)).not.toMatch(/pair_tags|join/)
    expect(await asked.pluck('title')).toEqual(['a'])
    const nested = Tag.query()
      .where('name', 'x')
      .annotate({
        most: (c) =>
          Post.query()
            .where((p) => fn.count(c.posts).gt(p.id.minus(p.id)))
            .annotate({ k: fn.count() })
            .select('k'),
      })
    expect(await nested.pluck('most')).toEqual([3])
    const named = Post.query().annotate({
      hidden_: (c) => fn.count(c.hidden),
      names: (c) => fn.count(c.tags.name),
      some: (c) => fn.count(c.tags).filter(c.tags.name.eq('y')),
    })
    expect(await named.orderBy('id').valuesList('hidden_', 'names', 'some')).toEqual([
      [1, 2, 1],
      [0, 1, 0],
      [0, 0, 0],
    ])
  })

  it('are counted by the rows where conditions or scopes leave some out', async () => {
    const posts = Post.query().orderBy('id')
    expect(await posts.withCount('hidden').pluck('hiddenCount')).toEqual([1, 0, 0])
    expect(await posts.whereHas('hidden').pluck('title')).toEqual(['a'])
    const some = posts.withCount({ tags: { as: 'some', where: (q) => q.where('name', 'y') } })
    expect(await some.pluck('some')).toEqual([1, 0, 0])
    expect(await posts.whereHas('tags', (q) => q.where('name', 'y')).pluck('title')).toEqual(['a'])
    expect(await posts.where('tags.name', 'x').pluck('title')).toEqual(['a', 'b'])
    expect(await posts.whereHas('tags.posts', (q) => q.where('title', 'b')).pluck('title')).toEqual(['a', 'b'])
  })
})
