/** What is known of the attempts of a transaction that may be run again. */
interface Attempts {
  /** An instance of this model is about to be written. */
  wrote(instance: object, model: string): void
}

/** Puts back what a write changed in memory. It is called at most once, and nothing may go wrong in it. */
export interface UndoEntry {
  undo(): void
}

/**
 * What the writes of a transaction changed in memory, so that instances follow their transaction: a rollback puts it back, last
 * first. Writes push their entry before they send their statement, since the transaction may end before they go on.
 */
export class UndoLog {
  readonly root: UndoLog
  #entries: UndoEntry[] = []
  #state: 'open' | 'undone' | 'kept' = 'open'

  constructor(
    readonly parent: UndoLog | null,
    /** Of a transaction that may be run again. */
    private readonly attempts: Attempts | null = null,
  ) {
    this.root = parent === null ? this : parent.root
  }

  /** Whether the outermost transaction is over. */
  get ended(): boolean {
    return this.root.#state !== 'open'
  }

  /** Whether the work of this transaction was rolled back: a write that goes on afterwards has stored nothing. */
  get undone(): boolean {
    if (this.#state === 'undone') return true
    return this.#state === 'kept' && this.parent !== null && this.parent.undone
  }

  /** Before a row that is there is written. */
  wrote(instance: object, model: string): void {
    this.root.attempts?.wrote(instance, model)
  }

  push(entry: UndoEntry): void {
    this.#entries.push(entry)
  }

  /** Before ROLLBACK is sent: afterwards others may have the rows, and this would put back what they write. */
  apply(): void {
    if (this.#state !== 'open') return
    this.#state = 'undone'
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) entry.undo()
  }

  /** Appends the log of a nested transaction to the outer one. The log of an outermost transaction is discarded. */
  release(): void {
    if (this.#state !== 'open') return
    this.#state = 'kept'
    if (this.parent !== null) for (const entry of this.#entries) this.parent.#entries.push(entry)
    this.#entries = []
  }
}
