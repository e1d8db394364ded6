import { isStateful, loadedValue, rememberState } from '../../../hydrate/state.js'

/** How the instances of a nested write were before it: what fails leaves them so. */
export class Memory {
  readonly #known = new Map<object, () => void>()

  /** An instance that may change. */
  remember(instance: object): void {
    if (!this.#known.has(instance)) this.#known.set(instance, rememberState(instance))
  }

  /** The loaded rows of a relation, which follow what is written. */
  rememberLoaded(instance: object, relation: number): void {
    const value = loadedValue(instance, relation)
    for (const row of [value].flat()) if (isStateful(row)) this.remember(row as object)
  }

  restore(): void {
    for (const restore of this.#known.values()) restore()
  }
}
