import { bareSelect } from '../../ast/bare-select.js'
import { COLUMN, RAW } from '../../ast/bases.js'
import type { CreateIndexNode } from '../../ast/definition.js'
import type {
  ColumnNode,
  DistanceNode,
  ExpressionNode,
  OrderNode,
  SelectionNode,
  SelectNode,
} from '../../ast/expression.js'
import { reachesOut } from '../../ast/walk.js'
import { expressionHandlers } from '../../compiler/expression.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { UnsupportedError } from '../../errors.js'
import type { VectorMetric } from '../../types/call-options.js'

// https://github.com/pgvector/pgvector

const OPERATORS: Readonly<Record<VectorMetric, string>> = { cosine: '<=>', euclidean: '<->', dot: '<#>' }
const CLASSES: Readonly<Record<VectorMetric, string>> = {
  cosine: 'vector_cosine_ops',
  euclidean: 'vector_l2_ops',
  dot: 'vector_ip_ops',
}

const MOST = 2000

/** Writes the distance as an operator, the only form that an index supports. */
function writeOperator({ metric, operand, vector }: DistanceNode, out: SqlWriter): void {
  out.operand(operand).write(` ${OPERATORS[metric]} `).operand(vector)
}

/** Rounds the distance, so that all databases return the same. A cast to numeric would take longer than the distance itself. */
export function writeDistance(node: DistanceNode, out: SqlWriter): void {
  out.write('round((')
  writeOperator(node, out)
  // adding 0 turns -0 into 0
  out.write(') * 1000000) / 1000000 + 0')
}

/** Orders by the operator, because an index does not serve the order of a value computed from it. */
export function writeOrder(node: OrderNode, out: SqlWriter): void {
  const { expression, direction } = node
  if (expression.kind !== 'distance' || expression.index === null) return expressionHandlers.order(node, out)
  writeOperator(expression, out)
  if (direction !== null) out.write(` ${direction}`)
}

/** The session settings for searching an index. */
const SETTINGS = {
  hnsw: { scan: ['hnsw.iterative_scan', 'strict_order'], effort: 'hnsw.ef_search' },
  ivfflat: { scan: ['ivfflat.iterative_scan', 'relaxed_order'], effort: 'ivfflat.probes' },
} as const

/**
 * An index returns a limited number of candidates, and conditions are checked only on those. Iterative scans continue
 * until there are enough rows. The settings hold for the transaction, here the statement itself, and are made before the
 * scan begins.
 */
export function withIndexScan(node: SelectNode, out: SqlWriter): SelectNode {
  const expression = node.orderBy[0]?.expression
  if (expression?.kind !== 'distance' || expression.index === null) return node
  const { method, effort } = expression.index
  // a derived table can't read the row around it
  if (method === 'ivfflat' && !found.has(node) && !reachesOut(node)) return sortedAgain(node)
  const { scan, effort: name } = SETTINGS[method]
  const settings: (readonly [string, string])[] = [scan]
  if (effort !== null) settings.push([name, String(effort)])
  out.changesSettings = true
  const calls = settings.map(([setting, value]) => `set_config('${setting}', '${value}', true)`)
  const text = `(select ${calls.join(' || ')}) is not null`
  const made: ExpressionNode = { ...RAW, texts: [text], nodes: [], dynamic: false, ours: true }
  const where: ExpressionNode =
    node.where === null ? made : { kind: 'logic', operator: 'and', items: [made, node.where] }
  return { ...node, where }
}

/** Selects whose rows are sorted by the one around them. */
const found = new WeakSet<SelectNode>()

/**
 * An iterative scan of lists gives the rows of some lists after those of others, and the database takes them for sorted: it only
 * sorts rows of one distance by their keys. So the rows that are found are sorted by a select around.
 */
function sortedAgain(node: SelectNode): SelectNode {
  const column = (name: string): ColumnNode => ({ ...COLUMN, table: null, name, type: null })
  const values = node.selections.map((selection, i) => ({ ...selection, alias: `corm_value_${i + 1}` }))
  const orders = node.orderBy.map(
    ({ expression }, i): SelectionNode => ({ kind: 'selection', expression, alias: `corm_order_${i + 1}`, type: null }),
  )
  const query: SelectNode = { ...node, selections: [...values, ...orders] }
  found.add(query)
  const selections = node.selections.map(
    ({ expression, alias }, i): SelectionNode => ({
      kind: 'selection',
      expression: column(`corm_value_${i + 1}`),
      alias: alias ?? (expression.kind === 'column' ? expression.name : null),
      type: null,
    }),
  )
  return {
    ...bareSelect(selections),
    from: { kind: 'derivedTable', query, alias: 'corm_found' },
    orderBy: node.orderBy.map((order, i) => ({ ...order, expression: column(`corm_order_${i + 1}`) })),
  }
}

export function writeVectorIndex(node: CreateIndexNode, out: SqlWriter): void {
  if (node.vector === null) return
  const { metric, settings } = node.vector
  const dimensions = node.types?.[0]?.length ?? 0
  if (dimensions > MOST)
    throw new UnsupportedError(
      `An index over a vector of ${dimensions} dimensions`,
      'pgvector',
      `It takes up to ${MOST}. Leave the index out: the search is exact then, and reads every row.`,
    )
  out.write('create index ').identifier(node.name).write(' on ').identifier(node.table)
  out.write(` using ${node.method} (`).identifiers(node.columns).write(` ${CLASSES[metric]})`)
  if (settings.length > 0) out.write(` with (${settings.map(([name, value]) => `${name} = ${value}`).join(', ')})`)
}
