import { explainStatement } from '../../execution/statement.js'
import type { ExplainHow, QueryState } from '../../query/runner/runner.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { executorOf } from '../runtime/run.js'
import { plannedFor, transactionFor } from './send.js'

/** The plan of the database for a query, or how it ran. */
export function explain(query: QueryState, how: ExplainHow): MaybePromise<string> {
  return andThen(executorOf(query), (executor) => {
    const { explainer } = executor.dialect
    const { plan, values } = plannedFor(query, executor.dialect)
    const statement = explainStatement(plan.statement(values), explainer.prefix(how))
    // it runs the statement, so it locks rows
    if (how.analyze && plan.assembled.lock !== null) transactionFor(executor, query.source.meta)
    return andThen(executor.run(statement), ({ rows, columns = [] }) => explainer.text(rows, columns))
  })
}
