import type { ExpressionNode } from '../../ast/expression.js'
import { UndefinedValueError, UsageError } from '../../errors.js'
import { Key } from '../../metadata/key/key.js'
import { type RelationMetadata, relationOf, variantFor, variantsOf } from '../../metadata/relation/resolve.js'
import { at } from '../../util/list.js'
import { columnOf } from '../columns/columns.js'
import type { Context } from '../columns/context.js'
import { comparisonNode, inNode } from '../expression/expression.js'
import { isOperatorValue } from '../expression/operators.js'
import { allOf } from '../link/logic.js'
import { morphCondition } from '../link/tie.js'

/** `where('author', author)`: a relation to one row is, or is not, this instance; null: there is none. */
export function relationCondition(context: Context, name: string, operator: unknown, value: unknown): ExpressionNode {
  const relation = relationOf(context.meta, name)
  const shown = `"${relation.source.name}.${name}"`
  if (relation.many)
    throw new UsageError(`${shown} is a to-many relation. Use whereHas('${name}', q => q.whereKey(…)).`)
  if (value === undefined)
    throw new UndefinedValueError(`The condition on ${shown} has the value undefined. Leave it out, or use null.`)
  if (isOperatorValue(value) || !OPERATORS.has(operator))
    throw new UsageError(`The relation ${shown} can be compared with instances by = != in and not in.`)
  const negated = operator === '!=' || operator === 'not in'
  const lists = operator === 'in' || operator === 'not in'
  if (value === null && !lists) return hasNone(context, relation, negated)
  if (!lists) return isRow(context, relation, value, negated)
  if (!Array.isArray(value)) throw new UsageError(`The condition on ${shown} takes a list of instances.`)
  return isOneOf(context, relation, value, negated)
}

const OPERATORS: ReadonlySet<unknown> = new Set(['=', '!=', 'in', 'not in'])

/** Where the key is the model's own, and no scope hides rows, null is enough; else the row must be looked for. */
function hasNone(context: Context, relation: RelationMetadata, negated: boolean): ExpressionNode {
  if (!relation.ownsKey || variantsOf(relation).some(({ target }) => target.isRestricted)) {
    const exists = context.related(relation.name, (query) => query)
    return negated ? exists : { kind: 'not', item: exists }
  }
  const keys = [...relation.sourceKeys, ...(relation.variants === null ? [] : [relation.variants.typeField])]
  const items = keys.map((key): ExpressionNode => ({ kind: 'nullTest', operand: columnOf(key), negated }))
  return items.length === 1 ? at(items, 0) : { kind: 'logic', operator: negated ? 'and' : 'or', items }
}

function isRow(context: Context, relation: RelationMetadata, value: unknown, negated: boolean): ExpressionNode {
  const variant = variantOf(relation, value)
  if (variant.through !== null) {
    const item = context.related(relation.name, (query) => query.where(...keyArgs(variant, value)))
    return negated ? { kind: 'not', item } : item
  }
  if (belongsElsewhere(value, variant)) return { kind: 'truth', value: negated }
  const keys = keysIn(value, variant)
  const [key] = keys
  if (keys.length === 1 && variant.sourceMorph === null)
    return comparisonNode(columnOf(at(variant.sourceKeys, 0)), negated ? '!=' : '=', key)
  const item = isSame(variant, keys)
  return negated ? { kind: 'not', item } : item
}

/** Each field of a key, and the model's name where it is one of several. */
function isSame({ sourceKeys, sourceMorph }: RelationMetadata, keys: readonly unknown[]): ExpressionNode {
  const equal = sourceKeys.map((field, i) => comparisonNode(columnOf(field), '=', keys[i]))
  return allOf([...(sourceMorph === null ? [] : [morphCondition(sourceMorph)]), ...equal])
}

function isOneOf(
  context: Context,
  relation: RelationMetadata,
  values: readonly unknown[],
  negated: boolean,
): ExpressionNode {
  const [key, second] = relation.sourceKeys
  if (relation.through === null && relation.variants === null && key !== undefined && second === undefined) {
    const own = values.filter((value) => !belongsElsewhere(value, relation))
    const keys = own.map((value) => keysIn(value, relation)[0])
    return inNode(columnOf(key), keys, negated)
  }
  const items = values.map((value) => isRow(context, relation, value, false))
  if (items.length === 0) return { kind: 'truth', value: negated }
  const any: ExpressionNode = items.length === 1 ? at(items, 0) : { kind: 'logic', operator: 'or', items }
  return negated ? { kind: 'not', item: any } : any
}

/** A row that holds its owner's key may hold nobody's, or that of another model. */
function belongsElsewhere(value: unknown, relation: RelationMetadata): boolean {
  const { morph, ownsKey } = variantOf(relation, value)
  if (ownsKey) return false
  const keys = held(value, relation)
  return keys.includes(null) || (morph !== null && keys.at(-1) !== morph.value)
}

const keyArgs = ({ target }: RelationMetadata, value: unknown): [Record<string, unknown>] => [
  Object.fromEntries(target.primaryKey.map(({ name }, i) => [name, target.key.valuesIn(value as object)[i]])),
]

/** The relation to the model of this instance. */
function variantOf(relation: RelationMetadata, value: unknown): RelationMetadata {
  const variant = variantFor(relation, value)
  if (variant !== undefined) return variant
  const names = variantsOf(relation)
    .map(({ target }) => `"${target.name}"`)
    .join(' or ')
  throw new UsageError(
    `The condition on the relation "${relation.source.name}.${relation.name}" takes an instance of ${names}, or null. Compare a key with its field.`,
  )
}

function keysIn(value: unknown, relation: RelationMetadata): unknown[] {
  const keys = held(value, relation)
  if (keys.includes(null)) throw keyless(relation)
  return keys.slice(0, relation.targetKeys.length)
}

/** What an instance has in the fields that tie it to its owner: the keys, and the name of the owner's model. */
function held(value: unknown, relation: RelationMetadata): unknown[] {
  const { targetKeys, morph } = variantOf(relation, value)
  const key = morph === null ? Key.of(targetKeys) : new Key([...targetKeys, morph.field])
  const values = key.valuesIn(value as object)
  if (values.includes(undefined)) throw keyless(relation)
  return values
}

const keyless = ({ target, source, name }: RelationMetadata) =>
  new UsageError(`The "${target.name}" in the condition on "${source.name}.${name}" has no key. Save it first.`)
