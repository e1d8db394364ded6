import { Field, Model } from 'corm'
import { is } from './support/expect.js'

export class Post extends Model({
  title: Field.string(),
  slug: Field.slug({ from: 'title', unique: true, onUpdate: true, slugify: (text) => text.toLowerCase() }),
  other: Field.slug({ max: 20, nullable: true }),
  path: Field.slug({ from: ['title'] }),
  phone: Field.tel({ country: 'DE', nullable: true }),
}) {}

export async function slugs() {
  const post = await Post.create({ title: 'a' })
  is<string>()(post.slug)
  is<string | null>()(post.other)
  is<string | null>()(post.phone)
  await Post.create({ title: 'a', slug: 'a', path: 'b', phone: '030 123456' })
  await Post.where('phone', '030 123456').update({ slug: 'a' })
  // @ts-expect-error: not nullable
  await Post.create({ title: 'a', slug: null })
  // @ts-expect-error: a text
  await Post.create({ title: 'a', phone: 5 })
  // @ts-expect-error: names of fields
  Field.slug({ from: 5 })
  // @ts-expect-error: no such option
  Field.tel({ region: 'DE' })
  class Plain extends Model({ slug: Field.slug() }) {}
  // @ts-expect-error: required
  await Plain.create({})
}
