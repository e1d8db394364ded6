import { ANNOTATION } from '../../ast/bases.js'
import type { ExpressionNode, OrderNode } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import { hasMember } from '../../util/own.js'
import type { Context } from '../columns/context.js'
import { isPlainObject, operandOf } from '../condition/where.js'
import { valueNode } from '../expression/constant.js'
import { refuseEncrypted } from '../expression/encrypted.js'
import { operand } from '../expression/expression.js'
import { valueTypeOf } from '../expression/value-type.js'
import { nodeFrom } from '../path/callback.js'
import type { Annotation, GroupKey } from '../shape.js'
import { type AggregateMap, isResultName } from './aggregate.js'

/** The named expressions of `annotate`. */
export function annotationsOf(context: Context, map: AggregateMap): Annotation[] {
  if (!isPlainObject(map) || Object.keys(map).length === 0)
    throw new UsageError('annotate() takes an object of named expressions: { total: c => c.price.times(2) }.')
  return Object.entries(map).map(([name, given]) => {
    refuseName(context, name, 'annotate()')
    const expression = nodeFrom(context, given, (value) => valueNode(value, `"${name}" of annotate()`))
    return { node: { ...ANNOTATION, name, type: valueTypeOf(expression) }, expression }
  })
}

/** An instance has the value as its own property, and a statement may have a column of that name. */
export function refuseName(
  { meta, annotations }: Context,
  name: string,
  step: string,
  help = ' Choose another name.',
): void {
  const shown = JSON.stringify(name.slice(0, 40))
  if (!isResultName(name)) throw new UsageError(`${shown} is not a name for a value: use letters, digits and _.`)
  if (
    meta.hasAttribute(name) ||
    meta.relations.has(name) ||
    meta.fieldOfColumn(name) !== undefined ||
    name === 'then' ||
    hasMember(meta.model.prototype, name) ||
    annotations?.has(name) === true
  )
    throw new UsageError(
      `${step} can't name a value ${shown}: "${meta.name}" or the query has that name already.${help}`,
    )
}

/** The arguments of `groupBy`: names, or expressions, which are not among the results. */
export function groupKeys(context: Context, keys: readonly unknown[]): GroupKey[] {
  if (keys.length === 0) throw new UsageError('groupBy() needs the names of fields.')
  return keys.map((key) => {
    if (typeof key === 'string') {
      const named = operandOf(context, key)
      refuseEncrypted(named, 'group by it')
      return { name: key, expression: named }
    }
    const expression = nodeFrom(context, key, (value) =>
      typeof value === 'object' && value !== null ? operand(value, null) : operandOf(context, value),
    )
    if (expression.kind === 'parameter') throw new UsageError('groupBy() takes the names of fields, or expressions.')
    refuseEncrypted(expression, 'group by it')
    return { name: null, expression }
  })
}

export const nodesOf = (items: readonly { readonly expression: ExpressionNode }[]): (ExpressionNode | OrderNode)[] =>
  items.map((item) => item.expression)
