import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll } from 'vitest'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** The sources compiled file by file, as programs of their own use them: compiling them at each start takes a second. */
export interface Programs {
  /** The compiled form of a file of the repository. */
  path(file: string): string
  /** Starts node with these arguments. A database of PGlite in `url` is made of a copy. */
  start(url: string, args: readonly string[], env?: NodeJS.ProcessEnv): ChildProcessWithoutNullStreams
}

/** Compiles folders of the repository next to `src` for the tests of a file; `corm` is `src` there as well. */
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

/** Writes the compiled files into a folder, with a manifest by which they find `corm` and the packages that it needs. */
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
