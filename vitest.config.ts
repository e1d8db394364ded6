import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { leavesLongOut, longFiles } from './test/support/long-files.js'

const root = fileURLToPath(new URL('.', import.meta.url))
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { exports: Record<string, unknown> }

/** `corm` and `corm/x` are the sources, not the built files, so that a test never sees a stale build. */
const alias = Object.entries(manifest.exports).flatMap(([entry, target]) => {
  const file = (target as { default?: string }).default
  if (file === undefined) return []
  const find = new RegExp(`^corm${entry.slice(1)}$`)
  return [{ find, replacement: file.replace('./dist/', `${root}src/`).replace(/\.js$/, '.ts') }]
})

/** What need not be repeated on another Node: it looks at the sources, the types and the package, or installs a framework. */
const notRuntime = [
  'test/types/**',
  'test/package.test.ts',
  'test/architecture.test.ts',
  'test/examples/nextjs-installed.test.ts',
]

/** Random queries of the databases that are not tested: a file has one kind. */
const tested = (process.env.CORM_TEST_DATABASES || 'sqlite,pglite').split(',').map((name) => name.trim())
const notTested = ['sqlite', 'pglite', 'postgres', 'mysql'].filter((kind) => !tested.includes(kind))
const notReached = notTested.map((kind) => `test/fuzz/queries-${kind}.test.ts`)

/** The longest ones: what is left for last keeps one worker busy while the other has nothing to do. */
const longest = [
  'types/types',
  'fuzz/queries-mysql',
  'fuzz/queries-postgres',
  'fuzz/queries-pglite',
  'docs/quickstart',
  'docs/blocks',
  'examples/nextjs-installed',
  'adapters/pglite-driver',
  'cli/migrate-hands',
  'suite/migrate-fills',
  'suite/instances-random',
  'suite/leaks',
  'suite/poisoned',
  'cli/migrate-interrupted',
  'suite/bulk',
  'package',
  'suite/key-identity',
  'cli/project',
  'suite/passwords',
  'examples/testing',
  'suite/bulk-update',
  'unit/migration/printer',
  'suite/plan-cache',
  'suite/options',
  'cli/drift',
  'fuzz/queries-sqlite',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
      return at === -1 ? longest.length : at
    }
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
  }
}

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['test/**/*.test.ts', 'examples/testing/vitest.test.ts'],
    exclude: [
      ...configDefaults.exclude,
      ...notReached,
      ...(leavesLongOut ? longFiles.map((name) => `test/${name}.test.ts`) : []),
      ...(process.env.CORM_TEST_ONLY_RUNTIME === '1' ? notRuntime : []),
    ],
    pool: 'forks',
    // the files of a worker share the library: loading it, and a database beside it, for each of them takes longer than the tests
    poolOptions: { forks: { minForks: 1, maxForks: 2, isolate: false } },
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
