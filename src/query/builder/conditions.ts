import type { ExpressionNode } from '../../ast/expression.js'
import { structureOf } from '../../ast/structure.js'
import { UsageError } from '../../errors.js'
import type { ModelField } from '../../metadata/model-field.js'
import { type Has, hasCondition } from '../condition/has.js'
import { allConditions, condition, fieldCondition, isEmptyObject, keyedCondition } from '../condition/where.js'
import { OPERATORS, SIMPLE_OPERATORS } from '../expression/operators.js'
import { refuseSelfCorrelation } from '../link/self-correlation.js'
import { asItIs, callWithColumns } from '../path/callback.js'
import { narrowed, QueryData } from './query-data.js'

// The steps of where(), having() and whereHas(), and those similar to them.

/** The query with the conditions of `where(…args)`. */
export function withConditions<Q extends QueryData<Q>>(
  query: QueryData<Q>,
  args: unknown[],
  or: boolean,
  negated: boolean,
): Q {
  const [key] = args
  // an object without fields says nothing: it is no condition, and update() and delete() see that there is none
  if (args.length === 1) return isEmptyObject(key) ? query.self : query.restrict(condition(query, key), or, negated)
  if (args.length > 1 && typeof key !== 'string') return query.restrict(allConditions(query, args), or, negated)
  if (args.length !== 2 && args.length !== 3)
    throw new UsageError(
      'where() takes conditions, a field and a value, or a field, an operator and a value. Several fields are an object: where({ name: "Ada", age: 36 }).',
    )
  const operator = args.length === 3 ? args[1] : '='
  const value = args.length === 3 ? args[2] : args[1]
  const field = typeof key === 'string' ? query.meta.fieldOrNull(key) : undefined
  if (field === undefined) return query.restrict(keyedCondition(query, key, operator, value), or, negated)
  const token = simpleToken(field, operator, value)
  if (token === null) return query.restrict(fieldCondition(field, operator, value), or, negated)
  const whole = token + (or ? 2 : 0) + (negated ? 1 : 0)
  const known = query.shape.find(whole)
  if (known !== undefined) return query.withShape(known, value)
  const item = fieldCondition(field, operator, value)
  const node: ExpressionNode = negated ? { kind: 'not', item } : item
  const { parameters } = structureOf([node])
  return query.withShape(query.shape.add(whole, { part: { kind: 'where', node, or }, parameters }), value)
}

/** A condition of one value is known by a number, which is found faster than its structure. Null: it isn't one. */
function simpleToken(field: ModelField, operator: unknown, value: unknown): number | null {
  const index = OPERATORS.get(operator)?.index ?? -1
  if (index < 0 || index >= SIMPLE_OPERATORS || value === null || value === undefined) return null
  // the value of an encrypted field becomes that of its index
  if (field.dataType.secret !== undefined) return null
  return typeof value === 'object' && !(value instanceof Date) ? null : field.index * 64 + index * 4
}

/** The query with the conditions of `having(…args)`. */
export function withHaving<Q extends QueryData<Q>>(query: QueryData<Q>, args: unknown[], or: boolean): Q {
  const [key] = args
  if (args.length < 1 || args.length > 3)
    throw new UsageError(
      'having() takes the arguments of where(): a field and a value, a field, an operator and a value, conditions, or a callback.',
    )
  const node =
    args.length === 1
      ? condition(query, key)
      : keyedCondition(query, key, args.length === 3 ? args[1] : '=', args.at(-1))
  return query.built(or ? 'orHaving' : 'having', { kind: 'having', node, or }, [node])
}

/** The condition of `whereExists(query)`. */
export function existsCondition<Q extends QueryData<Q>>(query: Q, given: unknown): ExpressionNode {
  const [inner, resolve] = typeof given === 'function' ? callWithColumns<unknown>(query, given) : [given, asItIs]
  if (!(inner instanceof QueryData))
    throw new UsageError(
      "whereExists() takes a query, or a callback that returns one: whereExists((c) => Book.where('authorId', c.id)).",
    )
  const rows = inner.toExists()
  refuseSelfCorrelation(query.meta, [rows])
  return resolve<ExpressionNode>({ kind: 'exists', query: rows })
}

/** The condition of `whereHas(path)`. A path is one EXISTS inside the other; the rows at its end are counted. */
export function pathCondition<Q extends QueryData<Q>>(query: Q, path: string, has: Has): ExpressionNode {
  if (typeof path !== 'string') throw new UsageError('whereHas() takes the name of a relation, or a path of them.')
  const [head = '', ...rest] = path.split('.')
  if (rest.length > 0)
    return query.related(head, (related) => related.restrict(pathCondition(related, rest.join('.'), has)))
  return hasCondition(query.meta, head, has, (relation, constrain) =>
    narrowed(query.ofRelation(relation), constrain, `whereHas('${head}')`),
  )
}
