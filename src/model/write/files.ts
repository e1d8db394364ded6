import type { OpenTransaction } from '../../execution/executor.js'
import { allows, problems } from '../../field/file.js'
import type { FileRules } from '../../field/kind.js'
import { newName } from '../../files/names.js'
import { pixelsOf, typeOf } from '../../files/sniff.js'
import { contentOf, FileInStorage, fileStorage, isFileInput } from '../../files/storage.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { FileInput, FileStorage } from '../../types/files.js'
import { asRecord } from '../../util/record.js'
import type { RowHook, RowWritten } from '../runtime/row-hooks.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { originalOf } from './values.js'

// The files of a row. The file is stored before the row, so that no row points at nothing. A rollback deletes it again, and the
// file that a row no longer has is deleted after the commit.

/** What stores and deletes the files of a model's rows; none if it has no file fields. */
export function fileHooks(runtime: ModelRuntime): RowHook[] {
  const fields = runtime.meta.fields.filter(({ kind }) => kind.file !== undefined)
  if (fields.length === 0) return []
  const store =
    (isLast: boolean): RowHook['before'] =>
    ({ instance }, { trx }) =>
      storeAll(fields, { instance, isLast }, trx)
  const stores = new Set(['insert', 'update'] as const)
  return [
    {
      actions: new Set(['insert', 'update', 'delete']),
      before: store(false),
      after: (row, { trx }) => discard(fields, row, trx),
    },
    // the hooks of the class may have assigned others
    { actions: stores, before: store(true), after: null, isLast: true },
  ]
}

async function storeAll(
  fields: readonly ModelField[],
  { instance, isLast }: { readonly instance: object; readonly isLast: boolean },
  trx: OpenTransaction,
): Promise<void> {
  for (const field of fields) {
    const given = Object.hasOwn(instance, field.name) ? asRecord(instance)[field.name] : undefined
    const input = isForeign(instance, field, given) ? given.open() : given
    if (!isFileInput(input)) continue
    // a stream can be read once: what the first look has found wrong stays wrong
    if (isLast && problems.has(given as object)) continue
    problems.delete(given as object)
    await storeFile({ field, instance, given: given as object, input }, trx)
  }
}

/** Files that a save has just stored, with their instances. */
const fresh = new WeakMap<FileInStorage, object>()

/** The file of another row is copied: each row deletes its own. */
function isForeign(instance: object, field: ModelField, value: unknown): value is FileInStorage {
  if (!(value instanceof FileInStorage) || fresh.get(value) === instance) return false
  const original = originalOf(instance, field)
  return !(original instanceof FileInStorage && original.name === value.name)
}

interface Given {
  readonly field: ModelField
  readonly instance: object
  /** What was assigned. */
  readonly given: object
  readonly input: FileInput
}

async function storeFile({ field, instance, given, input }: Given, trx: OpenTransaction): Promise<void> {
  const rules = field.kind.file as FileRules
  const data = await contentOf(input, rules.maxSize)
  const refuse = (code: string, message: string) => void problems.set(given, { code, message })
  if (data === null) return refuse('size', `must have at most ${rules.maxSize} bytes`)
  if (data.length === 0) return refuse('size', 'is an empty file')
  const { mime, extension } = await typeOf(data)
  if (!allows(rules, mime)) return refuse('file', `must be a file of the types ${(rules.types ?? []).join(', ')}`)
  if (rules.maxPixels !== null) {
    const pixels = await pixelsOf(data)
    if (pixels === null) return refuse('file', 'is an image that can not be read')
    if (pixels > rules.maxPixels) return refuse('size', `must have at most ${rules.maxPixels} pixels`)
  }
  await put({ field, instance, data }, { mime, name: newName(rules.uploadTo, extension) }, trx)
}

async function put(
  { field, instance, data }: { readonly field: ModelField; readonly instance: object; readonly data: Uint8Array },
  { mime, name }: { readonly mime: string; readonly name: string },
  trx: OpenTransaction,
): Promise<void> {
  const storage = fileStorage()
  const file = new FileInStorage(name)
  fresh.set(file, instance)
  trx.undo.push({
    undo() {
      // the content is there again, so that the next save stores it
      if (asRecord(instance)[field.name] === file) asRecord(instance)[field.name] = data
      void removeQuietly(storage, name)
    },
  })
  await storage.put(name, data, { mime, size: data.length })
  asRecord(instance)[field.name] = file
}

/** A file that can't be deleted is in nobody's way: no row knows its name. */
async function removeQuietly(storage: FileStorage, name: string): Promise<void> {
  try {
    await storage.delete(name)
  } catch {
    // the error of the rollback is what matters
  }
}

/** Notes which files nobody needs once the transaction has committed. */
function discard(
  fields: readonly ModelField[],
  { instance, action, previous }: RowWritten,
  trx: OpenTransaction,
): void {
  for (const field of fields) {
    const old = action === 'delete' ? originalOf(instance, field) : previous[field.name]
    if (!(old instanceof FileInStorage)) continue
    const storage = fileStorage()
    trx.noteCommit({}, { run: () => storage.delete(old.name), followedBy: (later) => later })
  }
}
