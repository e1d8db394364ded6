import { Database, sql } from 'corm'
import { describe, expect, it } from 'vitest'
import { cliProjects } from '../support/cli.js'
import { databaseKinds, freshDatabase } from '../support/databases.js'
import { NEEDY_MYSQL, NEEDY_POSTGRES } from '../support/inspect/needy.js'

// What tables need before them is in the migrations of an inspected database, so that they work on an empty one.

const { project } = cliProjects({ oneProcess: true })

async function run(url: string, statements: readonly string[]): Promise<unknown[]> {
  await using db = await Database.connect({ name: url, url })
  const results: unknown[] = []
  for (const text of statements) {
    const statement = sql.raw(text)
    results.push(text.startsWith('select') ? await db.select(statement) : await db.execute(statement))
  }
  return results
}

const configured = (url: string) => ({
  'corm.config.ts': `import { defineConfig } from 'corm/config'
export default defineConfig({ database: ${JSON.stringify(url)}, models: 'src/models/*.ts' })
`,
})

describe.each(databaseKinds.filter((kind) => kind === 'postgres' || kind === 'mysql'))('corm inspect on %s', (kind) => {
  it('writes a first migration with types and sequences, so that the migrations work on an empty database', async () => {
    const app = project({})
    const [original, empty] = [await freshDatabase(kind), await freshDatabase(kind)]
    try {
      await run(original.url, kind === 'mysql' ? NEEDY_MYSQL : NEEDY_POSTGRES)
      app.write(configured(original.url))
      const inspected = await app.corm(['inspect', '--json'])
      expect(inspected).toMatchObject({ code: 0, json: { differences: [] } })
      expect(inspected.json.migration).toMatch(/_types_and_sequences\.ts$/)
      expect(await app.corm(['inspect', '--json'])).toMatchObject({ code: 0, json: { migration: null } })
      expect(await app.corm(['migrate', 'make', 'start'])).toMatchObject({ code: 0 })
      expect(app.files('migrations')).toHaveLength(2)
      // without a baseline nothing is changed
      expect(await app.corm(['migrate', 'up', '--json'])).toMatchObject({ code: 1 })

      app.write(configured(empty.url))
      expect(await app.corm(['migrate', 'up', '--json'])).toMatchObject({ code: 0 })
      expect(await app.corm(['migrate', 'drift', '--json'])).toMatchObject({ json: { differences: [] } })
      const again = await app.corm(['inspect', '-o', 'again', '--json'])
      expect(again).toMatchObject({ code: 0, json: { differences: [] } })
      for (const name of app.files('src/models')) expect(app.read(`again/${name}`)).toBe(app.read(`src/models/${name}`))
      if (kind === 'mysql') {
        const rows = await run(empty.url, [
          'insert into people (id) values (1), (2)',
          'select number from people order by id',
        ])
        expect(rows[1]).toEqual([{ number: 20 }, { number: 25 }])
      } else {
        const rows = await run(empty.url, [
          'insert into people (label) values (default)',
          'select number, label, mood::text from people',
          'select nextval(\'"order numbers"\')::int as next',
        ])
        expect(rows.slice(1)).toEqual([[{ number: 20, label: 'none', mood: 'sad' }], [{ next: 25 }]])
        for (const wrong of [`'bad'`, `'1234567890123456'`])
          await expect(run(empty.url, [`insert into people (label) values (${wrong})`])).rejects.toThrow()
      }
      expect(await app.corm(['migrate', 'down', '--steps', '2', '--allow-loss', '--json'])).toMatchObject({ code: 0 })
    } finally {
      await original.drop()
      await empty.drop()
    }
  })

  it('leaves a database as it is whose migrations are recorded as run', async () => {
    const app = project({})
    const original = await freshDatabase(kind)
    try {
      await run(original.url, kind === 'mysql' ? NEEDY_MYSQL : NEEDY_POSTGRES)
      app.write(configured(original.url))
      await app.corm(['inspect'])
      await app.corm(['migrate', 'make', 'start'])
      expect(await app.corm(['migrate', 'baseline'])).toMatchObject({ code: 0 })
      expect(await app.corm(['migrate', 'up'])).toMatchObject({ code: 0 })
      expect(await app.corm(['migrate', 'check'])).toMatchObject({ code: 0 })
      expect(await app.corm(['migrate', 'drift', '--json'])).toMatchObject({ code: 0, json: { differences: [] } })
    } finally {
      await original.drop()
    }
  })
})

it('writes no migration for tables that need nothing', async () => {
  const app = project(configured('sqlite:///app.db'))
  await run(`sqlite:///${app.folder}/app.db`, ['create table notes (id integer not null primary key)'])
  expect(await app.corm(['inspect', '--json'])).toMatchObject({ code: 0, json: { migration: null } })
  expect(app.files('src')).toEqual(['models'])
})
