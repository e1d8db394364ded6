import { elementOf, type ValueType } from '../../ast/data-type.js'
import type { MemberNode } from '../../ast/expression.js'
import { CODEC, type Codec } from '../../compiler/codec.js'
import { encoderOf } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { toHex } from '../../util/bytes.js'
import { listIn } from '../../util/expect.js'
import { nullElement } from '../json-array.js'
import { refuseStored } from '../stored.js'
import { textParser } from './parsers.js'

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

/** The codec of an array; `codecOf` returns that of an element. */
export function arrayCodec(type: ValueType, codecOf: (type: ValueType) => Codec, cast: string): Codec {
  const element = elementOf(type)
  if (element === null) throw new TypeError('an array without a type of its elements')
  const { encode, decode } = codecOf(element)
  const parse = element.dataType.name === 'boolean' ? textParser(BOOL) : null
  const read = (text: string) => {
    const raw = parse === null ? text : parse(text)
    return decode === null ? raw : decode(raw)
  }
  return {
    ...CODEC,
    columnType: `${cast}[]`,
    encode: (list) =>
      toArrayLiteral(listIn(list).map((each) => (each === null || encode === null ? each : encode(each)))),
    decode(raw) {
      const items = typeof raw === 'string' ? parseArray(raw) : null
      if (items === null) return refuseStored(raw, 'an array of one dimension')
      return items.map((item) => (item === null ? nullElement(type) : read(item)))
    },
  }
}

const BOOL = 16

/** The elements of an array literal, as texts; null: it is none, or has several dimensions. */
function parseArray(text: string): (string | null)[] | null {
  if (!text.startsWith('{') || !text.endsWith('}')) return null
  const items: (string | null)[] = []
  const end = text.length - 1
  let at = 1
  while (at < end) {
    if (text[at] === '{') return null
    if (text[at] === '"') {
      const item = quotedElement(text, at + 1)
      if (item === null) return null
      items.push(item.text)
      at = item.end
    } else {
      const comma = text.indexOf(',', at)
      const next = comma === -1 ? end : comma
      const item = text.slice(at, next)
      items.push(item === 'NULL' ? null : item)
      at = next
    }
    if (at < end && text[at] !== ',') return null
    at++
  }
  return items
}

/** The element that begins after a quote, and where it ends. */
function quotedElement(text: string, start: number): { text: string; end: number } | null {
  let item = ''
  let from = start
  for (let at = start; at < text.length; at++) {
    if (text[at] === '"') return { text: item + text.slice(from, at), end: at + 1 }
    if (text[at] !== '\\') continue
    item += text.slice(from, at)
    from = ++at
  }
  return null
}

/** `@>` can use a GIN index; `= any` can't. */
export function writeMember({ operand, item }: MemberNode, cast: string, out: SqlWriter): void {
  const encode = encoderOf(item, out)
  out.operand(operand).write(' @> ')
  out.bind(item, (value) => toArrayLiteral([encode(value)])).write(`::${cast}[]`)
}
