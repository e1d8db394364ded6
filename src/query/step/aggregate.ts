import type { SelectionNode } from '../../ast/statement.js'
import { UsageError } from '../../errors.js'
import { nodeFrom } from '../columns/callback.js'
import type { Context } from '../columns/context.js'
import { isPlainObject } from '../condition/where.js'
import { expressionOf } from '../expression/expression.js'
import { valueTypeOf } from '../expression/value-type.js'

export type AggregateMap = Readonly<Record<string, unknown>>

export const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/

/** The named expressions of `aggregate` as columns of the result. */
export function aggregateSelections(context: Context, map: AggregateMap): SelectionNode[] {
  if (!isPlainObject(map) || Object.keys(map).length === 0)
    throw new UsageError('aggregate() takes an object of named expressions: { total: fn.count() }.')
  return Object.entries(map).map(([name, given]) => {
    if (!NAME.test(name) || name === '__proto__')
      throw new UsageError(
        `${JSON.stringify(name.slice(0, 40))} is not a name for a result: use letters, digits and _.`,
      )
    const expression = nodeFrom(context, given, (value) =>
      expressionOf(value, `"${name}" must be an expression, like fn.count()`),
    )
    return { kind: 'selection', expression, alias: name, type: valueTypeOf(expression) }
  })
}
