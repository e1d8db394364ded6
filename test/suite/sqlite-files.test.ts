import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigurationError, ConnectionError, Database, Field, LockTimeoutError, Model } from 'corm'
import { afterAll, expect, it } from 'vitest'

class Row extends Model({ name: Field.string() }, { table: 'file_rows', database: 'file one' }) {}

const folder = mkdtempSync(join(tmpdir(), 'corm-files-'))
afterAll(() => rmSync(folder, { recursive: true }))
const failure = (work: Promise<unknown>) => work.then(() => null).catch((error: unknown) => error as Error)

it('a file that is no database, and URLs that can not be read, are errors that say so', async () => {
  writeFileSync(join(folder, 'text.db'), 'this is no database, whatever its name says'.repeat(50))
  const corrupt = await failure(Database.connect({ name: 'bad', url: `sqlite:///${folder}/text.db` }))
  expect(corrupt).toBeInstanceOf(ConnectionError)
  expect(corrupt?.message).toContain('text.db')
  for (const path of ['100%.db', 'app.db?max_size=3']) {
    const error = await failure(Database.connect({ name: 'bad', url: `sqlite:///${folder}/${path}` }))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error?.message).toMatch(/%25|%3F/)
  }
})

it('waiting for the lock of a file holds up nothing else, and has a limit', async () => {
  const url = `sqlite:///${folder}/shared.db`
  await using one = await Database.connect({ name: 'file one', url })
  await using two = await Database.connect({ name: 'file two', url, lockTimeout: 400 })
  await one.createTables([Row])
  let ticks = 0
  const ticking = setInterval(() => ticks++, 5)
  await one.transaction(async () => {
    await Row.create({ name: 'held' })
    const errors = await Promise.all([
      failure(Row.using(two).create({ name: 'late' })),
      failure(two.transaction(() => Row.using(two).count())),
    ])
    for (const error of errors) expect(error).toBeInstanceOf(LockTimeoutError)
    expect(ticks).toBeGreaterThan(10)
  })
  clearInterval(ticking)
  let waiting: Promise<unknown> | undefined
  await one.transaction(async () => {
    await Row.create({ name: 'first' })
    waiting = Row.using(two).create({ name: 'second' })
    await new Promise((resolve) => setTimeout(resolve, 100))
  })
  await waiting
  expect(await Row.query().orderBy('id').pluck('name')).toEqual(['held', 'first', 'second'])
})
