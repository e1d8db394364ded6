import type { ValueType } from './data-type.js'
import type { Arguments, Counted, DatePart, DateUnit, FunctionName } from './function.js'
import type { TableNode, TableScope } from './table.js'

export type {
  AggregateName,
  DateFunction,
  DatePart,
  DateUnit,
  FunctionName,
  JsonFunction,
  NumberFunction,
  TextFunction,
  WindowName,
} from './function.js'

/** A column; `table` is the name or alias of its table, or null for the table that the select around it is over. */
export interface ColumnNode {
  readonly kind: 'column'
  readonly table: string | null
  readonly name: string
  /** Decides how values compared with it are checked and bound, and how it is read. */
  readonly type: ValueType | null
  /** Of the table of a select further out, so many levels up. Left out: of the select it stands in. */
  readonly level: number | undefined
  /** Handed to the callback of this depth, which is still running. */
  readonly scope: number | undefined
  /** The path leads to many rows. */
  readonly wide: boolean | undefined
  /** Relations that lead to its table, each to one row; they become joins when the statement is made. */
  readonly path: readonly string[] | undefined
}

/** A bound value. Nodes are distinguished by identity: a compiled plan knows its parameters by these objects. */
export interface ParameterNode {
  readonly kind: 'parameter'
  readonly type: ValueType | null
  readonly value: unknown
}

/** A list of bound values, for IN; the dialect binds it as an array, as JSON or as single placeholders. */
export interface ListNode {
  readonly kind: 'list'
  readonly type: ValueType | null
  readonly values: readonly unknown[]
}

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

/** `like` takes a pattern as it is; the other three a literal text whose wildcards are escaped when bound. */
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
  /** What the result is; undefined: the same as its first operand that has a type. */
  readonly type: ValueType | null | undefined
}

export interface ConcatNode {
  readonly kind: 'concat'
  readonly items: readonly ExpressionNode[]
}

/** Values that are compared as one: a key of several columns. */
export interface TupleNode {
  readonly kind: 'tuple'
  readonly items: readonly ExpressionNode[]
}

/** Rows from the current one: before it below 0; null: all there are. */
export type FrameEnd = number | null

/** `over (…)`: which rows an aggregate or window function sees from a row. */
export interface WindowFrame {
  readonly partitionBy: readonly ExpressionNode[]
  readonly orderBy: readonly OrderNode[]
  readonly rows: readonly [from: FrameEnd, to: FrameEnd] | null
}

/** The call of a function; `Unit` and `Count` are of the few that have them. */
export interface Call<Name extends FunctionName, Unit = undefined, Count = undefined> {
  readonly kind: 'call'
  readonly name: Name
  readonly args: Arguments<ExpressionNode, ParameterNode>[Name]
  readonly distinct: boolean
  /** What the result is read as; null: as the driver gives it. */
  readonly type: ValueType | null
  /** An aggregate takes only the rows that meet it. */
  readonly filter: ExpressionNode | undefined
  /** What `groupConcat` writes between two texts: part of the form, as some databases take a literal only. */
  readonly separator: string | undefined
  /** A date function's. */
  readonly unit: Unit
  /** A number that is part of the form: rows of `lag` and `ntile`, digits of `round`, steps of a JSON path. */
  readonly count: Count
  readonly over: WindowFrame | undefined
}

/** A call of one of these functions, or of any. */
export type CallNode<Name extends FunctionName = FunctionName> = Name extends 'datePart'
  ? Call<Name, DatePart>
  : Name extends 'dateTruncate'
    ? Call<Name, DateUnit>
    : Name extends Counted
      ? Call<Name, undefined, number>
      : Name extends FunctionName
        ? Call<Name>
        : never

/** `case when … then … else … end`. */
export interface CaseNode {
  readonly kind: 'case'
  readonly branches: readonly { readonly when: ExpressionNode; readonly value: ExpressionNode }[]
  readonly otherwise: ExpressionNode | null
  readonly type: ValueType | null
}

/** How far two vectors are from each other; `dot` is their product with its sign changed, so that the nearest come first. */
export type VectorMetric = 'cosine' | 'euclidean' | 'dot'

/** The index that a search may use. `effort`: how many candidates (hnsw) or lists (ivfflat) it looks at; null: as the session says. */
export interface VectorIndexUse {
  readonly method: 'hnsw' | 'ivfflat'
  readonly effort: number | null
}

/** How far the vector of a row is from a given one, rounded such that all databases give the same. */
export interface DistanceNode {
  readonly kind: 'distance'
  readonly metric: VectorMetric
  readonly operand: ExpressionNode
  readonly vector: ParameterNode
  /** Null: rows are compared one by one. */
  readonly index: VectorIndexUse | null
  /** In ORDER BY: the name that the result has it under. */
  readonly alias: string | null
  readonly type: ValueType
}

/** What a value can be cast to. */
export type CastTarget = 'integer' | 'bigInteger' | 'float' | 'text' | 'date'
export interface CastNode {
  readonly kind: 'cast'
  readonly operand: ExpressionNode
  /**
   * `decimal`: a float by its digits, next to decimals. A `decimalKey` is a text that sorts as the decimal does, for dialects that
   * keep decimals as text.
   */
  readonly to: CastTarget | 'decimal' | 'decimalKey'
  readonly type: ValueType
}

/** What a place in a JSON document is taken for; what is there of another type is NULL. */
export type JsonAs = 'json' | 'text' | 'number' | 'boolean'

/** A place in a JSON document: missing and JSON null are NULL. */
export interface JsonNode {
  readonly kind: 'json'
  readonly operand: ExpressionNode
  /** One parameter with all steps; a text is exactly one key, a number an index. */
  readonly path: ParameterNode
  readonly steps: readonly ('key' | 'index')[]
  readonly as: JsonAs
  readonly type: ValueType
}

/** Conditions as an object, to be read when the model is known. */
export interface ObjectNode {
  readonly kind: 'object'
  readonly conditions: Readonly<Record<string, unknown>>
}

export interface SubqueryNode {
  readonly kind: 'subquery'
  readonly query: SelectNode
}

export interface ExistsNode {
  readonly kind: 'exists'
  readonly query: SelectNode
}

/** An aggregate, for dialects with `jsonRows`: all rows as one JSON text, each a list of its values, or its only value. */
export interface JsonRowsNode {
  readonly kind: 'jsonRows'
  readonly items: readonly SelectionNode[]
}

/** SQL written by the user, or a text of corm's own (`ours`): texts with nodes between them. */
export interface RawNode {
  readonly kind: 'raw'
  readonly texts: readonly string[]
  readonly nodes: readonly ExpressionNode[]
  /** Made at run time: such a statement is compiled each time and not kept prepared. */
  readonly dynamic: boolean
  readonly ours: true | undefined
}

/** A name written by the user through `sql.id`. */
export interface IdentifierNode {
  readonly kind: 'identifier'
  readonly path: readonly string[]
  /** Where it names a value of the query. */
  readonly type: ValueType | null | undefined
}

/** A value that the query has named by `annotate`; the statement has its expression, or its column, in this place. */
export interface AnnotationNode {
  readonly kind: 'annotation'
  readonly name: string
  readonly type: ValueType | null
  /** As with columns. */
  readonly level: number | undefined
  readonly scope: number | undefined
}

/** In an upsert's assignments: the value the new row would have had in that column. */
export interface IncomingNode {
  readonly kind: 'incoming'
  readonly column: string
  readonly type: ValueType | null
}

/** A truth value of the statement itself: the empty IN. */
export interface TruthNode {
  readonly kind: 'truth'
  readonly value: boolean
}

export interface OrderNode {
  readonly kind: 'order'
  readonly expression: ExpressionNode
  /** Null: the expression says it itself. */
  readonly direction: 'asc' | 'desc' | null
  readonly nulls: 'first' | 'last' | null
}

export type ExpressionNode =
  | ColumnNode
  | ParameterNode
  | ListNode
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

// a select stands inside expressions, and expressions inside it

export type { TableNode, TableScope }

export interface DerivedTableNode {
  readonly kind: 'derivedTable'
  readonly query: SelectNode | CompoundNode
  readonly alias: string
}

export type JoinType = 'inner' | 'left' | 'right' | 'full'
export interface JoinNode {
  readonly kind: 'join'
  readonly type: JoinType
  readonly source: TableNode | DerivedTableNode
  readonly on: ExpressionNode
}

export type CompoundOperator = 'union' | 'unionAll' | 'intersect' | 'except'
/** Several selects as one list of rows. The operands have the same columns. */
export interface CompoundNode {
  readonly kind: 'compound'
  readonly operator: CompoundOperator
  readonly operands: readonly SelectNode[]
}

/** A select under a name, ahead of the one that uses it. */
export interface CteNode {
  readonly kind: 'cte'
  readonly name: string
  readonly query: SelectNode | CompoundNode
  readonly recursive: boolean
}

/** One column of a result; `type` says how it is read. */
export interface SelectionNode {
  readonly kind: 'selection'
  readonly expression: ExpressionNode
  readonly alias: string | null
  readonly type: ValueType | null
}

/** A limit or offset: a checked integer written into the text, or bound when there are too many different ones. */
export type CountNode = number | ParameterNode

export interface SelectNode {
  readonly kind: 'select'
  readonly ctes: readonly CteNode[] | undefined
  readonly selections: readonly SelectionNode[]
  readonly from: TableNode | DerivedTableNode | null
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

/** What a select does to the rows it reads until its transaction ends. */
export interface LockNode {
  readonly kind: 'lock'
  /** `owner`: as `update`, but others may go on to point to the row. */
  readonly mode: 'update' | 'share' | 'owner'
  /** What happens where another transaction holds a row: wait for it, leave the row out, or fail at once. */
  readonly held: 'wait' | 'skip' | 'fail'
}
