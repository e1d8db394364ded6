import { eachTableIn } from '../../../ast/tables.js'
import type { Dialect } from '../../../dialect/dialect.js'
import type { QueryResult } from '../../../driver/driver.js'
import { UsageError } from '../../../errors.js'
import type { BatchConnection, Executor } from '../../../execution/executor.js'
import { boundStatement, type NamedStatement } from '../../../execution/statement.js'
import { andThen, inTurn, type MaybePromise } from '../../../util/maybe-promise.js'
import type { ModelRuntime } from '../../runtime/runtime.js'
import { type CanonicalRow, givenBits } from '../prepare.js'
import { writeMetadataOf } from '../write-metadata.js'
import { raiseNumbers } from './insert.js'
import { type Conflict, type InsertPlan, insertPlan } from './insert-plan.js'
import type { InsertResult } from './insert-results.js'
import { sizeOf } from './row-size.js'

/** About the bytes of one statement where each row has its own placeholders: the servers refuse what is much larger. */
const BYTES = 4 * 1024 * 1024
/** Rows per statement where rows go in as lists. */
const LIST_ROWS = 5000

/** Rows with values for the same fields, which go in by the same statements. */
interface InsertGroup {
  readonly plan: InsertPlan
  /** Places in the list of rows. */
  readonly places: number[]
  readonly rows: CanonicalRow[]
  /** The parameters of the conflict clause, which follow those of the rows. */
  readonly conflictParameters: readonly unknown[]
}

/** How the rows are sent. */
export interface InsertOptions {
  readonly results: InsertResult[] | null
  readonly conflict: Conflict | null
  readonly most: number | undefined
}

/** Rows of a group from `from` on, as one statement. */
interface Piece {
  readonly group: InsertGroup
  readonly from: number
  readonly count: number
}

/**
 * Inserts rows, all or none, at most `most` in a statement; the number of rows. `results`, when given, receives what the database
 * made.
 */
export async function sendInserts(
  runtime: ModelRuntime,
  executor: Executor,
  rows: readonly CanonicalRow[],
  { results, conflict, most = Infinity }: InsertOptions,
): Promise<number> {
  const { dialect } = executor
  const groups = groupsOf(runtime, dialect, rows, conflict)
  let total = 0
  const onResult = (piece: Piece, result: QueryResult) => {
    total += result.affected
    const { plan, places } = piece.group
    results?.push({ plan, places: places.slice(piece.from, piece.from + piece.count), result })
  }
  // one text for each row: the pieces would be the rows
  const isRepeated = dialect.capabilities.bulkInsert === 'repeat' && rows.length > 1
  const pieces = isRepeated ? [] : groups.flatMap((group) => piecesOf(group, dialect, most))
  const [only, second] = pieces
  if (conflict !== null && (isRepeated || second !== undefined)) refuseReading(runtime, conflict)
  if (only !== undefined && second === undefined) onResult(only, await executor.run(statementOf(dialect, only)))
  else if (isRepeated)
    await executor.atomically((connection) => inTurn(groups, (group) => repeat(group, connection, onResult)))
  else await executor.atomically((connection) => inTurn(pieces, (piece) => send(dialect, piece, connection, onResult)))
  for (const { plan, rows } of groups) await raiseNumbers(runtime, executor, plan, rows)
  return total
}

/** The update of a later statement would read what an earlier one has written. */
function refuseReading({ meta }: ModelRuntime, { node }: Conflict): void {
  for (const { value } of node.assignments)
    eachTableIn({ kind: 'tuple', items: [value] }, ({ name }) => {
      if (name !== meta.table) return
      throw new UsageError(
        `The update of upsertMany() reads rows of "${meta.table}", and these rows take more than one statement: later ones would read what earlier ones have written. Read the values first, or use upsert() for each row.`,
      )
    })
}

type OnResult = (piece: Piece, result: QueryResult) => void

function send(dialect: Dialect, piece: Piece, connection: BatchConnection, onResult: OnResult): MaybePromise<void> {
  return andThen(connection.run(statementOf(dialect, piece)), (result) => onResult(piece, result))
}

/** One text run for each row. */
function repeat(group: InsertGroup, connection: BatchConnection, onResult: OnResult): MaybePromise<void> {
  const { plan, rows, conflictParameters } = group
  if (connection.runMany === undefined) throw new TypeError('the driver runs one text for many rows')
  const statement = boundStatement(plan.template(1), [])
  const encode = (i: number) => plan.encode(rows[i] as CanonicalRow)
  return andThen(
    connection.runMany(
      statement,
      rows.length,
      conflictParameters.length === 0 ? encode : (i) => [...encode(i), ...conflictParameters],
    ),
    (result) => onResult({ group, from: 0, count: rows.length }, result),
  )
}

function groupsOf(
  runtime: ModelRuntime,
  dialect: Dialect,
  rows: readonly CanonicalRow[],
  conflict: Conflict | null,
): InsertGroup[] {
  const { optional } = writeMetadataOf(runtime.meta)
  const groups = new Map<number | string, InsertGroup>()
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as CanonicalRow
    const given = givenBits(optional, row)
    let group = groups.get(given)
    if (group === undefined) {
      const plan = insertPlan(runtime, dialect, row, conflict)
      groups.set(given, (group = { plan, places: [], rows: [], conflictParameters: plan.encodeConflict(conflict) }))
    }
    group.places.push(i)
    group.rows.push(row)
  }
  return [...groups.values()]
}

const inLists = (plan: InsertPlan, dialect: Dialect) =>
  dialect.capabilities.bulkInsert === 'lists' && plan.fields.length > 0

/** The rows cut into statements within the database's limits. */
function piecesOf(group: InsertGroup, dialect: Dialect, most: number): Piece[] {
  const pieces: Piece[] = []
  const total = group.rows.length
  const limit = Math.min(most, limitOf(group, dialect))
  const measured = limit > 1 && !inLists(group.plan, dialect)
  for (let from = 0; from < total; ) {
    const left = Math.min(total - from, limit)
    const count = measured ? fitting(group.rows, from, left) : left
    pieces.push({ group, from, count })
    from += count
  }
  return pieces
}

/** The most rows of one statement. */
function limitOf({ plan, conflictParameters }: InsertGroup, dialect: Dialect): number {
  if (inLists(plan, dialect)) return LIST_ROWS
  if (dialect.capabilities.bulkInsert === 'repeat' || plan.fields.length === 0) return 1
  return Math.max(1, Math.floor((dialect.capabilities.maxParameters - conflictParameters.length) / plan.fields.length))
}

/** How many of the rows from an index on fit into the bytes of a statement; at least one. */
function fitting(rows: readonly CanonicalRow[], from: number, most: number): number {
  let bytes = 0
  for (let i = 0; i < most; i++) {
    bytes += sizeOf(rows[from + i] as CanonicalRow)
    if (bytes > BYTES && i > 0) return i
  }
  return most
}

function statementOf(dialect: Dialect, { group, from, count }: Piece): NamedStatement {
  const { plan, conflictParameters } = group
  const rows = count === group.rows.length ? group.rows : group.rows.slice(from, from + count)
  return inLists(plan, dialect) && count > 1
    ? boundStatement(plan.template('lists'), [...listParameters(plan, rows), ...conflictParameters])
    : boundStatement(plan.template(count), [...rows.flatMap((row) => plan.encode(row)), ...conflictParameters])
}

function listParameters(plan: InsertPlan, rows: readonly CanonicalRow[]): unknown[] {
  return plan.fields.map((field, i) =>
    (plan.listEncoders[i] as (values: unknown[]) => unknown)(rows.map((row) => row[field.index])),
  )
}
