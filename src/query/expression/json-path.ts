import { CALL } from '../../ast/bases.js'
import { nodeOf } from '../../ast/brand.js'
import type { ValueType } from '../../ast/data-type.js'
import type { CallNode, ExpressionNode, JsonAs, JsonNode } from '../../ast/expression.js'
import { UndefinedValueError, UsageError } from '../../errors.js'
import { plainTypes } from '../../field/plain-type.js'
import { isList } from '../../util/list.js'
import { isPlainObject } from '../../util/own.js'
import { refuseEncrypted } from './encrypted.js'
import { valueTypeOf } from './value-type.js'

/** The most steps of a path. JSON in a field is nested 500 levels at most. */
const LONGEST_PATH = 100

const TYPES: Readonly<Record<JsonAs, ValueType>> = {
  json: plainTypes.json,
  text: plainTypes.text,
  number: plainTypes.float,
  boolean: plainTypes.boolean,
}

/** Each step is one key or one index. A key may contain any characters. */
export function jsonNode(node: ExpressionNode, given: readonly unknown[]): JsonNode {
  const steps = stepsOf(given.length === 1 && isList(given[0]) ? given[0] : given, 'json()')
  if (node.kind === 'json' && node.as === 'json')
    return placeOf(node.operand, [...(node.path.value as (string | number)[]), ...steps])
  refuseOthers(node, 'json()')
  return placeOf(node, steps)
}

function placeOf(operand: ExpressionNode, path: readonly (string | number)[]): JsonNode {
  return {
    kind: 'json',
    operand,
    path: { kind: 'parameter', type: null, value: path },
    steps: path.map((step) => (typeof step === 'string' ? 'key' : 'index')),
    as: 'json',
    type: plainTypes.json,
  }
}

/** A JSON value as a path into a document. A whole document has an empty path. */
export const jsonPlace = (node: ExpressionNode): JsonNode => (isBare(node) ? node : placeOf(node, []))

function refuseOthers(node: ExpressionNode, method: string): void {
  const name = valueTypeOf(node)?.dataType.name
  if (name !== undefined && name !== 'json')
    throw new UsageError(`${method} needs a JSON field, but this is a value of type ${name}.`)
}

function stepsOf(path: readonly unknown[], method: string): (string | number)[] {
  if (path.length === 0 || path.length > LONGEST_PATH)
    throw new UsageError(`${method} takes 1 to ${LONGEST_PATH} keys or indexes: json('address', 'city').`)
  return path.map((step) => {
    if (typeof step === 'number' && Number.isInteger(step) && step >= 0 && step < 2 ** 31) return step
    if (typeof step === 'string' && step.isWellFormed()) return step
    throw new UsageError(`${method} takes keys as texts, and indexes as whole numbers from 0.`)
  })
}

const TEXTS = ['string', 'text', 'char', 'enum', 'uuid', 'date', 'time']
const NUMBERS = ['smallInteger', 'integer', 'bigInteger', 'float', 'decimal', 'number']

const isBare = (node: ExpressionNode): node is JsonNode => node.kind === 'json' && node.as === 'json'

/** Reads a JSON value as this type. Other nodes are returned unchanged. */
export const jsonAs = (node: ExpressionNode, as: JsonAs): ExpressionNode =>
  isBare(node) ? { ...node, as, type: TYPES[as] } : node

/** Reads a JSON value in the form that is compared or combined with a value of this type. */
export function jsonOfType(node: ExpressionNode, type: ValueType | null): ExpressionNode {
  if (!isBare(node) || type === null || type.dataType.name === 'json') return node
  const { name } = type.dataType
  if (TEXTS.includes(name)) return jsonAs(node, 'text')
  if (NUMBERS.includes(name)) return jsonAs(node, 'number')
  if (name === 'boolean') return jsonAs(node, 'boolean')
  throw new UsageError(`A JSON value can't be combined with a value of type ${name}. Use cast('text').`)
}

/** Reads a JSON value as the type of `value`, so that the two can be compared. */
export function asScalar(node: ExpressionNode, value: unknown): ExpressionNode {
  if (node.kind === 'annotation' && node.type === plainTypes.json)
    throw new UsageError(`"${node.name}" is a JSON value. To compare it, name it with its type: cast('text').`)
  if (!isBare(node)) return node
  switch (typeof value) {
    case 'string':
      return jsonAs(node, 'text')
    case 'number':
    case 'bigint':
      return jsonAs(node, 'number')
    case 'boolean':
      return jsonAs(node, 'boolean')
  }
  const other = nodeOf(value)
  if (other?.kind === 'concat') return jsonAs(node, 'text')
  const type = other === undefined || other.kind === 'order' ? null : valueTypeOf(other)
  if (type !== null && type.dataType.name !== 'json') return jsonOfType(node, type)
  throw new UsageError(
    "A JSON value is compared with texts, numbers and booleans, or with expressions of such a type: use cast('text') or cast('float').",
  )
}

/** Whether a value is a list or plain object, which equals a JSON value with the same content. */
export function isDocument(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || nodeOf(value) !== undefined) return false
  return Array.isArray(value) || isPlainObject(value)
}

/** Whether a JSON value is compared only with lists and objects. A mix with texts or numbers is refused elsewhere. */
export const holdsDocuments = (node: ExpressionNode, values: readonly unknown[]): boolean =>
  isBare(node) && values.every(isDocument)

const SETTABLE = ['smallInteger', 'integer', 'float', 'number', 'string', 'text', 'char', 'enum']

/** A document with one value in it replaced. */
export function jsonSetNode(node: ExpressionNode, given: unknown, value: unknown): CallNode {
  refuseOthers(node, 'jsonSet()')
  const path = stepsOf(Array.isArray(given) ? given : [given], 'jsonSet()')
  if (path.some((step) => typeof step === 'number'))
    throw new UsageError('jsonSet() takes keys. Set a list as a whole: jsonSet(["tags"], [...]).')
  if (value === undefined)
    throw new UndefinedValueError('The value of jsonSet() is undefined. Pass null to store null.')
  return {
    ...CALL,
    name: 'jsonSet',
    args: [node, { kind: 'parameter', type: null, value: path }, valueToSet(value)],
    distinct: false,
    type: valueTypeOf(node),
    count: path.length,
  }
}

function valueToSet(value: unknown): ExpressionNode {
  const node = nodeOf(value)
  if (node === undefined) return { kind: 'parameter', type: plainTypes.json, value }
  const name = node.kind === 'order' ? undefined : valueTypeOf(node)?.dataType.name
  if (node.kind === 'order' || name === undefined || !SETTABLE.includes(name))
    throw new UsageError('jsonSet() takes a JSON value, or an expression that is a text or a number.')
  return node
}

export function refuseOrder(node: ExpressionNode): void {
  if (isBare(node))
    throw new UsageError("An order by a JSON value needs its type: c.settings.json('theme').cast('text').asc().")
  refuseUnordered(node)
}

/** Refuses to sort by an array, because databases order arrays differently. */
export function refuseUnordered(node: ExpressionNode): void {
  refuseEncrypted(node, 'order by it')
  const of = valueTypeOf(node)?.dataType.name
  if (of === 'vector')
    throw new UsageError('Rows are not ordered by a vector. Sort them by the distance to one: nearest(field, vector).')
  if (of === 'array')
    throw new UsageError(
      'Rows are not ordered by an array, because databases order arrays differently. Use its length().',
    )
}
