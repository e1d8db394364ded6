import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { DataType } from '../ast/data-type.js'
import { DefinitionError, StoredValueError, UsageError, ValidationError } from '../errors.js'
import { bytesIn, present } from '../util/expect.js'
import { BLIND, FORMAT, type Keyring, keyring, OVERHEAD } from '../util/keyring.js'
import { choiceOf, either, flag, optionReader, text } from '../util/options.js'
import { own } from '../util/own.js'
import { isSameValue } from './array.js'
import { FieldDescriptor, type FieldKind, type Refuse } from './kind.js'
import type { FieldOptions } from './options.js'
import { comparedBytes, fromPlainBytes, toPlainBytes } from './plain-bytes.js'
import { SealedValue } from './sealed.js'
import { textKind } from './string.js'

// Encrypted values: format (1) | number of the key (1) | nonce (12) | tag (16) | ciphertext, by AES-256-GCM. The column is part
// of what is authenticated, so that a value is of no use in another one.

const CIPHER = 'aes-256-gcm'
const HEAD = 2
const NONCE = 12
const TAG = 16

const authenticated = (id: number, place: string) => Buffer.concat([Buffer.of(FORMAT, id), Buffer.from(place)])

const CONFIGURE = 'Call Database.configure({ encryption: { current, keys } }) first.'

function requireKeys(place: string): Keyring {
  const ring = keyring()
  if (ring !== null) return ring
  throw new UsageError(`The column "${place}" is encrypted, and no key is configured. ${CONFIGURE}`)
}

function seal(plain: Uint8Array, place: string): Uint8Array {
  const ring = requireKeys(place)
  const id = ring.current
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv(CIPHER, present(ring.derived(id, 'encrypt', place), 'a key of the keyring'), nonce)
  cipher.setAAD(authenticated(id, place))
  const content = Buffer.concat([cipher.update(plain), cipher.final()])
  return new Uint8Array(Buffer.concat([Buffer.of(FORMAT, id), nonce, cipher.getAuthTag(), content]))
}

/** The number of the key that bytes are encrypted with; undefined: they are no encrypted value. */
const keyOf = (bytes: Uint8Array): number | undefined =>
  bytes[0] === FORMAT && bytes.length >= OVERHEAD ? bytes[1] : undefined

const RESTORE = 'Restore the value from a backup, or set it again.'

function unseal(bytes: Uint8Array, place: string): Buffer {
  const id = keyOf(bytes)
  if (id === undefined) throw new StoredValueError('holds bytes that are not an encrypted value', RESTORE)
  const ring = keyring()
  if (ring === null) throw new StoredValueError('holds an encrypted value, and no key is configured', CONFIGURE)
  const key = ring.derived(id, 'encrypt', place)
  if (key === undefined)
    throw new StoredValueError(
      `holds a value that is encrypted with key ${id}, which is not configured`,
      'Add the key to Database.configure({ encryption: { keys } }).',
    )
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(HEAD, HEAD + NONCE), { authTagLength: TAG })
  decipher.setAAD(authenticated(id, place))
  decipher.setAuthTag(bytes.subarray(HEAD + NONCE, OVERHEAD))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(OVERHEAD)), decipher.final()])
  } catch {
    throw new StoredValueError(
      'holds an encrypted value that was changed, or that belongs to another column, table or key',
      `${RESTORE} If the table or column was renamed, set { context } to the place where it was encrypted, like 'users.phone'.`,
    )
  }
}

const silent: Refuse = (code, message) => {
  throw new ValidationError('query', [{ path: 'value', code, message }])
}

/** The kind of a column that holds encrypted values of another kind. */
function encryptedKind(plain: FieldKind, place: string, indexed: boolean): FieldKind {
  const type: DataType = plain.dataType
  const bytesOf = (value: unknown, refuse: Refuse) => toPlainBytes(type, plain.check(value, refuse))
  const canonicalIn = (bytes: unknown) => fromPlainBytes(type, unseal(bytesIn(bytes), place))
  const load = (bytes: unknown) => {
    const canonical = canonicalIn(bytes)
    return plain.load === null ? canonical : plain.load(canonical)
  }
  return {
    dataType: { name: 'binary', secret: 'encrypted' },
    plain,
    ...(plain.cast !== undefined && { cast: plain.cast }),
    ...(plain.rules !== undefined && { rules: plain.rules }),
    ...(plain.element !== undefined && { element: plain.element }),
    examine: (value, refuse) => void plain.check(value, refuse),
    check: (value, refuse) => seal(bytesOf(value, refuse), place),
    load,
    hold: (bytes) => new SealedValue(bytesIn(bytes), load),
    reseal(given, always) {
      const bytes = bytesIn(given)
      if (!always && keyOf(bytes) === requireKeys(place).current) return null
      const content = unseal(bytes, place)
      const [text = null] = indexed ? blindOf(comparedBytes(type, content), place, 'current') : []
      return { bytes: seal(content, place), text }
    },
    snapshot: 'canonical',
    same(value, bytes) {
      if (value instanceof SealedValue && !value.isOpen) return Buffer.compare(value.bytes, bytesIn(bytes)) === 0
      return isSameAs(plain, value instanceof SealedValue ? value.value : value, () => canonicalIn(bytes))
    },
    ...(indexed && {
      blindPrefix: () => blindPrefix(requireKeys(place).current),
      blind: (value: unknown, which) => blindOf(comparedBytes(type, bytesOf(value, silent)), place, which),
    }),
  }
}

/** A stored value that can't be decrypted is another one: so it can be replaced. */
function isSameAs(plain: FieldKind, value: unknown, canonical: () => unknown): boolean {
  try {
    return isSameValue(plain, value, canonical())
  } catch (error) {
    if (error instanceof StoredValueError) return false
    throw error
  }
}

/** What equal values have in the index: one text for each key, that of the current one first. */
function blindOf(bytes: Uint8Array, place: string, which: 'current' | 'all'): string[] {
  const ring = requireKeys(place)
  const ids = which === 'current' ? [ring.current] : ring.ids
  return ids.map((id) => `${blindPrefix(id)}${ring.digest(id, place, bytes)}`)
}

/** The beginning of the texts of one key in a blind index. */
const blindPrefix = (id: number): string => `${BLIND}${id.toString(16).padStart(2, '0')}$`

/** `$bi$`, two digits, `$`, and SHA-256 in hexadecimal. */
const BLIND_LENGTH = 71

/** The column of a blind index. It is written with its field, and never shown. */
function blindField(index: true | 'unique', { column, readonly }: FieldOptions): FieldDescriptor {
  const { check, accepts: _, ...kind } = textKind({ name: 'string', length: BLIND_LENGTH, secret: 'encrypted' }, {})
  return new FieldDescriptor({
    type: 'blindIndex',
    options: own({
      nullable: true,
      hidden: true,
      guarded: true,
      lazy: true,
      ...(index === 'unique' ? { unique: true } : { index: true }),
      ...(column !== undefined && { column: `${column}_index` }),
      ...(readonly === true && { readonly }),
    }),
    // instances do not hold it
    kind: { ...kind, check, load: () => null },
  })
}

interface EncryptedOptions {
  readonly index: boolean | 'unique'
  readonly hidden: boolean
  readonly context: string
}

const encryptedOptions = optionReader<EncryptedOptions>(
  'Field.encrypted()',
  { index: either(flag, choiceOf('unique')), hidden: flag, context: text },
  DefinitionError,
)

const REFUSED: ReadonlySet<string> = new Set(
  'id bigId foreignKey oneToOne morphKey morphType softDelete version password file image vector embedding slug encrypted blindIndex'.split(
    ' ',
  ),
)
/** Options that an encrypted column can't have, and what to do instead. */
const INSTEAD: Readonly<Record<string, string>> = own({
  unique: "Write Field.encrypted(…, { index: 'unique' }).",
  index: 'Write Field.encrypted(…, { index: true }).',
  primaryKey: 'Use another field as the key.',
  dbDefault: 'Use "default": the database has no keys.',
  generated: 'The database has no keys.',
  autoNow: 'Set the time in a hook.',
  autoNowAdd: 'Use { default: () => new Date() }.',
  autoIncrement: 'Use another field as the number.',
  auto: 'Use { default: () => crypto.randomUUID() }.',
  storage: 'Encrypted values have a form of their own.',
})

function requirePlain(field: unknown): FieldDescriptor & { readonly kind: FieldKind } {
  if (!(field instanceof FieldDescriptor))
    throw new DefinitionError('Field.encrypted() needs the field of its values first: Field.encrypted(Field.string()).')
  const { type, kind, options, slug } = field
  if (typeof kind === 'function' || REFUSED.has(type) || slug !== null)
    throw new DefinitionError(
      `Field.encrypted(Field.${type}()) is not possible. Encrypt texts, numbers, dates, JSON, bytes and arrays.`,
    )
  const wrong = Object.keys(INSTEAD).find((name) => {
    const value = options[name as keyof FieldOptions]
    return value !== undefined && value !== false
  })
  if (wrong !== undefined)
    throw new DefinitionError(
      `The field in Field.encrypted() has the option "${wrong}", which an encrypted column can't have. ${INSTEAD[wrong]}`,
    )
  return field as FieldDescriptor & { readonly kind: FieldKind }
}

export function encryptedField(given: unknown, more: unknown): FieldDescriptor {
  const field = requirePlain(given)
  const { index = false, hidden, context } = encryptedOptions(more)
  const plain: FieldKind = own({ ...field.kind, dataType: own(field.kind.dataType) })
  const { name, sql, storage } = plain.dataType
  if (sql !== undefined || storage !== undefined)
    throw new DefinitionError(
      'The field in Field.encrypted() has a column type of its own, which is not used. Leave it out.',
    )
  if (index !== false && (name === 'json' || name === 'array'))
    throw new DefinitionError(
      'Field.encrypted() has no index of JSON and arrays. Encrypt the value to search for in a field of its own.',
    )
  const { nullIsValue: _, ...kind } = plain
  const options = own({ ...field.options, hidden: hidden ?? true })
  return new FieldDescriptor({
    type: 'encrypted',
    options,
    kind: ({ place }) => encryptedKind(own(kind), context ?? place, index !== false),
    extraOptions: field.extraOptions,
    blind: index === false ? null : blindField(index, options),
  })
}
