/** The values of a command's options, by the names of their long flags. */
export class OptionValues {
  readonly #values: ReadonlyMap<string, unknown>

  constructor(values: object) {
    this.#values = new Map(Object.entries(values))
  }

  flag(name: string): boolean {
    return this.#values.get(name) === true
  }

  /** Whether the option was turned off, as by `--no-wait`. */
  isOff(name: string): boolean {
    return this.#values.get(name) === false
  }

  /** Null if the option was not given. */
  text(name: string): string | null {
    const value = this.#values.get(name)
    return typeof value === 'string' ? value : null
  }

  list(name: string): readonly string[] {
    const value = this.#values.get(name)
    return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
  }
}
