import { subscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import type { DatabaseKind } from '../support/databases.js'
import type { Host } from './host.js'
import type { Expected } from './program.js'
import type { Row } from './tables.js'

interface Query {
  toSQL(options?: { readonly dialect: string }): { readonly sql: string }
}

const isQuery = (value: unknown): value is Query =>
  typeof value === 'object' && value !== null && 'toSQL' in value && typeof value.toSQL === 'function'

/** What the programs of pages report to: the statements that were sent, and what is wrong with what the page says. */
class Recorder {
  #sent: string[] = []
  #wrong: string[] = []
  #error: unknown
  #kind: DatabaseKind = 'sqlite'
  #host: Host | undefined
  /** The value of the last expression, in a list: a query in it does not run. */
  value: readonly [unknown?] = []

  constructor() {
    subscribe('corm:query', (event) => this.#sent.push((event as { sql: string }).sql))
  }

  /** Starts a page on a database. */
  begin(kind: DatabaseKind, host: Host): void {
    this.#kind = kind
    this.#host = host
  }

  /** What stands in the program where the page connects to SQLite. */
  get Database(): Host {
    if (this.#host === undefined) throw new Error('A page connects before it begins.')
    return this.#host
  }

  /** The place in what was sent from which a check looks. */
  start(): number {
    this.value = []
    this.#error = undefined
    return this.#sent.length
  }

  caught(error: unknown): void {
    this.#error = error ?? new Error('Something that is no error was thrown.')
  }

  /** Compares what happened since `start` with what the page says; `values` are what a query may be among. */
  check(start: number, expected: Expected, values: readonly unknown[]): void {
    this.#checkError(expected)
    if (expected.value !== undefined) this.#compareValue(expected.line, expected.value, shown(values[0]))
    // the SQL of pages is SQLite's
    if (expected.sql === undefined || this.#kind !== 'sqlite') return
    const sent = this.#sent.slice(start)
    const query = values.find(isQuery)
    this.#compareSql(expected.line, expected.sql, sent.length === 0 && query ? [query.toSQL().sql] : sent)
  }

  /** Runs the code of a row of a table, and compares what its cells say of the SQL that was sent or is stood for. */
  async row({ line, sql, supported }: Row, run: () => Promise<readonly unknown[]>): Promise<void> {
    const start = this.start()
    const [given] = await run()
    // a query would run when awaited, and only stands for its SQL here
    const value = given instanceof Promise ? await given : given
    const sent = this.#sent.slice(start)
    const textIn = (dialect: string) =>
      sent.length === 0 && isQuery(value) ? value.toSQL({ dialect }).sql : sent.join('; ')
    for (const [head, fragment] of Object.entries(sql)) {
      const here = this.#host?.dialect ?? 'sqlite'
      const dialects = (DIALECTS[head] as readonly string[]).filter((dialect) => sent.length === 0 || dialect === here)
      for (const dialect of dialects) {
        const actual = head === 'SQL' ? plain(textIn(dialect)) : textIn(dialect)
        if (!matches(`…${fragment}…`, actual))
          this.#wrong.push(`${line}: ${dialect} has\n      ${actual}\nbut the page says\n      ${fragment}`)
      }
    }
    for (const [head, expected] of Object.entries(supported))
      for (const dialect of DIALECTS[head] as readonly string[])
        if (compiles(() => textIn(dialect)) !== expected)
          this.#wrong.push(`${line}: it is ${expected ? 'not ' : ''}supported in ${dialect}`)
  }

  /** Ends a page: what was wrong in it. */
  finish(): string[] {
    const wrong = this.#wrong
    this.#wrong = []
    this.#sent = []
    return wrong
  }

  #checkError({ line, error: name, message }: Expected): void {
    const error = this.#error
    this.#error = undefined
    if (name === undefined) {
      if (error !== undefined) throw error
      return
    }
    const thrown = error instanceof Error ? error.name : 'nothing'
    if (thrown !== name) this.#wrong.push(`${line}: throws ${thrown}, not ${name}`)
    const told = error instanceof Error ? error.message : ''
    if (message !== undefined && !matches(message, told))
      this.#wrong.push(`${line}: the message is\n      ${told}\nbut the page says\n      ${message}`)
  }

  #compareSql(line: number, expected: readonly string[], actual: readonly string[]): void {
    const fits = expected.length === actual.length && expected.every((text, i) => matches(text, actual[i] as string))
    if (!fits) this.#wrong.push(`${line}: the SQL is\n${list(actual)}\nbut the page says\n${list(expected)}`)
  }

  #compareValue(line: number, expected: string, actual: string): void {
    if (!matches(expected, actual)) this.#wrong.push(`${line}: the value is ${actual}, but the page says ${expected}`)
  }
}

const DIALECTS: Readonly<Record<string, readonly string[]>> = {
  SQL: ['sqlite', 'postgres', 'mysql', 'mariadb'],
  SQLite: ['sqlite'],
  PostgreSQL: ['postgres'],
  MySQL: ['mysql'],
  MariaDB: ['mariadb'],
}

/** Without what differs from one database to the next only in writing: quotes, places of values and their types. */
const plain = (sql: string) =>
  sql
    .replaceAll('`', '"')
    .replace(/cast\(\? as decimal\(\d+,\d+\)\)/g, '?')
    .replace(/\$\d+(::\w+)?/g, '?')
    .replace(/select (1 = 1|true) from/g, 'select 1 from')

function compiles(compile: () => unknown): boolean {
  try {
    compile()
    return true
  } catch (error) {
    if (error instanceof Error && error.name === 'UnsupportedError') return false
    throw error
  }
}

const squeezed = (text: string) => text.replace(/\s+/g, ' ').trim()
const shown = (value: unknown) => squeezed(inspect(value, { depth: 5, breakLength: Number.POSITIVE_INFINITY }))
const list = (statements: readonly string[]) =>
  statements.map((text) => `      ${squeezed(text)}`).join('\n') || '      (none)'

/** Whether a text is what the page shows, in which `…` stands for anything. */
function matches(expected: string, actual: string): boolean {
  const parts = squeezed(expected).split('…')
  const pattern = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')
  return new RegExp(`^${pattern}$`, 's').test(squeezed(actual))
}

export const recorder = new Recorder()
