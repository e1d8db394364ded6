import { Database, sql } from 'corm'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { type CliProject, cliProjects } from '../support/cli.js'
import { FOREIGN_SCHEMAS } from '../support/inspect/schemas.js'

const { project } = cliProjects({ oneProcess: true })

const CONFIG = {
  'corm.config.ts': `import { defineConfig } from 'corm/config'
export default defineConfig({ database: 'sqlite:///app.db', models: 'src/models/*.ts', ignore: ['schema_*'] })
`,
}

async function run(app: CliProject, ...statements: readonly string[]): Promise<void> {
  await using db = await Database.connect({ name: app.folder, url: `sqlite:///${app.folder}/app.db` })
  for (const text of statements) await db.execute(sql.raw(text))
}

const railsTables = () => FOREIGN_SCHEMAS.find(({ name }) => name === 'Rails')?.statements.sqlite ?? []

it('models that were inspected agree with the database, and read its rows', async () => {
  const app = project(CONFIG)
  await run(app, ...railsTables(), 'drop table taggings', 'create view titles as select id, title from posts')
  const written = await app.corm(['inspect', '--json'])
  expect(written).toMatchObject({ code: 0, json: { status: 'written', differences: [] } })
  expect(app.files('src/models')).toEqual(['author.ts', 'post.ts', 'title.ts'])
  expect(written.json.models.find(({ name }: { name: string }) => name === 'Title').notes).toEqual([
    expect.stringContaining('The view has no key: corm takes id'),
  ])
  // the models make the migration that the database is at
  expect(await app.corm(['migrate', 'make', 'start'])).toMatchObject({ code: 0 })
  expect(await app.corm(['migrate', 'baseline'])).toMatchObject({ code: 0 })
  expect(await app.corm(['migrate', 'check'])).toMatchObject({ code: 0 })
  const drift = await app.corm(['migrate', 'drift', '--json'])
  expect(drift.json.differences).toEqual([expect.stringContaining('view titles is not expected')])
  expect((await app.corm(['migrate', 'drift', '--adopt', '--json'])).json).toMatchObject({
    status: 'adopted',
    left: [],
  })
  expect(await app.corm(['migrate', 'drift'])).toMatchObject({ code: 0 })
  app.write({
    'read.ts': `import { Database } from 'corm'
import { Author } from './src/models/author.js'
import { Title } from './src/models/title.js'
await Database.connect('sqlite:///app.db')
const author = await Author.query().with('posts.children').firstOrFail()
const [post] = author.posts
console.log(JSON.stringify([
  author.name, author.admin, author.createdAt, author.posts.length, post?.rating?.toString(), post?.publishedOn, post?.children.length,
  await Title.query().orderBy('id').get(),
]))
`,
  })
  await build({
    absWorkingDir: app.folder,
    entryPoints: ['read.ts', 'src/models/*.ts'],
    outdir: '.',
    outbase: '.',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  })
  const read = await app.node(['read.js'])
  expect(read.stderr).toBe('')
  expect(JSON.parse(read.stdout)).toEqual([
    ...['Ada', true, '2026-01-02T03:04:05.123Z', 2, '4.5', '2026-01-02', 1],
    [
      { id: 1, title: 'Hi' },
      { id: 2, title: 'Re' },
    ],
  ])
})

it('tables without a key are in the migrations as they are, and not in fixtures', async () => {
  const app = project(CONFIG)
  await run(
    app,
    ...railsTables(),
    'CREATE TABLE "authors_posts" ("author_id" bigint NOT NULL, "post_id" bigint NOT NULL)',
    'CREATE INDEX "index_authors_posts_on_post_id" ON "authors_posts" ("post_id")',
  )
  expect(await app.corm(['inspect', '--json'])).toMatchObject({ code: 0, json: { differences: [] } })
  expect(app.files('src/models')).toEqual(['author.ts', 'authors-post.ts', 'post.ts', 'tagging.ts'])
  const same = async (...commands: readonly string[]) => {
    for (const command of commands) {
      const { code, stdout, stderr } = await app.corm(['migrate', command])
      expect({ command, code, text: stdout + stderr }).toMatchObject({ code: 0 })
    }
  }
  await same('make', 'baseline', 'check', 'drift')
  const dumped = await app.corm(['dump', '-o', 'rows.json'])
  expect(dumped).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('left out Tagging: its table has no primary'),
  })
  expect(app.read('rows.json')).not.toContain('Tagging')
  const refused = await app.corm(['dump', 'Tagging'])
  expect(refused.stderr).toContain('dumpData() can\'t take "Tagging": its table has no primary key')
  // rows that exist get a value at once
  const tagging = app.read('src/models/tagging.ts')
  app.write({ 'src/models/tagging.ts': tagging.replace('tag:', 'place: Field.integer(),\n    tag:') })
  expect(await app.corm(['migrate', 'make', '--safe', '--fill', 'taggings.place=7'])).toMatchObject({ code: 0 })
  await run(app, "insert into taggings values ('Post', 1, 'a'), (null, 2, 'b'), (null, 2, 'b')")
  expect(await app.corm(['migrate', 'up', '--contract'])).toMatchObject({ code: 0 })
  await same('drift')
  await using db = await Database.connect({ name: 'tagged', url: `sqlite:///${app.folder}/app.db` })
  expect(await db.select(sql`select count(*) as n from taggings where place = 7`)).toEqual([{ n: 3 }])
  // a database that the migrations make is the same
  app.write({ 'corm.config.ts': CONFIG['corm.config.ts'].replace('app.db', 'fresh.db') })
  expect(await app.corm(['migrate', 'up', '--contract'])).toMatchObject({ code: 0 })
  await same('check', 'drift')
})

it('takes names, says what a person should know, and writes nothing over without being asked to', async () => {
  const app = project(CONFIG)
  await run(app, ...railsTables())
  const some = await app.corm(['inspect', 'tag*', '-o', 'out', '--json'])
  expect(some).toMatchObject({ code: 0, json: { written: ['out/tagging.ts'] } })
  expect(some.stderr).toContain('taggings: The table has no key')
  expect(app.read('out/tagging.ts')).toContain('readOnly: true')
  expect(await app.corm(['inspect', 'tag*', '-o', 'out', '--json'])).toMatchObject({ code: 0, json: { written: [] } })
  app.write({ 'out/tagging.ts': '// mine\n' })
  const refused = await app.corm(['inspect', 'tag*', 'posts', '-o', 'out', '--json'])
  expect(refused).toMatchObject({ code: 2, json: { error: { message: expect.stringContaining('out/tagging.ts') } } })
  expect([app.files('out'), app.read('out/tagging.ts')]).toEqual([['tagging.ts'], '// mine\n'])
  expect(await app.corm(['inspect', 'tag*', '-o', 'out', '--overwrite'])).toMatchObject({ code: 0 })
  expect(app.read('out/tagging.ts')).toContain('class Tagging')
  const unknown = await app.corm(['inspect', 'nothing', '--json'])
  expect(unknown).toMatchObject({ code: 1, json: { error: { code: 'CONFIGURATION' } } })
})
