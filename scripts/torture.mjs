// Checks random chains of calls against a reference in memory, as many as asked for.
//
//   npm run torture                                                a million chains on SQLite
//   npm run torture -- --chains 20000 --seed 42 --database postgres
//   npm run torture -- --seed 42 --from 1234 --chains 1            one chain again
//   npm run torture -- --failures 10                               goes on after a failure
//
// With "instances": random programs of writes, savepoints, rollbacks and retries, against a model in memory.
//
//   npm run torture -- instances                                   20,000 programs on SQLite
//   npm run torture -- instances --programs 20000 --database postgres
//   npm run torture -- instances --seed 1 --from 1234 --programs 1 one program again
//
// With "G16": migrators. Five processes start on an empty database, and one is killed at each statement of a migration.
//
//   npm run torture -- G16                                         20 starts and every kill, on SQLite, PostgreSQL and MariaDB
//   npm run torture -- G16 --starts 5 --kills 10 --database postgres
//
// --database takes sqlite, pglite, postgres, mysql, or a list of them with commas; servers are found as by `npm test`.
import { parseArgs } from 'node:util'
import { startVitest } from 'vitest/node'

const text = (byDefault) => ({ type: 'string', default: byDefault })
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    chains: text('1000000'),
    programs: text('20000'),
    seed: text('1'),
    from: text('0'),
    failures: text('1'),
    starts: text('20'),
    kills: text('0'),
    database: { type: 'string' },
  },
})

const TESTS = { queries: 'test/fuzz/queries', instances: 'test/suite/instances-random', G16: 'test/suite/migrators-' }
const [what = 'queries'] = positionals
if (positionals.length > 1 || !Object.hasOwn(TESTS, what)) {
  console.error(`Choose from ${Object.keys(TESTS).join(', ')}, not ${positionals.join(' ')}.`)
  process.exit(1)
}

Object.assign(process.env, {
  CORM_FUZZ_CHAINS: values.chains,
  CORM_PROGRAMS: values.programs,
  CORM_FUZZ_SEED: values.seed,
  CORM_FUZZ_FROM: values.from,
  CORM_FUZZ_FAILURES: values.failures,
  CORM_COLD_STARTS: values.starts,
  CORM_KILLS: values.kills,
  CORM_TEST_DATABASES: values.database ?? (what === 'G16' ? 'sqlite,postgres,mysql' : 'sqlite'),
})

const vitest = await startVitest('test', [TESTS[what]], { watch: false, reporters: ['verbose'] })
await vitest.close()
