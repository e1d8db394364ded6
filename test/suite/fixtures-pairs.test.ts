import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, Field, Model } from 'corm'
import { dumpData, loadData } from 'corm/fixtures'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DatabaseKind, databaseKinds, freshDatabase } from '../support/databases.js'
import { Award, Everything, makeEverything, Player, Team } from '../support/fixture-models.js'
import { HOSTILE_TEXTS, KINDS } from '../support/values.js'

// A dump of one database, loaded into another one, gives the same dump there.

class Word extends Model(
  { text: Field.string({ primaryKey: true }), n: Field.integer() },
  { table: 'fixture_words' },
) {}
class Pair extends Model(
  {
    left: Field.decimal({ precision: 20, scale: 2, primaryKey: true }),
    right: Field.bigInteger({ primaryKey: true }),
    at: Field.dateTime({ primaryKey: true }),
  },
  { table: 'fixture_pairs' },
) {}
const tables = [Word, Pair, Everything, Team, Player, Award, ...KINDS.map(({ model }) => model)]

interface Connected {
  readonly db: Database
  drop(): Promise<void>
}

let made = 0
async function connected(kind: DatabaseKind): Promise<Connected> {
  const { url, drop } = await freshDatabase(kind)
  made += 1
  const db = await Database.connect({ name: `fixtures ${made}`, url })
  await db.createTables(tables)
  return {
    db,
    async drop() {
      await db.close()
      await drop()
    },
  }
}

/** What all databases store: some lose the sign of zero. */
const keptByAll = (values: readonly unknown[]) => values.filter((value) => !Object.is(value, -0))

const usual = (text: string) => [...text].length <= 255

async function fill(db: Database): Promise<void> {
  await db.transaction(async () => {
    for (const { model, values, forms = [] } of KINDS)
      await model
        .using(db)
        .insertMany([...keptByAll(values), ...forms.map(([value]) => value), null].map((value) => ({ value })))
  })
  const texts = [...new Set(HOSTILE_TEXTS)].filter(usual)
  await Word.using(db).insertMany(texts.map((text, n) => ({ text, n })))
  const at = [new Date('1970-01-01T00:00:00.000Z'), new Date('2026-01-31T12:00:00.001Z')]
  const lefts = Array.from({ length: 30 }, (_, n) => String(n * 7.25 - 100))
  const pairs = lefts.flatMap((left) =>
    [-5n, 0n, 2n ** 60n].flatMap((right) => at.map((each) => ({ left, right, at: each }))),
  )
  await Pair.using(db).insertMany(pairs)
  await makeEverything(db)
}

const league = {
  Award: [{ id: 1, words: 'Best', about: 'x' }],
  Team: [{ name: 'Blue', leadId: '00000000-0000-7000-8000-00000000000b' }],
  Player: ['a', 'b', 'c'].map((digit, rank) => ({
    id: `00000000-0000-7000-8000-00000000000${digit}`,
    team: 'Blue',
    captainId: '00000000-0000-7000-8000-00000000000c',
    rank,
  })),
  fixture_awards_fixture_players: [{ playerId: '00000000-0000-7000-8000-00000000000a', awardId: 1, year: 1999 }],
}

describe('dumps of one database in another one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corm-fixtures-'))
  const from = new Map<DatabaseKind, Connected & { readonly path: string; readonly text: string }>()
  const to = new Map<DatabaseKind, Connected>()
  const dump = async (db: Database, name: string) => {
    const path = join(folder, name)
    await dumpData(tables, { database: db, output: path })
    return { path, text: readFileSync(path, 'utf8') }
  }
  beforeAll(async () => {
    for (const kind of databaseKinds) {
      const source = await connected(kind)
      await fill(source.db)
      await loadData(league, { models: tables, database: source.db })
      from.set(kind, { ...source, ...(await dump(source.db, `${kind}.json`)) })
      to.set(kind, await connected(kind))
    }
  }, 120_000)
  afterAll(async () => {
    for (const { drop } of [...from.values(), ...to.values()]) await drop()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const one of databaseKinds)
    for (const other of databaseKinds)
      it(`are the same bytes: ${one} in ${other}`, async () => {
        const source = from.get(one)
        const target = to.get(other)
        if (source === undefined || target === undefined) throw new Error('both were connected before')
        for (const { model } of KINDS) await model.using(target.db).all().forceDelete()
        const options = { models: tables, database: target.db }
        const counts = await loadData(source.path, options)
        expect(counts.models.Everything).toBe(5)
        const { text } = await dump(target.db, `${one}-${other}.json`)
        expect(differences(source.text, text)).toEqual([])
        await loadData(source.path, options)
        expect((await dump(target.db, `${one}-${other}.json`)).text).toBe(source.text)
      }, 120_000)
})

/** The lines that differ, a few of them and cut: the texts are long. */
function differences(one: string, other: string): readonly (readonly [string, string])[] {
  const [lines, others] = [one.split('\n'), other.split('\n')]
  const pairs = Array.from({ length: Math.max(lines.length, others.length) }, (_, i) => [
    lines[i] ?? '',
    others[i] ?? '',
  ])
  const cut = (text = '') => text.slice(0, 200)
  return pairs
    .filter(([a, b]) => a !== b)
    .slice(0, 5)
    .map(([a, b]) => [cut(a), cut(b)] as const)
}
