import { UsageError } from '../errors.js'
import type { FileInput, FileStorage, StoredFile } from '../types/files.js'
import { joinedBytes } from './bytes.js'

/** What `Database.configure({ files })` says: here, since fields and writes need it. */
export const configured: { files: FileStorage | undefined } = { files: undefined }

export function fileStorage(): FileStorage {
  if (configured.files !== undefined) return configured.files
  throw new UsageError(
    "There is no storage for the files of file fields. Set one: Database.configure({ files: new DiskStorage('uploads') }).",
  )
}

/** A file in the storage. */
export class FileInStorage implements StoredFile {
  constructor(readonly name: string) {
    Object.freeze(this)
  }

  open(): AsyncIterable<Uint8Array> {
    return fileStorage().open(this.name)
  }
  read(): Promise<Uint8Array> {
    return joinedBytes(this.open(), Number.POSITIVE_INFINITY) as Promise<Uint8Array>
  }
  async stat(): Promise<{ readonly size: number } | null> {
    return fileStorage().stat(this.name)
  }
  async url(settings?: unknown): Promise<string> {
    return fileStorage().url(this.name, settings)
  }
  toJSON(): string {
    return this.name
  }
  toString(): string {
    return this.name
  }
}

const isStream = (value: Partial<AsyncIterable<Uint8Array>>): value is AsyncIterable<Uint8Array> =>
  typeof value[Symbol.asyncIterator] === 'function'

const isForm = (value: object): value is Exclude<FileInput, Uint8Array | AsyncIterable<Uint8Array>> =>
  'arrayBuffer' in value && typeof value.arrayBuffer === 'function'

/** Whether it is content that a save can store. */
export function isFileInput(value: unknown): value is FileInput {
  if (typeof value !== 'object' || value === null || value instanceof FileInStorage) return false
  return value instanceof Uint8Array || isForm(value) || isStream(value)
}

/** All bytes of an input; null: they are more than the limit. */
export async function contentOf(input: FileInput, limit: number): Promise<Uint8Array | null> {
  if (input instanceof Uint8Array) return input.length > limit ? null : new Uint8Array(input)
  if (!isForm(input)) return joinedBytes(input, limit)
  // a form says its size before it is read
  if (input.size > limit) return null
  const data = new Uint8Array(await input.arrayBuffer())
  return data.length > limit ? null : data
}
