import type { DataType } from '../../../ast/data-type.js'
import { isDecimal, isUuid } from '../../../util/canonical.js'
import { textIn } from '../../../util/expect.js'
import { unscale } from '../unscale.js'
import { FORM, refuseForm, type StorageForm } from './form.js'

/** Plain numbers, rounded to the scale, which are exact to 15 digits. */
export function numericDecimal({ scale = 0 }: DataType): StorageForm {
  const power = 10 ** scale
  return {
    ...FORM,
    columnType: 'REAL',
    encode: Number,
    decode: (raw: unknown) => {
      const scaled = typeof raw === 'number' ? Math.sign(raw) * Math.round(Math.abs(raw) * power) : Number.NaN
      if (!Number.isSafeInteger(scaled)) return refuseForm(raw, "'numeric'", 'a number of 15 digits at most')
      return unscale(String(scaled), scale)
    },
    exact: false,
    sorts: false,
    toOwn: (sql) => (scale === 0 ? `cast(round(${sql}) as integer)` : `cast(round((${sql}) * ${power}) as integer)`),
    toStorage: (sql) => (scale === 0 ? sql : `((${sql}) / ${power}.0)`),
  }
}

/** Decimals as the text of their digits. */
export function textDecimal({ scale = 0 }: DataType): StorageForm {
  return {
    ...FORM,
    columnType: 'TEXT',
    encode: (digits) => digits,
    decode: (raw: unknown) => {
      if (typeof raw !== 'string' || !isDecimal(raw)) return refuseForm(raw, "'text'", 'a decimal number as text')
      const [whole = '', fraction = ''] = raw.split('.')
      if (/[1-9]/.test(fraction.slice(scale)))
        return refuseForm(raw, "'text'", `a decimal number of ${scale} digits after the point`)
      const digits = fraction.slice(0, scale).padEnd(scale, '0')
      const plain = `${whole.replace(/^(-?)0+(?=\d)/, '$1')}${scale > 0 ? `.${digits}` : ''}`
      return plain.startsWith('-') && !/[1-9]/.test(plain) ? plain.slice(1) : plain
    },
    exact: false,
    sorts: false,
  }
}

export function words([yes, no]: readonly [string, string]): StorageForm {
  return {
    ...FORM,
    columnType: 'TEXT',
    encode: (value) => (value === true ? yes : no),
    decode: (raw: unknown) => {
      if (raw === yes || raw === no) return raw === yes
      return refuseForm(raw, "'text'", `"${yes}" or "${no}"`)
    },
    exact: true,
    sorts: no < yes,
  }
}

const dashed = (hex: string) =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`

const bare = (uuid: unknown) => textIn(uuid).replaceAll('-', '')

const HEX = /^[0-9a-f]{32}$/

const upper: StorageForm = {
  ...FORM,
  columnType: 'TEXT',
  encode: (uuid) => textIn(uuid).toUpperCase(),
  decode: (raw: unknown) => {
    const lower = typeof raw === 'string' ? raw.toLowerCase() : ''
    return isUuid(lower) && lower.toUpperCase() === raw
      ? lower
      : refuseForm(raw, "'upper'", 'a UUID in capital letters')
  },
  exact: true,
  sorts: true,
}

const hex: StorageForm = {
  ...FORM,
  columnType: 'TEXT',
  encode: (uuid) => bare(uuid),
  decode: (raw: unknown) =>
    typeof raw === 'string' && HEX.test(raw)
      ? dashed(raw)
      : refuseForm(raw, "'hex'", '32 hexadecimal digits in small letters'),
  exact: true,
  sorts: true,
}

const LENGTH = 16

function hexOf(raw: unknown, storage: string): string {
  if (raw instanceof Uint8Array && raw.length === LENGTH) return Buffer.from(raw).toString('hex')
  return refuseForm(raw, storage, '16 bytes')
}

const bytesOf = (uuid: unknown) => Buffer.from(bare(uuid), 'hex')

const blob: StorageForm = {
  ...FORM,
  columnType: 'BLOB',
  encode: bytesOf,
  decode: (raw: unknown) => dashed(hexOf(raw, "'blob'")),
  exact: true,
  sorts: true,
}

const pair = (text: string, at: number) => text.slice(at * 2, at * 2 + 2)

/** The byte order of a .NET Guid: the first three groups are little-endian. */
const ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]

const mixed = (digits: string) => ORDER.map((at) => pair(digits, at)).join('')

const guid: StorageForm = {
  ...FORM,
  columnType: 'BLOB',
  encode: (uuid) => Buffer.from(mixed(bare(uuid)), 'hex'),
  decode: (raw: unknown) => dashed(mixed(hexOf(raw, "'guid'"))),
  exact: true,
  sorts: false,
}

export const UUIDS: Readonly<Record<string, StorageForm>> & { readonly upper: StorageForm } = { upper, hex, blob, guid }

/** JSON as the bytes of its text. */
export const jsonBytes: StorageForm = {
  ...FORM,
  columnType: 'BLOB',
  encode: (text) => Buffer.from(textIn(text)),
  decode: (raw: unknown) =>
    raw instanceof Uint8Array ? Buffer.from(raw).toString('utf8') : refuseForm(raw, "'blob'", 'the bytes of JSON text'),
  exact: false,
  sorts: false,
  toOwn: (sql) => `cast(${sql} as text)`,
  toStorage: (sql) => `cast(${sql} as blob)`,
}
