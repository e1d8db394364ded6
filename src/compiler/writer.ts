import type { DataType, Languages, ValueType } from '../ast/data-type.js'
import type { MadeDefault } from '../ast/definition.js'
import type { ColumnNode, ExpressionNode, ListNode, ParameterNode } from '../ast/expression.js'
import { UsageError } from '../errors.js'
import { listIn } from '../util/expect.js'
import { withoutSecret } from '../util/secrets.js'
import type { Codec } from './codec.js'
import { Frames } from './frames.js'
import type { Node, NodeOf } from './node.js'
import { UsedColumns } from './used-columns.js'

export type { Node, NodeOf }

/** One handler per node kind; a missing one is a type error. */
export type Handlers = { readonly [K in Node['kind']]: (node: NodeOf<K>, out: SqlWriter) => void }

/** One placeholder (or, for a spread list, a run of them) of a compiled statement. */
export interface Binding {
  /** The node whose value is bound here. Plans find the position by the identity of this object. */
  readonly node: ParameterNode | ListNode
  readonly encode: (value: unknown) => unknown
  /** The number of placeholders if a list is bound as single ones, with the last value repeated; else null. */
  readonly spread: number | null
}

export interface SqlSyntax {
  quote(name: string): string
  /** `index` counts from 1. */
  placeholder(index: number): string
  codec(type: ValueType): Codec
  /** Encodes a value without a field by its JavaScript type. */
  encodeUntyped(value: unknown): unknown
  /** An encoded value as an SQL literal, for DDL (which takes no parameters) and for showing SQL. */
  literal(value: unknown): string
  /** SQL for a default that the database generates, for a column of this type. */
  madeDefault(made: MadeDefault, type: DataType): string
  /** SQL for a condition that is always true or always false. */
  truth(value: boolean): string
}

/** Collects SQL text and bindings. Handlers write to it, and the text is never parsed again. */
export class SqlWriter {
  sql = ''
  readonly bindings: Binding[] = []
  /** The statements and selects around the current position. */
  readonly frames = new Frames()
  #placeholders = 0
  readonly used = new UsedColumns()
  /** The statement contains raw SQL of the user. */
  hasRawSql = false
  /** The translated fields of the statement, whose columns are in the order of the current language. */
  readonly languages = new Set<Languages>()
  /** The statement changes settings of the session until its transaction ends. */
  changesSettings = false
  /** The functions of corm's own that it calls, which only a connection of corm has. */
  readonly ownFunctions = new Set<string>()

  constructor(
    readonly syntax: SqlSyntax,
    readonly handlers: Handlers,
    /** Returns the number of values in a list, for lists that are bound as single placeholders. */
    readonly listSize: (node: ListNode) => number,
    /** If set, values are written into the text instead of being bound; it returns the value or values of a node. */
    readonly inline: ((node: ParameterNode | ListNode) => unknown) | null = null,
  ) {}

  write(text: string): this {
    this.sql += text
    return this
  }

  /** Begins a call of a function that corm's connections have, and other programs lack: its name and a bracket. */
  callOwn(name: string): this {
    this.ownFunctions.add(name)
    return this.write(`${name}(`)
  }

  node(node: Node): this {
    if (this.sql.length > LONGEST && this.inline === null) refuseLength()
    if (node.kind === 'raw' && node.ours !== true) this.hasRawSql = true
    const entered = this.frames.enter(node)
    this.used.note(node, this.frames)
    ;(this.handlers[node.kind] as (node: Node, out: SqlWriter) => void)(node, this)
    if (entered !== null) this.frames.leave(entered)
    return this
  }

  /** The qualifier of a column; null if none is needed. */
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

  /** Writes an operand, in brackets unless it binds tighter than any operator. */
  operand(node: ExpressionNode): this {
    return SIMPLE.has(node.kind) ? this.node(node) : this.write('(').node(node).write(')')
  }

  /** Writes a negative literal in brackets, because `--1` would begin a comment and `-1::int` means `-(1::int)`. */
  #literal(value: unknown): string {
    const text = this.syntax.literal(withoutSecret(value))
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

  /** `wrap` writes the SQL around each placeholder, such as a cast. */
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

/** The longest SQL text in characters: about what servers accept, and well below the limit of a JavaScript string. */
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
