import type { ColumnState, SchemaOperation, SchemaState } from '../ast/schema.js'
import { MigrationError, quoted } from '../errors.js'
import { diffStates } from '../schema/diff.js'
import { applied, describeOperation, lossOf } from '../schema/operation/index.js'
import { printMigration } from './printer.js'
import { type RenameAnswers, type RenameQuestion, renamesBetween } from './renames.js'

/** What is compared, and what is known about it. */
export interface MakeRequest {
  /** The schema that the migrations lead to. */
  readonly from: SchemaState
  /** The schema that the models describe. */
  readonly to: SchemaState
  /** The migrations that come before the new one. */
  readonly parents: readonly string[]
  readonly renames: RenameAnswers
  /** Values for the rows that are there, by `table.column`, for new columns that need one. */
  readonly fills: ReadonlyMap<string, unknown>
  /** The name of the migration; null: after what it does. */
  readonly name: string | null
  readonly now: Date
  /** Drops what was retired earlier. */
  readonly dropRetired: boolean
}

export type Made =
  | { readonly kind: 'nothing' }
  /** Nothing is written until these are answered. */
  | {
      readonly kind: 'questions'
      readonly renames: readonly RenameQuestion[]
      /** New columns that the rows which are there need a value for, as `table.column`. */
      readonly fills: readonly string[]
    }
  | {
      readonly kind: 'migration'
      /** The name of its file without the extension. */
      readonly id: string
      readonly text: string
      readonly operations: readonly SchemaOperation[]
    }

/** The migration that leads from one schema to the other. Reads and writes no files. */
export function makeMigration(request: MakeRequest): Made {
  const { from, to, parents, renames: answers, dropRetired } = request
  const renames = renamesBetween(from, to, answers)
  const changes = diffStates(renames.state, to, { removal: 'soft', dropRetired })
  const { operations, missing } = filled([...renames.operations, ...changes], request)
  if (renames.questions.length > 0 || missing.length > 0)
    return { kind: 'questions', renames: renames.questions, fills: missing.filter(isNew(renames.questions)) }
  if (operations.length === 0) return { kind: 'nothing' }
  const text = printMigration({ parents, operations, comments: lossesOf(from, operations), squashes: [], after: null })
  return { kind: 'migration', id: idOf(request, operations), text, operations }
}

/** A column that may turn out to be the new name of another one needs no value yet. */
const isNew = (questions: readonly RenameQuestion[]) => {
  const offered = new Set(questions.flatMap(({ table, candidates }) => candidates.map(({ to }) => `${table}.${to}`)))
  return (column: string) => !offered.has(column)
}

const needsValue = ({ nullable, default: value, generated, type }: ColumnState): boolean =>
  !nullable && value === null && generated === null && type.autoIncrement !== true

/** New columns with the values for the rows that are there; `missing` are those without one. */
function filled(operations: readonly SchemaOperation[], { from, fills }: MakeRequest) {
  const missing: string[] = []
  const used = new Set<string>()
  const all = operations.map((operation): SchemaOperation => {
    if (operation.op !== 'addColumn' || !needsValue(operation.column)) return operation
    const name = `${operation.table}.${operation.column.name}`
    if (fills.has(name)) {
      used.add(name)
      return { ...operation, fill: fills.get(name) }
    }
    missing.push(name)
    return operation
  })
  const unknown = [...fills.keys()].find((name) => !used.has(name))
  if (unknown !== undefined)
    throw new MigrationError(
      `A value was given for ${quoted(unknown)}, which is no new column that needs one. ${from.tables.size === 0 ? 'No table has rows yet.' : 'Name it as table.column.'}`,
    )
  return { operations: all, missing }
}

/** What each operation loses, as comments of the file. */
function lossesOf(from: SchemaState, operations: readonly SchemaOperation[]): ReadonlyMap<number, readonly string[]> {
  const comments = new Map<number, readonly string[]>()
  let state = from
  for (const [i, operation] of operations.entries()) {
    if (lossOf(operation, state) !== null) comments.set(i, ['loses data'])
    state = applied(operation, state)
  }
  return comments
}

/** The longest part of a file's name that says what the migration does. */
const LONGEST = 60
/** Names that Windows keeps for devices. https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)$/

const idOf = ({ name, now, parents }: MakeRequest, operations: readonly SchemaOperation[]): string =>
  migrationId(now, name ?? (parents.length === 0 ? 'initial' : nameOf(operations)))

/** `20261129T071203_add_books`: the time in UTC, and what the migration does. */
export const migrationId = (now: Date, name: string): string =>
  `${now.toISOString().replace(/[-:]|\.\d+Z$/g, '')}_${fileName(name)}`

function nameOf([first, ...more]: readonly SchemaOperation[]): string {
  if (first === undefined) return 'changes'
  const words = describeOperation(first).replace(/ (of|on|to|the|comment) /g, ' ')
  return more.length === 0 ? words : `${words} and more`
}

/** A name that every file system takes. Nothing of it leads out of the folder. */
export function fileName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, LONGEST)
    .replace(/_+$/, '')
  if (name === '') return 'changes'
  return DEVICES.test(name) ? `_${name}` : name
}
