import { ASSIGNMENT } from '../../ast/bases.js'
import type { AssignmentNode } from '../../ast/statement.js'
import { StaleModelError } from '../../errors.js'
import type { Executor } from '../../execution/executor.js'
import { NamedStatement } from '../../execution/statement.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { Query } from '../../query/builder/query-builder.js'
import { columnOf } from '../../query/columns/columns.js'
import type { QueryState } from '../../query/runner/runner.js'
import { at } from '../../util/list.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { asRecord } from '../../util/record.js'
import { runner } from '../read/runner.js'
import { within } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { markByScopes, scopedBy } from './by-scopes.js'
import { cascadeBefore, cascadeInstance, cascadeRows, cascadesOf } from './cascade.js'
import { changeReturning } from './change-returning.js'
import { ownRow, takeOver } from './insert.js'
import { keepSaved, settle } from './originals.js'
import { makeAutomatic } from './prepare.js'
import {
  bound,
  markGone,
  parameterOf,
  type RowChange,
  stored,
  storedKey,
  tableOf,
  type WritePlan,
  whereKey,
  widen,
  writePlan,
} from './update.js'
import { writeValue } from './values.js'
import { writeMetadataOf } from './write-metadata.js'

// The one place where rows are marked as deleted, or brought back (`at` is null), by one time for all of them: what follows them
// in other tables belongs here.

/** Marks the rows of a query. */
export function markRows(query: QueryState, at: Date | null): MaybePromise<number> {
  if (cascadesOf(query.source.meta).length > 0) return cascadeRows(query as Query, at)
  return runner.write((query as Query).marked(at))
}

/** Marks the rows of a query, and answers them as they are then. */
export function markRowsReturning(query: QueryState, at: Date): MaybePromise<object[]> {
  if (cascadesOf(query.source.meta).length === 0) return markReturning(query as Query, at)
  return cascadeBefore(query as Query, at, markReturning)
}

function markReturning(query: Query, at: Date): MaybePromise<object[]> {
  const rows = query.amongMarked(at)
  const of = (some: QueryState, returning: boolean) => (some as Query).marked(at, returning)
  const columns = fieldsOf(query.source.meta.softDelete as ModelField, rows.meta).map(({ column }) => column)
  return changeReturning(rows, { kind: 'update', columns, of })
}

/** Marks the row of an instance, which takes over the time. A row that was marked before keeps its own. */
export function markInstance(
  runtime: ModelRuntime,
  instance: object,
  at: Date | null,
  executor: Executor,
): MaybePromise<void> {
  if (cascadesOf(runtime.meta).length === 0) return markOwn(runtime, instance, at, executor)
  return cascadeInstance(runtime, instance, at, executor, (time, trx) => markOwn(runtime, instance, time, within(trx)))
}

function markOwn(runtime: ModelRuntime, instance: object, at: Date | null, executor: Executor): MaybePromise<void> {
  const { meta } = runtime
  const field = meta.softDelete as ModelField
  const fields = fieldsOf(field, meta)
  const moment = { now: at ?? undefined }
  const held = fields.map((each) => (each === field ? at && new Date(at) : makeAutomatic(each, moment)))
  const change: RowChange = {
    fields,
    values: fields.map((each, i) => writeValue(each, held[i], [])),
    touched: [],
    key: storedKey(runtime, instance),
    scoped: scopedBy(runtime, instance),
  }
  const statement = markStatement(runtime, executor, change, at)
  const { undo } = executor
  if (undo !== null) keepSaved(undo, instance, fields, 'held')
  return andThen(executor.run(statement), ({ affected }) => {
    if (undo?.undone === true) return
    if (affected === 0) return takeOverMark(runtime, instance, field, at, executor)
    fields.forEach((each, i) => {
      asRecord(instance)[each.name] = held[i]
    })
    stored(runtime, instance, change)
    settle(undo, instance, fields)
  })
}

const fieldsOf = (field: ModelField, meta: ModelRuntime['meta']) => [field, ...writeMetadataOf(meta).touched]

function markStatement(runtime: ModelRuntime, executor: Executor, change: RowChange, at: Date | null): NamedStatement {
  if (change.scoped !== null) return markByScopes(runtime, change, at, executor.dialect)
  const plan = markPlan(runtime, executor, change.fields, at === null)
  const parameters = bound(plan, change.values, change.key)
  return new NamedStatement(plan.form, parameters)
}

function markPlan(
  runtime: ModelRuntime,
  { dialect }: Executor,
  fields: readonly ModelField[],
  restores: boolean,
): WritePlan {
  return writePlan(runtime, dialect, restores ? 'restore' : 'softDelete', () => ({
    kind: 'update',
    table: tableOf(runtime),
    assignments: fields.map(
      (field): AssignmentNode => ({ ...ASSIGNMENT, column: field.column, value: parameterOf(field) }),
    ),
    where: {
      kind: 'logic',
      operator: 'and',
      items: [whereKey(runtime), { kind: 'nullTest', operand: columnOf(at(fields, 0)), negated: restores }],
    },
    returning: [],
  }))
}

/** Somebody was faster: the row says when. */
function takeOverMark(
  runtime: ModelRuntime,
  instance: object,
  field: ModelField,
  at: Date | null,
  executor: Executor,
): MaybePromise<void> {
  const { undo } = executor
  return ownRow(runtime, instance, executor, 'own')
    .valuesList(field.name)
    .then(([row]) => {
      if (row === undefined && at === null) throw new StaleModelError(runtime.meta.name)
      if (row === undefined) {
        markGone(instance)
        return settle(undo, instance, null)
      }
      widen(runtime, instance, [field])
      takeOver([field], instance, row)
      settle(undo, instance, [field])
    })
}
