import type { CallNode } from '../../ast/expression.js'
import type { SelectionNode } from '../../ast/statement.js'
import { UsageError } from '../../errors.js'
import type { ModelField } from '../../metadata/model-field.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { operandOf } from '../condition/where.js'
import { groupObject } from '../pages/groups.js'
import { isGrouped } from '../pages/pageable.js'
import type { StepPart } from '../shape.js'
import { selectionOf } from '../statement/selections.js'
import { type AggregateMap, aggregateSelections } from './aggregate.js'
import type { QueryData } from './query-data.js'

// What is read as values and not as instances.

interface PickedColumn {
  readonly name: string
  readonly selection: SelectionNode
}

/** What `values` and similar methods read: fields, and values that the query has named. */
export function pickedColumns<Q extends QueryData<Q>>(query: Q, keys: readonly unknown[]): readonly PickedColumn[] {
  if (keys.length === 0) {
    const { fields, translations } = query.meta
    const columns = fields.flatMap((field) => (field.lazy ? [] : { name: field.name, selection: selectionOf(field) }))
    const shown = translations.filter(({ type }) => !type.lazy).map(({ name }) => name)
    return shown.length === 0 ? columns : [...columns, ...pickedColumns(query, shown)]
  }
  return keys.map((key) => {
    const node = operandOf(query, key)
    const { type } = node
    const alias = node.kind === 'annotation' ? node.name : node.kind === 'call' ? (type as ModelField).name : null
    return { name: key as string, selection: { kind: 'selection', expression: node, alias, type } }
  })
}

/** The query that reads these values. */
export function pickedQuery<Q extends QueryData<Q>>(query: Q, from: readonly PickedColumn[]): Q {
  const part: StepPart = { kind: 'rows', selections: from.map(({ selection }) => selection) }
  return query.step(`rows:${from.map(({ name }) => name).join()}`, part)
}

/** These values of each row, as a list. */
export function pickedRows<Q extends QueryData<Q>>(query: Q, from: readonly PickedColumn[]): MaybePromise<unknown[][]> {
  return query.source.runner.rows(pickedQuery(query, from))
}

/** These values of each row, as an object. */
export function pickedObjects<Q extends QueryData<Q>>(query: Q, from: readonly PickedColumn[]): MaybePromise<object[]> {
  const names = from.map(({ name }) => name)
  return andThen(pickedRows(query, from), (rows) => rows.map((row) => groupObject(names, row)))
}

/** How many groups there are. */
export function groupCount<Q extends QueryData<Q>>(query: Q): MaybePromise<number> {
  const groups = query.step('countGroups', { kind: 'countGroups' })
  return andThen(query.source.runner.rows(groups), (rows) => rows[0]?.[0] as number)
}

/** The value of an aggregate over all rows. */
export function aggregated<Q extends QueryData<Q>>(query: Q, name: string, node: CallNode): MaybePromise<unknown> {
  if (isGrouped(query))
    throw new UsageError(`${name}() returns one value, not one per group. Use aggregate() after groupBy().`)
  const selections = [{ kind: 'selection' as const, expression: node, alias: null, type: node.type }]
  const whole = query.built('aggregate', { kind: 'aggregate', selections }, [node])
  return andThen(query.source.runner.rows(whole), (rows) => rows[0]?.[0] ?? (name === 'count' ? 0 : null))
}

/** The query of `aggregate`, and what its values are called. */
export function aggregating<Q extends QueryData<Q>>(query: Q, map: AggregateMap): { query: Q; names: string[] } {
  const selections = aggregateSelections(query, map)
  const keys = query.shape.each('groupBy').flatMap((part) => part.keys.flatMap(({ name }) => name ?? []))
  const names = [...keys, ...selections.map((selection) => selection.alias as string)]
  const expressions = selections.map((selection) => selection.expression)
  return { query: query.built('aggregate', { kind: 'aggregate', selections }, expressions, names.join()), names }
}
