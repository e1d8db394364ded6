import { nodeOf } from '../../ast/brand.js'
import { elementOf, type ValueType } from '../../ast/data-type.js'
import type { ExpressionNode, JsonNode, MemberNode, ParameterNode, PatternNode } from '../../ast/expression.js'
import { UndefinedValueError, UsageError } from '../../errors.js'
import { plainTypes } from '../../field/plain-type.js'
import { jsonAs, jsonPlace } from './json-path.js'
import { isArray, isQuery, refuseForArray, refuseSecret } from './operand.js'
import { scalarCall } from './scalars.js'
import { valueTypeOf } from './value-type.js'

// Searches for a part of a text, and for an element of a list.

/** How to search a text. */
type PatternOptions = Pick<PatternNode, 'mode' | 'insensitive' | 'negated'>

const CONTAINS: PatternOptions = { mode: 'contains', insensitive: false, negated: false }

export function patternNode(left: ExpressionNode, text: unknown, options: PatternOptions): ExpressionNode {
  const isContains = options.mode === 'contains' && !options.insensitive
  const element = elementTypeOf(left)
  if (element !== null) {
    if (!isContains) refuseForArray(operatorName(options))
    return membership(left, text, (each) => arrayMember(left, each, element))
  }
  refuseSecret(left)
  if (isContains && isJson(left)) return jsonContains(left, text)
  if (text === undefined) throw new UndefinedValueError('A text search has the value undefined. Leave it out.')
  if (typeof text !== 'string') throw new UsageError('A text search needs a string.')
  if (isJson(left) && left.kind !== 'json')
    throw new UsageError(
      "A JSON value has no text to search in. Name the text in it: c.settings.json('theme'). To find an element of a list, use contains().",
    )
  return textSearch(left, text, options)
}

function textSearch(left: ExpressionNode, text: string, options: PatternOptions): PatternNode {
  const { mode, insensitive, negated } = options
  const pattern: ParameterNode = { kind: 'parameter', type: plainTypes.text, value: text }
  return { kind: 'pattern', mode, operand: jsonAs(left, 'text'), pattern, insensitive, negated }
}

export function regexNode(left: ExpressionNode, value: unknown, insensitive: boolean): ExpressionNode {
  if (value === undefined)
    throw new UndefinedValueError('A regular expression is undefined. Leave the condition out, or pass a pattern.')
  const source = value instanceof RegExp ? value.source : value
  if (isArray(left)) refuseForArray(insensitive ? 'iregex' : 'regex')
  if (typeof source !== 'string')
    throw new UsageError("A regular expression is given as a string, or as a RegExp: where('title', 'regex', '^A').")
  refuseSecret(left)
  const pattern: ParameterNode = { kind: 'parameter', type: plainTypes.text, value: source }
  return { kind: 'regex', operand: jsonAs(left, 'text'), pattern, insensitive }
}

const isJson = (node: ExpressionNode): boolean => valueTypeOf(node)?.dataType.name === 'json'

function elementTypeOf(node: ExpressionNode): ValueType | null {
  const type = valueTypeOf(node)
  return type === null ? null : elementOf(type)
}

const operatorName = ({ mode, insensitive }: PatternOptions): string => (insensitive ? `i${mode}` : mode)

/** The condition that a list contains a value, or every value of a given list. */
function membership(
  operand: ExpressionNode,
  value: unknown,
  member: (each: unknown) => ExpressionNode,
): ExpressionNode {
  if (value === undefined) throw new UndefinedValueError('contains() has the value undefined. Leave it out.')
  if (value instanceof Object && (nodeOf(value) !== undefined || isQuery(value)))
    throw new UsageError('contains() of a list takes a value or a list of values, and no expression.')
  if (!Array.isArray(value)) return member(value)
  const items = value.map((each: unknown) => {
    if (each === undefined) throw new UndefinedValueError('The list of contains() holds undefined. Leave it out.')
    return member(each)
  })
  const [only, second] = items
  if (only === undefined) return { kind: 'nullTest', operand, negated: true }
  return second === undefined ? only : { kind: 'logic', operator: 'and', items }
}

function arrayMember(operand: ExpressionNode, value: unknown, type: ValueType): MemberNode {
  if (value === null) throw new UsageError('contains() of an array takes values, and null is not one.')
  return { kind: 'member', operand, item: { kind: 'parameter', type, value } }
}

/**
 * The condition that a JSON list contains a value. Only the database knows whether the JSON value is a list or a text, so a
 * text is searched for in both. The result is NULL for other JSON values.
 */
function jsonContains(left: ExpressionNode, value: unknown): ExpressionNode {
  const place = jsonPlace(left)
  const member = membership(place, value, (each) => jsonMember(place, each))
  if (typeof value !== 'string') return member
  return scalarCall('coalesce', [member, textSearch(place, value, CONTAINS)], plainTypes.boolean)
}

function jsonMember(operand: JsonNode, value: unknown): MemberNode {
  const type = jsonTypeOf(value)
  if (type === undefined)
    throw new UsageError(
      'contains() of a JSON value takes a string, a number or a boolean, or a list of them. To search for lists and objects, use a related model.',
    )
  return { kind: 'member', operand, item: { kind: 'parameter', type, value } }
}

function jsonTypeOf(value: unknown): ValueType | undefined {
  if (typeof value === 'string') return plainTypes.text
  if (typeof value === 'boolean') return plainTypes.boolean
  return typeof value === 'number' ? plainTypes.float : undefined
}
