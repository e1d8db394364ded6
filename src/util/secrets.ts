import { isSealed } from './keyring.js'

// Values that no log, event or error shows, wherever they are bound.

/** The beginning of a password hash or a blind index, also as an item of a list that is bound as one text. */
const HASH = /\$(?:scrypt|argon2id|bi)\$/

/** An encrypted value in hexadecimal, as an item of such a list. */
const SEALED = /(?:\\x|")c1[0-9a-f]{58}/

/** What is shown in place of a secret. */
export const SECRET = '[secret]'

/** A value as logs may show it. */
export function withoutSecret(value: unknown): unknown {
  if (typeof value === 'string') return HASH.test(value) || SEALED.test(value) ? SECRET : value
  if (value instanceof Uint8Array) return isSealed(value) ? SECRET : value
  return Array.isArray(value) && value.some((item) => withoutSecret(item) !== item) ? value.map(withoutSecret) : value
}

/** The parameters of a statement as logs may show them: the same list if it has no secret. */
export const withoutSecrets = (parameters: readonly unknown[]): readonly unknown[] =>
  parameters.some((value) => withoutSecret(value) !== value) ? parameters.map(withoutSecret) : parameters
