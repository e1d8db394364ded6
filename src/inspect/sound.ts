import { readCatalog } from '../database/catalog.js'
import { AbortedError, ConnectionError, CormError, LockTimeoutError, TimeoutError } from '../errors.js'
import type { Executor } from '../execution/executor.js'
import { hasOwnTable } from '../metadata/metadata.js'
import { stateOfModels } from '../schema/from-models.js'
import { dependenciesFirst } from '../util/dependencies.js'
import { indexAsSql } from './constraints.js'
import { type FieldDraft, type ModelDraft, ModelRef, optionKey } from './draft.js'
import { evaluate } from './evaluate.js'

// Nothing in a database may stop the inspection. Parts of a model that corm or the database refuses are written differently, or
// left out with a note.

const STOPPED = [AbortedError, ConnectionError, LockTimeoutError, TimeoutError]

/** The message of a refusal. Errors that have nothing to do with the models are thrown again. */
export function refusalOf(error: unknown): string {
  if (error instanceof CormError && !STOPPED.some((kind) => error instanceof kind)) return error.message
  throw error
}

/** Changes drafts until corm accepts each model and the database can describe its table. */
export async function makeSound(drafts: readonly ModelDraft[], executor: Executor): Promise<void> {
  const byName = new Map(drafts.map((draft) => [draft.className, draft]))
  // checks models after the models that they reference, so that a problem is found at its origin
  const ordered = dependenciesFirst(drafts, (draft) => targetsOf(draft).flatMap((name) => byName.get(name) ?? []))
  for (const draft of ordered) await weaken(draft, () => refused(draft, byName, executor))
}

/** The models that the fields and foreign keys of a model reference. */
const targetsOf = ({ fields, foreignKeys }: ModelDraft): readonly string[] =>
  [...fields.flatMap(({ first }) => first), ...foreignKeys.map(({ references }) => references)].flatMap((each) =>
    each instanceof ModelRef ? [each.className] : [],
  )

/** Why the model is refused; null if it is not. */
async function refused(
  draft: ModelDraft,
  byName: ReadonlyMap<string, ModelDraft>,
  executor: Executor,
): Promise<string | null> {
  const needed = new Set([draft])
  for (const each of needed)
    for (const name of targetsOf(each)) {
      const target = byName.get(name)
      if (target !== undefined) needed.add(target)
    }
  try {
    // relations are left out, because their models may be refused as well
    const [meta] = evaluate([...needed].map((each) => ({ ...each, relations: [] })))
    if (meta !== undefined && hasOwnTable(meta)) await readCatalog(executor, stateOfModels([meta]))
    return null
  } catch (error) {
    return refusalOf(error)
  }
}

/** A change of a draft, which can be undone. */
interface DraftChange {
  readonly note: string
  make(): () => void
}

async function weaken(draft: ModelDraft, refused: () => Promise<string | null>): Promise<void> {
  const reason = await refused()
  if (reason === null) return
  const changes = changesOf(draft)
  for (const { note, make } of changes) {
    const undo = make()
    if ((await refused()) === null) return void addNote(draft, note, reason)
    undo()
  }
  await weakenMore(draft, changes, refused)
}

/** Several parts are refused: makes changes until the model is accepted, and then undoes the unnecessary ones. */
async function weakenMore(
  draft: ModelDraft,
  changes: readonly DraftChange[],
  refused: () => Promise<string | null>,
): Promise<void> {
  const made: (DraftChange & { readonly undo: () => void })[] = []
  for (const change of changes) {
    made.push({ ...change, undo: change.make() })
    if ((await refused()) === null) break
  }
  // undoes the last change first, so that each change finds the draft as it left it
  const needed: { readonly note: string; readonly reason: string }[] = []
  for (const change of made.toReversed()) {
    change.undo()
    const reason = await refused()
    if (reason === null) continue
    change.make()
    needed.unshift({ note: change.note, reason })
  }
  for (const { note, reason } of needed) addNote(draft, note, reason)
}

function addNote({ notes }: ModelDraft, note: string, reason: string): void {
  const text = `${note}: ${reason}`
  if (note !== '' && !notes.includes(text)) notes.push(text)
}

const OPTIONS = ['index', 'dbDefault', 'generated']

/** The possible changes of a draft, the least important loss first. */
const changesOf = (draft: ModelDraft): readonly DraftChange[] => [
  ...draft.indexes.flatMap((index) => indexChanges(draft, index)),
  ...[...draft.checks].map(([name, check]) => checkChange(draft, name, check)),
  ...draft.foreignKeys.map((key) => ({
    note: `The foreign key of ${String(key.fields)} is not in the model`,
    make: () => removed(draft.foreignKeys, key),
  })),
  ...draft.fields.flatMap((field) => OPTIONS.flatMap((name) => optionChange(draft, field, name))),
  ...draft.fields.map(customChange),
]

function removed<T>(list: T[], item: T): () => void {
  const at = list.indexOf(item)
  if (at < 0) return () => {}
  list.splice(at, 1)
  return () => void list.splice(at, 0, item)
}

function indexChanges(draft: ModelDraft, index: ModelDraft['indexes'][number]): readonly DraftChange[] {
  const asSql = indexAsSql(draft, index)
  const name = String(index.name ?? index.fields)
  const leave: DraftChange = {
    note: `The index ${name} is not in the model`,
    make() {
      draft.left.add(name)
      const undo = removed(draft.indexes, index)
      return () => {
        draft.left.delete(name)
        undo()
      }
    },
  }
  if (asSql === null) return [leave]
  const write: DraftChange = {
    note: '',
    make() {
      const at = draft.indexes.indexOf(index)
      draft.indexes[at] = asSql
      return () => {
        draft.indexes[at] = index
      }
    },
  }
  return [write, leave]
}

const checkChange = (draft: ModelDraft, name: string, check: Readonly<Record<string, unknown>>): DraftChange => ({
  note: `The check ${name} is not in the model`,
  make() {
    const known = String(check.name ?? name)
    draft.left.add(known)
    draft.checks.delete(name)
    return () => {
      draft.left.delete(known)
      draft.checks.set(name, check)
    }
  },
})

function optionChange(draft: ModelDraft, { options, column }: FieldDraft, name: string): readonly DraftChange[] {
  const value = options[name]
  if (value === undefined || value === false) return []
  const key = optionKey(column.name, name)
  const make = () => {
    delete options[name]
    draft.left.add(key)
    return () => {
      options[name] = value
      draft.left.delete(key)
    }
  }
  return [{ note: `The option ${name} of ${column.name} is not in the model`, make }]
}

/** Reads a column as text in the format of the database. */
const customChange = (field: FieldDraft): DraftChange => ({
  note: `${field.column.name} is a custom field`,
  make() {
    const { maker, first, options } = field
    const { column, primaryKey, nullable, description } = options
    field.maker = 'custom'
    field.first = []
    field.options = {
      ...(column !== undefined && { column }),
      sql: field.columnType,
      ...(primaryKey !== undefined && { primaryKey }),
      ...(nullable !== undefined && { nullable }),
      ...(description !== undefined && { description }),
    }
    return () => Object.assign(field, { maker, first, options })
  },
})
