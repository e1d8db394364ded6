import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { compilePrograms } from '../support/programs.js'

const programs = compilePrograms()

/** Makes rows, dumps them, loads them into another database, and dumps them there, with a heap that would not hold them. */
const program = (folder: string, megabytes: number) => `
import { Database, Field, Model } from '${pathToFileURL(programs.path('src/index.ts')).href}'
import { dumpData, loadData } from '${pathToFileURL(programs.path('src/fixtures/index.ts')).href}'
import { readFileSync } from 'node:fs'

class Page extends Model({
  title: Field.string(),
  body: Field.text(),
  nextId: Field.foreignKey(() => Page, { nullable: true }),
}) {}
const folder = ${JSON.stringify(folder)}
const open = async (name) => {
  const db = await Database.connect({ name, url: 'sqlite:///' + folder + '/' + name + '.db' })
  await db.createTables([Page])
  return db
}
const [one, other] = [await open('one'), await open('other')]
const rows = ${megabytes} * 1000
for (let i = 0; i < rows; i += 1000)
  await Page.using(one).insertMany(Array.from({ length: 1000 }, (_, k) => ({ title: 't' + (i + k), body: 'é'.repeat(480) })))
await Page.using(one).where('id', '<', rows).update((c) => ({ nextId: c.id.plus(1) }))
let most = 0
const onProgress = () => { most = Math.max(most, process.memoryUsage().rss) }
const dump = (database, name) => dumpData([Page], { database, output: folder + '/' + name + '.json', onProgress })
console.log((await dump(one, 'one')).rows)
console.log((await loadData(folder + '/one.json', { models: [Page], database: other, onProgress })).rows)
console.log((await dump(other, 'other')).rows)
console.error('peak', Math.round(most / 1e6))
await one.close()
await other.close()
`

async function run(args: readonly string[]) {
  const child = programs.start('sqlite:', args)
  let output = ''
  let errors = ''
  child.stdout.on('data', (part) => (output += String(part)))
  child.stderr.on('data', (part) => (errors += String(part)))
  const code = await new Promise((resolve) => child.on('close', resolve))
  return { code, output, errors }
}

it('writes to the standard output, and leaves it open', async () => {
  const text = `
import { Database, Field, Model } from '${pathToFileURL(programs.path('src/index.ts')).href}'
import { dumpData } from '${pathToFileURL(programs.path('src/fixtures/index.ts')).href}'
class Page extends Model({ title: Field.string() }) {}
const db = await Database.connect('sqlite::memory:')
await db.createTables([Page])
await Page.create({ title: 'a' })
await dumpData([Page], { output: process.stdout })
console.log('done')
`
  const { output, errors } = await run(['--input-type=module', '--eval', text])
  expect(errors).toBe('')
  expect(output).toBe('{\n"$format": 1,\n"Page": [\n{"id":1,"title":"a"}\n]\n}\ndone\n')
})

it('dumps and loads files that are larger than the memory it may use', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corm-fixtures-'))
  try {
    const megabytes = Number(process.env.CORM_TEST_FIXTURE_MB || 20)
    const args = ['--max-old-space-size=40', '--input-type=module', '--eval', program(folder, megabytes)]
    const { code, output, errors } = await run(args)
    expect(errors).toMatch(/^peak/)
    if (process.env.CORM_TEST_FIXTURE_MB !== undefined) console.log(errors)
    expect(code, errors).toBe(0)
    const rows = megabytes * 1000
    expect(output.split('\n').map(Number)).toEqual([rows, rows, rows, 0])
    const sizes = ['one', 'other'].map((name) => statSync(join(folder, `${name}.json`)).size)
    expect(sizes[0]).toBe(sizes[1])
    expect(sizes[0]).toBeGreaterThan(megabytes * 1_000_000)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 180_000)
