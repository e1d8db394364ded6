import { timingSafeEqual } from 'node:crypto'
import { DefinitionError, UsageError } from '../errors.js'
import { choiceOf, flag, optionReader, text, textOrNone, whole } from '../util/options.js'
import { own } from '../util/own.js'
import { describe, FieldDescriptor, type FieldKind, type Refuse } from './kind.js'
import { type Algorithm, hashText, hashTextSync, isHashOf, isOutdated, parseHash } from './phc.js'
import { characters } from './string.js'

/** The longest password in bytes: hashing a longer one is work that a stranger could order. */
const MOST_BYTES = 1024
const COLUMN_LENGTH = 255

/** One form for texts that look the same, so that a password can be typed on every keyboard (NIST SP 800-63B). */
const normalized = (text: string) => text.normalize('NFKC')

const sizeOf = (text: string) => Buffer.byteLength(text)

/** A one-way hash, or the text that becomes one when it is saved. It shows neither. */
export class PasswordHash {
  #text: string | null
  #hash: string | null
  readonly #algorithm: Algorithm
  #pending: Promise<void> | null = null

  constructor(text: string | null, hash: string | null, algorithm: Algorithm) {
    this.#text = text
    this.#hash = hash
    this.#algorithm = algorithm
  }

  /** Whether it is the hash of this text. */
  async verify(text: string): Promise<boolean> {
    if (typeof text !== 'string') throw new UsageError(`verify() takes the password as a text, not ${describe(text)}.`)
    if (sizeOf(text) > MOST_BYTES) return false
    const given = normalized(text)
    if (this.#hash === null) return isSame(this.#text ?? '', given)
    const hash = parseHash(this.#hash)
    if (hash === null)
      throw new UsageError(
        'The stored hash of this password has a form that corm cannot verify. It verifies PHC strings of scrypt and argon2id.',
      )
    // hashes of other programs may be of the text as it was typed
    return (await isHashOf(hash, given)) || (given !== text && (await isHashOf(hash, text)))
  }

  /** Whether the password should be hashed again: its hash is weaker than a new one would be. */
  get needsRehash(): boolean {
    if (this.#hash === null) return false
    const hash = parseHash(this.#hash)
    return hash === null || isOutdated(hash, this.#algorithm)
  }

  /** Nothing that could be sent to a client. */
  toJSON(): undefined {
    return undefined
  }

  toString(): string {
    return '[PasswordHash]'
  }

  /** What a save does before it begins. Undefined: there is nothing to do. */
  static prepare(value: PasswordHash, min: number): Promise<void> | undefined {
    if (value.#hash !== null) return value.#pending ?? undefined
    if (PasswordHash.problem(value, min) !== null) return undefined
    value.#pending ??= hashText(value.#text ?? '', value.#algorithm).then(
      (hash) => {
        value.#hash = hash
        value.#text = null
        value.#pending = null
      },
      (error: unknown) => {
        value.#pending = null
        throw error
      },
    )
    return value.#pending
  }

  /** What is stored. */
  static stored(value: PasswordHash): string {
    value.#hash ??= hashTextSync(value.#text ?? '', value.#algorithm)
    value.#text = null
    return value.#hash
  }

  static isStoredAs(value: PasswordHash, stored: unknown): boolean {
    return value.#hash !== null && value.#hash === stored
  }

  /** What is wrong with the text; null: nothing, or it is hashed already. */
  static problem(value: PasswordHash, min: number): { code: string; message: string } | null {
    const text = value.#text
    if (text === null) return null
    if (!text.isWellFormed())
      return { code: 'type', message: 'has an invalid Unicode character (half of a surrogate pair)' }
    if (sizeOf(text) > MOST_BYTES) return { code: 'length', message: `must have at most ${MOST_BYTES} bytes` }
    if ([...text].length >= min) return null
    return { code: 'length', message: `must have at least ${characters(min)}` }
  }
}

function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** Any text between dollar signs at its beginning is meant as a hash of some kind. */
const HASH = /^\$[A-Za-z0-9-]+\$/

function passwordKind(min: number, algorithm: Algorithm): FieldKind {
  const refuseOthers = (value: unknown, refuse: Refuse): PasswordHash =>
    value instanceof PasswordHash ? value : refuse('type', `expects a string, not ${describe(value)}`)
  const cast = (value: unknown) =>
    typeof value === 'string' ? new PasswordHash(normalized(value), null, algorithm) : value
  const examine = (given: unknown, refuse: Refuse): PasswordHash => {
    const value = refuseOthers(cast(given), refuse)
    const problem = PasswordHash.problem(value, min)
    return problem === null ? value : refuse(problem.code, problem.message)
  }
  return {
    dataType: { name: 'string', length: COLUMN_LENGTH, secret: 'password' },
    cast,
    castGuarded(value) {
      if (typeof value !== 'string' || !HASH.test(value)) return cast(value)
      if (value.length <= COLUMN_LENGTH && parseHash(value) !== null) return new PasswordHash(null, value, algorithm)
      throw new UsageError(
        'A password that is given as a hash must be a PHC string of scrypt or argon2id. corm cannot verify others.',
      )
    },
    prepare: (value) => (value instanceof PasswordHash ? PasswordHash.prepare(value, min) : undefined),
    examine: (value, refuse) => void examine(value, refuse),
    check: (value, refuse) => PasswordHash.stored(examine(value, refuse)),
    jsonSchema: () => ({ type: 'string', format: 'password', minLength: min, maxLength: MOST_BYTES }),
    load: (canonical) => new PasswordHash(null, canonical as string, algorithm),
    snapshot: 'canonical',
    same: (value, canonical) => value instanceof PasswordHash && PasswordHash.isStoredAs(value, canonical),
  }
}

interface PasswordOptions {
  readonly min: number
  readonly algorithm: Algorithm
  readonly nullable: boolean
  readonly guarded: boolean
  readonly readonly: boolean
  readonly lazy: boolean
  readonly column: string
  readonly description: string
  readonly renamedFrom: string
}

const passwordOptions = optionReader<PasswordOptions>(
  'Field.password()',
  {
    min: whole(1),
    algorithm: choiceOf('scrypt', 'argon2id'),
    nullable: flag,
    guarded: flag,
    readonly: flag,
    lazy: flag,
    column: textOrNone,
    description: textOrNone,
    renamedFrom: text,
  },
  DefinitionError,
)

export function passwordField(given: unknown): FieldDescriptor {
  const { min = 1, algorithm = 'scrypt', ...options } = passwordOptions(given)
  return new FieldDescriptor({
    type: 'password',
    options: own({ ...options, hidden: true }),
    kind: passwordKind(min, algorithm),
  })
}
