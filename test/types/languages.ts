import { type Entity, Field, Model, Relation, setDefaultLocale, withLocale } from 'corm'
import { is } from './support/expect.js'

class Post extends Model({
  title: Field.translated(Field.string(), { locales: ['en', 'fr', 'pt-BR'], base: true }),
  body: Field.translated(Field.text({ nullable: true }), { locales: ['en', 'fr'] }),
  blogId: Field.foreignKey(() => Blog),
}) {
  static blog = Relation.belongsTo(() => Blog)
  get loud() {
    return this.title.toUpperCase() + (this.titleFr ?? '')
  }
}
class Blog extends Model({ name: Field.string() }) {
  static posts = Relation.hasMany(() => Post)
}
class Novel extends Post.extend(
  { blurb: Field.translated(Field.string(), { locales: ['de'] }) },
  { table: 'novels' },
) {}

export async function attributes() {
  const post = await Post.create({ title: 'x', titlePtBR: 'y', bodyFr: null, blogId: 1 })
  is<string>()(post.title)
  is<string | null>()(post.titleEn)
  is<string | null>()(post.titlePtBR)
  is<string | null>()(post.body)
  is<string | null>()(post.bodyFr)
  post.title = 'x'
  post.titleFr = null
  // @ts-expect-error: null is no text
  post.title = null
  // @ts-expect-error: no such language
  void post.titleDe
  // @ts-expect-error: nor of this one
  void post.bodyPtBR
  await Post.create({ titleFr: 'x', blogId: 1 })
  // @ts-expect-error: not its type
  await Post.create({ title: 1, blogId: 1 })
  // @ts-expect-error: no such language
  await Post.create({ titleDe: 'x', blogId: 1 })
  await post.update({ titleFr: 'x', body: null })
  post.isDirty('title')
  post.toJSON({ locales: 'all' })
  // @ts-expect-error: all or nothing
  post.toJSON({ locales: 'fr' })
  const novel = new Novel()
  is<string>()(novel.blurb)
  is<string | null>()(novel.blurbDe)
  is<string | null>()(novel.titleFr)
}

export async function inLocales() {
  is<string>()(withLocale('fr', () => new Post().title))
  is<number>()(await withLocale('fr', () => Post.query().count()))
  is<number>()(await withLocale('fr', async () => 1))
  const rows = await withLocale('fr', () => Post.query().select('title'))
  is<string | undefined>()(rows[0]?.title)
  // @ts-expect-error: it has been run
  withLocale('fr', () => Post.query()).orderBy('title')
  is<(next: () => void) => void>()((next: () => void) => withLocale('fr', next))
}

export async function queries() {
  Post.query().whereIn('title', Post.query().select('title'))
  // @ts-expect-error: an id is not a text
  Post.query().whereIn('title', Blog.query().select('id'))
  Post.where('title', 'x').orderBy('-title').where('titleFr', null).where('blog.posts.title', 'x')
  // @ts-expect-error: a text is not a number
  Post.where('title', 1)
  // @ts-expect-error: no such language
  Post.where('titleDe', 'x')
  is<string[]>()(await Post.query().pluck('title'))
  is<(string | null)[]>()(await Post.query().pluck('titleEn'))
  const [chosen] = await Post.query().select('title')
  is<string | undefined>()(chosen?.title)
  await Post.query().update({ title: 'x', titleFr: null })
  await Post.query().annotate({ shout: (c) => c.title.upper() })
  is<number>()(await Post.missingTranslations('fr', 'title').count())
  // @ts-expect-error: no such field
  Post.missingTranslations('fr', 'titel')
  const blog: Entity<typeof Blog, 'posts'> = await Blog.with('posts').firstOrFail()
  is<string | undefined>()(blog.posts[0]?.title)
}

export async function locales() {
  is<number>()(withLocale('fr', () => 1))
  is<number>()(await withLocale('fr', async () => 1))
  setDefaultLocale('fr')
  // @ts-expect-error: needs something to run
  withLocale('fr')
  // @ts-expect-error: a field comes first
  Field.translated({ locales: ['en'] })
  // @ts-expect-error: only text
  Field.translated(Field.integer(), { locales: ['en'] })
  // @ts-expect-error: the languages are missing
  Field.translated(Field.string(), {})
}
