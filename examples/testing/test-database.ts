import { Database, sql } from 'corm'

/** Creates an empty database for this worker of vitest or Jest, and connects to it. */
export async function connectTestDatabase(serverUrl: string): Promise<Database> {
  const worker = process.env.VITEST_POOL_ID ?? process.env.JEST_WORKER_ID ?? '1'
  const name = `app_test_${worker}`
  await using server = await Database.connect({ name: 'server', url: serverUrl })
  await server.execute(sql`drop database if exists ${sql.id(name)}`)
  await server.execute(sql`create database ${sql.id(name)}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return Database.connect(url.href)
}

/** A test whose writes are rolled back: `test('…', rolledBack(async () => { … }))`. */
export const rolledBack = (work: () => Promise<void>) => () =>
  Database.get().transaction(async (trx) => {
    await work()
    trx.rollback()
  })
