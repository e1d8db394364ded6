import type { ExpressionNode } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import { plainTypes } from '../../field/plain-type.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import type { Query } from '../../query/builder/query-builder.js'
import { columnOf } from '../../query/columns/columns.js'
import { scalarCall } from '../../query/expression/scalars.js'
import { allOf, anyOf, equals } from '../../query/link/logic.js'
import { at } from '../../util/list.js'
import { type EmbeddedField, embeddedFields, SEPARATOR } from './embeddings.js'

// Finds rows whose vector does not belong to their current text, in SQL. This also finds rows that were written without corm.

const text = (value: string): ExpressionNode => ({ kind: 'parameter', type: plainTypes.text, value })

const filled = (field: ModelField): ExpressionNode =>
  scalarCall('coalesce', [columnOf(field), text('')], plainTypes.text)

const joined = (items: readonly ExpressionNode[]): ExpressionNode =>
  items.length === 1 ? at(items, 0) : { kind: 'concat', items }

/** The SHA-256 of the text of a row. */
function digestOf({ from }: EmbeddedField): ExpressionNode {
  const parts = from.flatMap((field, i) => (i === 0 ? [filled(field)] : [text(SEPARATOR), filled(field)]))
  return scalarCall('digest', [joined(parts)], plainTypes.text)
}

const isNull = (field: ModelField, negated = false): ExpressionNode => ({
  kind: 'nullTest',
  operand: columnOf(field),
  negated,
})

const differs = (left: ExpressionNode, right: ExpressionNode): ExpressionNode => ({
  kind: 'comparison',
  operator: '!=',
  left,
  right,
})

/** The condition that the text of a row still has this hash. */
export const hasDigest = (each: EmbeddedField, hash: string): ExpressionNode => equals(digestOf(each), text(hash))

/** The condition that a row has a vector other than that of its text. A row without text has none. */
function isStale(each: EmbeddedField): ExpressionNode {
  const { field, hash, model, settings, from } = each
  const content = joined(from.map(filled))
  const outdated = anyOf([
    isNull(field),
    isNull(hash),
    isNull(model),
    differs(columnOf(model), text(settings.model)),
    differs(columnOf(hash), digestOf(each)),
  ])
  return anyOf([allOf([differs(content, text('')), outdated]), allOf([equals(content, text('')), isNull(field, true)])])
}

/** The embeddings of a model. Throws if it has none. */
export function requireEmbeddings(meta: ModelMetadata, call: string): readonly EmbeddedField[] {
  const fields = embeddedFields(meta)
  if (fields.length > 0) return fields
  throw new UsageError(`${call} needs an embedding, and "${meta.name}" has none. Add a Field.embedding() to it.`)
}

/** The rows of a query with an embedding that is stale. */
export const staleRows = (query: Query, fields: readonly EmbeddedField[]): Query =>
  query.restrict(anyOf(fields.map(isStale)))
