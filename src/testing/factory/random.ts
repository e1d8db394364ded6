import { createHash } from 'node:crypto'
import { UsageError } from '../../errors.js'
import { at } from '../../util/list.js'

/** Pseudo-random values that are the same in every run: they depend on the seed, the model and the number of the row. */
export class Random {
  #state: number

  constructor(...of: readonly (string | number)[]) {
    this.#state = createHash('sha256').update(of.join('\n')).digest().readUInt32LE()
  }

  /** A number from 0 up to, but not including, 1. */
  float(): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.float() * (max - min + 1))
  }

  boolean(): boolean {
    return this.float() < 0.5
  }

  /** One of these values. */
  pick<T>(values: readonly T[]): T {
    if (values.length === 0) throw new UsageError('random.pick() needs a list with at least one value.')
    return at(values, this.integer(0, values.length - 1))
  }
}
