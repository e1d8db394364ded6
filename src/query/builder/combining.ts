import { ANNOTATION } from '../../ast/bases.js'
import type { AnnotationNode, CompoundNode, CompoundOperator } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import { requireFunction } from '../../util/arguments.js'
import type { PartOf } from '../shape.js'
import type { Rows } from '../statement/assemble.js'
import { castTo, unitedType, withLongTexts } from '../statement/united.js'
import {
  CteRef,
  ctePart,
  fromPart,
  type JoinOptions,
  joinKey,
  joinPart,
  refuseCteName,
  refuseOtherColumns,
} from './joins.js'
import { QueryData } from './query-data.js'

// The steps that read other tables and queries: join(), from(), withCte(), withRecursive(), union() and similar ones.

/** The query with one more table. */
export function joinedTo<Q extends QueryData<Q>>(query: Q, target: unknown, on: unknown, options: JoinOptions): Q {
  const { join, table } = joinPart(query, target, on, options)
  return query.built('join', { kind: 'join', join, table }, joinKey(join, target), table.name)
}

function rowsOf(given: unknown, what: string): Rows {
  if (given instanceof QueryData) return given.toRows()
  throw new UsageError(`${what}, such as Book.where('stock', 0); this is something else.`)
}

/** The query that reads from a table, a common table expression or a query. */
export function readingFrom<Q extends QueryData<Q>>(query: Q, given: unknown): Q {
  if (typeof given !== 'string' && !(given instanceof QueryData))
    throw new UsageError('from() takes the name of a table or common table expression, or a query.')
  const part = fromPart(query, given)
  const rows = part.source.kind === 'rows' ? [part.source.query] : []
  return query.built('from', part, rows, typeof given === 'string' ? given : '')
}

/** The query with a common table expression. */
export function withCteOf<Q extends QueryData<Q>>(query: Q, name: string, given: unknown): Q {
  const { query: rows, ...columns } = rowsOf(given, 'withCte() takes a query as its second argument')
  const part = ctePart(query, { name, query: rows, recursive: false }, columns)
  return query.built('cte', part, [rows], name)
}

/** The query with a common table expression that refers to itself. */
export function withRecursiveCteOf<Q extends QueryData<Q>>(
  query: Q,
  name: string,
  base: unknown,
  step: (self: CteRef) => unknown,
): Q {
  requireFunction(step, 'withRecursive()', 'third')
  const { query: first, ...columns } = rowsOf(base, 'withRecursive() takes a query as its second argument')
  refuseCteName(query.meta, query.shape, name)
  const { query: next, ...others } = rowsOf(
    step(new CteRef(name, columns)),
    'The callback of withRecursive() must return a query',
  )
  refuseOtherColumns(columns, others)
  // its rows go on from those of the first, whose columns they are
  const start = withLongTexts(first, columns.names)
  const operands = [start, next].map((rows) => castTo(rows, others.names, columns.names))
  const rows: CompoundNode = { kind: 'compound', operator: 'union', operands }
  const part = ctePart(query, { name, query: rows, recursive: true }, columns)
  return query.built('recursive', part, [first, next], name)
}

/** The query over its rows and those of another one. */
export function combined<Q extends QueryData<Q>>(query: Q, operator: CompoundOperator, given: unknown): Q {
  const { meta } = query
  if (!(given instanceof QueryData) || given.meta !== meta)
    throw new UsageError(
      `A query over "${meta.name}" can be combined with another one over "${meta.name}" only. unionRows() combines queries over several models.`,
    )
  const { query: rows, fields, names: types } = given.toRows()
  const names = [...types].map(([name, type]): AnnotationNode => {
    const own = query.annotations?.get(name)?.type ?? null
    return { ...ANNOTATION, name, type: unitedType(name, own, type) }
  })
  const part: PartOf<'compound'> = { kind: 'compound', operator, query: rows, fields, names, types }
  return query.built('compound', part, [rows], operator)
}
