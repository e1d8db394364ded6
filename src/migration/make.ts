import type { SchemaOperation, SchemaState } from '../ast/schema.js'
import { diffStates } from '../schema/diff.js'
import { applied, describeOperation, lossOf } from '../schema/operation/index.js'
import type { RiskLevel } from '../types/migration.js'
import { isDeviceName } from '../util/device-name.js'
import { filled } from './fills.js'
import { type MirroredColumns, splitRenames } from './mirrored-renames.js'
import { printMigration } from './printer.js'
import { type RenameAnswers, type RenameQuestion, renamesBetween } from './renames.js'
import { type RiskContext, risksOfChange } from './risks.js'
import { isSchemaOperation, safeForm } from './safe-form.js'

/** What is compared, and what is known about it. */
export interface MakeRequest {
  /** The schema that the migrations lead to. */
  readonly from: SchemaState
  /** The schema that the models describe. */
  readonly to: SchemaState
  /** The migrations that come before the new one. */
  readonly parents: readonly string[]
  readonly renames: RenameAnswers
  /** Values for the existing rows, by `table.column`, for new columns and for those that become NOT NULL. */
  readonly fills: ReadonlyMap<string, unknown>
  /** The name of the migration; null: after what it does. */
  readonly name: string | null
  readonly now: Date
  /** Drops what was retired earlier. */
  readonly dropRetired: boolean
  /** The database, by which comments say what is dangerous; null: they name losses only. */
  readonly dialect: RiskContext['dialect'] | null
  /** Leaves what running programs would stumble over to a second migration. */
  readonly safe: boolean
}

/** A file of migrations that is not written yet. */
export interface NewMigration {
  /** Its name without the extension. */
  readonly id: string
  readonly text: string
}

export type MakeResult =
  | { readonly kind: 'nothing' }
  /** Nothing is written until these are answered. */
  | {
      readonly kind: 'questions'
      readonly renames: readonly RenameQuestion[]
      /** New columns that the rows which are there need a value for, as `table.column`. */
      readonly fills: readonly string[]
    }
  | (NewMigration & {
      readonly kind: 'migration'
      readonly operations: readonly SchemaOperation[]
      /** What runs after the deployment, in a file of its own; null: nothing. */
      readonly contract: NewMigration | null
    })

/** The migration that leads from one schema to the other. Reads and writes no files. */
export function makeMigration(request: MakeRequest): MakeResult {
  const { from, to, renames: answers, dropRetired } = request
  const renames = renamesBetween(from, to, answers)
  const { plain, mirrored, state } = request.safe
    ? splitRenames(renames.operations, from, to)
    : { plain: renames.operations, mirrored: new Map<string, string>(), state: renames.state }
  const changes = diffStates(state, to, { removal: 'soft', dropRetired })
  const { operations, missing } = filled([...plain, ...changes], { ...request, from: state, mirrored })
  if (renames.questions.length > 0 || missing.length > 0)
    return { kind: 'questions', renames: renames.questions, fills: missing.filter(isNew(renames.questions)) }
  if (operations.length === 0) return { kind: 'nothing' }
  return {
    kind: 'migration',
    operations,
    ...(request.safe ? safeFiles(request, operations, mirrored) : fileOf(request, operations)),
  }
}

/** One file with all operations. */
function fileOf(request: MakeRequest, operations: readonly SchemaOperation[]) {
  const comments = commentsOf(request, operations)
  const text = printMigration({ parents: request.parents, operations, comments, squashes: [], after: null })
  return { id: idOf(request, operations), text, contract: null }
}

/** Who asks for the safe form has agreed to its second part, which waits for the deployment. */
const SAFE = 'it waits for the deployment'

/** A file for what can run now, and one for what waits for the deployment. */
function safeFiles(request: MakeRequest, operations: readonly SchemaOperation[], mirrored: MirroredColumns) {
  const { expand, contract } = safeForm(operations, request.from, mirrored)
  const plain = { squashes: [], comments: new Map() }
  const id = idOf(request, operations)
  const waiting = { ...plain, operations: contract, after: 'deploy', safe: SAFE } as const
  if (expand.length === 0) return { id, text: printMigration({ ...waiting, parents: request.parents }), contract: null }
  // what waits for the deployment breaks nothing that runs before it
  const comments = commentsOf(request, expand.filter(isSchemaOperation))
  const text = printMigration({ ...plain, comments, parents: request.parents, operations: expand, after: null })
  if (contract.length === 0) return { id, text, contract: null }
  return { id, text, contract: { id: `${id}_contract`, text: printMigration({ ...waiting, parents: [id] }) } }
}

/** A column that may turn out to be the new name of another one needs no value yet. */
const isNew = (questions: readonly RenameQuestion[]) => {
  const offered = new Set(questions.flatMap(({ table, candidates }) => candidates.map(({ to }) => `${table}.${to}`)))
  return (column: string) => !offered.has(column)
}

/** What is dangerous about the operations, as comments of the file. */
function commentsOf(
  { from, dialect }: MakeRequest,
  operations: readonly SchemaOperation[],
): ReadonlyMap<number, readonly string[]> {
  const comments = new Map<number, readonly string[]>()
  if (dialect !== null) {
    // names of the database are not written: a comment ends at a line break
    for (const { index, level } of risksOfChange(from, operations, { dialect, rows: () => undefined }))
      comments.set(index, [COMMENTS[level]])
    return comments
  }
  let state = from
  for (const [i, operation] of operations.entries()) {
    if (lossOf(operation, state) !== null) comments.set(i, [COMMENTS.loses])
    state = applied(operation, state)
  }
  return comments
}

const COMMENTS: Readonly<Record<RiskLevel, string>> = {
  loses: 'loses data',
  'breaks-old-code': 'breaks programs that were deployed earlier',
  rewrites: 'writes all rows again while programs wait',
  blocks: 'reads all rows while programs wait',
}

/** The longest part of a file's name that says what the migration does. */
const LONGEST = 60

const idOf = ({ name, now, parents }: MakeRequest, operations: readonly SchemaOperation[]): string =>
  migrationId(now, parents, name ?? (parents.length === 0 ? 'initial' : nameOf(operations)))

/**
 * `20261129T071203_add_books`: the time in UTC, and what the migration does. In the order of their names, migrations come after
 * their parents, also those of the same second, or of a clock that was ahead.
 */
export function migrationId(now: Date, parents: readonly string[], name: string): string {
  const times = parents.flatMap((parent) => {
    const [, day, hour, minute, second] = /^(\d{8})T(\d\d)(\d\d)(\d\d)_/.exec(parent) ?? []
    if (day === undefined) return []
    const date = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`
    const time = Date.parse(`${date}T${hour}:${minute}:${second}Z`)
    return Number.isNaN(time) ? [] : [time + 1000]
  })
  const time = new Date(Math.max(now.getTime(), ...times)).toISOString()
  return `${time.replace(/[-:]|\.\d+Z$/g, '')}_${fileName(name)}`
}

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
  if (name === '') return 'changes'
  return isDeviceName(name) ? `_${name}` : shortened(name)
}

/** Whole words of a long name. */
function shortened(name: string): string {
  if (name.length <= LONGEST) return name
  const end = name.lastIndexOf('_', LONGEST)
  return name.slice(0, end > 0 ? end : LONGEST)
}
