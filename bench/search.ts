import { PGlite } from '@electric-sql/pglite'
import { vector as pgvector } from '@electric-sql/pglite-pgvector'
import { Database, Field, Model, sql } from 'corm'
import { quartiles } from './measure.js'
import { searchOptions } from './search-options.js'

// Full-text and hybrid search next to the statement written by hand, over the same rows:
// npm run bench:search -- --rows 10000 --dimensions 384 --rounds 15

const {
  rows: ROWS,
  dimensions: DIMENSIONS,
  rounds: ROUNDS,
  db: DATABASES,
} = searchOptions({ rows: 10_000, rounds: 15 })

let target = new Float32Array(0)

class Item extends Model(
  { title: Field.string(), body: Field.text(), at: Field.vector(DIMENSIONS, { lazy: true }) },
  { indexes: [{ fields: ['title', 'body'], fullText: true }] },
) {
  static embedQuery() {
    return target
  }
}

/** The part of better-sqlite3 that is used here. */
interface SqliteDatabase {
  prepare(text: string): { all(...parameters: unknown[]): Found }
}

type Found = readonly { readonly id: number }[]
type Search = (word: string) => Promise<Found> | Found

const random = () => Math.random() - 0.5
const vectorOf = () => Float32Array.from({ length: DIMENSIONS }, random)
/** Word 0 is in about one row of three, word 99 in few. */
const word = () => `word${Math.floor(100 * Math.random() ** 3)}`
const text = (length: number) => Array.from({ length }, word).join(' ')

async function fill(): Promise<void> {
  for (let i = 0; i < ROWS; i += 1000)
    await Item.insertMany(
      Array.from({ length: Math.min(1000, ROWS - i) }, () => ({ title: text(4), body: text(40), at: vectorOf() })),
    )
}

/** Milliseconds of the processor: both sides work in this process, and others on the machine don't count. */
async function time(search: Search, given: string): Promise<number> {
  const before = process.cpuUsage()
  for (let i = 0; i < 5; i++) await search(given)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 5000
}

async function compare(name: string, corm: Search, hand: Search): Promise<void> {
  const ratios: number[] = []
  const times: number[] = []
  for (let i = -2; i < ROUNDS; i++) {
    target = vectorOf()
    const given = `word${(i + 20) % 40} word${(i * 7 + 21) % 40}`
    if (i < 0) {
      const ids = (found: Found) => found.map(({ id }) => id).join()
      const [mine, theirs] = [ids(await corm(given)), ids(await hand(given))]
      if (mine !== theirs) throw new Error(`the sides differ: ${mine} and ${theirs}`)
      continue
    }
    const [first, second] = i % 2 === 0 ? [corm, hand] : [hand, corm]
    const one = await time(first, given)
    const other = await time(second, given)
    const [mine, theirs] = first === corm ? [one, other] : [other, one]
    ratios.push(mine / theirs)
    times.push(theirs)
  }
  console.log(`${name}: ratio ${quartiles(ratios)[1].toFixed(2)}, by hand ${quartiles(times)[1].toFixed(2)} ms`)
}

const fields = ['title', 'body'] as const
const matches: Search = async (given) => Item.query().matches(fields, given).limit(10)
const hybrid: Search = async (given) => Item.query().hybrid(given, { fields, limit: 10 })

async function sqlite(): Promise<void> {
  await using db = await Database.connect('sqlite::memory:')
  await db.createTables([Item])
  await fill()
  // the same tables, and the same index: one that was built in another way has other speed
  const own = await db.connection(async (raw) => raw as unknown as SqliteDatabase)
  const quoted = (given: string) => given.replace(/\w+/g, '"$&"')
  const words = own.prepare(
    'select d.id, d.title, d.body, -f.rank as rank from items_title_body_fulltext f join items d on d.id = f.rowid ' +
      'where f.items_title_body_fulltext match ? order by rank desc, d.id limit 10',
  )
  await compare('SQLite, full text, best 10', matches, (given) => words.all(quoted(given)))
  const both = own.prepare(
    'with v as (select id, row_number() over (order by d, id) r from ' +
      '(select id, vec_distance_cosine(at, ?) d from items order by d, id limit 50)), ' +
      't as (select id, row_number() over (order by k, id) r from (select d.id, f.rank k from items_title_body_fulltext f join items d on d.id = f.rowid ' +
      'where f.items_title_body_fulltext match ? order by k, d.id limit 50)), ' +
      's as (select id, sum(1.0 / (60 + r)) score from (select * from v union all select * from t) group by id) ' +
      'select d.id, d.title, d.body, s.score from s join items d on d.id = s.id order by s.score desc, d.id limit 10',
  )
  await compare('SQLite, hybrid, best 10', hybrid, (given) => both.all(target, quoted(given)))
}

async function pglite(): Promise<void> {
  await using db = await Database.connect('pglite::memory:')
  await db.createTables([Item])
  await fill()
  await db.execute(sql`analyze items`)
  const own = await PGlite.create({ extensions: { vector: pgvector } })
  await own.exec(
    `create extension vector;
     create table items (id integer primary key, title text not null, body text not null, at vector(${DIMENSIONS}) not null,
       words tsvector generated always as (to_tsvector('simple', title) || to_tsvector('simple', body)) stored);
     create index on items using gin (words)`,
  )
  for await (const rows of Item.query().select('id', 'title', 'body', 'at').batches(500))
    await own.query(
      'insert into items select * from unnest($1::integer[], $2::text[], $3::text[], $4::text[]::vector[])',
      [
        rows.map(({ id }) => id),
        rows.map(({ title }) => title),
        rows.map(({ body }) => body),
        rows.map(({ at }) => `[${at.join()}]`),
      ],
    )
  await own.exec('analyze items')
  const query = async (statement: string, parameters: unknown[]) =>
    (await own.query<Found[number]>(statement, parameters)).rows
  const words =
    "select id, title, body, ts_rank(words, q) as rank from items, websearch_to_tsquery('simple', $1) q " +
    'where words @@ q order by rank desc, id limit 10'
  await compare('PGlite, full text, best 10', matches, (given) => query(words, [given]))
  const both =
    'with v as (select id, row_number() over (order by d, id) r from ' +
    '(select id, at <=> $1 d from items order by d, id limit 50) i), ' +
    't as (select id, row_number() over (order by k desc, id) r from (select id, ts_rank(words, q) k ' +
    "from items, websearch_to_tsquery('simple', $2) q where words @@ q order by k desc, id limit 50) i), " +
    's as (select id, sum(1.0 / (60 + r)) score from (select * from v union all select * from t) u group by id) ' +
    'select d.id, d.title, d.body, s.score from s join items d on d.id = s.id order by s.score desc, d.id limit 10'
  await compare('PGlite, hybrid, best 10', hybrid, (given) => query(both, [`[${target.join()}]`, given]))
  await own.close()
}

console.log(`${ROWS} rows of ${DIMENSIONS} dimensions; medians of ${ROUNDS} rounds, in time of the processor`)
if (DATABASES.includes('sqlite')) await sqlite()
if (DATABASES.includes('pglite')) await pglite()
