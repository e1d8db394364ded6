import { execFile } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { builtPackage } from './support/built.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'corm-package-'))
const staging = join(scratch, 'staging')
const app = join(scratch, 'app')
let packed: { filename: string; files: readonly { path: string }[] }

/** The script behind a command of an installed package. */
function bin(name: string, command = name): string {
  const file = join(root, 'node_modules', name, 'package.json')
  const { bin: entry } = JSON.parse(readFileSync(file, 'utf8')) as { bin: string | Record<string, string> }
  return join(dirname(file), typeof entry === 'string' ? entry : (entry[command] as string))
}

/** Runs a program and answers what it prints; a failure shows what it printed. */
async function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  try {
    const options = { cwd, shell: process.platform === 'win32', maxBuffer: 64 * 1024 * 1024 }
    return (await promisify(execFile)(command, args, options)).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`)
  }
}

const node = (cwd: string, ...args: string[]) => run(cwd, process.execPath, ...args)

/** Makes a package of the repository that the app can import, without installing (and compiling) it again. */
function link(name: string): void {
  const target = join(app, 'node_modules', name)
  mkdirSync(dirname(target), { recursive: true })
  if (!existsSync(target)) symlinkSync(join(root, 'node_modules', name), target, 'junction')
}

/** Does what npm does, without asking the registry: unpacks the package, and puts the dependencies that it names beside it. */
async function install(tarball: string): Promise<void> {
  const folder = join(app, 'node_modules/corm')
  mkdirSync(folder, { recursive: true })
  await run(app, 'tar', '-xzf', tarball, '--strip-components=1', '-C', folder)
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { dependencies: object }
  for (const name of Object.keys(dependencies)) link(name)
}

const program = `
import { Database, Field, Model, Relation } from 'corm'
import { dumpData, type FixtureData, loadData } from 'corm/fixtures'

class Author extends Model({ name: Field.string({ max: 120 }) }) {
  static books = Relation.hasMany(() => Book)
}
class Book extends Model({ title: Field.string(), authorId: Field.foreignKey(() => Author) }) {
  static author = Relation.belongsTo(() => Author)
}

const db = await Database.connect('sqlite::memory:')
await db.createTables([Author, Book])
const ada = await Author.create({ name: 'Ada' })
await Book.create({ title: 'Notes', authorId: ada.id })

const [found] = await Author.with('books').where('name', 'Ada').get()
const name: string | undefined = found?.name
const titles: string[] = found ? found.books.map((book) => book.title) : []
// @ts-expect-error a name is not a number
const wrong: number | undefined = found?.name
const data: FixtureData = await dumpData([Author, Book])
const { rows } = await loadData(data, { models: [Author, Book] })
console.log(name, titles, typeof wrong, rows)
await db.close()
`

// Packed in a folder of its own, so that dist is left alone and no stale file of it is tested.
beforeAll(async () => {
  mkdirSync(staging)
  mkdirSync(app)
  for (const file of ['package.json', 'README.md', 'LICENSE']) {
    if (existsSync(join(root, file))) copyFileSync(join(root, file), join(staging, file))
  }
  for (const folder of ['docs', 'examples']) {
    const filter = (path: string) => !/[\\/](node_modules|\.next)$/.test(path)
    cpSync(join(root, folder), join(staging, folder), { recursive: true, filter })
  }
  cpSync(join(await builtPackage(), 'dist'), join(staging, 'dist'), { recursive: true })
  ;[packed] = JSON.parse(await run(staging, 'npm', 'pack', '--json', '--ignore-scripts'))

  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }))
  await install(join(staging, packed.filename))
  link('better-sqlite3')
  link('@types/node')
  link('undici-types')
}, 180_000)

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

it('has nothing for publint to report', async () => {
  const bytes = readFileSync(join(staging, packed.filename))
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer } })
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([])
})

it('has types that resolve as its files do', async () => {
  // Fails, with its report, on any problem.
  await node(staging, bin('@arethetypeswrong/cli', 'attw'), packed.filename, '--profile', 'esm-only')
})

it('packs nothing but dist, the documentation, the examples, the readme and the licence', () => {
  const expected = [
    /^dist\/.+\.(js|d\.ts)(\.map)?$/,
    /^docs\/.+\.md$/,
    /^examples\/.+\.(tsx?|json)$/,
    /^(package\.json|README\.md|LICENSE)$/,
  ]
  const paths = packed.files.map((file) => file.path)
  expect(paths.filter((path) => !expected.some((form) => form.test(path)))).toEqual([])
})

it('packs whatever its pages link to', () => {
  const paths = packed.files.map((file) => file.path)
  const isThere = (target: string) => paths.some((path) => path === target || path.startsWith(`${target}/`))
  const pages = paths.filter((path) => path.endsWith('.md'))
  expect(pages).toContain('docs/index.md')
  const wrong = pages.flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8')
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, to = '']) => to)
    return links.filter((to) => !isThere(posix.join(posix.dirname(page), to))).map((to) => `${page} links to ${to}`)
  })
  expect(wrong).toEqual([])
})

it('can be imported at every entry point', async () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, unknown>
  }
  const modules = Object.keys(exports).filter((entry) => entry !== './package.json')
  for (const entry of modules) await node(app, '--input-type=module', '-e', `await import('corm${entry.slice(1)}')`)
})

it('keeps the names of its classes in the built files', async () => {
  const text =
    'console.log(Object.entries(c).filter(([k, v]) => /^class /.test(v) && v.name !== k).map(([k]) => k).join())'
  expect((await node(app, '--input-type=module', '-e', `import * as c from 'corm'; ${text}`)).trim()).toBe('')
})

it('type-checks and runs in an app that installs it', async () => {
  writeFileSync(join(app, 'main.ts'), program)
  const compilerOptions = { target: 'ES2022', module: 'NodeNext', strict: true, types: ['node'] }
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }))
  await node(app, tsc('typescript7'))
  expect((await node(app, 'main.js')).trim()).toBe("Ada [ 'Notes' ] string 2")
})

const tsc = (compiler: Compiler) => join(root, 'node_modules', compiler, 'bin/tsc')

/** Compiles a project of the app with its own declarations and those of packages checked, without the types of Node or the DOM. */
async function compile(compiler: Compiler, folder: string, files: readonly string[], options: object): Promise<void> {
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2022'],
    module: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    types: [],
    skipLibCheck: false,
    ...options,
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  await node(folder, tsc(compiler), '-p', folder)
}

const compilers = ['typescript', 'typescript7'] as const
type Compiler = (typeof compilers)[number]
const models = join(root, 'test/support/emit/models.ts')
const declared = new Map<Compiler, Promise<string>>()

/** A program and exported models, compiled once for all tests; gives the folder of the declarations that were written. */
function declarations(compiler: Compiler): Promise<string> {
  const made = declared.get(compiler) ?? declare(compiler)
  declared.set(compiler, made)
  return made
}

async function declare(compiler: Compiler): Promise<string> {
  const [folder, emitted] = [join(app, `plain-${compiler}`), join(app, `emitted-${compiler}`)]
  mkdirSync(folder)
  mkdirSync(emitted)
  writeFileSync(join(folder, 'main.ts'), program.replace(/console.log.*/, 'export { name, titles, wrong, rows }'))
  copyFileSync(models, join(folder, 'models.ts'))
  const options = { declaration: true, emitDeclarationOnly: true, outDir: emitted }
  await compile(compiler, folder, ['main.ts', 'models.ts'], options)
  return emitted
}

it.each(compilers)('has declarations that need neither types of Node nor of the DOM (%s)', async (compiler) => {
  await declarations(compiler)
})

it.each(compilers)(
  'lets an app write down the types of what it exports, by names of the package alone (%s)',
  async (compiler) => {
    const emitted = await declarations(compiler)
    const written = readFileSync(join(emitted, 'models.d.ts'), 'utf8')
    const packages = [...written.matchAll(/(?:from |import\()["']([^"']+)["']/g)].map(([, name]) => name)
    expect([...new Set(packages)].sort()).toEqual(['corm', 'decimal.js'])
    copyFileSync(join(dirname(models), 'use.ts'), join(emitted, 'use.ts'))
    await compile(compiler, emitted, ['use.ts'], { noEmit: true })
  },
)
