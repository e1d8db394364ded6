import { IN_MEMORY } from '../database/connect.js'
import { Database } from '../database/database.js'
import { connectTypes, type DatabaseConfig } from '../database/options.js'
import type { Sandbox } from '../database/sandbox.js'
import { TransactionError, UsageError } from '../errors.js'
import { restartDetection } from '../execution/n-plus-one.js'
import type { MigrationModules } from '../types/migration.js'
import { anything, callback, list, optionReader } from '../util/options.js'
import { contentsOf, isMigrations } from './contents.js'
import { makeTestDatabase, type TestDatabase } from './databases.js'
import { rememberNumbers } from './factory/sequences.js'
import { findRunner, type TestHooks } from './hooks.js'

/** Options of `useTestDatabase`. In addition to these it takes the options of `Database.connect`. */
export interface TestDatabaseOptions extends Partial<DatabaseConfig> {
  /**
   * The models whose tables are created, in an empty database. Without them, the tests get a copy of the database that `url` names,
   * which MySQL and MariaDB cannot make.
   */
  readonly models?: readonly unknown[]
  /**
   * The migrations that make the tables, in an empty database: the folder of their files, or an object by their ids, as
   * `db.migrate()` takes it. Either these or `models`.
   */
  readonly migrations?: MigrationModules | string
  /** Fills the database before the first test of the file, for example with rows that all tests need. */
  readonly setup?: (database: Database) => Promise<void> | void
  /** The hooks of the test runner, where `useTestDatabase` does not find them. */
  readonly hooks?: TestHooks
}

/** The database of the tests of a file. */
export interface UsedTestDatabase {
  /** The connected database. Read it inside tests and hooks: before the tests there is none. */
  readonly database: Database
}

const optionsOf = optionReader<TestDatabaseOptions>('useTestDatabase()', {
  models: list,
  migrations: { wants: 'the folder of the migrations, or an object of migrations by their ids', accepts: isMigrations },
  setup: callback<(database: Database) => Promise<void> | void>(),
  hooks: anything as never,
  ...connectTypes,
})

/**
 * Gives the tests of this file a database of their own, and rolls back what each test writes. Call it once, at the top of the
 * file or of a block. It works in vitest, Jest and `node:test`.
 *
 *     useTestDatabase({ models: [Author, Book] })
 *
 *     test('an author is created', async () => {
 *       await Author.create({ name: 'Jane Austen' })
 *       expect(await Author.count()).toBe(1)
 *     })
 *
 * Transactions of the application are savepoints. Functions given to `afterCommit` run when the outermost of them ends. Tests that
 * run at the same time (`test.concurrent`) cannot be isolated from each other, and are refused.
 */
export function useTestDatabase(options?: TestDatabaseOptions): UsedTestDatabase {
  const { hooks: given, ...settings } = optionsOf(options)
  const { hooks, nests } = findRunner(given)
  const used = new TestFile(settings, nests)
  hooks.beforeAll(() => used.begin(), SETUP_TIME)
  // a hook that declares a parameter means something else to Jest, and to vitest
  hooks.beforeEach(function () {
    // biome-ignore lint/complexity/noArguments: see above
    return used.beginTest(arguments[0])
  })
  hooks.afterEach(function () {
    // biome-ignore lint/complexity/noArguments: see above
    return used.endTest(arguments[0])
  })
  hooks.afterAll(() => used.end())
  return used
}

/** Milliseconds for making the database: servers take their time when many ask at once. */
const SETUP_TIME = 60_000

class TestFile implements UsedTestDatabase {
  readonly #options: Omit<TestDatabaseOptions, 'hooks'>
  readonly #nests: boolean
  #database: Database | null = null
  #place: TestDatabase | null = null
  #sandbox: Sandbox | null = null
  /** What the runner passes for each test that runs: a test can contain tests. */
  readonly #running: unknown[] = []
  /** What puts the numbers of factories back, for each of these. */
  readonly #numbers: (() => void)[] = []

  constructor(options: Omit<TestDatabaseOptions, 'hooks'>, nests: boolean) {
    this.#options = options
    this.#nests = nests
  }

  get database(): Database {
    if (this.#database !== null) return this.#database
    throw new UsageError('The database of useTestDatabase() is connected before the first test. Read it inside a test.')
  }

  async begin(): Promise<void> {
    const { models, migrations, setup, ...config } = this.#options
    const { name = 'default' } = config
    if (databaseNamed(name)?.isSandboxed === true)
      throw new UsageError(
        `useTestDatabase() is in use for the database "${name}" already. Call it once in a file, or give the second one another name.`,
      )
    const contents = await contentsOf(models, migrations)
    this.#place = await makeTestDatabase(config.url ?? IN_MEMORY, contents)
    this.#database = await Database.connect({ ...config, name, url: this.#place.url })
    if (!this.#place.hasTables) await contents?.fill(this.#database)
    await setup?.(this.#database)
    this.#sandbox = await this.#database.enterSandbox()
  }

  async beginTest(context: unknown): Promise<void> {
    if (this.#sandbox === null) return
    if (this.#running.length > 0 && !(this.#nests && isWithin(context, this.#running.at(-1)))) throw together()
    this.#running.push(context)
    this.#numbers.push(rememberNumbers())
    restartDetection()
    await this.#sandbox.enter()
  }

  async endTest(context: unknown): Promise<void> {
    const at = this.#running.lastIndexOf(context)
    if (this.#sandbox === null || at === -1) return
    const isInnermost = at === this.#running.length - 1
    this.#running.splice(at, 1)
    this.#numbers.pop()?.()
    const { isIntact, wasCut } = await this.#sandbox.leave()
    if (!isIntact) await this.#beginAgain()
    if (!isInnermost) throw together()
    if (wasCut)
      throw new TransactionError(
        'The test has ended, but a transaction of it had not: corm rolled it back. Await all work of a test before it ends.',
      )
  }

  async end(): Promise<void> {
    const [database, sandbox, place] = [this.#database, this.#sandbox, this.#place]
    this.#database = this.#sandbox = this.#place = null
    try {
      if (sandbox !== null) await database?.leaveSandbox(sandbox)
      await database?.close()
    } finally {
      await place?.drop()
    }
  }
  /** After a statement that has ended the transaction: what was rolled back may be stored. */
  async #beginAgain(): Promise<void> {
    await this.end()
    await this.begin()
    for (const _ of this.#running) await this.#sandbox?.enter()
  }
}

/** Whether a test is a part of another one, as far as its runner says so. */
function isWithin(context: unknown, outer: unknown): boolean {
  const [inner, around] = [context, outer].map((test) => (test as { fullName?: unknown } | undefined)?.fullName)
  return typeof inner !== 'string' || typeof around !== 'string' || inner.startsWith(`${around} > `)
}

const together = () =>
  new UsageError(
    'Two tests ran at the same time with one useTestDatabase(), which can not keep their rows apart. Run the tests of this file one after the other: without test.concurrent, describe.concurrent or concurrency.',
  )

function databaseNamed(name: string): Database | null {
  try {
    return Database.get(name)
  } catch {
    return null
  }
}
