import type { Executor, NamedStatement } from '../../database/executor.js'
import { Transaction } from '../../database/transaction.js'
import type { QueryResult } from '../../driver/driver.js'
import { TransactionError } from '../../errors.js'
import type { QueryState } from '../../query/runner.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import type { Plan } from './plan.js'

/** Runs the statement of a query. One that locks rows makes sense in a transaction only: elsewhere they are free again at once. */
export function send(plan: Plan, query: QueryState, executor: Executor): MaybePromise<QueryResult> {
  const statement = plan.statement(query.bound())
  const { lock } = plan.assembled
  if (lock === null) return executor.run(statement)
  const trx = transactionFor(executor, query)
  const asked: NamedStatement = lock.held === 'fail' ? { ...statement, asksOnly: true } : statement
  return andThen(trx.lockDatabase(query.source.meta.table), () => trx.run(asked))
}

export function transactionFor(executor: Executor, { source: { meta } }: QueryState): Transaction {
  if (executor instanceof Transaction) return executor
  throw new TransactionError(
    `lock() holds rows until a transaction ends, and this query of "${meta.name}" runs in none. Run it inside ${meta.name}.transaction(async () => …), or hand it one with using(trx).`,
  )
}
