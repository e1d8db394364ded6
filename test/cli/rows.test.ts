import { Database } from 'corm'
import { afterAll, describe, expect, it } from 'vitest'
import { cliProjects } from '../support/cli.js'
import { databaseKinds, freshDatabase } from '../support/databases.js'

const { project } = cliProjects({ oneProcess: true })

const MODELS = `import { Field, Model, Relation } from 'corm'
export class Author extends Model({ name: Field.string({ description: 'as "printed" <b>' }) }) {
  static books = Relation.hasMany(() => Book)
}
export class Book extends Model({
  title: Field.string(),
  price: Field.decimal({ precision: 8, scale: 2 }),
  authorId: Field.foreignKey(() => Author, { nullable: true }),
  firstId: Field.foreignKey(() => Book, { nullable: true }),
}) {
  static author = Relation.belongsTo(() => Author)
  static tags = Relation.manyToMany(() => Tag)
}
export class Tag extends Model({ word: Field.string({ unique: true }) }) {}
`
const CONFIG = `import { defineConfig } from 'corm/config'
export default defineConfig({ database: process.env.DATABASE_URL, models: 'models.ts' })
`
const FILES = { 'corm.config.ts': CONFIG, 'models.ts': MODELS }
const FIXTURE = `{
"$format": 1,
"Author": [
{"id":1,"name":"Jane"}
],
"Book": [
{"id":1,"title":"Emma","price":"12.50","authorId":1,"firstId":null}
],
"Tag": [],
"books_tags": []
}
`

// PGlite keeps a database in one process, and takes seconds to make one
describe.each(databaseKinds.filter((kind) => kind !== 'pglite'))('on %s', (kind) => {
  const made = freshDatabase(kind)
  afterAll(async () => (await made).drop())

  it('loads rows, shows them in the shell, and dumps the same again', async () => {
    const app = project({ ...FILES, 'seed.json': FIXTURE })
    const { url: server } = await made
    const env = { DATABASE_URL: kind === 'sqlite' ? 'sqlite:///app.db' : server }
    const url = kind === 'sqlite' ? `sqlite:///${app.folder}/app.db` : server
    await using db = await Database.connect({ name: `cli on ${kind}`, url })
    const { Author, Book, Tag } = await import('../support/cli-models.js')
    await db.createTables([Author, Book, Tag])

    const loaded = await app.corm(['load', 'seed.json'], { env })
    expect(loaded).toMatchObject({ code: 0, stdout: 'stored 2 rows in 2 tables\n', stderr: '' })
    const dumped = await app.corm(['dump'], { env })
    expect(dumped).toMatchObject({ code: 0, stdout: FIXTURE, stderr: '' })
    expect((await app.corm(['dump', 'Author', '-o', 'a.json', '--json'], { env })).json).toEqual({
      rows: 1,
      models: { Author: 1 },
    })
    expect(app.read('a.json')).toContain('{"id":1,"name":"Jane"}')

    const guarded = await app.corm(['load', 'seed.json'], { env: { ...env, NODE_ENV: 'production' } })
    expect(guarded).toMatchObject({ code: 1, stdout: '' })
    const [, name] = /--yes-i-mean "(.+)"/.exec(guarded.stderr) ?? []
    expect(
      await app.corm(['load', 'seed.json', '--yes-i-mean', name ?? ''], { env: { ...env, NODE_ENV: 'production' } }),
    ).toMatchObject({ code: 0 })

    const typed = 'const all = await Book.all().get()\nall\n(await Author.findOrFail(1)).name\nawait Tag.count()\n'
    const shell = await app.corm(['shell'], { env, input: typed })
    expect(shell).toMatchObject({ code: 0, stderr: '' })
    expect(shell.stdout).toBe(
      [
        'id | title | price | authorId | firstId',
        '---+-------+-------+----------+--------',
        ' 1 | Emma  | 12.5  |        1 | null',
        "'Jane'",
        '0',
        '',
      ].join('\n'),
    )
  })
})

it('says which models there are, and what a database is needed for', async () => {
  const app = project(FILES)
  const unknown = await app.corm(['dump', 'Autor'])
  expect(unknown).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('Did you mean "Author"?') })
  const none = await app.corm(['dump'])
  expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('Set "database"') })
})

it('draws tables as Mermaid and as SVG, without a database', async () => {
  const app = project(FILES)
  const { stdout } = await app.corm(['erd'])
  expect(stdout).toContain(`  authors {
    integer id PK
    string name "as 'printed' <b>"
  }
`)
  expect(stdout).toContain('    integer author_id FK\n')
  expect(stdout).toContain('  books }o--o| authors : "author_id"\n')
  expect(stdout).toContain('  books_tags }o--|| tags : "tag_id"\n')
  expect(await app.corm(['erd', 'Author', 'Book', '-o', 'x.svg'])).toMatchObject({ code: 0 })
  const svg = app.read('x.svg')
  expect(svg).toContain('→ author_id<')
  expect(svg.match(/<path class="arrow"/g)).toHaveLength(2)
  // every element is closed in its turn, and no text holds a sign of XML
  const open: string[] = []
  for (const [, end, name, self] of svg.replace(/<\?.*?\?>/, '').matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (end === '/') expect(open.pop()).toBe(name)
    else if (self !== '/') open.push(name ?? '')
  }
  expect(open).toEqual([])
  expect(svg.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;)/)
})
