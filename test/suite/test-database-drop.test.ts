import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, Field, Model, sql } from 'corm'
import { dropTestDatabases, useTestDatabase } from 'corm/testing'
import { describe, expect, it } from 'vitest'
import { databaseKinds, urlForNew } from '../support/databases.js'

class Shelf extends Model({ name: Field.string() }, { table: 'dropped_shelves' }) {}

// PGlite has no server, and SQLite stands for databases in memory
for (const kind of databaseKinds.filter((each) => each !== 'pglite')) {
  describe(`dropTestDatabases on ${kind}`, () => {
    const url = urlForNew(kind, 'corm_dropped')
    useTestDatabase({ url, models: [Shelf] })

    /** The databases of these tests on the server. */
    const names = async (): Promise<string[]> => {
      const { databases } = Database.get().dialect
      if (databases === null) return []
      const rows = await Database.get().select<Record<string, string>>(sql`${sql.raw(databases.list)}`)
      return rows.flatMap((row) => Object.values(row)).filter((name) => name.startsWith('corm_dropped_'))
    }

    it('drops the template of this run, and not the database in use', async () => {
      const before = await names()
      expect(before).toHaveLength({ sqlite: 0, pglite: 0, postgres: 2, mysql: 1 }[kind])
      await dropTestDatabases(url)
      expect(await names()).toEqual(before.filter((name) => !/_t[0-9a-f]{12}$/.test(name)))
      await Shelf.create({ name: 'a' })
      expect(await Shelf.count()).toBe(1)
    })
  })
}

describe('dropTestDatabases', () => {
  it('leaves files alone that are not databases of ended test runs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'corm-dropped-'))
    try {
      const files = ['app.db', 'app.db_corm_000000_1_0_1', `app.db_corm_notes`]
      for (const file of files) await writeFile(join(folder, file), '')
      await dropTestDatabases(`sqlite://${join(folder, 'app.db')}`)
      expect((await readdir(folder)).sort()).toEqual(files.sort())
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('needs the URL of a database', async () => {
    await expect(dropTestDatabases('nonsense')).rejects.toThrow('The database URL starts with')
    await expect(dropTestDatabases('sqlite::memory:')).resolves.toBeUndefined()
  })
})
