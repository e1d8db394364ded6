import type { OpenTransaction } from '../../execution/executor.js'
import { allows, problems } from '../../field/file.js'
import type { FileRules } from '../../field/kind.js'
import { newName } from '../../files/names.js'
import { contentTypeOf, pixelsOf } from '../../files/sniff.js'
import { contentOf, FileInStorage, fileStorage, isFileInput } from '../../files/storage.js'
import { isHeld, originOf } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import { holdsKey } from '../../query/link/key-condition.js'
import type { FileInput, FileStorage } from '../../types/files.js'
import { memo } from '../../util/memo.js'
import { asRecord } from '../../util/record.js'
import type { RowHook, RowWrite, RowWritten } from '../runtime/row-hooks.js'
import { within } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { originalOf } from './values.js'

// The files of a row. corm stores a file before the row, so that no row refers to a missing file, and deletes it again after a
// rollback. Files that a row no longer uses are deleted after the commit.

/** The hooks that store and delete the files of a model's rows. Empty for models without file fields. */
export function fileHooks(runtime: ModelRuntime): RowHook[] {
  const fields = runtime.meta.fields.filter(({ kind }) => kind.file !== undefined)
  if (fields.length === 0) return []
  return [
    {
      actions: new Set(['insert', 'update', 'delete']),
      before: ({ instance, action, only }, { trx }) => {
        if (action === 'delete') return undefined
        noteLeft(fields, instance, only)
        return storeAll(fields, { instance, isLast: false }, trx)
      },
      after: (row, { trx }) => discard(fields, row, trx),
    },
    {
      actions: new Set(['insert', 'update', 'delete']),
      // hooks of the class may have assigned other files
      async before({ instance, action }, { trx }) {
        if (action !== 'delete') await storeAll(fields, { instance, isLast: true }, trx)
        await readUnread(runtime, fields, { instance, action }, trx)
      },
      after: null,
      isLast: true,
    },
  ]
}

/**
 * The values of file fields that a write leaves out. They count as left out until a hook of the class assigns another value.
 */
const leftOut = new WeakMap<object, Map<ModelField, unknown>>()

function noteLeft(fields: readonly ModelField[], instance: object, only: ReadonlySet<string> | null): void {
  leftOut.delete(instance)
  const left = only === null ? [] : fields.filter((field) => !only.has(field.name) && isHeld(instance, field))
  if (left.length > 0) leftOut.set(instance, new Map(left.map((field) => [field, asRecord(instance)[field.name]])))
}

/** The files of rows whose instances were loaded without them, until a write replaces or deletes them. */
const unread = new WeakMap<object, Map<ModelField, unknown>>()

async function readUnread(
  runtime: ModelRuntime,
  fields: readonly ModelField[],
  { instance, action }: RowWrite,
  trx: OpenTransaction,
): Promise<void> {
  unread.delete(instance)
  if (originOf(instance) === null) return
  const goes = (field: ModelField) => action === 'delete' || isHeld(instance, field)
  const missing = fields.filter((field) => originalOf(instance, field) === undefined && goes(field))
  if (missing.length === 0) return
  const { key, primaryKey } = runtime.meta
  const [row] = await runtime
    .query(within(trx))
    .everyRow()
    .restrict(holdsKey(primaryKey, key.valuesOfSaved(instance)))
    .valuesList(...missing.map(({ name }) => name))
  unread.set(instance, new Map(missing.map((field, i) => [field, row?.[i]])))
}

async function storeAll(
  fields: readonly ModelField[],
  { instance, isLast }: { readonly instance: object; readonly isLast: boolean },
  trx: OpenTransaction,
): Promise<void> {
  // while one file is stored, other code may assign another: the next round stores it
  for (let again = false, found = true; found; again = true) {
    found = false
    for (const field of fields) {
      const given = isHeld(instance, field) ? asRecord(instance)[field.name] : undefined
      if (given !== undefined && leftOut.get(instance)?.get(field) === given) continue
      const input = isForeign(instance, field, given) ? given.open() : given
      if (!isFileInput(input)) continue
      // a stream can be read only once, so a problem found in the first round stays
      if ((isLast || again) && problems.has(given as object)) continue
      problems.delete(given as object)
      await storeFile({ field, instance, given: given as object, input }, trx)
      found = true
    }
  }
}

/** The files that a save has stored for an instance, with their fields, until the row is written. */
const stored = new WeakMap<object, Map<FileInStorage, ModelField>>()

/**
 * Whether a file belongs to another row or field, or to an earlier save. Such a file is copied, because each row deletes its
 * own file.
 */
function isForeign(instance: object, field: ModelField, value: unknown): value is FileInStorage {
  if (!(value instanceof FileInStorage) || stored.get(instance)?.get(value) === field) return false
  return !isStored(instance, field, value)
}

interface FileWrite {
  readonly field: ModelField
  readonly instance: object
  /** The assigned value. */
  readonly given: object
  readonly input: FileInput
}

async function storeFile({ field, instance, given, input }: FileWrite, trx: OpenTransaction): Promise<void> {
  const rules = field.kind.file as FileRules
  const data = await contentOf(input, rules.maxSize)
  const refuse = (code: string, message: string) => {
    // the file itself stays valid for the row that it belongs to
    const refused = given instanceof FileInStorage ? new FileInStorage(given.name) : given
    problems.set(refused, { code, message })
    if (asRecord(instance)[field.name] === given) asRecord(instance)[field.name] = refused
  }
  if (data === null) return refuse('size', `must have at most ${rules.maxSize} bytes`)
  if (data.length === 0) return refuse('size', 'is an empty file')
  const { mime, extension } = await contentTypeOf(data)
  if (!allows(rules, mime)) return refuse('file', `must be a file of the types ${(rules.types ?? []).join(', ')}`)
  if (rules.maxPixels !== null) {
    const pixels = await pixelsOf(data)
    if (pixels === null) return refuse('file', 'is an image that can not be read')
    if (pixels > rules.maxPixels) return refuse('size', `must have at most ${rules.maxPixels} pixels`)
  }
  await put({ field, instance, given, data }, { mime, name: newName(rules.uploadTo, extension) }, trx)
}

async function put(
  { field, instance, given, data }: Omit<FileWrite, 'input'> & { readonly data: Uint8Array },
  { mime, name }: { readonly mime: string; readonly name: string },
  trx: OpenTransaction,
): Promise<void> {
  const storage = fileStorage()
  const file = new FileInStorage(name)
  memo(stored, instance, () => new Map<FileInStorage, ModelField>()).set(file, field)
  trx.undo.push({
    undo() {
      stored.get(instance)?.delete(file)
      // assigns the content again, so that the next save stores it
      if (asRecord(instance)[field.name] === file) asRecord(instance)[field.name] = data
      void removeQuietly(storage, name)
    },
  })
  await storage.put(name, data, { mime, size: data.length })
  if (asRecord(instance)[field.name] === given) asRecord(instance)[field.name] = file
}

/** Deletes a file and ignores errors, because no row refers to it. */
async function removeQuietly(storage: FileStorage, name: string): Promise<void> {
  try {
    await storage.delete(name)
  } catch {
    // the error of the rollback is what matters
  }
}

/** Deletes unused files once the transaction has committed. */
function discard(
  fields: readonly ModelField[],
  { instance, action, previous }: RowWritten,
  trx: OpenTransaction,
): void {
  for (const field of fields) {
    const read = action === 'delete' ? originalOf(instance, field) : previous[field.name]
    const old = read === undefined ? unread.get(instance)?.get(field) : read
    if (old instanceof FileInStorage) deleteLater(old, trx)
  }
  // a hook may have put others in their place
  for (const [file, field] of stored.get(instance) ?? []) if (!isStored(instance, field, file)) deleteLater(file, trx)
  stored.delete(instance)
  unread.delete(instance)
}

function isStored(instance: object, field: ModelField, { name }: FileInStorage): boolean {
  const original = originalOf(instance, field)
  return original instanceof FileInStorage && original.name === name
}

function deleteLater({ name }: FileInStorage, trx: OpenTransaction): void {
  const storage = fileStorage()
  trx.noteCommit({}, { run: () => storage.delete(name), followedBy: (later) => later })
}
