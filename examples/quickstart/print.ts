import { SingleBar } from 'cli-progress'
import Table from 'cli-table3'

export type Cell = string | number | null

/** What a question answers. */
export interface Answer {
  readonly head: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  /** Checks the answer without the database, and says what comes of it. */
  readonly check?: () => string
}

const SHOWN = 12
const WIDTH = 110

export function heading(text: string): void {
  console.log(`\n${text}\n${'─'.repeat(text.length)}`)
}

export function table({ head, rows }: Answer): void {
  const colAligns = head.map((_, i) => (typeof rows[0]?.[i] === 'number' ? ('right' as const) : ('left' as const)))
  const output = new Table({ head: [...head], colAligns, style: { head: [], border: [], compact: true } })
  for (const row of rows.slice(0, SHOWN)) output.push(row.map(text))
  console.log(output.toString())
  if (rows.length > SHOWN) console.log(`… and ${number(rows.length - SHOWN)} more rows`)
}

/** The statements that were sent, their number and the time they took. */
export function statements(sent: readonly string[], milliseconds: number): void {
  for (const sql of sent) console.log(wrapped(shortened(sql)))
  console.log(`  -- ${sent.length} ${sent.length === 1 ? 'query' : 'queries'}, ${milliseconds.toFixed(1)} ms`)
}

export function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 })
}

interface Progress {
  update(value: number): void
  stop(): void
}

/** A bar on a terminal; elsewhere a line for each quarter. */
export function progressBar(what: string, total: number): Progress {
  if (process.stdout.isTTY) {
    const bar = new SingleBar({ format: `Loading ${what} {bar} {percentage}% | {value} of {total}`, hideCursor: true })
    bar.start(total, 0)
    return bar
  }
  let quarter = 0
  return {
    update(value) {
      const now = Math.floor((value * 4) / total)
      if (now > quarter) console.log(`Loading ${what}: ${number(value)} of ${number(total)}`)
      quarter = now
    },
    stop() {},
  }
}

function text(cell: Cell): string {
  return typeof cell === 'number' ? number(cell) : (cell ?? '–')
}

/** MySQL has a placeholder for each value of a list. */
function shortened(sql: string): string {
  return sql.replace(/\(\?(, \?){4,}\)/g, '(?, ?, …)')
}

function wrapped(sql: string): string {
  const lines = ['']
  for (const word of sql.split(' ')) {
    const line = lines.at(-1) as string
    if (line.length + word.length > WIDTH) lines.push(`  ${word}`)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line) => `  ${line}`).join('\n')
}
