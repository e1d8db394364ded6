import type { ValueType } from '../../ast/data-type.js'
import type { ExpressionNode } from '../../ast/expression.js'
import type { SelectionNode } from '../../ast/statement.js'
import type { ModelField } from '../../metadata/model-field.js'
import { carryingOf } from '../../metadata/relation/carried.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { present } from '../../util/expect.js'
import { columnOf } from '../columns/columns.js'
import { correlatedRows } from '../condition/has.js'
import { pivotQuery, VIA } from '../link/tie.js'
import type { EmbeddedRelation } from '../shape.js'
import { loadedFields } from './loaded-fields.js'
import { partsOver, type QueryParts } from './parts.js'
import { select } from './select.js'
import { namedSelection, selectionOf } from './selections.js'

/** Embeds the rows of a relation in a row of its source, as one JSON text: a list of lists of values. */
export interface EmbeddedRows {
  readonly kind: 'rows'
  readonly relation: RelationMetadata
  readonly fields: readonly ModelField[]
  /** The values from the join table, after the fields. */
  readonly link: readonly ModelField[]
  /** Rows that are embedded in these, after everything else. */
  readonly embedded: readonly Embedded[]
}

/** Embeds only the keys of a relation's rows. A separate query reads the rows. */
export interface EmbeddedKeys {
  readonly kind: 'keys'
  readonly relation: RelationMetadata
  /** The fields that the separate query reads. */
  readonly fields: readonly ModelField[]
  /** The fields that are loaded even if they are lazy. */
  readonly needed: readonly ModelField[]
  /** The values from the join table, after the key. */
  readonly link: readonly ModelField[]
}

export type Embedded = EmbeddedRows | EmbeddedKeys

/** The column that contains the embedded rows, and how to read it. */
export function embed(embedding: EmbeddedRelation): [SelectionNode, Embedded] {
  return embedding.keysOnly ? embedKeys(embedding) : embedRows(embedding)
}

function embedKeys(embedding: EmbeddedRelation): [SelectionNode, EmbeddedKeys] {
  const { relation, needed } = embedding
  const through = present(relation.through, 'a relation with a join table')
  const link = carryingOf(relation, 'withOwners').read
  const items = [...through.far, ...link].map((field) => selection({ ...columnOf(field), table: VIA }, field))
  const query = pivotQuery(relation, through, [selectionOfRows(items)])
  const fields = loadedFields(relation.target, partsFor(embedding))
  return [selection({ kind: 'subquery', query }), { kind: 'keys', relation, fields, needed, link }]
}

function embedRows(embedding: EmbeddedRelation): [SelectionNode, EmbeddedRows] {
  const { relation, children } = embedding
  const { target } = relation
  const parts = partsFor(embedding)
  const fields = loadedFields(target, parts)
  const below = children.map(embed)
  const items = [
    ...fields.map(selectionOf),
    ...[...parts.named.keys()].map((name) => ({ ...namedSelection(parts, name), alias: null })),
    ...below.map(([selection]) => selection),
  ]
  const query = correlatedRows(relation, select(target, parts, [selectionOfRows(items)], true))
  const embedded = below.map(([, rows]) => rows)
  const link = carryingOf(relation, 'withOwners').read
  return [selection({ kind: 'subquery', query }), { kind: 'rows', relation, fields, link, embedded }]
}

function partsFor({ relation, needed }: EmbeddedRelation): QueryParts {
  const parts = partsOver(relation, carryingOf(relation, 'withOwners'))
  for (const field of needed) parts.needed.add(field)
  return parts
}

const selectionOfRows = (items: readonly SelectionNode[]) => selection({ kind: 'jsonRows', items })

const selection = (expression: ExpressionNode, type: ValueType | null = null): SelectionNode => ({
  kind: 'selection',
  expression,
  alias: null,
  type,
})
