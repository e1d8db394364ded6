/** Work for after the commit. */
export type Hook = () => unknown

/** What runs once after the commit, whatever a transaction did with its subject. */
export interface CommitNote {
  /** What is to be told of this and of a later one. */
  followedBy(later: CommitNote): CommitNote
  run(): unknown
}

/**
 * What runs after the outermost transaction has committed, in order. That of a nested transaction becomes a part of the outer
 * one's when it is released, and is dropped when it is rolled back.
 */
export class CommitLog {
  #notes = new Map<object, CommitNote>()

  add(hook: Hook): void {
    this.#notes.set({}, { run: hook, followedBy: (later) => later })
  }

  /** Of several notes on one subject, one remains. */
  note(subject: object, note: CommitNote): void {
    const earlier = this.#notes.get(subject)
    this.#notes.set(subject, earlier === undefined ? note : earlier.followedBy(note))
  }

  take(inner: CommitLog): void {
    for (const [subject, note] of inner.#notes) this.note(subject, note)
  }

  hooks(): Hook[] {
    return [...this.#notes.values()].map((note) => () => note.run())
  }
}
