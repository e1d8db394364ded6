import { ANNOTATION, COLUMN } from '../../ast/bases.js'
import type { AnnotationNode, MatchNode, OrderNode } from '../../ast/expression.js'
import type { FullTextIndex } from '../../ast/full-text.js'
import { numberOf } from '../../ast/structure.js'
import { UsageError } from '../../errors.js'
import { plainTypes } from '../../field/plain-type.js'
import { fullTextOf } from '../../metadata/full-text.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { searchWords } from '../../util/words.js'
import { columnOf } from '../columns/columns.js'
import { keyOrder } from '../columns/key-order.js'
import { fieldOf } from '../condition/where.js'
import { matchesOptions } from '../options.js'
import type { Shape } from '../shape.js'
import { refuseName } from './annotate.js'
import { known } from './known.js'
import type { QueryData } from './query-data.js'

/** The name of the value that `matches` adds. */
const RANK = 'rank'

/** The query over the rows with all words of a text, best first if it has no order of its own. */
export function matching<Q extends QueryData<Q>>(query: Q, keys: unknown, text: unknown, options: unknown): Q {
  const call = 'matches()'
  const { prefix = false } = matchesOptions(options)
  refuseOtherRows(query.shape, call)
  refuseName(query, RANK, call)
  const index = indexOver(query.meta, keys, call)
  const search = searchOf(text, index, { call, prefix })
  const nodeOf = (of: MatchNode['of']) => matchNode(query.meta, index, search, { of, prefix })
  const token = `matches:${numberOf(index)}:${prefix}`
  const ranked = known(query, `${token}:rank`, search, () => {
    const expression = nodeOf('rank')
    return { part: { kind: 'annotate', items: [{ node: BY_RANK, expression }] }, parameters: [expression.search] }
  })
  const found = known(ranked, `${token}:condition`, search, () => {
    const node = nodeOf('condition')
    return { part: { kind: 'around', node }, parameters: [node.search] }
  })
  return known(found, 'matches:order', undefined, () => {
    const by: OrderNode = { kind: 'order', expression: BY_RANK, direction: 'desc', nulls: null }
    return { part: { kind: 'presetOrder', items: [by, ...keyOrder(query.meta)] }, parameters: [] }
  })
}

const BY_RANK: AnnotationNode = { ...ANNOTATION, name: RANK, type: plainTypes.float }

/** An index is that of a table. */
export function refuseOtherRows(shape: Shape, call: string): void {
  if (shape.has('from') || shape.has('compound'))
    throw new UsageError(
      `${call} searches the index of a table. Call it before from() or a union, on the query inside.`,
    )
}

interface MatchCall {
  readonly call: string
  readonly prefix: boolean
}

/** The condition of a search, and the rank of a row in it. */
export function matchesOf(
  meta: ModelMetadata,
  keys: unknown,
  text: unknown,
  { call, prefix }: MatchCall,
): Record<'rank' | 'condition', MatchNode> {
  const index = indexOver(meta, keys, call)
  const search = searchOf(text, index, { call, prefix })
  return {
    rank: matchNode(meta, index, search, { of: 'rank', prefix }),
    condition: matchNode(meta, index, search, { of: 'condition', prefix }),
  }
}

/** The index over exactly these fields, in any order. */
function indexOver(meta: ModelMetadata, keys: unknown, call: string): FullTextIndex {
  const given = typeof keys === 'string' ? [keys] : keys
  if (!Array.isArray(given) || given.length === 0)
    throw new UsageError(`${call} takes the names of the fields to search: ['title', 'body'].`)
  // a text is searched in one language: the one in which the step is called
  const fields = given.map((key) => meta.attributes.get(String(key))?.translation?.first ?? fieldOf(meta, key))
  const columns = new Set(fields.map(({ column }) => column))
  const index = fullTextOf(meta).find(
    (each) => each.columns.length === columns.size && each.columns.every((column) => columns.has(column)),
  )
  if (index !== undefined) return index
  const names = given.map((name) => `'${name}'`).join(', ')
  throw new UsageError(
    `${call} needs a full-text index over exactly these fields of "${meta.name}". Add it to the options of the model: { indexes: [{ fields: [${names}], fullText: true }] }.`,
  )
}

function searchOf(text: unknown, { language }: FullTextIndex, { call, prefix }: MatchCall): string {
  if (typeof text !== 'string') throw new UsageError(`${call} takes the text to search for as a string.`)
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
