import { UsageError } from '../../errors.js'
import type { UndoEntry, UndoLog } from '../../execution/undo.js'
import type { SettledFields } from '../../hydrate/extra.js'
import { Origin } from '../../hydrate/origin.js'
import {
  adoptRow,
  disown,
  hiddenValue,
  loadedValue,
  originOf,
  rememberLoaded,
  rowOf,
  savedOrigin,
  savedRow,
  setLoaded,
  setLogged,
  settledOf,
  settling,
  setWriter,
  writerOf,
} from '../../hydrate/state.js'
import type { ModelField } from '../../metadata/model-field.js'
import { at } from '../../util/list.js'
import { asRecord } from '../../util/record.js'
import { boundDatabase } from '../runtime/bound.js'
import { type Attributes, fromSnapshot, isUnchanged } from './values.js'

// Entries in the undo log of a transaction, recorded before a write. A rollback restores what corm knows about the row and the
// values that corm has set. Values that the user's code has assigned stay, and count as changes again.

const NONE: readonly ModelField[] = []

/**
 * Call this before new instances are inserted. The fields in `blank` have no value yet, so corm or the database fills them in.
 * If the insert fails, call `drop` of the result.
 */
export function recordNew(undo: UndoLog, instance: object, blank: readonly ModelField[]): InsertUndo {
  claim(undo, instance)
  const entry = new InsertUndo(instance, blank)
  undo.push(entry)
  return entry
}

/**
 * Call this before the row of an instance is changed or removed. `set` names the fields that corm gives other values. The row
 * is copied, so that later writes do not change the recorded one. With `held`, a rollback restores the current value of a
 * field, even if it differs from the row.
 */
export function recordSaved(
  undo: UndoLog,
  instance: object,
  set: readonly ModelField[] = NONE,
  held: 'held' | null = null,
): void {
  claim(undo, instance)
  const origin = originOf(instance)
  if (origin !== null) undo.wrote(instance, origin.meta.name)
  recordRow(undo, instance, set, held)
}

/** Records an instance that the write may or may not change. */
export function recordRow(
  undo: UndoLog,
  instance: object,
  set: readonly ModelField[],
  held: 'held' | null = null,
): void {
  const origin = originOf(instance)
  const row = rowOf(instance)
  if (origin === null || row === null) return
  setLogged(instance, undo.root)
  const { generated } = origin.meta
  const all = generated.length === 0 ? set : [...new Set([...set, ...generated])]
  undo.push(
    new SaveUndo({
      instance,
      row,
      origin,
      set: all,
      values: held && all.map((field) => heldBy(instance, field, row, origin)),
    }),
  )
  adoptRow(instance, [...row], origin)
}

/**
 * Records instances that a statement has changed and returned. Their previous values are not known, so after a rollback the values
 * of these columns count as changes, which a save would send. Soft-deleted rows are restored.
 */
export function recordReturned(undo: UndoLog, instances: readonly object[], columns: readonly string[]): void {
  const at = moment
  for (const instance of instances) setLogged(instance, undo.root)
  undo.push({
    undo() {
      for (const instance of instances) forget(instance, new Set(columns), at)
    },
  })
}

function forget(instance: object, columns: ReadonlySet<string>, since: number): void {
  const { meta, positions, executor, siblings, deleted, named } = savedOrigin(instance)
  const row = savedRow(instance)
  const places = positions.map((place, i) => {
    const field = at(meta.fields, i)
    if (place < 0 || !columns.has(field.column) || isSettled(instance, field, since)) return place
    if (field !== meta.softDelete) return -1
    asRecord(instance)[field.name] = null
    row[place] = null
    return place
  })
  adoptRow(instance, row, new Origin(meta, places, executor, siblings, deleted, named))
}

/** Called before corm changes the loaded relations of an instance. */
export function recordLoaded(undo: UndoLog, instance: object): void {
  undo.push({ undo: rememberLoaded(instance) })
}

/** Called before a relation is loaded: a rollback may undo what is read. */
export function recordUnloaded(undo: UndoLog, instances: readonly object[], relation: number): void {
  const values = instances.map((instance) => loadedValue(instance, relation))
  undo.push({
    undo() {
      for (const [i, instance] of instances.entries()) setLoaded(instance, relation, values[i])
    },
  })
}

/** Called before corm assigns the keys of a relation. A rollback restores them, unless the code has assigned others since. */
export function recordAssigned(undo: UndoLog, instance: object, values: Attributes): void {
  const names = Object.keys(values)
  const has = (name: string) => Object.hasOwn(instance, name) || hiddenValue(instance, name) !== undefined
  const held = names.map((name) => (has(name) ? asRecord(instance)[name] : ABSENT))
  const at = moment
  setLogged(instance, undo.root)
  undo.push({
    undo() {
      const meta = originOf(instance)?.meta
      for (const [i, name] of names.entries()) {
        if (asRecord(instance)[name] !== values[name]) continue
        if (meta !== undefined && isSettled(instance, meta.field(name), at)) continue
        if (held[i] !== ABSENT) asRecord(instance)[name] = held[i]
        else if (Object.hasOwn(instance, name)) Reflect.deleteProperty(instance, name)
        else asRecord(instance)[name] = undefined
      }
    },
  })
}

/** A counter of settled writes, so that an entry of a log knows which came after it. */
let moment = 0

/**
 * Called after a read or write outside transactions. These fields keep their values, even if an open transaction that has the
 * instance in its log is rolled back. Without fields the row was deleted.
 */
export function settle(undo: UndoLog | null, instance: object, fields: readonly ModelField[] | null): void {
  if (undo !== null) return
  const settled = settling(instance)
  if (settled === null) return
  moment++
  if (fields === null) settled.gone = moment
  else for (const { index } of fields) settled.fields.set(index, moment)
}

const isSettled = (instance: object, { index }: ModelField, since: number) =>
  (settledOf(instance)?.fields.get(index) ?? 0) > since

/**
 * Refuses to write an instance in two open transactions, because a rollback of one could restore uncommitted values of the
 * other.
 */
function claim(undo: UndoLog, instance: object): void {
  const writer = writerOf(instance)
  if (writer === undo.root) return
  if (writer !== null && !writer.ended)
    throw new UsageError(
      `This "${originOf(instance)?.meta.name ?? instance.constructor.name}" was written in another transaction that is still open. Load the row again in this one, or wait until the other has ended.`,
    )
  setWriter(instance, undo.root)
}

/** An instance that a transaction inserts. */
export class InsertUndo implements UndoEntry {
  #failed = false

  constructor(
    readonly instance: object,
    readonly blank: readonly ModelField[],
  ) {}

  /** The insert failed: the instance may be inserted again outside the transaction, so a rollback must not change it. */
  drop(): void {
    this.#failed = true
  }

  undo(): void {
    if (this.#failed) return
    const { instance, blank } = this
    const row = rowOf(instance)
    const origin = originOf(instance)
    if (row === null || origin === null) return
    const database = origin.executor
    clearBlank(instance, blank, row, origin.positions)
    disown(instance)
    if (database !== null) boundDatabase.set(instance, database)
  }
}

/** Clears the fields that an insert has filled in, unless the code has assigned other values since. */
export function clearBlank(
  instance: object,
  blank: readonly ModelField[],
  row: readonly unknown[],
  positions?: readonly number[],
): void {
  for (const field of blank) {
    const value = row[positions === undefined ? field.index : (positions[field.index] ?? -1)]
    if (value === undefined || !isUnchanged(field, asRecord(instance)[field.name], value)) continue
    asRecord(instance)[field.name] = undefined
  }
}

/** The state of an instance before a write. */
interface Before {
  readonly instance: object
  readonly row: unknown[]
  readonly origin: Origin
  readonly set: readonly ModelField[]
  /** The values of the fields in `set`, null for those of the row. */
  readonly values: readonly unknown[] | null
}

class SaveUndo implements UndoEntry {
  readonly #at = moment

  constructor(readonly before: Before) {}

  undo(): void {
    const { instance, set, row, origin, values } = this.before
    const settled = settledOf(instance)
    if (settled !== null && settled.gone > this.#at) return
    if (set.length > 0) {
      const now = savedRow(instance)
      const { positions } = savedOrigin(instance)
      set.forEach((field, i) => {
        const place = positions[field.index] ?? -1
        // the write has removed its value
        if (place < 0 && !Object.hasOwn(instance, field.name)) putBack(instance, field, original(field, row, origin))
        if (
          place < 0 ||
          isSettled(instance, field, this.#at) ||
          !isUnchanged(field, asRecord(instance)[field.name], now[place])
        )
          return
        putBack(instance, field, values === null ? original(field, row, origin) : values[i])
      })
    }
    if (settled === null) adoptRow(instance, row, origin)
    else this.#adoptBut(settled)
  }

  /** Restores the row, except for fields that were settled since. */
  #adoptBut({ fields }: SettledFields): void {
    const { instance, origin } = this.before
    const now = savedRow(instance)
    const current = savedOrigin(instance).positions
    const row = [...this.before.row]
    const positions = [...origin.positions]
    for (const [index, at] of fields) {
      const place = current[index] ?? -1
      if (at <= this.#at || place < 0) continue
      let to = positions[index] ?? -1
      if (to < 0) to = positions[index] = row.length
      row[to] = now[place]
    }
    const { meta, executor, siblings, deleted, named } = origin
    adoptRow(instance, row, new Origin(meta, positions, executor, siblings, deleted, named))
  }
}

/** Marks a field that was not loaded. */
const ABSENT = Symbol('absent')

function putBack(instance: object, field: ModelField, value: unknown): void {
  if (value === ABSENT) Reflect.deleteProperty(instance, field.name)
  else asRecord(instance)[field.name] = value
}

function original(field: ModelField, row: readonly unknown[], { positions }: Origin): unknown {
  const place = positions[field.index] ?? -1
  return place < 0 ? ABSENT : fromSnapshot(field, row[place])
}

/**
 * The current value of a field. An unchanged value is read from the row, because code may change the current object in place.
 */
function heldBy(instance: object, field: ModelField, row: readonly unknown[], origin: Origin): unknown {
  const place = origin.positions[field.index] ?? -1
  if (place < 0 && !Object.hasOwn(instance, field.name)) return ABSENT
  const value = asRecord(instance)[field.name]
  return place >= 0 && isUnchanged(field, value, row[place]) ? original(field, row, origin) : value
}

/** Resets the fields that a failed save has set by itself. */
export function clearTouched(
  instance: object,
  touched: readonly ModelField[],
  sent: (field: ModelField) => unknown,
): void {
  const row = rowOf(instance)
  const origin = originOf(instance)
  if (row === null || origin === null) return
  for (const field of touched)
    if (isUnchanged(field, asRecord(instance)[field.name], sent(field)))
      putBack(instance, field, original(field, row, origin))
}
