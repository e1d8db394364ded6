import { Database, sql } from 'corm'
import { expect, it } from 'vitest'
import { inspectDatabase } from '../../src/inspect/index.js'
import { describeDatabases, freshDatabase } from '../support/databases.js'
import { NEEDY_MYSQL, NEEDY_POSTGRES } from '../support/inspect/needy.js'

describeDatabases('what tables need before them', (database) => {
  const statements = { sqlite: [], mysql: NEEDY_MYSQL, postgres: NEEDY_POSTGRES, pglite: NEEDY_POSTGRES }[database.kind]

  async function prerequisitesAfter(texts: readonly string[], tables: readonly string[] | null = null) {
    const { url, drop } = await freshDatabase(database.kind)
    try {
      await using db = await Database.connect({ name: 'needy', url })
      for (const text of texts) await db.execute(sql.raw(text))
      const { prerequisites } = await inspectDatabase(db, (name) => tables === null || tables.includes(name), {
        onlyNeeded: tables !== null,
      })
      const found: unknown[] = []
      for (const { probe } of prerequisites) found.push(...(await db.select(sql.raw(probe))))
      expect(found).toHaveLength(prerequisites.length)
      return { prerequisites }
    } finally {
      await drop()
    }
  }

  it('is found with statements that make the same elsewhere', async () => {
    const { prerequisites } = await prerequisitesAfter(statements)
    const kinds = prerequisites.map(({ kind, name }) => `${kind} ${name}`)
    if (database.kind === 'sqlite') expect(kinds).toEqual([])
    else if (database.kind === 'mysql') expect(kinds).toEqual(['sequence order numbers', 'sequence unused'])
    else
      expect(kinds).toEqual([
        ...['sequence invoice_seq', 'sequence order numbers', 'sequence unused'],
        ...['domain a_label', 'domain a_number', 'enum mood', 'type moods', 'domain all_moods', 'domain calm'],
        'range spans',
      ])
    const made = await prerequisitesAfter(prerequisites.flatMap(({ up }) => up ?? []))
    expect(made.prerequisites).toEqual(prerequisites)
  })

  it('is found for some of the tables and views', async () => {
    const texts = [...statements, 'create table plain (id integer not null primary key)']
    if (database.kind !== 'sqlite') texts.push('create view labels as select * from people')
    const namesFor = async (...tables: readonly string[]) =>
      (await prerequisitesAfter(texts, tables)).prerequisites.map(({ name }) => name)
    expect(await namesFor('plain')).toEqual([])
    if (database.kind === 'mysql') expect(await namesFor('people', 'plain')).toEqual(['order numbers'])
    if (database.kind === 'postgres' || database.kind === 'pglite') {
      expect(await namesFor('invoices')).toEqual(['invoice_seq'])
      const all = ['order numbers', 'a_label', 'a_number', 'mood', 'moods', 'all_moods', 'calm', 'spans']
      expect(await namesFor('people')).toEqual(all)
    }
  })

  it('is dropped by the other statements, in reverse', async () => {
    const { prerequisites } = await prerequisitesAfter(statements)
    const ups = prerequisites.flatMap(({ up }) => up ?? [])
    const downs = prerequisites.flatMap(({ down }) => down ?? []).reverse()
    expect((await prerequisitesAfter([...ups, ...downs])).prerequisites).toEqual([])
  })

  if (database.kind === 'postgres' || database.kind === 'pglite')
    it('says what no statement makes', async () => {
      const { prerequisites } = await prerequisitesAfter([
        'create table first (id serial primary key)',
        "create table second (id integer primary key default nextval('first_id_seq'))",
        "create function lengths(integer, integer) returns double precision language sql immutable as 'select ($2 - $1)::float8'",
        'create type spans as range (subtype = integer, subtype_diff = lengths)',
      ])
      expect(prerequisites.map(({ kind, name, up }) => [kind, name, up])).toEqual([
        ['sequence', 'first_id_seq', null],
        ['range', 'spans', null],
      ])
    })

  if (database.kind === 'postgres')
    it('finds the extensions that columns, defaults and indexes use', async () => {
      const texts = [
        'create schema "Ext"',
        'create extension citext',
        'create extension pg_trgm with schema "Ext"',
        'create extension hstore',
        'create table people (id integer primary key, names citext[], word text)',
        'create index words on people using gin (word "Ext".gin_trgm_ops)',
        'create table plain (id integer primary key)',
      ]
      const { prerequisites } = await prerequisitesAfter(texts)
      expect((await prerequisitesAfter(texts, ['people'])).prerequisites).toEqual(prerequisites)
      expect((await prerequisitesAfter(texts, ['plain'])).prerequisites).toEqual([])
      expect(prerequisites.map(({ up, down }) => [up, down])).toEqual([
        ['create extension if not exists citext', null],
        ['create extension if not exists pg_trgm with schema "Ext"', null],
      ])
    })
})
