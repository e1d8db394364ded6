import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
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
 * Compiles folders of the repository together with `src`, for the tests of one file. `corm` resolves to `src` there as
 * well.
 */
export function compilePrograms(...folders: readonly string[]): Programs {
  const target = mkdtempSync(join(tmpdir(), 'corm-programs-'))
  beforeAll(() => compile(target, ['src', 'test/support', ...folders]))
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
export async function compile(target: string, folders: readonly string[]): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: folders.map((folder) => `${folder}/**/*.ts`),
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
