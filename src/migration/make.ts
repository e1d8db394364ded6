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
import { type SafeForm, safeForm } from './safe-form.js'
import { isSchemaOperation, type WrittenOperation } from './written-operation.js'

/** The schemas to compare, and the known answers. */
export interface MakeRequest {
  /** The schema after all existing migrations. */
  readonly from: SchemaState
  /** The schema that the models describe. */
  readonly to: SchemaState
  /** The migrations that come before the new one. */
  readonly parents: readonly string[]
  readonly renames: RenameAnswers
  /** Values for the existing rows, by `table.column`, for new columns and for those that become NOT NULL. */
  readonly fills: ReadonlyMap<string, unknown>
  /** The name of the migration. Null: corm derives it from the operations. */
  readonly name: string | null
  readonly now: Date
  /** Drops what was retired earlier. */
  readonly dropRetired: boolean
  /** The database, which determines the comments on risks. Null: comments only name losses. */
  readonly dialect: RiskContext['dialect'] | null
  /** Moves changes that would break running programs to a second migration. */
  readonly safe: boolean
}

/** A migration file that is not written yet. */
export interface NewMigration {
  /** Its name without the extension. */
  readonly id: string
  readonly text: string
}

export type MakeResult =
  | { readonly kind: 'nothing' }
  /** Open questions. Nothing is written until they are answered. */
  | {
      readonly kind: 'questions'
      readonly renames: readonly RenameQuestion[]
      /** New columns, as `table.column`, that need a value for existing rows. */
      readonly fills: readonly string[]
    }
  | (NewMigration & {
      readonly kind: 'migration'
      readonly operations: readonly SchemaOperation[]
      /** The file with the operations that run after the deployment, null if there are none. */
      readonly contract: NewMigration | null
    })

/** Builds the migration from one schema to another. Reads and writes no files. */
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

/** The reason in the second part of the safe form: asking for that form is an agreement to this part. */
const SAFE = 'it waits for the deployment'

/** A file for the operations that can run now, and one for those that wait for the deployment. */
function safeFiles(request: MakeRequest, operations: readonly SchemaOperation[], mirrored: MirroredColumns) {
  const { from, to: models, dialect } = request
  const { expand, contract, notes } = safeForm(operations, { from, models, locks: dialect?.locks ?? null, mirrored })
  const plain = { squashes: [] }
  const id = idOf(request, operations)
  const later = withNotes(new Map(), contract, notes)
  const waiting = { ...plain, comments: later, operations: contract, after: 'deploy', safe: SAFE } as const
  if (expand.length === 0) return { id, text: printMigration({ ...waiting, parents: request.parents }), contract: null }
  // what waits for the deployment breaks nothing that runs before it
  const schema = expand.filter(isSchemaOperation)
  const risks = [...commentsOf(request, schema)].map(
    ([i, lines]) => [expand.indexOf(schema[i] as SchemaOperation), lines] as const,
  )
  const comments = withNotes(new Map(risks), expand, notes)
  const text = printMigration({ ...plain, comments, parents: request.parents, operations: expand, after: null })
  if (contract.length === 0) return { id, text, contract: null }
  return { id, text, contract: { id: `${id}_contract`, text: printMigration({ ...waiting, parents: [id] }) } }
}

/** The comments of operations, and what else is to be said of them. */
const withNotes = (
  comments: ReadonlyMap<number, readonly string[]>,
  operations: readonly WrittenOperation[],
  notes: SafeForm['notes'],
): ReadonlyMap<number, readonly string[]> =>
  new Map(
    operations.flatMap((operation, i) => {
      const note = notes.get(operation)
      const lines = [...(comments.get(i) ?? []), ...(note === undefined ? [] : [note])]
      return lines.length === 0 ? [] : [[i, lines] as const]
    }),
  )

/** Excludes columns that may be the new name of another one, because they need no value yet. */
const isNew = (questions: readonly RenameQuestion[]) => {
  const offered = new Set(questions.flatMap(({ table, candidates }) => candidates.map(({ to }) => `${table}.${to}`)))
  return (column: string) => !offered.has(column)
}

/** The risks of the operations, as comments in the file. */
function commentsOf(
  { from, dialect }: MakeRequest,
  operations: readonly SchemaOperation[],
): ReadonlyMap<number, readonly string[]> {
  const comments = new Map<number, readonly string[]>()
  if (dialect !== null) {
    // comments contain no names from the database, because a line break in one would end the comment
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

/** The maximum length of the description in a file name. */
const LONGEST = 60

const idOf = ({ name, now, parents }: MakeRequest, operations: readonly SchemaOperation[]): string =>
  migrationId(now, parents, name ?? (parents.length === 0 ? 'initial' : nameOf(operations)))

/**
 * `20261129T071203_add_books`: the time in UTC and a description. Sorted by name, a migration comes after its parents, even if
 * they were made in the same second or by a clock that was ahead.
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

/** A name that every file system accepts, and that stays in the folder. */
export function fileName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
  if (name === '') return 'changes'
  return isDeviceName(name) ? `_${name}` : shortened(name)
}

/** Shortens a long name to whole words. */
function shortened(name: string): string {
  if (name.length <= LONGEST) return name
  const end = name.lastIndexOf('_', LONGEST)
  return name.slice(0, end > 0 ? end : LONGEST)
}
