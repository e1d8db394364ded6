import { settings } from '../../database/settings.js'
import type { Dialect } from '../../dialect/dialect.js'
import type { QueryResult } from '../../driver/driver.js'
import { TransactionError } from '../../errors.js'
import type { Executor, OpenTransaction } from '../../execution/executor.js'
import { controlStatement, type NamedStatement, statementWith } from '../../execution/statement.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { QueryState } from '../../query/runner/runner.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { type BoundPlan, planned } from './plan.js'
import { withPurpose } from './purpose.js'

/** Every query that is compiled or run comes through here, in the context that it runs in. */
export const plannedFor = (query: QueryState, dialect: Dialect): BoundPlan =>
  planned(query.source, query.shape, dialect, query.bound())

/** Runs the statement of a query. Locks require a transaction: outside one they would be released at once. */
export function send(
  { plan, values }: BoundPlan,
  query: QueryState,
  executor: Executor,
  isOwn = false,
): MaybePromise<QueryResult> {
  const bare = plan.statement(values)
  const statement = settings.detectNPlusOne === false || isOwn ? bare : withPurpose(bare, plan, query)
  const { lock } = plan.assembled
  if (lock === null) return plan.changesSettings ? runAlone(statement, executor) : executor.run(statement)
  const { meta } = query.source
  const trx = transactionFor(executor, meta)
  const asked = lock.held === 'fail' ? statementWith(statement, { asksOnly: true }) : statement
  return andThen(trx.lockDatabase(meta.table), () => executor.run(asked))
}

/** In a transaction, what a read has set for itself goes back with a savepoint: the statements after it don't see it. */
function runAlone(statement: NamedStatement, executor: Executor): MaybePromise<QueryResult> {
  if (executor.openTransaction === null) return executor.run(statement)
  const { begin, rollback, release } = executor.dialect.savepoint
  const send = (sql: string) => executor.run(statementWith(controlStatement(sql), { unheard: true }))
  // all are sent at once, so that no other statement comes between them
  const sent = [send(begin(SEARCH)), executor.run(statement), send(rollback(SEARCH)), send(release(SEARCH))] as const
  return Promise.allSettled(sent).then(() => sent[1])
}

const SEARCH = 'corm_search'

/** The transaction that a lock lasts for. */
export function transactionFor({ openTransaction }: Executor, meta: ModelMetadata): OpenTransaction {
  if (openTransaction !== null) return openTransaction
  throw new TransactionError(
    `lock() holds rows until a transaction ends, and this query of "${meta.name}" runs in none. Run it inside ${meta.name}.transaction(async () => …), or pass a transaction with using(trx).`,
  )
}
