import { type FileHandle, open } from 'node:fs/promises'
import { tokensOf } from '../dialect/sql-tokens.js'
import { UsageError } from '../errors.js'
import { codeOf, messageOf } from '../util/error-shape.js'
import { isRecord } from '../util/record.js'
import type { Finding } from './finding.js'

/** How often a query must come again to be a finding. */
const OFTEN = 10
/** How many other queries may come in between: those of one turn of the loop. */
const BETWEEN = 8
/** The most findings. */
const MOST = 1000
/** How many characters of a query are looked at, how many it is known by, and how many are shown. */
const READ = 20_000
const KEY = 2000
const SHOWN = 300

interface QueryCount {
  /** The place of the last one among the queries. */
  readonly place: number
  /** How many there were in a row. */
  readonly run: number
}

/**
 * Finds queries that a log has many times in a row, as a loop sends them. A line of the log is a QueryEvent as JSON, or the text of a
 * statement, whose literals are looked over.
 */
export async function findInLog(path: string): Promise<Finding[]> {
  const file = await opened(path)
  const recent = new Map<string, QueryCount>()
  const found = new Map<string, number>()
  let place = 0
  for await (const line of file.readLines()) {
    const query = queryOf(line)
    if (query === null) continue
    place += 1
    const before = recent.get(query)
    const goesOn = before !== undefined && place - before.place <= BETWEEN + 1
    const run = goesOn ? before.run + 1 : 1
    // the ones seen last are at the end
    recent.delete(query)
    recent.set(query, { place, run })
    const [oldest] = recent.keys()
    if (recent.size > BETWEEN + 1 && oldest !== undefined) recent.delete(oldest)
    const most = found.get(query)
    if (run >= OFTEN && (most === undefined ? found.size < MOST : run > most)) found.set(query, run)
  }
  return [...found].map(([query, times]) => ({
    kind: 'n-plus-one',
    table: null,
    at: query.length > SHOWN ? `${query.slice(0, SHOWN)}…` : query,
    problem: `It was sent ${times} times in a row, as a loop over rows does.`,
    remedy:
      'Load what the loop needs with its rows: with() for a relation, whereIn() for keys, withCount() for numbers.',
  }))
}

async function opened(path: string): Promise<FileHandle> {
  const file = await open(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') throw new UsageError(`There is no file ${path}. Give the log to read to --log.`)
    throw new UsageError(`The file ${path} can't be read: ${messageOf(error)}. Give the log to read to --log.`)
  })
  if (!(await file.stat()).isDirectory()) return file
  await file.close()
  throw new UsageError(`${path} is a folder. Give the log to read to --log.`)
}

/** A query from its first word on. A CTE is known by its name: other sentences have the word "with" too. */
const QUERY =
  /^\s*(?:select\b|with\s+(?:recursive\s+)?(?:"[^"]+"|`[^`]+`|[\w$]+)\s*(?:\([^()]*\)\s*)?as\s*(?:(?:not\s+)?materialized\s*)?\()/i
/** Where the text of a statement begins in the line of a server: after a colon, or after what MySQL calls it. */
const PREFIX = /:\s*|\bQuery\s+/g

/** The text by which a query of the log is known; null for a line that has none. */
function queryOf(line: string): string | null {
  const text = line.trimStart().startsWith('{') ? sqlOf(line) : statementOf(line.slice(0, READ))
  return QUERY.test(text) ? withoutLiterals(text.slice(0, READ)) : null
}

function sqlOf(line: string): string {
  try {
    const event: unknown = JSON.parse(line)
    return isRecord(event) && Object.hasOwn(event, 'sql') && typeof event.sql === 'string' ? event.sql : ''
  } catch {
    return ''
  }
}

/** The statement of a line that may begin with what the server says of it, such as `LOG:  execute <unnamed>: `. */
function statementOf(line: string): string {
  if (QUERY.test(line)) return line
  for (const { index, 0: prefix } of line.slice(0, HEAD).matchAll(PREFIX)) {
    // what follows may be in a text
    if (line.lastIndexOf("'", index) !== -1) break
    const rest = line.slice(index + prefix.length)
    if (QUERY.test(rest)) return rest
  }
  return ''
}

/** How long that may be. */
const HEAD = 500

/** Without comments and numbers of the parameters, which differ from one to the next. */
function withoutLiterals(sql: string): string {
  let text = ''
  let end = 0
  for (const token of tokensOf(sql, { backslash: false })) {
    if (token.kind === 'comment') continue
    const isLiteral = token.kind === 'text' || token.kind === 'number'
    // of $1
    if (isLiteral && text.endsWith('$')) text = text.slice(0, -1)
    const space = text !== '' && token.start > end ? ' ' : ''
    text += space + (isLiteral ? '?' : sql.slice(token.start, token.end))
    end = token.end
  }
  return text
    .replace(/\?(?:\s*,\s*\?)+/g, '?')
    .replace(/[\s;]+$/, '')
    .slice(0, KEY)
}
