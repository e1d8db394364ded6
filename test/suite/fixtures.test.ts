import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import {
  AbortedError,
  Database,
  Field,
  ForeignKeyViolationError,
  Model,
  UniqueViolationError,
  UsageError,
  ValidationError,
} from 'corm'
import { dumpData, type FixtureData, type FixtureProgress, loadData } from 'corm/fixtures'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { Award, Everything, makeEverything, Player, Team } from '../support/fixture-models.js'

const models = [Award, Team, Player]
const ids = ['a', 'b', 'c'].map((digit) => `00000000-0000-7000-8000-00000000000${digit}`) as [string, string, string]

class Egg extends Model(
  { id: Field.integer({ primaryKey: true }), henId: Field.foreignKey(() => Hen, { deferrable: true }) },
  { table: 'fixture_eggs' },
) {}
class Hen extends Model(
  { id: Field.integer({ primaryKey: true }), eggId: Field.foreignKey(() => Egg, { deferrable: true }) },
  { table: 'fixture_hens' },
) {}

/** Two teams whose leads are players of them, with captains that come later and earlier. */
const league = {
  fixture_unused: [],
  Award: [
    { id: 7, words: 'Best', about: null },
    { id: 9, words: 'Hidden by a scope', about: 'x' },
  ],
  Team: [
    { name: 'Blue', leadId: ids[1] },
    { name: 'Red', leadId: null },
  ],
  Player: [
    { id: ids[0], team: 'Blue', captainId: ids[2], rank: 3 },
    { id: ids[1], team: 'Blue', captainId: ids[1], rank: 2 },
    { id: ids[2], team: 'Red', captainId: ids[0], rank: 1 },
  ],
  fixture_awards_fixture_players: [{ playerId: ids[0], awardId: 9, year: 1999 }],
}
const { fixture_unused: _, ...known } = league

describeDatabases('fixtures', (database) => {
  database.useTables([Award, Team, Player, Everything])
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'corm-fixtures-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const load = (source: unknown, options: object = {}) => loadData(source as FixtureData, { models, ...options })
  const path = (name: string) => join(folder, name)

  it('come back as they were loaded: keys, circles, hidden rows, join tables', async () => {
    expect(await load(known)).toEqual({
      rows: 8,
      models: { Award: 2, Team: 2, Player: 3, fixture_awards_fixture_players: 1 },
    })
    expect(await dumpData(models)).toEqual(known)
    const [player] = await Player.where('rank', 3).with({ awards: (q) => q.withoutGlobalScopes() })
    expect(player).toMatchObject({ id: ids[0], captainId: ids[2], awards: [{ id: 9, pivot: { year: 1999 } }] })
    // again, over what is there
    expect(await load(known)).toMatchObject({ rows: 8 })
    expect(await dumpData(models)).toEqual(known)
  })

  it('keep every kind of value, however often they are dumped', async () => {
    await makeEverything()
    const text = async (name: string) => {
      await dumpData([Everything], { output: path(name) })
      return readFileSync(path(name), 'utf8')
    }
    const first = await text('one.json')
    await Everything.withoutGlobalScopes().all().forceDelete({ hooks: false })
    expect(await loadData(path('one.json'), { models: [Everything] })).toEqual({ rows: 5, models: { Everything: 5 } })
    expect(await text('two.json')).toBe(first)
    await loadData(path('one.json'), { models: [Everything] })
    expect(await text('two.json')).toBe(first)
    const data = await dumpData([Everything])
    expect(data).toEqual({ Everything: JSON.parse(first).Everything })
    expect(data.Everything?.[0]).toMatchObject({
      big: '9223372036854775807',
      price: '9999999999999999999999999999.9999999999',
      notes: 'base64:aGVsbG8= "quotes" \\ \n\t\u2028 😀',
      exactly: '2024-03-31T01:30:00.123000Z',
      data: { $json: 2, a: [1.5, null, { b: '$json' }], z: 1 },
      always: { $json: { $json: { $json: null } } },
      hidden: 'out of sight',
      version: 2,
      upper: 'abc',
    })
    expect(data.Everything?.[0]?.bytes).toMatch(/^base64:AAEC/)
    expect(data.Everything?.[0]).not.toHaveProperty('double')
    expect(data.Everything?.[1]).toMatchObject({ data: { $json: null }, always: { $json: null }, bytes: 'base64:' })
    expect(data.Everything?.[2]).toMatchObject({ data: { $json: { $json: null } }, always: 'null' })
    expect(data.Everything?.[3]?.deletedAt).toMatch(/Z$/)
  })

  it('are files with a row on each line, compressed where the name says so, and streams', async () => {
    await load(known)
    expect(await dumpData(models, { output: path('a.json') })).toMatchObject({ rows: 8 })
    const text = readFileSync(path('a.json'), 'utf8')
    expect(text.split('\n')).toContain(`{"name":"Blue","leadId":"${ids[1]}"},`)
    expect(statSync(path('a.json')).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600)
    await dumpData(models, { output: path('a.json.gz') })
    expect(gunzipSync(readFileSync(path('a.json.gz'))).toString()).toBe(text)
    const parts: string[] = []
    const stream = new Writable({
      decodeStrings: false,
      write(chunk, _encoding, done) {
        parts.push(String(chunk))
        done()
      },
    })
    await dumpData(models, { output: stream })
    expect(parts.join('')).toBe(text)
    for (const source of [path('a.json'), path('a.json.gz'), new URL(`file://${path('a.json')}`)])
      expect(await load(source)).toMatchObject({ rows: 8 })
    const compressed = readFileSync(path('a.json.gz'))
    writeFileSync(path('cut.json.gz'), compressed.subarray(0, compressed.length - 12))
    await expect(load(path('cut.json.gz'))).rejects.toThrow(/unexpected end of file/)
    writeFileSync(path('other.json.gz'), text)
    await expect(load(path('other.json.gz'))).rejects.toThrow(/header/)
    const bytes = Buffer.from(text)
    const split = (size: number) => Readable.from(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)).slice(0, size))
    expect(await load(split(bytes.length))).toMatchObject({ rows: 8 })
    expect(await load(Readable.from([text]))).toMatchObject({ rows: 8 })
    await expect(load(split(bytes.length - 4))).rejects.toBeInstanceOf(UsageError)
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('report how far they are', async () => {
    await load(known)
    const steps: FixtureProgress[] = []
    const onProgress = (step: FixtureProgress) => void steps.push(step)
    await dumpData(models, { output: path('p.json'), onProgress })
    expect(steps.map(({ model, rows }) => [model, rows])).toEqual([
      ['Award', 2],
      ['Team', 4],
      ['Player', 7],
      ['fixture_awards_fixture_players', 8],
    ])
    expect(steps.at(-1)?.done).toBe(1)
    steps.length = 0
    await load(path('p.json'), { onProgress })
    expect(steps.at(-1)).toMatchObject({ rows: 8, done: 1 })
    steps.length = 0
    await load(known, { onProgress })
    expect(steps.at(-1)).toMatchObject({ rows: 8, done: null })
  })

  it('update, skip or refuse existing rows', async () => {
    await load(known)
    const changed = {
      Player: [
        { id: ids[0], team: 'Red', captainId: null, rank: 30 },
        { id: ids[0].replace('a', 'd'), team: 'Red', captainId: ids[0], rank: 4 },
      ],
    }
    await expect(load(changed, { onConflict: 'error' })).rejects.toBeInstanceOf(UniqueViolationError)
    expect(await load(changed, { onConflict: 'skip' })).toEqual({ rows: 1, models: { Player: 1 } })
    expect(await Player.findOrFail(ids[0])).toMatchObject({ team: 'Blue', captainId: ids[2], rank: 3 })
    expect(await Player.where('rank', 4).pluck('captainId')).toEqual([ids[0]])
    expect(await load(changed)).toMatchObject({ rows: 2 })
    expect(await Player.findOrFail(ids[0])).toMatchObject({ team: 'Red', captainId: null, rank: 30 })
    // only the fields that the fixture has
    await load({ Award: [{ id: 7, words: 'Better' }] })
    await load({ Award: [{ id: 9, words: 'Still hidden' }] })
    expect((await dumpData([Award])).Award).toEqual([
      { id: 7, words: 'Better', about: null },
      { id: 9, words: 'Still hidden', about: 'x' },
    ])
    // of two rows with one key the later counts
    await load({ Award: [7, 8, 7].map((id, i) => ({ id, words: `${i}`, about: null })) })
    expect(await Award.query().orderBy('id').pluck('words')).toEqual(['2', '1'])
  })

  it('let new rows have numbers above those that were loaded', async () => {
    await load({ Award: [{ id: 500, words: 'x', about: null }] })
    expect((await Award.create({ words: 'next' })).id).toBeGreaterThan(500)
  })

  it('store nothing if anything is wrong', async () => {
    const wrong: [source: unknown, error: unknown, message: RegExp][] = [
      [
        {
          Award: [
            { id: 1, words: 'a', about: null },
            { id: 2, words: 5, about: null },
          ],
        },
        ValidationError,
        /row 2/,
      ],
      [{ Award: [{ id: 1, words: 'a', abuot: null }] }, ValidationError, /did you mean "about"/],
      [{ Award: [{ id: 1, words: 'x'.repeat(101) }] }, ValidationError, /at most 100/],
      [{ Award: [{ words: 'no key' }] }, ValidationError, /id is missing/],
      [{ Award: [{ id: 1 }] }, ValidationError, /words is missing/],
      [{ Award: [{ id: null, words: 'x' }] }, ValidationError, /id must not be null/],
      [{ Award: [{ id: '1', words: 'x' }] }, ValidationError, /id expects an integer/],
      [{ Award: [{ id: 1, words: null }] }, ValidationError, /words must not be null/],
      [{ Award: [{ id: 2 ** 40, words: 'x' }] }, ValidationError, /id must be between/],
      [{ Award: [{ id: 1, words: 'a' }], Awards: [{ id: 1 }] }, UsageError, /Did you mean "Award"/],
      [JSON.parse('{"Award": [{"id": 1, "words": "a", "__proto__": {"about": "x"}}]}'), ValidationError, /__proto__/],
      [JSON.parse('{"Award": [{"id": 1, "words": "a"}], "__proto__": [{}]}'), UsageError, /"__proto__"/],
      [{ Award: [{ id: 1, words: 'a' }], Team: [{ name: 'Blue', leadId: ids[0] }] }, ForeignKeyViolationError, /./],
      [
        { Award: [{ id: 1, words: 'a' }], Player: [{ ...known.Player[0], captainId: null }] },
        ForeignKeyViolationError,
        /./,
      ],
      [{ Award: 'x' }, UsageError, /list of rows/],
      [{ Award: [7] }, UsageError, /no object/],
      [[], UsageError, /loadData\(\) takes/],
      [null, UsageError, /loadData\(\) takes/],
      [new Map(), UsageError, /loadData\(\) takes/],
      [new Award({ words: 'a' }), UsageError, /loadData\(\) takes/],
    ]
    for (const [source, kind, message] of wrong) {
      const attempt = load(source)
      await expect(attempt, JSON.stringify(source)).rejects.toBeInstanceOf(kind as never)
      await expect(attempt).rejects.toThrow(message)
      expect(await dumpData([Award])).toEqual({ Award: [] })
    }
    expect(({} as { about?: unknown }).about).toBeUndefined()
    expect(await load({ Award: [{ id: 1, words: 'a', color: 'red' }], Other: [{}] }, { ignoreUnknown: true })).toEqual({
      rows: 1,
      models: { Award: 1 },
    })
  })

  it('never show values in messages', async () => {
    const secret = 'hunter2'
    const wrong = [
      `{"Award": [{"id": "${secret}", "words": "a"}]}`,
      `{"Award": [{"id": 1, "words": ${secret}}]}`,
      `{"Award": [{"id": 1, "words": ["${secret}"]}]}`,
      `{"Award": [{"id": 1, "about": "${secret}"`,
    ]
    for (const text of wrong) {
      const error = await load(Readable.from([text])).catch((error: unknown) => error)
      expect(error).toBeInstanceOf(Error)
      expect(`${error} ${(error as Error).cause}`).not.toContain(secret)
    }
  })

  it('name the line of a file that is no fixture', async () => {
    const wrong: [text: string, message: RegExp][] = [
      ['', /line 1 ends where it needs an object/],
      ['[]', /line 1 needs an object of lists/],
      ['{\n"Award": {}}', /line 2 needs a list of rows/],
      ['{"Award": [\n{"id": 1, "words": "a"}\n{"id": 2, "words": "b"}]}', /line 3 needs a comma/],
      ['{"Award": [{"id": 1, "words": "a"},]}', /needs a row/],
      ['{"Award": [],}', /needs the name of a model/],
      ['{"Award": [\n\n{"id": 1, "words": "a", "id": 2}]}', /line 3 has a row that names a field twice/],
      ['{"Award": [{"id": 1, "words": "a"]}', /is no JSON|ends in the middle/],
      ['{"Award": [{"id": 1, "words": "a"}]} {}', /needs nothing more/],
      ['{"$format": 2}', /another format/],
      ['{"$format": 12, "Award": []}', /another format/],
      ['{"Award": [{"id": 1, "words": "a", "about": 12345678901234567890}]}', /write large numbers as strings/],
      [`{"Award": [{"id": 1, "words": ${'['.repeat(100_000)}${']'.repeat(100_000)}}]}`, /nested deeper/],
      [`{"${'x'.repeat(1000)}": []}`, /name that is too long/],
    ]
    for (const [text, message] of wrong) {
      const whole = load(Readable.from([text]))
      await expect(whole, text.slice(0, 80)).rejects.toBeInstanceOf(UsageError)
      await expect(whole, text.slice(0, 80)).rejects.toThrow(message)
      if (text.length < 1000) await expect(load(Readable.from(text.split('')))).rejects.toThrow(message)
    }
    await expect(load(Readable.from([Buffer.from([0x7b, 0xff])]))).rejects.toThrow(/UTF-8/)
    await expect(load(Readable.from([5]))).rejects.toBeInstanceOf(UsageError)
    await expect(load(path('missing.json'))).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await load(Readable.from(['\ufeff{ "Award" :\r\n[ { "id" : 1 , "words" : "a\\"}]" } ] }\n']))).toMatchObject(
      {
        rows: 1,
      },
    )
    expect(await Award.query().pluck('words')).toEqual(['a"}]'])
  })

  it('stop at a signal, and leave neither rows nor files', async () => {
    await load(known)
    const aborted = AbortSignal.abort()
    await expect(dumpData(models, { signal: aborted })).rejects.toBeInstanceOf(AbortedError)
    await expect(load(known, { signal: aborted })).rejects.toBeInstanceOf(AbortedError)
    const stopping = new AbortController()
    const onProgress = () => stopping.abort()
    writeFileSync(path('kept.json'), 'before')
    const dump = dumpData(models, { output: path('kept.json'), onProgress, signal: stopping.signal })
    await expect(dump).rejects.toBeInstanceOf(AbortedError)
    expect(readFileSync(path('kept.json'), 'utf8')).toBe('before')
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
    const other = new AbortController()
    const more = { Award: [{ id: 70, words: 'x' }], Team: [{ name: 'Green' }], Player: known.Player }
    await expect(load(more, { signal: other.signal, onProgress: () => other.abort() })).rejects.toBeInstanceOf(
      AbortedError,
    )
    expect(await dumpData(models)).toEqual(known)
  })

  it('are part of a transaction of the user', async () => {
    const { db } = database
    await db.transaction(async (trx) => {
      await loadData(known, { models, database: trx })
      expect(await dumpData(models, { database: trx })).toEqual(known)
      const broken = { Player: [{ ...known.Player[0], team: 'None' }] }
      await expect(loadData(broken, { models, database: trx })).rejects.toThrow()
      expect(await dumpData(models)).toEqual(known)
      trx.rollback()
    })
    expect(await Team.count()).toBe(0)
    await loadData(known, { models: models.map((model) => (model as any).using(db)) })
    expect(await Team.count()).toBe(2)
  })

  it('read one state of the database', async ({ skip }) => {
    if (!database.facts.concurrent) skip()
    await load(known)
    let isFirst = true
    const writing: Promise<unknown>[] = []
    const other = await Database.connect({ name: 'another', url: database.url })
    const stream = new Writable({
      decodeStrings: false,
      write(chunk, _encoding, done) {
        if (isFirst && !String(chunk).includes('Best')) return done()
        if (isFirst) writing.push(other.transaction((trx) => Award.using(trx as never).create({ words: 'meanwhile' })))
        isFirst = false
        Promise.all(writing).then(() => done(), done)
      },
      highWaterMark: 1,
    })
    expect(await dumpData(models, { output: stream })).toMatchObject({ rows: 8 })
    expect(await Award.where('words', 'meanwhile').count()).toBe(1)
    await other.close()
  })

  it('refuse what they can not do', async () => {
    await expect(dumpData([])).rejects.toThrow(/at least one model/)
    await expect(dumpData(Team as never)).rejects.toBeInstanceOf(UsageError)
    await expect(loadData({}, {} as never)).rejects.toThrow(/needs the models/)
    await expect(loadData({}, { models: [Team], clear: true } as never)).rejects.toThrow(/no option "clear"/)
    const url = new URL('https://example.com/seed.json')
    await expect(dumpData([Team], { output: url })).rejects.toThrow(/must be that of a file/)
    await expect(load(url)).rejects.toThrow(/must be that of a file/)
    await expect(dumpData([Team], { output: 5 } as never)).rejects.toThrow(/"output"/)
    await expect(dumpData([Team], { database: {} } as never)).rejects.toThrow(/"database"/)
    await expect(dumpData([Team], { signal: {} } as never)).rejects.toThrow(/"signal"/)
    await expect(load({}, { onConflict: 'replace' })).rejects.toThrow(/"onConflict"/)
    class Elsewhere extends Model({ name: Field.string() }, { database: 'sqlite::memory:' }) {}
    await expect(dumpData([Team, Elsewhere])).rejects.toThrow(/one database at a time/)
    const Same = { Team: class Team extends Model({ name: Field.string() }, { table: 'other_teams' }) {} }.Team
    await expect(dumpData([Team, Same])).rejects.toThrow(/two models with the name "Team"/)
  })

  it('take circles of references that can not be null, where they can be checked later', async ({ skip }) => {
    const { db } = database
    if (!database.capabilities.deferrableKeys) skip()
    await db.createTables([Egg, Hen])
    const data = { Egg: [{ id: 1, henId: 1 }], Hen: [{ id: 1, eggId: 1 }] }
    const both = { models: [Egg, Hen] }
    expect(await loadData(data, both)).toMatchObject({ rows: 2 })
    expect(await dumpData([Hen, Egg])).toEqual(data)
    const broken = { Egg: [{ id: 2, henId: 3 }] }
    await expect(loadData(broken, both)).rejects.toBeInstanceOf(ForeignKeyViolationError)
    await db.transaction(async () => {
      await expect(loadData(broken, both)).rejects.toThrow(/foreign key|refers to/i)
      await loadData({ Egg: [{ id: 4, henId: 5 }], Hen: [{ id: 5, eggId: 4 }] }, both)
    })
    expect(await Egg.query().orderBy('id').pluck('id')).toEqual([1, 4])
    await db.dropTables([Egg, Hen])
  })

  describe('of many rows', () => {
    it('take references that come before their rows', async () => {
      const count = 12_000
      const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`
      const rows = Array.from({ length: count }, (_, n) => ({
        id: id(n),
        team: 'Red',
        captainId: id((n + 7) % count),
        rank: n,
      }))
      const data = { Team: [{ name: 'Red', leadId: id(count - 1) }], Player: rows }
      expect(await load(data)).toMatchObject({ rows: count + 1 })
      const dumped = await dumpData([Team, Player])
      expect(dumped.Player).toEqual(rows)
      expect(dumped.Team).toEqual(data.Team)
    }, 60_000)
  })
})
