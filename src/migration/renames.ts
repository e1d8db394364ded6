import { isSame } from '../ast/canonical.js'
import type { ColumnState, SchemaOperation, SchemaState, TableState } from '../ast/schema.js'
import { MigrationError, quoted } from '../errors.js'
import { applied } from '../schema/operation/index.js'
import { editDistance } from '../util/names.js'

/** Decisions about removed tables and columns: the new name, or null if the object was removed and not renamed. */
export interface RenameAnswers {
  /** By the old name of the table. */
  readonly tables: ReadonlyMap<string, string | null>
  /** By `table.column`, with the new name of the table and the old one of the column. */
  readonly columns: ReadonlyMap<string, string | null>
}

/** A table or column that is gone, and what may be its new name, the most similar first. */
export interface RenameQuestion {
  /** Null for a table. */
  readonly table: string | null
  readonly from: string
  readonly candidates: readonly { readonly to: string; readonly score: number }[]
}

export interface Renames {
  readonly operations: readonly SchemaOperation[]
  /** The state after them. */
  readonly state: SchemaState
  /** Renames that nobody has confirmed yet. corm renames nothing without an answer. */
  readonly questions: readonly RenameQuestion[]
}

/** The renames between two states. corm never guesses a rename. */
export function renamesBetween(from: SchemaState, to: SchemaState, answers: RenameAnswers): Renames {
  const questions: RenameQuestion[] = []
  const operations: SchemaOperation[] = []
  let state = from
  const add = (operation: SchemaOperation) => {
    operations.push(operation)
    state = applied(operation, state)
  }
  for (const [table, question] of tableRenames(from, to, answers)) {
    if (typeof question === 'string') add({ op: 'renameTable', table, to: question })
    else questions.push(question)
  }
  for (const table of to.tables.values()) {
    const before = state.tables.get(table.name)
    if (before === undefined) continue
    for (const [column, question] of columnRenames(before, table, answers)) {
      if (typeof question === 'string') add({ op: 'renameColumn', table: table.name, from: column, to: question })
      else questions.push(question)
    }
  }
  return { operations, state, questions }
}

type RenamePairs = readonly (readonly [from: string, to: string | RenameQuestion])[]

/** Tables that share half of their columns may be the same table. */
const ALIKE = 0.5

function tableRenames(from: SchemaState, to: SchemaState, { tables: answers }: RenameAnswers): RenamePairs {
  const gone = [...from.tables.values()].filter(({ name, retired }) => !to.tables.has(name) && !retired)
  const made = [...to.tables.values()].filter(({ name }) => !from.tables.has(name))
  return resolved(gone, made, {
    answerOf: ({ name }) => answers.get(name),
    scoreOf: (a, b) => {
      const share = overlap(signatures(a), signatures(b))
      return share < ALIKE ? null : (share + similarity(a.name, b.name)) / 2
    },
    questionOf: ({ name }, candidates) => ({ table: null, from: name, candidates }),
  })
}

function columnRenames(before: TableState, after: TableState, { columns: answers }: RenameAnswers): RenamePairs {
  const gone = before.columns.filter(
    ({ name, retired }) => !retired && !after.columns.some((column) => column.name === name),
  )
  const made = after.columns.filter(({ name }) => !before.columns.some((column) => column.name === name))
  return resolved(gone, made, {
    answerOf: ({ name }) => answers.get(`${after.name}.${name}`),
    scoreOf: (a, b) => (isPossible(before, after, a, b) ? columnScore(before, after, [a, b]) : null),
    questionOf: ({ name }, candidates) => ({ table: after.name, from: name, candidates }),
  })
}

interface Resolving<T> {
  /** The new name; null for none; undefined if nobody has answered. */
  answerOf(gone: T): string | null | undefined
  /** How similar they are, from 0 to 1; null if they can't be the same. */
  scoreOf(gone: T, made: T): number | null
  questionOf(gone: T, candidates: RenameQuestion['candidates']): RenameQuestion
}

function resolved<T extends { readonly name: string }>(
  gone: readonly T[],
  made: readonly T[],
  { answerOf, scoreOf, questionOf }: Resolving<T>,
): RenamePairs {
  const taken = new Set<string>()
  const found: [string, string | RenameQuestion][] = []
  for (const item of gone) {
    const answer = answerOf(item)
    if (answer === null || answer === undefined) continue
    if (!made.some(({ name }) => name === answer) || taken.has(answer))
      throw new MigrationError(
        `${quoted(item.name)} can't be renamed to ${quoted(answer)}: no new table or column has this name, or another one was renamed to it.`,
      )
    taken.add(answer)
    found.push([item.name, answer])
  }
  for (const item of gone) {
    if (answerOf(item) !== undefined) continue
    const candidates = made
      .filter(({ name }) => !taken.has(name))
      .flatMap((other) => {
        const score = scoreOf(item, other)
        return score === null ? [] : [{ to: other.name, score }]
      })
      .sort((a, b) => b.score - a.score || (a.to < b.to ? -1 : 1))
    if (candidates.length > 0) found.push([item.name, questionOf(item, candidates)])
  }
  return found
}

const signatures = ({ columns }: TableState) => new Set(columns.map(({ name, type }) => `${name}:${type.name}`))

/** The share of common elements in two sets (the Jaccard index). */
function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const common = [...a].filter((item) => b.has(item)).length
  const all = a.size + b.size - common
  return all === 0 ? 0 : common / all
}

const FAMILIES: Readonly<Record<string, string>> = {
  smallInteger: 'number',
  integer: 'number',
  bigInteger: 'number',
  decimal: 'number',
  float: 'number',
  string: 'text',
  text: 'text',
  char: 'text',
  enum: 'text',
}

const familyOf = ({ type }: ColumnState) => FAMILIES[type.name] ?? type.name
const targetOf = ({ foreignKeys }: TableState, { name }: ColumnState) =>
  foreignKeys.find(({ columns }) => columns.length === 1 && columns[0] === name)?.table ?? null

/**
 * Whether a column may be the new name of another one. Columns of different type families, or with references to different
 * tables, can't.
 */
const isPossible = (before: TableState, after: TableState, a: ColumnState, b: ColumnState): boolean =>
  familyOf(a) === familyOf(b) && targetOf(before, a) === targetOf(after, b)

function columnScore(before: TableState, after: TableState, [a, b]: readonly [ColumnState, ColumnState]): number {
  const neighbours = (table: TableState, { name }: ColumnState) => {
    const at = table.columns.findIndex((column) => column.name === name)
    return [table.columns[at - 1]?.name, table.columns[at + 1]?.name]
  }
  const [left, right] = [neighbours(before, a), neighbours(after, b)]
  const near = left.filter((name, i) => name !== undefined && name === right[i]).length / 2
  const isUnique = (table: TableState, { name }: ColumnState) =>
    table.indexes.some(({ unique, columns }) => unique && columns.length === 1 && columns[0] === name)
  return (
    0.4 * similarity(a.name, b.name) +
    0.3 * (isSame(a.type, b.type) ? 1 : 0) +
    0.1 * (a.nullable === b.nullable ? 1 : 0) +
    0.1 * near +
    0.1 * (isUnique(before, a) === isUnique(after, b) ? 1 : 0)
  )
}

/** How similar two names are: the better of their common words and their edit distance. */
function similarity(a: string, b: string): number {
  const words = (name: string) => new Set(name.toLowerCase().split('_'))
  const longest = Math.max(a.length, b.length, 1)
  return Math.max(overlap(words(a), words(b)), 1 - editDistance(a, b) / longest)
}
