import { type Entity, Field, Model, type QueryBuilder, Relation } from 'corm'
import { fits, is } from './support/expect.js'
import { Comment, Label, Photo, Post, Reply, User } from './support/relation-models.js'

// the other side is one of several models, told apart by instanceof
export async function loaded() {
  const comment = await Comment.with('commentable', 'replies.thing').firstOrFail()
  const { commentable } = comment
  is<number | undefined>()(commentable?.id)
  if (commentable instanceof Post) {
    is<string>()(commentable.title)
    is<string>()(commentable.lead())
    is<string | undefined>()((await commentable.labels)[0]?.name)
    fits<Entity<typeof Post>>(commentable)
    // @ts-expect-error: a field of the other model
    commentable.url
  } else if (commentable !== null) {
    is<string>()(commentable.url)
    fits<Photo>(commentable)
  }
  is<string | undefined>()(comment.replies[0]?.thing?.body)
  // @ts-expect-error: the row may be gone
  commentable.id
  // @ts-expect-error: only one of the models has it
  commentable?.title

  const pending = await Comment.findOrFail(1)
  const one = await pending.commentable
  is<string | undefined>()(one instanceof Photo ? one.url : one?.title)
  // @ts-expect-error: not loaded
  pending.commentable?.id
  // @ts-expect-error: a relation is not assigned
  pending.commentable = one
}

export async function otherSide() {
  const post = await Post.with('comments.commentable', 'labels').firstOrFail()
  is<string | undefined>()(post.comments[0]?.body)
  is<number | undefined>()(post.comments[0]?.commentable?.id)
  is<string | undefined>()(post.labels[0]?.name)
  const user = await User.with('avatar.subject').firstOrFail()
  is<string | undefined>()(user.avatar?.url)
  // @ts-expect-error: there may be none
  user.avatar.url
  const label = await Label.with('posts', 'photos').firstOrFail()
  is<string | undefined>()(label.posts[0]?.title)
  is<string | undefined>()(label.photos[0]?.url)
  is<number>()(await (await Label.findOrFail(1)).posts.count())
}

export async function callbacks() {
  await Comment.query().with({ commentable: { Post: (posts) => posts.limit(1), Photo: true } })
  await Comment.query().with({
    commentable: {
      Post: (posts: QueryBuilder<typeof Post>) => posts.where('title', 'x').with('user'),
      Photo: (photos) => photos.limit(3),
    },
  })
  const comment = await Comment.query()
    .with({ commentable: { Photo: true }, replies: (replies) => replies.where('body', 'x') })
    .firstOrFail()
  is<string | undefined>()(comment.commentable instanceof Photo ? comment.commentable.url : undefined)
  is<string | undefined>()(comment.replies[0]?.body)
  // @ts-expect-error: not one of its models
  Comment.query().with({ commentable: { User: (users: QueryBuilder<typeof User>) => users.limit(1) } })
  // @ts-expect-error: neither true nor a callback
  Comment.query().with({ commentable: { Photo: 3 } })
  // @ts-expect-error: a relation to one model has no choice of models
  Post.query().with({ comments: { Comment: true } })
  Post.query().whereHas('comments', (comments) => comments.where('body', 'x'))
  Comment.query().whereHas('commentable').whereDoesntHave('commentable')
}

export async function conditions() {
  const photo = await Photo.findOrFail(1)
  Comment.where('commentable', photo).where('commentableType', 'Photo')
  Comment.where('commentable', '!=', photo).whereIn('commentable', [photo, await Post.findOrFail(1)])
  Comment.where('commentable', null).where({ commentable: photo, body: 'x' })
  Post.where('comments.body', 'x').where('labels.name', 'y')
  User.where('avatar.url', 'x').orderBy('avatar.url')
  Label.where({ 'posts.title': 'x', 'photos.url': 'y' })
  // @ts-expect-error: a key says nothing of its model
  Comment.where('commentable', 3)
  // @ts-expect-error: no such field
  Post.where('comments.bodi', 'x')
}

// Field.morphs declares both fields; those who create a row give both, the manager of the other side fills them in
export async function fields() {
  await Comment.create({ body: 'x', commentableId: 1, commentableType: 'Post' })
  await Photo.create({ url: 'x' })
  await Photo.create({ url: 'x', subjectId: null, subjectType: null })
  await Reply.create({ body: 'x', thingId: 'uuid', thingType: 'Comment' })
  is<number>()((await Comment.findOrFail(1)).commentableId)
  is<string>()((await Comment.findOrFail(1)).commentableType)
  is<number | null>()((await Photo.findOrFail(1)).subjectId)
  is<string | null>()((await Photo.findOrFail(1)).subjectType)
  is<string>()((await Reply.findOrFail(1)).thingId)
  // @ts-expect-error: both are required
  await Comment.create({ body: 'x' })
  // @ts-expect-error: the type is required
  await Comment.create({ body: 'x', commentableId: 1 })
  // @ts-expect-error: the key is a number
  await Comment.create({ body: 'x', commentableId: 'uuid', commentableType: 'Post' })
  // @ts-expect-error: the key is a text
  await Reply.create({ body: 'x', thingId: 1, thingType: 'Comment' })
  // @ts-expect-error: not nullable
  await Comment.where('id', 1).update({ commentableType: null })
  // @ts-expect-error: no such option
  Field.morphs('commentable', { unique: true })
  // @ts-expect-error: no such type of key
  Field.morphs('commentable', { key: 'text' })
}

export async function managers() {
  const post = await Post.findOrFail(1)
  is<string>()((await post.related('comments').create({ body: 'x' })).commentableType)
  await post.related('comments').createMany([{ body: 'x' }, { body: 'y', commentableId: 1 }])
  await post.related('comments').save(new Comment({ body: 'x' }))
  await (await User.findOrFail(1)).related('avatar').create({ url: 'x' })
  const comment = await Comment.findOrFail(1)
  await comment.related('commentable').associate(post)
  await comment.related('commentable').associate(await Photo.findOrFail(1))
  await comment.related('commentable').dissociate()
  // @ts-expect-error: a key says nothing of its model
  await comment.related('commentable').associate(3)
  // @ts-expect-error: not one of its models
  await comment.related('commentable').associate(await User.findOrFail(1))
  // @ts-expect-error: the body is required
  await post.related('comments').create({})
  // @ts-expect-error: an instance of another model
  await post.related('comments').save(post)
}

/** More loaded fits where less is asked. */
const texts = (comment: Entity<typeof Comment, 'commentable'>) => comment.commentable?.id
export async function passing() {
  texts(await Comment.with('commentable', 'replies').firstOrFail())
  texts(
    await Comment.query()
      .with({ commentable: { Post: true } })
      .firstOrFail(),
  )
  const post = await Post.with('comments.commentable').firstOrFail()
  post.comments.map(texts)
  // @ts-expect-error: not loaded
  texts(await Comment.findOrFail(1))
}

// options
Relation.morphMany(() => Comment, 'thing', { foreignKey: 'a', typeKey: 'b', localKey: 'c' })
Relation.morphTo([() => Post], { foreignKey: 'a', typeKey: 'b' })
// @ts-expect-error: a list of functions
Relation.morphTo(() => Post)
// @ts-expect-error: the pair of fields has to be named
Relation.morphOne(() => Comment)
// @ts-expect-error: no such option
Relation.morphMany(() => Comment, 'thing', { through: 'x' })
class Named extends Model({ ...Field.morphs('owner', { key: 'bigint' }), label: Field.string() }) {
  static owner = Relation.morphTo([() => User, () => Named])
}
export const named = () =>
  Named.query()
    .pluck('ownerId')
    .then((keys) => is<bigint[]>()(keys))
