import { createHash } from 'node:crypto'
import { range } from './range.js'
import { makeRelationData, type RelationData } from './relation-data.js'

/** The JSON of an item. */
export interface Payload {
  readonly level: number
  readonly tags: readonly string[]
  readonly owner: { readonly name: string; readonly active: boolean }
}

/** A row of ten columns, without the key. */
export interface ItemData {
  num: number
  title: string
  active: boolean
  score: number
  createdAt: Date
  data: Payload
  price: string
  note: string | null
  uid: string
}

export interface AuthorData {
  name: string
  email: string
  joinedAt: Date
}

export interface PostData {
  title: string
  views: number
  published: boolean
  createdAt: Date
  authorId: number
}

export interface Data {
  readonly related: RelationData
  readonly items: readonly ItemData[]
  readonly authors: readonly AuthorData[]
  readonly posts: readonly PostData[]
}

export const ITEMS = 1000
export const AUTHORS = 100
export const POSTS = 1000

/** The same rows in every run: sides must not differ by what they store. */
export function makeData(): Data {
  const next = random(42)
  const nums = shuffled(ITEMS, next)
  return {
    related: makeRelationData(),
    items: nums.map((num, i) => item(num, i, next)),
    authors: range(AUTHORS).map((i) => ({
      name: `Author ${i}`,
      email: `author${i}@example.org`,
      joinedAt: moment(next),
    })),
    posts: range(POSTS).map((i) => ({
      title: `Post number ${i} with a title of its own`,
      views: Math.floor(next() * 10_000),
      published: next() < 0.7,
      createdAt: moment(next),
      authorId: (i % AUTHORS) + 1,
    })),
  }
}

export { range } from './range.js'

function item(num: number, i: number, next: () => number): ItemData {
  const price = Math.floor(next() * 10_000_000)
  return {
    num,
    title: `Item ${i}: a title of usual length`,
    active: next() < 0.5,
    score: Math.floor(next() * 800) / 8,
    createdAt: moment(next),
    data: { level: i % 7, tags: ['red', `tag ${i % 13}`], owner: { name: `Owner ${i % 50}`, active: i % 2 === 0 } },
    price: `${Math.floor(price / 100)}.${String(price % 100).padStart(2, '0')}`,
    note: i % 3 === 0 ? null : `A note on item ${i}, which is a little longer than its title.`,
    uid: uuid(next),
  }
}

/** mulberry32. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const moment = (next: () => number) => new Date(Date.UTC(2020, 0, 1) + Math.floor(next() * 2e11))

function uuid(next: () => number): string {
  const hex = range(32)
    .map(() => Math.floor(next() * 16).toString(16))
    .join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}

function shuffled(count: number, next: () => number): number[] {
  const list = range(count)
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1))
    ;[list[i], list[j]] = [list[j]!, list[i]!]
  }
  return list
}

/** A checksum over all values: of two sides that did the same it is the same, whatever order rows came in. */
export function digest(rows: readonly object[]): string {
  const texts = rows.map((row) => JSON.stringify(sorted(row))).sort()
  return `${rows.length} rows, ${createHash('sha1').update(texts.join('\n')).digest('hex').slice(0, 12)}`
}

/** Keys in one order: databases have their own for JSON. */
function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(sorted)
  if (value instanceof Date) return `date ${value.toISOString()}`
  if (typeof (value as { toFixed?: unknown }).toFixed === 'function') return `decimal ${String(value)}`
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted((value as Record<string, unknown>)[key])]),
  )
}
