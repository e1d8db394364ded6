import { UnsupportedError, UsageError } from '../../errors.js'
import type { Executor, Using } from '../../execution/executor.js'
import { question, schemaStatement, writeStatement } from '../../execution/statement.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { refuseReadOnly } from '../../query/scopes/refused.js'
import { inTurn } from '../../util/maybe-promise.js'
import { executorFor } from '../runtime/run.js'

interface TruncateOptions {
  /** Tables with foreign keys to it are emptied too. */
  readonly cascade?: boolean | undefined
  /** Automatic numbers start again. */
  readonly restartIds?: boolean | undefined
}

/** Deletes all rows of a model's table, whatever its scopes hide. */
export async function truncate(meta: ModelMetadata, using: Using, options: TruncateOptions): Promise<void> {
  const { cascade = false, restartIds = false } = options
  refuseReadOnly(meta)
  for (const name of meta.locked)
    throw new UsageError(
      `truncate() would delete rows of "${meta.name}" that its locked global scope "${name}" hides. Delete those that it shows, with all().forceDelete(), or lift it by its name: ${meta.name}.withoutGlobalScope('${name}').`,
    )
  const executor = await executorFor(meta, using)
  const { emptying } = executor.dialect
  if (restartIds && emptying.restart !== null && executor.undo !== null)
    throw new UnsupportedError(
      'truncate({ restartIds: true }) in a transaction',
      executor.dialect.name,
      'It would commit the transaction there. Call it outside one.',
    )
  const others = await referencing(executor, meta.table, cascade)
  const emptied = cascade ? [...others, meta.table] : [meta.table]
  const numbers = restartIds && (await hasCounters(executor))
  const statements = [
    ...(await clearingOwnReferences(executor, emptied)),
    ...emptying.statements({ table: meta.table, others, cascade, restartIds: numbers }),
  ]
  await executor.atomically((connection) => inTurn(statements, (sql) => connection.run(writeStatement(sql))))
  const { restart } = emptying
  if (numbers && restart !== null) for (const name of emptied) await executor.run(schemaStatement(restart(name)))
}

/** The tables with foreign keys to this one; where all are emptied, those with foreign keys to these too, and they come first. */
async function referencing(executor: Executor, table: string, deep: boolean): Promise<string[]> {
  const seen = new Set([table])
  const found: string[] = []
  const visit = async (next: string): Promise<void> => {
    for (const name of await namesOf(executor, executor.dialect.emptying.referencing, next)) {
      if (seen.has(name)) continue
      seen.add(name)
      if (deep) await visit(name)
      found.push(name)
    }
  }
  await visit(table)
  return found
}

/** Rows that point at rows of their own table could not be deleted in any order. */
async function clearingOwnReferences(executor: Executor, tables: readonly string[]): Promise<string[]> {
  const { emptying, compiler } = executor.dialect
  const { quote } = compiler.syntax
  const updates: string[] = []
  if (emptying.ownReferences === null) return updates
  for (const table of tables) {
    const columns = (await namesOf(executor, emptying.ownReferences, table)).map(quote)
    if (columns.length === 0) continue
    const cleared = columns.map((column) => `${column} = null`).join(', ')
    updates.push(`update ${quote(table)} set ${cleared}`)
  }
  return updates
}

async function namesOf(executor: Executor, sql: string, table: string): Promise<string[]> {
  const { rows } = await executor.run(question(sql, table))
  return rows.map((row) => String(row[0]))
}

async function hasCounters(executor: Executor): Promise<boolean> {
  const sql = executor.dialect.emptying.hasCounters
  if (sql === null) return true
  return (await executor.run(question(sql))).rows.length > 0
}
