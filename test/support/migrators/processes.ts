import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { afterAll, beforeAll } from 'vitest'
import { root } from '../programs.js'
import type { Job, Result } from './program.js'

/** A process that waits for its job. */
export interface Migrator {
  /** Resolves when it has loaded all that it needs. */
  readonly ready: Promise<void>
  /** Null: it was killed. */
  run(job: Job): Promise<Result | null>
  /** Ends it without a job. */
  stop(): void
}

/** Makes the program, as few files, so that it starts quickly. */
export function migrators(): { start(): Migrator } {
  const folder = mkdtempSync(join(tmpdir(), 'corm-migrators-'))
  beforeAll(async () => {
    await build({
      absWorkingDir: root,
      entryPoints: ['test/support/migrators/program.ts'],
      outdir: folder,
      alias: { corm: './src/index.ts', 'corm/migration': './src/migration/index.ts' },
      packages: 'external',
      bundle: true,
      // of the package: it names its built files
      ignoreAnnotations: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      logLevel: 'error',
    })
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return { start: () => over(spawn(process.execPath, [join(folder, 'program.js')])) }
}

function over(child: ChildProcessWithoutNullStreams): Migrator {
  const lines: string[] = []
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const closed = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_, signal) => resolve(signal)))
  const output = createInterface(child.stdout)
  const ready = new Promise<void>((resolve, reject) => {
    output.once('line', () => resolve())
    void closed.then(() => reject(new Error(`The process did not start: ${stderr}`)))
  })
  ready.catch(() => undefined)
  output.on('line', (line) => lines.push(line))
  return {
    ready,
    stop: () => void child.kill('SIGKILL'),
    async run(job) {
      await ready
      child.stdin.end(`${JSON.stringify(job)}\n`)
      const signal = await closed
      if (signal === 'SIGKILL') return null
      const last = lines.at(-1)
      if (last === undefined || last === 'ready') throw new Error(`The process ended without a result: ${stderr}`)
      return JSON.parse(last) as Result
    },
  }
}
