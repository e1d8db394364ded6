import type { DataTypeName } from '../../ast/data-type.js'
import type { Issue } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { copyValue } from '../../util/copy-value.js'
import { at } from '../../util/list.js'
import { memo } from '../../util/memo.js'
import {
  createDirtyBits,
  createDirtyCheck,
  createFiller,
  createQuickFiller,
  createReader,
  createTests,
  type DirtyBits,
  type DirtyCheck,
  type Filler,
  type QuickFiller,
  type Reader,
  type ValueTest,
} from './row-code.js'
import { isOwnSnapshot, isValidated } from './values.js'

/** The context of a row's check. */
export interface RowContext {
  readonly issues: Issue[]
  /** The time of the write, set on first use: all its automatic times are equal. */
  now: Date | undefined
}

/** The data that writes need about a model, computed once. */
export interface WriteMetadata {
  readonly fill: Filler
  readonly fillQuickly: QuickFiller
  readonly dirty: DirtyCheck
  /** The dirty check with bits, which is faster. Null: there are too many fields, or no code can be generated. */
  readonly dirtyBits: DirtyBits | null
  /** By field position: a test whether a value is canonical and valid. Null: there is no such test. */
  readonly tests: readonly (ValueTest | null)[]
  /** Fields that every save sets. */
  readonly touched: readonly ModelField[]
  readonly read: Reader<RowContext>
  /** Returns the value of a field that is missing in the data. */
  readonly initial: (place: number) => unknown
  /** Fields that the database fills in if a row has no value for them. They determine the columns of an INSERT. */
  readonly optional: readonly ModelField[]
  /** Fields whose original is not their canonical value. */
  readonly converted: readonly ModelField[]
  /** Fields whose canonical values can be changed in place. */
  readonly mutable: readonly ModelField[]
  /** Fields that an insert, or the database, fills in when they have no value. */
  readonly filled: readonly ModelField[]
  /** Whether a field has a check by the user. */
  readonly validated: boolean
}

const known = new WeakMap<ModelMetadata, WriteMetadata>()
/** The last model that was asked for: a write asks several times, and the next write is usually of the same model. */
let lastMeta: ModelMetadata | null = null
let last: WriteMetadata | null = null

export function writeMetadataOf(meta: ModelMetadata): WriteMetadata {
  if (meta === lastMeta && last !== null) return last
  last = memo(known, meta, build)
  lastMeta = meta
  return last
}

function build(meta: ModelMetadata): WriteMetadata {
  const initials = meta.fields.map(initialOf)
  return {
    fill: createFiller(meta),
    fillQuickly: createQuickFiller(meta),
    dirty: createDirtyCheck(meta),
    dirtyBits: createDirtyBits(meta),
    tests: createTests(meta),
    touched: meta.fields.filter((field) => field.kind.automatic?.on === 'save'),
    read: createReader(meta),
    initial: (place) => at(initials, place)(),
    optional: meta.fields.filter((field) => field.filledByDatabase),
    converted: meta.fields.filter((field) => !isOwnSnapshot(field)),
    mutable: meta.fields.filter(({ dataType }) => MUTABLE.has(dataType.name)),
    filled: meta.fields.filter((field) => field.filledByDatabase || field.kind.automatic !== undefined),
    validated: meta.fields.some(isValidated),
  }
}

/** Canonical values of these types can be changed in place. */
const MUTABLE: ReadonlySet<DataTypeName> = new Set(['binary', 'dateTime', 'vector'])

const NOTHING = () => undefined
const NULL = () => null

function initialOf(field: ModelField): () => unknown {
  const { cast, automatic, snapshot } = field.kind
  if (field.hasDefault) {
    const given = field.options.default
    const make = typeof given === 'function' ? (given as () => unknown) : () => copyValue(given)
    return cast === undefined ? make : () => castValue(field, make())
  }
  // an automatic key is created immediately, automatic times at the time of the write
  if (automatic !== undefined) return automatic.on === 'insert' && snapshot === 'value' ? automatic.make : NOTHING
  return field.nullable && !field.filledByDatabase ? NULL : NOTHING
}

export function castValue(field: ModelField, value: unknown): unknown {
  const { cast } = field.kind
  return value === null || cast === undefined ? value : cast(value)
}
