import type { SelectionNode } from '../../ast/statement.js'
import type { ModelField } from '../../metadata/model-field.js'
import { carryingOf } from '../../metadata/relation/carried.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import { correlatedRows } from '../condition/has.js'
import { deletedCondition } from '../scopes/deleted.js'
import type { Embedding } from '../shape.js'
import { loadedFields, partsOver } from './parts.js'
import { namedSelection, select, selectionOf } from './select.js'

/** How the rows of a relation come with a row of its source: as one JSON text, a list of lists of values. */
export interface EmbeddedRows {
  readonly relation: RelationMetadata
  readonly fields: readonly ModelField[]
  /** What the table between adds, behind the fields. */
  readonly link: readonly ModelField[]
  /** Rows that come with these, behind all else. */
  readonly embedded: readonly EmbeddedRows[]
}

/** The column that brings the rows of a relation, and how it is read. */
export function embed({ relation, needed, children }: Embedding): [SelectionNode, EmbeddedRows] {
  const { target } = relation
  const carrying = carryingOf(relation, 'beside')
  const parts = partsOver(relation, carrying)
  for (const field of needed) parts.needed.add(field)
  const deleted = deletedCondition(target, 'without')
  if (deleted !== null) parts.scopes = [deleted]
  const fields = loadedFields(target, parts)
  const below = children.map(embed)
  const items = [
    ...fields.map(selectionOf),
    ...[...parts.named.keys()].map((name) => ({ ...namedSelection(parts, name), alias: null })),
    ...below.map(([selection]) => selection),
  ]
  const query = correlatedRows(relation, select(target, parts, [selectionOfRows(items)], true))
  return [
    { kind: 'selection', expression: { kind: 'subquery', query }, alias: null, type: null },
    { relation, fields, link: carrying.read, embedded: below.map(([, rows]) => rows) },
  ]
}

const selectionOfRows = (items: readonly SelectionNode[]): SelectionNode => ({
  kind: 'selection',
  expression: { kind: 'jsonRows', items },
  alias: null,
  type: null,
})
