// Measures what type-checking costs: 200 models of 21 fields and 4 relations, with 600 queries, in corm and in Drizzle.
//
//   npm run bench:types                 corm with 200 and 500 models, Drizzle with 200, TypeScript 5.9 and 7
//   npm run bench:types -- --no-drizzle corm only: needs no network
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cormProject } from './corm.mjs'
import { drizzleProject } from './drizzle.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const modules = join(root, 'node_modules')
// what a user of the built package sees: the types without the sources behind them
const declarations = join(root, 'test/types/support/declare.ts')
const compilers = [
  ['5.9', join(modules, 'typescript/bin/tsc')],
  ['7', join(modules, 'typescript7/bin/tsc')],
].filter(([, path]) => existsSync(path))
const target = { instantiations: 1_000_000, seconds: 5.5, megabytes: 500 }
const drizzleVersion = '0.45'

const options = {
  target: 'ES2023',
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  lib: ['ES2023', 'ESNext.Disposable', 'DOM'],
  types: [],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
  noEmit: true,
}

function writeProject(folder, files, paths) {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const config = { compilerOptions: { ...options, paths }, include: ['*.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
}

function measure(compiler, folder) {
  const run = spawnSync(process.execPath, [compiler, '-p', folder, '--extendedDiagnostics'], { encoding: 'utf8' })
  if (run.status !== 0)
    throw new Error(`The project in ${folder} does not compile:\n${run.stdout.slice(0, 3000)}${run.stderr}`)
  const figure = (name) => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(run.stdout)?.[1] ?? Number.NaN)
  return {
    instantiations: figure('Instantiations'),
    check: figure('Check time'),
    total: figure('Total time'),
    megabytes: figure('Memory used') / 1024,
  }
}

function print(title, version, { instantiations, check, total, megabytes }) {
  const cells = [
    title.padEnd(24),
    version.padEnd(5),
    `${(instantiations / 1e6).toFixed(2)} M`.padStart(14),
    `${check.toFixed(1)} s`.padStart(8),
    `${total.toFixed(1)} s`.padStart(8),
    `${megabytes.toFixed(0)} MB`.padStart(9),
  ]
  console.log(cells.join(' '))
}

const work = mkdtempSync(join(tmpdir(), 'corm-bench-types-'))
try {
  const projects = []
  for (const count of [200, 500]) {
    const folder = join(work, `corm${count}`)
    writeProject(folder, cormProject(count), { corm: [declarations] })
    symlinkSync(modules, join(folder, 'node_modules'))
    projects.push([`corm, ${count} models`, folder])
  }
  if (!process.argv.includes('--no-drizzle')) {
    const folder = join(work, 'drizzle200')
    writeProject(folder, drizzleProject(200), {})
    const install = [
      'install',
      '--no-save',
      '--no-audit',
      '--no-fund',
      `drizzle-orm@${drizzleVersion}`,
      'pg',
      '@types/pg',
    ]
    execFileSync('npm', install, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
    projects.push(['Drizzle, 200 models', folder])
  }
  console.log(`${'schema'.padEnd(24)} tsc   instantiations    check    total    memory`)
  const figures = new Map()
  for (const [title, folder] of projects) {
    for (const [version, path] of compilers) {
      const result = measure(path, folder)
      figures.set(`${title} ${version}`, result)
      print(title, version, result)
    }
  }
  const own = figures.get('corm, 200 models 5.9')
  const large = figures.get('corm, 500 models 5.9')
  const met =
    own.instantiations <= target.instantiations && own.total <= target.seconds && own.megabytes <= target.megabytes
  console.log(`Target with 200 models and 5.9: at most 1 M, 5.5 s in all, 500 MB: ${met ? 'met' : 'missed'}.`)
  console.log(
    `500 models take ${(large.instantiations / own.instantiations).toFixed(2)} times the instantiations of 200 (2.5 is linear).`,
  )
} finally {
  rmSync(work, { recursive: true, force: true })
}
