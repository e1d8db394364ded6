import { ConfigurationError, type CormError, type Database, DefinitionError, UsageError } from 'corm'
import { expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { interfaces, methodsWithOptions } from '../support/declarations.js'
import { CALLS, Mark, Page, Writer } from '../support/option-calls.js'

/** Options whose values are read by somebody else, or may be anything. */
const FREE = ['default', 'dbDefault', 'generated', 'after', 'before']
/** Without an object these have a meaning of their own. */
const ALSO_TAKES: Readonly<Record<string, (value: unknown) => boolean>> = {
  'Database.connect': (value) => typeof value === 'string',
  'Handle.toJSON': (value) => typeof value === 'string',
  'InstanceBase.toJSON': (value) => typeof value === 'string',
  expectQueries: (value) => typeof value === 'number',
}

/** The members of others, typed for any model. */
const SAME = ['ModelInstance']
/** What a storage takes is the storage's own matter. */
const THEIRS = ['FileStorage', 'StoredFile']

async function refusal(attempt: () => unknown): Promise<CormError | undefined> {
  try {
    await attempt()
    return undefined
  } catch (error) {
    expect(error).toSatisfy(
      (it) => it instanceof UsageError || it instanceof DefinitionError || it instanceof ConfigurationError,
    )
    return error as CormError
  }
}

describeDatabases('options', (database) => {
  database.useTables([Writer, Mark, Page])
  const names = Object.keys(CALLS)

  it('are tried for every public method that is declared to take some', () => {
    const known = [
      'ModelClass.new',
      'ModelFactory.call',
      'QueryBuilder.withCount',
      'QueryBuilder.withExists',
      'FieldMakers.custom',
    ]
    const owners = [...interfaces.keys()].filter((owner) => ![...SAME, ...THEIRS].includes(owner))
    const declared = [...new Set(methodsWithOptions(owners).map((name) => name.replace(/^Model(?=Statics)/, '')))]
    const beside = [
      ...known,
      'RelationMakers.custom',
      'Database.connect',
      'Database.configure',
      'Database.createTables',
      'Database.migrate',
      'retryOnStale',
      'pruneFiles',
      'useTestDatabase',
      'expectQueries',
      'factory',
      'recordingDriver',
      'defineConfig',
      'dumpData',
      'loadData',
    ]
    expect([...declared, ...beside].sort()).toEqual([...names].sort())
  })

  const prepare = async () => {
    const owner = await Writer.create({ name: 'Ada' })
    await Page.create({ title: 'a', writerId: owner.id })
  }

  it.each(names)('of %s are refused when their name is unknown, with the list of known ones', async (name) => {
    await prepare()
    const call = CALLS[name] as (options: unknown, db: Database) => unknown
    const error = await refusal(() => call({ nope_nope: 1 }, database.db))
    expect(error?.message).toMatch(/"nope_nope"/)
    const known = knownIn(error?.message ?? '')
    expect(known.length, error?.message).toBeGreaterThan(0)
    for (const option of known) {
      const misspelt = await refusal(() => call({ [`${option}s`]: undefined }, database.db))
      if (!known.includes(`${option}s`)) expect(misspelt?.message).toContain(`"${option}s"`)
      if (!FREE.includes(option)) {
        const wrong = await refusal(() => call({ [option]: Symbol('wrong') }, database.db))
        expect(wrong?.message, `${option} of ${name}`).toMatch(new RegExp(option))
      }
    }
  })

  it.each(names)('of %s are refused when they are no plain object, or can not be read', async (name) => {
    await prepare()
    const call = CALLS[name] as (options: unknown, db: Database) => unknown
    const revoked = Proxy.revocable({}, {})
    revoked.revoke()
    const throwing = Object.defineProperty({}, 'guarded', {
      enumerable: true,
      get: () => {
        throw new Error('from a getter')
      },
    })
    for (const wrong of [
      null,
      5,
      'x',
      true,
      [],
      [1],
      Symbol('x'),
      () => undefined,
      new Map(),
      revoked.proxy,
      throwing,
    ]) {
      if (ALSO_TAKES[name]?.(wrong) === true) continue
      expect(await refusal(() => call(wrong, database.db)), `${name}(${typeof wrong})`).toBeDefined()
    }
  })

  /** What a call comes to: nothing but the class and text of an error counts. */
  const outcome = async (attempt: () => unknown) => {
    try {
      await attempt()
      return 'done'
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`
    }
  }

  it.each(names)('of %s are their own properties, whatever object they are', async (name) => {
    await prepare()
    const call = CALLS[name] as (options: unknown, db: Database) => unknown
    class Options {}
    const inherited = [
      Object.create({ guarded: true }),
      new Options(),
      Object.assign(new Options(), { guarded: true }),
      Object.create({}),
    ]
    for (const given of inherited)
      if (ALSO_TAKES[name]?.(given) !== true) expect(await refusal(() => call(given, database.db))).toBeDefined()
    const forged = await refusal(() => call(JSON.parse('{ "__proto__": { "guarded": true } }'), database.db))
    expect(forged?.message).toContain('"__proto__"')
    const plain = await outcome(() => call({}, database.db))
    for (const same of [Object.freeze({}), Object.create(null), Object.seal({}), JSON.parse('{}')]) {
      await Mark.query().all().forceDelete()
      expect(await outcome(() => call(same, database.db))).toBe(plain)
    }
  })
})

/** The names after "It takes". */
const knownIn = (message: string): string[] =>
  /It takes ([^.;]+)[.;]/
    .exec(message)?.[1]
    ?.split(', ')
    .map((name) => name.trim()) ?? []
