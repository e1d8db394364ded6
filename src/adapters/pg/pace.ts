import { BoundedMap } from '../../util/bounded-map.js'

/** Milliseconds that a short statement takes at most. */
const SHORT = 10
/** Texts whose pace is kept. */
const TEXTS = 2000

/**
 * How long texts took the last time. Only short ones share a connection with others; one that was never seen, or took long,
 * has a connection for itself.
 */
export class Pace {
  readonly #short = new BoundedMap<string, boolean>(TEXTS)

  isShort(sql: string): boolean {
    return this.#short.get(sql) === true
  }

  note(sql: string, isShort: boolean): void {
    this.#short.set(sql, isShort)
  }

  static isShort(took: number): boolean {
    return took <= SHORT
  }
}
