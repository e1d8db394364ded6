/** The keys of encrypted fields. */
export interface EncryptionKeys {
  /** The number of the key that new values are encrypted with. */
  readonly current: number
  /** The keys by their numbers, 1 to 255. Each has 32 random bytes. Keep a key here as long as rows are encrypted with it. */
  readonly keys: Readonly<Record<number, Uint8Array>>
}

/** The keys of encrypted fields, or a function that returns them. corm calls it whenever it needs a key. */
export type Encryption = EncryptionKeys | (() => EncryptionKeys)

/** Options of `Field.encrypted`. */
export interface EncryptedOptions<Hidden extends boolean = boolean> {
  /**
   * Adds a column with a keyed hash of the value, by which `=` and `in` find rows. `'unique'` makes it unique, for values that are
   * encrypted with the same key. Default false.
   */
  index?: boolean | 'unique'
  /** Leaves the field out of `toJSON`, `toObject`, logs and spreads. Default true. */
  hidden?: Hidden & boolean
  /**
   * What the values are bound to: they can't be decrypted in another place. Default: the names of the table and the column, like
   * `users.phone`. Set it to that before you rename one of them.
   */
  context?: string
}
