import type { DatabaseHandle, Signal } from './database.js'

/** What corm passes to a storage together with the content of a file. */
export interface FileInfo {
  /** The type that the content has, such as `image/png`. */
  readonly mime: string
  /** The number of bytes. */
  readonly size: number
}

/**
 * Where the content of file fields is: a folder, the memory, or a service of yours. A name is a relative path with `/`, made by corm.
 * Set it with `Database.configure({ files })`.
 */
export interface FileStorage {
  /** Stores content under a name that no file has yet. */
  put(name: string, data: Uint8Array, info: FileInfo): Promise<void>
  /** Reads the content in parts. Throws if there is no such file. */
  open(name: string): AsyncIterable<Uint8Array>
  /** Returns the size of a file, or null if there is none. */
  stat(name: string): Promise<{ readonly size: number } | null>
  /** Deletes a file. Does nothing if there is none. */
  delete(name: string): Promise<void>
  /** Returns the address of a file. */
  url(name: string, settings?: unknown): string | Promise<string>
  /** Lists the names of all files that begin with this text, in any order. Only `pruneFiles` needs it. */
  list?(prefix: string): AsyncIterable<string>
}

/** The value of a file field: the name of a file in the storage. Its JSON value is the name. */
export interface StoredFile {
  /** The path in the storage, such as `covers/2026/11/0192….png`. The column holds it. */
  readonly name: string
  /** Reads the whole content. */
  read(): Promise<Uint8Array>
  /** Reads the content in parts. */
  open(): AsyncIterable<Uint8Array>
  /** Returns the size of the file, or null if the storage has none of this name. */
  stat(): Promise<{ readonly size: number } | null>
  /** Returns the address of the file, as the storage says it. */
  url(settings?: unknown): Promise<string>
  /** Returns the name. */
  toJSON(): string
}

/** A `File` or `Blob` of a form. */
interface FormFile {
  readonly size: number
  arrayBuffer(): Promise<ArrayBuffer>
}

/** What can be assigned to a file field: bytes, a `File` or `Blob`, or a stream of bytes. */
export type FileInput = Uint8Array | FormFile | AsyncIterable<Uint8Array>

/** The additional options of `Field.file`. */
export interface FileRules {
  /** The folder of the files in the storage: names of letters, digits, `-` and `_`, separated by `/`. Default: none. */
  uploadTo?: string
  /** The largest size in bytes. corm holds a file in memory while it stores it. Default: 10 MiB. */
  maxSize?: number
  /** The types that are allowed, found out from the content: `['application/pdf', 'image/*']`. Default: all. */
  types?: readonly string[]
}

/** The additional options of `Field.image`. */
export interface ImageRules extends Omit<FileRules, 'types'> {
  /** The types that are allowed. Default: PNG, JPEG, GIF, WebP and AVIF. SVG can contain scripts and is never an image here. */
  types?: readonly string[]
  /** The largest number of pixels, width times height. Default: 50 million. */
  maxPixels?: number
}

/** Options of `pruneFiles`. */
export interface PruneFilesOptions {
  /** The age in milliseconds from which on a file is deleted. It must exceed the longest transaction. Default: one day. */
  readonly olderThan?: number
  /** Only returns what would be deleted. Default: false. */
  readonly dryRun?: boolean
  /** The databases with rows of these models. Default: for each model its own. */
  readonly databases?: readonly DatabaseHandle[]
  /** Stops the work between two batches with an AbortedError. */
  readonly signal?: Signal
}

/** What `pruneFiles` did. */
export interface PrunedFiles {
  /** The names of the deleted files; with `dryRun`, of those that would be deleted. */
  readonly names: string[]
  /** How many files were old enough to be looked for in the rows. */
  readonly checked: number
}
