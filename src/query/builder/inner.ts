import type { SelectNode } from '../../ast/statement.js'
import { transformSelect } from '../../ast/transform.js'
import type { ModelField } from '../../metadata/model-field.js'
import { listIn } from '../../util/expect.js'
import type { QueryState } from '../runner/runner.js'
import {
  assembleExists,
  assembleKeys,
  assemblePlain,
  assembleRows,
  assembleSubquery,
  assembleValue,
  type PlainRows,
  type RelatedValue,
  type Rows,
} from '../statement/assemble.js'
import { refuseInnerLock } from '../statement/ending.js'

// The select of a query that is used inside another query. It has its own parameters.

/** For use as a value: `(select …)`. */
export function subqueryOf(query: QueryState): SelectNode {
  refuseInnerLock(query.shape)
  return withValues(query, assembleSubquery(query.source.meta, query.shape))
}

/** The values of these fields in its rows, for IN. */
export const keysIn = (query: QueryState, fields: readonly ModelField[]): SelectNode =>
  withValues(query, assembleKeys(query.source.meta, query.shape, fields))

/** For use in EXISTS. */
export function existsOf(query: QueryState): SelectNode {
  refuseInnerLock(query.shape)
  return withValues(query, assembleExists(query.source.meta, query.shape))
}

/** One value over its rows, such as their number. */
export function oneValueOf(query: QueryState, value: RelatedValue): SelectNode {
  refuseInnerLock(query.shape)
  return withValues(query, assembleValue({ meta: query.source.meta, shape: query.shape }, value))
}

/** Its rows, for FROM or a join. */
export function rowsIn(query: QueryState): Rows {
  refuseInnerLock(query.shape)
  const { query: rows, ...columns } = assembleRows(query.source.meta, query.shape)
  return { query: withValues(query, rows), ...columns }
}

/** Its rows as plain named values, without the fields of instances. */
export function plainRowsOf(query: QueryState): PlainRows {
  refuseInnerLock(query.shape)
  const { query: rows, names } = assemblePlain(query.source.meta, query.shape)
  return { query: withValues(query, rows), names }
}

function withValues(query: QueryState, node: SelectNode): SelectNode {
  const bound = query.bound()
  const values = new Map<unknown, unknown>()
  let index = 0
  for (const step of query.shape.steps()) for (const parameter of step.parameters) values.set(parameter, bound[index++])
  return transformSelect(node, (copy, original) => {
    // a parameter that belongs to no step is a constant of the statement
    if (!values.has(original)) return copy
    if (copy.kind === 'parameter') return { ...copy, value: values.get(original) }
    if (copy.kind === 'list') return { ...copy, values: listIn(values.get(original)) }
    return copy
  })
}
