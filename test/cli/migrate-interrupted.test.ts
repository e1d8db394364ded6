import { Database, sql } from 'corm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CliProject, cliProjects } from '../support/cli.js'
import { dropAll } from '../support/migrations.js'
import { sharedDatabases, sharedKinds } from '../support/migrators/places.js'

// What the command line does when a migration is stopped, and while another one runs.

const { project } = cliProjects()

const A = '20260101T000000_a'
const B = '20260102T000000_b'

const CONFIG = `import { defineConfig } from 'corm/config'
export default defineConfig({ database: process.env.DATABASE_URL })
`
const INITIAL = `import { column, migration } from 'corm/migration'
export default migration({
  parents: [],
  operations: [
    { op: 'createTable', table: 'log', columns: { id: column.id(), name: column.string({ max: 50 }), took: column.text({ nullable: true }) } },
    { op: 'createTable', table: 'pace', columns: { id: column.id(), seconds: column.integer() } },
  ],
})
`
/** The second step takes as long as the table says, in the database. */
const SLOW = `import { column, migration } from 'corm/migration'
const slow = (sleep) => "insert into log (name, took) select 'slow', " + sleep + " from pace"
export default migration({
  parents: ['${A}'],
  transaction: false,
  operations: [
    { op: 'createTable', table: 'first', columns: { id: column.id() } },
    { op: 'sql', up: { postgres: slow('pg_sleep(seconds)::text'), mysql: slow('sleep(seconds)') }, down: null },
    { op: 'createTable', table: 'last', columns: { id: column.id() } },
  ],
})
`
/** The same in the program. */
const SLOW_DATA = `import { existsSync } from 'node:fs'
import { column, migration } from 'corm/migration'
export default migration({
  parents: ['${A}'],
  transaction: false,
  operations: [
    { op: 'createTable', table: 'first', columns: { id: column.id() } },
    {
      op: 'data',
      name: 'slow',
      async up(m) {
        await m.table('log').insert([{ name: 'slow' }])
        // until the test lets it go on
        const file = process.env.UNTIL
        while (file !== undefined && !existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20))
      },
      down: 'none',
    },
    { op: 'createTable', table: 'last', columns: { id: column.id() } },
  ],
})
`

describe.each(sharedKinds)('migrations on %s', (kind) => {
  const fresh = sharedDatabases()
  let place: Awaited<ReturnType<typeof fresh>>
  let db: Database
  let app: CliProject
  let env: { DATABASE_URL: string }

  beforeAll(async () => {
    place = await fresh(kind)
    db = await Database.connect({ name: 'looks', url: place.url })
    env = { DATABASE_URL: place.url }
  })
  afterAll(async () => {
    await db.close()
    await place.drop()
  })
  beforeEach(async () => {
    await dropAll(db)
    app = project({ 'corm.config.ts': CONFIG, [`migrations/${A}.ts`]: INITIAL })
  })

  const corm = (...words: string[]) => app.corm(['migrate', ...words], { env })
  const traces = async () => (await db.select<{ name: string }>(sql`select name from log`)).map(({ name }) => name)
  /** Has the first migration, and the next one takes so many seconds. */
  async function prepare(text: string, seconds: number): Promise<void> {
    expect(await corm('up')).toMatchObject({ code: 0 })
    await db.execute(sql`insert into pace (seconds) values (${seconds})`)
    app.write({ [`migrations/${B}.ts`]: text })
  }

  it('stop at Ctrl-C after the step that runs, and go on there', async () => {
    await prepare(SLOW_DATA, 0)
    const running = app.start(['migrate', 'up'], { env: { ...env, UNTIL: 'go' } })
    await running.says('change data: slow')
    running.child.kill('SIGINT')
    await running.says('Press Ctrl-C again')
    app.write({ go: '' })
    const stopped = await running.ended
    expect(stopped).toMatchObject({ code: 130, stderr: expect.stringContaining('Stopped. What was done is recorded') })
    expect(stopped.stderr).toContain('Press Ctrl-C again to cancel it')
    const status = await corm('status')
    expect(status).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(new RegExp(`${B}  interrupted at step 3 of 3`)),
    })
    expect(await corm('up', '--json')).toMatchObject({ code: 0, json: { finished: [{ id: B }] } })
    expect(await traces()).toEqual(['slow'])
    expect(await db.select(sql`select * from ${sql.id('last')}`)).toEqual([])
  })

  it('keep others away while they run', async () => {
    await prepare(SLOW_DATA, 0)
    const running = app.start(['migrate', 'up'], { env: { ...env, UNTIL: 'go' } })
    await running.says('change data: slow')
    const waiting = app.start(['migrate', 'up', '--wait', '60'], { env })
    const [now, locked] = await Promise.all([corm('up', '--no-wait'), corm('up', '--fail-if-locked', '--json')])
    await waiting.says('Another migrator is at work')
    app.write({ go: '' })
    const later = await waiting.ended
    expect(now).toMatchObject({ code: 0, stdout: 'Another migrator is at work. Nothing was run.\n' })
    expect(locked).toMatchObject({ code: 75, json: { error: { code: 'MIGRATION_LOCKED' } } })
    // on SQLite they take turns
    expect([(await running.ended).code, later.code]).toEqual([0, 0])
    expect(await corm('up', '--wait', 'long')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--wait takes'),
    })
    expect(await traces()).toEqual(['slow'])
  })

  it('record what a database has, and need a permission for what is dangerous in production', async () => {
    await db.execute(sql`create table log (id integer primary key, name varchar(50) not null, took text)`)
    await db.execute(sql`create table pace (id integer primary key, seconds integer not null)`)
    expect(await corm('baseline', '--force', '--json')).toMatchObject({
      code: 0,
      json: { finished: [{ id: A, how: 'recorded' }] },
    })
    expect(await corm('up')).toMatchObject({ code: 0, stdout: 'There was nothing to run.\n' })
    app.write({
      [`migrations/${B}.ts`]: `import { migration } from 'corm/migration'
export default migration({ parents: ['${A}'], operations: [{ op: 'renameColumn', table: 'log', from: 'name', to: 'title' }] })
`,
    })
    const production = { env: { ...env, NODE_ENV: 'production' } }
    const refused = await app.corm(['migrate', 'up'], production)
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--allow on the command line') })
    expect(await app.corm(['migrate', 'up', '--allow'], production)).toMatchObject({ code: 0 })
    expect(await db.select(sql`select title from log`)).toEqual([])
    const meant = await app.corm(['migrate', 'down'], production)
    expect(meant).toMatchObject({ code: 1, stderr: expect.stringMatching(/NODE_ENV is production.*--yes-i-mean/) })
  })

  it('are reversed without a loss, or when somebody agrees to it', async () => {
    expect(await corm('up')).toMatchObject({ code: 0 })
    await db.execute(sql`insert into log (name) values (${'kept'})`)
    const refused = await corm('down')
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/all rows of "log".*--allow-loss/),
    })
    const asked = { prompt: 'Reverse all the same?', env }
    const no = await app.terminal(['migrate', 'down'], { ...asked, input: 'n' })
    expect(no).toMatchObject({ code: 2, stdout: expect.stringContaining('loses all rows of "log"') })
    expect(await traces()).toEqual(['kept'])
    const yes = await app.terminal(['migrate', 'down'], { ...asked, input: 'y' })
    expect(yes).toMatchObject({ code: 0, stdout: expect.stringContaining('1 migration done') })
    expect(await corm('status', '--json')).toMatchObject({ json: { migrations: [{ id: A, state: 'pending' }] } })
  })

  if (kind === 'sqlite') return

  it('that are killed name the step, and go on with an answer', async () => {
    await prepare(SLOW, 2)
    const running = app.start(['migrate', 'up'], { env })
    await running.says('run SQL: insert into log')
    await expect.poll(isSlow, { timeout: 20_000 }).toBe(true)
    running.child.kill('SIGKILL')
    await running.ended
    // the server finishes the statement, and keeps the lock so long
    const next = await corm('up')
    expect(next).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/interrupted at step 2 of 3.*resume --step done/),
    })
    expect(await corm('status')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('interrupted at step 2 of 3'),
    })
    expect(await traces()).toEqual(['slow'])
    expect(await corm('resume')).toMatchObject({ code: 1, stderr: expect.stringContaining('--step redo') })
    expect(await corm('resume', '--step', 'done', '--json')).toMatchObject({ code: 0, json: { finished: [{ id: B }] } })
    expect(await traces()).toEqual(['slow'])
  })

  it('are cancelled on the server by a second Ctrl-C', async () => {
    await prepare(SLOW, 60)
    const running = app.start(['migrate', 'up'], { env })
    await running.says('run SQL: insert into log')
    await expect.poll(isSlow, { timeout: 20_000 }).toBe(true)
    running.child.kill('SIGINT')
    await running.says('Press Ctrl-C again')
    running.child.kill('SIGINT')
    expect(await running.ended).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('Cancelling the statement'),
    })
    expect(await isSlow()).toBe(false)
    expect(await corm('status')).toMatchObject({ code: 1, stdout: expect.stringContaining('failed at step 2 of 3') })
    await db.execute(sql`update pace set seconds = ${0}`)
    expect(await corm('up')).toMatchObject({ code: 0 })
    expect(await traces()).toEqual(['slow'])
  })

  /** Whether the server runs the slow statement. */
  async function isSlow(): Promise<boolean> {
    const running =
      kind === 'postgres'
        ? sql`select 1 from pg_stat_activity where datname = current_database() and state = 'active' and query like 'insert into log%'`
        : sql`select 1 from information_schema.processlist where db = database() and info like 'insert into log%'`
    return (await db.select(running)).length > 0
  }
})
