import type { ColumnNode, Comparator, ExpressionNode, SelectNode } from '../ast/expression.js'
import { transformSelect } from '../ast/transform.js'
import { UsageError } from '../errors.js'
import { plainTypes } from '../field/plain-type.js'
import type { ModelMetadata } from '../metadata/metadata.js'
import type { ModelField } from '../metadata/model-field.js'
import { type RelationMetadata, relationOf } from '../metadata/resolve-relation.js'
import { callNode } from './functions.js'
import { operatorOf } from './operators.js'

type Constrain = (query: never) => unknown

/** What `whereHas` was asked for: a narrowing of the related rows, and how many of them there must be. */
export interface Has {
  readonly constrain: Constrain | null
  readonly operator: Comparator | null
  readonly count: number
}

/** A query over the related rows that can stand inside another one. */
export interface Relatable {
  toExists(): SelectNode
}

/** `(relation)`, `(relation, callback)`, `(relation, callback, operator, count)`, `(relation, operator, count)`. */
export function parseHas(args: readonly unknown[]): Has {
  const [first, ...rest] = args
  const callback = typeof first === 'function' || first === undefined || first === null
  const [operator = '>=', count = 1] = callback ? rest : args
  if (operatorOf(operator).index > 5) throw new UsageError('whereHas() counts with = != < <= > or >=.')
  if (!Number.isSafeInteger(count) || (count as number) < 0)
    throw new UsageError('whereHas() counts with a whole number, 0 or more.')
  const any = operator === '>=' && count === 1
  return {
    constrain: typeof first === 'function' ? (first as Constrain) : null,
    operator: any ? null : (operator as Comparator),
    count: count as number,
  }
}

/** The condition that there are related rows: EXISTS, or their number compared. */
export function hasCondition(
  meta: ModelMetadata,
  name: string,
  { operator, count }: Has,
  related: (relation: RelationMetadata) => Relatable,
): ExpressionNode {
  const relation = relationOf(meta, name)
  const rows = correlated(meta, relation, related(relation).toExists())
  if (operator === null) return { kind: 'exists', query: rows }
  const total = callNode('count', [])
  const selections = [{ kind: 'selection', expression: total, alias: null, type: total.type }] as const
  return {
    kind: 'comparison',
    operator,
    left: { kind: 'subquery', query: { ...rows, selections } },
    right: { kind: 'parameter', type: plainTypes.count, value: count },
  }
}

const column = (table: string, field: ModelField): ColumnNode => ({
  kind: 'column',
  table,
  name: field.column,
  type: field,
})

/** Ties the rows inside to the row outside. Where both are of one table, the inner one gets another name. */
function correlated(
  meta: ModelMetadata,
  { target, sourceKey, targetKey }: RelationMetadata,
  rows: SelectNode,
): SelectNode {
  const alias = target.table === meta.table ? freshAlias(rows) : null
  const inner = alias === null ? rows : renamed(rows, target.table, alias)
  const tie: ExpressionNode = {
    kind: 'comparison',
    operator: '=',
    left: column(alias ?? target.table, targetKey),
    right: column(meta.table, sourceKey),
  }
  const where: ExpressionNode =
    inner.where === null ? tie : { kind: 'logic', operator: 'and', items: [tie, inner.where] }
  return { ...inner, from: { kind: 'table', name: target.table, alias }, where }
}

/** What named the table from inside means the row that now has another name. */
function renamed(select: SelectNode, table: string, alias: string): SelectNode {
  return transformSelect(select, (copy) =>
    copy.kind === 'column' && copy.table === table ? { ...copy, table: alias } : copy,
  )
}

const ALIAS = /^corm_(\d+)$/

/** The same for equal forms, and other than those further inside. */
function freshAlias(select: SelectNode): string {
  let last = 0
  transformSelect(select, (copy) => {
    const query = copy.kind === 'exists' || copy.kind === 'subquery' ? copy.query : null
    const match = query?.from?.kind === 'table' ? ALIAS.exec(query.from.alias ?? '') : null
    if (match !== null) last = Math.max(last, Number(match[1]))
    return copy
  })
  return `corm_${last + 1}`
}
