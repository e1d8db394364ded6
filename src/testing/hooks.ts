import { createRequire } from 'node:module'
import { UsageError } from '../errors.js'
import { callback, optionReader } from '../util/options.js'
import { own } from '../util/own.js'

/** The functions of a test runner that register work around the tests of a file, or of the block that calls them. */
export interface TestHooks {
  beforeAll(work: () => Promise<void>, timeout?: number): unknown
  afterAll(work: () => Promise<void>): unknown
  beforeEach(work: (...context: unknown[]) => Promise<void>): unknown
  afterEach(work: (...context: unknown[]) => Promise<void>): unknown
}

export interface TestRunner {
  readonly hooks: TestHooks
  /** A test can contain tests, each with its own beforeEach and afterEach. */
  readonly nests: boolean
}

const hook = callback<(work: () => Promise<void>) => unknown>()
const hooksOf = optionReader<TestHooks>('The option "hooks" of useTestDatabase()', {
  beforeAll: hook,
  afterAll: hook,
  beforeEach: hook,
  afterEach: hook,
})

const NAMES = ['beforeAll', 'afterAll', 'beforeEach', 'afterEach'] as const

/** The hooks that were given, those of vitest, the global ones (Jest, and vitest with globals), or those of node:test. */
export function findRunner(given: object | undefined): TestRunner {
  if (given !== undefined) {
    const hooks = hooksOf(given)
    const missing = NAMES.find((name) => hooks[name] === undefined)
    if (missing !== undefined) throw new UsageError(`The option "hooks" of useTestDatabase() lacks "${missing}".`)
    return { hooks: hooks as TestHooks, nests: false }
  }
  const found = hooksIn(valueIn(globalThis, '__vitest_index__')) ?? hooksIn(globalThis)
  if (found !== null) return { hooks: found, nests: false }
  // an imported vitest can't be found from here
  if (own(process.env).VITEST !== undefined)
    throw new UsageError(
      "useTestDatabase() does not find the hooks of vitest. Pass them: import { beforeAll, afterAll, beforeEach, afterEach } from 'vitest', and useTestDatabase({ hooks: { beforeAll, afterAll, beforeEach, afterEach } }).",
    )
  return { hooks: nodeHooks(), nests: true }
}

function hooksIn(source: unknown): TestHooks | null {
  if (typeof source !== 'object' || source === null) return null
  return NAMES.every((name) => typeof valueIn(source, name) === 'function') ? (source as TestHooks) : null
}

const valueIn = (source: object, name: string): unknown =>
  Object.hasOwn(source, name) ? (source as Record<string, unknown>)[name] : undefined

/** Loaded when it is needed: importing it makes a program a test. */
function nodeHooks(): TestHooks {
  const { before, after, beforeEach, afterEach } = createRequire(import.meta.url)('node:test') as NodeTest
  return { beforeAll: (work) => before(work), afterAll: after, beforeEach, afterEach }
}

interface NodeTest extends Pick<TestHooks, 'beforeEach' | 'afterEach'> {
  readonly before: TestHooks['afterAll']
  readonly after: TestHooks['afterAll']
}
