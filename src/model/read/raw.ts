import type { Codec } from '../../compiler/codec.js'
import { rawStatement } from '../../database/raw.js'
import { UsageError } from '../../errors.js'
import type { Using } from '../../execution/executor.js'
import { createHydrator } from '../../hydrate/hydrator.js'
import { Origin } from '../../hydrate/origin.js'
import type { ModelField } from '../../metadata/model-field.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { executorFor } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { withAfterLoad } from './after-load.js'

/** Rows of the user's SQL as instances. Columns are matched to fields by name. */
export function rawInstances(runtime: ModelRuntime, sql: unknown, using: Using): MaybePromise<object[]> {
  return andThen(executorFor(runtime.meta, using), (executor) =>
    andThen(executor.run(rawStatement(executor, sql, true, runtime.meta.name)), ({ rows, columns = [] }) => {
      const fields = fieldsOf(runtime, columns)
      const ordered = runtime.meta.fields.filter((field) => fields.includes(field))
      const places = ordered.map((field) => fields.indexOf(field))
      const picked = rows.map((row) => places.map((place) => row[place]))
      const hydrator = createHydrator<Origin>(
        runtime.target(ordered),
        ordered,
        (field) => unread(executor.dialect.codec(field)),
        false,
      )
      const siblings: object[] = []
      const origin = new Origin(runtime.meta, runtime.positions(ordered), using?.database ?? null, siblings)
      siblings.push(...hydrator(picked, origin))
      return withAfterLoad([...siblings])
    }),
  )
}

function fieldsOf(runtime: ModelRuntime, columns: readonly string[]): (ModelField | undefined)[] {
  const fields = columns.map((column) => runtime.meta.fieldOfColumn(column))
  const missing = runtime.meta.primaryKey.filter((key) => !fields.includes(key))
  if (missing.length > 0)
    throw new UsageError(
      `raw() of "${runtime.meta.name}" needs the key in its result: add the column "${missing[0]?.column}". For other rows use db.select(sql\`…\`).`,
    )
  return fields
}

/** User SQL does not wrap columns for reading, so what a codec reads as text may come as the driver's number. */
function unread(codec: Codec): Codec {
  if (codec.read === undefined || codec.decode === null) return codec
  const decode = codec.decode
  return {
    ...codec,
    decode: (raw: unknown) => decode(typeof raw === 'number' || typeof raw === 'bigint' ? String(raw) : raw),
  }
}
