import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { SchemaState } from '../../ast/schema.js'
import { UsageError } from '../../errors.js'
import { messageOf } from '../../util/error-shape.js'
import { suggestion } from '../../util/names.js'
import { nameList, object, optionReader } from '../../util/options.js'
import type { CommandCall } from '../call.js'

/** The answers that are known before any question. Null: removed, not renamed. */
export interface Answers {
  /** By the old name. */
  readonly tables: Map<string, string | null>
  /** By `table.column`, with the new name of the table and the old one of the column. */
  readonly columns: Map<string, string | null>
  /** Values for the existing rows, by `table.column`: texts, which are read when the type of the column is known. */
  readonly fills: Map<string, unknown>
}

interface AnswersFile {
  readonly renameTables: object
  readonly renames: object
  readonly drops: readonly string[]
  readonly fills: object
}

const readFile = optionReader<AnswersFile>('The file of answers', {
  renameTables: object,
  renames: object,
  drops: nameList,
  fills: object,
})

/** Adds the answers from the options of a command and from the file of `--answers`. Answers from models take precedence. */
export function addGivenAnswers(answers: Answers, { options, folder }: CommandCall, from: SchemaState): void {
  const given = new GivenAnswers(answers, from)
  for (const text of options.list('rename-table')) given.renameTable(...split(text, '--rename-table', 'old:new'))
  for (const text of options.list('rename')) given.rename(...split(text, '--rename', 'table.old:new'))
  for (const text of options.list('drop')) given.drop(text)
  for (const text of options.list('fill')) given.fill(...split(text, '--fill', 'table.column=value', '='))
  const path = options.text('answers')
  if (path === null) return
  const { renameTables = {}, renames = {}, drops = [], fills = {} } = readFile(parsed(resolve(folder, path)))
  for (const [old, name] of Object.entries(renameTables)) given.renameTable(old, String(name))
  for (const [old, name] of Object.entries(renames)) given.rename(old, String(name))
  for (const name of drops) given.drop(name)
  for (const [name, value] of Object.entries(fills)) given.fill(name, value)
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new UsageError(`The file of answers ${path} can't be read: ${messageOf(cause)}.`, { cause })
  }
}

/** Splits `table.old:new` at the sign. */
function split(text: string, option: string, form: string, sign = ':'): [string, string] {
  const at = sign === '=' ? text.indexOf(sign) : text.lastIndexOf(sign)
  if (at > 0 && (sign === '=' || at < text.length - 1)) return [text.slice(0, at), text.slice(at + 1)]
  throw new UsageError(`The option ${option} takes ${form}.`)
}

class GivenAnswers {
  constructor(
    readonly answers: Answers,
    readonly from: SchemaState,
  ) {}

  renameTable(old: string, name: string | null): void {
    this.#requireTable(old)
    if (!this.answers.tables.has(old)) this.answers.tables.set(old, name)
  }

  rename(old: string, name: string | null): void {
    const [table, column] = this.#columnOf(old)
    const key = `${table}.${column}`
    if (!this.answers.columns.has(key)) this.answers.columns.set(key, name)
  }

  /** A table, or a column as `table.column`. */
  drop(name: string): void {
    if (this.from.tables.has(name)) this.renameTable(name, null)
    else this.rename(name, null)
  }

  fill(name: string, value: unknown): void {
    if (!this.answers.fills.has(name)) this.answers.fills.set(name, value)
  }

  /** The new name of the table, and the column. The given name may have the old or new name of the table. */
  #columnOf(name: string): readonly [table: string, column: string] {
    const dot = name.indexOf('.')
    if (dot < 1) throw new UsageError(`${JSON.stringify(name)} names no column. Write it as table.column.`)
    const [table, column] = [name.slice(0, dot), name.slice(dot + 1)]
    const old = [...this.answers.tables].find(([, renamed]) => renamed === table)?.[0] ?? table
    const columns = this.#requireTable(old)
    if (!columns.includes(column))
      throw new UsageError(
        `The migrations make no column ${JSON.stringify(column)} in the table ${JSON.stringify(old)}.${suggestion(column, columns)}`,
      )
    return [this.answers.tables.get(old) ?? table, column]
  }

  /** The column names of a table. Throws if there is no such table. */
  #requireTable(name: string): readonly string[] {
    const table = this.from.tables.get(name)
    if (table !== undefined) return table.columns.map((column) => column.name)
    throw new UsageError(
      `The migrations make no table ${JSON.stringify(name)}.${suggestion(name, this.from.tables.keys())}`,
    )
  }
}
