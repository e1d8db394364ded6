/** The longest time that a timer accepts. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Counts the connections that are lent. */
export class Loans {
  #count = 0
  #whenReturned: (() => void) | null = null

  get any(): boolean {
    return this.#count > 0
  }

  begin(): void {
    this.#count++
  }

  end(): void {
    if (--this.#count === 0) this.#whenReturned?.()
  }

  /** Resolves when nothing is lent any more, or when the time is over. */
  returned(timeout: number): Promise<void> {
    if (this.#count === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(timeout, LONGEST_TIMER))
      this.#whenReturned = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
