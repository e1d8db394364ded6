import { UsageError } from '../errors.js'
import { uuid7 } from '../util/uuid7.js'

/** One folder or file: no dots in front, nothing that a file system or a shell would read as more than a name. */
const PART = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/

export const isFileName = (name: unknown): name is string =>
  typeof name === 'string' && name.length <= 255 && name.split('/').every((part) => PART.test(part))

/** Refuses names that could lead out of a storage, wherever they come from. */
export function requireName(name: string): string {
  if (isFileName(name)) return name
  throw new UsageError(
    'The name of a stored file must be a relative path of letters, digits, dots, "-" and "_". The column holds another one: correct it in the database.',
  )
}

/** A new name in a folder, by month, so that folders stay small. Names sort by time. */
export function newName(folder: string, extension: string): string {
  const month = new Date().toISOString().slice(0, 7).replace('-', '/')
  return [...(folder === '' ? [] : [folder]), month, `${uuid7()}.${extension}`].join('/')
}

const MADE = /^\d{4}\/\d\d\/([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.[a-z0-9.]+$/

/** When this name was made in this folder, in milliseconds since 1970; null if `newName` did not make it there. */
export function madeAt(name: string, folder: string): number | null {
  const start = folder === '' ? '' : `${folder}/`
  const [, high, low] = (name.startsWith(start) ? MADE.exec(name.slice(start.length)) : null) ?? []
  return high === undefined || low === undefined ? null : Number.parseInt(high + low, 16)
}
