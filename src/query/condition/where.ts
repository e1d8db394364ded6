import { nodeOf } from '../../ast/brand.js'
import type { AnnotationNode, ColumnNode, ExpressionNode } from '../../ast/expression.js'
import { transformExpression } from '../../ast/transform.js'
import { someNode } from '../../ast/walk.js'
import { UndefinedValueError, UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { at } from '../../util/list.js'
import { isPlainObject } from '../../util/own.js'
import { columnOf, type TranslatedNode, translatedColumn } from '../columns/columns.js'
import type { Context } from '../columns/context.js'
import { collectPredicate, comparisonNode, Expr, expressionOf, isQuery } from '../expression/expression.js'
import { holdsLists, refuseVector } from '../expression/operand.js'
import { isOperatorValue, operatorOf } from '../expression/operators.js'
import { keyCondition, keysCondition } from '../link/key-condition.js'
import { VIA } from '../link/tie.js'
import { asItIs, callWithColumns } from '../path/callback.js'
import { columnOfPath, pathOf, type ResolvedRelationPath, relationPathOf } from './paths.js'
import { relationCondition } from './relation-condition.js'

/** What a name stands for. */
export type NamedOperand = ColumnNode | AnnotationNode | TranslatedNode

/** What a key of a condition, order or result stands for: a name that the query has added, a field, or a path to one. */
export function operandOf(context: Context, key: unknown): NamedOperand {
  const { meta, annotations } = context
  if (typeof key === 'string') {
    const added = annotations?.get(key)
    if (added !== undefined) return added
    const path = pathOf(meta, key)
    if (path !== null) return columnOfPath(meta, key, path)
    const translation = meta.translations.length === 0 ? undefined : meta.attributes.get(key)?.translation
    if (translation != null) return translatedColumn(translation)
  }
  return pivotColumn(context, key) ?? columnOf(fieldOf(meta, key, annotations?.keys()))
}

const PIVOT = 'pivot.'

/** `'pivot.role'`: a field of the join table, in a query over the rows of a relation. */
function pivotColumn({ via, meta }: Context, key: unknown): ColumnNode | null {
  if (typeof key !== 'string' || !key.startsWith(PIVOT) || meta.hasField(key)) return null
  if (via?.through == null)
    throw new UsageError(
      `"${key.slice(0, 100)}" is only available in queries of a relation with a join table: in related(), or in a callback of with() or whereHas().`,
    )
  return { ...columnOf(via.through.meta.field(key.slice(PIVOT.length))), table: VIA }
}

/** `where(key, operator, value)` for any key. On a path to many rows it is about whether one of them meets it. */
export function keyedCondition(context: Context, key: unknown, operator: unknown, value: unknown): ExpressionNode {
  const { meta, annotations } = context
  if (typeof key === 'string' && annotations?.has(key) === true)
    return operandCondition(operandOf(context, key), operator, value)
  if (key === PK && meta.primaryKey.length > 1) return compositeCondition(meta, operator, value)
  if (typeof key === 'string') {
    if (meta.relations.has(key)) return relationCondition(context, key, operator, value)
    const related = relationPathOf(meta, key)
    if (related !== null) return relationPathCondition(context, related, operator, value)
  }
  const path = pathOf(meta, key)
  if (path === null || !path.many) return operandCondition(operandOf(context, key), operator, value)
  const [first] = path.relations
  return context.related(first?.name ?? '', (query) => query.where(path.rest, operator, value))
}

/** What every model's primary key can be called. No field has this name, because instances have such a member. */
const PK = 'pk'

function keyField(meta: ModelMetadata): ModelField {
  const [field, second] = meta.primaryKey
  if (field !== undefined && second === undefined) return field
  throw new UsageError(
    field === undefined
      ? `"${meta.name}" has no primary key, so "pk" means nothing. Name the fields of the condition.`
      : `The primary key of "${meta.name}" has several fields, so "pk" is not one value. Name the fields: ${meta.primaryKey.map(({ name }) => name).join(', ')}.`,
  )
}

/** Keys of several fields are objects: `where('pk', { orderId: 1, line: 2 })`. */
function compositeCondition(meta: ModelMetadata, operator: unknown, value: unknown): ExpressionNode {
  const item =
    operator === '=' || operator === '!='
      ? keyCondition(meta, value)
      : (operator === 'in' || operator === 'not in') && Array.isArray(value)
        ? keysCondition(meta, value)
        : null
  if (item === null)
    throw new UsageError(
      `The primary key of "${meta.name}" has several fields: "pk" is compared by =, !=, in and not in, with objects.`,
    )
  return operator === '=' || operator === 'in' ? item : { kind: 'not', item }
}

/** `where('author.country', france)`. Where single rows lead there, no row on the way means none at its end. */
function relationPathCondition(
  context: Context,
  { relations: [first], rest, many }: ResolvedRelationPath,
  operator: unknown,
  value: unknown,
): ExpressionNode {
  const meets = (how: unknown) => context.related(first?.name ?? '', (query) => query.where(rest, how, value))
  return value === null && operator === '=' && !many ? { kind: 'not', item: meets('!=') } : meets(operator)
}

/** A field of the model or an error that names the near miss; relation paths are read elsewhere. `pk` is the key. */
export function fieldOf(meta: ModelMetadata, key: unknown, added?: Iterable<string>): ModelField {
  if (key === PK) return keyField(meta)
  if (typeof key === 'string') return meta.field(key, added)
  if (key === undefined)
    throw new UndefinedValueError(
      'The name of a field is undefined. Pass the name as a string, or leave the condition out.',
    )
  throw new UsageError(
    `The name of a field must be a string, not ${typeof key === 'object' ? 'an object' : `a ${typeof key}`}.`,
  )
}

/** `where(key, value)` and `where(key, operator, value)` as a condition. */
export function fieldCondition(field: ModelField, operator: unknown, value: unknown): ExpressionNode {
  return operandCondition(columnOf(field), operator, value)
}

function operandCondition(operand: NamedOperand, operator: unknown, value: unknown): ExpressionNode {
  const shown = operand.kind === 'annotation' ? `"${operand.name}"` : String(operand.type)
  if (value === undefined)
    throw new UndefinedValueError(
      `The condition on ${shown} has the value undefined. Leave the condition out, or compare with null.`,
    )
  if (isOperatorValue(value)) {
    if (operator !== '=')
      throw new UsageError(
        `The condition on ${shown} has two operators. Pass a plain value after an operator, or an operator such as between(1, 5) alone.`,
      )
    return value.apply(operand)
  }
  if (value !== null && operand.type?.dataType.secret !== 'encrypted') refuseVector(operand)
  if (Array.isArray(value) && operator === '=' && !holdsLists(operand.type)) {
    const name = operand.kind === 'annotation' ? operand.name : (operand.type as ModelField).name
    throw new UsageError(
      `The condition on ${shown} has a list as its value. Use whereIn('${name}', list), or oneOf([…]).`,
    )
  }
  try {
    return operatorOf(operator).build(operand, value)
  } catch (error) {
    if (error instanceof UsageError && !error.message.includes(shown))
      error.message = `The condition on ${shown}: ${error.message}`
    throw error
  }
}

/** The one-argument forms: an object, a callback, a predicate. */
export function condition(context: Context, value: unknown): ExpressionNode {
  if (value === undefined)
    throw new UndefinedValueError('where() was given undefined. Leave the call out, or use when().')
  if (typeof value === 'function') return callbackCondition(context, value)
  if (nodeOf(value) !== undefined)
    return readObjects(context, expressionOf(value, 'where() takes a condition, such as c.age.gt(18)'))
  if (!isPlainObject(value) || isQuery(value))
    throw new UsageError('where() takes a field and a value, an object of them, a callback or a predicate.')
  const items = objectConditions(context, value)
  return items.length === 1 ? at(items, 0) : { kind: 'logic', operator: 'and', items }
}

/** `where(a, b)`: all of them hold. */
export function allConditions(context: Context, values: readonly unknown[]): ExpressionNode {
  return { kind: 'logic', operator: 'and', items: values.map((value) => condition(context, value)) }
}

function callbackCondition(context: Context, callback: unknown): ExpressionNode {
  let resolve = asItIs
  const node = collectPredicate(() => {
    const [result, own] = callWithColumns(context, callback)
    resolve = own
    return result
  }, 'The callback of where()')
  return readObjects(context, resolve(node))
}

/** Objects among conditions, `or({ role: 'editor' }, c.age.gt(65))`, as the conditions of this query. */
function readObjects(context: Context, node: ExpressionNode): ExpressionNode {
  if (!someNode(node, ({ kind }) => kind === 'object')) return node
  return transformExpression(node, (copy, original) => {
    if (original.kind === 'object') return condition(context, original.conditions)
    return original.kind === 'parameter' || original.kind === 'list' ? original : copy
  })
}

/** One condition for each key; those on rows of one relation are about the same row. */
function objectConditions(context: Context, object: Record<string, unknown>): ExpressionNode[] {
  const items: ExpressionNode[] = []
  const related = new Map<string, Record<string, unknown>>()
  for (const key of Object.keys(object)) {
    const path =
      context.annotations?.has(key) === true ? null : (relationPathOf(context.meta, key) ?? pathOf(context.meta, key))
    const [first] = path?.relations ?? []
    if (path === null || first === undefined || !path.many) items.push(keyedCondition(context, key, '=', object[key]))
    else related.set(first.name, { ...related.get(first.name), [path.rest]: object[key] })
  }
  for (const [name, conditions] of related) items.push(context.related(name, (query) => query.where(conditions)))
  return items
}

export { isPlainObject }

/** `{}`, as a form with nothing filled in gives it; a query or an expression is none. */
export const isEmptyObject = (value: unknown): boolean => isPlainObject(value) && Object.keys(value).length === 0

/** `a <op> b` between two fields. */
export function columnCondition(context: Context, a: unknown, operator: unknown, b: unknown): ExpressionNode {
  const { index } = operatorOf(operator)
  if (index > 5) throw new UsageError('whereColumn() compares with = != < <= > or >=.')
  return comparisonNode(operandOf(context, a), operator as '=', new Expr(operandOf(context, b)))
}
