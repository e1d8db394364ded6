/** Watches writes in a transaction that corm may run again. */
interface AttemptWatch {
  /** Called before an instance of this model is written. */
  wrote(instance: object, model: string): void
}

/** Restores what a write changed in memory. It is called at most once and must not throw. */
export interface UndoEntry {
  undo(): void
}

/**
 * What the writes of a transaction changed in memory. A rollback restores it in reverse order, so that instances match
 * the database. Writes push their entry before they send the statement, since the transaction may end before they
 * continue.
 */
export class UndoLog {
  readonly root: UndoLog
  #entries: UndoEntry[] = []
  #state: 'open' | 'undone' | 'kept' = 'open'

  constructor(
    readonly parent: UndoLog | null,
    /** Set for a transaction that corm may run again. */
    private readonly attempts: AttemptWatch | null = null,
  ) {
    this.root = parent === null ? this : parent.root
  }

  /** Whether the outermost transaction has ended. */
  get ended(): boolean {
    return this.root.#state !== 'open'
  }

  /** Whether this transaction was rolled back. A write that was not awaited may continue afterwards: it has stored nothing. */
  get undone(): boolean {
    if (this.#state === 'undone') return true
    return this.#state === 'kept' && this.parent !== null && this.parent.undone
  }

  /** Called before an existing row is written. */
  wrote(instance: object, model: string): void {
    this.root.attempts?.wrote(instance, model)
  }

  push(entry: UndoEntry): void {
    this.#entries.push(entry)
  }

  /**
   * Called before ROLLBACK is sent. Afterwards other transactions may lock the rows, and this would overwrite what they
   * write.
   */
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
