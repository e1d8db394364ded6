import type { DataType, Storage } from '../../ast/data-type.js'
import type { MadeDefault } from '../../ast/definition.js'

// Defaults in the form of their column. SQLite's clock has millisecond precision. https://sqlite.org/lang_datefunc.html

export function madeDefault(made: MadeDefault, type: DataType): string {
  if (made === 'uuid') return newUuid(type.storage)
  switch (type.name) {
    case 'date':
      return type.storage === undefined ? "date('now')" : "unixepoch('now', 'start of day') * 1000"
    case 'time':
      return "rtrim(rtrim(strftime('%H:%M:%f', 'now'), '0'), '.')"
    default:
      return moment(type)
  }
}

function moment({ precision = 3, storage }: DataType): string {
  const {
    form,
    digits = precision > 6 ? 9 : precision > 3 ? 6 : 3,
    zone = '',
    trim = false,
  } = storage ?? { form: 'text' }
  switch (form) {
    case 'milliseconds':
      return "unixepoch('now') * 1000 + cast(substr(strftime('%f', 'now'), 4) as integer)"
    case 'seconds':
      return "unixepoch('now')"
    case 'julian':
      return "julianday('now')"
    default:
      return `${trimmed(text(form === 'iso' ? 'T' : ' ', digits), digits, trim)}${zone === '' ? '' : ` || '${zone}'`}`
  }
}

const SECONDS = 19

function text(between: string, digits: number): string {
  const whole = `strftime('%Y-%m-%d${between}%H:%M:%f', 'now')`
  if (digits === 0) return `substr(${whole}, 1, ${SECONDS})`
  if (digits < 3) return `substr(${whole}, 1, ${SECONDS + 1 + digits})`
  return digits === 3 ? whole : `(${whole} || '${'0'.repeat(digits - 3)}')`
}

function trimmed(sql: string, digits: number, trim: Storage['trim']): string {
  if (digits === 0 || trim === false) return sql
  return trim === 'zeros' ? `rtrim(rtrim(${sql}, '0'), '.')` : `replace(${sql}, '.${'0'.repeat(digits)}', '')`
}

/** A random UUID, version 4. */
const UUID =
  "hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || " +
  "substr('89AB', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))"

function newUuid(storage: Storage | undefined): string {
  switch (storage?.form) {
    case 'upper':
      return UUID
    case 'hex':
      return `lower(replace(${UUID}, '-', ''))`
    case 'blob':
    case 'guid':
      return `unhex(replace(${UUID}, '-', ''))`
    default:
      return `lower(${UUID})`
  }
}
