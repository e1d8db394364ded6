import type { Database } from 'corm'
import type { SchemaOperation, SchemaState } from '../../src/ast/schema.js'
import type { Dialect } from '../../src/dialect/dialect.js'
import type { Executor } from '../../src/execution/executor.js'
import { questionOnce, schemaStatement } from '../../src/execution/statement.js'
import { describeOperation } from '../../src/schema/operation/index.js'
import {
  checkForeignKeys,
  needsForeignKeysOff,
  runStep,
  type SchemaSession,
  type SchemaStep,
  schemaSteps,
  textsOf,
  withoutForeignKeys,
} from '../../src/schema/steps.js'

// Runs operations on a database, as the migrator does.

export const schemaSession = (
  executor: Pick<Executor, 'run'>,
  dialect: Dialect,
  inTransaction = false,
): SchemaSession => ({
  dialect,
  inTransaction,
  async run(text, rows = false) {
    const statement = rows ? questionOnce(text) : schemaStatement(text)
    return (await executor.run(statement)).rows
  },
})

/** Does the work of steps, which begins and ends its own transaction, with the checks of foreign keys off if a step needs that. */
export function aroundSteps<R>(
  steps: readonly SchemaStep[],
  session: SchemaSession,
  work: () => Promise<R>,
): Promise<R> {
  return needsForeignKeysOff(steps) ? withoutForeignKeys(session, work) : work()
}

/** Runs the steps of operations, in one transaction if a table may be made again, and returns the state after them. */
export async function runOperations(
  db: Database,
  operations: readonly SchemaOperation[],
  from: SchemaState,
  dialect: Dialect = db.dialect,
): Promise<SchemaState> {
  const steps = schemaSteps(operations, from, dialect)
  const runAll = async (session: SchemaSession) => {
    for (const step of steps)
      await runStep(step, session).catch((error: Error) => {
        const what = step.operations.map(describeOperation).join(', ')
        error.message = `${what}: ${error.message}\n${textsOf(step, dialect).join('\n')}`
        throw error
      })
    if (needsForeignKeysOff(steps)) await checkForeignKeys(session)
  }
  const outside = schemaSession(db, dialect)
  await aroundSteps(steps, outside, () =>
    dialect.rebuilding === null ? runAll(outside) : db.transaction((trx) => runAll(schemaSession(trx, dialect, true))),
  )
  return steps.at(-1)?.after ?? from
}
