import { spawn } from 'node:child_process'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { NotReachable } from './databases.js'
import type { DatabaseKey } from './lines.js'
import { type Options, readOptions, USAGE } from './options.js'
import { runDatabase } from './run.js'

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options.worker) return runDatabase(options.databases[0]!, options)
  console.log(header(options))
  // Ctrl-C reaches the worker too, which has databases to drop first
  let stopped = false
  process.on('SIGINT', () => {
    stopped = true
  })
  for (const key of options.databases) if (!stopped) await startWorker(key)
}

function header({ rounds }: Options): string {
  const list = cpus()
  return `corm against hand-written driver code: the time corm takes, divided by what the same job takes by hand.
Medians of ${rounds} interleaved rounds. Node ${process.versions.node}, ${list.length} × ${list[0]?.model ?? 'unknown CPU'}.`
}

/** A process for each database: what the engine learned from one driver does not colour the next. */
function startWorker(key: DatabaseKey): Promise<void> {
  const script = fileURLToPath(import.meta.url)
  const args = [...process.execArgv, script, ...process.argv.slice(2), '--worker', '--db', key]
  const child = spawn(process.execPath, args, { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => {
      if (code !== 0) process.exitCode = 1
      resolve()
    })
  })
}

main().catch((error: unknown) => {
  if (error instanceof NotReachable) {
    console.log(`\n${error.message}`)
    return
  }
  console.error(error instanceof Error ? error.message : error)
  console.error(USAGE)
  process.exitCode = 1
})
