import type { Session } from '../database/session.js'
import type { Transaction } from '../database/transaction.js'
import type { BeginOptions } from '../driver/driver.js'

/** A transaction that ends with a call of commit() or fail(), instead of at the end of a function. */
export class OpenEnded {
  private constructor(
    readonly trx: Transaction,
    readonly ends: {
      readonly commit: () => void
      readonly fail: (error: unknown) => void
      readonly done: () => Promise<void>
    },
  ) {}

  static begin(session: Session, options: BeginOptions): Promise<OpenEnded> {
    return new Promise((resolve, reject) => {
      const done: Promise<void> = session.transaction(
        (trx) =>
          new Promise<void>((commit, fail) => {
            resolve(new OpenEnded(trx, { commit, fail, done: () => done }))
          }),
        options,
      )
      // once the transaction has begun, the call that ends it reports errors
      done.catch(reject)
    })
  }

  commit(): Promise<void> {
    this.ends.commit()
    return this.ends.done()
  }

  /** Rolls back because of an error. */
  async fail(error: unknown): Promise<void> {
    this.ends.fail(error)
    await this.ends.done().catch(() => {})
  }
}
