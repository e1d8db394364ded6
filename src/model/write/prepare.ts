import { type Issue, ValidationError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { at } from '../../util/list.js'
import { memo } from '../../util/memo.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { fillIndexes } from './blind-indexes.js'
import { checkTranslated } from './translated.js'
import { type Attributes, detached, ownSnapshot, userIssues, writeValue } from './values.js'
import { type RowContext, writeMetadataOf } from './write-metadata.js'

/** One row ready to be inserted: canonical values by the field's place; `undefined` where the database fills in. */
export type CanonicalRow = unknown[]

/**
 * Checks an instance for insertion: sets automatic values, brings values into the form of their fields, and collects every
 * problem. A promise only when a validator of the user's is asynchronous.
 */
export function prepareInsert(
  runtime: ModelRuntime,
  instance: Attributes,
  context: RowContext,
): CanonicalRow | Promise<CanonicalRow> {
  const { meta } = runtime
  const { read, validated } = writeMetadataOf(meta)
  const row: CanonicalRow = new Array(meta.fields.length)
  read(instance, row, slowly(meta), context)
  const { issues } = context
  if (meta.blindIndexes.length > 0) fillIndexes(meta, instance, row, issues)
  if (meta.translations.length > 0) checkTranslated(meta, row, issues)
  detachRow(meta, row)
  if (!validated) return issues.length === 0 ? row : finish(meta, row, issues)
  const pending = userIssues(meta, instance, () => true, issues)
  return pending === undefined ? finish(meta, row, issues) : pending.then(() => finish(meta, row, issues))
}

/**
 * Copies dates and bytes. The sent values become the originals, and the code may change its objects in place while the
 * statement is running.
 */
function detachRow(meta: ModelMetadata, row: CanonicalRow): void {
  const { mutable } = writeMetadataOf(meta)
  for (let i = 0; i < mutable.length; i++) {
    const { index } = at(mutable, i)
    row[index] = detached(row[index])
  }
}

/** Which of the fields that an insert fills in have no value yet. */
export function blankIn(meta: ModelMetadata, instance: Attributes): readonly ModelField[] {
  const { filled } = writeMetadataOf(meta)
  for (let i = 0; i < filled.length; i++)
    if (instance[at(filled, i).name] !== undefined) return filled.filter((field) => instance[field.name] === undefined)
  return filled
}

/** The context that all rows of one write share: its time and the problems found. */
export const newContext = (): RowContext => ({ issues: [], now: undefined })

function finish(meta: ModelMetadata, row: CanonicalRow, issues: readonly Issue[]): CanonicalRow {
  if (issues.length > 0) throw new ValidationError(meta.name, issues)
  return row
}

const slowReaders = new WeakMap<ModelMetadata, ReturnType<typeof slowReader>>()

const slowly = (meta: ModelMetadata) => memo(slowReaders, meta, slowReader)

/** Reads a value that the fast path did not accept: missing, null, automatic, to be converted, or wrong. */
function slowReader({ fields }: ModelMetadata) {
  return (instance: Attributes, place: number, given: unknown, context: RowContext): unknown => {
    const field = at(fields, place)
    let value = given
    if (value === undefined) {
      if (field.kind.automatic !== undefined) value = instance[field.name] = makeAutomatic(field, context)
      else if (field.filledByDatabase) return undefined
    } else if (value !== null && field.kind.cast !== undefined) {
      value = field.kind.cast(value)
      if (value !== given) instance[field.name] = value
    }
    return writeValue(field, value, context.issues)
  }
}

/** Creates an automatic value. All automatic dates of one write are equal. */
export function makeAutomatic(field: ModelField, context: { now: Date | undefined }): unknown {
  const made = field.kind.automatic?.make()
  if (!(made instanceof Date)) return made
  context.now ??= made
  const now = new Date(context.now)
  return field.kind.cast?.(now) ?? now
}

/** Turns a row that was sent into the originals of its instance, in place. */
export function toSnapshots({ meta }: ModelRuntime, row: CanonicalRow): unknown[] {
  const { converted, optional } = writeMetadataOf(meta)
  for (let i = 0; i < converted.length; i++) {
    const field = at(converted, i)
    row[field.index] = ownSnapshot(field, row[field.index] ?? null)
  }
  for (let i = 0; i < optional.length; i++) row[at(optional, i).index] ??= null
  return row
}

/** The fields a row has values for. */
export function givenIn(runtime: ModelRuntime, row: CanonicalRow): ModelField[] {
  return runtime.meta.fields.filter((_, i) => row[i] !== undefined)
}

/** The most fields that fit into the bits of a number. */
const BITS = 31

/** Which of the fields that the database may fill in a row brings itself: rows with the same bits share a statement. */
export function givenBits(optional: readonly ModelField[], row: CanonicalRow): number | string {
  if (optional.length > BITS) return longBits(optional, row)
  let bits = 0
  for (let i = 0; i < optional.length; i++) if (row[at(optional, i).index] !== undefined) bits |= 1 << i
  return bits
}

function longBits(optional: readonly ModelField[], row: CanonicalRow): string {
  let bits = ''
  for (let i = 0; i < optional.length; i++) bits += row[at(optional, i).index] === undefined ? '0' : '1'
  return bits
}
