import { Database, sql } from 'corm'
import { expect, it } from 'vitest'
import { cliProjects } from '../support/cli.js'

const { project } = cliProjects()

const BOOK = `import { Field, Model } from 'corm'
export class Book extends Model({ title: Field.string({ max: 100 }) }, { table: 'books' }) {}
`

it('drift is shown, adopted or undone, and nothing is run by itself', async () => {
  const app = project({
    'corm.config.ts': `import { defineConfig } from 'corm/config'
export default defineConfig({ database: 'sqlite:///app.db', models: 'models/*.ts', ignore: ['other_*'] })
`,
    'models/book.ts': BOOK,
  })
  expect(await app.corm(['migrate', 'make'])).toMatchObject({ code: 0 })
  expect(await app.corm(['migrate', 'up'])).toMatchObject({ code: 0 })
  expect(await app.corm(['migrate', 'drift'])).toMatchObject({ code: 0, stderr: '' })
  const change = async (...statements: string[]) => {
    await using db = await Database.connect(`sqlite:///${app.folder}/app.db`)
    for (const text of statements) await db.execute(sql.raw(text))
  }
  await change('alter table books add column pages integer', 'create table other_tool (id integer)')
  await change(
    'create table log (line text)',
    'create view a as select line from b',
    'create view b as select line from log',
  )
  const found = await app.corm(['migrate', 'drift', '--json'])
  expect(found.code).toBe(1)
  expect(found.json.status).toBe('different')
  expect(found.json.differences.map((line: string) => line.split(' ')[1])).toEqual(['books.pages', 'log', 'a', 'b'])
  const undone = await app.corm(['migrate', 'drift', '--revert'])
  expect(undone.stdout).toContain('-- alter table "books" drop column "pages";')
  const adopted = await app.corm(['migrate', 'drift', '--adopt', '--json'])
  expect([adopted.code, adopted.json.status]).toEqual([0, 'adopted'])
  expect(await app.corm(['migrate', 'drift'])).toMatchObject({ code: 0 })
  expect((await app.corm(['migrate', 'up', '--json'])).json).toMatchObject({ finished: [] })
  expect(app.read(`migrations/${app.files('migrations').at(-1)}`)).toContain("column: 'pages'")
  expect(await app.corm(['migrate', 'status'])).toMatchObject({ code: 0 })
  const other = project({
    'corm.config.ts': app.read('corm.config.ts'),
    ...Object.fromEntries(
      app.files('migrations').map((file) => [`migrations/${file}`, app.read(`migrations/${file}`)]),
    ),
  })
  expect(await other.corm(['migrate', 'up'])).toMatchObject({ code: 0 })
  expect(await other.corm(['migrate', 'drift'])).toMatchObject({ code: 0 })
})

it('says that a migration was begun, whose steps are differences until it is finished', async () => {
  const step = (sql: string) => `{ op: 'sql', up: ${JSON.stringify(sql)}, down: null }`
  const migration = (last: string) => `import { column, migration } from 'corm/migration'
export default migration({
  parents: [],
  transaction: false,
  operations: [{ op: 'createTable', table: 'first', columns: { id: column.id() } }, ${step(last)}],
})
`
  const app = project({
    'corm.config.ts': `import { defineConfig } from 'corm/config'
export default defineConfig({ database: 'sqlite:///app.db' })
`,
    'migrations/20260101T000000_a.ts': migration('insert into missing values (1)'),
  })
  expect(await app.corm(['migrate', 'up'])).toMatchObject({ code: 1 })
  const found = await app.corm(['migrate', 'drift'])
  expect(found.code).toBe(1)
  expect(found.stdout + found.stderr).toContain('"20260101T000000_a" was begun and stands at step 2 of 2')
  expect(found.stdout).not.toContain('--adopt')
  for (const flag of ['--adopt', '--revert']) {
    const refused = await app.corm(['migrate', 'drift', flag])
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('Finish it with "corm migrate up"')])
  }
  expect(app.files('migrations')).toHaveLength(1)
})

it('writes no migration that it could not read', async () => {
  const app = project({
    'corm.config.ts': `import { defineConfig } from 'corm/config'
export default defineConfig({ database: 'sqlite:///app.db', models: 'models/*.ts' })
`,
  })
  // what the project would read it with is another program
  app.write({
    'tsconfig.json': JSON.stringify({ compilerOptions: { baseUrl: '.', paths: { 'corm/migration': ['./other.ts'] } } }),
    'other.ts':
      'export const migration = (given: object) => given\nexport const column = { string: () => ({}), id: () => ({}) }\n',
    'models/book.ts': BOOK,
  })
  const refused = await app.corm(['migrate', 'make', '--json'])
  expect(refused).toMatchObject({
    code: 1,
    json: { error: { message: expect.stringContaining('Nothing was written') } },
  })
  expect(app.files('migrations')).toEqual([])
})
