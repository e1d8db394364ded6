/** An encrypted value that an instance has loaded. It is decrypted when it is read for the first time. */
export class SealedValue {
  #value: unknown
  #isOpen = false
  readonly #open: (bytes: unknown) => unknown

  constructor(
    /** The value as the row has it. */
    readonly bytes: Uint8Array,
    open: (bytes: unknown) => unknown,
  ) {
    this.#open = open
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  get value(): unknown {
    if (!this.#isOpen) {
      this.#value = this.#open(this.bytes)
      this.#isOpen = true
    }
    return this.#value
  }
}
