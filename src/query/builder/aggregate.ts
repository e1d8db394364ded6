import type { SelectionNode } from '../../ast/statement.js'
import { UsageError } from '../../errors.js'
import type { Context } from '../columns/context.js'
import { isPlainObject } from '../condition/where.js'
import { valueNode } from '../expression/constant.js'
import { valueTypeOf } from '../expression/value-type.js'
import { nodeFrom } from '../path/callback.js'

export type AggregateMap = Readonly<Record<string, unknown>>

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** As long as a name may be in every database. */
const LONGEST = 63

/** Whether a query can call a value or a table so; of one that is only too long the error says that. */
export function isResultName(name: unknown): name is string {
  if (typeof name !== 'string' || !NAME.test(name)) return false
  if (name.length <= LONGEST) return true
  throw new UsageError(
    `The name "${name.slice(0, 80)}" is longer than the ${LONGEST} bytes that databases take. Choose a shorter one.`,
  )
}

/** The named expressions of `aggregate` as columns of the result. */
export function aggregateSelections(context: Context, map: AggregateMap): SelectionNode[] {
  if (!isPlainObject(map) || Object.keys(map).length === 0)
    throw new UsageError('aggregate() takes an object of named expressions: { total: fn.count() }.')
  return Object.entries(map).map(([name, given]) => {
    if (!isResultName(name) || name === '__proto__')
      throw new UsageError(
        `${JSON.stringify(name.slice(0, 40))} is not a name for a result: use letters, digits and _.`,
      )
    const expression = nodeFrom(context, given, (value) => valueNode(value, `"${name}" of aggregate()`))
    return { kind: 'selection', expression, alias: name, type: valueTypeOf(expression) }
  })
}
