import { Database, sql } from 'corm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordQueries } from '../support/count-queries.js'
import { Author, Book, expectSql } from './support.js'

describe('random() and orderByRaw()', () => {
  it('random', () => {
    expectSql(Author.query().select('name').random(), {
      sqlite: ['select "id", "name" from "authors" order by random() asc'],
      postgres: ['select "id", "name" from "authors" order by random() asc'],
      mysql: ['select `id`, `name` from `authors` order by rand() asc'],
    })
  })

  it('random rows, after the orders that are there', () => {
    expectSql(Author.query().select('name').orderBy('role').random(3), {
      sqlite: ['select "id", "name" from "authors" order by "role" asc, random() asc limit 3'],
      postgres: ['select "id", "name" from "authors" order by "role" asc, random() asc limit 3'],
      mysql: ['select `id`, `name` from `authors` order by `role` asc, rand() asc limit 3'],
    })
  })

  it('orderByRaw is written as it is, its values bound', () => {
    expectSql(Author.query().select('name').orderByRaw(sql`age = ${40} desc, name`).orderBy('-id'), {
      sqlite: ['select "id", "name" from "authors" order by age = ? desc, name, "id" desc', 40n],
      postgres: ['select "id", "name" from "authors" order by age = $1 desc, name, "id" desc', 40],
      mysql: ['select `id`, `name` from `authors` order by age = ? desc, name, `id` desc', 40],
    })
  })
})

describe('pages', () => {
  let db: Database
  beforeAll(async () => {
    db = await Database.connect('sqlite::memory:')
    await db.createTables([Author, Book])
    await Author.createMany([
      { name: 'Jane', age: 41 },
      { name: 'Mary', age: 53 },
      { name: 'Homer' },
      { name: 'Jules', age: 41 },
    ])
  })
  afterAll(() => db.close())

  /** The statements after `from "authors"`, and their values. */
  async function sent(work: () => Promise<unknown>): Promise<unknown[]> {
    const { events, error } = await recordQueries(work)
    if (error !== undefined) throw error
    return events.map(({ sql }) => sql.slice(sql.indexOf(' from "authors"') + 16))
  }
  const named = Author.query().select('name')

  it('paginate counts, and ends the order with the key', async () => {
    expect(await sent(() => named.where('age', 41).orderBy('-name').paginate({ page: 2, size: 1 }))).toEqual([
      'where "age" = ?',
      'where "age" = ? order by "name" desc, "id" asc limit 1 offset 1',
    ])
    expect(await sent(() => named.paginate())).toEqual(['', 'order by "id" asc limit 25 offset 0'])
  })

  it('cursorPaginate goes on by the key alone', async () => {
    const { nextCursor } = await named.cursorPaginate({ size: 2 })
    expect(await sent(() => named.cursorPaginate({ after: nextCursor, size: 2 }))).toEqual([
      'where "id" > ? order by "id" asc limit 3',
    ])
    expect(await sent(() => named.cursorPaginate({ before: nextCursor, size: 2 }))).toEqual([
      'where "id" < ? order by "id" desc limit 3',
    ])
  })

  it('cursorPaginate goes on in both directions over NULLs', async () => {
    const up = named.orderBy('age')
    const pages: string[] = []
    let after: string | null = null
    do {
      const statements = await sent(async () => {
        const page: { nextCursor: string | null } = await up.cursorPaginate({ after, size: 1 })
        after = page.nextCursor
      })
      pages.push(String(statements[0]))
    } while (after !== null)
    expect(pages).toEqual([
      'order by "age" asc, "id" asc limit 2',
      'where "age" is not null or "id" > ? order by "age" asc, "id" asc limit 2',
      'where "age" >= ? and ("age" > ? or "id" > ?) order by "age" asc, "id" asc limit 2',
      'where "age" >= ? and ("age" > ? or "id" > ?) order by "age" asc, "id" asc limit 2',
    ])
    const last = named.orderBy((c) => c.age.asc({ nulls: 'last' }))
    const { nextCursor } = await last.cursorPaginate({ size: 3 })
    expect(await sent(() => last.cursorPaginate({ after: nextCursor, size: 1 }))).toEqual([
      'where "age" is null or ("age" >= ? and ("age" > ? or "id" > ?)) order by "age" asc nulls last, "id" asc limit 2',
    ])
    expect(await sent(() => last.cursorPaginate({ before: nextCursor, size: 1 }))).toEqual([
      'where "age" <= ? and ("age" < ? or "id" < ?) order by "age" desc nulls first, "id" desc limit 2',
    ])
  })

  it('cursorPaginate stays inside the conditions of the query', async () => {
    const query = named.where('name', 'Jane').orWhere('name', 'Mary')
    const { nextCursor } = await query.cursorPaginate({ size: 1 })
    expect(await sent(() => query.cursorPaginate({ after: nextCursor, size: 1 }))).toEqual([
      'where "id" > ? and ("name" = ? or "name" = ?) order by "id" asc limit 2',
    ])
  })

  it('stream and batches read chunks', async () => {
    const read = async (rows: AsyncIterable<unknown>) => {
      for await (const _ of rows);
    }
    expect(await sent(() => read(named.orderBy('-age').stream({ chunkSize: 3 })))).toEqual([
      'order by "age" desc, "id" asc limit 3',
      'where "age" is null or ("age" <= ? and ("age" < ? or "id" > ?)) order by "age" desc, "id" asc limit 3',
    ])
    expect(await sent(() => read(named.orderBy('-age').idBatches(3)))).toEqual([
      'order by "id" asc limit 3',
      'where "id" > ? order by "id" asc limit 3',
    ])
    expect(await sent(() => read(named.limit(3).offset(1).batches(2)))).toEqual([
      'order by "id" asc limit 2 offset 1',
      'where "id" > ? order by "id" asc limit 1',
    ])
  })
})
