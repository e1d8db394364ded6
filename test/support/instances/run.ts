import { type Database, sql } from 'corm'
import { Memory } from './memory.js'
import { commits } from './models.js'
import { Play } from './play.js'
import { makeProgram, printProgram, type Step, smallerPrograms } from './steps.js'

// Runs programs one after the other, or several at once, until one fails. Of that one it finds a small one that fails alike.

export interface Run {
  readonly seed: number
  readonly programs: number
  /** Programs that run at the same time. */
  readonly together: number
  readonly from?: number
  readonly onProgress?: (done: number) => void
}

/** How many programs leave their rows in the tables before they are removed. */
const ROUND = 200
const MOST_TRIED = 2000

export class Programs {
  #number = 0

  constructor(
    readonly db: Database,
    /** What to compare with; the tests of this have wrong ones. */
    readonly remember = () => new Memory(),
  ) {}

  /** A report on the first program that fails; null: none does. */
  async run({ seed, programs, together, from = 0, onProgress }: Run): Promise<string | null> {
    for (let start = from; start < from + programs; start += together) {
      const indexes = Array.from({ length: Math.min(together, from + programs - start) }, (_, i) => start + i)
      const failed = await Promise.all(
        indexes.map(async (index) => ({ index, error: await this.#failureOf(makeProgram(seed, index)) })),
      )
      for (const { index, error } of failed) if (error !== null) return this.#report(seed, index, error)
      if (Math.floor(start / ROUND) !== Math.floor((start + together) / ROUND)) await this.#clear()
      onProgress?.(start - from + together)
      // databases in the process answer at once: without a turn of the event loop the runner takes the tests for dead
      await new Promise((resolve) => setImmediate(resolve))
    }
    return null
  }

  async #failureOf(steps: readonly Step[]): Promise<Error | null> {
    const play = await Play.begin(this.db, ++this.#number, this.remember())
    try {
      await play.run(steps)
      return null
    } catch (error) {
      return error as Error
    }
  }

  async #clear(): Promise<void> {
    commits.clear()
    for (const table of ['labels_things', 'things', 'labels', 'shelves', 'notes', 'lines', 'entries'])
      await this.db.execute(sql`delete from ${sql.id(table)}`)
  }

  async #report(seed: number, index: number, error: Error): Promise<string> {
    const small = await this.#shrink(makeProgram(seed, index), error)
    const { message, stack = message, cause } = small.error
    return [
      `Program ${index} of seed ${seed} fails. Made smaller:`,
      printProgram(small.steps),
      stack,
      ...(cause instanceof Error ? [`Cause: ${cause.stack}`] : []),
      `Once more: npm run torture -- instances --seed ${seed} --from ${index} --programs 1`,
    ].join('\n')
  }

  /** Takes every smaller program that fails alike, until none does. */
  async #shrink(program: readonly Step[], failure: Error): Promise<{ steps: readonly Step[]; error: Error }> {
    let steps = program
    let error = failure
    let tried = 0
    for (let again = true; again; ) {
      again = false
      for (const smaller of smallerPrograms(steps)) {
        if (++tried > MOST_TRIED) return { steps, error }
        const other = await this.#failureOf(smaller)
        if (other === null || kindOf(other) !== kindOf(failure)) continue
        steps = smaller
        error = other
        again = true
        break
      }
    }
    return { steps, error }
  }
}

/** The same but for numbers, such as those of instances and times. */
const kindOf = ({ name, message }: Error) => `${name} ${message.replace(/\d+/g, '0').slice(0, 60)}`
