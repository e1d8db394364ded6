import type { Executor } from '../../execution/executor.js'
import type { ModelField } from '../../metadata/model-field.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { asRecord } from '../../util/record.js'
import { within } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { RowChange } from './batch.js'
import { cascadeInstance, cascadesOf } from './cascade.js'
import { notFound, scopedBy } from './guards.js'
import { keepSaved, settle } from './originals.js'
import { ownRow } from './own-row.js'
import { makeAutomatic } from './prepare.js'
import { sendMark } from './send/mark.js'
import { markGone, stored, storedKey, takeOver, widen } from './stored.js'
import { writeValue } from './values.js'
import { writeMetadataOf } from './write-metadata.js'

/**
 * Marks the row of an instance as deleted, or restores it (`at` is null), with its cascaded rows, and sets the time on the
 * instance. A row that was marked before keeps its time.
 */
export function markInstance(
  runtime: ModelRuntime,
  instance: object,
  at: Date | null,
  executor: Executor,
): MaybePromise<void> {
  if (cascadesOf(runtime.meta).length === 0) return markOwn(runtime, instance, at, executor)
  return cascadeInstance({ runtime, instance, at }, executor, (time, trx) =>
    markOwn(runtime, instance, time, within(trx)),
  )
}

function markOwn(runtime: ModelRuntime, instance: object, at: Date | null, executor: Executor): MaybePromise<void> {
  const { meta } = runtime
  const field = meta.softDelete as ModelField
  const fields = [field, ...writeMetadataOf(meta).touched]
  const moment = { now: at ?? undefined }
  const held = fields.map((each) => (each === field ? at && new Date(at) : makeAutomatic(each, moment)))
  const change: RowChange = {
    fields,
    values: fields.map((each, i) => writeValue(each, held[i], [])),
    touched: [],
    key: storedKey(runtime, instance),
    scoped: scopedBy(runtime, instance),
  }
  const { undo } = executor
  if (undo !== null) keepSaved(undo, instance, fields, 'held')
  return andThen(sendMark(runtime, executor, change, at), ({ affected }) => {
    if (undo?.undone === true) return
    if (affected === 0) return takeOverMark(runtime, instance, at, executor)
    fields.forEach((each, i) => {
      asRecord(instance)[each.name] = held[i]
    })
    stored(runtime, instance, change)
    settle(undo, instance, fields)
  })
}

/** Another call has marked the row: reads the time from it. */
function takeOverMark(
  runtime: ModelRuntime,
  instance: object,
  at: Date | null,
  executor: Executor,
): MaybePromise<void> {
  const { undo } = executor
  const field = runtime.meta.softDelete as ModelField
  return ownRow(runtime, instance, executor, 'own')
    .valuesList(field.name)
    .then(([row]) => {
      if (row === undefined && at === null) throw notFound(runtime)
      if (row === undefined) {
        markGone(instance)
        return settle(undo, instance, null)
      }
      widen(runtime, instance, [field])
      takeOver([field], instance, row)
      settle(undo, instance, [field])
    })
}
