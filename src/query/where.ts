import { nodeOf } from '../ast/brand.js'
import type { AnnotationNode, ColumnNode, ExpressionNode, ParameterNode } from '../ast/expression.js'
import { UndefinedValueError, UsageError } from '../errors.js'
import type { ModelMetadata } from '../metadata/metadata.js'
import type { ModelField } from '../metadata/model-field.js'
import { collectPredicate, comparisonNode, Expr, expressionOf, isQuery } from './expression.js'
import { isOperatorValue, operatorOf } from './operators.js'
import type { Annotations } from './shape.js'

const columns = new WeakMap<ModelField, ColumnNode>()

/** The node of a field's column; one per field, so that shapes are equal. */
export function columnOf(field: ModelField): ColumnNode {
  let node = columns.get(field)
  if (node === undefined) columns.set(field, (node = { kind: 'column', table: null, name: field.column, type: field }))
  return node
}

const columnObjects = new WeakMap<ModelMetadata, Map<string | null, Readonly<Record<string, Expr>>>>()

/**
 * The columns of a model as expressions, for callbacks; with the table's name before them for use in any statement.
 * Unknown names throw.
 */
export function columnsOf(meta: ModelMetadata, table: string | null = null): Readonly<Record<string, Expr>> {
  let objects = columnObjects.get(meta)
  if (objects === undefined) columnObjects.set(meta, (objects = new Map()))
  let object = objects.get(table)
  if (object === undefined) objects.set(table, (object = makeColumns(meta, table)))
  return object
}

function makeColumns(meta: ModelMetadata, table: string | null): Readonly<Record<string, Expr>> {
  const columns = Object.create(null) as Record<string, Expr>
  for (const field of meta.fields) columns[field.name] = new Expr({ ...columnOf(field), table })
  return new Proxy(Object.freeze(columns), {
    get(target, name) {
      if (typeof name === 'symbol' || name in target) return Reflect.get(target, name)
      // asked by promises and printers of any object
      if (name === 'then' || name === 'toJSON') return undefined
      return columnOf(meta.field(name))
    },
  })
}

/** As `columnsOf`, with the names that the query has added. */
export function columnsWith(meta: ModelMetadata, added: Annotations | null): Readonly<Record<string, Expr>> {
  const columns = columnsOf(meta)
  if (added === null) return columns
  return new Proxy(columns, {
    get(target, name) {
      const node = typeof name === 'string' ? added.get(name) : undefined
      return node === undefined ? Reflect.get(target, name) : new Expr(node)
    },
  })
}

/** What a key of a condition, order or result stands for: a name that the query has added, or a field. */
export function operandOf(meta: ModelMetadata, key: unknown, added: Annotations | null): ColumnNode | AnnotationNode {
  return added?.get(key as string) ?? columnOf(fieldOf(meta, key))
}

/** A field of the model or an error that names the near miss; relation paths are told apart. */
export function fieldOf(meta: ModelMetadata, key: unknown): ModelField {
  if (typeof key === 'string') return meta.field(key)
  if (key === undefined) throw new UndefinedValueError('The name of a field is undefined.')
  throw new UsageError(
    `The name of a field must be a string, not ${typeof key === 'object' ? 'an object' : `a ${typeof key}`}.`,
  )
}

/** `where(key, value)` and `where(key, operator, value)` as a condition. */
export function fieldCondition(field: ModelField, operator: unknown, value: unknown): ExpressionNode {
  return operandCondition(columnOf(field), operator, value)
}

export function operandCondition(
  operand: ColumnNode | AnnotationNode,
  operator: unknown,
  value: unknown,
): ExpressionNode {
  const shown = operand.kind === 'column' ? String(operand.type) : `"${operand.name}"`
  if (value === undefined)
    throw new UndefinedValueError(
      `The condition on ${shown} has the value undefined. Leave the condition out, or compare with null.`,
    )
  if (isOperatorValue(value)) {
    if (operator !== '=') throw new UsageError(`The condition on ${shown} has two operators.`)
    return value.apply(operand)
  }
  if (Array.isArray(value) && operator === '=' && operand.type?.dataType.name !== 'json') {
    const name = operand.kind === 'column' ? (operand.type as ModelField).name : operand.name
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
export function condition(meta: ModelMetadata, value: unknown, added: Annotations | null = null): ExpressionNode {
  if (value === undefined)
    throw new UndefinedValueError('where() was given undefined. Leave the call out, or use when().')
  if (typeof value === 'function')
    return collectPredicate(
      () => (value as (c: object) => unknown)(columnsWith(meta, added)),
      'The callback of where()',
    )
  if (nodeOf(value) !== undefined) return expressionOf(value, 'where() takes a condition')
  if (!isPlainObject(value) || isQuery(value))
    throw new UsageError('where() takes a field and a value, an object of them, a callback or a predicate.')
  const items = Object.keys(value).map((key) => {
    const given = (value as Record<string, unknown>)[key]
    return operandCondition(operandOf(meta, key, added), '=', given)
  })
  return items.length === 1 ? (items[0] as ExpressionNode) : { kind: 'logic', operator: 'and', items }
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value) as unknown
  return prototype === Object.prototype || prototype === null
}

/** `{}`, as a form with nothing filled in gives it; a query or an expression is none. */
export const isEmptyObject = (value: unknown): boolean => isPlainObject(value) && Object.keys(value).length === 0

/** `a <op> b` between two fields. */
export function columnCondition(
  meta: ModelMetadata,
  a: unknown,
  operator: unknown,
  b: unknown,
  added: Annotations | null = null,
): ExpressionNode {
  const { index } = operatorOf(operator)
  if (index > 5) throw new UsageError('whereColumn() compares with = != < <= > or >=.')
  return comparisonNode(operandOf(meta, a, added), operator as '=', new Expr(operandOf(meta, b, added)))
}

/** A key as one value per key field; composite keys are objects. */
export function keyValues(meta: ModelMetadata, key: unknown): unknown[] {
  const fields = meta.primaryKey
  if (fields.length === 0) throw new UsageError(`"${meta.name}" has no primary key.`)
  if (fields.length === 1) {
    refuseKey(meta, key)
    return [key]
  }
  if (!isPlainObject(key))
    throw new UsageError(`The key of "${meta.name}" is an object of ${fields.map((f) => f.name).join(', ')}.`)
  for (const name of Object.keys(key))
    if (!fields.some((field) => field.name === name))
      throw new UsageError(`"${name.slice(0, 60)}" is not part of the key of "${meta.name}".`)
  return fields.map((field) => {
    refuseKey(meta, key[field.name])
    return key[field.name]
  })
}

function refuseKey(meta: ModelMetadata, value: unknown): void {
  if (value === undefined) throw new UndefinedValueError(`The key of "${meta.name}" is undefined.`)
  if (value === null) throw new UsageError(`The key of "${meta.name}" is null.`)
  if (
    typeof value === 'object' &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array) &&
    (Array.isArray(value) || isPlainObject(value))
  )
    throw new UsageError(`The key of "${meta.name}" must be a single value.`)
}

export function keyCondition(meta: ModelMetadata, key: unknown): ExpressionNode {
  const values = keyValues(meta, key)
  const items = meta.primaryKey.map((field, i): ExpressionNode => {
    const right: ParameterNode = { kind: 'parameter', type: field, value: values[i] }
    return { kind: 'comparison', operator: '=', left: columnOf(field), right }
  })
  return items.length === 1 ? (items[0] as ExpressionNode) : { kind: 'logic', operator: 'and', items }
}

/** Several keys: one IN, or for composite keys one comparison each. */
export function keysCondition(meta: ModelMetadata, keys: readonly unknown[]): ExpressionNode {
  if (keys.length === 0) return { kind: 'truth', value: false }
  if (keys.length === 1) return keyCondition(meta, keys[0])
  const [field] = meta.primaryKey
  if (meta.primaryKey.length === 1 && field !== undefined) {
    const values = keys.map((key) => keyValues(meta, key)[0])
    return { kind: 'in', operand: columnOf(field), list: { kind: 'list', type: field, values }, negated: false }
  }
  return { kind: 'logic', operator: 'or', items: keys.map((key) => keyCondition(meta, key)) }
}
