import { isWhole } from '../util/number.js'

/** The place of a key that is undefined, or not among the others. */
export const NOWHERE = -1

/** Numbers the distinct keys of a list, in the order of their first occurrence. The place of a key is its number. */
export interface KeyPlaces {
  /** The place of each key in the list; `NOWHERE` if it is undefined. */
  readonly each: readonly number[]
  /** For each place, the index of its first occurrence in the list. */
  readonly first: readonly number[]
  of(key: unknown): number
}

/** An array is used if its range has at most this many numbers for each key. */
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

/** For integers close to each other: an array, indexed by the distance from the least, is faster than a Map. */
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
