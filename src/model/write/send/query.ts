import type { ExpressionNode } from '../../../ast/expression.js'
import type { AssignmentNode } from '../../../ast/statement.js'
import { selectsOf, someNode } from '../../../ast/walk.js'
import type { Dialect } from '../../../dialect/dialect.js'
import { UnsupportedError, UsageError } from '../../../errors.js'
import type { BatchConnection, Executor } from '../../../execution/executor.js'
import { type NamedStatement, statementWith } from '../../../execution/statement.js'
import { writing, writtenColumns } from '../../../query/builder/changes.js'
import type { Query } from '../../../query/builder/query-builder.js'
import type { QueryDelete, QueryMark, QueryState, QueryUpdate, QueryWrite } from '../../../query/runner/runner.js'
import { endingOf, locksRows } from '../../../query/statement/ending.js'
import { loadedFields } from '../../../query/statement/loaded-fields.js'
import { gather } from '../../../query/statement/parts.js'
import { andThen, type MaybePromise } from '../../../util/maybe-promise.js'
import { readRows } from '../../read/fetch.js'
import type { BoundPlan } from '../../read/plan.js'
import { plannedFor, send } from '../../read/send.js'
import { keyLists } from '../../runtime/key-lists.js'
import { executorOf, usingOf } from '../../runtime/run.js'
import { runtimeOf } from '../../runtime/runtime.js'
import { guardShown } from '../guards.js'

/** Runs the update or delete that was put on a query; the number of rows matched. */
export function sendQuery(query: QueryState): MaybePromise<number> {
  return andThen(executorOf(query), (executor) =>
    andThen(send(plannedFor(query, executor.dialect), query, executor), ({ affected }) => affected),
  )
}

/** Changes or deletes the rows of a query, and returns them as instances. */
export function sendReturning(query: Query, write: QueryWrite, executor: Executor): MaybePromise<object[]> {
  const { updateReturning, deleteReturning } = executor.dialect.capabilities
  const returns = write.kind === 'delete' ? deleteReturning : updateReturning
  if (!returns || endingOf(query.shape).lock !== null) return sendByKeys(query, write, executor)
  return read(writing(query.unlocked(), write, true), executor.dialect, executor)
}

/** For databases that can't return changed rows, and for guards: locks the rows first, so that the same rows are changed and read. */
export function sendByKeys(query: Query, write: QueryWrite, executor: Executor): Promise<object[]> {
  const { meta } = query.source
  if (meta.primaryKey.length === 0)
    throw new UsageError(
      `"${meta.name}" has no primary key, so its changed rows can't be found again. Use update() or delete() instead.`,
    )
  if (writtenColumns(query.source, write).some((column) => meta.primaryKey.some((field) => field.column === column)))
    throw new UnsupportedError(
      'updateReturning() that changes the primary key',
      executor.dialect.name,
      'Use update(), and read the rows by their new keys.',
    )
  const locked = locksRows(query.shape) ? query : query.lock('update')
  // reported before a transaction begins
  plannedFor(locked, executor.dialect)
  return executor.atomically((connection) =>
    write.kind === 'delete'
      ? deleteByKeys(locked, write, executor.dialect, connection)
      : updateByKeys(locked, write, executor.dialect, connection),
  )
}

async function updateByKeys(
  locked: Query,
  write: QueryUpdate | QueryMark,
  dialect: Dialect,
  connection: BatchConnection,
): Promise<object[]> {
  const { meta } = locked.source
  const found = await read(locked.select(...meta.primaryKey.map(({ name }) => name)), dialect, connection)
  if (found.length === 0) return []
  const lists = byKeys(found, locked, dialect, write.kind === 'update' && !write.assignments.every(isOfRow))
  for (const chosen of lists) await connection.run(statementOf(writing(chosen, write), dialect))
  const fields = loadedFields(meta, gather(meta, locked.shape)).map(({ name }) => name)
  // locked, these are the newest rows; without it, one that kept its values might come as the transaction saw it first
  const marks = write.kind === 'mark'
  const rows: object[] = []
  for (const chosen of lists) {
    const changed = (marks ? chosen.lifting('all') : chosen).select(...fields).lock('update')
    for (const row of await read(changed, dialect, connection)) rows.push(row)
  }
  if (!marks) guardShown(meta, found, rows)
  const places = new Map(found.map((row, place) => [meta.key.identityIn(row), place]))
  const placeOf = (row: object) => places.get(meta.key.identityIn(row)) ?? 0
  return rows.sort((a, b) => placeOf(a) - placeOf(b))
}

async function deleteByKeys(
  locked: Query,
  write: QueryDelete,
  dialect: Dialect,
  connection: BatchConnection,
): Promise<object[]> {
  const rows = await read(locked, dialect, connection)
  if (rows.length === 0) return []
  for (const chosen of byKeys(rows, locked, dialect)) await connection.run(statementOf(writing(chosen, write), dialect))
  return rows
}

/** Whether a value is known from its row: one that reads other rows could see what an earlier statement has changed. */
const isOfRow = ({ value }: AssignmentNode): boolean =>
  !someNode(value, (node) => node.kind === 'raw' || selectsOf(node).length > 0 || isPath(node))

const isPath = (node: ExpressionNode) => node.kind === 'column' && node.path !== undefined

/** Queries over these rows alone, each of as many as a statement can name. */
function byKeys(rows: readonly object[], query: Query, dialect: Dialect, single = false): readonly Query[] {
  const { key, primaryKey } = query.source.meta
  const keys = rows.map((row) => key.valuesIn(row))
  const all = fresh(query)
  return keyLists(primaryKey, keys, dialect, { single }).map(({ condition }) => all.restrict(condition))
}

/**
 * What a query selects and loads, of the rows with these keys, whatever its conditions: rows that were written since may have made
 * them false.
 */
export function ofKeys(query: Query, keys: readonly (readonly unknown[])[], dialect: Dialect): readonly Query[] {
  const { meta } = query.source
  const fields = loadedFields(meta, gather(meta, query.shape)).map(({ name }) => name)
  const all = fresh(query)
    .loading(query.preloads)
    .select(...fields)
  return keyLists(meta.primaryKey, keys, dialect).map(({ condition }) => all.restrict(condition))
}

/** A query over all rows of the same model, with the comments of this one. */
function fresh(query: Query): Query {
  const bare = runtimeOf(query.source.meta.model).query(usingOf(query)).everyRow()
  const lifted = query.shape.each('lift').reduce((other, { names }) => other.lifting(names), bare)
  return endingOf(query.shape).comments.reduce((commented, text) => commented.comment(text), lifted)
}

const statementOf = (query: QueryState, dialect: Dialect): NamedStatement => statementBy(plannedFor(query, dialect))

function statementBy({ plan, values }: BoundPlan): NamedStatement {
  const statement = plan.statement(values)
  return plan.assembled.lock?.held === 'fail' ? statementWith(statement, { asksOnly: true }) : statement
}

function read(query: QueryState, dialect: Dialect, on: Pick<BatchConnection, 'run'>): MaybePromise<object[]> {
  const planned = plannedFor(query, dialect)
  return andThen(on.run(statementBy(planned)), ({ rows }) => readRows(planned.plan, rows, usingOf(query)).instances)
}
