import type { UndoLog } from '../../execution/undo.js'
import { isStateful, loadedValue, rememberState } from '../../hydrate/state.js'
import { recordAssigned, recordLoaded } from '../write/originals.js'
import type { Attributes } from '../write/values.js'

/** The state of instances before a nested write. A failed write restores it. */
export class Memory {
  readonly #known = new Map<object, () => void>()
  #undo: UndoLog | null = null

  /** An instance that may change. */
  remember(instance: object): void {
    if (!this.#known.has(instance)) this.#known.set(instance, rememberState(instance))
  }

  /** The loaded rows of a relation, which follow what is written. */
  rememberLoaded(instance: object, relation: number): void {
    const value = loadedValue(instance, relation)
    for (const row of [value].flat()) if (isStateful(row)) this.remember(row)
  }

  /** From here on a rollback, which may come long after the write, puts back what the write sets. */
  begin(undo: UndoLog): void {
    this.#undo = undo
    for (const instance of this.#known.keys()) recordLoaded(undo, instance)
  }

  /** Before keys are assigned that a relation stands for. */
  assigned(instance: object, values: Attributes): void {
    if (this.#undo !== null) recordAssigned(this.#undo, instance, values)
  }

  restore(): void {
    for (const restore of this.#known.values()) restore()
  }
}
