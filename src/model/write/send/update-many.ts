import type { ListNode } from '../../../ast/expression.js'
import type { Dialect } from '../../../dialect/dialect.js'
import { StaleModelError } from '../../../errors.js'
import type { BatchConnection, Executor } from '../../../execution/executor.js'
import { boundStatement } from '../../../execution/statement.js'
import type { ModelMetadata } from '../../../metadata/metadata.js'
import type { ModelField } from '../../../metadata/model-field.js'
import { everyRowOf } from '../../../query/columns/table.js'
import { at } from '../../../util/list.js'
import { andThen, inTurn, type MaybePromise } from '../../../util/maybe-promise.js'
import type { ModelRuntime } from '../../runtime/runtime.js'
import type { ChangedInstance, RowChange } from '../batch.js'
import { canonical } from '../canonical.js'
import { foundBy } from '../guards.js'
import { conditionOf, gone, type Stale, stale, staleAmong } from '../versions.js'
import { bound, placesOf, returnedBy, takeGenerated, type WritePlan, writePlan } from './plan.js'
import { sizeOf } from './row-size.js'
import { updatePlan, updateStatement } from './update.js'

/** Rows of one statement. */
const ROWS = 5000
/** About the bytes of one statement: the servers refuse what is much larger. */
const BYTES = 4 * 1024 * 1024

/** Updates the rows of instances, all or none, at most `most` in a statement; those that changed the same fields share statements. */
export async function sendUpdates(
  runtime: ModelRuntime,
  executor: Executor,
  changes: readonly ChangedInstance[],
  most = ROWS,
): Promise<void> {
  const missed: ChangedInstance[] = []
  const shared = { runtime, dialect: executor.dialect, missed }
  try {
    if (changes.length === 1) await sendEach({ ...shared, connection: executor }, changes)
    else await rolledBack(runtime, executor, (connection) => sendChanges({ ...shared, connection }, changes, most))
  } catch (error) {
    if (!(error instanceof StaleModelError)) throw error
    throw await errorOf(runtime, { changes, missed }, executor)
  }
}

/** The stale rows can only be found after a rollback: a row that another write has saved may have the same version. */
function rolledBack(
  { meta }: ModelRuntime,
  executor: Executor,
  work: (connection: BatchConnection) => MaybePromise<void>,
): Promise<void> {
  if (meta.version === null || executor.openTransaction === null) return executor.atomically(work)
  return executor.transaction(async (trx) => work(trx.batch()))
}

async function errorOf(runtime: ModelRuntime, { changes, missed }: Stale, on: Executor): Promise<StaleModelError> {
  if (changes.length > 1) return staleAmong(runtime, { changes, missed }, on)
  const { instance, change } = at(missed, 0)
  return stale(runtime, instance, change.expected, on)
}

/** What the statements of one call have in common. */
interface SendContext {
  readonly runtime: ModelRuntime
  readonly dialect: Dialect
  readonly connection: BatchConnection
  /** Takes changes of a statement that found fewer rows than it was sent. */
  readonly missed: ChangedInstance[]
}

type EachContext = Omit<SendContext, 'connection'> & { readonly connection: Pick<BatchConnection, 'run'> }

function sendChanges(context: SendContext, changes: readonly ChangedInstance[], most: number): MaybePromise<void> {
  // two instances have the same row: the later one counts, so they are sent one after the other
  if (!haveOwnKeys(context.runtime.meta, changes)) return inTurn(changes, (each) => sendEach(context, [each]))
  return inTurn(byFields(changes), (group) => sendGroup(context, group, most))
}

function haveOwnKeys({ key }: ModelMetadata, changes: readonly ChangedInstance[]): boolean {
  const keys = new Set<unknown>()
  for (const { change } of changes) {
    keys.add(key.identityOfStored(change.key))
  }
  return keys.size === changes.length
}

function byFields(changes: readonly ChangedInstance[]): (readonly ChangedInstance[])[] {
  const groups = new Map<string, ChangedInstance[]>()
  let last: ChangedInstance[] = []
  for (const each of changes) {
    // most instances have changed the same fields as the previous one
    if (last[0] === undefined || !sharesStatements(last[0].change, each.change)) {
      const { scoped, expected, fields } = each.change
      const key = `${scoped}:${expected === 'any'}:${placesOf(fields)}`
      last = groups.get(key) ?? []
      groups.set(key, last)
    }
    last.push(each)
  }
  return [...groups.values()]
}

function sharesStatements(one: RowChange, other: RowChange): boolean {
  const [some, others] = [one.fields, other.fields]
  if (one.scoped !== other.scoped || (one.expected === 'any') !== (other.expected === 'any')) return false
  if (some.length !== others.length) return false
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false
  return true
}

function sendGroup(context: SendContext, group: readonly ChangedInstance[], most: number): MaybePromise<void> {
  const { runtime, dialect, connection } = context
  const { fields, scoped, expected } = at(group, 0).change
  if (scoped !== null || returnedBy(runtime, dialect).length > 0) return sendEach(context, group)
  if (group.length > 1 && connection.runMany !== undefined) return repeat(context, group)
  if (group.length === 1 || expected === 'any' || !isByRows(runtime, dialect, fields)) return sendEach(context, group)
  const plan = rowsPlan(runtime, dialect, fields)
  return inTurn(batchesOf(group, most), (rows) => {
    const parameters = plan.encoders.map((encode) => encode(rows))
    return andThen(connection.run(boundStatement(plan.template, parameters)), ({ affected }) =>
      requireAll(context, group, affected < rows.length),
    )
  })
}

function requireAll({ runtime, missed }: EachContext, changes: readonly ChangedInstance[], fewer: boolean): void {
  if (!fewer) return
  missed.push(...changes)
  throw gone(runtime, at(changes, 0).instance, null)
}

/** One statement for each instance, at the same time if the connection can pipeline. */
function sendEach(context: EachContext, changes: readonly ChangedInstance[]): MaybePromise<void> {
  const { runtime, dialect, connection } = context
  const one = (changed: ChangedInstance) =>
    andThen(connection.run(updateStatement(runtime, dialect, changed.change)), (result) => {
      takeGenerated(runtime, dialect, changed.change, result)
      requireAll(context, [changed], result.affected < 1)
    })
  if (!dialect.capabilities.pipelining) return inTurn(changes, one)
  return Promise.allSettled(changes.map(async (each) => one(each))).then((results) => {
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  })
}

/** One text run for each row. */
function repeat(context: SendContext, group: readonly ChangedInstance[]): MaybePromise<void> {
  const { runtime, dialect, connection } = context
  const plan = updatePlan(runtime, dialect, at(group, 0).change)
  const statement = boundStatement(plan.template, [])
  const parametersOf = (i: number) => {
    const { change } = at(group, i)
    return bound(plan, change.values, conditionOf(change))
  }
  const sent = connection.runMany?.(statement, group.length, parametersOf)
  return sent === undefined
    ? undefined
    : andThen(sent, ({ affected }) => requireAll(context, group, affected < group.length))
}

/** Whether one statement can change these fields of many rows. It can't if they include the key. */
function isByRows({ meta }: ModelRuntime, dialect: Dialect, fields: readonly ModelField[]): boolean {
  const { updatesRows } = dialect.capabilities
  return (
    fields.every((field) => !field.primaryKey && updatesRows(canonical(field), false)) &&
    meta.primaryKey.every((field) => updatesRows(canonical(field), true))
  )
}

function rowsPlan(runtime: ModelRuntime, dialect: Dialect, fields: readonly ModelField[]): WritePlan {
  const column = (field: ModelField) => ({ name: field.column, type: canonical(field) })
  const rows: ListNode = { kind: 'list', type: null, values: [] }
  return writePlan(runtime, dialect, `update rows:${placesOf(fields)}`, () => ({
    kind: 'updateRows',
    table: everyRowOf(runtime.meta),
    keys: foundBy(runtime.meta, null).map(column),
    columns: fields.map(column),
    rows,
  }))
}

/** The rows of each statement: keys, then values. */
function batchesOf(group: readonly ChangedInstance[], most: number): unknown[][][] {
  const batches: unknown[][][] = []
  let bytes = 0
  let batch: unknown[][] = []
  for (const { change } of group) {
    const row = [...conditionOf(change), ...change.values]
    const size = sizeOf(row)
    if (batch.length === 0 || batch.length === most || bytes + size > BYTES) {
      batches.push((batch = []))
      bytes = 0
    }
    batch.push(row)
    bytes += size
  }
  return batches
}
