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
    database: text('sqlite'),
  },
})

const TESTS = { queries: 'test/fuzz/queries', instances: 'test/suite/instances-random' }
const [what = 'queries'] = positionals
if (positionals.length > 1 || !Object.hasOwn(TESTS, what)) {
  console.error(`There are random ${Object.keys(TESTS).join(' and ')}, not ${positionals.join(' ')}.`)
  process.exit(1)
}

Object.assign(process.env, {
  CORM_FUZZ_CHAINS: values.chains,
  CORM_PROGRAMS: values.programs,
  CORM_FUZZ_SEED: values.seed,
  CORM_FUZZ_FROM: values.from,
  CORM_FUZZ_FAILURES: values.failures,
  CORM_TEST_DATABASES: values.database,
})

const vitest = await startVitest('test', [TESTS[what]], { watch: false, reporters: ['verbose'] })
await vitest.close()
