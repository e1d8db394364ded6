import { describe, expect, it } from 'vitest'
import { type CliProject, cliProjects } from '../support/cli.js'

const { project } = cliProjects({ oneProcess: true })

const CONFIG = `import { defineConfig } from 'corm/config'
export default defineConfig({ models: 'models/*.ts' })
`
const models = (fields: string, options = '') => `import { Field, Model } from 'corm'
export class Book extends Model({ ${fields} }, { table: 'books'${options} }) {}
`
const BEFORE = models('name: Field.string({ max: 100 }), pages: Field.integer()')

/** A project with a first migration. */
async function started(): Promise<CliProject> {
  const app = project({ 'corm.config.ts': CONFIG, 'models/book.ts': BEFORE })
  expect(await app.corm(['migrate', 'make'])).toMatchObject({ code: 0, stderr: '' })
  return app
}

const newest = (app: CliProject) => app.read(`migrations/${app.files('migrations').at(-1)}`)

describe('corm migrate make', () => {
  it('writes what leads to the models, and then nothing', async () => {
    const app = await started()
    expect(app.files('migrations')).toEqual([expect.stringMatching(/^\d{8}T\d{6}_initial\.ts$/)])
    expect(newest(app)).toContain("op: 'createTable'")
    const again = await app.corm(['migrate', 'make'])
    expect(again).toMatchObject({ code: 0, stderr: '' })
    expect(again.stdout).toContain('there is nothing to write')
    expect(await app.corm(['migrate', 'check'])).toMatchObject({
      code: 0,
      stdout: '1 migration and 1 model agree.\n',
      stderr: '',
    })
    app.write({ 'models/book.ts': BEFORE.replace('Field.integer()', 'Field.bigInteger()') })
    const changed = await app.corm(['migrate', 'check', '--json'])
    expect(changed.code).toBe(1)
    expect(changed.json).toMatchObject({ status: 'different', differences: ['alter column books.pages'] })
    const made = await app.corm(['migrate', 'make', 'More Pages!', '--json'])
    expect(made.json).toMatchObject({
      status: 'written',
      id: expect.stringMatching(/^\d{8}T\d{6}_more_pages$/),
      operations: [{ what: 'alter column books.pages', loses: null }],
    })
  })

  it('asks what became of a column, and writes nothing without an answer', async () => {
    const app = await started()
    app.write({ 'models/book.ts': BEFORE.replace('name:', 'title:') })
    const asked = await app.corm(['migrate', 'make', 'titles'])
    expect([asked.code, asked.stdout]).toEqual([2, ''])
    expect(asked.stderr).toContain('  corm migrate make titles --rename books.name:title   # ')
    expect(asked.stderr).toContain('  corm migrate make titles --drop books.name\n')
    expect(app.files('migrations')).toHaveLength(1)
    const json = await app.corm(['migrate', 'make', '--json'])
    expect(json.code).toBe(2)
    expect(json.json.renames).toMatchObject([
      { table: 'books', from: 'name', candidates: [{ to: 'title', option: '--rename books.name:title' }] },
    ])
    const wrong = await app.corm(['migrate', 'make', '--rename', 'books.nam:title'])
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('Did you mean "name"?') })
    expect(await app.corm(['migrate', 'make', '--rename', 'books.name:title'])).toMatchObject({ code: 0 })
    expect(newest(app)).toContain("{ op: 'renameColumn', table: 'books', from: 'name', to: 'title' }")
  })

  it('retires what is gone, and drops it when asked to', async () => {
    const app = await started()
    app.write({ 'models/book.ts': models('pages: Field.integer()') })
    await app.corm(['migrate', 'make'])
    expect(newest(app)).toContain("{ op: 'retireColumn', table: 'books', column: 'name' }")
    expect(await app.corm(['migrate', 'check'])).toMatchObject({ code: 0 })
    const dropped = await app.corm(['migrate', 'make', '--drop-retired', '--json'])
    expect(dropped.json.operations).toEqual([
      { what: 'remove column books.name', loses: expect.stringContaining('books.name') },
    ])
    expect(newest(app)).toContain('// loses data')
  })

  it('renames by renamedFrom of fields and models, without a question', async () => {
    const app = await started()
    app.write({
      'models/book.ts': models(
        "title: Field.string({ max: 100, renamedFrom: 'name' }), pages: Field.integer({ renamedFrom: 'never' })",
      ).replace("{ table: 'books' }", "{ table: 'works', renamedFrom: 'books' }"),
    })
    expect(await app.corm(['migrate', 'make'])).toMatchObject({ code: 0, stderr: '' })
    expect(newest(app)).toContain("{ op: 'renameTable', table: 'books', to: 'works' }")
    expect(newest(app)).toContain("{ op: 'renameColumn', table: 'works', from: 'name', to: 'title' }")
    expect(await app.corm(['migrate', 'check'])).toMatchObject({ code: 0 })
  })

  it('takes answers from a file', async () => {
    const app = await started()
    app.write({
      'models/book.ts': models('title: Field.string({ max: 100 }), stars: Field.integer(), isNew: Field.boolean()'),
      'answers.json': JSON.stringify({
        renames: { 'books.name': 'title' },
        drops: ['books.pages'],
        fills: { 'books.stars': 3, 'books.is_new': 'false' },
      }),
    })
    expect(await app.corm(['migrate', 'make', '--answers', 'answers.json'])).toMatchObject({ code: 0, stderr: '' })
    expect(newest(app)).toMatch(/column: 'stars',.*fill: 3 /)
    expect(newest(app)).toMatch(/column: 'is_new',.*fill: false /)
    expect(newest(app)).toContain("{ op: 'retireColumn', table: 'books', column: 'pages' }")
  })

  it('needs a value for a new column that takes no NULL', async () => {
    const app = await started()
    app.write({ 'models/book.ts': BEFORE.replace('name:', 'stars: Field.integer(), name:') })
    const asked = await app.corm(['migrate', 'make'])
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('corm migrate make --fill books.stars=…') })
    const wrong = await app.corm(['migrate', 'make', '--fill', 'books.stars=many'])
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('not of its type, integer') })
    expect(await app.corm(['migrate', 'make', '--fill', 'books.stars=0'])).toMatchObject({ code: 0 })
  })

  it('offers the default that programs give to new rows as the value', async () => {
    const app = await started()
    app.write({
      'models/book.ts': BEFORE.replace(
        'name:',
        "at: Field.time({ default: '09:00' }), on: Field.boolean({ default: false }), size: Field.json({ default: { a: 1 } }), name:",
      ),
    })
    const asked = await app.corm(['migrate', 'make'])
    expect(asked.code).toBe(2)
    expect(asked.stderr).toContain('The new column books.at is NOT NULL, and its default is one that the program gives')
    const options = ['books.at=09:00:00', 'books.on=false', 'books.size={"a":1}']
    for (const option of options)
      expect(asked.stderr).toMatch(`--fill ${option.includes('{') ? `'${option}'` : option}`)
    const words = ['migrate', 'make', ...options.flatMap((option) => ['--fill', option])]
    expect(await app.corm(words)).toMatchObject({ code: 0, stderr: '' })
    for (const fill of ["fill: '09:00:00'", 'fill: false', 'fill: { a: 1 }']) expect(newest(app)).toContain(fill)
    expect(await app.corm(['migrate', 'check'])).toMatchObject({ code: 0 })
  })

  it('says why rows can not all have one value in a unique column', async () => {
    const app = await started()
    app.write({ 'models/book.ts': BEFORE.replace('name:', 'code: Field.string({ unique: true }), name:') })
    const why = 'The column "books.code" is unique, so the existing rows can\'t all have one value.'
    const asked = await app.corm(['migrate', 'make'])
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining(why) })
    expect(asked.stderr).not.toContain('--fill')
    const given = await app.corm(['migrate', 'make', '--fill', 'books.code=x'])
    expect(given).toMatchObject({ code: 1, stderr: expect.stringContaining(why) })
    expect(app.files('migrations')).toHaveLength(1)
  })

  it('takes a value for the rows with NULL of a column that takes none any more', async () => {
    const app = await started()
    const withNote = (options: string) => BEFORE.replace('name:', `note: Field.string({ max: 9${options} }), name:`)
    app.write({ 'models/book.ts': withNote(', nullable: true') })
    expect(await app.corm(['migrate', 'make'])).toMatchObject({ code: 0 })
    app.write({ 'models/book.ts': withNote('') })
    const long = await app.corm(['migrate', 'make', '--fill', 'books.note=more than nine'])
    expect(long).toMatchObject({ code: 1, stderr: expect.stringContaining('Write a text of at most 9 characters.') })
    expect(await app.corm(['migrate', 'make', '--fill', 'books.note=x'])).toMatchObject({ code: 0, stderr: '' })
    expect(newest(app)).toContain("column: 'note', to: column.string({ max: 9 }), fill: 'x' }")
  })

  it('says in the files of --safe what breaks programs that run', async () => {
    const app = await started()
    app.write({
      'corm.config.ts': CONFIG.replace('{ models', "{ database: { url: 'sqlite:///app.db' }, models"),
      'models/book.ts': BEFORE.replace('name:', 'title:'),
    })
    const words = ['migrate', 'make', '--safe', '--rename', 'books.name:title']
    expect(await app.corm(words)).toMatchObject({ code: 0, stderr: '' })
    const [, expand = '', contract = ''] = app.files('migrations').map((file) => app.read(`migrations/${file}`))
    expect(expand).toContain("op: 'mirrorColumn', table: 'books', from: 'name', to: 'title'")
    expect(contract).toContain("op: 'unmirrorColumn', table: 'books', from: 'name', to: 'title'")
    expect(expand).not.toContain('breaks programs')
    app.write({ 'models/book.ts': BEFORE.replace('name:', 'title:').replace("'books'", "'novels'") })
    expect(await app.corm(['migrate', 'make', '--safe', '--rename-table', 'books:novels'])).toMatchObject({ code: 0 })
    expect(newest(app)).toContain("// breaks programs that were deployed earlier\n    { op: 'renameTable'")
    const dry = await app.corm(['migrate', 'up', '--dry-run'])
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('create table') })
    expect(app.files('.')).not.toContain('app.db')
  })

  it('shows hostile names without what a terminal would interpret, and writes them as inert text', async () => {
    const name = "x\\u001b[31m');process.exit(9)//"
    const app = project({
      'corm.config.ts': CONFIG,
      'models/book.ts': BEFORE.replace("table: 'books'", `table: "${name}"`),
    })
    const { code, stdout } = await app.corm(['migrate', 'make'])
    expect(code).toBe(0)
    expect(stdout).not.toContain('\u001b')
    expect(stdout).toContain('\\u{1b}[31m')
    expect(app.files('migrations')).toHaveLength(1)
    expect(await app.corm(['migrate', 'check'])).toMatchObject({ code: 0 })
  })
})

describe('corm migrate merge and squash', () => {
  it('merges two migrations that contradict each other', async () => {
    const app = await started()
    const [first] = app.files('migrations')
    const parent = first?.replace('.ts', '')
    const branch = (max: number) => `import { column, migration } from 'corm/migration'
export default migration({
  parents: ['${parent}'],
  operations: [{ op: 'alterColumn', table: 'books', column: 'name', to: column.string({ max: ${max} }) }],
})
`
    app.write({ 'migrations/29991201T000000_a.ts': branch(150), 'migrations/29991201T000000_b.ts': branch(200) })
    const conflict = await app.corm(['migrate', 'make'])
    expect(conflict).toMatchObject({ code: 1, stderr: expect.stringContaining('corm migrate merge') })
    const merged = await app.corm(['migrate', 'merge', '--json'])
    expect(merged.json.operations).toEqual([{ what: 'alter column books.name', loses: expect.any(String) }])
    expect(app.read(merged.json.file)).toContain("parents: ['29991201T000000_a', '29991201T000000_b']")
    expect(await app.corm(['migrate', 'check'])).toMatchObject({ code: 0 })
    expect((await app.corm(['migrate', 'merge', '--json'])).json).toEqual({ status: 'nothing' })
  })

  it('squashes migrations into one that stands in their place', async () => {
    const app = await started()
    app.write({ 'models/book.ts': BEFORE.replace('pages:', 'stars: Field.integer({ nullable: true }), pages:') })
    await app.corm(['migrate', 'make'])
    const [one, two] = app.files('migrations').map((file) => file.replace('.ts', ''))
    const { json } = await app.corm(['migrate', 'squash', 'start', '--json'])
    expect(json).toMatchObject({ status: 'written', squashes: [one, two], operations: 1 })
    expect(await app.corm(['migrate', 'check'])).toMatchObject({ code: 0 })
    // the next one continues from the squashed one, whether the replaced ones are there or not
    app.write({ 'models/book.ts': BEFORE.replace('pages:', 'stars: Field.bigInteger({ nullable: true }), pages:') })
    expect(await app.corm(['migrate', 'make'])).toMatchObject({ code: 0 })
    expect(newest(app)).toContain(`parents: ['${json.id}']`)
  })

  it('refuses to squash functions, and ranges that another migration begins in', async () => {
    const app = await started()
    const [first = ''] = app.files('migrations')
    const parent = first.replace('.ts', '')
    const data = (parents: string) => `import { migration } from 'corm/migration'
export default migration({ parents: ['${parents}'], operations: [{ op: 'data', name: 'fill', up() {}, down: 'none' }] })
`
    app.write({ 'migrations/29991201T000000_a.ts': data(parent) })
    const refused = await app.corm(['migrate', 'squash'])
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('data operation "fill"') })
    app.write({ 'migrations/29991201T000001_b.ts': data(parent).replace(/operations: .*\}\]/, 'operations: []') })
    const fork = await app.corm(['migrate', 'squash', '--to', '29991201T000000_a'])
    expect(fork).toMatchObject({ code: 1, stderr: expect.stringContaining('in the middle') })
    expect(app.files('migrations')).toHaveLength(3)
  })
})
