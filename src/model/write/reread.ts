import type { Using } from '../../execution/executor.js'
import type { UndoLog } from '../../execution/undo.js'
import { originOf } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import { checkStep } from '../../query/builder/changes.js'
import { columnOf } from '../../query/columns/columns.js'
import { Expr } from '../../query/expression/expression.js'
import type { QueryCause } from '../../query/runner/runner.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { asRecord } from '../../util/record.js'
import { executorFor } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { changedFields } from './change.js'
import { recordSaved, settle } from './originals.js'
import { ownRow } from './own-row.js'
import { onRowInTurn } from './turns.js'
import { gone } from './versions.js'
import { writeMetadataOf } from './write-metadata.js'
import { takeOver, widen } from './written.js'

// Reads values of an instance from its row again.

/** Reads fields of the row again, and overwrites what the code has assigned to them. */
export function refreshFields(runtime: ModelRuntime, instance: object, fields: readonly ModelField[]): Promise<void> {
  return onRowInTurn(runtime, instance, async () => read(runtime, instance, fields))
}

/** Reads fields of the row, in a turn of the instance. */
export const readFields = (runtime: ModelRuntime, instance: object, fields: readonly ModelField[]): Promise<void> =>
  read(runtime, instance, fields)

const isLoaded = (instance: object, field: ModelField) => (originOf(instance)?.positions[field.index] ?? -1) >= 0

/** Adds to a field in the database, and reads the result. */
export function addToField(
  runtime: ModelRuntime,
  instance: object,
  field: ModelField,
  { operation, by }: { readonly operation: 'plus' | 'minus'; readonly by: unknown },
): Promise<void> {
  checkStep(field, by)
  return onRowInTurn(runtime, instance, async () => {
    const value = new Expr(columnOf(field))[operation](by)
    const touched = writeMetadataOf(runtime.meta).touched.filter((each) => each !== field && isLoaded(instance, each))
    const fields = [field, ...touched, ...runtime.meta.generated.filter((each) => isLoaded(instance, each))]
    const recorded = await record(runtime, instance, fields)
    const affected = await ownRow(runtime, instance, recorded.using).update(
      { [field.name]: value },
      { guarded: true, hooks: false },
    )
    if (affected === 0) throw gone(runtime, instance, null)
    const changed = changedFields(runtime, instance, new Set(touched.map(({ name }) => name)))
    await read(runtime, instance, fields, { cause: 'own', changed, recorded })
  })
}

interface RereadOptions {
  readonly cause: QueryCause | undefined
  /** Fields that keep what the code has assigned: only their originals are updated. */
  readonly changed: readonly ModelField[]
  /** Set if a rollback restores the fields already. */
  readonly recorded: RowLocation | null
}

const ASKED: RereadOptions = { cause: undefined, changed: [], recorded: null }

async function read(
  runtime: ModelRuntime,
  instance: object,
  fields: readonly ModelField[],
  { cause, changed, recorded }: RereadOptions = ASKED,
): Promise<void> {
  const location = recorded ?? record(runtime, instance, fields)
  // without a needless await, which would hide the line of the call from N+1 detection
  const { using, undo } = location instanceof Promise ? await location : location
  const query = ownRow(runtime, instance, using, cause)
  const [row] = await query.valuesList(...fields.map((field) => field.name))
  if (row === undefined) throw gone(runtime, instance, null)
  widen(runtime, instance, fields)
  const held = changed.map(({ name }) => [name, asRecord(instance)[name]])
  takeOver(fields, instance, row)
  Object.assign(instance, Object.fromEntries(held))
  settle(undo, instance, fields)
}

/** Where the row is, and the log of the transaction there. */
interface RowLocation {
  readonly using: Using
  readonly undo: UndoLog | null
}

/** Records what a rollback of the transaction restores. */
function record(runtime: ModelRuntime, instance: object, fields: readonly ModelField[]): MaybePromise<RowLocation> {
  const using = originOf(instance)?.executor ?? null
  return andThen(executorFor(runtime.meta, using), ({ undo }) => {
    if (undo !== null) recordSaved(undo, instance, fields, 'held')
    return { using, undo }
  })
}
