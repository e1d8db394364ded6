import type { DataType, ValueType } from '../ast/data-type.js'
import type { MadeDefault } from '../ast/definition.js'
import type { ColumnNode, ExpressionNode, ListNode, ParameterNode } from '../ast/expression.js'
import { UsageError } from '../errors.js'
import { listIn } from '../util/expect.js'
import type { Codec } from './codec.js'
import { Frames } from './frames.js'
import type { Node, NodeOf } from './node.js'

export type { Node, NodeOf }

/** One handler per node kind: a kind without one is a type error. */
export type Handlers = { readonly [K in Node['kind']]: (node: NodeOf<K>, out: SqlWriter) => void }

/** One placeholder (or, for a spread list, a run of them) of a compiled statement. */
export interface Binding {
  /** Whose value goes here: plans find the slot by this object. */
  readonly node: ParameterNode | ListNode
  readonly encode: (value: unknown) => unknown
  /** Set for a list bound as that many single placeholders, the last value repeated. */
  readonly spread: number | null
}

export interface SqlSyntax {
  quote(name: string): string
  /** `index` counts from 1. */
  placeholder(index: number): string
  codec(type: ValueType): Codec
  /** Binds a value that no field describes, by its JavaScript type. */
  encodeUntyped(value: unknown): unknown
  /** An encoded value as SQL text, for DDL (which takes no parameters) and for people. */
  literal(value: unknown): string
  /** SQL of a default of a column of this type. */
  madeDefault(made: MadeDefault, type: DataType): string
  /** The text of a true or false condition. */
  truth(value: boolean): string
}

/** Collects SQL text and bindings; handlers write to it. SQL is made here once and never scanned again. */
export class SqlWriter {
  sql = ''
  readonly bindings: Binding[] = []
  /** The statements and selects around what is being written. */
  readonly frames = new Frames()
  #placeholders = 0
  /** SQL that the user wrote is part of it. */
  hasOwnSql = false
  /** The statement changes settings of the session, until its transaction ends. */
  changesSettings = false

  constructor(
    readonly syntax: SqlSyntax,
    readonly handlers: Handlers,
    /** How many values each list of this execution has; lists that are spread need it. */
    readonly listSize: (node: ListNode) => number,
    /** Set: values are written into the text instead of being bound; it gives the value (or values) of a node. */
    readonly inline: ((node: ParameterNode | ListNode) => unknown) | null = null,
  ) {}

  write(text: string): this {
    this.sql += text
    return this
  }

  node(node: Node): this {
    if (this.sql.length > LONGEST && this.inline === null) refuseLength()
    if (node.kind === 'raw' && node.ours !== true) this.hasOwnSql = true
    const entered = this.frames.enter(node)
    ;(this.handlers[node.kind] as (node: Node, out: SqlWriter) => void)(node, this)
    if (entered !== null) this.frames.leave(entered)
    return this
  }

  /** The name that stands before a column; null: none is needed. */
  qualifier(node: ColumnNode): string | null {
    return this.frames.qualifier(node)
  }

  nodes(nodes: readonly Node[], separator = ', '): this {
    for (const [i, node] of nodes.entries()) {
      if (i > 0) this.sql += separator
      this.node(node)
    }
    return this
  }

  /** An operand that binds tighter than anything around it. */
  operand(node: ExpressionNode): this {
    return SIMPLE.has(node.kind) ? this.node(node) : this.write('(').node(node).write(')')
  }

  /** In brackets where a minus begins it: `- -1` without its blank begins a comment, and `-1::int` is `-(1::int)`. */
  #literal(value: unknown): string {
    const text = this.syntax.literal(value)
    return text.startsWith('-') ? `(${text})` : text
  }

  identifier(name: string): this {
    this.sql += this.syntax.quote(name)
    return this
  }

  identifiers(names: readonly string[]): this {
    this.sql += names.map((name) => this.syntax.quote(name)).join(', ')
    return this
  }

  bind(node: ParameterNode | ListNode, encode: (value: unknown) => unknown): this {
    if (this.inline !== null) {
      this.sql += this.#literal(encode(this.inline(node)))
      return this
    }
    this.bindings.push({ node, encode, spread: null })
    this.sql += this.syntax.placeholder(++this.#placeholders)
    return this
  }

  /** `wrap` is what stands around each placeholder: a cast. */
  bindSpread(node: ListNode, encode: (value: unknown) => unknown, count: number, wrap = (sql: string) => sql): this {
    if (this.inline !== null) {
      this.sql += listIn(this.inline(node))
        .map((value) => wrap(this.#literal(encode(value))))
        .join(', ')
      return this
    }
    this.bindings.push({ node, encode, spread: count })
    for (let i = 0; i < count; i++)
      this.sql += (i === 0 ? '' : ', ') + wrap(this.syntax.placeholder(++this.#placeholders))
    return this
  }
}

/** Characters of a text whose values are bound: as many as servers take, and far from what JavaScript holds in one. */
const LONGEST = 2 ** 24

function refuseLength(): never {
  throw new UsageError(
    `The statement is longer than ${LONGEST / 2 ** 20} MB. Some functions write their operand several times: nested in each other they make it longer with each level. Compute in steps, by from() or in the program.`,
  )
}

const SIMPLE = new Set<Node['kind']>([
  'tuple',
  'column',
  'parameter',
  'call',
  'json',
  'identifier',
  'incoming',
  'subquery',
  'case',
  'cast',
])
