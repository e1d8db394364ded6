import crypto, { randomBytes, timingSafeEqual } from 'node:crypto'
import { UsageError } from '../errors.js'
import { own } from '../util/own.js'

// Password hashes as PHC strings: `$scrypt$ln=14,r=8,p=5$<salt>$<hash>` and `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`.

export type Algorithm = 'scrypt' | 'argon2id'

/** The cost of a hash, by the names that PHC strings use. */
type Cost = Readonly<Record<string, number>>

/** OWASP's settings. Of those for scrypt these take the least memory: 16 MiB. */
const COSTS: Readonly<Record<Algorithm, Cost>> = own({
  scrypt: own({ ln: 14, r: 8, p: 5 }),
  argon2id: own({ m: 19_456, t: 2, p: 1 }),
})

/** Hashes that take more memory than this are not verified. */
const MOST_MEMORY = 512 * 1024 * 1024

/** A parsed PHC string. */
export interface Hash {
  readonly algorithm: Algorithm
  readonly cost: Cost
  readonly salt: Buffer
  readonly hash: Buffer
}

const SALT_BYTES = 16
const HASH_BYTES = 32

/** A hash to be computed, with a new salt. */
type HashRequest = Omit<Hash, 'hash'> & { readonly length: number }

const draftOf = (algorithm: Algorithm): HashRequest => ({
  algorithm,
  cost: COSTS[algorithm],
  salt: randomBytes(SALT_BYTES),
  length: HASH_BYTES,
})

/** Hashes a text in a thread of libuv. */
export async function hashText(text: string, algorithm: Algorithm): Promise<string> {
  const draft = draftOf(algorithm)
  return textOf(draft, await derive(text, draft))
}

/** The same at once, where nothing can be awaited. */
export function hashTextSync(text: string, algorithm: Algorithm): string {
  const draft = draftOf(algorithm)
  return textOf(draft, deriveSync(text, draft))
}

/** Whether it is the hash of a text. */
export async function isHashOf(hash: Hash, text: string): Promise<boolean> {
  return timingSafeEqual(await derive(text, { ...hash, length: hash.hash.length }), hash.hash)
}

/** Whether a hash made now would have another algorithm, or cost more. */
export function isOutdated({ algorithm, cost, salt, hash }: Hash, wanted: Algorithm): boolean {
  if (algorithm !== wanted || salt.length < SALT_BYTES || hash.length < HASH_BYTES) return true
  return Object.entries(COSTS[wanted]).some(([name, least]) => (cost[name] ?? 0) < least)
}

/** Node's function, from version 24.7 on. */
type Argon2 = (name: string, options: object, done: (error: Error | null, hash: Buffer) => void) => void
type Argon2Sync = (name: string, options: object) => Buffer

function argon2Of<T>(name: 'argon2' | 'argon2Sync'): T {
  const found = (crypto as unknown as Readonly<Record<string, unknown>>)[name]
  if (typeof found === 'function') return found as T
  throw new UsageError(
    'This version of Node has no argon2, which the hash of a password needs. Use Node 24.7 or later, or scrypt: Field.password({ algorithm: "scrypt" }).',
  )
}

const argon2Options = (text: string, { cost, salt, length }: HashRequest) => ({
  message: text,
  nonce: salt,
  parallelism: cost.p,
  tagLength: length,
  memory: cost.m,
  passes: cost.t,
})

function scryptOptions({ cost: { ln = 0, r = 0, p = 0 } }: HashRequest) {
  const N = 2 ** ln
  return { N, r, p, maxmem: 256 * N * r + 1024 * r * p + 1024 * 1024 }
}

function derive(text: string, draft: HashRequest): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, hash: Buffer) => (error === null ? resolve(hash) : reject(error))
    if (draft.algorithm === 'argon2id') argon2Of<Argon2>('argon2')('argon2id', argon2Options(text, draft), done)
    else crypto.scrypt(text, draft.salt, draft.length, scryptOptions(draft), done)
  })
}

function deriveSync(text: string, draft: HashRequest): Buffer {
  return draft.algorithm === 'argon2id'
    ? argon2Of<Argon2Sync>('argon2Sync')('argon2id', argon2Options(text, draft))
    : crypto.scryptSync(text, draft.salt, draft.length, scryptOptions(draft))
}

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

function textOf({ algorithm, cost, salt }: HashRequest, hash: Buffer): string {
  const version = algorithm === 'argon2id' ? '$v=19' : ''
  const settings = Object.entries(cost).map(([name, value]) => `${name}=${value}`)
  return `$${algorithm}${version}$${settings.join(',')}$${base64(salt)}$${base64(hash)}`
}

const NUMBER = '([1-9]\\d{0,9})'
const BYTES = '([A-Za-z0-9+/]{11,128})'
const FORMS: readonly { readonly algorithm: Algorithm; readonly form: RegExp; readonly names: readonly string[] }[] = [
  {
    algorithm: 'scrypt',
    form: new RegExp(`^\\$scrypt\\$ln=${NUMBER},r=${NUMBER},p=${NUMBER}\\$${BYTES}\\$${BYTES}$`),
    names: ['ln', 'r', 'p'],
  },
  {
    algorithm: 'argon2id',
    form: new RegExp(`^\\$argon2id\\$v=19\\$m=${NUMBER},t=${NUMBER},p=${NUMBER}\\$${BYTES}\\$${BYTES}$`),
    names: ['m', 't', 'p'],
  },
]

/** Reads a PHC string. Null: it is none, or none that can be verified. */
export function parseHash(text: string): Hash | null {
  for (const { algorithm, form, names } of FORMS) {
    const match = form.exec(text)
    if (match === null) continue
    const cost = own(Object.fromEntries(names.map((name, i) => [name, Number(match[i + 1])])))
    if (memoryOf(cost) > MOST_MEMORY || (cost.p ?? 0) > 255 || (cost.t ?? 0) > 255) return null
    const [salt, hash] = [match[4], match[5]].map((bytes = '') => Buffer.from(bytes, 'base64')) as [Buffer, Buffer]
    return { algorithm, cost, salt, hash }
  }
  return null
}

/** The bytes that a hash takes to compute. */
const memoryOf = ({ ln = 0, r = 0, m }: Cost): number => (m === undefined ? 128 * 2 ** ln * r : m * 1024)
