import { Database, Field, Model, sql } from 'corm'
import { factory, type TestDatabaseOptions, type TestHooks, useTestDatabase } from 'corm/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { type DatabaseKind, databaseKinds, urlForNew } from '../support/databases.js'

class Note extends Model({ text: Field.string({ max: 50 }) }, { table: 'hooked_notes', database: 'hooked' }) {}
class Later extends Model({ text: Field.string({ max: 50 }) }, { table: 'hooked_later', database: 'hooked' }) {}

const ended: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ended.splice(0)) await end()
})

type Hook = (...context: unknown[]) => Promise<void>

/** The hooks that a test runner calls, as functions. */
function runnerOf(kind: DatabaseKind, options: TestDatabaseOptions = {}) {
  const registered: Record<string, Hook> = {}
  const on = (name: string) => (work: Hook) => {
    registered[name] = work
  }
  const hooks = Object.fromEntries(['beforeAll', 'afterAll', 'beforeEach', 'afterEach'].map((name) => [name, on(name)]))
  const url = urlForNew(kind, 'corm_hooked')
  const used = useTestDatabase({
    name: 'hooked',
    url,
    models: [Note],
    hooks: hooks as unknown as TestHooks,
    ...options,
  })
  const call = (name: string) => (registered[name] as Hook)()
  const begin = async () => {
    ended.push(() => call('afterAll'))
    await call('beforeAll')
  }
  const test = async (work: () => Promise<unknown>) => {
    await call('beforeEach')
    try {
      return await work()
    } finally {
      await call('afterEach')
    }
  }
  return { used, call, begin, test }
}

describe.each(databaseKinds)('the hooks of useTestDatabase on %s', (kind) => {
  it('refuse tests that run at the same time', async () => {
    const { begin, call, test } = runnerOf(kind)
    await begin()
    await call('beforeEach')
    await expect(call('beforeEach')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('Two tests ran at the same time'),
    })
    await call('afterEach')
    await test(async () => expect(await Note.count()).toBe(0))
  })

  it('cut off a transaction that outlives its test, and say so', async () => {
    const { begin, call, test } = runnerOf(kind)
    await begin()
    await call('beforeEach')
    let goOn = () => {}
    const waiting = new Promise<void>((resolve) => {
      goOn = resolve
    })
    let isInside = () => {}
    const inside = new Promise<void>((resolve) => {
      isInside = resolve
    })
    const left = Note.transaction(async () => {
      await Note.create({ text: 'before' })
      isInside()
      await waiting
      await Note.create({ text: 'after' })
    })
    await inside
    const queued = Note.create({ text: 'queued' })
    queued.catch(() => {})
    await expect(call('afterEach')).rejects.toThrow('The test has ended, but a transaction of it had not')
    await test(async () => {
      await Note.create({ text: 'next' })
      goOn()
      await expect(left).rejects.toThrow('The test that began this transaction has ended')
      await expect(queued).rejects.toThrow('The test that began this transaction has ended')
      expect(await Note.query().pluck('text')).toEqual(['next'])
    })
    await test(async () => expect(await Note.count()).toBe(0))
  })

  it('make the database again after a statement that ended the transaction', async () => {
    const { begin, test, used } = runnerOf(kind, {
      setup: async () => void (await Note.create({ text: 'of setup' })),
    })
    await begin()
    await test(async () => {
      await Note.create({ text: 'stored' })
      await used.database.execute(sql`commit`).catch(() => {})
    }).catch(() => {})
    await test(async () => expect(await Note.query().pluck('text')).toEqual(['of setup']))
    await test(async () => {
      await used.database.createTables([Later]).catch(() => {})
    }).catch(() => {})
    await test(async () => {
      expect(await Note.query().pluck('text')).toEqual(['of setup'])
      await expect(Later.count()).rejects.toThrow()
    })
  })

  it('put the numbers of factories back with the rows', async () => {
    const { begin, test } = runnerOf(kind, { setup: async () => void (await factory(Note).create()) })
    await begin()
    const texts: string[] = []
    for (const _ of [1, 2]) await test(async () => void texts.push((await factory(Note).create()).text))
    expect(texts[0]).toBe(texts[1])
    expect(texts[0]).toMatch(/^text \d+$/)
  })

  it('can be used once for a database at a time', async () => {
    const { begin } = runnerOf(kind)
    await begin()
    const second = runnerOf(kind)
    await expect(second.call('beforeAll')).rejects.toThrow(
      'useTestDatabase() is in use for the database "hooked" already',
    )
    const other = runnerOf(kind, { name: 'hooked 2' })
    await other.begin()
    await Promise.all([Note.create({ text: 'a' }), Note.using(other.used.database).create({ text: 'b' })])
    expect(await Note.using(other.used.database).query().pluck('text')).toEqual(['b'])
  })

  it('close and remove the database at the end, however the tests went', async () => {
    const { begin, call, used } = runnerOf(kind)
    expect(() => used.database).toThrow('is connected before the first test')
    await begin()
    const { database } = used
    await call('beforeEach')
    await Note.create({ text: 'a' })
    await call('afterAll')
    expect(database.isConnected).toBe(false)
    expect(() => Database.get('hooked')).toThrow('No database named "hooked"')
    await call('afterEach')
    await call('afterAll')
  })

  it('say what failed in setup, and clean up', async () => {
    const { call } = runnerOf(kind, {
      setup: () => {
        throw new Error('no rows today')
      },
    })
    await expect(call('beforeAll')).rejects.toThrow('no rows today')
    await call('beforeEach')
    await call('afterEach')
    await call('afterAll')
    expect(() => Database.get('hooked')).toThrow('No database named "hooked"')
  })
})

it('refuses options that it does not know', () => {
  expect(() => useTestDatabase({ model: [] } as never)).toThrow(
    'useTestDatabase() has no option "model". Did you mean "models"?',
  )
  expect(() => useTestDatabase({ hooks: { beforeAll() {} } as never })).toThrow('lacks "afterAll"')
})
