import type { Cancellation } from '../../driver/cancellation.js'
import { ConnectionError, CormError, PoolTimeoutError } from '../../errors.js'
import { codeOf, messageOf } from '../../util/error-shape.js'
import type { PgLine } from './line.js'
import { Queue } from './queue.js'

export interface LinesOptions {
  readonly min: number
  readonly max: number
  /** Lines at most that take statements before those in front are answered. */
  readonly shared: number
  /** Milliseconds that anybody waits at most. */
  readonly acquireTimeout: number
  connect(): Promise<PgLine>
}

/** Milliseconds that a statement waits for one of the lines that are at work, before one more is opened for it. */
const PATIENCE = 4
/** Milliseconds after which a look at the lines shows that all of them are slow. */
const SLOW = 26
/** Milliseconds without a further attempt after one more connection was refused. */
const PAUSE = 1000
/** Milliseconds after which a line beyond the least number is closed. */
const IDLE_LIMIT = 30_000

/**
 * All connections to one server. A line is idle, lent, has one statement for itself, or is shared: short statements are sent
 * on it before those in front are answered. Nobody is sent behind a statement that is not short, or takes long already.
 */
export class PgLines {
  readonly #options: LinesOptions
  readonly #all = new Set<PgLine>()
  /** The one used last comes first. */
  readonly #idle: PgLine[] = []
  /** Lines with short statements under way. */
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

  /** Opens the first line, and the least number of them. */
  async start(): Promise<void> {
    this.#adopt(await this.#options.connect())
    const more = Math.min(this.#options.min, this.#options.max) - 1
    await Promise.allSettled(Array.from({ length: Math.max(0, more) }, () => this.#open()))
  }

  /** A line for a short statement, if one is there that keeps it waiting for short ones only. */
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
      // the statement at hand does not wait for the new connection
      if (best !== undefined && this.#opening === 0) this.#grow(1)
      return best
    }
    idle.use = 'shared'
    this.#shared.push(idle)
    return idle
  }

  /** A line for one statement, if one is idle. */
  takeAlone(): PgLine | undefined {
    const line = this.#takeIdle()
    if (line === undefined) return undefined
    line.use = 'exclusive'
    if (this.#idle.length === 0) this.#watchOut()
    return line
  }

  /** Waits for a line to be shared: one that is idle, or has short statements only. */
  waitToShare(isShort: () => boolean, cancellation?: Cancellation): Promise<PgLine> {
    const take = () => (isShort() && this.#options.shared > 0 ? this.share() : this.takeAlone())
    return this.#wait(take, false, cancellation)
  }

  /** A line for one borrower. `hurry`: one is opened at once where none is idle. */
  async lend(hurry: boolean, cancellation?: Cancellation): Promise<PgLine> {
    if (this.#refusal !== null) throw this.#refusal
    const take = () => {
      const line = this.#takeIdle()
      if (line !== undefined) line.use = 'lent'
      return line
    }
    return (this.#queue.length === 0 ? take() : undefined) ?? this.#wait(take, hurry, cancellation)
  }

  /** Takes a line back; one that is not fit is closed. */
  giveBack(line: PgLine, fit: boolean): void {
    if (!fit || line.dead || line.readOnly) this.drop(line)
    else if (this.#all.has(line)) this.#rest(line)
  }

  /** Takes a line out of use. What is under way on it is cut, unless `finish`. */
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

  /** Statements under way get so many milliseconds. */
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

  /** Whether a line is about to become free: it is being tidied, or has statements that have not run for long. */
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

  /** Where the last idle line turns out to be taken by something slow, one more is opened before it is asked for. */
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

  /** Opens lines until there are so many on their way, within the greatest number. */
  #grow(wanted: number): void {
    while (this.#opening < wanted && this.#mayOpen()) this.#open().catch(() => undefined)
  }

  #mayOpen(): boolean {
    const count = this.#all.size + this.#opening
    if (this.#refusal !== null || count >= this.#options.max) return false
    // without any connection there is nothing else to wait for
    return count === 0 || performance.now() >= this.#pausedUntil
  }

  async #open(): Promise<void> {
    this.#opening++
    try {
      this.#adopt(await this.#options.connect())
    } catch (error) {
      this.#pausedUntil = performance.now() + PAUSE
      // those who have other connections to wait for go on waiting
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

  /** A line has nothing to do: the next in the queue gets it. */
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

  /** A trigger or a function has changed the session. */
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

  /** Those who wait may have waited for a line that is gone. */
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
      `No connection to PostgreSQL became free within ${acquireTimeout} ms: all ${max} are in use.`,
    )
  }
}

function remove(list: PgLine[], line: PgLine): void {
  const at = list.indexOf(line)
  if (at !== -1) list.splice(at, 1)
}

/** What connecting failed with. */
export function connectError(error: unknown, place: string): Error {
  if (error instanceof CormError) return error
  return new ConnectionError(`PostgreSQL at ${place} can't be reached: ${messageOf(error) || codeOf(error)}.`, {
    cause: error,
  })
}
