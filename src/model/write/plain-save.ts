import type { Dialect } from '../../dialect/dialect.js'
import type { QueryResult } from '../../driver/driver.js'
import { type Issue, ValidationError } from '../../errors.js'
import type { Executor, Using } from '../../execution/executor.js'
import { originOf, rowOf } from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import { at } from '../../util/list.js'
import type { MaybePromise } from '../../util/maybe-promise.js'
import { memo } from '../../util/memo.js'
import { asRecord } from '../../util/record.js'
import { executorFor } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { changedValue, fieldsOfBits, refuseChange } from './change.js'
import { scopedBy } from './guards.js'
import { recordSaved, settle } from './originals.js'
import type { DirtyBits } from './row-code.js'
import type { WritePlan } from './send/plan.js'
import { sendPlanned, updatePlan } from './send/update.js'
import { holdTurn, isAnyTurnTaken } from './turns.js'
import { canonicalOf, isOwnSnapshot, ownSnapshot } from './values.js'
import { rejectStale } from './versions.js'
import { writeMetadataOf } from './write-metadata.js'

// The fast path of save() for a loaded instance whose model only needs its row, as most do. It takes the steps of `persist` in
// the same order. The changed fields are the bits of a number, by which the statement is found. On a synchronous database it
// creates no promise, no closure and no description of the change, because on SQLite in memory these took longer than the
// statement.

/** The data that instances of a model need to save the same fields. */
interface FieldsToSave {
  readonly bits: number
  readonly fields: readonly ModelField[]
  /** A test of each field for values that are canonical and pass its rules, null if there is none. */
  readonly tests: readonly (((value: unknown) => boolean) | null)[]
  /** Whether the canonical value of a field is its original too. */
  readonly own: readonly boolean[]
  /** The statement for the database that was used last. */
  plan: { readonly dialect: Dialect; readonly write: WritePlan } | null
}

/** The maximum number of cached combinations of changed fields. */
const MOST = 500

/** The cached combinations of a model. The last one is tried first. */
class Changes {
  #last: FieldsToSave | null = null
  readonly #known = new Map<number, FieldsToSave>()

  constructor(
    readonly runtime: ModelRuntime,
    readonly dirty: DirtyBits,
  ) {}

  of(bits: number): FieldsToSave {
    if (this.#last?.bits === bits) return this.#last
    // not memo(), because there may be as many combinations as subsets of the fields
    let change = this.#known.get(bits)
    if (change === undefined) {
      if (this.#known.size > MOST) this.#known.clear()
      this.#known.set(bits, (change = this.#make(bits)))
    }
    this.#last = change
    return change
  }

  #make(bits: number): FieldsToSave {
    const { meta } = this.runtime
    const { tests } = writeMetadataOf(meta)
    const fields = fieldsOfBits(meta.fields, bits)
    for (const field of fields) refuseChange(field)
    return {
      bits,
      fields,
      tests: fields.map(({ index }) => at(tests, index)),
      own: fields.map(isOwnSnapshot),
      plan: null,
    }
  }
}

/** The cache by model. Null: instances of the model need the other steps. */
const known = new WeakMap<ModelRuntime, Changes | null>()

const changesOf = (runtime: ModelRuntime): Changes | null => memo(known, runtime, findChanges)

function findChanges(runtime: ModelRuntime): Changes | null {
  const { meta } = runtime
  const { dirtyBits, touched, validated } = writeMetadataOf(meta)
  const needsMore = meta.needs.more || touched.length > 0 || validated
  return dirtyBits === null || needsMore ? null : new Changes(runtime, dirtyBits)
}

/** Saves all changes. Returns null without doing anything if the instance needs the other steps. */
export function savePlain(runtime: ModelRuntime, instance: object, using: Using): MaybePromise<void> | null {
  const changes = changesOf(runtime)
  if (changes === null || isAnyTurnTaken()) return null
  const origin = originOf(instance)
  const row = rowOf(instance)
  if (origin === null || row === null || origin.deleted || origin.positions !== runtime.everyPosition) return null
  if (scopedBy(runtime, instance) !== null) return null
  const bits = changes.dirty(asRecord(instance), row)
  if (bits === 0) return undefined
  const change = changes.of(bits)
  const values = checkedValues(runtime, instance, change)
  const executor = executorFor(runtime.meta, using)
  if (!(executor instanceof Promise)) return send({ runtime, instance, change, values }, executor)
  const done = executor.then((later) => send({ runtime, instance, change, values }, later))
  holdTurn(instance, null, done)
  return done
}

/** The canonical values of the changed fields. */
function checkedValues({ meta }: ModelRuntime, instance: object, { fields, tests }: FieldsToSave): unknown[] {
  const attributes = asRecord(instance)
  const values = new Array<unknown>(fields.length)
  const issues: Issue[] = []
  for (let i = 0; i < fields.length; i++) values[i] = changedValue(attributes, at(fields, i), at(tests, i), issues)
  if (issues.length > 0) throw new ValidationError(meta.name, issues)
  return values
}

interface Save {
  readonly runtime: ModelRuntime
  readonly instance: object
  readonly change: FieldsToSave
  readonly values: readonly unknown[]
}

function send(save: Save, executor: Executor): MaybePromise<void> {
  const { undo } = executor
  const plan = planOf(save, executor.dialect)
  const parameters = parametersOf(save, plan)
  if (undo !== null) recordSaved(undo, save.instance)
  const result = sendPlanned(executor, plan, parameters)
  if (!(result instanceof Promise)) return saved(save, result, executor)
  const done = result.then((later) => saved(save, later, executor))
  holdTurn(save.instance, executor.openTransaction, done)
  return done
}

function planOf({ runtime, change }: Save, dialect: Dialect): WritePlan {
  if (change.plan?.dialect !== dialect)
    change.plan = { dialect, write: updatePlan(runtime, dialect, { fields: change.fields, expected: null }) }
  return change.plan.write
}

function parametersOf({ runtime, instance, values }: Save, { encoders }: WritePlan): unknown[] {
  const { primaryKey } = runtime.meta
  const row = rowOf(instance)
  const parameters = new Array<unknown>(encoders.length)
  for (let i = 0; i < values.length; i++) parameters[i] = at(encoders, i)(values[i])
  for (let i = values.length; i < encoders.length; i++) {
    const field = at(primaryKey, i - values.length)
    parameters[i] = at(encoders, i)(canonicalOf(field, row?.[field.index]))
  }
  return parameters
}

function saved(
  { runtime, instance, change, values }: Save,
  { affected }: QueryResult,
  executor: Executor,
): MaybePromise<void> {
  if (affected === 0) return rejectStale(runtime, instance, null, executor)
  const { undo } = executor
  if (undo?.undone === true) return
  const { fields, own } = change
  // read again, because the undo log keeps the earlier row
  const row = rowOf(instance)
  const positions = originOf(instance)?.positions
  if (row === null || positions === undefined) return
  for (let i = 0; i < fields.length; i++) {
    const field = at(fields, i)
    row[at(positions, field.index)] = own[i] === true ? values[i] : ownSnapshot(field, values[i])
  }
  settle(undo, instance, fields)
}
