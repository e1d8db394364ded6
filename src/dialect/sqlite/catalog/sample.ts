import type { DataType } from '../../../ast/data-type.js'
import type { CatalogColumn, InspectedType } from '../../catalog.js'
import {
  allAre,
  booleanForm,
  countsOf,
  isClocks,
  isDayMilliseconds,
  isDays,
  isNumbers,
  momentForm,
  momentForms,
  type StoredValue,
  scaleOfValues,
  uuidForm,
} from './stored-forms.js'

/** The type of a column by its declaration and by values that it holds. */
export function typeBySample(column: CatalogColumn, stored: readonly StoredValue[]): InspectedType {
  const declared = column.type.toLowerCase()
  for (const [pattern, read] of DECLARED) {
    const found = pattern.test(declared) ? read(declared, stored) : null
    if (found !== null) return found
  }
  const found = byAffinity(column, stored)
  const note = formsNote(column, stored)
  return note === undefined || found.type.storage !== undefined ? found : { ...found, note }
}

type SampleReader = (declared: string, stored: readonly StoredValue[]) => InspectedType | null

const typed = (type: DataType, note?: string): InspectedType => (note === undefined ? { type } : { type, note })

const EMPTY = 'there are no values to tell how they are stored. Check "storage".'

function moment(declared: string, stored: readonly StoredValue[]): InspectedType | null {
  if (stored.length === 0) return typed({ name: 'dateTime', precision: 3 }, EMPTY)
  const form = momentForm(stored)
  if (form !== null) return typed(form)
  if (isDays(stored)) return typed({ name: 'date' })
  if (/^time$/.test(declared) && isClocks(stored)) return typed({ name: 'time' })
  return null
}

function day(_: string, stored: readonly StoredValue[]): InspectedType | null {
  if (stored.length === 0 || isDays(stored)) return typed({ name: 'date' })
  if (isDayMilliseconds(stored)) return typed({ name: 'date', storage: { form: 'milliseconds' } })
  return null
}

function time(_: string, stored: readonly StoredValue[]): InspectedType | null {
  return stored.length === 0 || isClocks(stored) ? typed({ name: 'time' }) : null
}

/** The most digits of decimals that are stored as numbers. */
const NUMERIC_DIGITS = 18

function decimal(declared: string, stored: readonly StoredValue[]): InspectedType | null {
  const [, precision, scale] = /\((\d+)(?:,(\d+))?\)/.exec(declared) ?? []
  const size = Math.min(65, Math.max(1, Number(precision ?? 18)))
  const digits = { precision: size, scale: Math.min(size, 30, Number(scale ?? (precision === undefined ? 4 : 0))) }
  const type = (form: string, { precision, scale } = digits): DataType => ({
    name: 'decimal',
    precision: form === 'numeric' ? Math.min(precision, NUMERIC_DIGITS) : precision,
    scale: form === 'numeric' ? Math.min(scale, NUMERIC_DIGITS) : scale,
    storage: { form },
  })
  const guess = precision === undefined ? 'the number of digits is a guess. Check "precision" and "scale".' : undefined
  if (stored.length === 0) return typed(type('numeric'), EMPTY)
  const found = scaleOfValues(stored)
  const wider =
    found > digits.scale
      ? { precision: Math.min(65, digits.precision - digits.scale + found), scale: Math.min(found, 30) }
      : digits
  if (isNumbers(stored)) return typed(type('numeric', wider), guess)
  if (allAre(stored, 'text', (text) => /^-?\d+(\.\d+)?$/.test(text))) return typed(type('text', wider), guess)
  return null
}

function boolean(_: string, stored: readonly StoredValue[]): InspectedType | null {
  if (stored.length === 0) return typed({ name: 'boolean' })
  const form = booleanForm(stored)
  return form === null ? null : typed(form)
}

function uuid(declared: string, stored: readonly StoredValue[]): InspectedType | null {
  const isDeclared = /uuid|guid/.test(declared)
  if (stored.length === 0) return isDeclared ? typed({ name: 'uuid' }, EMPTY) : null
  const form = uuidForm(stored, isDeclared)
  return form === null ? null : typed(form)
}

function json(_: string, stored: readonly StoredValue[]): InspectedType | null {
  return stored.length === 0 || allAre(stored, 'text', isJson) ? typed({ name: 'json' }) : null
}

function isJson(text: string): boolean {
  if (text.length >= 2000) return /^\s*[[{"]/.test(text)
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The declared type is looked at first. */
const DECLARED: readonly (readonly [RegExp, SampleReader])[] = [
  [/bool|^tinyint\(1\)$|^bit$/, boolean],
  [/^time(?: |\(|$)/, time],
  [/^date$/, day],
  [/date|time/, moment],
  [/dec|num|money/, decimal],
  [/uuid|guid|^(?:var)?char\((?:32|36)\)$/, uuid],
  [/json/, json],
]

/** https://sqlite.org/datatype3.html#determination_of_column_affinity */
function byAffinity({ type, name }: CatalogColumn, stored: readonly StoredValue[]): InspectedType {
  const declared = type.toLowerCase()
  if (declared.includes('int')) return integer(name, stored)
  if (/char|clob|text/.test(declared)) return text(declared, name, stored)
  if (/real|floa|doub/.test(declared)) return typed({ name: 'float' }, floatNote(stored))
  if (declared.includes('blob') && (stored.length === 0 || allAre(stored, 'blob'))) return typed({ name: 'binary' })
  return byValues(stored)
}

const INFINITE = 'it holds infinity. Set allowInfinity: true.'

const floatNote = (stored: readonly StoredValue[]): string | undefined =>
  stored.some(({ kind, text }) => kind === 'real' && /^-?inf/i.test(text)) ? INFINITE : mixedNote(stored)

/** Several forms in a column that should hold date-times. */
function formsNote({ name, type }: CatalogColumn, stored: readonly StoredValue[]): string | undefined {
  const isMoment = DATE_LIKE.test(name) || /date|time/i.test(type)
  const forms = isMoment ? momentForms(stored) : null
  return forms === null
    ? undefined
    : `it holds date-times in several forms (${forms}). Let one statement make them one.`
}

const mixedNote = (stored: readonly StoredValue[]): string | undefined =>
  new Set(stored.map(({ kind }) => kind)).size > 1
    ? `it holds values of several kinds (${countsOf(stored)}). Let one statement make them one.`
    : undefined

const isSmall = (text: string) => Math.abs(Number(text)) < 2 ** 31

/** What a column is called that holds moments. */
const DATE_LIKE = /(?:^|_)(?:at|date|time|timestamp|datetime)$|[a-z](?:At|Date|Time|Timestamp)$/

function integer(name: string, stored: readonly StoredValue[]): InspectedType {
  if (DATE_LIKE.test(name)) {
    const form = momentForm(stored)
    if (form !== null) return typed(form)
  }
  if (stored.some(({ kind }) => kind === 'text' || kind === 'blob')) return byValues(stored)
  if (stored.some(({ kind }) => kind === 'real')) return typed({ name: 'float' }, mixedNote(stored))
  const isFlag = /^(?:is|has|can)(?:_|[A-Z])/.test(name) && booleanForm(stored) !== null
  const note = isFlag ? 'it holds only 0 and 1. Field.boolean() may be meant.' : undefined
  return typed({ name: stored.every(({ text }) => isSmall(text)) ? 'integer' : 'bigInteger' }, note)
}

function text(declared: string, name: string, stored: readonly StoredValue[]): InspectedType {
  if (stored.some(({ kind }) => kind !== 'text')) return byValues(stored)
  if (DATE_LIKE.test(name)) {
    const form = momentForm(stored) ?? (isDays(stored) ? ({ name: 'date' } as const) : null)
    if (form !== null) return typed(form)
  }
  const length = Number(/char[a-z ]*\((\d+)\)/.exec(declared)?.[1] ?? 0)
  const fits = length > 0 && stored.every(({ text }) => [...text].length <= length)
  return typed(fits ? { name: 'string', length } : { name: 'text' })
}

/** A column whose declaration says nothing, or something else than it holds. */
function byValues(stored: readonly StoredValue[]): InspectedType {
  const note = mixedNote(stored)
  if (stored.length === 0 || allAre(stored, 'blob')) return typed({ name: 'binary' })
  if (allAre(stored, 'integer'))
    return typed({ name: stored.every(({ text }) => isSmall(text)) ? 'integer' : 'bigInteger' })
  if (isNumbers(stored)) return typed({ name: 'float' }, floatNote(stored))
  return typed({ name: 'text' }, note)
}
