// A chain of calls as plain data: it is made at random, written as code, evaluated in memory and made smaller.

/** What kind of value an expression has. `time` is a moment, `dec` a decimal with two digits after the point. */
export type Type = 'int' | 'big' | 'float' | 'dec' | 'text' | 'bool' | 'enum' | 'date' | 'time'
export type ModelName = 'Person' | 'Team' | 'Card' | 'Post'
export type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>='
/** As in code; a decimal is its digits, a moment its ISO text. */
export type Literal = number | bigint | string | boolean | null

export type Ex =
  | { k: 'col'; name: string; t: Type }
  /** A column of the row outside a subquery, as `Person.columns.age`. */
  | { k: 'outer'; model: ModelName; name: string; t: Type }
  | { k: 'lit'; v: Literal; t: Type }
  | { k: 'math'; op: 'plus' | 'minus' | 'times' | 'dividedBy' | 'mod'; a: Ex; b: Ex; t: Type }
  | { k: 'call'; f: FunctionName; items: Ex[]; t: Type }
  | { k: 'case'; when: Ex; value: Ex; else: Ex | null; t: Type }
  | { k: 'cast'; a: Ex; to: 'integer' | 'bigInteger' | 'float' | 'text' | 'date'; t: Type }
  | {
      k: 'agg'
      f: 'count' | 'sum' | 'avg' | 'min' | 'max'
      a: Ex | null
      distinct: boolean
      filter: Ex | null
      t: Type
    }
  /** A query that selects one aggregate. */
  | { k: 'sub'; query: Chain; t: Type }
  | { k: 'cmp'; op: Comparator; a: Ex; b: Ex; t: 'bool' }
  | { k: 'null'; not: boolean; a: Ex; t: 'bool' }
  | { k: 'in'; a: Ex; list: Literal[] | Chain; t: 'bool' }
  | { k: 'between'; a: Ex; low: Ex; high: Ex; t: 'bool' }
  | { k: 'like'; mode: Pattern; fold: boolean; a: Ex; text: string; t: 'bool' }
  | { k: 'logic'; op: 'and' | 'or'; items: Ex[]; t: 'bool' }
  | { k: 'not'; item: Ex; t: 'bool' }

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
export type FunctionName =
  | DatePart
  | 'truncate'
  | 'lower'
  | 'upper'
  | 'length'
  | 'concat'
  | 'coalesce'
  | 'trim'
  | 'ltrim'
  | 'rtrim'
  | 'substring'
  | 'replace'
  | 'position'
  | 'abs'
  | 'sign'
  | 'floor'
  | 'ceil'

export type Pattern = 'like' | 'contains' | 'startsWith' | 'endsWith'

/** The operators of `where(key, operator, value)`. */
export type Operator =
  | Comparator
  | 'in'
  | 'not in'
  | 'between'
  | 'not between'
  | 'like'
  | 'not like'
  | 'ilike'
  | 'contains'
  | 'icontains'
  | 'startsWith'
  | 'istartsWith'
  | 'endsWith'
  | 'iendsWith'

/** One member of the object form: the value itself, or a function that makes an operator, perhaps in `not(…)`. */
export interface Member {
  key: string
  op: Operator
  value: Value
  plain: boolean
  not: boolean
}
export type Value = { v: Literal } | { list: Literal[] } | { query: Chain }

export type Form =
  | { form: 'key'; key: string; op: Operator; value: Value }
  | { form: 'object'; members: Member[] }
  /** `inline`: the columns of the model in place of a callback's. */
  | { form: 'callback'; x: Ex; inline: boolean }

export interface OrderItem {
  x: Ex
  desc: boolean
  nulls: 'first' | 'last' | null
  /** As a key with or without a minus, as a key and a direction, or as an expression. */
  by: 'key' | 'direction' | 'expression'
}

export interface Preload {
  relation: string
  calls: Call[] | null
  inner: Preload | null
}

export type Call =
  | { c: 'where' | 'orWhere' | 'whereNot' | 'exclude' | 'having' | 'orHaving'; form: Form }
  | { c: 'whereIn' | 'whereNotIn'; key: string; value: Value }
  | { c: 'whereBetween' | 'whereNotBetween'; key: string; list: Literal[] }
  | { c: 'whereNull' | 'whereNotNull'; key: string }
  | { c: 'whereColumn'; a: string; op: Comparator; b: string }
  | { c: 'whereKey'; keys: number[]; single: boolean }
  | { c: 'whereHas'; path: string; calls: Call[] | null; op: Comparator | null; count: number }
  | { c: 'whereDoesntHave'; path: string; calls: Call[] | null }
  | { c: 'whereExists'; query: Chain }
  | { c: 'select' | 'omit'; keys: string[] }
  | { c: 'distinct' | 'withoutDistinct' | 'reorder' | 'all' | 'selectAll' }
  | { c: 'annotate'; names: { name: string; x: Ex }[] }
  | { c: 'orderBy'; items: OrderItem[] }
  | { c: 'latest' | 'oldest'; key: string | null }
  | { c: 'limit' | 'offset'; count: number }
  | { c: 'page'; number: number; size: number }
  | { c: 'groupBy'; keys: string[] }
  | { c: Compound; query: Chain }
  | { c: 'with'; loads: Preload[] }

export type Compound = 'union' | 'unionAll' | 'intersect' | 'except'

export type End =
  | { e: 'get' | 'first' | 'last' | 'sole' | 'soleOrNull' | 'count' | 'exists' | 'delete' }
  | { e: 'find'; key: number }
  | { e: 'sum' | 'avg' | 'min' | 'max'; key: string }
  | { e: 'pluck'; key: string }
  | { e: 'values' | 'valuesList'; keys: string[] }
  | { e: 'aggregate'; items: { name: string; x: Ex }[] }
  | { e: 'paginate'; page: number; size: number }
  | { e: 'walk' | 'stream' | 'batches' | 'idBatches'; size: number }
  | { e: 'update'; data: { key: string; x: Ex }[] }
  /** Inside another query: the field or the name that it gives. */
  | { e: 'value'; key: string }

export interface Chain {
  model: ModelName
  calls: Call[]
  end: End
}

/** The chain means nothing, or its answer is not determined: nothing can be said of it. */
export class Invalid extends Error {}
