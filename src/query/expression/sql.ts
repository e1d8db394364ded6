import { IDENTIFIER, RAW } from '../../ast/bases.js'
import { nodeOf } from '../../ast/brand.js'
import type { ExpressionNode, RawNode } from '../../ast/expression.js'
import { UndefinedValueError, UsageError } from '../../errors.js'
import { limitArguments } from '../../util/arguments.js'
import { sqlParts } from '../argument-counts.js'
import { boundValue } from './bound.js'
import { Predicate } from './expression.js'
import { isQuery } from './operand.js'

/** SQL written by the user; values between the texts are bound. It is accepted wherever an expression is. */
export class Sql extends Predicate {}

function piece(value: unknown, at: number): ExpressionNode {
  if (value === undefined)
    throw new UndefinedValueError(`Value ${at + 1} of an sql template is undefined. Pass null for NULL.`)
  const node = nodeOf(value)
  if (node !== undefined) {
    if (node.kind === 'order')
      throw new UsageError("An order can't be used in an sql template. Write the direction as SQL.")
    return node
  }
  if (isQuery(value)) return { kind: 'subquery', query: value.toSubquery() }
  return { kind: 'parameter', type: null, value: boundValue(value, `Value ${at + 1} of an sql template`) }
}

/** Whether raw SQL contains a query, which is slower than a simple expression. */
const isQueryText = (text: string) => /\bselect\b/i.test(text)

function tag(texts: TemplateStringsArray, ...values: unknown[]): Sql {
  if (!Array.isArray(texts) || !Object.hasOwn(texts, 'raw'))
    throw new UsageError('sql is a template tag: sql`select ${value}`. For text made at run time use sql.raw(text).')
  return new Sql({ ...RAW, texts, nodes: values.map(piece), dynamic: false, reads: texts.some(isQueryText) })
}

function id(...path: string[]): Sql {
  if (path.length === 0 || path.some((name) => typeof name !== 'string' || name === '' || name.includes('\0')))
    throw new UsageError('sql.id() takes the names of a table or column: sql.id("users", "name").')
  return new Sql({ ...IDENTIFIER, path })
}

function raw(text: string): Sql {
  if (typeof text !== 'string') throw new UsageError('sql.raw() takes a string.')
  return new Sql({ ...RAW, texts: [text], nodes: [], dynamic: true, reads: isQueryText(text) })
}

function join(parts: readonly unknown[], separator?: unknown): Sql {
  if (!Array.isArray(parts)) throw new UsageError('sql.join() takes a list of values or pieces of SQL.')
  const nodes = parts.map(piece)
  const between = separator === undefined ? null : piece(separator, 0)
  const texts: string[] = ['']
  const all: ExpressionNode[] = []
  nodes.forEach((node, i) => {
    if (i > 0 && between === null) texts[texts.length - 1] = ', '
    if (i > 0 && between !== null) {
      all.push(between)
      texts.push('')
    }
    all.push(node)
    texts.push('')
  })
  return new Sql({ ...RAW, texts, nodes: all, dynamic: true } satisfies RawNode)
}

export const sql = Object.assign(tag, { id, raw, join })
limitArguments(sql, sqlParts)
