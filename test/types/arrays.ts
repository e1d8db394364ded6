import { contains, type Decimal, Field, Model, not } from 'corm'
import { is } from './support/expect.js'

export class Post extends Model({
  title: Field.string(),
  tags: Field.array(Field.string({ max: 20 }), { min: 1, max: 5 }),
  sizes: Field.array(Field.integer(), { default: [] }),
  prices: Field.array(Field.decimal(), { nullable: true }),
  holes: Field.array(Field.date({ nullable: true }), { default: () => [null] }),
  kinds: Field.array(Field.enum(['a', 'b']), { guarded: true, nullable: true }),
}) {}

class Talk extends Model({
  meta: Field.json<{ topics?: string[]; sizes?: number[]; title?: string }>(),
  tags: Field.json<string[]>({ nullable: true }),
}) {}

export async function arrays() {
  const post = await Post.create({ title: 'a', tags: ['a'] })
  is<string[]>()(post.tags)
  is<number[]>()(post.sizes)
  is<Decimal[] | null>()(post.prices)
  is<(string | null)[]>()(post.holes)
  is<('a' | 'b')[] | null>()(post.kinds)
  post.tags.push('b')
  await Post.create({ title: 'a', tags: ['a'] as const, prices: ['1.5', 2], holes: [null, '2024-01-01'] })
  await Post.create({ title: 'a', tags: [], kinds: ['a'] }, { guarded: true })
  await Post.where('tags', ['a']).update({ tags: ['b'] })
  Post.where('tags', 'contains', 'a').where('tags', 'contains', ['a', 'b'])
  Post.where({ tags: contains('a'), sizes: contains([1, 2]), prices: not(contains(1)) })
  Post.where({ tags: ['a'], prices: null, title: contains('a') })
  Post.where((c) =>
    c.tags
      .contains('a')
      .and(c.sizes.contains([1]))
      .and(c.title.contains('a')),
  )
  Post.where((c) => c.tags.eq(['a']).or(c.prices.isNull()).or(c.tags.length().gt(1)))
  Post.query().whereIn('tags', [['a'], []])
  Talk.where((c) =>
    c.meta
      .json('topics')
      .contains('a')
      .and(c.meta.json('topics').contains(['a', 'b'])),
  )
  Talk.where((c) => c.meta.json('sizes').contains(1).and(c.meta.json('title').contains('a')))
  Talk.where((c) => c.tags.contains('a').and(c.meta.json<boolean[]>('other').contains(true)))
  Talk.where({ tags: contains('a') })
    .where({ tags: not(contains(['a', 'b'])) })
    .where('tags', 'contains', ['a'])
  // @ts-expect-error: an element is a text
  Talk.where((c) => c.meta.json('topics').contains(1))
  // @ts-expect-error: an element is a number
  Talk.where((c) => c.meta.json('sizes').contains(['a']))
  // @ts-expect-error: an element is a text
  Talk.where({ tags: contains(1) })
  // @ts-expect-error: an object contains nothing
  Talk.where((c) => c.meta.contains('a'))
  // @ts-expect-error: an object contains nothing
  Talk.where('meta', 'contains', 'a')
  // @ts-expect-error: an object contains nothing
  Talk.where({ meta: contains('a') })
  // @ts-expect-error: an array of texts
  await Post.create({ title: 'a', tags: [1] })
  // @ts-expect-error: elements are not null
  await Post.create({ title: 'a', tags: [null] })
  // @ts-expect-error: required
  await Post.create({ title: 'a' })
  // @ts-expect-error: guarded
  await Post.create({ title: 'a', tags: [], kinds: ['a'] })
  // @ts-expect-error: an element is a number
  Post.where('sizes', 'contains', 'a')
  // @ts-expect-error: an element is a number
  Post.where({ sizes: contains('a') })
  // @ts-expect-error: an element is a number
  Post.where((c) => c.sizes.contains('a'))
  // @ts-expect-error: the whole array
  Post.where('tags', 'a')
  // @ts-expect-error: a text
  Post.where('title', 'contains', ['a'])
  // @ts-expect-error: a field first
  Field.array({ max: 5 })
  // @ts-expect-error: no such option
  Field.array(Field.string(), { primaryKey: true })
  // @ts-expect-error: a number
  Field.array(Field.string(), { max: 'a' })
}
