import type { ListNode } from '../../../ast/expression.js'
import type { Dialect } from '../../../dialect/dialect.js'
import type { BatchConnection, Executor } from '../../../execution/executor.js'
import { NamedStatement } from '../../../execution/statement.js'
import type { ModelMetadata } from '../../../metadata/metadata.js'
import type { ModelField } from '../../../metadata/model-field.js'
import { everyRowOf } from '../../../query/columns/table.js'
import { at } from '../../../util/list.js'
import { andThen, inTurn, type MaybePromise } from '../../../util/maybe-promise.js'
import type { ModelRuntime } from '../../runtime/runtime.js'
import type { Changed, RowChange } from '../batch.js'
import { canonical } from '../canonical.js'
import { notFound } from '../guards.js'
import { bound, placesOf, type WritePlan, writePlan } from './plan.js'
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
  changes: readonly Changed[],
  most = ROWS,
): Promise<void> {
  const { dialect } = executor
  if (changes.length === 1) await sendEach({ runtime, dialect, connection: executor }, changes)
  else await executor.atomically((connection) => sendChanges({ runtime, dialect, connection }, changes, most))
}

/** What the statements of one call have in common. */
interface SendContext {
  readonly runtime: ModelRuntime
  readonly dialect: Dialect
  readonly connection: BatchConnection
}

type EachContext = Omit<SendContext, 'connection'> & { readonly connection: Pick<BatchConnection, 'run'> }

function sendChanges(context: SendContext, changes: readonly Changed[], most: number): MaybePromise<void> {
  // two instances have the same row: the later one counts, so they are sent one after the other
  if (!haveOwnKeys(context.runtime.meta, changes)) return inTurn(changes, (each) => sendEach(context, [each]))
  return inTurn(byFields(changes), (group) => sendGroup(context, group, most))
}

function haveOwnKeys({ key }: ModelMetadata, changes: readonly Changed[]): boolean {
  const keys = new Set<unknown>()
  for (const { change } of changes) {
    keys.add(key.identityOfStored(change.key))
  }
  return keys.size === changes.length
}

function byFields(changes: readonly Changed[]): (readonly Changed[])[] {
  const groups = new Map<string, Changed[]>()
  let last: Changed[] = []
  for (const each of changes) {
    // most instances have changed the same fields as the previous one
    if (last[0] === undefined || !sharesStatements(last[0].change, each.change)) {
      const key = `${each.change.scoped}:${placesOf(each.change.fields)}`
      last = groups.get(key) ?? []
      groups.set(key, last)
    }
    last.push(each)
  }
  return [...groups.values()]
}

function sharesStatements(one: RowChange, other: RowChange): boolean {
  const [some, others] = [one.fields, other.fields]
  if (one.scoped !== other.scoped) return false
  if (some.length !== others.length) return false
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false
  return true
}

function sendGroup(context: SendContext, group: readonly Changed[], most: number): MaybePromise<void> {
  const { runtime, dialect, connection } = context
  const { fields, scoped } = at(group, 0).change
  if (scoped !== null) return sendEach(context, group)
  if (group.length > 1 && connection.runMany !== undefined) return repeat(context, group)
  if (group.length === 1 || !isByRows(runtime, dialect, fields)) return sendEach(context, group)
  const plan = rowsPlan(runtime, dialect, fields)
  return inTurn(batchesOf(group, most), (rows) => {
    const parameters = plan.encoders.map((encode) => encode(rows))
    return andThen(connection.run(new NamedStatement(plan.form, parameters)), ({ affected }) =>
      requireAll(runtime, affected, rows.length),
    )
  })
}

function requireAll(runtime: ModelRuntime, affected: number, expected: number): void {
  if (affected < expected) throw notFound(runtime)
}

/** One statement for each instance, at the same time if the connection can pipeline. */
function sendEach({ runtime, dialect, connection }: EachContext, changes: readonly Changed[]): MaybePromise<void> {
  const one = ({ change }: Changed) =>
    andThen(connection.run(updateStatement(runtime, dialect, change)), ({ affected }) =>
      requireAll(runtime, affected, 1),
    )
  if (!dialect.capabilities.pipelining) return inTurn(changes, one)
  return Promise.allSettled(changes.map(async (each) => one(each))).then((results) => {
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  })
}

/** One text run for each row. */
function repeat({ runtime, dialect, connection }: SendContext, group: readonly Changed[]): MaybePromise<void> {
  const plan = updatePlan(runtime, dialect, at(group, 0).change.fields)
  const statement = new NamedStatement(plan.form, [])
  const parametersOf = (i: number) => {
    const { change } = at(group, i)
    return bound(plan, change.values, change.key)
  }
  const sent = connection.runMany?.(statement, group.length, parametersOf)
  return sent === undefined ? undefined : andThen(sent, ({ affected }) => requireAll(runtime, affected, group.length))
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
    keys: runtime.meta.primaryKey.map(column),
    columns: fields.map(column),
    rows,
  }))
}

/** The rows of each statement: keys, then values. */
function batchesOf(group: readonly Changed[], most: number): unknown[][][] {
  const batches: unknown[][][] = []
  let bytes = 0
  let batch: unknown[][] = []
  for (const { change } of group) {
    const row = [...change.key, ...change.values]
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
