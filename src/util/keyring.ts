import { createHmac, hkdfSync } from 'node:crypto'
import { UsageError } from '../errors.js'
import type { Encryption, EncryptionKeys } from '../types/encryption.js'
import { present } from './expect.js'
import { memo } from './memo.js'
import { own } from './own.js'

// The keys of encrypted fields. No key encrypts by itself: each column has keys of its own, which are derived.

const KEY_BYTES = 32
const MOST_KEYS = 255

/** What `Database.configure({ encryption })` was given. */
export const encryption: { given: Encryption | undefined } = { given: undefined }

/** What a derived key is for. */
export type KeyPurpose = 'encrypt' | 'index'

export class Keyring {
  readonly current: number
  readonly #keys: ReadonlyMap<number, Uint8Array>
  readonly #derived = new Map<string, Buffer>()

  constructor({ current, keys }: EncryptionKeys) {
    this.current = current
    this.#keys = new Map(Object.entries(keys).map(([id, key]) => [Number(id), new Uint8Array(key)]))
  }

  /** The numbers of all keys, that of the current one first. */
  get ids(): readonly number[] {
    return [this.current, ...[...this.#keys.keys()].filter((id) => id !== this.current)]
  }

  has(id: number): boolean {
    return this.#keys.has(id)
  }

  /** The key of one column for one purpose; undefined: there is no key with this number. */
  derived(id: number, purpose: KeyPurpose, place: string): Buffer | undefined {
    const key = this.#keys.get(id)
    if (key === undefined) return undefined
    return memo(this.#derived, `${id} ${purpose} ${place}`, () =>
      Buffer.from(hkdfSync('sha256', key, '', `corm ${purpose} ${place}`, KEY_BYTES)),
    )
  }

  /** The keyed hash of a value, by which equal values are found. */
  digest(id: number, place: string, value: Uint8Array): string {
    return createHmac('sha256', present(this.derived(id, 'index', place), 'a key of the keyring'))
      .update(value)
      .digest('hex')
  }
}

const rings = new WeakMap<object, Keyring>()

/** The keys as they are now; null: none are configured. Messages never contain a key. */
export function keyring(): Keyring | null {
  const { given } = encryption
  if (given === undefined) return null
  const keys: unknown = typeof given === 'function' ? given() : given
  if (!isObject(keys)) throw new UsageError(WANTED)
  return memo(rings, keys, (each) => new Keyring(checkKeys(each)))
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const WANTED =
  'Database.configure({ encryption }) takes { current, keys }: the number of a key, and keys of 32 bytes by their numbers (1 to 255), or a function that returns this at once. Load keys before you configure them.'

/** Refuses keys that are none. */
export function checkKeys(given: object): EncryptionKeys {
  const { current, keys } = own(given as EncryptionKeys)
  if (!isObject(keys)) throw new UsageError(WANTED)
  const entries = Object.entries(keys)
  for (const [id, key] of entries) {
    if (!/^[1-9]\d{0,2}$/.test(id) || Number(id) > MOST_KEYS)
      throw new UsageError('The keys of Database.configure({ encryption }) have a number that is not from 1 to 255.')
    if (!(key instanceof Uint8Array) || key.length !== KEY_BYTES)
      throw new UsageError(
        `Key ${id} of Database.configure({ encryption }) is not a Uint8Array of 32 bytes. Make one with crypto.randomBytes(32), and store it as base64.`,
      )
    if (key.every((byte) => byte === key[0]))
      throw new UsageError(
        `Key ${id} of Database.configure({ encryption }) is not random: all of its bytes are the same.`,
      )
  }
  if (typeof current !== 'number' || !entries.some(([id]) => Number(id) === current))
    throw new UsageError('The "current" of Database.configure({ encryption }) is not the number of one of its keys.')
  return { current, keys }
}

/** The first byte of an encrypted value. No UTF-8 text has it. */
export const FORMAT = 0xc1
/** What an encrypted value has in addition to its content: format, key, nonce and tag. */
export const OVERHEAD = 30

/** Whether bytes are a value that was encrypted with one of the keys. */
export function isSealed(bytes: Uint8Array): boolean {
  if (bytes[0] !== FORMAT || bytes.length < OVERHEAD || encryption.given === undefined) return false
  try {
    return keyring()?.has(bytes[1] ?? -1) ?? false
  } catch {
    // a log or an error is written, and must not fail where the keys can't be had
    return true
  }
}

/** The beginning of a blind index, which the number of its key follows. */
export const BLIND = '$bi$'
