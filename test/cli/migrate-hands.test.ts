import { Database, sql } from 'corm'
import { afterAll, describe, expect, it } from 'vitest'
import { cliProjects } from '../support/cli.js'
import { databaseKinds, freshDatabase } from '../support/databases.js'

// What is done by hand, and what waits for somebody.

const { project } = cliProjects()

const CONFIG = `import { defineConfig } from 'corm/config'
export default defineConfig({ database: process.env.DATABASE_URL, models: 'models.ts' })
`
const models = (fields: string) => `import { Field, Model } from 'corm'
export class Book extends Model({ ${fields} }, { table: 'books' }) {}
`
const FIRST = models('title: Field.string({ max: 100 })')

describe.each(databaseKinds.filter((kind) => kind !== 'pglite'))('migrations on %s', (kind) => {
  const made: { drop(): Promise<void> }[] = []
  afterAll(() => Promise.all(made.map((each) => each.drop())))

  async function started() {
    const fresh = await freshDatabase(kind)
    made.push(fresh)
    const app = project({ 'corm.config.ts': CONFIG, 'models.ts': FIRST })
    const url = kind === 'sqlite' ? `sqlite:///${app.folder}/app.db` : fresh.url
    const corm = (words: string[], env = {}) => app.corm(['migrate', ...words], { env: { DATABASE_URL: url, ...env } })
    const connect = () => Database.connect({ url, name: 'by hand' })
    return { app, corm, connect }
  }

  it('are recorded by the script that prints them', async () => {
    const { app, corm, connect } = await started()
    await corm(['make'])
    app.write({ 'models.ts': models('title: Field.string({ max: 100 }), pages: Field.integer({ nullable: true })') })
    await corm(['make'])
    const dialect = kind === 'mysql' ? 'mariadb' : kind
    const { stdout } = await corm(['sql', '--dialect', dialect])
    // the script creates the table, so that nobody waits for it
    expect(stdout).not.toContain('algorithm=')
    const [first] = (await corm(['status', '--json'])).json.migrations
    for (const name of ['mariadb', 'mysql'])
      expect((await corm(['sql', '--dialect', name, '--from', first.id])).stdout).toContain('algorithm=instant;')
    {
      await using db = await connect()
      for (const statement of stdout.split(/;\n/)) {
        const text = statement.replace(/^--.*\n?/gm, '').trim()
        if (text !== '') await db.execute(sql.raw(text))
      }
    }
    const status = await corm(['status', '--json'])
    expect(status.json.migrations).toMatchObject([{ state: 'applied' }, { state: 'applied' }])
    expect(await corm(['up'])).toMatchObject({ code: 0, stdout: 'There was nothing to run.\n' })
    expect(await corm(['drift'])).toMatchObject({ code: 0 })
    // a second run of the script changes nothing that it should not
    expect((await corm(['down', '--json', '--allow-loss'])).json.finished).toHaveLength(1)
  })

  it('are printed with the queries for rows that a step does not take', async () => {
    const { app, corm, connect } = await started()
    await corm(['make'])
    await corm(['up'])
    const dialect = kind === 'mysql' ? 'mariadb' : kind
    const [first] = (await corm(['status', '--json'])).json.migrations
    app.write({ 'models.ts': models('title: Field.string({ max: 3, unique: true })') })
    await corm(['make'])
    // what the script creates is empty
    expect((await corm(['sql', '--dialect', dialect])).stdout).not.toContain('must return 0')
    const { stdout } = await corm(['sql', '--dialect', dialect, '--from', first.id])
    const queries = [...stdout.matchAll(/^-- must return 0 before it:\n-- {3}(select count.*);$/gm)].map(
      ([, text]) => text,
    )
    await using db = await connect()
    await db.execute(sql`insert into books (title) values ('long'), ('longer'), ('a'), ('b'), ('b'), ('b')`)
    const counts: unknown[] = []
    for (const text of queries)
      counts.push(...(await db.select<object>(sql.raw(text ?? ''))).flatMap((row) => Object.values(row)))
    expect(counts.map(Number)).toEqual([2, 3])
  })

  it('are recorded as a baseline only if the database has what they make', async () => {
    const { corm, connect } = await started()
    await corm(['make'])
    const refused = await corm(['baseline', '--json'])
    expect(refused).toMatchObject({ code: 1, json: { error: { code: 'MIGRATION' } } })
    expect(refused.json.error.message).toMatch(/so nothing was recorded: .*books.*--force/)
    expect((await corm(['status', '--json'])).json.migrations).toMatchObject([{ state: 'pending' }])
    const { stdout } = await corm(['sql', '--dialect', kind === 'mysql' ? 'mariadb' : kind, '--json'])
    {
      await using db = await connect()
      const [created] = JSON.parse(stdout).migrations[0].steps
      for (const text of created.sql) await db.execute(sql.raw(text))
      await db.execute(sql`create view titles as select title from books`)
    }
    expect((await corm(['baseline', '--json'])).json.finished).toMatchObject([{ how: 'recorded' }])
  })

  it('are recorded as a baseline in any case with --force', async () => {
    const { corm } = await started()
    await corm(['make'])
    expect((await corm(['baseline', '--force', '--json'])).json.finished).toMatchObject([{ how: 'recorded' }])
  })

  it('that wait for a deployment are named, and run in production without another permission', async () => {
    const { app, corm } = await started()
    const production = { NODE_ENV: 'production' }
    await corm(['make'])
    await corm(['up'])
    app.write({ 'models.ts': models('title: Field.string({ max: 100 }), slug: Field.string({ max: 80 })') })
    await corm(['make', 'slugs', '--safe', '--fill', "books.slug='none'"])
    const id = app.files('migrations').at(-1)?.replace('.ts', '')
    const expanded = await corm(['up', '--json'], production)
    expect(expanded.json).toMatchObject({ finished: [{ direction: 'up' }], waiting: [id] })
    const again = await corm(['up'], production)
    expect(again.stdout).toBe('There was nothing to run.\n')
    expect(again.stderr).toContain(`1 migration waits for the deployment: ${id}.`)
    expect(again.stderr).toContain('corm migrate up --contract')
    const status = await corm(['status'])
    expect([status.code, status.stderr]).toEqual([0, expect.stringContaining('corm migrate up --contract')])
    const contracted = await corm(['up', '--contract', '--json'], production)
    expect(contracted).toMatchObject({ code: 0, json: { finished: [{ id }], waiting: [] } })
  })
})

describe('words that no command takes', () => {
  it.each([
    [['migrate', 'up', '--nothing', '--json'], "unknown option '--nothing'"],
    [['--json', 'nothing'], "unknown command 'nothing'"],
    [['nothing', '--json'], "unknown command 'nothing'"],
    [['migrate', 'accept', '--json'], "missing required argument 'id'"],
    [['migrate', 'resume', '--json', '--step', 'maybe'], "option '--step <answer>' argument 'maybe' is invalid"],
    [['migrate', 'up', '--json', '--to'], "option '--to <id>' argument missing"],
    [['migrate', '--json'], ''],
  ])('%j prints one document with --json', async (words, message) => {
    const ran = await project({}).corm(words)
    expect(ran).toMatchObject({
      code: 1,
      json: { error: { code: 'USAGE', message: expect.stringContaining(message) } },
    })
    expect(ran.stderr).not.toBe('')
  })

  it('print nothing on stdout without it', async () => {
    expect(await project({}).corm(['migrate', 'up', '--nothing'])).toMatchObject({ code: 1, stdout: '' })
  })
})
