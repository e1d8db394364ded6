import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly output: string
}

/** Runs a program of its own on the source of corm and tells how it ended. It finds the database's address in `url`. */
export function runScript(text: string, url: string): Promise<Ended> {
  const head = `import { Database, Field, Model, outsideTransaction, sql } from '${root}src/index.ts'
const url = process.env.SCRIPT_URL
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', head + text]
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, SCRIPT_URL: url } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += String(part)))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}
