import type { SchemaState } from '../ast/schema.js'
import type { CatalogState, Unmanaged } from '../dialect/catalog.js'
import type { Executor } from '../execution/executor.js'
import { plain, question } from '../execution/statement.js'
import { compareCatalog } from '../schema/catalog/compare-states.js'
import type { Difference } from '../schema/catalog/difference.js'
import { isIgnored } from './ignored.js'

export interface DriftOptions {
  /** Names of tables and views, or `table.column`, that are not compared. `*` stands for any characters. */
  readonly ignore: readonly string[]
  /** Tables of corm's own, such as the record of migrations. */
  readonly own: readonly string[]
}

/** What the database has other than the schema says. */
export interface Drift {
  readonly differences: readonly Difference[]
  /** What corm knows only by its name, and never changes. */
  readonly unmanaged: readonly Unmanaged[]
  /** What the database has. */
  readonly found: CatalogState
}

/** Compares a schema, of models or of migrations, with the database. Changes nothing. */
export async function driftOf(executor: Executor, state: SchemaState, options: DriftOptions): Promise<Drift> {
  const { dialect } = executor
  let compared: Awaited<ReturnType<typeof compareCatalog>> | undefined
  // thrown when the work is done, so that the transaction is rolled back
  const done = new Error('done')
  const work = async (trx: Pick<Executor, 'run'>) => {
    compared = await compareCatalog(state, dialect, async (sql) => {
      const isQuery = /^(?:select|show)\b/.test(sql)
      return (await trx.run(isQuery ? { ...question(sql), prepare: false } : plain(sql, 'schema'))).rows
    })
    throw done
  }
  try {
    await executor.transaction(work)
  } catch (error) {
    if (error !== done) throw error
  }
  if (compared === undefined) throw new TypeError('the comparison did not run')
  const { differences, found } = compared
  const ignored = isIgnored(options.ignore, options.own)
  return {
    differences: differences.filter(({ table, name }) => !ignored(table, name)),
    unmanaged: found.unmanaged.filter(({ name, table }) => !ignored(table ?? name, null)),
    found,
  }
}
