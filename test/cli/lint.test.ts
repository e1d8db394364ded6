import { describe, expect, it } from 'vitest'
import { type CliProject, cliProjects } from '../support/cli.js'

const { project } = cliProjects({ oneProcess: true })

const CONFIG = `import { defineConfig } from 'corm/config'
export default defineConfig({ database: 'postgres://nobody@127.0.0.1:1/none', models: 'models/*.ts' })
`
const models = (fields: string) => `import { Field, Model } from 'corm'
export class Book extends Model({ ${fields} }, { table: 'books' }) {}
`
const BEFORE = models('name: Field.string({ max: 100 })')
const AFTER = models('name: Field.string({ max: 100, index: true }), slug: Field.string({ max: 80 })')

async function started(): Promise<CliProject> {
  const app = project({ 'corm.config.ts': CONFIG, 'models/book.ts': BEFORE })
  expect(await app.corm(['migrate', 'make'])).toMatchObject({ code: 0, stderr: '' })
  app.write({ 'models/book.ts': AFTER })
  return app
}

describe('dangerous migrations', () => {
  it('carry comments, and are listed until they give a reason', async () => {
    const app = await started()
    expect(await app.corm(['migrate', 'lint', '--all'])).toMatchObject({ code: 0, stderr: '' })
    expect(await app.corm(['migrate', 'make', '--fill', "books.slug=''"])).toMatchObject({ code: 0 })
    const file = `migrations/${app.files('migrations').at(-1)}`
    expect(app.read(file)).toContain("    // breaks programs that were deployed earlier\n    { op: 'addColumn'")
    expect(app.read(file)).toContain("    // reads all rows while programs wait\n    { op: 'createIndex'")
    const linted = await app.corm(['migrate', 'lint', '--all', '--json'])
    expect(linted.code).toBe(1)
    expect(linted.json).toMatchObject({
      status: 'dangerous',
      risks: [
        { operation: 'add column books.slug', level: 'breaks-old-code', safe: null },
        { operation: 'create index books_name_index on books', level: 'blocks', lock: 'SHARE' },
      ],
    })
    const text = await app.corm(['migrate', 'lint', '--all'])
    expect(text.stdout).toContain('Create the index with "concurrently: true".')
    app.write({ [file]: app.read(file).replaceAll(/(\{ op: '(?:addColumn|createIndex)')/g, "$1, safe: 'few rows'") })
    const meant = await app.corm(['migrate', 'lint', '--all', '--json'])
    expect([meant.code, meant.json.status]).toEqual([0, 'safe'])
  })

  it('are written as two with --safe, of which the second waits for the deployment', async () => {
    const app = await started()
    const made = await app.corm(['migrate', 'make', 'slugs', '--safe', '--fill', "books.slug='none'"])
    expect(made).toMatchObject({ code: 0, stderr: '' })
    const [, expand, contract] = app.files('migrations')
    expect([expand, contract]).toEqual([
      expect.stringMatching(/^\d{8}T\d{6}_slugs\.ts$/),
      expect.stringMatching(/^\d{8}T\d{6}_slugs_contract\.ts$/),
    ])
    expect(app.read(`migrations/${expand}`)).toContain('concurrently: true')
    expect(app.read(`migrations/${expand}`)).toContain('nullable: true')
    expect(app.read(`migrations/${contract}`)).toContain("  after: 'deploy',")
    expect(app.read(`migrations/${contract}`)).toContain("safe: 'it waits for the deployment'")
    expect(await app.corm(['migrate', 'check'])).toMatchObject({ code: 0, stderr: '' })
    const linted = await app.corm(['migrate', 'lint', '--all', '--json'])
    expect(linted.json.risks).toMatchObject([{ level: 'breaks-old-code', safe: 'it waits for the deployment' }])
    expect(linted.code).toBe(0)
  })
})
