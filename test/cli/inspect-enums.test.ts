import { Database, sql } from 'corm'
import { describe, expect, it } from 'vitest'
import { cliProjects } from '../support/cli.js'
import { databaseKinds, freshDatabase } from '../support/databases.js'

// An enum of PostgreSQL gets new values after the migration that created it.

const { project } = cliProjects({ oneProcess: true })

const CREATED = [
  `do $$ begin create type "Odd.mood" as enum ('it''s ok', 'fine'); exception when duplicate_object then null; end $$`,
  "create type size as enum ('m')",
  `create table people (id integer primary key, mood "Odd.mood" not null default 'fine', sizes size[])`,
]
const GROWN = [
  `alter type "Odd.mood" add value 'sad' before 'it''s ok'`,
  `alter type "Odd.mood" add value 'a.b' after 'fine'`,
  "alter type size add value 's' before 'm'",
  "alter type size add value 'xs' before 's'",
]

async function run(url: string, statements: readonly string[]): Promise<void> {
  await using db = await Database.connect({ name: url, url })
  for (const text of statements) await db.execute(sql.raw(text))
}

const LABELS = sql`select t.typname as type, string_agg(e.enumlabel, ',' order by e.enumsortorder) as labels
  from pg_enum e join pg_type t on t.oid = e.enumtypid group by 1 order by 1`

async function labels(url: string) {
  await using db = await Database.connect({ name: url, url })
  return db.select(LABELS)
}

const configured = (url: string) => ({
  'corm.config.ts': `import { defineConfig } from 'corm/config'
export default defineConfig({ database: ${JSON.stringify(url)}, models: 'src/models/*.ts' })
`,
})

describe.each(databaseKinds.filter((kind) => kind === 'postgres'))('enums that grow on %s', (kind) => {
  it('get their new values by a further migration, on the database that has them and on an empty one', async () => {
    const app = project({})
    const [original, empty] = [await freshDatabase(kind), await freshDatabase(kind)]
    try {
      await run(original.url, CREATED)
      app.write(configured(original.url))
      expect(await app.corm(['inspect', '--json'])).toMatchObject({ code: 0, json: { differences: [] } })
      expect(app.read('src/models/person.ts')).toContain(`Field.enum(["it's ok", 'fine'], {`)
      expect(await app.corm(['migrate', 'make', 'start'])).toMatchObject({ code: 0 })
      expect(await app.corm(['migrate', 'baseline'])).toMatchObject({ code: 0 })

      await run(original.url, GROWN)
      const again = await app.corm(['inspect', '--overwrite', '--json'])
      expect(again).toMatchObject({ code: 0, json: { differences: [], written: ['src/models/person.ts'] } })
      const text = app.read(again.json.migration)
      expect(text.match(/alter type .* add value if not exists/g)).toHaveLength(4)
      expect(await app.corm(['inspect', '--json'])).toMatchObject({ code: 0, json: { migration: null } })
      expect(await app.corm(['migrate', 'make', 'grow', '--json'])).toMatchObject({ code: 0 })
      expect(await app.corm(['migrate', 'up', '--json'])).toMatchObject({ code: 0 })
      expect(await app.corm(['migrate', 'check', '--json'])).toMatchObject({ code: 0 })
      expect(await app.corm(['migrate', 'drift', '--json'])).toMatchObject({ code: 0, json: { differences: [] } })

      app.write(configured(empty.url))
      expect(await app.corm(['migrate', 'up', '--json'])).toMatchObject({ code: 0 })
      expect(await labels(empty.url)).toEqual(await labels(original.url))
      await run(empty.url, [`insert into people values (1, 'a.b', '{xs}')`])
      expect(await app.corm(['migrate', 'drift', '--json'])).toMatchObject({ code: 0, json: { differences: [] } })
      // the column loses values; the type keeps them, as no statement removes one
      expect(await app.corm(['migrate', 'down', '--steps', '2', '--json'])).toMatchObject({
        code: 1,
        json: { error: { message: expect.stringContaining('loses values of "people.mood"') } },
      })
      await run(empty.url, ['delete from people'])
      const down = await app.corm(['migrate', 'down', '--steps', '2', '--allow-loss', '--json'])
      expect(down).toMatchObject({ code: 0 })
      expect(await labels(empty.url)).toEqual(await labels(original.url))
      expect(await app.corm(['migrate', 'up', '--json'])).toMatchObject({ code: 0 })
    } finally {
      await original.drop()
      await empty.drop()
    }
  })
})
