import { afterAll, describe, expect, it } from 'vitest'
import { cliProjects } from '../support/cli.js'
import { databaseKinds, freshDatabase } from '../support/databases.js'

const { project } = cliProjects({ oneProcess: true })

const FILES = {
  'corm.config.ts': `import { defineConfig } from 'corm/config'
export default defineConfig({ database: process.env.DATABASE_URL, models: 'models.ts' })
`,
  'models.ts': `import { Field, Model } from 'corm'
export class Book extends Model({ title: Field.string({ max: 100 }) }) {}
`,
}

// PGlite keeps a database in one process, and takes seconds to make one
describe.each(databaseKinds.filter((kind) => kind !== 'pglite'))('on %s', (kind) => {
  const made = freshDatabase(kind)
  afterAll(async () => (await made).drop())

  it('runs migrations, shows where they stand, and stops at an edited one until it is accepted', async () => {
    const app = project(FILES)
    const env = { DATABASE_URL: kind === 'sqlite' ? 'sqlite:///app.db' : (await made).url }
    const corm = (...words: string[]) => app.corm(['migrate', ...words], { env })
    await corm('make')
    const [file = ''] = app.files('migrations')
    const id = file.replace('.ts', '')

    const dry = await corm('up', '--dry-run')
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringMatching(/create table ["`]books["`]/) })
    expect((await corm('status', '--json')).json.migrations).toMatchObject([{ id, state: 'pending' }])
    // without a connection nobody knows which version it is
    expect(await corm('sql')).toMatchObject({ code: 0, stdout: expect.stringContaining('-- create table books\n') })

    const ran = await corm('up', '--json')
    expect(ran.json.finished).toMatchObject([{ id, direction: 'up', how: 'run' }])
    expect(ran.stderr).toContain('create table books')
    expect(await corm('up')).toMatchObject({ code: 0, stdout: 'There was nothing to run.\n' })
    const status = await corm('status')
    expect(status).toMatchObject({ code: 0, stderr: '' })
    expect(status.stdout).toMatch(new RegExp(`^migration +state +when +took\n${id}  applied  \\d{4}-\\d\\d-\\d\\d `))

    app.write({ [`migrations/${file}`]: app.read(`migrations/${file}`).replace('100', '120') })
    expect(await corm('up')).toMatchObject({ code: 1, stderr: expect.stringContaining(`corm migrate accept`) })
    expect(await corm('status')).toMatchObject({ code: 1, stdout: expect.stringContaining('changed') })
    expect(await corm('accept', id)).toMatchObject({ code: 0 })
    expect(await corm('status')).toMatchObject({ code: 0, stdout: expect.stringContaining('applied') })
  })
})
