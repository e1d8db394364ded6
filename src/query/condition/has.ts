import { ARITHMETIC } from '../../ast/bases.js'
import type { Comparator, ExpressionNode, SelectionNode, SelectNode } from '../../ast/expression.js'
import { UndefinedValueError, UsageError } from '../../errors.js'
import { plainTypes } from '../../field/plain-type.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { type RelationMetadata, relationOf, variantsOf } from '../../metadata/relation/resolve.js'
import { at } from '../../util/list.js'
import { isWhole } from '../../util/number.js'
import { isPlainObject } from '../../util/own.js'
import { callNode } from '../expression/functions.js'
import { operatorOf } from '../expression/operators.js'
import { pairsOf, tieOf } from '../link/tie.js'

/** A callback that narrows the rows of a relation. */
export type Constrain = (query: never) => unknown

/** What `whereHas` was asked for: a narrowing of the related rows, and how many of them there must be. */
export interface Has {
  readonly constrain: Constrain | null
  /** Of a relation to several models: the ones that are meant, by the names that the database stores, and which of their rows. */
  readonly byModel: ReadonlyMap<string, Constrain | null> | null
  readonly operator: Comparator | null
  readonly count: number
}

const ONE: SelectionNode = { kind: 'selection', expression: { kind: 'truth', value: true }, alias: null, type: null }

/** At least one row. */
export const ANY: Has = { constrain: null, byModel: null, operator: null, count: 1 }

/** A query over the related rows, for use inside another one. */
export interface Relatable {
  toExists(): SelectNode
}

/** `(relation)`, `(relation, callback)`, `(relation, callback, operator, count)`, `(relation, operator, count)`. */
export function parseHas(args: readonly unknown[]): Has {
  const [first, ...rest] = args
  const byModel = isPlainObject(first) ? modelsOf(first) : null
  const callback = byModel !== null || typeof first === 'function' || first === undefined || first === null
  const given = callback ? rest : args
  const [operator = '>=', count = 1] = given
  if (given[0] !== undefined && given[1] === undefined)
    throw new UndefinedValueError(
      'whereHas() was given an operator, but its count is undefined. Pass a number after the operator.',
    )
  if (operatorOf(operator).index > 5) throw new UsageError('whereHas() counts with = != < <= > or >=.')
  if (!isWhole(count) || count < 0) throw new UsageError('whereHas() counts with a whole number, 0 or more.')
  const any = operator === '>=' && count === 1
  return {
    constrain: typeof first === 'function' ? (first as Constrain) : null,
    byModel,
    operator: any ? null : (operator as Comparator),
    count,
  }
}

function modelsOf(map: Record<string, unknown>): ReadonlyMap<string, Constrain | null> {
  const entries = Object.entries(map)
  if (entries.length === 0 || entries.some(([, each]) => each !== true && typeof each !== 'function'))
    throw new UsageError(
      'whereHas() through a morphTo takes an object with true or a callback for each model: { Photo: true, Video: q => q.where(…) }.',
    )
  return new Map(entries.map(([name, each]) => [name, each === true ? null : (each as Constrain)]))
}

/** The models of a relation that are meant, and which of their rows. */
function choicesOf(relation: RelationMetadata, { constrain, byModel }: Has): [RelationMetadata, Constrain | null][] {
  if (byModel === null) return variantsOf(relation).map((each) => [each, constrain])
  const { variants } = relation
  if (variants === null)
    throw new UsageError(
      `whereHas('${relation.name}') takes a callback. An object of models is for relations of type morphTo.`,
    )
  return [...byModel].map(([name, each]) => {
    const variant = variants.byName.get(name)
    if (variant !== undefined) return [variant, each]
    throw new UsageError(
      `whereHas('${relation.name}') names ${JSON.stringify(name.slice(0, 60))}, which is none of its models: ${[...variants.byName.keys()].join(', ')}.`,
    )
  })
}

/** The condition that there are related rows: EXISTS, or their number compared. */
export function hasCondition(
  meta: ModelMetadata,
  name: string,
  has: Has,
  related: (relation: RelationMetadata, constrain: Constrain | null) => Relatable,
): ExpressionNode {
  const { operator, count } = has
  // a row of any of the models that it leads to
  const rows = choicesOf(relationOf(meta, name), has).map(
    ([each, constrain]) =>
      (constrain === null ? pairsOf(each, [ONE]) : null) ?? correlatedRows(each, related(each, constrain).toExists()),
  )
  if (operator === null) {
    const items = rows.map((query): ExpressionNode => ({ kind: 'exists', query }))
    return items.length === 1 ? at(items, 0) : { kind: 'logic', operator: 'or', items }
  }
  const left = rows
    .map(numberOf)
    .reduce((sum, next) => ({ ...ARITHMETIC, operator: '+', left: sum, right: next, type: plainTypes.count }))
  const right = { kind: 'parameter', type: plainTypes.count, value: count } as const
  return { kind: 'comparison', operator, left, right }
}

function numberOf(rows: SelectNode): ExpressionNode {
  const total = callNode('count', [])
  const selections = [{ kind: 'selection', expression: total, alias: null, type: total.type }] as const
  return { kind: 'subquery', query: { ...rows, selections } }
}

/** The rows inside, tied to the row outside. */
export function correlatedRows(relation: RelationMetadata, rows: SelectNode, level = 1): SelectNode {
  const tie = tieOf(relation, level)
  return { ...rows, where: rows.where === null ? tie : { kind: 'logic', operator: 'and', items: [tie, rows.where] } }
}
