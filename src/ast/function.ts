// The functions that expressions call, and what each of them takes.

export type AggregateName = 'count' | 'sum' | 'avg' | 'min' | 'max' | 'groupConcat'
/** Functions that are only allowed with OVER. */
export type WindowName =
  | 'rowNumber'
  | 'rank'
  | 'denseRank'
  | 'percentRank'
  | 'cumeDist'
  | 'ntile'
  | 'lag'
  | 'lead'
  | 'firstValue'
  | 'lastValue'
  | 'nthValue'
export type TextFunction =
  | 'lower'
  | 'upper'
  | 'length'
  | 'trim'
  | 'ltrim'
  | 'rtrim'
  | 'substring'
  | 'replace'
  | 'position'
export type NumberFunction = 'abs' | 'round' | 'floor' | 'ceil' | 'sign'
/** `datePart` and `dateTruncate` use `unit`. `dateAdd` takes months, and days or milliseconds. */
export type DateFunction = 'datePart' | 'dateTruncate' | 'dateAdd' | 'secondsBetween' | 'daysBetween'
type OtherFunction = 'now' | 'random' | 'digest' | 'ownForm' | 'storedForm' // the last two: from a column's storage, and to it
export type JsonFunction = 'jsonSet'
export type FunctionName =
  | AggregateName
  | WindowName
  | TextFunction
  | NumberFunction
  | DateFunction
  | JsonFunction
  | 'coalesce'
  | 'nullIf'
  | 'greatest'
  | 'least'
  | 'translated'
  | OtherFunction

export type DatePart =
  | 'year'
  | 'quarter'
  | 'month'
  | 'week'
  | 'day'
  | 'dayOfYear'
  | 'weekday'
  | 'hour'
  | 'minute'
  | 'second'

type None = readonly []
type One<Node> = readonly [Node]
type Two<Node> = readonly [Node, Node]
type Three<Node> = readonly [Node, Node, Node]

/** The arguments of each function. */
export interface Arguments<Node, Parameter> {
  /** Without an argument, every row is counted. */
  readonly count: None | One<Node>
  readonly sum: One<Node>
  readonly avg: One<Node>
  readonly min: One<Node>
  readonly max: One<Node>
  readonly groupConcat: One<Node>
  readonly rowNumber: None
  readonly rank: None
  readonly denseRank: None
  readonly percentRank: None
  readonly cumeDist: None
  readonly ntile: None
  readonly lag: One<Node> | Two<Node>
  readonly lead: One<Node> | Two<Node>
  readonly firstValue: One<Node>
  readonly lastValue: One<Node>
  readonly nthValue: One<Node>
  readonly lower: One<Node>
  readonly upper: One<Node>
  readonly length: One<Node>
  readonly trim: One<Node>
  readonly ltrim: One<Node>
  readonly rtrim: One<Node>
  /** The text, the start position, and the length. */
  readonly substring: Two<Node> | Three<Node>
  readonly replace: Three<Node>
  readonly position: Two<Node>
  readonly abs: One<Node>
  readonly round: One<Node>
  readonly floor: One<Node>
  readonly ceil: One<Node>
  readonly sign: One<Node>
  readonly datePart: One<Node>
  readonly dateTruncate: One<Node>
  /** A date, months, and days or milliseconds. */
  readonly dateAdd: readonly [Node, Parameter, Parameter]
  readonly secondsBetween: Two<Node>
  readonly daysBetween: Two<Node>
  /** A document, a path, and the value to set there. */
  readonly jsonSet: readonly [Node, Parameter, Node]
  readonly coalesce: readonly Node[]
  readonly nullIf: Two<Node>
  readonly greatest: readonly Node[]
  readonly least: readonly Node[]
  /** The columns of a translated field: the first that is filled, in the order that the type says. */
  readonly translated: readonly Node[]
  readonly now: None
  readonly random: None
  /** The SHA-256 of a text in UTF-8, as 64 hexadecimal digits. */
  readonly digest: One<Node>
  readonly ownForm: One<Node>
  /** A value, and the column in whose form it is needed. */
  readonly storedForm: Two<Node>
}

/** Functions with a number that is part of the SQL text. */
export type Counted = 'lag' | 'lead' | 'ntile' | 'nthValue' | 'round' | 'jsonSet'
