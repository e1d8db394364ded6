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

const LATER = {
  postgres: [
    "create type size as enum ('s', 'm')",
    "create domain a_size as size default 's'",
    "create type other as enum ('x')",
    'create table shirts (id integer primary key, size a_size[])',
    'create table others (id integer primary key, other other)',
  ],
  mysql: [
    'create sequence numbers',
    'create sequence rest',
    'create table shirts (id integer not null primary key, number bigint default nextval(numbers))',
    'create table others (id integer not null primary key, number bigint default nextval(rest))',
  ],
}

describe.each(databaseKinds.filter((kind) => kind === 'postgres' || kind === 'mysql'))(
  'what is needed later on %s',
  (kind) => {
    const later = LATER[kind === 'mysql' ? 'mysql' : 'postgres']
    const names = (text: string) => [...text.matchAll(/create (?:\w+) [`"]?(\w+)/gi)].map(([, name]) => name)

    it('is in a further migration: what is new, and only of the tables that were asked for', async () => {
      const app = project({})
      const [original, empty] = [await freshDatabase(kind), await freshDatabase(kind)]
      try {
        await run(original.url, kind === 'mysql' ? NEEDY_MYSQL : NEEDY_POSTGRES)
        app.write(configured(original.url))
        await app.corm(['inspect'])
        await app.corm(['migrate', 'make', 'start'])
        expect(await app.corm(['migrate', 'baseline'])).toMatchObject({ code: 0 })
        await run(original.url, later)
        const more = await app.corm(['inspect', 'shirts', '--json'])
        expect(more).toMatchObject({ code: 0, json: { differences: [] } })
        const made = names(app.read(more.json.migration))
        expect(made).toEqual(kind === 'mysql' ? ['numbers'] : ['size', 'a_size'])
        expect((await app.corm(['inspect', 'shirts', '--json'])).json.migration).toBeNull()
        const rest = await app.corm(['inspect', '--json'])
        expect(names(app.read(rest.json.migration))).toEqual([kind === 'mysql' ? 'rest' : 'other'])
        expect(await app.corm(['migrate', 'make', 'more'])).toMatchObject({ code: 0 })
        expect(await app.corm(['migrate', 'baseline'])).toMatchObject({ code: 0 })
        expect(await app.corm(['migrate', 'drift', '--json'])).toMatchObject({ code: 0, json: { differences: [] } })

        app.write(configured(empty.url))
        expect(await app.corm(['migrate', 'up', '--json'])).toMatchObject({ code: 0 })
        expect(await app.corm(['migrate', 'drift', '--json'])).toMatchObject({ json: { differences: [] } })
      } finally {
        await original.drop()
        await empty.drop()
      }
    })

    it('is in the migration that takes tables over, unless a migration has created it', async () => {
      const app = project({})
      const [original, empty] = [await freshDatabase(kind), await freshDatabase(kind)]
      try {
        const [first = '', ...others] = later
        app.write({
          ...configured(original.url),
          'migrations/20260101T000000_own.ts': `import { migration } from 'corm/migration'
export default migration({ parents: [], operations: [{ op: 'sql', up: ${JSON.stringify(first)}, down: null }] })
`,
        })
        expect(await app.corm(['migrate', 'up', '--json'])).toMatchObject({ code: 0 })
        await run(original.url, others)
        const adopted = await app.corm(['migrate', 'drift', '--adopt', '--json'])
        expect(adopted).toMatchObject({ code: 0, json: { status: 'adopted', left: [] } })
        expect(names(app.read(adopted.json.file))).toEqual(kind === 'mysql' ? ['rest'] : ['a_size', 'other'])
        expect(await app.corm(['migrate', 'drift', '--json'])).toMatchObject({ code: 0 })

        app.write(configured(empty.url))
        expect(await app.corm(['migrate', 'up', '--json'])).toMatchObject({ code: 0 })
        expect(await app.corm(['migrate', 'drift', '--json'])).toMatchObject({ json: { differences: [] } })
      } finally {
        await original.drop()
        await empty.drop()
      }
    })
  },
)

it('writes no migration for tables that need nothing', async () => {
  const app = project(configured('sqlite:///app.db'))
  await run(`sqlite:///${app.folder}/app.db`, ['create table notes (id integer not null primary key)'])
  expect(await app.corm(['inspect', '--json'])).toMatchObject({ code: 0, json: { migration: null } })
  expect(app.files('src')).toEqual(['models'])
})
