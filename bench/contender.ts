import type { Data, ItemData, Payload } from './data.js'

export type MaybePromise<T> = T | Promise<T>

export interface Item {
  id: number
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

export type Rows = MaybePromise<readonly object[]>

/** One side of the comparison: the same jobs, by corm or by hand. Whatever a loop costs is part of its job. */
export interface Contender {
  /** Makes the tables and fills them. */
  setUp(data: Data): Promise<void>
  close(): Promise<void>

  insertMany(rows: readonly ItemData[]): Rows
  createEach(rows: readonly ItemData[]): Rows
  /** The same, each in a transaction. */
  createEachAlone(rows: readonly ItemData[]): Rows
  /** Empties the table that rows are inserted into. */
  empty(): Promise<void>
  inserted(): Rows

  all(): Rows
  /** Selects all rows and reads every value; answers a number made of them. */
  readAll(): MaybePromise<number>
  allDecimal(): Rows
  findEach(ids: readonly number[]): Rows
  /** As many loops at once as there are lists. */
  findInLoops(lists: readonly (readonly number[])[]): Rows
  threeConditions(from: readonly number[]): Rows
  postsWithAuthor(): Rows
  authorsWithPosts(): Rows
  articlesWithTags(): Rows
  companiesNested(): Rows
  notesWithNotables(): Rows
  /** The first parents with their children, ten of each. */
  parentsWithChildren(count: number): Rows
  aggregates(times: number): Rows

  /** Loads the rows that the next jobs change. */
  load(count: number): Promise<void>
  saveEach(turn: number): MaybePromise<void>
  /** The same where the model has no JSON column, whose value would be compared. */
  saveEachLean(turn: number): MaybePromise<void>
  saveTogether(turn: number): MaybePromise<void>
  saveAtOnce(turn: number): MaybePromise<void>
  updateAll(turn: number): MaybePromise<void>
  changed(): Rows
}

/** Reads every value of an item. */
export function weigh(item: Item): number {
  const { data, note } = item
  return (
    item.id +
    item.num +
    item.title.length +
    (item.active ? 1 : 0) +
    item.score +
    item.createdAt.getTime() / 1e6 +
    data.level +
    data.tags.length +
    item.price.length +
    (note === null ? 0 : note.length) +
    item.uid.charCodeAt(3)
  )
}

/** Values that no round before had: writing what is there already is half the work on some databases. */
export function change(item: { id: number; title: string; score: number }, turn: number): void {
  item.title = `Title ${turn} of ${item.id}`
  item.score = turn + item.id / 8
}
