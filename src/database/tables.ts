import { DefinitionError } from '../errors.js'
import type { Executor } from '../execution/executor.js'
import { question, schemaStatement } from '../execution/statement.js'
import type { ModelMetadata } from '../metadata/metadata.js'
import { checkModel } from '../schema/check.js'
import { withPivots } from '../schema/pivots.js'
import { createSql, dropSql } from '../schema/tables.js'

export { syncTables } from './catalog.js'
export { createSql }

/** Throws for the first mistake in a model. */
export function checkModels(models: readonly ModelMetadata[]): void {
  for (const meta of models) {
    if (meta.fields.length === 0)
      throw new DefinitionError(`"${meta.name}" has no fields. Give it at least one: Model({ name: Field.string() }).`)
    checkModel(meta)
  }
  // join tables that both sides describe
  withPivots(models)
}

/** Sends the statements that make the tables of these models. */
export async function createTables(
  executor: Executor,
  given: readonly ModelMetadata[],
  ifNotExists: boolean,
): Promise<void> {
  const models = withPivots(given)
  const wanted = ifNotExists ? await missing(executor, models) : models
  // what the database lacks shows here, before a statement is sent
  const statements = createSql(wanted, executor.dialect)
  const send = async (target: Pick<Executor, 'run'>) => {
    for (const statement of statements) await target.run(schemaStatement(statement))
  }
  // all or nothing where the database can; elsewhere each statement is its own
  if (executor.dialect.capabilities.transactionalDdl) await executor.atomically(send)
  else await send(executor)
}

export async function dropTables(executor: Executor, given: readonly ModelMetadata[]): Promise<void> {
  const models = withPivots(given)
  const { dialect } = executor
  const gone = new Set(await missing(executor, models))
  const there = models.filter((meta) => !gone.has(meta))
  const statements = dropSql(there, dialect)
  const send = async (target: Pick<Executor, 'run'>) => {
    if (dialect.beforeDrop !== null) await target.run(schemaStatement(dialect.beforeDrop))
    for (const statement of statements) await target.run(schemaStatement(statement))
  }
  if (dialect.capabilities.transactionalDdl) await executor.atomically(send)
  else await send(executor)
}

async function missing(executor: Executor, models: readonly ModelMetadata[]): Promise<ModelMetadata[]> {
  const { rows } = await executor.run(question(executor.dialect.listTables))
  const there = new Set(rows.map(([name]) => String(name)))
  return models.filter((meta) => !there.has(meta.table))
}
