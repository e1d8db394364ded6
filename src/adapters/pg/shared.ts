import { ConnectionError } from '../../errors.js'
import type { PgLine } from './line.js'

/** Milliseconds without a further attempt after one more connection was refused. */
const PAUSE = 1000

/** The connections that statements outside transactions share: the one with the least to do takes the next. */
export class PgShared {
  #lines: PgLine[] = []
  #opening: Promise<PgLine> | null = null
  #pausedUntil = 0
  #closed = false

  constructor(
    /** Connections at most; 0: statements go to the pool. */
    readonly size: number,
    readonly connect: () => Promise<PgLine>,
  ) {}

  get count(): number {
    return this.#lines.length
  }

  /** Where a statement waits least; undefined: nothing is open. */
  pick(): PgLine | undefined {
    let best: PgLine | undefined
    for (const line of this.#lines) {
      if (!line.dead && (best === undefined || line.inFlight < best.inFlight)) best = line
    }
    // the statement at hand does not wait for the new connection
    if (best !== undefined && best.inFlight > 0 && this.#lines.length < this.size && this.#opening === null)
      this.#grow()
    return best
  }

  /** One more connection; all who ask at once get the same. */
  open(): Promise<PgLine> {
    if (this.#closed) return Promise.reject(new ConnectionError('The database is closed.'))
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null
    })
    return this.#opening
  }

  /** Takes a connection out of use; what is under way on it finishes. */
  retire(line: PgLine): void {
    if (line.dead) return
    this.#remove(line)
    line.dead = true
    line.client.end().catch(() => undefined)
  }

  /** Lets what is under way finish. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#lines.map((line) => line.client.end()))
  }

  destroy(): void {
    for (const line of this.#lines) line.destroy()
  }

  #grow(): void {
    if (performance.now() < this.#pausedUntil) return
    this.open().catch(() => {
      this.#pausedUntil = performance.now() + PAUSE
    })
  }

  async #open(): Promise<PgLine> {
    const line = await this.connect()
    if (this.#closed) {
      line.destroy()
      throw new ConnectionError('The database is closed.')
    }
    this.#lines = [...this.#lines, line]
    line.client.on('error', () => this.#remove(line))
    line.client.on('end', () => this.#remove(line))
    return line
  }

  #remove(line: PgLine): void {
    this.#lines = this.#lines.filter((other) => other !== line)
  }
}
