import type { SchemaState } from '../ast/schema.js'
import type { Ask } from '../dialect/catalog.js'
import { DefinitionError } from '../errors.js'
import type { Executor } from '../execution/executor.js'
import { questionOnce, schemaStatement } from '../execution/statement.js'
import type { ModelMetadata } from '../metadata/metadata.js'
import { adoptedState } from '../schema/catalog/adopted.js'
import { type ComparedCatalog, compareCatalog } from '../schema/catalog/compare-states.js'
import { diffStates } from '../schema/diff.js'
import { stateOfModels } from '../schema/from-models.js'
import { describeOperation } from '../schema/operation/index.js'
import { schemaSteps, textsOf } from '../schema/steps.js'

/** How the catalog asks a database. */
export const askOf = (executor: Pick<Executor, 'run'>): Ask =>
  Object.assign(async (sql: string) => (await executor.run(questionOnce(sql))).rows, {
    change: async (sql: string) => executor.run(schemaStatement(sql)),
  })

/** Compares a schema with the database, and changes nothing. */
export async function readCatalog(executor: Executor, state: SchemaState): Promise<ComparedCatalog> {
  let compared: ComparedCatalog | undefined
  // thrown when the work is done, so that the transaction is rolled back
  const done = new Error('done')
  try {
    await executor.transaction(async (trx) => {
      compared = await compareCatalog(state, executor.dialect, askOf(trx))
      throw done
    })
  } catch (error) {
    if (error !== done) throw error
  }
  if (compared === undefined) throw new TypeError('the comparison did not run')
  return compared
}

/** Adds the tables, columns, indexes, keys and checks of these models that the database lacks. */
export async function syncTables(executor: Executor, models: readonly ModelMetadata[]): Promise<void> {
  const { dialect } = executor
  const wanted = stateOfModels(models)
  const { differences, found } = await readCatalog(executor, wanted)
  const missing = differences.filter(({ change }) => change === 'missing')
  const present = adoptedState(wanted, found, missing, dialect)
  const operations = diffStates(present, wanted, { removal: 'soft', dropRetired: false })
  const steps = schemaSteps(operations, present, dialect)
  const refused = steps.find((step) => step.kind === 'rebuild' && step.inPlace === null)
  if (refused !== undefined)
    throw new DefinitionError(
      `syncTables() can't ${refused.operations.map(describeOperation).join(', ')}: this database would have to create the table again. Write a migration.`,
    )
  const statements = steps.flatMap((step) => textsOf(step, dialect))
  const send = async (target: Pick<Executor, 'run'>) => {
    for (const statement of statements) await target.run(schemaStatement(statement))
  }
  if (dialect.capabilities.transactionalDdl) await executor.atomically(send)
  else await send(executor)
}
