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

// A query as a part of another one, with parameters of its own.

/** As a value. */
export function subqueryOf(query: QueryState): SelectNode {
  refuseInnerLock(query.shape)
  return withValues(query, assembleSubquery(query.source.meta, query.shape))
}

/** As the values of these fields in its rows. */
export const keysIn = (query: QueryState, fields: readonly ModelField[]): SelectNode =>
  withValues(query, assembleKeys(query.source.meta, query.shape, fields))

/** As the rows of an EXISTS. */
export function existsOf(query: QueryState): SelectNode {
  refuseInnerLock(query.shape)
  return withValues(query, assembleExists(query.source.meta, query.shape))
}

/** As one value over its rows. */
export function oneValueOf(query: QueryState, value: RelatedValue): SelectNode {
  refuseInnerLock(query.shape)
  return withValues(query, assembleValue({ meta: query.source.meta, shape: query.shape }, value))
}

/** As rows to read from. */
export function rowsIn(query: QueryState): Rows {
  refuseInnerLock(query.shape)
  const { query: rows, ...columns } = assembleRows(query.source.meta, query.shape)
  return { query: withValues(query, rows), ...columns }
}

/** As plain values under names. */
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
    // a parameter that no step has brought is a constant of the statement
    if (!values.has(original)) return copy
    if (copy.kind === 'parameter') return { ...copy, value: values.get(original) }
    if (copy.kind === 'list') return { ...copy, values: listIn(values.get(original)) }
    return copy
  })
}
