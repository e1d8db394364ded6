// Runs the test suite on every database that answers. The last line printed is always "N passed, N failed".
//
//   npm test                                    all tests
//   npm test -- test/suite/select.test.ts       some; further arguments go to vitest
//
// CORM_TEST_POSTGRES_URL, CORM_TEST_MYSQL_URL   where the servers are
// CORM_REQUIRE_DATABASES=all                    a server that does not answer is a failure
// CORM_TEST_LONG=1                              also the long tests where no server answers, =0: never (see test/support/long-files.ts)
// CORM_TEST_ONLY_RUNTIME=1                      leaves out the tests of types, package and architecture
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { parseCLI, startVitest } from 'vitest/node'

const servers = [
  {
    key: 'postgres',
    title: 'PostgreSQL',
    variable: 'CORM_TEST_POSTGRES_URL',
    url: 'postgres://postgres@127.0.0.1:5432/postgres',
    port: 5432,
  },
  {
    key: 'mysql',
    title: 'MariaDB/MySQL',
    variable: 'CORM_TEST_MYSQL_URL',
    url: 'mysql://root@127.0.0.1:3306/',
    port: 3306,
  },
]

/** Whether something accepts TCP connections there. Says nothing of its password: that shows in the tests. */
function isReachable(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1500 })
    const answer = (reachable) => {
      socket.destroy()
      resolve(reachable)
    }
    socket.once('connect', () => answer(true))
    socket.once('timeout', () => answer(false))
    socket.once('error', () => answer(false))
  })
}

async function findDatabases() {
  const databases = ['sqlite', 'pglite']
  const missing = []
  console.log('SQLite and PGlite: in memory.')
  for (const { key, title, variable, url: byDefault, port: defaultPort } of servers) {
    process.env[variable] ||= byDefault
    const url = new URL(process.env[variable])
    const port = Number(url.port || defaultPort)
    const address = `${url.hostname}:${port}`
    if (await isReachable(url.hostname, port)) {
      databases.push(key)
      console.log(`${title}: found at ${address}.`)
    } else {
      missing.push(`${title} at ${address} (${variable})`)
      console.log(`${title}: not reachable at ${address}, its tests are left out.`)
    }
  }
  return { databases, missing }
}

/** An empty database of PGlite in a file: the tests open copies of it, as making one takes two seconds each time. */
async function copyOfPglite(folder) {
  const database = await PGlite.create()
  const dump = await database.dumpDataDir('none')
  await database.close()
  const file = join(folder, 'pglite.tar')
  writeFileSync(file, Buffer.from(await dump.arrayBuffer()))
  return file
}

/** A file that failed to load and an error outside every test count as one failure each. */
function count(vitest) {
  const totals = { passed: 0, failed: vitest.state.getUnhandledErrors().length, skipped: 0 }
  for (const module of vitest.state.getTestModules()) {
    let failedTests = 0
    for (const test of module.children.allTests()) {
      const state = test.result().state
      if (state === 'passed') totals.passed += 1
      else if (state === 'failed') failedTests += 1
      else totals.skipped += 1
    }
    totals.failed += failedTests
    if (module.state() === 'failed' && failedTests === 0) totals.failed += 1
  }
  return totals
}

function finish({ passed, failed, skipped }, exitCode) {
  const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
  process.stdout.write(`\n${line}\n`, () => process.exit(exitCode))
}

async function main() {
  const { databases, missing } = await findDatabases()
  if (missing.length > 0 && process.env.CORM_REQUIRE_DATABASES === 'all') {
    console.error(`CORM_REQUIRE_DATABASES=all, but these do not answer: ${missing.join(', ')}. Start them or unset it.`)
    return finish({ passed: 0, failed: missing.length, skipped: 0 }, 1)
  }
  process.env.CORM_TEST_DATABASES = databases.join(',')
  const isShort = missing.length === servers.length && process.argv.length === 2
  process.env.CORM_TEST_LONG ??= isShort ? '0' : '1'
  if (process.env.CORM_TEST_LONG === '0') console.log('Long tests are left out. CORM_TEST_LONG=1 runs them too.')

  const folder = mkdtempSync(join(tmpdir(), 'corm-test-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  // what its processes share, such as the built package
  process.env.CORM_TEST_FOLDER = folder
  process.env.CORM_TEST_PGLITE_COPY = await copyOfPglite(folder)

  const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)])
  const vitest = await startVitest('test', filter, { ...options, watch: false })
  const totals = count(vitest)
  await vitest.close()
  if (totals.passed + totals.failed === 0) console.error('No test ran.')
  finish(totals, totals.passed > 0 && totals.failed === 0 && !process.exitCode ? 0 : 1)
}

main().catch((error) => {
  console.error(error)
  finish({ passed: 0, failed: 1, skipped: 0 }, 1)
})
