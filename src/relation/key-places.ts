import { isWhole } from '../util/number.js'

/** The place of a key that is none, or not among the others. */
export const NOWHERE = -1

/** The distinct ones among keys, numbered in the order in which they come. */
export interface KeyPlaces {
  /** The place of each of the keys; `NOWHERE`: it is undefined. */
  readonly each: readonly number[]
  /** For each place where among the keys it comes first. */
  readonly first: readonly number[]
  of(key: unknown): number
}

/** As many numbers for each key may lie between the least and the greatest. */
const GAPS = 4

export function keyPlaces(keys: readonly unknown[]): KeyPlaces {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]
    if (!isWhole(key)) {
      if (key === undefined) continue
      return new MappedPlaces(keys)
    }
    if (key < least) least = key
    if (key > greatest) greatest = key
  }
  const span = greatest - least + 1
  return span > 0 && span <= keys.length * GAPS ? new CountedPlaces(keys, least, span) : new MappedPlaces(keys)
}

class MappedPlaces implements KeyPlaces {
  readonly each: number[]
  readonly first: number[] = []
  readonly #places = new Map<unknown, number>()

  constructor(keys: readonly unknown[]) {
    this.each = new Array<number>(keys.length)
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]
      let place = key === undefined ? NOWHERE : this.#places.get(key)
      if (place === undefined) {
        place = this.first.push(i) - 1
        this.#places.set(key, place)
      }
      this.each[i] = place
    }
  }

  of(key: unknown): number {
    return this.#places.get(key) ?? NOWHERE
  }
}

/** Integers close to each other are found by their distance from the least: a Map takes longer. */
class CountedPlaces implements KeyPlaces {
  readonly each: number[]
  readonly first: number[] = []
  readonly #least: number
  readonly #places: number[]

  constructor(keys: readonly unknown[], least: number, span: number) {
    this.each = new Array<number>(keys.length)
    const places = new Array<number>(span).fill(NOWHERE)
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]
      let place = NOWHERE
      if (typeof key === 'number') {
        const at = key - least
        place = places[at] ?? NOWHERE
        if (place === NOWHERE) {
          place = this.first.push(i) - 1
          places[at] = place
        }
      }
      this.each[i] = place
    }
    this.#least = least
    this.#places = places
  }

  of(key: unknown): number {
    return (typeof key === 'number' ? this.#places[key - this.#least] : undefined) ?? NOWHERE
  }
}
