import { toHex } from '../util/bytes.js'
import { own } from '../util/own.js'
import { isRecord } from '../util/record.js'
import type { DataType, ValueType } from './data-type.js'
import type { ExpressionNode } from './expression.js'

// Definitions are compared by what they mean: neither the order of members nor the field that a value belongs to counts.

/** What of a data type a column of a database has. */
const TYPE_MEMBERS = [
  'name',
  'length',
  'precision',
  'scale',
  'values',
  'autoIncrement',
  'reuse',
  'sql',
  'storage',
] as const

/** The data type of a column, without what only programs know. */
export function columnTypeIn(type: DataType): DataType {
  const members = TYPE_MEMBERS.flatMap((name) => {
    const value = type[name]
    return value === undefined || value === false ? [] : [[name, value] as const]
  })
  const { element } = type
  const elements = element && { element: { ...element, dataType: columnTypeIn(element.dataType) } }
  return own({ ...Object.fromEntries(members), ...elements }) as unknown as DataType
}

/** A value as JSON text with sorted keys, equal for equal definitions. Expressions may be anywhere in it. */
export const canonicalText = (value: unknown): string => JSON.stringify(canonical(value))

export const isSame = (a: unknown, b: unknown): boolean => a === b || canonicalText(a) === canonicalText(b)

/** Members of nodes that say where an expression was written, or how its value is read. */
const LEFT_OUT: ReadonlySet<string> = new Set(['type', 'level', 'scope', 'wide', 'dynamic', 'ours'])

function canonical(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Float32Array) return [...value]
  if (value instanceof Uint8Array) return `0x${toHex(value)}`
  if (Array.isArray(value)) return value.map(canonical)
  if (!isRecord(value)) return value
  const node = value as unknown as ExpressionNode
  if (node.kind === 'parameter') return { value: canonical(checked(node.type, node.value)) }
  if (node.kind === 'list') return { values: node.values.map((each) => canonical(checked(node.type, each))) }
  const isNode = typeof node.kind === 'string'
  const members = Object.keys(value)
    .filter((name) => value[name] !== undefined && value[name] !== null && !(isNode && LEFT_OUT.has(name)))
    .sort()
    .map((name) => [name, canonical(value[name])] as const)
  return Object.fromEntries(members)
}

/** The value as its column stores it. */
const checked = (type: ValueType | null, value: unknown): unknown =>
  type === null || (value === null && type.nullIsValue !== true) ? value : type.check(value)
