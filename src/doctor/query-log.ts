import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { isRecord } from '../util/record.js'
import type { Finding } from './finding.js'

/** How often a query must come again to be a finding. */
const OFTEN = 10
/** How many other queries may come in between: those of one turn of the loop. */
const BETWEEN = 8
/** How many different queries are remembered at a time. */
const REMEMBERED = 10_000

interface Seen {
  /** The line of the last one. */
  line: number
  /** How many there were in a row, and the most of all rows. */
  run: number
  most: number
}

/**
 * Finds queries that a log has many times in a row, as a loop sends them. A line of the log is a QueryEvent as JSON, or the text of a
 * statement, whose literals are looked over.
 */
export async function findInLog(path: string): Promise<Finding[]> {
  const seen = new Map<string, Seen>()
  const found = new Map<string, number>()
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })
  let line = 0
  for await (const text of lines) {
    const query = queryOf(text)
    if (query === null) continue
    line += 1
    const before = seen.get(query)
    const goesOn = before !== undefined && line - before.line <= BETWEEN + 1
    const run = goesOn ? before.run + 1 : 1
    const most = Math.max(run, before?.most ?? 0)
    // the ones seen last are at the end
    seen.delete(query)
    seen.set(query, { line, run, most })
    if (most >= OFTEN) found.set(query, most)
    if (seen.size > REMEMBERED) for (const [oldest] of [...seen].slice(0, REMEMBERED / 2)) seen.delete(oldest)
  }
  return [...found].map(([query, times]) => ({
    kind: 'n-plus-one',
    table: null,
    at: query.length > LONGEST ? `${query.slice(0, LONGEST)}…` : query,
    problem: `It was sent ${times} times in a row, as a loop over rows does.`,
    remedy:
      'Load what the loop needs with its rows: with() for a relation, whereIn() for keys, withCount() for numbers.',
  }))
}

const LONGEST = 300

/** The text by which a query of the log is known; null for a line that has none. */
function queryOf(line: string): string | null {
  const text = line.trimStart().startsWith('{') ? sqlOf(line) : line
  const [, query] = /\b((?:select|with)\b.*)$/is.exec(text) ?? []
  if (query === undefined) return null
  return query
    .replace(/'(?:[^']|'')*'/g, '?')
    .replace(/\$\d+|\b\d+(?:\.\d+)?\b/g, '?')
    .replace(/\?(?:\s*,\s*\?)+/g, '?')
    .replace(/\s+/g, ' ')
    .replace(/[\s;]+$/, '')
}

function sqlOf(line: string): string {
  try {
    const event: unknown = JSON.parse(line)
    return isRecord(event) && Object.hasOwn(event, 'sql') && typeof event.sql === 'string' ? event.sql : ''
  } catch {
    return ''
  }
}
