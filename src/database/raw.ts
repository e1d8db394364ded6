import { nodeOf } from '../ast/brand.js'
import type { Gated } from '../ast/gated.js'
import type { RawStatementNode } from '../ast/statement.js'
import { structureOf } from '../ast/structure.js'
import { refuseTooMany } from '../dialect/parameters.js'
import { UsageError } from '../errors.js'
import type { Executor } from '../execution/executor.js'
import { noteRead, type Purpose } from '../execution/n-plus-one.js'
import { boundStatement, type NamedStatement, statementWith, TEMPLATE } from '../execution/statement.js'
import { copyHint } from '../util/copies.js'
import { settings } from './settings.js'

type RawGate = (statement: RawStatementNode) => Gated

let gated: RawGate

/** How queries that stand in it get the conditions of their models; given by the layer that knows those. */
export function gateRawBy(gate: RawGate): void {
  gated = gate
}

/** A statement of the user's own, with its values bound. */
export function rawStatement(
  executor: Executor,
  sql: unknown,
  rows: boolean,
  model: string | null = null,
): NamedStatement {
  const node = nodeOf(sql)
  if (node === undefined || node.kind !== 'raw')
    throw new UsageError(
      `SQL is written with the sql tag: db.execute(sql\`update users set active = \${true}\`).${copyHint(sql)}`,
    )
  const { sql: text, bindings, intent } = executor.dialect.compiler.compile(gated({ kind: 'rawStatement', sql: node }))
  const parameters = bindings.flatMap(({ node, encode, spread }) => {
    if (node.kind === 'parameter') return [encode(node.value)]
    return spread === null ? [encode(node.values)] : node.values.map(encode)
  })
  refuseTooMany(parameters.length, executor.dialect)
  const prepare = structureOf([node]).key !== null
  const template = { ...TEMPLATE, sql: text, intent, prepare, rows, hasRawSql: true, namesColumns: rows }
  const statement = boundStatement(template, parameters)
  const isCounted = settings.detectNPlusOne !== false && rows
  return isCounted ? statementWith(statement, { userRead: noteRead(() => reads(model)) }) : statement
}

const reads = (model: string | null): Purpose => ({
  model,
  relation: null,
  fix: 'Run one query for all of it before the loop.',
})

/** Runs the statement; the number of rows it affected. */
export async function rawExecute(executor: Executor, sql: unknown): Promise<number> {
  return (await executor.run(rawStatement(executor, sql, false))).affected
}

/** Runs the statement; its rows as plain objects, with values as the driver gives them. */
export async function rawSelect<T = Record<string, unknown>>(executor: Executor, sql: unknown): Promise<T[]> {
  const { rows, columns = [] } = await executor.run(rawStatement(executor, sql, true))
  return rows.map((row) => {
    const object: Record<string, unknown> = {}
    // a column may have any name, __proto__ too
    columns.forEach((name, i) =>
      Object.defineProperty(object, name, { value: row[i], enumerable: true, writable: true, configurable: true }),
    )
    // what its columns are, only the user knows
    return object as T
  })
}
