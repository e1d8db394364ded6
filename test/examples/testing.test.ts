import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Database, sql } from 'corm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Author, Book } from '../../examples/shop/models.js'
import { connectTestDatabase, rolledBack } from '../../examples/testing/test-database.js'
import { databaseKinds } from '../support/databases.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

it('the example of node:test passes', async () => {
  const args = ['--import', 'tsx', '--test', '--test-reporter', 'tap', 'examples/testing/node.test.ts']
  // the runner of Node would report to the one around it
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env })
  expect(stdout).toContain('# pass 2')
})

const URLS = {
  postgres: process.env.CORM_TEST_POSTGRES_URL || 'postgres://postgres@127.0.0.1:5432/postgres',
  mysql: process.env.CORM_TEST_MYSQL_URL || 'mysql://root@127.0.0.1:3306/',
}
const servers = databaseKinds.flatMap((kind) => (kind === 'postgres' || kind === 'mysql' ? [kind] : []))

describe.each(servers)('the test database on %s', (kind) => {
  const worker = process.env.VITEST_POOL_ID
  beforeAll(async () => {
    process.env.VITEST_POOL_ID = `corm_${process.pid}`
    const db = await connectTestDatabase(URLS[kind])
    await db.createTables([Author, Book])
  })
  afterAll(async () => {
    process.env.VITEST_POOL_ID = worker
    await Database.get().close()
    await using server = await Database.connect({ name: 'server', url: URLS[kind] })
    await server.execute(sql`drop database ${sql.id(`app_test_corm_${process.pid}`)}`)
  })

  const insert = rolledBack(async () => {
    await Author.create({ name: 'Jane Austen', email: 'jane@example.org' })
    await Author.transaction(async () => {
      await Author.create({ name: 'Mary Shelley', email: 'mary@example.org' })
    })
    expect(await Author.count()).toBe(2)
  })

  it('keeps nothing of a test that is rolled back', async () => {
    await insert()
    await insert()
    expect(await Author.count()).toBe(0)
  })

  it('reports the failure of such a test', async () => {
    const failing = rolledBack(async () => {
      await Author.create({ name: 'Jane Austen', email: 'jane@example.org' })
      expect(await Author.count()).toBe(2)
    })
    await expect(failing()).rejects.toThrow('expected 1 to be 2')
    expect(await Author.count()).toBe(0)
  })
})
