import { expect, it } from 'vitest'
import { cliProjects } from '../support/cli.js'

const { project } = cliProjects()

const CONFIG = (more = '') => `import { defineConfig } from 'corm/config'
export default defineConfig({ models: 'src/**/*.model.ts'${more} })
`
const MODEL = `import { Field, Model } from 'corm'
export class Book extends Model({ title: Field.string() }) {}
`

it('finds the configuration in a folder above, and its files from there', async () => {
  const app = project({ 'corm.config.ts': CONFIG(), 'src/book.model.ts': MODEL, 'src/deep/er/x.ts': '' })
  const { json } = await app.corm(['migrate', 'make', '--json'], { cwd: 'src/deep/er' })
  expect(json.file).toMatch(/^migrations\//)
  expect(app.files('migrations')).toHaveLength(1)
})

it('loads what TypeScript takes: paths of tsconfig, enums, imports of .js, cycles, without compiling', async () => {
  const app = project({
    'tsconfig.json': JSON.stringify({ compilerOptions: { paths: { '@/*': ['./src/*'] } } }),
    'corm.config.ts': CONFIG(),
    'src/a.model.ts': `import { Field, Model, Relation } from 'corm'
import { Book } from './b.model.js'
import { Kind } from '@/kind'
export abstract class Base extends Model({ kind: Field.enum(Kind) }, { abstract: true }) {}
export class Author extends Base.extend({}) { static books = Relation.hasMany(() => Book) }
export const notAModel = 1
`,
    'src/b.model.ts': `import { Field, Model } from 'corm'
import { Author } from './a.model.js'
export class Book extends Model({ authorId: Field.foreignKey(() => Author) }) {}
export { Author as Again } from './a.model.js'
`,
    'src/kind.ts': 'export enum Kind { One = "one", Two = "two" }\n',
  })
  const { json } = await app.corm(['migrate', 'make', '--json'])
  expect(json.operations.map(({ what }: { what: string }) => what)).toEqual([
    'create table authors',
    'create table books',
    expect.stringContaining('create index '),
  ])
})

it.each([
  ['no configuration', {}, 'Run "corm init"'],
  ['an unknown option', { 'corm.config.ts': CONFIG(', migration: "x"') }, 'Did you mean "migrations"?'],
  ['no default export', { 'corm.config.ts': 'export const a = 1' }, 'exports no configuration'],
  [
    'no model in the files',
    {
      'corm.config.ts': CONFIG(),
      'src/a.model.ts': "import { Model } from 'corm'\nclass Book extends Model({}) {}\nnew Book()",
    },
    'export no model. Export the classes',
  ],
  ['no file for a pattern', { 'corm.config.ts': CONFIG() }, 'No file matches "src/**/*.model.ts"'],
  [
    'a syntax error',
    { 'corm.config.ts': CONFIG(), 'src/a.model.ts': 'export class A {\n  b = (\n' },
    "src/a.model.ts can't be loaded",
  ],
  [
    'an error while a file runs',
    { 'corm.config.ts': CONFIG(), 'src/a.model.ts': '\nthrow new Error("oh no")' },
    'oh no (src/a.model.ts:2)',
  ],
  [
    'two classes for a table',
    { 'corm.config.ts': CONFIG(), 'src/a.model.ts': MODEL, 'src/b.model.ts': MODEL },
    'Two models have the table "books": "Book" (src/a.model.ts) and "Book" (src/b.model.ts)',
  ],
  [
    'a migration that is none',
    { 'corm.config.ts': CONFIG(), 'src/a.model.ts': MODEL, 'migrations/x.ts': 'export default {}' },
    'exports no migration',
  ],
])('says what is wrong: %s', async (_, files, message) => {
  const { code, stdout, stderr } = await project(files).corm(['migrate', 'check'])
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain(message)
  expect(stderr).not.toContain('    at ')
})

it('takes a JavaScript configuration, model classes, and migrations that were compiled', async () => {
  const app = project({
    'corm.config.mjs': `import { defineConfig } from 'corm/config'
import { Book } from './book.js'
export default defineConfig({ models: [Book], migrations: 'db' })
`,
    'book.js': MODEL,
  })
  const { json } = await app.corm(['migrate', 'make', '--json'])
  expect(json.file).toMatch(/^db\/.*_initial\.mjs$/)
  expect(await app.corm(['migrate', 'check'])).toMatchObject({ code: 0, stdout: '1 migration and 1 model agree.\n' })
})

it('reports errors as JSON on stdout', async () => {
  const { code, json } = await project().corm(['migrate', 'check', '--json'])
  expect(code).toBe(1)
  expect(json).toEqual({ error: { code: 'CONFIGURATION', message: expect.stringContaining('corm init') } })
})

it('says which file is missing, without a stack', async () => {
  const app = project({ 'corm.config.ts': CONFIG(), 'src/a.model.ts': MODEL })
  const { code, stderr } = await app.corm(['erd', '--output', 'nowhere/x.svg'])
  expect([code, stderr]).toEqual([1, expect.stringMatching(/nowhere\/x\.svg" can't be used: ENOENT/)])
  expect(stderr).not.toContain('    at ')
})
