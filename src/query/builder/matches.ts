import { ANNOTATION, COLUMN } from '../../ast/bases.js'
import type { AnnotationNode, ExpressionNode, MatchNode, OrderNode } from '../../ast/expression.js'
import type { FullTextIndex } from '../../ast/full-text.js'
import { UsageError } from '../../errors.js'
import { plainTypes } from '../../field/plain-type.js'
import { fullTextOf } from '../../metadata/full-text.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { searchWords } from '../../util/words.js'
import { columnOf } from '../columns/columns.js'
import type { Context } from '../columns/context.js'
import { keyOrder } from '../columns/key-order.js'
import { fieldOf } from '../condition/where.js'
import { matchesOptions } from '../options.js'
import type { Annotation } from '../shape.js'
import { refuseName } from './annotate.js'
import type { QueryData } from './query-data.js'

/** The name of the value that `matches` adds. */
const RANK = 'rank'

/** `matches`, in the terms of other steps. */
interface Matches {
  readonly rank: Annotation
  readonly condition: ExpressionNode
  readonly order: readonly OrderNode[]
}

/** The query over the rows with all words of a text, best first if it has no order of its own. */
export function matching<Q extends QueryData<Q>>(query: Q, keys: unknown, text: unknown, options: unknown): Q {
  if (query.shape.has('from') || query.shape.has('compound'))
    throw new UsageError(
      'matches() searches the index of a table. Call it before from() or a union, on the query inside.',
    )
  const { rank, condition, order } = matchesOf(query, keys, text, options)
  const found = query.annotated([rank]).restrictFurther(condition)
  return found.built('presetOrder', { kind: 'presetOrder', items: order }, order)
}

function matchesOf(context: Context, keys: unknown, text: unknown, options: unknown): Matches {
  const { prefix = false } = matchesOptions(options)
  refuseName(context, RANK, 'matches()')
  const index = indexOver(context.meta, keys)
  const node: AnnotationNode = { ...ANNOTATION, name: RANK, type: plainTypes.float }
  const by: OrderNode = { kind: 'order', expression: node, direction: 'desc', nulls: null }
  const search = searchOf(text, index, prefix)
  return {
    rank: { node, expression: matchNode(context.meta, index, search, { of: 'rank', prefix }) },
    condition: matchNode(context.meta, index, search, { of: 'condition', prefix }),
    order: [by, ...keyOrder(context.meta)],
  }
}

/** The index over exactly these fields, in any order. */
function indexOver(meta: ModelMetadata, keys: unknown): FullTextIndex {
  const given = typeof keys === 'string' ? [keys] : keys
  if (!Array.isArray(given) || given.length === 0)
    throw new UsageError("matches() takes the names of the fields to search: matches(['title', 'body'], text).")
  const fields = given.map((key) => fieldOf(meta, key))
  const columns = new Set(fields.map(({ column }) => column))
  const index = fullTextOf(meta).find(
    (each) => each.columns.length === columns.size && each.columns.every((column) => columns.has(column)),
  )
  if (index !== undefined) return index
  const names = fields.map(({ name }) => `'${name}'`).join(', ')
  throw new UsageError(
    `matches() needs a full-text index over exactly these fields of "${meta.name}". Add it to the options of the model: { indexes: [{ fields: [${names}], fullText: true }] }.`,
  )
}

function searchOf(text: unknown, { language }: FullTextIndex, prefix: boolean): string {
  if (typeof text !== 'string') throw new UsageError('matches() takes the text to search for as a string.')
  return searchWords(text, language, prefix)
}

function matchNode(
  meta: ModelMetadata,
  index: FullTextIndex,
  search: string,
  how: Pick<MatchNode, 'of' | 'prefix'>,
): MatchNode {
  return {
    kind: 'match',
    ...how,
    index,
    words: { ...COLUMN, table: null, name: index.name, type: null },
    key: meta.primaryKey.map(columnOf),
    search: { kind: 'parameter', type: plainTypes.text, value: search },
    type: how.of === 'rank' ? plainTypes.float : plainTypes.boolean,
  }
}
