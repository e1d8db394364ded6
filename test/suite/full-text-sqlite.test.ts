import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, Field, Model, sql } from 'corm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

// The tables and triggers of FTS5, which only SQLite has.

const indexes = [{ fields: ['title', 'body'], fullText: { weights: { title: 5 } } }] as const
const texts = { title: Field.string(), body: Field.text({ nullable: true }) }

class Note extends Model({ ...texts, code: Field.string({ unique: true }) }, { table: 'notes', indexes }) {}
class Named extends Model({ key: Field.string({ primaryKey: true }), ...texts }, { table: 'named', indexes }) {}

describe('FTS5 tables', () => {
  const file = join(tmpdir(), `corm-fts-${process.pid}.db`)
  let db: Database
  beforeAll(async () => {
    db = await Database.connect({ name: 'fts', url: `sqlite:///${file}` })
  })
  beforeEach(async () => {
    await db.dropTables([Note, Named])
    await db.createTables([Note, Named])
  })
  afterAll(async () => {
    await db.close()
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true })
  })
  const notes = () => Note.using(db)
  const named = () => Named.using(db)
  /** Compares each index with its rows; an error says that they differ. */
  const check = async () => {
    for (const name of ['notes_title_body_fulltext', 'named_title_body_fulltext'])
      await db.execute(sql`insert into ${sql.id(name)}(${sql.id(name)}, rank) values ('integrity-check', 1)`)
  }
  const found = (text: string) => named().query().matches(['title', 'body'], text).orderBy('key').pluck('key')

  it('stay right when rows are replaced by raw SQL', async () => {
    await notes().insertMany([
      { title: 'a', body: 'wine', code: 'x' },
      { title: 'b', body: 'beer', code: 'y' },
    ])
    await db.execute(sql`replace into notes (id, title, body, code) values (1, 'c', 'milk', 'y')`)
    await db.execute(sql`insert or replace into named ("key", title, body) values ('k', 'a', 'wine')`)
    await db.execute(sql`insert or replace into named ("key", title, body) values ('k', 'a', 'milk')`)
    await db.execute(sql`insert or ignore into named ("key", title, body) values ('k', 'a', 'beer')`)
    await check()
    expect(await notes().query().matches(['title', 'body'], 'milk').pluck('title')).toEqual(['c'])
    expect(await notes().query().matches(['title', 'body'], 'wine').count()).toBe(0)
    expect([await found('milk'), await found('wine'), await found('beer')]).toEqual([['k'], [], []])
  })

  it('stay right in VACUUM, whatever the key', async () => {
    await named().insertMany(Array.from({ length: 100 }, (_, i) => ({ key: `k${i}`, title: `t${i}`, body: 'wine' })))
    await named().where('key', '<', 'k5').delete()
    await db.execute(sql`vacuum`)
    await check()
    expect(await found('t77 wine')).toEqual(['k77'])
    await named().where('key', 'k77').update({ title: 'changed' })
    await named().where('key', 'k78').delete()
    await check()
    expect([await found('changed'), await found('t77'), await found('t78')]).toEqual([['k77'], [], []])
  })

  it('can be built again from their rows', async () => {
    await named().insertMany([{ key: 'a', title: 'red', body: 'wine' }])
    await db.execute(sql`insert into named_title_body_fulltext(named_title_body_fulltext) values ('delete-all')`)
    expect(await found('wine')).toEqual([])
    await db.execute(sql`insert into named_title_body_fulltext(named_title_body_fulltext) values ('rebuild')`)
    expect(await found('wine')).toEqual(['a'])
    await check()
  })

  it('report the keys and counts of writes as without them', async () => {
    const note = await notes().create({ title: 'a', code: 'a' })
    expect(note.id).toBe(1)
    const many = await notes().createMany([
      { title: 'b', code: 'b' },
      { title: 'c', code: 'c' },
    ])
    expect(many.map(({ id }) => id)).toEqual([2, 3])
    expect(await notes().query().all().update({ body: 'same' })).toBe(3)
    expect(await db.execute(sql`delete from notes where id > 1`)).toBe(2)
    expect(await notes().insertMany([{ title: 'd', code: 'd' }])).toBe(1)
    await check()
  })

  it('stay right through many random writes', async () => {
    const random = (most: number) => Math.floor(Math.random() * most)
    const words = ['red', 'white', 'wine', 'beer', 'of', 'the']
    const text = () => Array.from({ length: random(6) }, () => words[random(words.length)]).join(' ')
    for (let i = 0; i < 300; i++) {
      const key = `k${random(20)}`
      const data = { key, title: text(), body: random(4) === 0 ? null : text() }
      if (random(3) > 0) await named().upsert(data, { conflict: 'key' })
      else if (random(2) > 0) await named().where('key', key).update({ title: text() })
      else await named().where('key', key).delete()
    }
    await check()
    const rows = await named().all()
    const holds = ({ title, body }: { title: string; body: string | null }) =>
      ['red', 'wine'].every((word) => `${title} ${body ?? ''}`.split(' ').includes(word))
    expect(await found('wine red')).toEqual(
      rows
        .filter(holds)
        .map(({ key }) => key)
        .sort(),
    )
  })

  it('are dropped with everything that belongs to them', async () => {
    await db.dropTables([Note, Named])
    expect(await db.select(sql`select name from sqlite_schema where name not like 'sqlite_%'`)).toEqual([])
  })
})
