import { fileURLToPath } from 'node:url'

/** How many stack frames are captured: corm's own frames come before the user's. */
const DEPTH = 60

/** The folders with corm's own code. With source maps, code from `dist` is reported in `src`. */
const OWN = ownFolders(import.meta.url)

/** Where corm was called from. */
export interface UserCall {
  /** The nearest line of the user's code, as `file:line`. */
  readonly line: string
  /** The outermost function of the user that called or awaits it, as far as the stack shows. */
  readonly root: string
  /** All named functions of the user on the stack, `root` included. Anonymous functions can't be distinguished. */
  readonly functions: ReadonlySet<string>
}

/** The calling code of the user; null if there is none on the stack. */
export function userCall(): UserCall | null {
  return read(captureStack(userCall))
}

/** Remembers where the user's code called from. The line is only computed when it is needed. */
export function rememberCall(): () => string | null {
  const holder = captureStack(rememberCall)
  return () => read(holder)?.line ?? null
}

function read(holder: StackHolder): UserCall | null {
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

interface StackHolder {
  readonly stack?: unknown
}

function captureStack(below: () => unknown): StackHolder {
  const given = Error.stackTraceLimit
  const holder: StackHolder = {}
  try {
    Error.stackTraceLimit = DEPTH
    try {
      Error.captureStackTrace(holder, below)
    } finally {
      Error.stackTraceLimit = given
    }
  } catch {
    // a process may freeze the Error constructor
  }
  return holder
}

/** Reads the stack as text, because only the text has positions mapped by source maps and TypeScript loaders. */
function stackLines(holder: StackHolder): string[] {
  try {
    return String(holder.stack).split('\n')
  } catch {
    // a process may format its stacks in its own way
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

/** Returns no folders if corm was bundled with the program, because then its code can't be distinguished from the user's. */
function ownFolders(url: string): string[] {
  if (!/\/(?:src|dist)\/util\/user-line\.[jt]s$/.test(url.replace(/\?.*$/, ''))) return []
  return ['../../src/', '../../dist/'].map((folder) => fileURLToPath(new URL(folder, url)))
}
