import { memo } from '../util/memo.js'
import { unhandled } from '../util/unhandled.js'
import {
  type CallNode,
  type ColumnNode,
  clausesWith,
  type ExpressionNode,
  type ListNode,
  type OrderNode,
  type ParameterNode,
} from './expression.js'
import type { CompoundNode, CteNode, SelectionNode, SelectNode, TableNode, TableSource } from './statement.js'

/** The structure of a statement: what it shares with statements that differ only in values, and where those values are. */
export interface Structure {
  /** Equal for trees with the same structure. Null if the tree contains text made at run time, which is not worth caching. */
  readonly key: string | null
  readonly parameters: (ParameterNode | ListNode)[]
  /** The queries that return a value for each row. */
  readonly selects: readonly SelectNode[]
}

/** Ids of value types and template texts. They are weakly held, because their owners keep these objects. */
const numbers = new WeakMap<object, number>()
let lastNumber = 0
const nextNumber = (): number => ++lastNumber

export function numberOf(object: object): number {
  return memo(numbers, object, nextNumber)
}

export function structureOf(nodes: readonly (ExpressionNode | OrderNode | SelectNode)[]): Structure {
  const walk = new StructureWalk()
  for (const node of nodes) walk.node(node)
  return { key: walk.dynamic ? null : walk.key, parameters: walk.parameters, selects: walk.selects }
}

const FLAGS = clausesWith('flag')
const NODES = clausesWith('node')
const LISTS = clausesWith('nodes')
const ITEMS = clausesWith('items')
const COUNTS = clausesWith('count')

class StructureWalk {
  key = ''
  dynamic = false
  readonly parameters: (ParameterNode | ListNode)[] = []
  readonly selects: SelectNode[] = []
  readonly #places = new Map<object, number>()

  node(node: ExpressionNode | OrderNode | SelectNode): void {
    this.key += `${node.kind}(`
    this.#inner(node)
    this.key += ')'
  }

  #nodes(nodes: readonly (ExpressionNode | OrderNode)[]): void {
    for (const node of nodes) this.node(node)
  }

  /** The same expression used twice is one value in two positions. That is another structure than two values. */
  #parameter(node: ParameterNode | ListNode): void {
    const place = this.#places.get(node)
    if (place !== undefined) {
      this.#word(`same${place}`)
      return
    }
    this.#places.set(node, this.parameters.length)
    this.parameters.push(node)
    this.#type(node.type)
  }

  #optional(node: ExpressionNode | null | undefined): void {
    if (node === null || node === undefined) this.#word(null)
    else this.node(node)
  }

  #word(...words: (string | number | boolean | null)[]): void {
    for (const word of words) this.key += typeof word === 'string' ? `${word.length}:${word};` : `${word};`
  }

  #type(type: object | null): void {
    this.#word(type === null ? null : numberOf(type))
  }

  #inner(node: ExpressionNode | OrderNode | SelectNode): void {
    switch (node.kind) {
      case 'column':
        this.#word(node.table, node.name)
        this.#place(node)
        if (node.path !== undefined) this.#word(...node.path, node.path.length)
        return this.#type(node.type)
      case 'parameter':
      case 'list':
        return this.#parameter(node)
      case 'comparison':
      case 'arithmetic':
        this.#word(node.operator)
        return this.#nodes([node.left, node.right])
      case 'logic':
        this.#word(node.operator, node.items.length)
        return this.#nodes(node.items)
      case 'not':
        return this.node(node.item)
      case 'nullTest':
        this.#word(node.negated)
        return this.node(node.operand)
      case 'in':
        this.#word(node.negated)
        this.node(node.operand)
        return this.node(node.list)
      case 'between':
        this.#word(node.negated)
        return this.#nodes([node.operand, node.low, node.high])
      case 'pattern':
        this.#word(node.mode, node.insensitive, node.negated)
        return this.#nodes([node.operand, node.pattern])
      case 'regex':
        this.#word(node.insensitive)
        return this.#nodes([node.operand, node.pattern])
      case 'member':
        return this.#nodes([node.operand, node.item])
      case 'concat':
      case 'tuple':
        this.#word(node.items.length)
        return this.#nodes(node.items)
      case 'call':
        return this.#call(node)
      case 'case':
        this.#word(node.branches.length)
        this.#type(node.type)
        for (const { when, value } of node.branches) this.#nodes([when, value])
        return this.#optional(node.otherwise)
      case 'cast':
        this.#word(node.to)
        return this.node(node.operand)
      case 'distance':
        this.#word(node.metric, node.index?.method ?? null, node.index?.effort ?? null, node.alias)
        return this.#nodes([node.operand, node.vector])
      case 'match':
        this.#word(node.of, node.prefix, numberOf(node.index))
        return this.#nodes([node.words, ...node.key, node.search])
      case 'json':
        this.#word(node.as, node.steps.join())
        return this.#nodes([node.operand, node.path])
      case 'object':
        // it will be refused when it is compiled
        this.dynamic = true
        return
      case 'subquery':
      case 'exists':
        this.selects.push(node.query)
        return this.node(node.query)
      case 'jsonRows':
        this.#word(node.items.length)
        for (const item of node.items) this.#selection(item)
        return
      case 'raw':
        this.dynamic ||= node.dynamic
        this.#word(numberOf(node.texts))
        return this.#nodes(node.nodes)
      case 'identifier':
        return this.#word(...node.path, node.path.length)
      case 'annotation':
        this.#word(node.name)
        this.#place(node)
        return this.#type(node.type)
      case 'incoming':
        this.#word(node.column)
        return this.#type(node.type)
      case 'truth':
        return this.#word(node.value)
      case 'order':
        this.#word(node.direction, node.nulls)
        return this.node(node.expression)
      case 'select':
        return this.#select(node)
      default:
        return unhandled(node)
    }
  }

  #place({ level, scope }: Pick<ColumnNode, 'level' | 'scope'>): void {
    if (level !== undefined || scope !== undefined) this.#word('at', level ?? null, scope ?? null)
  }

  #call(node: CallNode): void {
    this.#word(node.name, node.distinct, node.args.length, node.separator ?? null, node.unit ?? null, node.zone ?? null)
    this.#word(node.count ?? null)
    this.#type(node.type)
    this.#nodes(node.args)
    this.#optional(node.filter)
    this.#word(node.orderBy?.length ?? null)
    this.#nodes(node.orderBy ?? [])
    if (node.over === undefined) return this.#word(null)
    const { partitionBy, orderBy, rows } = node.over
    this.#word(partitionBy.length, orderBy.length, ...(rows ?? ['']))
    this.#nodes(partitionBy)
    this.#nodes(orderBy)
  }

  #select(node: SelectNode): void {
    for (const name of FLAGS) this.#word(node[name])
    for (const cte of node.ctes ?? []) {
      this.#word('with', cte.name, cte.recursive)
      this.#source(cte)
    }
    if (node.from !== null) this.#source(node.from)
    for (const join of node.joins ?? []) {
      this.#word('join', join.type)
      this.#source(join.source)
      this.node(join.on)
    }
    for (const name of ITEMS) {
      this.#word(node[name].length)
      for (const item of node[name]) {
        if (item.kind === 'selection') this.#selection(item)
        else this.node(item)
      }
    }
    for (const name of NODES) this.#optional(node[name])
    for (const name of LISTS) {
      this.#word(node[name].length)
      this.#nodes(node[name])
    }
    for (const name of COUNTS) {
      const count = node[name]
      if (count === null || typeof count === 'number') this.#word(count)
      else this.node(count)
    }
    this.#word(node.lock?.mode ?? null, node.lock?.held ?? null, ...(node.lock?.of ?? []))
  }

  #source(node: TableSource | CteNode): void {
    if (node.kind === 'table') return this.#table(node)
    if (node.kind === 'derivedTable') this.#word(node.alias)
    this.#rows(node.query)
  }

  #table({ name, alias, meta, scope }: TableNode): void {
    this.#word(name, alias)
    if (meta !== undefined) this.#type(meta)
    if (scope !== undefined) this.#word(scope.trashed, ...scope.lifted, scope.lifted.length)
  }

  #rows(node: SelectNode | CompoundNode): void {
    if (node.kind === 'select') return this.node(node)
    this.#word(node.operator, node.operands.length)
    for (const operand of node.operands) this.node(operand)
  }

  #selection(node: SelectionNode): void {
    this.#word(node.alias)
    this.#type(node.type)
    this.node(node.expression)
  }
}
