import { CODEC, type Codec } from '../../../compiler/codec.js'
import { StoredValueError } from '../../../errors.js'
import { heldBy } from '../../stored.js'

/** How a column of another program keeps values: its codec, and what SQL can do with them as they are. */
export interface Form extends Codec {
  readonly decode: (raw: unknown) => unknown
  readonly encode: (canonical: unknown) => unknown
  /** What a value is compared as, where `encode` would round it. */
  readonly compare: ((canonical: unknown) => unknown) | undefined
  /** Equal values are stored alike. */
  readonly exact: boolean
  /** Stored values have the order of those that they stand for. */
  readonly sorts: boolean
  /** SQL that turns what is stored into corm's own form, and back; undefined: a function does it. */
  readonly toOwn: ((sql: string) => string) | undefined
  readonly toStored: ((sql: string) => string) | undefined
}

/** What `CODEC` is for forms. */
export const FORM: Readonly<Pick<Form, keyof typeof CODEC | 'compare' | 'toOwn' | 'toStored'>> = Object.freeze({
  ...CODEC,
  compare: undefined,
  toOwn: undefined,
  toStored: undefined,
})

/** `storage`: as the field declares it. */
export function refuseForm(raw: unknown, storage: string, form: string): never {
  const held = typeof raw === 'string' ? 'text of another form' : heldBy(raw)
  throw new StoredValueError(
    `holds ${held}, and is declared as ${storage}: ${form}`,
    'Correct the stored value, or declare the storage that the other program uses.',
  )
}
