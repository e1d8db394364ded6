import { toHex } from '../../util/bytes.js'

/** The generic plan of `= any($1)` assumes ten elements, so the server would plan shorter lists again each time. */
const PLANNED_LENGTH = 10

/** Writes encoded values as an array literal, the text form that is bound as one parameter. */
export function toArrayLiteral(values: readonly unknown[]): string {
  return `{${values.map(element).join(',')}}`
}

/** The same for a list in a condition, padded with a repeated value, which does not change the result. */
export function toPaddedArrayLiteral(values: readonly unknown[]): string {
  if (values.length >= PLANNED_LENGTH || values.length === 0) return toArrayLiteral(values)
  const items = values.map(element)
  const last = items.at(-1) ?? 'NULL'
  while (items.length < PLANNED_LENGTH) items.push(last)
  return `{${items.join(',')}}`
}

function element(value: unknown): string {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return String(value)
    case 'boolean':
      return value ? 't' : 'f'
    case 'string':
      return quoteElement(value)
  }
  return value instanceof Uint8Array ? `"\\\\x${toHex(value)}"` : 'NULL'
}

function quoteElement(text: string): string {
  return /["\\]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`
}
