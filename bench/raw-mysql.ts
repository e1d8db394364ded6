import { Decimal } from 'decimal.js'
import { type Connection, createPool, type Pool, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise'
import { type Contender, change, weigh } from './contender.js'
import type { Data, ItemData, Payload } from './data.js'
import {
  attachAuthors,
  attachPosts,
  authorIdsOf,
  type GroupRow,
  itemValues,
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

/** Values as mysql2 gives them: Dates and parsed JSON, booleans as numbers, decimals as text. */
interface ItemRow {
  id: number
  num: number
  title: string
  active: number
  score: number
  created_at: Date
  data: Payload
  price: string
  note: string | null
  uid: string
}
interface AuthorRow {
  id: number
  name: string
  email: string
  joined_at: Date
}
interface PostRow {
  id: number
  title: string
  views: number
  published: number
  created_at: Date
  author_id: number
}
type Value = string | number | boolean | Date | null

const itemTable = (name: string) => `create table ${name} (id int not null auto_increment primary key, num int not null,
  title varchar(200) not null, active boolean not null, score double not null, created_at datetime(3) not null,
  data json not null, price decimal(12, 2) not null, note text, uid char(36) not null, index ${name}_num (num))
  default character set utf8mb4`
const SCHEMA = [
  ...['items', 'fresh_items', 'changing_items'].map(itemTable),
  `create table authors (id int not null auto_increment primary key, name varchar(120) not null,
    email varchar(120) not null, joined_at datetime(3) not null) default character set utf8mb4`,
  `create table posts (id int not null auto_increment primary key, title varchar(200) not null, views int not null,
    published boolean not null, created_at datetime(3) not null, author_id int not null,
    foreign key (author_id) references authors (id) on delete cascade) default character set utf8mb4`,
]

const COLUMNS = 'num, title, active, score, created_at, data, price, note, uid'
const THREE = 'select * from items where active = ? and num >= ? and score < ? order by num limit 20'
const GROUPS = `select author_id as authorId, count(*) as posts, sum(views) as views, max(views) as most,
  avg(views) as mean from posts group by author_id`

const toItem = (row: ItemRow) =>
  new PlainItem(
    row.id,
    row.num,
    row.title,
    row.active === 1,
    row.score,
    row.created_at,
    row.data,
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
    row.created_at,
    row.data,
    new Decimal(row.price),
    row.note,
    row.uid,
  )
const toAuthor = (row: AuthorRow) => new PlainAuthor(row.id, row.name, row.email, row.joined_at)
const toPost = (row: PostRow) =>
  new PlainPost(row.id, row.title, row.views, row.published === 1, row.created_at, row.author_id)

/** `(?, ?), (?, ?)` */
const placeholders = (rows: number, columns: number): string => {
  const row = `(${new Array(columns).fill('?').join(', ')})`
  return new Array(rows).fill(row).join(', ')
}

const stored = (row: ItemData): Value[] => {
  const [num, title, active, score, createdAt, data, price, note, uid] = itemValues(row)
  return [num, title, active, score, createdAt, JSON.stringify(data), price, note, uid]
}

/** The jobs with `execute` of mysql2's pool: statements prepared by the driver, rows as objects. */
export class RawMysql implements Contender {
  readonly #pool: Pool
  #changing: PlainItem[] = []
  readonly #ask: Asker = {
    select: <R>(sql: string) => this.#select<R>(sql),
    selectIn: <R>(sql: string, column: string, keys: readonly unknown[]) =>
      this.#select<R>(`${sql} ${column} in ${placeholders(1, keys.length)}`, keys as Value[]),
    insert: async (table, columns, rows) => {
      for (let i = 0; i < rows.length; i += 5000) {
        const some = rows.slice(i, i + 5000)
        const sql = `insert into ${table} (${columns.join(', ')}) values ${placeholders(some.length, columns.length)}`
        await this.#pool.execute(sql, some.flat() as Value[])
      }
    },
    run: (sql) => this.#pool.query(sql),
  }

  constructor(url: string) {
    this.#pool = createPool({ uri: url, connectionLimit: 10, timezone: 'Z' })
  }

  async setUp({ items, authors, posts, related }: Data): Promise<void> {
    for (const sql of SCHEMA) await this.#pool.query(sql)
    await this.#insertInto('items', items)
    await this.#insertInto('changing_items', items)
    await this.#pool.execute(
      `insert into authors (name, email, joined_at) values ${placeholders(authors.length, 3)}`,
      authors.flatMap((row) => [row.name, row.email, row.joinedAt]),
    )
    await this.#pool.execute(
      `insert into posts (title, views, published, created_at, author_id) values ${placeholders(posts.length, 5)}`,
      posts.flatMap((row) => [row.title, row.views, row.published, row.createdAt, row.authorId]),
    )
    for (const sql of relationSchema('integer auto_increment primary key', 'varchar(255)')) await this.#pool.query(sql)
    await fillRelations(this.#ask, related)
    await this.#pool.query('analyze table items, changing_items, authors, posts')
  }

  close(): Promise<void> {
    return this.#pool.end()
  }

  async insertMany(rows: readonly ItemData[]) {
    const first = await this.#insertInto('fresh_items', rows)
    return rows.map((row, i) => new PlainItem(first + i, ...itemValues(row)))
  }

  async createEach(rows: readonly ItemData[]) {
    const created: PlainItem[] = []
    for (const row of rows)
      created.push(new PlainItem(await this.#insertInto('fresh_items', [row]), ...itemValues(row)))
    return created
  }

  async createEachAlone(rows: readonly ItemData[]) {
    const created: PlainItem[] = []
    for (const row of rows) {
      const connection = await this.#pool.getConnection()
      try {
        await connection.beginTransaction()
        const id = await this.#insertInto('fresh_items', [row], connection)
        await connection.commit()
        created.push(new PlainItem(id, ...itemValues(row)))
      } finally {
        connection.release()
      }
    }
    return created
  }

  async empty(): Promise<void> {
    await this.#pool.query('truncate fresh_items')
  }

  async inserted() {
    return (await this.#select<ItemRow>('select * from fresh_items')).map(toItem)
  }

  async all() {
    return (await this.#select<ItemRow>('select * from items')).map(toItem)
  }

  async readAll() {
    let sum = 0
    for (const row of await this.#select<ItemRow>('select * from items')) sum += weigh(toItem(row))
    return sum
  }

  async allDecimal() {
    return (await this.#select<ItemRow>('select * from items')).map(toDecimalItem)
  }

  async findEach(ids: readonly number[]) {
    const found: PlainItem[] = []
    for (const id of ids) {
      const [row] = await this.#select<ItemRow>('select * from items where id = ?', [id])
      if (row !== undefined) found.push(toItem(row))
    }
    return found
  }

  async findInLoops(lists: readonly (readonly number[])[]) {
    return (await Promise.all(lists.map((ids) => this.findEach(ids)))).flat()
  }

  async threeConditions(from: readonly number[]) {
    const found: PlainItem[] = []
    for (const num of from) for (const row of await this.#select<ItemRow>(THREE, [1, num, 90])) found.push(toItem(row))
    return found
  }

  async postsWithAuthor() {
    const posts = (await this.#select<PostRow>('select * from posts')).map(toPost)
    const ids = authorIdsOf(posts)
    const sql = `select * from authors where id in ${placeholders(1, ids.length)}`
    attachAuthors(posts, (await this.#select<AuthorRow>(sql, ids)).map(toAuthor))
    return posts
  }

  async authorsWithPosts() {
    const authors = (await this.#select<AuthorRow>('select * from authors')).map(toAuthor)
    const ids = authors.map((author) => author.id)
    const sql = `select * from posts where author_id in ${placeholders(1, ids.length)}`
    attachPosts(authors, (await this.#select<PostRow>(sql, ids)).map(toPost))
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

  async aggregates(times: number) {
    let groups: object[] = []
    for (let i = 0; i < times; i++) groups = (await this.#select<GroupRow>(GROUPS)).map(toGroup)
    return groups
  }

  async load(count: number): Promise<void> {
    const rows = await this.#select<ItemRow>('select * from changing_items order by id limit ?', [count])
    this.#changing = rows.map(toItem)
  }

  async saveEach(turn: number): Promise<void> {
    const sql = 'update changing_items set title = ?, score = ? where id = ?'
    for (const item of this.#changing) {
      change(item, turn)
      await this.#pool.execute(sql, [item.title, item.score, item.id])
    }
  }

  saveEachLean(turn: number): Promise<void> {
    return this.saveEach(turn)
  }

  saveTogether(turn: number): Promise<void> {
    return this.saveEach(turn)
  }

  saveAtOnce(turn: number): Promise<void> {
    return this.saveEach(turn)
  }

  async updateAll(turn: number): Promise<void> {
    for (const item of this.#changing) change(item, turn)
    const rows = new Array(this.#changing.length - 1).fill('union all select ?, ?, ?').join(' ')
    await this.#pool.execute(
      `update changing_items i join (select ? as id, ? as title, ? as score ${rows}) v on i.id = v.id
        set i.title = v.title, i.score = v.score`,
      this.#changing.flatMap((item) => [item.id, item.title, item.score]),
    )
  }

  async changed() {
    return (await this.#select<ItemRow>('select * from changing_items')).map(toItem)
  }

  async #select<R>(sql: string, values: Value[] = []): Promise<R[]> {
    const [rows] = await this.#pool.execute<RowDataPacket[]>(sql, values)
    return rows as R[]
  }

  /** The key of the first row; the others follow it. */
  async #insertInto(
    table: string,
    rows: readonly ItemData[],
    on: Pick<Connection, 'execute'> = this.#pool,
  ): Promise<number> {
    const sql = `insert into ${table} (${COLUMNS}) values ${placeholders(rows.length, 9)}`
    const [{ insertId }] = await on.execute<ResultSetHeader>(sql, rows.flatMap(stored))
    return insertId
  }
}
