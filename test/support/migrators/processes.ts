import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { createInterface } from 'node:readline'
import { compilePrograms } from '../programs.js'
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

/** Compiles the program, and starts processes of it. */
export function migrators(): { start(url: string): Migrator } {
  const programs = compilePrograms()
  return {
    start(url) {
      const child = programs.start(url, [programs.path('test/support/migrators/program.ts')])
      return over(child)
    },
  }
}

function over(child: ChildProcessWithoutNullStreams): Migrator {
  const lines: string[] = []
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const closed = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_, signal) => resolve(signal)))
  const output = createInterface(child.stdout)
  const ready = new Promise<void>((resolve) => output.once('line', () => resolve()))
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
