import type { Executor } from '../../execution/executor.js'
import { present } from '../../util/expect.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { asRecord } from '../../util/record.js'
import { within } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { ExpectedVersion, RowChange } from './batch.js'
import { cascadeInstance, cascadesOf } from './cascade.js'
import { scopedBy } from './guards.js'
import { recordSaved, settle } from './originals.js'
import { ownRow } from './own-row.js'
import { makeAutomatic } from './prepare.js'
import { sendMark } from './send/mark.js'
import { writeValue } from './values.js'
import { expectedVersion, gone, stale } from './versions.js'
import { writeMetadataOf } from './write-metadata.js'
import { holdsAssigned, markGone, storedKey, takeOver, widen, written } from './written.js'

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
  const expected = expectedVersion(runtime, instance, null)
  const { touched } = writeMetadataOf(meta)
  const moment = { now: at ?? undefined }
  const fields = [present(meta.softDelete, 'a model with soft deletes'), ...touched]
  const held = [at && new Date(at), ...touched.map((each) => makeAutomatic(each, moment))]
  if (typeof expected === 'number') {
    fields.push(present(meta.version, 'a model with versions'))
    held.push(expected + 1)
  }
  const change: RowChange = {
    fields,
    values: fields.map((each, i) => writeValue(each, held[i], [])),
    touched: [],
    key: storedKey(runtime, instance),
    expected,
    scoped: scopedBy(runtime, instance),
    generated: null,
  }
  const { undo } = executor
  if (undo !== null) recordSaved(undo, instance, fields, 'held')
  return andThen(sendMark(runtime, executor, change, at), ({ affected }) => {
    if (undo?.undone === true) return
    if (affected === 0) return takeOverMark({ runtime, instance, expected }, at, executor)
    fields.forEach((each, i) => {
      if (!holdsAssigned(instance, each)) asRecord(instance)[each.name] = held[i]
    })
    written(runtime, instance, change)
    settle(undo, instance, fields)
  })
}

/** An instance whose row was not found in the state that it has loaded. */
interface MissedRow {
  readonly runtime: ModelRuntime
  readonly instance: object
  readonly expected: ExpectedVersion
}

/**
 * Another call has soft-deleted or restored the row: reads the time from it. The instance keeps its version, because it has not
 * loaded the other changes.
 */
function takeOverMark(
  { runtime, instance, expected }: MissedRow,
  at: Date | null,
  executor: Executor,
): MaybePromise<void> {
  const { undo } = executor
  const { meta } = runtime
  const field = present(meta.softDelete, 'a model with soft deletes')
  const { openTransaction, dialect } = executor
  const row = ownRow(runtime, instance, executor, 'own')
  // the row may have a newer version than this transaction can see
  const isUnseen = meta.version !== null && openTransaction !== null && dialect.capabilities.staleReads
  return (isUnseen ? row.lock('share') : row).valuesList(field.name).then(([found]) => {
    if (found === undefined && at === null) throw gone(runtime, instance, expected)
    if (found === undefined) {
      markGone(instance)
      return settle(undo, instance, null)
    }
    const isMarked = found[0] !== null
    if (typeof expected === 'number' && isMarked !== (at !== null))
      return andThen(stale(runtime, instance, expected, executor), (error) => {
        throw error
      })
    widen(runtime, instance, [field])
    takeOver([field], instance, found)
    settle(undo, instance, [field])
  })
}
