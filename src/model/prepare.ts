import { type Issue, ValidationError } from '../errors.js'
import type { ModelField } from '../metadata/model-field.js'
import { castValue } from './initialize.js'
import type { ModelRuntime } from './runtime.js'
import { type Attributes, snapshotOf, userIssues, writeValue } from './values.js'

/** One row ready to be inserted: canonical values by the field's place; `undefined` where the database fills in. */
export type CanonicalRow = unknown[]

/**
 * Checks an instance for insertion: sets automatic values, brings values into the form of their fields, and collects every
 * problem. A promise only when a validator of the user's is asynchronous.
 */
export function prepareInsert(
  runtime: ModelRuntime,
  instance: Attributes,
  now: Date | undefined,
): CanonicalRow | Promise<CanonicalRow> {
  const { meta } = runtime
  const issues: Issue[] = []
  const row: CanonicalRow = new Array(meta.fields.length)
  for (let i = 0; i < meta.fields.length; i++) {
    const field = meta.fields[i] as ModelField
    let value = instance[field.name]
    if (value === undefined || value === null) {
      const { automatic } = field.kind
      if (value === undefined && automatic !== undefined) value = instance[field.name] = makeAutomatic(field, now)
      else if (value === undefined && field.filledByDatabase) continue
    } else if (field.kind.cast !== undefined) {
      const held = castValue(field, value)
      if (held !== value) value = instance[field.name] = held
    }
    row[i] = writeValue(field, value, issues)
  }
  const pending = userIssues(meta, instance, () => true, issues)
  const finish = () => {
    if (issues.length > 0) throw new ValidationError(meta.name, issues)
    return row
  }
  return pending === undefined ? finish() : pending.then(finish)
}

/** Dates of one write are one moment. */
export function makeAutomatic(field: ModelField, now: Date | undefined): unknown {
  const made = field.kind.automatic?.make()
  return made instanceof Date && now !== undefined ? new Date(now) : made
}

/** The originals of an inserted instance. */
export function snapshotRow(runtime: ModelRuntime, instance: Attributes, row: CanonicalRow): unknown[] {
  const { fields } = runtime.meta
  const snapshot = new Array<unknown>(fields.length)
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as ModelField
    const canonical = row[i]
    snapshot[i] =
      canonical === undefined
        ? null
        : snapshotOf(field, canonical, field.kind.snapshot === 'value' ? canonical : instance[field.name])
  }
  return snapshot
}

/** The fields a row has values for. */
export function givenIn(runtime: ModelRuntime, row: CanonicalRow): ModelField[] {
  return runtime.meta.fields.filter((_, i) => row[i] !== undefined)
}
