/** A small generator of random numbers (mulberry32): the same seed gives the same chain, on every machine and database. */
export class Random {
  #state: number

  constructor(...seeds: readonly number[]) {
    let state = 0x9e3779b9
    for (const seed of seeds) state = Math.imul(state ^ (seed + 0x7f4a7c15), 0x85ebca6b) ^ (state >>> 13)
    this.#state = state >>> 0
    for (let i = 0; i < 3; i++) this.fraction()
  }

  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  pick<V>(list: readonly V[]): V {
    if (list.length === 0) throw new Error('There is nothing to pick from.')
    return list[Math.floor(this.fraction() * list.length)] as V
  }

  /** Some of a list, at least one where there is one, in a random order. */
  some<V>(list: readonly V[], most: number): V[] {
    const left = [...list]
    const taken: V[] = []
    const count = Math.min(this.whole(1, most), list.length)
    while (taken.length < count) taken.push(...left.splice(this.whole(0, left.length - 1), 1))
    return taken
  }

  /** One of several choices by their weights; those of weight 0 never. */
  weighted<V>(choices: readonly (readonly [weight: number, make: () => V])[]): V {
    let place = this.fraction() * choices.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, make] of choices) {
      place -= weight
      if (weight > 0 && place < 0) return make()
    }
    return (choices.find(([weight]) => weight > 0) as readonly [number, () => V])[1]()
  }

  times<V>(count: number, make: () => V): V[] {
    return Array.from({ length: count }, make)
  }
}
