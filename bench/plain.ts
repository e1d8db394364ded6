import type { ItemData, Payload } from './data.js'

// What people map rows into by hand: plain classes, with values assigned in one order.

export class PlainItem {
  constructor(
    readonly id: number,
    public num: number,
    public title: string,
    public active: boolean,
    public score: number,
    public createdAt: Date,
    public data: Payload,
    public price: string,
    public note: string | null,
    public uid: string,
  ) {}
}

export class PlainDecimalItem<D> {
  constructor(
    readonly id: number,
    public num: number,
    public title: string,
    public active: boolean,
    public score: number,
    public createdAt: Date,
    public data: Payload,
    public price: D,
    public note: string | null,
    public uid: string,
  ) {}
}

export class PlainAuthor {
  posts: PlainPost[] = []
  constructor(
    readonly id: number,
    public name: string,
    public email: string,
    public joinedAt: Date,
  ) {}
}

export class PlainPost {
  author: PlainAuthor | null = null
  constructor(
    readonly id: number,
    public title: string,
    public views: number,
    public published: boolean,
    public createdAt: Date,
    public authorId: number,
  ) {}
}

export interface GroupRow {
  authorId: number
  posts: number | string
  views: number | string
  most: number | string
  mean: number | string
}

export const toGroup = (row: GroupRow) => ({
  authorId: row.authorId,
  posts: Number(row.posts),
  views: Number(row.views),
  most: Number(row.most),
  mean: Number(row.mean),
})

/** Gives each post its author. */
export function attachAuthors(posts: readonly PlainPost[], authors: readonly PlainAuthor[]): void {
  const byId = new Map<number, PlainAuthor>()
  for (const author of authors) byId.set(author.id, author)
  for (const post of posts) post.author = byId.get(post.authorId) ?? null
}

/** Gives each author the posts. */
export function attachPosts(authors: readonly PlainAuthor[], posts: readonly PlainPost[]): void {
  const byId = new Map<number, PlainAuthor>()
  for (const author of authors) byId.set(author.id, author)
  for (const post of posts) byId.get(post.authorId)?.posts.push(post)
}

export const authorIdsOf = (posts: readonly PlainPost[]): number[] => [...new Set(posts.map((post) => post.authorId))]

/** In the order of the columns, without the key. */
export const itemValues = ({ num, title, active, score, createdAt, data, price, note, uid }: ItemData) =>
  [num, title, active, score, createdAt, data, price, note, uid] as const
