import { unhandled } from '../util/unhandled.js'
import { type DataTypeName, ownForm, type ValueType } from './data-type.js'
import type { ComparisonNode, ExpressionNode } from './expression.js'

/** The type of an expression's value if it is known, else null. */
export function typeOf(node: ExpressionNode): ValueType | null {
  switch (node.kind) {
    case 'arithmetic':
      return computed(node.type === undefined ? (typeOf(node.left) ?? typeOf(node.right)) : node.type)
    case 'subquery':
      return node.query.selections[0]?.type ?? null
    case 'call':
    case 'case':
    case 'cast':
    case 'distance':
    case 'match':
    case 'json':
      return computed(node.type)
    case 'column':
    case 'parameter':
    case 'list':
    case 'identifier':
    case 'annotation':
    case 'incoming':
      return node.type ?? null
    case 'comparison':
    case 'logic':
    case 'not':
    case 'nullTest':
    case 'in':
    case 'member':
    case 'between':
    case 'pattern':
    case 'regex':
    case 'exists':
    case 'truth':
    case 'concat':
    case 'tuple':
    case 'jsonRows':
    case 'object':
    case 'raw':
      return null
    default:
      return unhandled(node)
  }
}

const computed = (type: ValueType | null) => (type === null ? null : ownForm(type))

const CONDITIONS: ReadonlySet<ExpressionNode['kind']> = new Set<ExpressionNode['kind']>([
  'comparison',
  'logic',
  'not',
  'nullTest',
  'in',
  'member',
  'between',
  'pattern',
  'regex',
  'exists',
  'truth',
])

/** Whether the expression is a condition. Some databases return 1 and 0 for one. */
export const isCondition = (node: ExpressionNode): boolean => CONDITIONS.has(node.kind)

/** Whether two JSON documents are compared. Databases that store them as text would compare their notation. */
export const comparesJson = ({ operator, left, right }: ComparisonNode): boolean =>
  (operator === '=' || operator === '!=') && (isDocument(left) || isDocument(right))

/** Databases without a type of arrays store them as JSON. */
function isDocument(node: ExpressionNode): boolean {
  const name = typeNameOf(node)
  return name === 'json' || name === 'array'
}

/** The name of an expression's type if it is known. */
export const typeNameOf = (node: ExpressionNode): DataTypeName | undefined =>
  isCondition(node) ? 'boolean' : typeOf(node)?.dataType.name
