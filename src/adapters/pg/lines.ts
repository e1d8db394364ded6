import type { Cancellation } from '../../driver/cancellation.js'
import { ConnectionError, CormError, PoolTimeoutError } from '../../errors.js'
import { codeOf, messageOf } from '../../util/error-shape.js'
import type { PgLine } from './line.js'
import { Queue } from './queue.js'

export interface LinesOptions {
  readonly min: number
  readonly max: number
  /** How many lines may pipeline statements, sending one before earlier ones are answered. */
  readonly shared: number
  /** The longest time in milliseconds that a caller waits for a connection. */
  readonly acquireTimeout: number
  connect(): Promise<PgLine>
}

/** How long a statement waits for a busy line before one more is opened for it, in milliseconds. */
const PATIENCE = 4
/** How long after the last idle line was taken corm checks whether all lines are slow, in milliseconds. */
const SLOW = 26
/** How long no further connection is opened after one was refused, in milliseconds. */
const PAUSE = 1000
/** How long an idle line above the minimum stays open, in milliseconds. */
const IDLE_LIMIT = 30_000

/**
 * All connections to one server. A line is idle, lent, busy with one statement, or shared. On a shared line, short
 * statements are sent before earlier ones are answered. Nothing is sent behind a statement that is not short, or that
 * already takes long.
 */
export class PgLines {
  readonly #options: LinesOptions
  readonly #all = new Set<PgLine>()
  /** The most recently used line comes first. */
  readonly #idle: PgLine[] = []
  /** Lines on which short statements are running. */
  readonly #shared: PgLine[] = []
  readonly #queue: Queue
  #opening = 0
  #pausedUntil = 0
  #patience: NodeJS.Timeout | null = null
  #spare: NodeJS.Timeout | null = null
  readonly #trimming: NodeJS.Timeout
  #refusal: Error | null = null

  constructor(options: LinesOptions) {
    this.#options = options
    this.#queue = new Queue(options.acquireTimeout, () => this.#tooLong())
    this.#trimming = setInterval(() => this.#trim(), IDLE_LIMIT / 2)
    this.#trimming.unref()
  }

  get all(): ReadonlySet<PgLine> {
    return this.#all
  }

  /** Opens the first line, then more up to the minimum. */
  async start(): Promise<void> {
    this.#adopt(await this.#options.connect())
    const more = Math.min(this.#options.min, this.#options.max) - 1
    await Promise.allSettled(Array.from({ length: Math.max(0, more) }, () => this.#open()))
  }

  /** Returns a line for a short statement, if there is one on which only short statements are ahead of it. */
  share(): PgLine | undefined {
    const { shared } = this.#options
    let best: PgLine | undefined
    let moving = 0
    for (const line of this.#shared) {
      if (line.dead || line.readOnly || line.stalled || line.altered) continue
      moving++
      if (best === undefined || line.inFlight < best.inFlight) best = line
    }
    if (moving >= shared) return best
    const idle = this.#takeIdle()
    if (idle === undefined) {
      // this statement does not wait for the new connection
      if (best !== undefined && this.#opening === 0) this.#grow(1)
      return best
    }
    idle.use = 'shared'
    this.#shared.push(idle)
    return idle
  }

  /** Returns a line for one statement, if one is idle. */
  takeAlone(): PgLine | undefined {
    const line = this.#takeIdle()
    if (line === undefined) return undefined
    line.use = 'exclusive'
    if (this.#idle.length === 0) this.#watchOut()
    return line
  }

  /** Waits for a line that is idle or has only short statements. */
  waitToShare(isShort: () => boolean, cancellation?: Cancellation): Promise<PgLine> {
    const take = () => (isShort() && this.#options.shared > 0 ? this.share() : this.takeAlone())
    return this.#wait(take, false, cancellation)
  }

  /** Waits for a line for one borrower. With `hurry`, a new line is opened at once if none is idle. */
  async lend(hurry: boolean, cancellation?: Cancellation): Promise<PgLine> {
    if (this.#refusal !== null) throw this.#refusal
    const take = () => {
      const line = this.#takeIdle()
      if (line !== undefined) line.use = 'lent'
      return line
    }
    return (this.#queue.length === 0 ? take() : undefined) ?? this.#wait(take, hurry, cancellation)
  }

  /** Takes a line back, and closes it if it is not fit for another borrower. */
  giveBack(line: PgLine, fit: boolean): void {
    if (!fit || line.dead || line.readOnly) this.drop(line)
    else if (this.#all.has(line)) this.#rest(line)
  }

  /** Takes a line out of use. Its running statements are cut off unless `finish` is set. */
  drop(line: PgLine, finish = false): void {
    if (!this.#forget(line)) return
    if (finish) line.end()
    else line.destroy()
    this.#refill()
  }

  refuse(error: Error): void {
    this.#refusal = error
    clearInterval(this.#trimming)
    this.#calm()
    this.#queue.failAll(error)
  }

  /** Closes all lines. Running statements get `limit` milliseconds to finish. */
  async close(limit: number): Promise<void> {
    const lines = [...this.#all]
    for (const line of lines) line.client.ref()
    const timer = setTimeout(() => {
      for (const line of lines) line.destroy()
    }, limit)
    await Promise.allSettled(lines.map((line) => line.idle().then(() => line.client.end())))
    clearTimeout(timer)
    this.#all.clear()
  }

  #takeIdle(): PgLine | undefined {
    let line = this.#idle.pop()
    while (line !== undefined && (line.dead || line.readOnly)) {
      this.drop(line)
      line = this.#idle.pop()
    }
    return line
  }

  #wait(take: () => PgLine | undefined, hurry: boolean, cancellation?: Cancellation): Promise<PgLine> {
    if (this.#refusal !== null) return Promise.reject(this.#refusal)
    const waiting = this.#queue.wait(take, cancellation)
    if (!this.#isMoving(hurry)) this.#grow(this.#queue.length)
    else this.#patience ??= setTimeout(() => this.#impatient(), PATIENCE)
    return waiting
  }

  /** Whether a line is about to become free: it is being reset, or its statements have not run for long. */
  #isMoving(hurry: boolean): boolean {
    if (this.#opening >= this.#queue.length) return true
    for (const line of this.#all) {
      if (line.use === 'lent' || line.inFlight === 0 || line.stalled) continue
      if (line.use === 'tidied' || !hurry) return true
    }
    return false
  }

  #impatient(): void {
    this.#patience = null
    if (this.#queue.length === 0) return
    this.#queue.serve()
    this.#grow(this.#queue.length)
    if (this.#queue.length > 0) this.#patience = setTimeout(() => this.#impatient(), PATIENCE * 5)
  }

  /** If something slow takes the last idle line, opens one more before it is needed. */
  #watchOut(): void {
    if (this.#spare !== null) return
    this.#spare = setTimeout(() => {
      this.#spare = null
      for (const line of this.#all) if (line.use === 'idle' || (line.use !== 'lent' && !line.stalled)) return
      this.#grow(1)
    }, SLOW)
    this.#spare.unref()
  }

  #calm(): void {
    if (this.#patience !== null) clearTimeout(this.#patience)
    this.#patience = null
  }

  /** Opens lines until `wanted` of them are being opened, up to the maximum. */
  #grow(wanted: number): void {
    while (this.#opening < wanted && this.#mayOpen()) this.#open().catch(() => undefined)
  }

  #mayOpen(): boolean {
    const count = this.#all.size + this.#opening
    if (this.#refusal !== null || count >= this.#options.max) return false
    // without any connection, waiters have nothing to wait for but a new attempt
    return count === 0 || performance.now() >= this.#pausedUntil
  }

  async #open(): Promise<void> {
    this.#opening++
    try {
      this.#adopt(await this.#options.connect())
    } catch (error) {
      this.#pausedUntil = performance.now() + PAUSE
      // if there are other connections, callers go on waiting for those
      if (this.#all.size + this.#opening === 1) this.#queue.failAll(error)
    } finally {
      this.#opening--
    }
  }

  #adopt(line: PgLine): void {
    if (this.#refusal !== null) {
      line.destroy()
      return
    }
    this.#all.add(line)
    line.onRest = () => {
      if (line.use === 'shared' || line.use === 'exclusive') this.#rest(line)
    }
    line.onGone = () => {
      if (this.#forget(line)) this.#refill()
    }
    this.#rest(line)
  }

  /** Gives an idle line to the next waiter in the queue. */
  #rest(line: PgLine): void {
    if (line.use === 'shared') remove(this.#shared, line)
    if (line.dead || line.readOnly) {
      this.drop(line)
      return
    }
    if (line.altered) {
      this.#tidy(line)
      return
    }
    line.use = 'idle'
    line.since = performance.now()
    this.#idle.push(line)
    if (this.#queue.length > 0) this.#queue.serve()
    if (this.#queue.length === 0) this.#calm()
  }

  /** Resets a session that a trigger or a function has changed. */
  #tidy(line: PgLine): void {
    line.use = 'tidied'
    const done = () => (line.altered ? this.drop(line) : this.#rest(line))
    line.limited(line.reset()).then(done, () => this.drop(line))
  }

  #forget(line: PgLine): boolean {
    if (!this.#all.delete(line)) return false
    remove(this.#idle, line)
    remove(this.#shared, line)
    return true
  }

  /** Opens a line for those that may have waited for one that is gone. */
  #refill(): void {
    if (this.#queue.length > 0) this.#grow(this.#queue.length)
    this.#grow(Math.min(this.#options.min - this.#all.size, this.#options.max))
  }

  #trim(): void {
    const before = performance.now() - IDLE_LIMIT
    const [oldest] = this.#idle
    if (oldest === undefined || oldest.since > before || this.#all.size <= Math.max(1, this.#options.min)) return
    this.drop(oldest, true)
  }

  #tooLong(): Error {
    const { acquireTimeout, max } = this.#options
    return new PoolTimeoutError(
      `No connection to PostgreSQL became free within ${acquireTimeout} ms: all ${max} are in use. Shorten transactions, or raise max_size.`,
    )
  }
}

function remove(list: PgLine[], line: PgLine): void {
  const at = list.indexOf(line)
  if (at !== -1) list.splice(at, 1)
}

/** The code of an error that the server has sent; those of Node begin with E. */
const SQLSTATE = /^(?!E)[0-9A-Z]{5}$/

/** Those for a wrong user or password, and for a database that is not there. */
const WRONG_URL = /^(?:28|3D)/

/** The error for a failed connection attempt. */
export function connectError(error: unknown, place: string): Error {
  if (error instanceof CormError) return error
  const code = codeOf(error)
  const reason = messageOf(error) || code
  const refused = `PostgreSQL at ${place} refused the connection: ${reason}.`
  if (!SQLSTATE.test(code))
    return new ConnectionError(`PostgreSQL at ${place} can't be reached: ${reason}.`, { cause: error })
  return new ConnectionError(
    WRONG_URL.test(code) ? `${refused} Check the database, the user and the password of the URL.` : refused,
    { cause: error },
  )
}
