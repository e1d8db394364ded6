import { pathToFileURL } from 'node:url'
import { compilePrograms } from './programs.js'

export interface Ended {
  readonly code: number | null
  readonly output: string
}

/**
 * Returns a function that runs a separate program on the source of corm and reports how it ended. The program finds the
 * database's address in `url`. Call it once per file, outside tests.
 */
export function scriptRunner(): (text: string, url: string) => Promise<Ended> {
  const programs = compilePrograms()
  return (text, url) => {
    const head = `import { Database, Field, Model, outsideTransaction, sql } from '${pathToFileURL(programs.path('src/index.ts')).href}'
const url = process.env.SCRIPT_URL
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
`
    const args = ['--input-type=module', '--eval', head + text]
    const child = programs.start(url, args, { ...process.env, SCRIPT_URL: url })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += String(part)))
    return new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) => resolve({ code, output }))
    })
  }
}
