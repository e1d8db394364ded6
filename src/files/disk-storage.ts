import { createReadStream } from 'node:fs'
import { mkdir, open, opendir, realpath, stat, unlink } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { UsageError } from '../errors.js'
import type { FileInfo, FileStorage } from '../types/files.js'
import { optionReader, text } from '../util/options.js'
import { isFileName, requireName } from './names.js'

const diskOptions = optionReader<{ baseUrl: string }>('new DiskStorage()', { baseUrl: text })

/**
 * Stores files in a folder. corm creates folders as it needs them, and refuses names and links that lead out of the folder. Serve
 * the folder with the header `X-Content-Type-Options: nosniff`.
 *
 *     Database.configure({ files: new DiskStorage('uploads', { baseUrl: '/media' }) })
 */
export class DiskStorage implements FileStorage {
  readonly #root: string
  readonly #baseUrl: string | undefined

  /** `baseUrl` is what `url()` puts before the names. */
  constructor(root: string, options?: { readonly baseUrl?: string }) {
    if (typeof root !== 'string' || root === '')
      throw new UsageError("new DiskStorage() needs the path of a folder: new DiskStorage('uploads').")
    this.#root = resolve(root)
    this.#baseUrl = diskOptions(options).baseUrl
  }

  /** Nobody reads half a file: no row has the name before this is done. */
  async put(name: string, data: Uint8Array, _info?: FileInfo): Promise<void> {
    const path = join(this.#root, requireName(name))
    await mkdir(dirname(path), { recursive: true })
    await this.#inside(path)
    // refuses a name that is taken
    const handle = await open(path, 'wx')
    try {
      await handle.writeFile(data)
      await handle.sync()
    } catch (error) {
      await unlink(path).catch(ignoreMissing)
      throw error
    } finally {
      await handle.close()
    }
  }

  async *open(name: string): AsyncIterable<Uint8Array> {
    const path = await this.#existing(name)
    if (path === null)
      throw new UsageError('The storage has no file of this name: it was deleted, or is in another storage.')
    const content: AsyncIterable<Uint8Array> = createReadStream(path)
    yield* content
  }

  async stat(name: string): Promise<{ readonly size: number } | null> {
    const path = await this.#existing(name)
    return path === null ? null : { size: (await stat(path)).size }
  }

  async delete(name: string): Promise<void> {
    const path = await this.#existing(name)
    if (path !== null) await unlink(path).catch(ignoreMissing)
  }

  /** Links are no files of this storage. */
  async *list(prefix: string): AsyncIterable<string> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
    if (folder !== '') requireName(folder.slice(0, -1))
    for await (const name of this.#namesIn(folder)) if (name.startsWith(prefix)) yield name
  }

  async *#namesIn(folder: string): AsyncGenerator<string> {
    const path = join(this.#root, folder)
    const entries = await opendir(path).catch(ignoreMissing)
    if (entries === null) return
    await this.#inside(path, true)
    for await (const entry of entries) {
      const name = `${folder}${entry.name}`
      if (!isFileName(name)) continue
      if (entry.isDirectory()) yield* this.#namesIn(`${name}/`)
      else if (entry.isFile()) yield name
    }
  }

  url(name: string): string {
    requireName(name)
    if (this.#baseUrl === undefined)
      throw new UsageError("This storage has no address. Set one: new DiskStorage('uploads', { baseUrl: '/media' }).")
    return `${this.#baseUrl.replace(/\/+$/, '')}/${name}`
  }

  async #existing(name: string): Promise<string | null> {
    const path = join(this.#root, requireName(name))
    const isThere = await stat(path).then(() => true, ignoreMissing)
    if (isThere !== true) return null
    await this.#inside(path, true)
    return path
  }

  /** A link in the folder may lead out of it. */
  async #inside(path: string, whole = false): Promise<void> {
    const [root, real] = await Promise.all([realpath(this.#root), realpath(whole ? path : dirname(path))])
    if (real !== root && !real.startsWith(root + sep))
      throw new UsageError('The path of a stored file leads out of the folder of its storage. Remove the link in it.')
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
  throw error
}
