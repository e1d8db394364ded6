import { CODEC, type Codec } from '../../../compiler/codec.js'
import { StoredValueError } from '../../../errors.js'
import { heldBy } from '../../stored.js'

/** How another program stores the values of a column: its codec, and what SQL can do with them directly. */
export interface StorageForm extends Codec {
  readonly decode: (raw: unknown) => unknown
  readonly encode: (canonical: unknown) => unknown
  /** Encodes a value for comparisons, if `encode` would round it. */
  readonly compare: ((canonical: unknown) => unknown) | undefined
  /** Equal values are stored the same way. */
  readonly exact: boolean
  /** Stored values sort in the order of the values that they represent. */
  readonly sorts: boolean
  /** SQL that converts a stored value to corm's own form, and back; undefined if a function does it. */
  readonly toOwn: ((sql: string) => string) | undefined
  readonly toStorage: ((sql: string) => string) | undefined
}

/** The counterpart of `CODEC` for forms. */
export const FORM: Readonly<Pick<StorageForm, keyof typeof CODEC | 'compare' | 'toOwn' | 'toStorage'>> = Object.freeze({
  ...CODEC,
  compare: undefined,
  toOwn: undefined,
  toStorage: undefined,
})

/** `storage` is the option as the field declares it. */
export function refuseForm(raw: unknown, storage: string, form: string): never {
  const held = typeof raw === 'string' ? 'text of another form' : heldBy(raw)
  throw new StoredValueError(
    `holds ${held}, and is declared as ${storage}: ${form}`,
    'Correct the stored value, or declare the storage that the other program uses.',
  )
}
