import { fileURLToPath } from 'node:url'

/** Frames that are read: corm's own lie below the user's. */
const DEPTH = 60

/** The folders with corm's own code. Source maps name those of `src` where `dist` runs. */
const OWN = ownFolders(import.meta.url)

/** Where corm was called from. */
export interface UserCall {
  /** The nearest line of the user's code, as `file:line`. */
  readonly line: string
  /** The furthest function of the user's that called or waits for it, as far as is known. */
  readonly root: string
  /** That one, and all others on the way that have a name: without a name, one can't be distinguished from another. */
  readonly functions: ReadonlySet<string>
}

/** The user's code that called; null where there is none among the callers. */
export function userCall(): UserCall | null {
  return read(captureStack(userCall))
}

/** Keeps where the user's code called from; finding its line out costs something only when that is asked. */
export function rememberCall(): () => string | null {
  const holder = captureStack(rememberCall)
  return () => read(holder)?.line ?? null
}

function read(holder: Captured): UserCall | null {
  let line: string | null = null
  let root = ''
  const functions = new Set<string>()
  for (const frame of stackLines(holder)) {
    const [, name = '', inBrackets, bracketLine, path = inBrackets ?? '', number = bracketLine] =
      FRAME.exec(frame) ?? []
    const file = path === '' ? null : fileOf(path)
    if (file === null || isForeign(file)) continue
    line ??= `${file}:${number}`
    root = `${name} ${file}`
    if (name !== '') functions.add(root)
  }
  return line === null ? null : { line, root, functions: functions.add(root) }
}

const FRAME = /^\s+at (?:async )?(?:(.*?) \((.+):(\d+):\d+\)|(.+):(\d+):\d+)$/

interface Captured {
  readonly stack?: unknown
}

function captureStack(below: () => unknown): Captured {
  const given = Error.stackTraceLimit
  const holder: Captured = {}
  try {
    Error.stackTraceLimit = DEPTH
    try {
      Error.captureStackTrace(holder, below)
    } finally {
      Error.stackTraceLimit = given
    }
  } catch {
    // a process may freeze what it shares
  }
  return holder
}

/** As text: then positions are those that source maps and loaders of TypeScript give. */
function stackLines(holder: Captured): string[] {
  try {
    return String(holder.stack).split('\n')
  } catch {
    // a process may draw its stacks itself
    return []
  }
}

function fileOf(path: string): string | null {
  if (!path.startsWith('file:')) return path
  try {
    return fileURLToPath(path)
  } catch {
    return null
  }
}

function isForeign(file: string): boolean {
  if (/^(?:node:|internal\/|eval at |<anonymous>|native)/.test(file)) return true
  return /[\\/]node_modules[\\/]/.test(file) || OWN.some((folder) => file.startsWith(folder))
}

/** None where corm was bundled with the program: then nothing distinguishes its code from the user's. */
function ownFolders(url: string): string[] {
  if (!/\/(?:src|dist)\/util\/user-line\.[jt]s$/.test(url.replace(/\?.*$/, ''))) return []
  return ['../../src/', '../../dist/'].map((folder) => fileURLToPath(new URL(folder, url)))
}
