import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import * as corm from 'corm'
import { Field } from 'corm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builtPackage } from '../support/built.js'
import { kindsOfFile } from '../support/databases.js'
import { Host } from './host.js'
import { findPages, root } from './pages.js'
import { checkedProgram, type Program, writtenPrograms } from './program.js'
import { recorder } from './recorder.js'

// How the blocks of a page are read: see "Documentation" in docs/contributing.md.

const pages = findPages()
const written = pages.flatMap(writtenPrograms)
const kinds = kindsOfFile()
const checked = new Map(kinds.map((kind) => [kind, pages.flatMap((page) => checkedProgram(page, kind) ?? [])]))
// of its own, so that two runs in one checkout don't meet
const folder = join(root, '.docs-test', String(process.pid))
const fileOf = ({ name }: Program) => join(folder, `${name}.ts`)

beforeAll(() => {
  mkdirSync(folder, { recursive: true })
  for (const program of [...written, ...[...checked.values()].flat()]) writeFileSync(fileOf(program), program.text)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const pageText = (path: string) => readFileSync(join(root, path), 'utf8')

/** Fails with one problem per line. */
function expectNone(wrong: readonly string[]): void {
  if (wrong.length > 0) expect.fail(`\n${wrong.join('\n')}\n`)
}

it('shows only code that the type checker takes', async () => {
  const dist = join(await builtPackage(), 'dist')
  const paths = { corm: [`${dist}/index.d.ts`], 'corm/*': [`${dist}/*/index.d.ts`] }
  const files = written.map(fileOf)
  const config = { extends: '../../tsconfig.json', compilerOptions: { paths }, include: [], exclude: [], files }
  const project = join(folder, 'tsconfig.json')
  writeFileSync(project, JSON.stringify(config))
  const compiler = join(root, 'node_modules/typescript7/bin/tsc')
  // what it prints for each error: file(line,column): error TS2345: …
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [compiler, '-p', project, '--pretty', 'false', '--singleThreaded'],
    {
      cwd: root,
      maxBuffer: 2 ** 26,
    },
  ).catch((error: { stdout: string }) => error)
  const pageOf = new Map(written.map((program) => [basename(fileOf(program)), program.page]))
  const said = stdout.split('\n').map((line) => {
    const [, file = '', at, message] = /^(.+)\((\d+),\d+\): error (.*)$/.exec(line) ?? []
    return at === undefined ? line : `${pageOf.get(basename(file)) ?? file}:${at} ${message}`
  })
  expectNone(said.filter((line) => line !== ''))
})

describe.each(kinds)('on %s', (kind) => {
  it.each(checked.get(kind) ?? [])('$page runs, and does what it says', async (program) => {
    const host = new Host(kind)
    recorder.begin(kind, host)
    const stopped = await run(program)
    await host.end()
    expectNone([...recorder.finish().map((problem) => `${program.page}:${problem}`), ...stopped])
  })
})

/** What ended the page's program before its end, if anything. */
async function run(program: Program): Promise<string[]> {
  try {
    await import(fileOf(program))
    return []
  } catch (error) {
    const { name, message, stack } = error as Error
    const [, line = '?'] = new RegExp(`${program.name}\\.ts:(\\d+)`).exec(String(stack)) ?? []
    return [`${program.page}:${line} ${name}: ${message}`]
  }
}

/** A page shows what the examples share as files of the same folder. */
const exampleText = (path: string) => pageText(path).replaceAll("'../shop/", "'./")

it('shows parts of the examples as they are', () => {
  const wrong = pages.flatMap(({ path, blocks }) =>
    blocks.flatMap(({ file, first, text }) =>
      file === null || exampleText(file).includes(text) ? [] : [`${path}:${first} is not in ${file}.`],
    ),
  )
  expectNone(wrong)
})

it('links to files and headings that exist', () => {
  const headings = (path: string) =>
    (pages.find((page) => page.path === path)?.lines ?? [])
      .filter((line) => line.startsWith('#'))
      .map((line) =>
        line
          .replace(/^#+ /, '')
          .toLowerCase()
          .replace(/[^\p{L}\d\- ]/gu, '')
          .replaceAll(' ', '-'),
      )
  const wrong = pages.flatMap((page) =>
    [...page.lines.join('\n').matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].flatMap(([, to = '', heading]) => {
      const target = to === '' ? page.path : join(dirname(page.path), to)
      if (!existsSync(join(root, target))) return [`${page.path} links to ${to}, which is not there.`]
      if (heading === undefined || headings(target).includes(heading)) return []
      return [`${page.path} links to the heading #${heading} of ${target}, which is not there.`]
    }),
  )
  expectNone(wrong)
})

it('explains every error', () => {
  const text = pageText('docs/errors.md')
  const errors = Object.values(corm).filter(
    (value) => typeof value === 'function' && (value === corm.CormError || value.prototype instanceof corm.CormError),
  ) as { name: string }[]
  const source = readdirSync(join(root, 'src/errors'))
    .map((file) => pageText(`src/errors/${file}`))
    .join('\n')
  const codes = [...source.matchAll(/readonly code(?:: string)? = '(\w+)'/g)].map(([, code]) => code!)
  expectNone(errors.filter(({ name }) => !text.includes(name)).map(({ name }) => `docs/errors.md lacks ${name}.`))
  expectNone(codes.filter((code) => !text.includes(`\`${code}\``)).map((code) => `docs/errors.md lacks ${code}.`))
})

it('lists every kind of field', () => {
  const text = pageText('docs/guide/fields.md')
  const kinds = Object.keys(Field).filter((kind) => !new RegExp(`\`${kind}[\`(]`).test(text))
  expectNone(kinds.map((kind) => `docs/guide/fields.md lacks Field.${kind}().`))
})

it('names every folder of src, and files that are there', () => {
  const text = pageText('docs/architecture.md')
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const named = [...text.matchAll(/`([\w/-]+\.ts)`/g)].map(([, path]) => path!)
  const isThere = (path: string) => existsSync(join(root, 'src', path)) || existsSync(join(root, path))
  expectNone([
    ...folders
      .filter(({ name }) => !text.includes(`| \`${name}\` |`))
      .map(({ name }) => `There is no row for ${name}.`),
    ...named.filter((path) => !isThere(path)).map((path) => `There is no file ${path}.`),
  ])
})
