import { Database } from '../../database/database.js'
import { AbortedError, quoted, UsageError } from '../../errors.js'
import type { Executor } from '../../execution/executor.js'
import type { FileRules } from '../../field/kind.js'
import { madeAt } from '../../files/names.js'
import { fileStorage } from '../../files/storage.js'
import { metadataOf } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { isSignal } from '../../query/runner/limits.js'
import { withPivots } from '../../schema/pivots.js'
import type { Signal } from '../../types/database.js'
import type { FileStorage, PrunedFiles, PruneFilesOptions } from '../../types/files.js'
import { requireList } from '../../util/arguments.js'
import { flag, optionReader, whole } from '../../util/options.js'
import { storedValues } from '../read/stored-rows.js'
import { otherFileModel } from '../runtime/file-models.js'
import { executorFor } from '../runtime/run.js'
import { boundTo, type ModelRuntime, runtimeOf } from '../runtime/runtime.js'

const DAY = 24 * 60 * 60 * 1000
/** Files that one statement for each field looks for. */
const BATCH = 5000

interface PruneSettings {
  readonly olderThan: number
  readonly dryRun: boolean
  readonly databases: readonly Database[]
  readonly signal: Signal
}

const pruneOptions = optionReader<PruneSettings>('pruneFiles()', {
  olderThan: whole(0),
  dryRun: flag,
  databases: {
    wants: 'a list of databases',
    accepts: (value): value is Database[] =>
      Array.isArray(value) && value.length > 0 && value.every((each) => each instanceof Database),
  },
  signal: { wants: 'an AbortSignal', accepts: (value: unknown): value is Signal => isSignal(value) },
})

/**
 * Deletes the files of file fields that no row names: those of rows that were deleted over a query, by a cascade or by `truncate`,
 * and of a process that ended before it deleted them. Give it all models with file fields. It looks at all rows, also those that
 * scopes hide and soft-deleted ones, and touches only names that corm made in the folders (`uploadTo`) of these fields. Throws
 * UsageError inside a transaction, if a model with file fields is missing, and if the storage has no method `list`.
 *
 *     await pruneFiles([Product, Author])
 */
export async function pruneFiles(models: readonly unknown[], options?: PruneFilesOptions): Promise<PrunedFiles> {
  requireList(models, 'pruneFiles()', 'models')
  const { olderThan = DAY, dryRun = false, databases, signal } = pruneOptions(options)
  const places = await placesOf(models, databases)
  const storage = listing(fileStorage())
  const before = Date.now() - olderThan
  const pruned: PrunedFiles & { checked: number } = { names: [], checked: 0 }
  for await (const batch of oldFiles(storage, foldersOf(places), before)) {
    refuseAborted(signal)
    pruned.checked += batch.length
    for (const name of await withoutRows(batch, places)) {
      refuseAborted(signal)
      if (!dryRun) await storage.delete(name)
      pruned.names.push(name)
    }
  }
  refuseAborted(signal)
  return pruned
}

function refuseAborted(signal: Signal | undefined): void {
  if (signal?.aborted === true) throw new AbortedError(signal.reason)
}

/** A column with names of files. */
interface FileColumn {
  readonly runtime: ModelRuntime
  readonly field: ModelField
  readonly executor: Executor
}

async function placesOf(models: readonly unknown[], databases: readonly Database[] | undefined): Promise<FileColumn[]> {
  const listed = [...new Set(models.map(metadataOf))]
  const metas = withPivots(listed)
  const other = otherFileModel(metas)
  if (other !== null)
    throw new UsageError(
      `pruneFiles() was not given ${other}, whose rows may name files of the storage. Give it all models with file fields.`,
    )
  const places: FileColumn[] = []
  const pivots = metas.slice(listed.length).map(({ model }) => model)
  for (const model of new Set([...models, ...pivots])) {
    const runtime = runtimeOf(model)
    const fields = runtime.meta.fields.filter(({ kind }) => kind.file !== undefined)
    if (fields.length === 0) continue
    for (const using of databases ?? [boundTo(model)]) {
      const executor = await executorFor(runtime.meta, using)
      refuseTransaction(executor)
      for (const field of fields) places.push({ runtime, field, executor })
    }
  }
  if (places.length > 0) return places
  throw new UsageError('pruneFiles() needs at least one model with a Field.file() or Field.image().')
}

/** A rollback would bring the rows back, and not their files. */
function refuseTransaction({ openTransaction }: Executor): void {
  if (openTransaction === null) return
  throw new UsageError(
    'pruneFiles() was called inside a transaction, whose rollback could not bring the files back. Call it outside.',
  )
}

const foldersOf = (places: readonly FileColumn[]): Set<string> =>
  new Set(places.map(({ field }) => (field.kind.file as FileRules).uploadTo))

type ListingStorage = FileStorage & Required<Pick<FileStorage, 'list'>>

function listing(storage: FileStorage): ListingStorage {
  if (typeof storage.list === 'function') return storage as ListingStorage
  throw new UsageError(
    'pruneFiles() finds files by the method list(prefix) of the storage, which this one does not have. Add the method.',
  )
}

/** The files that corm stored in these folders before this time, in batches. */
async function* oldFiles(
  storage: ListingStorage,
  folders: ReadonlySet<string>,
  before: number,
): AsyncGenerator<string[]> {
  let batch: string[] = []
  for (const folder of folders)
    for await (const name of storage.list(folder === '' ? '' : `${folder}/`)) {
      if (typeof name !== 'string')
        throw new UsageError(`The method list() of the storage must give names, not ${quoted(typeof name)} values.`)
      const made = madeAt(name, folder)
      if (made === null || made > before) continue
      batch.push(name)
      if (batch.length < BATCH) continue
      yield batch
      batch = []
    }
  if (batch.length > 0) yield batch
}

async function withoutRows(names: readonly string[], places: readonly FileColumn[]): Promise<string[]> {
  const named = new Set<string>()
  for (const { runtime, field, executor } of places)
    for (const name of await storedValues(runtime, executor, field, names)) named.add(fold(name))
  return names.filter((name) => !named.has(fold(name)))
}

/** A database and a disk may both find `A.png` under `a.png`. */
const fold = (name: unknown) => String(name).toLowerCase()
