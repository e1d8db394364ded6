import { UsageError } from '../errors.js'
import type { FileInfo, FileStorage } from '../types/files.js'
import { requireName } from './names.js'

/** Stores files in the memory of the process, for tests. */
export class MemoryStorage implements FileStorage {
  readonly #files = new Map<string, Uint8Array>()

  /** The names of all files. */
  get names(): string[] {
    return [...this.#files.keys()]
  }

  async put(name: string, data: Uint8Array, _info?: FileInfo): Promise<void> {
    if (this.#files.has(requireName(name))) throw new UsageError('The storage has a file of this name already.')
    this.#files.set(name, new Uint8Array(data))
  }

  async *open(name: string): AsyncIterable<Uint8Array> {
    const data = this.#files.get(requireName(name))
    if (data === undefined)
      throw new UsageError('The storage has no file of this name: it was deleted, or is in another storage.')
    yield new Uint8Array(data)
  }

  async stat(name: string): Promise<{ readonly size: number } | null> {
    const data = this.#files.get(requireName(name))
    return data === undefined ? null : { size: data.length }
  }

  async delete(name: string): Promise<void> {
    this.#files.delete(requireName(name))
  }

  async *list(prefix: string): AsyncIterable<string> {
    for (const name of this.names) if (name.startsWith(prefix)) yield name
  }

  url(name: string): string {
    return `memory:/${requireName(name)}`
  }
}
