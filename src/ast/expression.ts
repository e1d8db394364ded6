import type { VectorMetric } from '../types/call-options.js'
import type { DateUnit } from '../types/expression.js'
import type { ValueType } from './data-type.js'
import type { Arguments, Counted, DatePart, FunctionName } from './function.js'
import type {
  AnnotationNode,
  ColumnNode,
  IdentifierNode,
  IncomingNode,
  ListNode,
  MatchNode,
  ObjectNode,
  ParameterNode,
  TruthNode,
} from './leaf.js'
import type { LockNode } from './lock.js'
import type { TableNode, TableScope } from './table.js'
import type { VectorIndexUse } from './vector.js'

export type * from './function.js'
export type * from './leaf.js'

export type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>='
export interface ComparisonNode {
  readonly kind: 'comparison'
  readonly operator: Comparator
  readonly left: ExpressionNode
  readonly right: ExpressionNode
}

export interface LogicNode {
  readonly kind: 'logic'
  readonly operator: 'and' | 'or'
  readonly items: readonly ExpressionNode[]
}

export interface NotNode {
  readonly kind: 'not'
  readonly item: ExpressionNode
}

export interface NullTestNode {
  readonly kind: 'nullTest'
  readonly operand: ExpressionNode
  readonly negated: boolean
}

export interface InNode {
  readonly kind: 'in'
  readonly operand: ExpressionNode
  readonly list: ListNode | SelectNode
  readonly negated: boolean
}

export interface BetweenNode {
  readonly kind: 'between'
  readonly operand: ExpressionNode
  readonly low: ExpressionNode
  readonly high: ExpressionNode
  readonly negated: boolean
}

/** `like` takes a pattern as written. The other modes take a literal text, whose wildcards are escaped when it is bound. */
export type PatternMode = 'like' | 'contains' | 'startsWith' | 'endsWith'
export interface PatternNode {
  readonly kind: 'pattern'
  readonly mode: PatternMode
  readonly operand: ExpressionNode
  readonly pattern: ExpressionNode
  readonly insensitive: boolean
  readonly negated: boolean
}

export interface RegexNode {
  readonly kind: 'regex'
  readonly operand: ExpressionNode
  readonly pattern: ExpressionNode
  readonly insensitive: boolean
}

export interface ArithmeticNode {
  readonly kind: 'arithmetic'
  readonly operator: '+' | '-' | '*' | '/' | '%'
  readonly left: ExpressionNode
  readonly right: ExpressionNode
  /** The type of the result; undefined means that of the first operand with a type. */
  readonly type: ValueType | null | undefined
}

export interface ConcatNode {
  readonly kind: 'concat'
  readonly items: readonly ExpressionNode[]
}

/** Values that are compared together, such as a composite key. */
export interface TupleNode {
  readonly kind: 'tuple'
  readonly items: readonly ExpressionNode[]
}

/** The offset from the current row, negative for rows before it; null means unbounded. */
export type FrameEnd = number | null

/** `over (…)`: the rows that an aggregate or window function uses for a row. */
export interface WindowFrame {
  readonly partitionBy: readonly ExpressionNode[]
  readonly orderBy: readonly OrderNode[]
  readonly rows: readonly [from: FrameEnd, to: FrameEnd] | null
}

/** A function call. Only a few functions have a `Unit` or `Count`. */
export interface FunctionCall<Name extends FunctionName, Unit = undefined, Count = undefined> {
  readonly kind: 'call'
  readonly name: Name
  readonly args: Arguments<ExpressionNode, ParameterNode>[Name]
  readonly distinct: boolean
  /** The type of the result; null means the driver's value is returned unchanged. */
  readonly type: ValueType | null
  /** An aggregate uses only the rows that match it. */
  readonly filter: ExpressionNode | undefined
  /** The separator of `groupConcat`. It is part of the SQL text, because some databases only take a literal. */
  readonly separator: string | undefined
  /** The order in which `groupConcat` joins its values. */
  readonly orderBy: readonly OrderNode[] | undefined
  /** The unit of a date function. */
  readonly unit: Unit
  /** The time zone of a date function. Undefined is UTC. It is part of the SQL text: there are only a few hundred. */
  readonly zone: string | undefined
  /** A number that is part of the SQL text: rows of `lag` and `ntile`, digits of `round`, steps of a JSON path. */
  readonly count: Count
  readonly over: WindowFrame | undefined
}

/** A call of one of the named functions; by default of any function. */
export type CallNode<Name extends FunctionName = FunctionName> = Name extends 'datePart'
  ? FunctionCall<Name, DatePart>
  : Name extends 'dateTruncate'
    ? FunctionCall<Name, DateUnit>
    : Name extends Counted
      ? FunctionCall<Name, undefined, number>
      : Name extends FunctionName
        ? FunctionCall<Name>
        : never

/** `case when … then … else … end`. */
export interface CaseNode {
  readonly kind: 'case'
  readonly branches: readonly { readonly when: ExpressionNode; readonly value: ExpressionNode }[]
  readonly otherwise: ExpressionNode | null
  readonly type: ValueType | null
}

/** Whether an array, or a list at a place in JSON, contains a value. NULL if there is no list. */
export interface MemberNode {
  readonly kind: 'member'
  readonly operand: ExpressionNode
  /** Its type is that of an element; in JSON it is a text, a float or a boolean. */
  readonly item: ParameterNode
}

/** The distance between a row's vector and a given one, rounded so that all databases return the same. */
export interface DistanceNode {
  readonly kind: 'distance'
  readonly metric: VectorMetric
  readonly operand: ExpressionNode
  readonly vector: ParameterNode
  /** Null means that rows are compared one by one. */
  readonly index: VectorIndexUse | null
  /** In ORDER BY, the alias of the same distance in the result. */
  readonly alias: string | null
  readonly type: ValueType
}

export type CastTarget = 'integer' | 'bigInteger' | 'float' | 'text' | 'date'
export interface CastNode {
  readonly kind: 'cast'
  readonly operand: ExpressionNode
  /**
   * `decimal` converts a float for use next to decimals. `decimalKey` is a text that sorts as the decimal does, for
   * dialects that store decimals as text. `longText` has room for longer texts than the column.
   */
  readonly to: CastTarget | 'decimal' | 'decimalKey' | 'longText'
  readonly type: ValueType
}

/** The type expected at a path in a JSON document; a value of another type is NULL. */
export type JsonAs = 'json' | 'text' | 'number' | 'boolean'

/** A path into a JSON document; an empty one is the whole document. A missing value and JSON null are both NULL. */
export interface JsonNode {
  readonly kind: 'json'
  readonly operand: ExpressionNode
  /** One parameter with all steps. A text is exactly one key, a number an index. */
  readonly path: ParameterNode
  readonly steps: readonly ('key' | 'index')[]
  readonly as: JsonAs
  readonly type: ValueType
}

export interface SubqueryNode {
  readonly kind: 'subquery'
  readonly query: SelectNode
}

export interface ExistsNode {
  readonly kind: 'exists'
  readonly query: SelectNode
}

/**
 * An aggregate for dialects with `jsonRows`. It returns all rows as one JSON text: each row is a list of its values, or
 * its only value.
 */
export interface JsonRowsNode {
  readonly kind: 'jsonRows'
  readonly items: readonly SelectionNode[]
}

/** SQL written by the user, or by corm (`ours`): texts with nodes between them. */
export interface RawNode {
  readonly kind: 'raw'
  readonly texts: readonly string[]
  readonly nodes: readonly ExpressionNode[]
  /** The text was made at run time, so the statement is compiled each time and not kept prepared. */
  readonly dynamic: boolean
  readonly ours: true | undefined
  /** The user's own text holds a query. */
  readonly reads: boolean | undefined
}

export interface OrderNode {
  readonly kind: 'order'
  readonly expression: ExpressionNode
  /** Null if the expression contains the direction itself. */
  readonly direction: 'asc' | 'desc' | null
  readonly nulls: 'first' | 'last' | null
}

export type ExpressionNode =
  | ColumnNode
  | ParameterNode
  | ListNode
  | MemberNode
  | ComparisonNode
  | LogicNode
  | NotNode
  | NullTestNode
  | InNode
  | BetweenNode
  | PatternNode
  | RegexNode
  | ArithmeticNode
  | ConcatNode
  | TupleNode
  | CallNode
  | CaseNode
  | CastNode
  | DistanceNode
  | MatchNode
  | JsonNode
  | ObjectNode
  | SubqueryNode
  | ExistsNode
  | JsonRowsNode
  | RawNode
  | IdentifierNode
  | AnnotationNode
  | IncomingNode
  | TruthNode

// expressions contain selects and selects contain expressions, so both are in one file

export type { LockNode, TableNode, TableScope }

export interface DerivedTableNode {
  readonly kind: 'derivedTable'
  readonly query: SelectNode | CompoundNode
  readonly alias: string
}

/** What a FROM clause or a join reads. */
export type TableSource = TableNode | DerivedTableNode

export type JoinType = 'inner' | 'left' | 'right' | 'full'
export interface JoinNode {
  readonly kind: 'join'
  readonly type: JoinType
  readonly source: TableSource
  readonly on: ExpressionNode
}

export type CompoundOperator = 'union' | 'unionAll' | 'intersect' | 'except'
/** Several selects combined into one list of rows. The operands have the same columns. */
export interface CompoundNode {
  readonly kind: 'compound'
  readonly operator: CompoundOperator
  readonly operands: readonly SelectNode[]
}

/** A common table expression. */
export interface CteNode {
  readonly kind: 'cte'
  readonly name: string
  readonly query: SelectNode | CompoundNode
  readonly recursive: boolean
}

/** One column of a result. `type` decides how it is read. */
export interface SelectionNode {
  readonly kind: 'selection'
  readonly expression: ExpressionNode
  readonly alias: string | null
  readonly type: ValueType | null
}

/** A limit or offset. It is a checked integer that is written into the text, or bound if there are too many different ones. */
export type CountNode = number | ParameterNode

export interface SelectNode {
  readonly kind: 'select'
  readonly ctes: readonly CteNode[] | undefined
  readonly selections: readonly SelectionNode[]
  readonly from: TableSource | null
  readonly joins: readonly JoinNode[] | undefined
  readonly distinct: boolean
  readonly where: ExpressionNode | null
  readonly groupBy: readonly ExpressionNode[]
  readonly having: ExpressionNode | null
  readonly orderBy: readonly OrderNode[]
  readonly limit: CountNode | null
  readonly offset: CountNode | null
  readonly lock: LockNode | null | undefined
}

/** A clause of a select. */
export type Clause = Exclude<keyof SelectNode, 'kind'>

/** What a clause can hold. */
interface Holds {
  readonly node: ExpressionNode | null
  readonly nodes: readonly ExpressionNode[]
  readonly items: readonly (SelectionNode | OrderNode)[]
  readonly count: CountNode | null
  readonly flag: boolean
  readonly source: SelectNode['from']
  readonly joins: SelectNode['joins']
  readonly ctes: SelectNode['ctes']
  readonly lock: SelectNode['lock']
}

export type Hold = keyof Holds
type HoldOf<T> = { [H in Hold]: [T] extends [Holds[H]] ? H : never }[Hold]

/** What each clause holds. Code that visits, copies or compares selects follows this table, so a new clause is a line here. */
const CLAUSES = {
  ctes: 'ctes',
  selections: 'items',
  from: 'source',
  joins: 'joins',
  distinct: 'flag',
  where: 'node',
  groupBy: 'nodes',
  having: 'node',
  orderBy: 'items',
  limit: 'count',
  offset: 'count',
  lock: 'lock',
} as const satisfies { readonly [C in Clause]: HoldOf<SelectNode[C]> }

export type ClauseWith<H extends Hold> = { [C in Clause]: (typeof CLAUSES)[C] extends H ? C : never }[Clause]

/** The clauses that hold this. */
export const clausesWith = <H extends Hold>(hold: H): readonly ClauseWith<H>[] =>
  (Object.keys(CLAUSES) as ClauseWith<H>[]).filter((clause) => CLAUSES[clause] === hold)

/** A select without anything in it. */
export const SELECT: SelectNode = Object.freeze({
  kind: 'select',
  ctes: undefined,
  selections: [],
  from: null,
  joins: undefined,
  distinct: false,
  where: null,
  groupBy: [],
  having: null,
  orderBy: [],
  limit: null,
  offset: null,
  lock: undefined,
})
