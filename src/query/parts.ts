import type { ValueType } from '../ast/data-type.js'
import type { ExpressionNode, OrderNode } from '../ast/expression.js'
import type { CountNode } from '../ast/statement.js'
import type { ModelMetadata } from '../metadata/metadata.js'
import type { ModelField } from '../metadata/model-field.js'
import { type Ending, endingOf } from './ending.js'
import { addNamed } from './named.js'
import { defaultOrder, keyOrder, reversed } from './order.js'
import type { GroupKey, Shape, StepPart } from './shape.js'

/** A query's steps, gathered. */
export interface Parts extends Ending {
  groups: ExpressionNode[][]
  around: ExpressionNode[]
  chosen: Set<ModelField> | null
  needed: Set<ModelField>
  distinct: boolean
  order: OrderNode[]
  reversed: boolean
  ordered: boolean
  limit: CountNode | null
  offset: CountNode | null
  groupBy: GroupKey[]
  having: ExpressionNode[][]
  named: Map<string, ExpressionNode>
  types: Map<string, ValueType | null>
  chosenNames: readonly string[]
  perParent: ModelField | null
  everyRow: boolean
  terminal: StepPart | null
}

/** Puts the steps of a query together. */
export function gather(meta: ModelMetadata, shape: Shape): Parts {
  const steps = shape.steps()
  const parts: Parts = {
    groups: [[]],
    around: [],
    chosen: null,
    needed: new Set(),
    distinct: false,
    order: [],
    reversed: false,
    ordered: false,
    limit: null,
    offset: null,
    groupBy: [],
    having: [[]],
    named: new Map(),
    types: new Map(),
    chosenNames: [],
    perParent: null,
    everyRow: false,
    terminal: null,
    ...endingOf(steps),
  }
  for (const { part } of steps) if (part.kind !== 'lock' && part.kind !== 'comment') add(meta, parts, part)
  if (!parts.ordered && parts.groupBy.length === 0) parts.order = defaultOrder(meta)
  if (parts.reversed) parts.order = (parts.order.length > 0 ? parts.order : keyOrder(meta)).map(reversed)
  return parts
}

const chosen = (meta: ModelMetadata, parts: Parts) =>
  parts.chosen === null ? meta.fields.filter((field) => !field.lazy) : [...parts.chosen]

/** Groups are joined by OR, what is in one by AND. */
function addTo(groups: ExpressionNode[][], { node, or }: { node: ExpressionNode; or: boolean }): void {
  if (or && (groups.at(-1) as ExpressionNode[]).length > 0) groups.push([])
  ;(groups.at(-1) as ExpressionNode[]).push(node)
}

function add(meta: ModelMetadata, parts: Parts, part: StepPart): void {
  switch (part.kind) {
    case 'where':
      addTo(parts.groups, part)
      break
    case 'around':
      parts.around.push(part.node)
      break
    case 'select':
      Object.assign(parts, { chosen: new Set(part.fields), chosenNames: part.names })
      break
    case 'annotate':
      addNamed(parts.named, part.items)
      for (const { node } of part.items) parts.types.set(node.name, node.type)
      break
    case 'having':
      addTo(parts.having, part)
      break
    case 'omit':
      parts.chosen = new Set(chosen(meta, parts).filter((field) => !part.fields.includes(field)))
      break
    case 'selectAll':
      parts.chosen = new Set(meta.fields)
      break
    case 'needs':
      for (const field of part.fields) parts.needed.add(field)
      break
    case 'distinct':
      parts.distinct = part.on
      break
    case 'order':
      parts.order.push(...part.items)
      parts.ordered = true
      break
    case 'reorder':
      Object.assign(parts, { order: [], ordered: true })
      break
    case 'reverse':
      parts.reversed = true
      break
    case 'slice':
      Object.assign(parts, { order: [...part.order], ordered: true, reversed: false, limit: null, offset: null })
      break
    case 'limit':
      parts.limit = part.count
      break
    case 'offset':
      parts.offset = part.count
      break
    case 'groupBy':
      parts.groupBy.push(...part.keys)
      break
    case 'perParent':
      parts.perParent = part.key
      break
    case 'all':
      parts.everyRow = true
      break
    default:
      parts.terminal = part
  }
}
