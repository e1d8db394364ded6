import type { DataType, Storage } from '../ast/data-type.js'
import { DefinitionError } from '../errors.js'
import type { FieldKind } from './kind.js'
import { type FieldOptions, FORMS } from './options.js'

// How another program stores the values of a field in a SQLite file. Other databases have dedicated types for them.

type HasStorage = keyof typeof FORMS

const ZONES: readonly unknown[] = ['', 'Z', '+00:00', ' +00:00']
const TRIMS: readonly unknown[] = [true, false, 'zeros']

const quoted = (list: readonly unknown[]) =>
  list.map((one) => (typeof one === 'string' ? `'${one}'` : String(one))).join(', ')

function refuse(type: HasStorage, option: string, list: readonly unknown[]): never {
  throw new DefinitionError(`Field.${type}() has another "${option}" than it knows. Choose one of: ${quoted(list)}.`)
}

/** The form that the option names; undefined means corm's own. */
function chosenForm(type: HasStorage, options: FieldOptions): string | undefined {
  const forms: readonly unknown[] = FORMS[type]
  const { storage } = options
  if (storage !== undefined && !forms.includes(storage)) refuse(type, 'storage', forms)
  return storage === forms[0] ? undefined : storage
}

/** Returns the kind with the storage that the options name. */
export function inStorage(
  type: Exclude<HasStorage, 'dateTime' | 'boolean'>,
  kind: FieldKind,
  options: FieldOptions,
): FieldKind {
  const form = chosenForm(type, options)
  return form === undefined ? kind : withStorage(kind, { form })
}

/** The digits that a REAL stores exactly. */
const NUMBER_DIGITS = 15
/** Decimals of up to this many digits are compared as 64-bit integers. Longer ones are text anyway. */
const INTEGER_DIGITS = 18

export function decimalInStorage(kind: FieldKind, options: FieldOptions): FieldKind {
  const { precision = 0 } = kind.dataType
  const form = chosenForm('decimal', options)
  if (form === 'numeric' && precision > INTEGER_DIGITS)
    throw new DefinitionError(
      `Field.decimal({ storage: 'numeric' }) takes a precision of ${INTEGER_DIGITS} at most, of which numbers keep ${NUMBER_DIGITS} digits.`,
    )
  if (options.storage === 'scaled' && precision > INTEGER_DIGITS)
    throw new DefinitionError(
      `Field.decimal({ storage: 'scaled' }) takes a precision of ${INTEGER_DIGITS} at most. Longer decimals are stored as text.`,
    )
  return form === undefined ? kind : withStorage(kind, { form })
}

const isWord = (value: unknown): value is string => typeof value === 'string' && value.isWellFormed()

export function booleanInStorage(kind: FieldKind, options: FieldOptions): FieldKind {
  const { words } = options
  const form = chosenForm('boolean', options)
  const [yes, no, ...more] = words ?? []
  if (form === undefined && words === undefined) return kind
  if (form === undefined || !isWord(yes) || !isWord(no) || more.length > 0 || yes === no)
    throw new DefinitionError(
      "Field.boolean() with words needs both: { storage: 'text', words: ['t', 'f'] }, true first.",
    )
  return withStorage(kind, { form, words: [yes, no] })
}

const MOST_DIGITS = 9

/** How a date-time is stored. `precision` is set if the field has one. */
export function momentStorage(options: FieldOptions): Storage | undefined {
  const { zone, digits, trim, precision } = options
  const form = chosenForm('dateTime', options) ?? 'text'
  const isText = form === 'text' || form === 'iso'
  if (!isText) {
    for (const option of ['zone', 'digits', 'trim'] as const)
      if (options[option] !== undefined)
        throw new DefinitionError(`Field.dateTime() takes "${option}" for texts: storage: 'text' or 'iso'.`)
    if (typeof precision === 'number' && precision > 3)
      throw new DefinitionError(`Field.dateTime({ storage: '${form}' }) takes a precision of 3 at most.`)
    return { form }
  }
  if (zone !== undefined && !ZONES.includes(zone)) refuse('dateTime', 'zone', ZONES)
  if (trim !== undefined && !TRIMS.includes(trim)) refuse('dateTime', 'trim', TRIMS)
  if (digits !== undefined && !(Number.isInteger(digits) && digits >= 0 && digits <= MOST_DIGITS))
    throw new DefinitionError(`Field.dateTime() takes "digits" from 0 to ${MOST_DIGITS}.`)
  if (form === 'text' && zone === undefined && digits === undefined && trim === undefined) return undefined
  const usual = typeof precision === 'number' && precision > 3 ? 6 : 3
  return {
    form,
    zone: zone ?? (form === 'iso' ? 'Z' : ''),
    digits: digits ?? usual,
    trim: trim ?? false,
  }
}

/** The smallest step between stored date-times in milliseconds; 1 if a Date is stored in full. */
export function stepOf({ form, digits = 3 }: Storage): number {
  if (form === 'seconds') return 1000
  return form === 'text' || form === 'iso' ? 10 ** Math.max(0, 3 - digits) : 1
}

export function withStorage(kind: FieldKind, storage: Storage): FieldKind {
  const dataType: DataType = { ...kind.dataType, storage }
  return { ...kind, dataType }
}
