import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type REPLServer, start } from 'node:repl'
import { PassThrough } from 'node:stream'
import { inspect } from 'node:util'
import * as corm from '../../index.js'
import { isRecord } from '../../util/record.js'
import { drawTable } from '../../util/table.js'
import type { CommandCall } from '../call.js'
import { shown } from '../output.js'
import { Project } from '../project/project.js'
import { EXIT, type ExitCode } from '../spec.js'

/** Starts a prompt for JavaScript with the models, the database and what corm exports. */
export async function run(call: CommandCall): Promise<ExitCode> {
  const project = await Project.open(call)
  const models = await project.models()
  await using db = await project.connect()
  const isTerminal = process.stdin.isTTY === true
  if (isTerminal)
    call.output.say(`${models.map(({ name }) => shown(name)).join(', ')} and db are here. Leave with .exit`, 'dim')
  const typed = isTerminal ? process.stdin : new PassThrough()
  const repl = start({
    prompt: isTerminal ? 'corm> ' : '',
    input: typed,
    output: process.stdout,
    terminal: isTerminal,
    writer,
    ignoreUndefined: true,
  })
  Object.assign(repl.context, corm, { db }, Object.fromEntries(models.map(({ name, model }) => [name, model])))
  const left = new Promise<void>((resolve) => repl.once('exit', resolve))
  if (typed instanceof PassThrough) await feed(repl, typed)
  else await remember(repl)
  await left
  return EXIT.done
}

/** Passes the lines of stdin to the prompt one after the other. By itself it would not wait for `await`. */
async function feed(repl: REPLServer, typed: PassThrough): Promise<void> {
  let ready = () => {}
  let isOpen = true
  // displayPrompt is called after each line, which shows when to send the next one
  const displayPrompt = () => {
    repl.resume()
    ready()
  }
  Object.assign(repl, { displayPrompt })
  repl.once('exit', () => {
    isOpen = false
    ready()
  })
  for await (const line of createInterface({ input: process.stdin })) {
    if (!isOpen) return
    const done = new Promise<void>((resolve) => {
      ready = resolve
    })
    typed.write(`${line}\n`)
    await done
  }
  typed.end()
}

/** Keeps the history of the prompt for the next shell. */
const remember = (repl: REPLServer): Promise<void> =>
  new Promise((resolve) => repl.setupHistory(join(homedir(), '.corm_history'), () => resolve()))

/** Shows lists of rows as tables. */
function writer(value: unknown): string {
  const rows = Array.isArray(value) && value.length > 0 ? value.map(plain) : []
  const first = rows[0]
  if (first === undefined || !rows.every((row) => row !== null))
    return inspect(value, { colors: process.stdout.isTTY === true })
  const names = [...new Set(rows.flatMap((row) => Object.keys(row ?? {})))]
  const cells = rows.map((row) => names.map((name) => cell(row?.[name])))
  const toRight = names.map((name) => rows.every((row) => row?.[name] === undefined || typeof row[name] === 'number'))
  return drawTable(names, cells, { width: process.stdout.columns ?? 200, toRight })
}

/** A row as a plain object, null for other values. */
function plain(value: unknown): Readonly<Record<string, unknown>> | null {
  if (value instanceof corm.Model) return value.toObject()
  return isRecord(value) && Object.getPrototypeOf(value) === Object.prototype ? value : null
}

const cell = (value: unknown): string => {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  return value instanceof Date
    ? value.toISOString()
    : inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 1 })
}
