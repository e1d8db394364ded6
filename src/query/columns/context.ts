import type { ExpressionNode, SelectNode } from '../../ast/expression.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { RelationMetadata } from '../../metadata/relation/resolve.js'
import type { Annotations, JoinedTables } from '../shape.js'

/** What keys and callbacks of a query can refer to. */
export interface Context {
  readonly meta: ModelMetadata
  /** The names that the query has added to its model's fields. */
  readonly annotations: Annotations | null
  /** The tables it has joined, by their names. */
  readonly joined: JoinedTables | null
  /** The relation whose rows it reads, if that has a join table. */
  readonly via: RelationMetadata | null
  /** The condition that a row of a relation meets other conditions. */
  related(relation: string, narrow: <Q extends Narrowable>(query: Q) => Q): ExpressionNode
  /** The rows of a relation of the row that is so many levels further out. */
  relatedRows(relation: string, level: number): SelectNode
}

/** A query over related rows, as conditions on a path need it. */
export interface Narrowable {
  where(...args: unknown[]): this
}

function refuseRelated(): never {
  throw new UsageError(
    'Columns of related rows can only be used in the callback of a query, such as where((c) => …). Here, use columns of the table itself.',
  )
}

/** The context of a model without a query: only its fields can be referred to. */
export function plainContext(meta: ModelMetadata): Context {
  return {
    meta,
    annotations: null,
    joined: null,
    via: null,
    related: refuseRelated,
    relatedRows: refuseRelated,
  }
}
