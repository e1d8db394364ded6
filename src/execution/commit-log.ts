/** A function that runs after the commit. */
export type CommitHook = () => unknown

/** Runs once per subject after the commit, however often the transaction noted it. */
export interface CommitNote {
  /** Combines this note with a later one on the same subject. */
  followedBy(later: CommitNote): CommitNote
  run(): unknown
}

/**
 * What runs, in order, after the outermost transaction has committed. The log of a nested transaction joins the outer
 * one's when it is released, and is dropped when it is rolled back.
 */
export class CommitLog {
  #notes = new Map<object, CommitNote>()

  add(hook: CommitHook): void {
    this.#notes.set({}, { run: hook, followedBy: (later) => later })
  }

  /** Several notes on one subject become one. */
  note(subject: object, note: CommitNote): void {
    const earlier = this.#notes.get(subject)
    this.#notes.set(subject, earlier === undefined ? note : earlier.followedBy(note))
  }

  take(inner: CommitLog): void {
    for (const [subject, note] of inner.#notes) this.note(subject, note)
  }

  hooks(): CommitHook[] {
    return [...this.#notes.values()].map((note) => () => note.run())
  }
}
