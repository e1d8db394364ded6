import { createRequire } from 'node:module'
import { PGlite } from '@electric-sql/pglite'
import { vector as pgvector } from '@electric-sql/pglite-pgvector'
import { Database, Field, Model, sql } from 'corm'
import * as sqliteVec from 'sqlite-vec'
import { quartiles } from './measure.js'
import { searchOptions } from './search-options.js'

// Vector search next to sqlite-vec and pgvector used by hand, over the same rows:
// npm run bench:vectors -- --rows 100000 --dimensions 384 --rounds 9

const { rows: ROWS, dimensions: DIMENSIONS, rounds: ROUNDS, db: DATABASES } = searchOptions({ rows: 20_000, rounds: 9 })
const TENANTS = 100
/** Searches before the first one that counts: a server has compiled its code long before. Those of all rows take too long for more. */
const WARM_UP = { all: 2, filtered: 1000 }

class Item extends Model({
  title: Field.string(),
  tenant: Field.integer({ index: true }),
  at: Field.vector(DIMENSIONS, { lazy: true }),
}) {}

/** The part of better-sqlite3 that is used here. */
interface SqliteDatabase {
  prepare(text: string): { all(...parameters: unknown[]): Found; run(...parameters: unknown[]): void }
  exec(text: string): void
  transaction(work: () => void): () => void
  loadExtension(file: string): void
}
const Sqlite = createRequire(import.meta.url)('better-sqlite3') as new (file: string) => SqliteDatabase

const random = () => Math.random() - 0.5
const vectorOf = () => Float32Array.from({ length: DIMENSIONS }, random)

async function fill(): Promise<void> {
  for (let i = 0; i < ROWS; i += 1000)
    await Item.insertMany(
      Array.from({ length: Math.min(1000, ROWS - i) }, (_, k) => ({
        title: `item ${i + k}`,
        tenant: (i + k) % TENANTS,
        at: vectorOf(),
      })),
    )
}

type Found = readonly { readonly id: number; readonly title: string; readonly distance: number }[]
type Search = (vector: Float32Array, tenant: number | null) => Promise<Found> | Found

const corm: Search = async (vector, tenant) => {
  const query = Item.query().nearest('at', vector)
  return tenant === null ? query : query.where('tenant', tenant)
}

/** Milliseconds of the processor: both sides work in this process, and others on the machine don't count. */
async function time(search: Search, vector: Float32Array, tenant: number | null): Promise<number> {
  const before = process.cpuUsage()
  await search(vector, tenant)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

async function compare(name: string, hand: Search): Promise<void> {
  for (const tenant of [7, null]) {
    const ratios: number[] = []
    const times: number[] = []
    for (let i = tenant === null ? -WARM_UP.all : -WARM_UP.filtered; i < ROUNDS; i++) {
      const vector = vectorOf()
      if (i < 0) {
        const [mine, theirs] = [await corm(vector, tenant), await hand(vector, tenant)]
        const ids = (found: Found) => found.map(({ id }) => id).join()
        // corm's distances have six digits, so of thousands of rows two may change places
        if (i >= -2 && ids(mine) !== ids(theirs)) throw new Error(`the sides differ: ${ids(mine)} and ${ids(theirs)}`)
        continue
      }
      const [first, second] = i % 2 === 0 ? [corm, hand] : [hand, corm]
      const one = await time(first, vector, tenant)
      const other = await time(second, vector, tenant)
      const [mine, theirs] = first === corm ? [one, other] : [other, one]
      ratios.push(mine / theirs)
      times.push(theirs)
    }
    const what = tenant === null ? 'of all rows' : 'of one row in a hundred'
    console.log(
      `${name}, top 10 ${what}: ratio ${quartiles(ratios)[1].toFixed(2)}, by hand ${quartiles(times)[1].toFixed(1)} ms`,
    )
  }
}

async function sqlite(): Promise<void> {
  await using db = await Database.connect('sqlite::memory:')
  await db.createTables([Item])
  await fill()
  const own = new Sqlite(':memory:')
  sqliteVec.load(own)
  own.exec(
    'create table items (id integer primary key, title text not null, tenant integer not null, at blob not null)',
  )
  own.exec('create index items_tenant on items (tenant)')
  const insert = own.prepare('insert into items values (?, ?, ?, ?)')
  for await (const rows of Item.query().select('id', 'title', 'tenant', 'at').batches(1000))
    own.transaction(() => {
      for (const { id, title, tenant, at } of rows) insert.run(id, title, tenant, at)
    })()
  const text = (where: string) =>
    `select id, title, tenant, vec_distance_cosine(at, ?) as distance from items ${where} order by distance, id limit 10`
  const all = own.prepare(text(''))
  const some = own.prepare(text('where tenant = ?'))
  await compare('SQLite, sqlite-vec', (vector, tenant) =>
    tenant === null ? all.all(vector) : some.all(vector, tenant),
  )
}

async function pglite(): Promise<void> {
  await using db = await Database.connect('pglite::memory:')
  await db.createTables([Item])
  await fill()
  await db.execute(sql`analyze items`)
  const own = await PGlite.create({ extensions: { vector: pgvector } })
  await own.exec(
    `create extension vector;
     create table items (id integer primary key, title text not null, tenant integer not null, at vector(${DIMENSIONS}) not null);
     create index on items (tenant)`,
  )
  for await (const rows of Item.query().select('id', 'title', 'tenant', 'at').batches(500))
    await own.query(
      'insert into items select * from unnest($1::integer[], $2::text[], $3::integer[], $4::text[]::vector[])',
      [
        rows.map(({ id }) => id),
        rows.map(({ title }) => title),
        rows.map(({ tenant }) => tenant),
        rows.map(({ at }) => `[${at.join()}]`),
      ],
    )
  await own.exec('analyze items')
  const text = (where: string) =>
    `select id, title, tenant, at <=> $1 as distance from items ${where} order by at <=> $1, id limit 10`
  await compare('PGlite, pgvector', async (vector, tenant) => {
    const parameters = tenant === null ? [`[${vector.join()}]`] : [`[${vector.join()}]`, tenant]
    return (await own.query<Found[number]>(text(tenant === null ? '' : 'where tenant = $2'), parameters)).rows
  })
  await own.close()
}

console.log(`${ROWS} rows of ${DIMENSIONS} dimensions; medians of ${ROUNDS} rounds, in time of the processor`)
if (DATABASES.includes('sqlite')) await sqlite()
if (DATABASES.includes('pglite')) await pglite()
