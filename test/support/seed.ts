import type { Entity, Insertable } from 'corm'
import { Comment, Post, Profile, User, Vote } from './models.js'

let users = 0

/** A user with defaults for everything that a test does not care about. */
export function createUser(data: Partial<Insertable<typeof User>> = {}): Promise<Entity<typeof User>> {
  users += 1
  return User.create({ name: `User ${users}`, email: `user${users}@example.org`, ...data })
}

/** A post by `author`, or by a new user. */
export async function createPost(data: Partial<Insertable<typeof Post>> = {}): Promise<Entity<typeof Post>> {
  const authorId = data.authorId ?? (await createUser()).id
  return Post.create({ title: 'A post', ...data, authorId })
}

/**
 * A small world to read from.
 *
 * - Ada manages Bea and Cal; Dot stands alone.
 * - Ada and Bea have a profile.
 * - Ada wrote "Alpha" (views 10, rating 4.5) and "Beta" (20, 3), Bea "Gamma" (30, no rating, not published); the others nothing.
 * - "Alpha" has comments of Bea, Cal and a visitor, "Gamma" one of Ada.
 * - Bea and Cal voted for "Alpha" (1 and -1), Ada for "Gamma" (1).
 */
export async function seedWorld() {
  const ada = await User.create(
    { name: 'Ada Adams', email: 'ada@example.org', age: 36, balance: '100.50', role: 'admin', password: 'secret' },
    { guarded: true },
  )
  const [bea, cal, dot] = (await User.createMany([
    { name: 'Bea Brown', email: 'bea@example.org', age: 28, balance: '20.25', managerId: ada.id },
    { name: 'Cal Clark', email: 'cal@example.org', age: 28, balance: '0.1', managerId: ada.id },
    { name: 'Dot Davis', email: 'dot@example.org' },
  ])) as [Entity<typeof User>, Entity<typeof User>, Entity<typeof User>]
  await Profile.createMany([
    { userId: ada.id, bio: 'Counts', city: 'London' },
    { userId: bea.id, city: 'Paris' },
  ])
  const [alpha, beta, gamma] = (await Post.createMany([
    { title: 'Alpha', views: 10, rating: 4.5, published: true, publishedAt: at('2024-01-01'), authorId: ada.id },
    { title: 'Beta', views: 20, rating: 3, published: true, publishedAt: at('2024-02-01'), authorId: ada.id },
    { title: 'Gamma', views: 30, authorId: bea.id },
  ])) as [Entity<typeof Post>, Entity<typeof Post>, Entity<typeof Post>]
  await Comment.createMany([
    { body: 'First', postId: alpha.id, userId: bea.id },
    { body: 'Second', postId: alpha.id, userId: cal.id },
    { body: 'Third', postId: alpha.id },
    { body: 'Nice', postId: gamma.id, userId: ada.id },
  ])
  await Vote.createMany([
    { userId: bea.id, postId: alpha.id },
    { userId: cal.id, postId: alpha.id, score: -1 },
    { userId: ada.id, postId: gamma.id },
  ])
  return { ada, bea, cal, dot, alpha, beta, gamma }
}

const at = (day: string) => new Date(`${day}T12:00:00.000Z`)
