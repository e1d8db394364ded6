import { BoundedMap } from '../../util/bounded-map.js'

/** A statement is short if it takes at most this many milliseconds. */
const SHORT = 10
/** How many SQL texts are remembered. */
const TEXTS = 2000

/**
 * Remembers how long each SQL text took the last time. Only short ones share a connection with other statements. A text
 * that is new, or took long, gets a connection for itself.
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
