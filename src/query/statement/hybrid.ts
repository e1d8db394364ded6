import { bareSelect } from '../../ast/bare-select.js'
import { CALL, COLUMN, RAW } from '../../ast/bases.js'
import type { ColumnNode, ExpressionNode, OrderNode } from '../../ast/expression.js'
import type { CompoundNode, JoinNode, SelectionNode, SelectNode } from '../../ast/statement.js'
import { someNode } from '../../ast/walk.js'
import { UsageError } from '../../errors.js'
import { plainTypes } from '../../field/plain-type.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import { columnOf } from '../columns/columns.js'
import { keyOrder } from '../columns/key-order.js'
import { FUSED } from './fused.js'
import type { QueryParts } from './parts.js'
import { select } from './select.js'
import { namedSelection, selectionOf } from './selections.js'

// Reciprocal rank fusion in one statement. Each of two searches ranks its best rows, starting with place 1. The score of a row
// is the sum of 1 / (k + place) over both searches. The conditions of the query are part of both searches, because filtering
// their results afterwards would leave too few rows.

/** The name of the value that `hybrid` adds to each row. */
export const SCORE = 'score'
const VALUE = 'corm_value'
const PLACE = 'corm_place'

const column = (name: string, table: string | null = null): ColumnNode => ({ ...COLUMN, table, name, type: null })
const keyName = (place: number) => `corm_key_${place}`
const isOfScore = (node: ExpressionNode) => someNode(node, (each) => each.kind === 'annotation' && each.name === SCORE)

/** Puts the searches of `hybrid` into a derived table and joins it to the rows. */
export function withHybrid(meta: ModelMetadata, parts: QueryParts): QueryParts {
  const { hybrid, groups, around, source } = parts
  // the hybrid search may belong to the first query of a union
  if (source?.kind === 'compound') return { ...parts, source: { ...source, first: withHybrid(meta, source.first) } }
  if (hybrid === null) return parts
  if (parts.perOwner !== null)
    throw new UsageError(
      "hybrid() can't be used in with(), where each row has results of its own. Search the rows of one owner with related().",
    )
  // with orWhere() the conditions can't be moved into the searches separately
  const own = groups.length === 1 ? groups.flat() : []
  const before: QueryParts = {
    ...parts,
    groups: groups.length === 1 ? [own.filter((node) => !isOfScore(node))] : groups,
    around: around.filter((node) => !isOfScore(node)),
  }
  const halves = [
    half(meta, before, { value: hybrid.distance, direction: 'asc', conditions: hybrid.presence }),
    half(meta, before, { value: hybrid.rank, direction: 'desc', conditions: [hybrid.condition] }),
  ]
  const join: JoinNode = {
    kind: 'join',
    type: 'inner',
    source: { kind: 'derivedTable', query: fused(meta, halves, hybrid.k), alias: FUSED },
    on: {
      kind: 'logic',
      operator: 'and',
      items: meta.primaryKey.map((field, i) => ({
        kind: 'comparison',
        operator: '=',
        left: column(keyName(i), FUSED),
        right: columnOf(field),
      })),
    },
  }
  return {
    ...parts,
    hybrid: null,
    groups: [own.filter(isOfScore)],
    around: around.filter(isOfScore),
    joins: [join, ...parts.joins],
  }
}

interface RankedSearch {
  readonly value: ExpressionNode
  readonly direction: 'asc' | 'desc'
  readonly conditions: readonly ExpressionNode[]
}

/** The keys of the best rows of one search, with their places. */
function half(meta: ModelMetadata, parts: QueryParts, { value, direction, conditions }: RankedSearch): SelectNode {
  const { hybrid } = parts
  const inner: QueryParts = {
    ...parts,
    hybrid: null,
    around: [...parts.around, ...conditions],
    named: new Map([...[...parts.named].filter(([name]) => name !== SCORE), [VALUE, value]]),
    types: new Map([...parts.types, [VALUE, plainTypes.float]]),
    order: [
      { kind: 'order', expression: namedSelection(parts, VALUE).expression, direction, nulls: null },
      ...keyOrder(meta),
    ],
    ordered: true,
    limit: hybrid?.candidates ?? null,
    offset: null,
    distinct: false,
    groupBy: [],
    having: [[]],
    embedded: [],
    ctes: [],
    lock: null,
    terminal: null,
  }
  const keys = meta.primaryKey.map(
    (field, i): SelectionNode => ({ ...selectionOf(field), alias: keyName(i), type: null }),
  )
  const query = select(meta, inner, [...keys, { ...namedSelection(inner, VALUE), type: null }])
  const order = (name: string, by: 'asc' | 'desc'): OrderNode => ({
    kind: 'order',
    expression: column(name),
    direction: by,
    nulls: null,
  })
  const place: ExpressionNode = {
    ...CALL,
    name: 'rowNumber',
    args: [],
    distinct: false,
    type: plainTypes.count,
    over: {
      partitionBy: [],
      orderBy: [order(VALUE, direction), ...keys.map((_, i) => order(keyName(i), 'asc'))],
      rows: null,
    },
  }
  const selections = [...keys.map((_, i) => named(keyName(i), column(keyName(i)))), named(PLACE, place)]
  return { ...bareSelect(selections), from: { kind: 'derivedTable', query, alias: 'corm_half' } }
}

const named = (alias: string, expression: ExpressionNode): SelectionNode => ({
  kind: 'selection',
  expression,
  alias: expression.kind === 'column' ? null : alias,
  type: null,
})

/** The scores of the rows that at least one search found. */
function fused(meta: ModelMetadata, halves: readonly SelectNode[], k: number): SelectNode {
  const query: CompoundNode = { kind: 'compound', operator: 'unionAll', operands: halves }
  const keys = meta.primaryKey.map((_, i) => column(keyName(i)))
  const score: ExpressionNode = {
    kind: 'cast',
    operand: { ...RAW, texts: [`sum(1.0 / (${k} + `, '))'], nodes: [column(PLACE)], dynamic: false, ours: true },
    to: 'float',
    type: plainTypes.float,
  }
  return {
    ...bareSelect([...keys.map((key) => named(key.name, key)), named(SCORE, score)]),
    from: { kind: 'derivedTable', query, alias: 'corm_halves' },
    groupBy: keys,
  }
}
