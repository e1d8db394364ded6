import { bareSelect } from '../../ast/bare-select.js'
import type { ColumnNode, ExpressionNode, SelectNode } from '../../ast/expression.js'
import { ownAlias } from '../../ast/own-alias.js'
import type { JoinNode, SelectionNode, TableSource } from '../../ast/statement.js'
import { type ModelMetadata, referencedModel } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { Morph, RelationMetadata, Through } from '../../metadata/relation/resolve.js'
import { at } from '../../util/list.js'
import { columnOf } from '../columns/columns.js'
import { tableOf } from '../columns/table.js'
import { columnsHold } from './key-condition.js'
import { betweenKeys } from './key-range.js'
import { allOf, anyOf, equals } from './logic.js'

// How rows of a relation's target belong to rows of its source, as SQL.

/** The alias of the join table in a statement. */
export const VIA = ownAlias('corm_pivot')

type Qualifier = Partial<Pick<ColumnNode, 'table' | 'level'>>

/** Columns that are equal in pairs. */
export function equalColumns(
  left: readonly ModelField[],
  leftQualifier: Qualifier,
  right: readonly ModelField[],
  rightQualifier: Qualifier,
): ExpressionNode[] {
  return left.map((field, i) =>
    equals({ ...columnOf(field), ...leftQualifier }, { ...columnOf(at(right, i)), ...rightQualifier }),
  )
}

/** The field that holds the name of a model names this one. */
export function morphCondition({ field, value }: Morph, qualifier: Qualifier = {}): ExpressionNode {
  return equals({ ...columnOf(field), ...qualifier }, { kind: 'parameter', type: field, value })
}

const optional = (morph: Morph | null, qualifier: Qualifier = {}) =>
  morph === null ? [] : [morphCondition(morph, qualifier)]

/** The columns that meet the source's keys: the target's, or those of the join table. */
export function targetKeyColumns({ targetKeys, through }: RelationMetadata): ColumnNode[] {
  return through === null ? targetKeys.map(columnOf) : through.near.map((field) => ({ ...columnOf(field), table: VIA }))
}

/** The join of the join table, in a select over the target. */
export function viaJoin({ targetKeys }: RelationMetadata, through: Through, table: string | null = null): JoinNode {
  const on = [...equalColumns(through.far, { table: VIA }, targetKeys, { table }), ...viaMorph(through, VIA)]
  return { kind: 'join', type: 'inner', source: viaSource(through), on: allOf(on) }
}

/** The joins of a relation's rows, in a select over the rows that they belong to or over a table joined to it. */
export function wideJoins(relation: RelationMetadata, alias: string, from: string | null, via: string): JoinNode[] {
  const { target, targetKeys, sourceKeys, through } = relation
  const source = tableOf(target, alias)
  if (through === null) return [{ kind: 'join', type: 'inner', source, on: joinTie(relation, alias, from) }]
  const near = [...equalColumns(through.near, { table: via }, sourceKeys, { table: from }), ...viaMorph(through, via)]
  const far = equalColumns(targetKeys, { table: alias }, through.far, { table: via })
  return [
    { kind: 'join', type: 'inner', source: viaSource(through, via), on: allOf(near) },
    { kind: 'join', type: 'inner', source, on: allOf(far) },
  ]
}

/** Both sides of a pair have its name already. */
const viaMorph = ({ symmetrical, morph }: Through, table: string) => optional(symmetrical ? null : morph, { table })

function viaSource(through: Through, alias = VIA): TableSource {
  if (!through.symmetrical) return tableOf(through.meta, alias)
  const query = { kind: 'compound', operator: 'unionAll', operands: [oneWay(through), otherWay(through)] } as const
  return { kind: 'derivedTable', query, alias }
}

function oneWay(through: Through): SelectNode {
  const selections = through.meta.fields.map((field) => selected(field, field))
  return { ...bareSelect(selections), from: tableOf(through.meta) }
}

/** The pairs turned round; one of a row with itself is there already. */
function otherWay(through: Through): SelectNode {
  const { near, far, meta } = through
  const turned = (field: ModelField) => far[near.indexOf(field)] ?? near[far.indexOf(field)] ?? field
  const selections = meta.fields.map((field) => selected(turned(field), field))
  const itself = allOf(equalColumns(near, {}, far, {}))
  return { ...bareSelect(selections), from: tableOf(through.meta), where: { kind: 'not', item: itself } }
}

const selected = (field: ModelField, as: ModelField) =>
  ({
    kind: 'selection',
    expression: columnOf(field),
    alias: field === as ? null : as.column,
    type: null,
  }) as const

/** Ties a row of a relation's target, in a select of its own, to the row of a select around it, so many levels up. */
export function tieOf(relation: RelationMetadata, level = 1, table: string | null = null): ExpressionNode {
  const { sourceKeys, morph, sourceMorph, through } = relation
  const keys = targetKeyColumns(relation)
  const ties = sourceKeys.map((field, i) => equals(at(keys, i), { ...columnOf(field), level, table }))
  return allOf([...ties, ...optional(through === null ? morph : null), ...optional(sourceMorph, { level, table })])
}

/** The rows of the join table for the row of the outer select. */
export function pivotQuery(
  relation: RelationMetadata,
  through: Through,
  selections: readonly SelectionNode[],
  level = 1,
): SelectNode {
  const where = allOf([tieOf(relation, level), ...viaMorph(through, VIA)])
  return { ...bareSelect(selections), from: viaSource(through), where }
}

/**
 * The same, if each row of the join table stands for one row of the target, so that these can be counted without reading them:
 * a foreign key makes sure of that, and no scope hides some of them. Else null.
 */
export function pairsOf(
  relation: RelationMetadata,
  selections: readonly SelectionNode[],
  level = 1,
): SelectNode | null {
  const { target, targetKeys, through } = relation
  if (through === null || target.isRestricted) return null
  const isKey = targetKeys.length === 1 && target.primaryKey.length === 1 && targetKeys[0] === target.primaryKey[0]
  const points = through.far.every((field) => !field.nullable && isForeignKeyTo(field, target))
  return isKey && points ? pivotQuery(relation, through, selections, level) : null
}

const isForeignKeyTo = (field: ModelField, target: ModelMetadata): boolean =>
  field.descriptor.reference !== null && referencedModel(field) === target

/** Ties a joined table to the one it is joined to. */
export function joinTie(relation: RelationMetadata, table: string, to: string | null): ExpressionNode {
  const { sourceKeys, targetKeys, morph, sourceMorph } = relation
  return allOf([
    ...equalColumns(targetKeys, { table }, sourceKeys, { table: to }),
    ...optional(morph, { table }),
    ...optional(sourceMorph, { table: to }),
  ])
}

/** The target's rows that belong to a source with these values of its keys. */
export function keyedTie(relation: RelationMetadata, values: readonly unknown[]): ExpressionNode {
  return allOf([
    ...columnsHold(targetKeyColumns(relation), values),
    ...optional(relation.through === null ? relation.morph : null),
  ])
}

/**
 * Those that belong to one of these sources. Keys of several fields are asked for by the values of each: that may bring
 * rows of further pairs, which are left out when rows are matched.
 */
export function keysTie(relation: RelationMetadata, keys: readonly (readonly unknown[])[]): ExpressionNode {
  const [only, second] = keys
  if (only !== undefined && second === undefined) return keyedTie(relation, only)
  const lists = targetKeyColumns(relation).map((operand, i): ExpressionNode => {
    const values = distinct(
      keys.map((key) => key[i]),
      relation.sourceKeys.length,
    )
    return { kind: 'in', operand, list: { kind: 'list', type: operand.type, values }, negated: false }
  })
  return allOf([...lists, ...optional(relation.through === null ? relation.morph : null)])
}

/** Those that belong to one of these sources, and none of further pairs. */
export function exactTie(relation: RelationMetadata, keys: readonly (readonly unknown[])[]): ExpressionNode {
  return anyOf(keys.map((key) => keyedTie(relation, key)))
}

/** Those that belong to the sources whose keys are all integers from one to another. */
export function rangeTie(relation: RelationMetadata, first: number, last: number): ExpressionNode {
  const operand = at(targetKeyColumns(relation), 0)
  return allOf([betweenKeys(operand, first, last), ...optional(relation.through === null ? relation.morph : null)])
}

/** The rows that belong to the sources whose keys a query returns. */
export function queriedTie(relation: RelationMetadata, keys: SelectNode): ExpressionNode {
  const columns = targetKeyColumns(relation)
  const [first, second] = columns
  const operand: ExpressionNode =
    first !== undefined && second === undefined ? first : { kind: 'tuple', items: columns }
  const isIn = { kind: 'in', operand, list: keys, negated: false } as const
  return allOf([isIn, ...optional(relation.through === null ? relation.morph : null)])
}

/** Of one field they are distinct already. */
const distinct = (values: readonly unknown[], fields: number) => (fields === 1 ? values : [...new Set(values)])
