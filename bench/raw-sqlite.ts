import { createRequire } from 'node:module'
import { Decimal } from 'decimal.js'
import { type Contender, change, weigh } from './contender.js'
import type { Data, ItemData } from './data.js'
import {
  attachAuthors,
  attachPosts,
  authorIdsOf,
  type GroupRow,
  PlainAuthor,
  PlainDecimalItem,
  PlainItem,
  PlainPost,
  toGroup,
} from './plain.js'
import {
  type Asker,
  articlesWithTags,
  companiesNested,
  fillRelations,
  notesWithNotables,
  parentsWithChildren,
  relationSchema,
} from './raw-relations.js'

/** The part of better-sqlite3 that is used here. */
interface Statement<R> {
  run(...values: unknown[]): { changes: number; lastInsertRowid: number | bigint }
  get(...values: unknown[]): R | undefined
  all(...values: unknown[]): R[]
}
interface SqliteDatabase {
  prepare<R = unknown>(sql: string): Statement<R>
  exec(sql: string): void
  transaction<A extends unknown[], R>(work: (...args: A) => R): (...args: A) => R
  close(): void
}
const Sqlite = createRequire(import.meta.url)('better-sqlite3') as new (file: string) => SqliteDatabase

interface ItemRow {
  id: number
  num: number
  title: string
  active: number
  score: number
  created_at: string
  data: string
  price: string
  note: string | null
  uid: string
}
interface AuthorRow {
  id: number
  name: string
  email: string
  joined_at: string
}
interface PostRow {
  id: number
  title: string
  views: number
  published: number
  created_at: string
  author_id: number
}

/** As corm makes it; prices are texts, as in most programs with this driver. */
const itemTable = (name: string) => `
  create table ${name} (id integer primary key autoincrement not null, num integer not null, title text not null,
    active integer not null check (active = 1 or active = 0), score real not null, created_at text not null,
    data text not null, price text not null, note text, uid text not null) strict;
  create index ${name}_num on ${name} (num);`
const SCHEMA = `
  ${itemTable('items')} ${itemTable('fresh_items')} ${itemTable('changing_items')}
  create table authors (id integer primary key, name text not null, email text not null, joined_at text not null);
  create table posts (id integer primary key, title text not null, views integer not null, published integer not null,
    created_at text not null, author_id integer not null references authors (id) on delete cascade);
  create index posts_author on posts (author_id);`

const COLUMNS = 'num, title, active, score, created_at, data, price, note, uid'
const insertItem = (table: string) => `insert into ${table} (${COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`

const toItem = (row: ItemRow) =>
  new PlainItem(
    row.id,
    row.num,
    row.title,
    row.active === 1,
    row.score,
    new Date(row.created_at),
    JSON.parse(row.data),
    row.price,
    row.note,
    row.uid,
  )
const toDecimalItem = (row: ItemRow) =>
  new PlainDecimalItem(
    row.id,
    row.num,
    row.title,
    row.active === 1,
    row.score,
    new Date(row.created_at),
    JSON.parse(row.data),
    new Decimal(row.price),
    row.note,
    row.uid,
  )
const toAuthor = (row: AuthorRow) => new PlainAuthor(row.id, row.name, row.email, new Date(row.joined_at))
const toPost = (row: PostRow) =>
  new PlainPost(row.id, row.title, row.views, row.published === 1, new Date(row.created_at), row.author_id)

function prepareAll(db: SqliteDatabase) {
  return {
    insert: db.prepare(insertItem('fresh_items')),
    empty: db.prepare('delete from fresh_items'),
    inserted: db.prepare<ItemRow>('select * from fresh_items'),
    all: db.prepare<ItemRow>('select * from items'),
    find: db.prepare<ItemRow>('select * from items where id = ?'),
    three: db.prepare<ItemRow>('select * from items where active = ? and num >= ? and score < ? order by num limit 20'),
    posts: db.prepare<PostRow>('select * from posts'),
    authors: db.prepare<AuthorRow>('select * from authors'),
    groups: db.prepare<GroupRow>(
      'select author_id as authorId, count(*) as posts, sum(views) as views, max(views) as most, avg(views) as mean from posts group by author_id',
    ),
    load: db.prepare<ItemRow>('select * from changing_items order by id limit ?'),
    update: db.prepare('update changing_items set title = ?, score = ? where id = ?'),
    changed: db.prepare<ItemRow>('select * from changing_items'),
  }
}

/** The jobs with better-sqlite3, prepared statements kept. */
export class RawSqlite implements Contender {
  readonly #db: SqliteDatabase
  #sql!: ReturnType<typeof prepareAll>
  /** Statements with IN, by the number of their values. */
  readonly #lists = new Map<string, Statement<unknown>>()
  #changing: PlainItem[] = []
  readonly #ask: Asker = {
    select: <R>(sql: string) => this.#kept<R>(sql).all(),
    selectIn: <R>(sql: string, column: string, keys: readonly unknown[]) =>
      this.#kept<R>(`${sql} ${column} in (${keys.map(() => '?').join(', ')})`).all(...keys),
    insert: (table, columns, rows) => {
      const places = columns.map(() => '?').join(', ')
      const statement = this.#db.prepare(`insert into ${table} (${columns.join(', ')}) values (${places})`)
      this.#db.transaction(() => rows.forEach((row) => statement.run(...row)))()
    },
    run: (sql) => this.#db.exec(sql),
  }
  #insertAll!: (rows: readonly ItemData[]) => PlainItem[]
  #insertAlone!: (row: ItemData) => PlainItem
  #updateAll!: (turn: number) => void

  constructor(file = ':memory:') {
    this.#db = new Sqlite(file)
  }

  async setUp({ items, authors, posts, related }: Data): Promise<void> {
    const db = this.#db
    db.exec('pragma foreign_keys = on; pragma journal_mode = wal; pragma synchronous = full')
    db.exec(SCHEMA)
    this.#sql = prepareAll(db)
    this.#insertAll = db.transaction((rows: readonly ItemData[]) => rows.map((row) => this.#insert(row)))
    this.#insertAlone = db.transaction((row: ItemData) => this.#insert(row))
    this.#updateAll = db.transaction((turn: number) => this.saveEach(turn))
    for (const table of ['items', 'changing_items']) {
      const insert = db.prepare(insertItem(table))
      for (const row of items) insert.run(...valuesOf(row))
    }
    const author = db.prepare('insert into authors (name, email, joined_at) values (?, ?, ?)')
    for (const row of authors) author.run(row.name, row.email, row.joinedAt.toISOString())
    const post = db.prepare('insert into posts (title, views, published, created_at, author_id) values (?, ?, ?, ?, ?)')
    for (const row of posts)
      post.run(row.title, row.views, row.published ? 1 : 0, row.createdAt.toISOString(), row.authorId)
    for (const sql of relationSchema('integer primary key', 'text')) db.exec(sql)
    await fillRelations(this.#ask, related)
  }

  async close(): Promise<void> {
    this.#db.close()
  }

  insertMany(rows: readonly ItemData[]) {
    return this.#insertAll(rows)
  }

  createEach(rows: readonly ItemData[]) {
    return rows.map((row) => this.#insert(row))
  }

  createEachAlone(rows: readonly ItemData[]) {
    return rows.map((row) => this.#insertAlone(row))
  }

  async empty(): Promise<void> {
    this.#sql.empty.run()
  }

  inserted() {
    return this.#sql.inserted.all().map(toItem)
  }

  all() {
    return this.#sql.all.all().map(toItem)
  }

  readAll(): number {
    let sum = 0
    for (const row of this.#sql.all.all()) sum += weigh(toItem(row))
    return sum
  }

  allDecimal() {
    return this.#sql.all.all().map(toDecimalItem)
  }

  findEach(ids: readonly number[]) {
    const found: PlainItem[] = []
    for (const id of ids) {
      const row = this.#sql.find.get(id)
      if (row !== undefined) found.push(toItem(row))
    }
    return found
  }

  findInLoops(lists: readonly (readonly number[])[]) {
    return lists.flatMap((ids) => this.findEach(ids))
  }

  threeConditions(from: readonly number[]) {
    const found: PlainItem[] = []
    for (const num of from) for (const item of this.#sql.three.all(1, num, 90).map(toItem)) found.push(item)
    return found
  }

  postsWithAuthor() {
    const posts = this.#sql.posts.all().map(toPost)
    attachAuthors(posts, this.#in<AuthorRow>('authors where id', authorIdsOf(posts)).map(toAuthor))
    return posts
  }

  authorsWithPosts() {
    const authors = this.#sql.authors.all().map(toAuthor)
    const ids = authors.map((author) => author.id)
    attachPosts(authors, this.#in<PostRow>('posts where author_id', ids).map(toPost))
    return authors
  }

  articlesWithTags() {
    return articlesWithTags(this.#ask)
  }

  companiesNested() {
    return companiesNested(this.#ask)
  }

  notesWithNotables() {
    return notesWithNotables(this.#ask)
  }

  parentsWithChildren(count: number) {
    return parentsWithChildren(this.#ask, count)
  }

  aggregates(times: number) {
    let groups: object[] = []
    for (let i = 0; i < times; i++) groups = this.#sql.groups.all().map(toGroup)
    return groups
  }

  async load(count: number): Promise<void> {
    this.#changing = this.#sql.load.all(count).map(toItem)
  }

  saveEach(turn: number): void {
    for (const item of this.#changing) {
      change(item, turn)
      this.#sql.update.run(item.title, item.score, item.id)
    }
  }

  saveEachLean(turn: number): void {
    this.saveEach(turn)
  }

  saveTogether(turn: number): void {
    this.saveEach(turn)
  }

  saveAtOnce(turn: number): void {
    this.saveEach(turn)
  }

  updateAll(turn: number): void {
    this.#updateAll(turn)
  }

  changed() {
    return this.#sql.changed.all().map(toItem)
  }

  #insert(row: ItemData): PlainItem {
    const { num, title, active, score, createdAt, data, price, note, uid } = row
    const { lastInsertRowid } = this.#sql.insert.run(
      num,
      title,
      active ? 1 : 0,
      score,
      createdAt.toISOString(),
      JSON.stringify(data),
      price,
      note,
      uid,
    )
    return new PlainItem(Number(lastInsertRowid), num, title, active, score, createdAt, data, price, note, uid)
  }

  #in<R>(what: string, values: readonly unknown[]): R[] {
    return this.#kept<R>(`select * from ${what} in (${values.map(() => '?').join(', ')})`).all(...values)
  }

  #kept<R>(sql: string): Statement<R> {
    let statement = this.#lists.get(sql) as Statement<R> | undefined
    if (statement === undefined) this.#lists.set(sql, (statement = this.#db.prepare<R>(sql)))
    return statement
  }
}

function valuesOf(row: ItemData): unknown[] {
  return [
    row.num,
    row.title,
    row.active ? 1 : 0,
    row.score,
    row.createdAt.toISOString(),
    JSON.stringify(row.data),
    row.price,
    row.note,
    row.uid,
  ]
}
