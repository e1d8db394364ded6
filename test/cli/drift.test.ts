import { Database, sql } from 'corm'
import { expect, it } from 'vitest'
import { cliProjects } from '../support/cli.js'

const { project } = cliProjects()

it('drift is shown, adopted or undone, and nothing is run by itself', async () => {
  const app = project({
    'corm.config.ts': `import { defineConfig } from 'corm/config'
export default defineConfig({ database: 'sqlite:///app.db', models: 'models/*.ts', ignore: ['other_*'] })
`,
    'models/book.ts': `import { Field, Model } from 'corm'
export class Book extends Model({ title: Field.string({ max: 100 }) }, { table: 'books' }) {}
`,
  })
  expect(await app.corm(['migrate', 'make'])).toMatchObject({ code: 0 })
  expect(await app.corm(['migrate', 'up'])).toMatchObject({ code: 0 })
  expect(await app.corm(['migrate', 'drift'])).toMatchObject({ code: 0, stderr: '' })
  const change = async (...statements: string[]) => {
    await using db = await Database.connect(`sqlite:///${app.folder}/app.db`)
    for (const text of statements) await db.execute(sql.raw(text))
  }
  await change('alter table books add column pages integer', 'create table other_tool (id integer)')
  const found = await app.corm(['migrate', 'drift', '--json'])
  expect(found.code).toBe(1)
  expect(found.json).toMatchObject({ status: 'different', differences: [expect.stringContaining('pages')] })
  const undone = await app.corm(['migrate', 'drift', '--revert'])
  expect(undone.stdout).toContain('-- alter table "books" drop column "pages";')
  const adopted = await app.corm(['migrate', 'drift', '--adopt', '--json'])
  expect([adopted.code, adopted.json.status]).toEqual([0, 'adopted'])
  expect(await app.corm(['migrate', 'drift'])).toMatchObject({ code: 0 })
  expect((await app.corm(['migrate', 'up', '--json'])).json).toMatchObject({ finished: [] })
  expect(app.read(`migrations/${app.files('migrations').at(-1)}`)).toContain("column: 'pages'")
})
