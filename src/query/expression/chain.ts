import { ARITHMETIC } from '../../ast/bases.js'
import type { ArithmeticNode, ExpressionNode } from '../../ast/expression.js'
import { at } from '../../util/list.js'
import { depthOf } from './depth.js'
import { arithmeticType } from './number-types.js'

// `a + b + c …` nests one level per operand. Long chains are regrouped in pairs, which keeps the result and makes the tree
// shallow.

/** The depth from which a chain is regrouped. */
const LONG = 64

const arithmeticNode = (
  operator: ArithmeticNode['operator'],
  left: ExpressionNode,
  right: ExpressionNode,
): ArithmeticNode => ({ ...ARITHMETIC, operator, left, right, type: arithmeticType(operator, left, right) })

/** Adds an operation. Long chains of sums and differences, or of products, are regrouped so that they stay shallow. */
export function chained(
  operator: ArithmeticNode['operator'],
  left: ExpressionNode,
  right: ExpressionNode,
): ExpressionNode {
  const node = arithmeticNode(operator, left, right)
  if (depthOf(node) <= LONG) return node
  if (operator === '*') return inPairs(factorsOf(node), (a, b) => arithmeticNode('*', a, b))
  if (operator !== '+' && operator !== '-') return node
  return inPairs(termsOf(node), added).node
}

interface Term {
  readonly node: ExpressionNode
  readonly negative: boolean
}

/** Adds two terms. The first term of a chain is positive, so the sum of all of them is positive too. */
function added(a: Term, b: Term): Term {
  if (a.negative === b.negative) return { node: arithmeticNode('+', a.node, b.node), negative: a.negative }
  return a.negative
    ? { node: arithmeticNode('-', b.node, a.node), negative: false }
    : { node: arithmeticNode('-', a.node, b.node), negative: false }
}

function inPairs<T>(items: readonly T[], join: (a: T, b: T) => T): T {
  let row = items
  while (row.length > 1) {
    const next: T[] = []
    for (let i = 0; i < row.length; i += 2) {
      const [a, b] = [at(row, i), row[i + 1]]
      next.push(b === undefined ? a : join(a, b))
    }
    row = next
  }
  return at(row, 0)
}

function termsOf(whole: ExpressionNode): Term[] {
  const terms: Term[] = []
  const waiting: Term[] = [{ node: whole, negative: false }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, negative } = next
    if (node.kind === 'arithmetic' && (node.operator === '+' || node.operator === '-')) {
      waiting.push({ node: node.right, negative: node.operator === '-' ? !negative : negative })
      waiting.push({ node: node.left, negative })
    } else terms.push(next)
  }
  return terms
}

function factorsOf(whole: ExpressionNode): ExpressionNode[] {
  const factors: ExpressionNode[] = []
  const waiting = [whole]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.kind === 'arithmetic' && node.operator === '*') waiting.push(node.right, node.left)
    else factors.push(node)
  }
  return factors
}
