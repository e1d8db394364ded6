import { AsyncLocalStorage } from 'node:async_hooks'
import { Readable, Writable } from 'node:stream'
import {
  Database,
  Field,
  Model,
  PermissionError,
  StoredValueError,
  sql,
  UniqueViolationError,
  ValidationError,
} from 'corm'
import { dumpData, loadData } from 'corm/fixtures'
import { afterEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { looseModel } from '../support/loose.js'
import { useVectorTables } from '../support/vectors.js'

const tenant = new AsyncLocalStorage<number>()

class Doc extends looseModel(
  { title: Field.string({ max: 50, unique: true }), tenant: Field.integer() },
  {
    table: 'fixture_docs',
    globalScopes: {
      tenant: { apply: (q: any) => q.where('tenant', tenant.getStore() ?? -1), locked: true },
      short: (q: any) => q.where('title', 'short'),
    },
  },
) {}

const calls: string[] = []
class Watched extends Model(
  {
    name: Field.string({ validate: () => 'is never right' }),
    changedAt: Field.dateTime({ autoNow: true, nullable: true }),
    count: Field.integer({ default: 5, nullable: true }),
    state: Field.string({ dbDefault: 'new' }),
    version: Field.version(),
  },
  { table: 'fixture_watched' },
) {
  override beforeSave() {
    calls.push('beforeSave')
  }
  override afterLoad() {
    calls.push('afterLoad')
  }
  override afterInsert() {
    calls.push('afterInsert')
  }
}

class Linked extends Model(
  { nextId: Field.foreignKey(() => Linked, { nullable: true, onDelete: 'setNull' }), version: Field.version() },
  { table: 'fixture_linked' },
) {}

class Place extends Model(
  { at: Field.vector(3), was: Field.vector(2, { nullable: true }) },
  { table: 'fixture_places' },
) {}

describeDatabases('fixtures and what guards rows', (database) => {
  database.useTables([Doc, Watched, Linked])
  afterEach(() => Database.configure({ maxRows: undefined }))
  const docs = { Doc: [1, 2].map((id) => ({ id, title: `doc ${id}`, tenant: 1 })) }

  it('dump and load the rows of a locked scope only', async () => {
    const models = [Doc]
    await tenant.run(1, () => loadData(docs, { models }))
    await tenant.run(2, () => loadData({ Doc: [{ id: 3, title: 'other', tenant: 2 }] }, { models }))
    expect(await tenant.run(1, () => dumpData(models))).toEqual(docs)
    expect(await dumpData(models)).toEqual({ Doc: [] })
    for (const onConflict of ['update', 'skip', 'error'] as const) {
      const foreign = { Doc: [docs.Doc[0], { id: 9, title: 'stolen', tenant: 1 }].map((row) => ({ ...row })) }
      const into = tenant.run(2, () => loadData(foreign as never, { models, onConflict }))
      await expect(into, onConflict).rejects.toSatisfy(
        (error) => error instanceof PermissionError || error instanceof UniqueViolationError,
      )
      const moved = tenant.run(2, () =>
        loadData({ Doc: [{ id: 3, title: 'x', tenant: 1 }] }, { models, onConflict: 'update' }),
      )
      await expect(moved).rejects.toBeInstanceOf(PermissionError)
    }
    expect(await tenant.run(1, () => dumpData(models))).toEqual(docs)
    expect((await tenant.run(2, () => dumpData(models))).Doc).toEqual([{ id: 3, title: 'other', tenant: 2 }])
  })

  it('run no hooks, no validators, and fill nothing in', async () => {
    const models = [Watched]
    calls.length = 0
    const row = { id: 1, name: 'a', changedAt: '2020-01-01T00:00:00.000Z', count: null, state: 'old', version: 7 }
    Database.configure({ maxRows: 1 })
    await loadData({ Watched: [row, { ...row, id: 2 }, { id: 3, name: 'b' }] }, { models })
    await loadData({ Watched: [row] }, { models })
    const rest = { changedAt: null, count: null, state: 'new', version: 1 }
    expect(await dumpData(models)).toEqual({ Watched: [row, { ...row, id: 2 }, { id: 3, name: 'b', ...rest }] })
    expect(calls).toEqual([])
  })

  it('keep versions where references are set later', async () => {
    const models = [Linked]
    const rows = [
      { id: 1, nextId: 2, version: 7 },
      { id: 2, nextId: 1, version: 1 },
      { id: 3, nextId: 3, version: 3 },
    ]
    for (const _ of [1, 2]) {
      await loadData({ Linked: rows }, { models })
      expect(await dumpData(models)).toEqual({ Linked: rows })
    }
    await loadData({ Linked: [{ id: 4, nextId: 1 }] }, { models })
    expect(await Linked.query().whereKey(4).pluck('nextId')).toEqual([1])
  })

  it('never give one row the unique value of another one', async () => {
    const models = [Doc]
    await tenant.run(1, async () => {
      await loadData(docs, { models })
      for (const onConflict of ['update', 'skip', 'error'] as const) {
        const clash = { Doc: [{ id: 5, title: 'doc 1', tenant: 1 }] }
        await expect(loadData(clash, { models, onConflict })).rejects.toBeInstanceOf(UniqueViolationError)
      }
      expect(await dumpData(models)).toEqual(docs)
    })
  })

  it('name the field and the row of what is stored and can not be dumped', async () => {
    const { db } = database
    class Strict extends Model(
      { data: Field.json({ nullable: true }), when: Field.string() },
      { table: 'fixture_strict' },
    ) {}
    class Lax extends Model(
      { data: Field.text({ nullable: true }), when: Field.string({ nullable: true }) },
      { table: 'fixture_strict' },
    ) {}
    await db.createTables([Lax])
    const lax = await Lax.create({ when: null })
    const dump = dumpData([Strict])
    await expect(dump).rejects.toBeInstanceOf(StoredValueError)
    await expect(dump).rejects.toMatchObject({ model: 'Strict', field: 'when', key: 1 })
    lax.when = 'now'
    lax.data = 'no JSON'
    await lax.save()
    await expect(dumpData([Strict])).rejects.toMatchObject({ model: 'Strict', field: 'data', key: 1 })
    await db.dropTables([Lax])
  })

  it('refuse texts that a database does not store', async ({ skip }) => {
    if (database.facts.storesNul) skip()
    const load = loadData({ Watched: [{ id: 1, name: 'a\0b' }] }, { models: [Watched] })
    await expect(load).rejects.toBeInstanceOf(ValidationError)
    expect(await Watched.count()).toBe(0)
  })

  it('pass on the errors of streams, and leave the database usable', async () => {
    const models = [Watched]
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('disk full')) })
    await expect(dumpData(models, { output: broken })).rejects.toThrow('disk full')
    async function* failing() {
      yield '{"Watched": [{"id": 1, "name": "a"},'
      throw new Error('connection lost')
    }
    await expect(loadData(failing(), { models })).rejects.toThrow('connection lost')
    const destroyed = Readable.from(['{"Watched": [{"id": 1, "name": "a"}]', '}'])
    const onProgress = () => {
      throw new Error('from the caller')
    }
    await expect(loadData(destroyed, { models, onProgress })).rejects.toThrow('from the caller')
    expect(destroyed.destroyed).toBe(true)
    await expect(dumpData(models, { output: '/nowhere/at/all.json' })).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await Watched.count()).toBe(0)
    await database.db.execute(sql`delete from fixture_watched`)
  })

  describe('with vectors', () => {
    useVectorTables(database, [Place])
    it('keep them', async () => {
      const models = [Place]
      const at = [0.1, -1.5e-10, 16_777_216].map(Math.fround)
      await Place.create({ at, was: [1, 2] })
      await Place.create({ at: [0, 1 / 3, 1e17], was: null })
      const data = await dumpData(models)
      expect(data.Place?.[0]).toMatchObject({ at: [0.1, -1.5e-10, 16_777_216], was: [1, 2] })
      await Place.truncate()
      await loadData(data, { models })
      expect(await dumpData(models)).toEqual(data)
      expect((await Place.query().firstOrFail()).at).toEqual(Float32Array.from(at))
      for (const wrong of [[1, 2], [1, 2, 'x'], [1, 2, 1e300], 'x', [1, 2, null], null])
        await expect(loadData({ Place: [{ id: 9, at: wrong }] } as never, { models })).rejects.toBeInstanceOf(
          ValidationError,
        )
    })
  })
})
