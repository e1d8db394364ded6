import { ambient, withAmbient } from '../util/ambient.js'
import { promised } from '../util/maybe-promise.js'
import { Transaction } from './transaction.js'

/**
 * Runs `work` outside any running transaction. A rollback of the outer transaction does not undo it.
 * It needs another connection. SQLite and PGlite have only one, so there `work` waits until the transaction ends. A transaction
 * that awaits it would wait for itself; corm throws an error after `acquireTimeout`. In a test with `useTestDatabase()` there is
 * no outside: `work` joins the transaction.
 */
export function outsideTransaction<R>(work: () => Promise<R>): Promise<R> {
  const outer = ambient()
  if (outer === undefined) return promised(work)
  const running = [...outer.transactions]
  const transactions = new Map(running.filter(([, trx]) => trx instanceof Transaction && trx.isSandboxed))
  const around = new Map([...(outer.around ?? []), ...running])
  return withAmbient({ ...outer, transactions, around }, async () => work())
}
