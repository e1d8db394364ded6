import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type BuildOptions, build } from 'esbuild'
import { afterAll, beforeAll } from 'vitest'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** Compiled sources for tests that start separate programs: compiling at each start would take a second. */
export interface Programs {
  /** The path of the compiled form of a file in the repository. */
  path(file: string): string
  /** Starts node with these arguments. A PGlite database in `url` starts from a prepared copy. */
  start(url: string, args: readonly string[], env?: NodeJS.ProcessEnv): ChildProcessWithoutNullStreams
}

/**
 * Compiles folders of the repository together with the entry points of `src`, for the tests of one file. `corm` resolves to
 * `src` there as well. Files that several programs share become one, as Node takes long to find 700 modules.
 */
export const compilePrograms = (...folders: readonly string[]): Programs =>
  programsBy((target) => compile(target, [...entryPoints(), ...PRELOADED, ...folders.map(filesIn)], BUNDLED))

/** Compiles each file by itself: errors name the files that they come from. */
export const compileSources = (...folders: readonly string[]): Programs =>
  programsBy((target) => compile(target, ['src', ...folders].map(filesIn)))

const filesIn = (folder: string) => `${folder}/**/*.ts`
const PRELOADED = ['test/support/pglite-program.ts', 'test/support/fewer-cities.ts']
const BUNDLED: BuildOptions = { bundle: true, splitting: true, packages: 'external', keepNames: true }

/** The sources of what programs can import, such as "corm/fixtures". */
function entryPoints(): string[] {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, { default?: string }>
  }
  return Object.values(exports).flatMap((target) =>
    target.default === undefined ? [] : target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts'),
  )
}

function programsBy(make: (target: string) => Promise<void>): Programs {
  const target = mkdtempSync(join(tmpdir(), 'corm-programs-'))
  beforeAll(() => make(target))
  afterAll(() => rmSync(target, { recursive: true, force: true }))
  const path = (file: string) => join(target, file.replace(/\.ts$/, '.js'))
  return {
    path,
    start(url, args, env = process.env) {
      const before = url.startsWith('pglite:')
        ? ['--import', pathToFileURL(path('test/support/pglite-program.ts')).href]
        : []
      return spawn(process.execPath, [...before, ...args], { cwd: root, env })
    },
  }
}

/** Writes the compiled files into a folder, with a package.json through which they find `corm` and its dependencies. */
export async function compile(target: string, files: readonly string[], options: BuildOptions = {}): Promise<void> {
  await build({
    ...options,
    absWorkingDir: root,
    entryPoints: [...files],
    outbase: root,
    outdir: target,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  })
  const manifest = readFileSync(join(root, 'package.json'), 'utf8')
  writeFileSync(join(target, 'package.json'), manifest.replaceAll('./dist/', './src/'))
  symlinkSync(join(root, 'node_modules'), join(target, 'node_modules'), 'junction')
}
