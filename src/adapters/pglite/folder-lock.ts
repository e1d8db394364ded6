import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import { ConnectionError } from '../../errors.js'
import { codeOf, messageOf } from '../../util/error-shape.js'

/** The process that holds a folder. */
interface LockOwner {
  readonly pid: number
  readonly host: string
  /** When that process started, because its id may have been reused since. */
  readonly started: string
}

/** By how many milliseconds two readings of the same start time may differ. */
const CLOCK = 2000

/**
 * A file next to the folder that names the process that uses the database. Two processes on one folder would overwrite
 * each other's pages without noticing. A file left behind by a process that has ended is taken over.
 */
export class FolderLock {
  readonly #path: string
  readonly #text: string
  readonly #onExit = () => this.release()

  private constructor(path: string, text: string) {
    this.#path = path
    this.#text = text
    process.once('exit', this.#onExit)
  }

  static take(folder: string): FolderLock {
    const path = `${resolve(folder)}.lock`
    const text = JSON.stringify(self())
    for (let attempt = 0; attempt < 3; attempt++) {
      if (create(path, text)) return new FolderLock(path, text)
      const owner = read(path)
      if (owner !== null && isAlive(owner))
        throw new ConnectionError(
          `The folder "${folder}" of PGlite is in use by process ${owner.pid} on ${owner.host}. One process at a time can have it: close the other one, or let it serve both. If that process is gone for certain, remove the file "${path}".`,
        )
      rmSync(path, { force: true })
    }
    throw new ConnectionError(
      `The folder "${folder}" of PGlite is being opened by another process. One process at a time can have it: close the other one, or let it serve both.`,
    )
  }

  /** Removes the file if this process still holds it. */
  release(): void {
    process.removeListener('exit', this.#onExit)
    try {
      if (readFileSync(this.#path, 'utf8') === this.#text) rmSync(this.#path, { force: true })
    } catch {
      // somebody has removed it already
    }
  }
}

/** Returns false if the file exists. */
function create(path: string, text: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { flag: 'wx' })
    return true
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false
    throw new ConnectionError(`The lock file "${path}" of PGlite can't be written: ${messageOf(cause)}.`, {
      cause,
    })
  }
}

function read(path: string): LockOwner | null {
  try {
    const owner: LockOwner = JSON.parse(readFileSync(path, 'utf8'))
    return owner
  } catch {
    return null
  }
}

function self(): LockOwner {
  return {
    pid: process.pid,
    host: hostname(),
    started: startOf(process.pid) ?? String(Date.now() - process.uptime() * 1000),
  }
}

/** The state of a process on another machine is not known, so it counts as alive. */
function isAlive({ pid, host, started }: LockOwner): boolean {
  if (host !== hostname()) return true
  const start = startOf(pid)
  if (start !== null) return start === started
  if (pid === process.pid) return Math.abs(Number(self().started) - Number(started)) < CLOCK
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** When a process started, from the system (Linux); null if the system does not say, or there is no such process. */
function startOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // the program's name is in brackets and may contain any character
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
