import type { Decimal } from 'decimal.js'
import type { Contained, ContainsOp } from './contains.js'

/** Marks the type of an expression's value. */
export declare const COL: unique symbol
/** Marks the type of the value of a query or of raw SQL. */
export declare const SUB: unique symbol
/** Marks the type that an operator compares with. */
export declare const OP: unique symbol

/** An SQL expression: a column, a function call, or raw SQL of the `sql` tag. */
export interface Expression<out T = unknown> {
  readonly [COL]: T
}

/** A query used as a value: `whereIn('authorId', Author.query().select('id'))`. */
export interface Subquery<out V = unknown> {
  readonly [SUB]: V
}

// numbers of every kind compare with each other, and anything with what may be NULL
type Alike<T> = T extends number | bigint | Decimal ? number | bigint | Decimal : T
type Operand<T, I> = I | Expression<Alike<T> | null> | Subquery<Alike<T> | null>
/** The values that a computed value can be compared with. */
export type InputFor<T> = T extends Decimal ? Decimal | number | string : T
type AnyNumber = number | bigint | Decimal
type Value<T> = Expression<T> | Subquery<T>
// numbers of every kind are added to each other; decimals that are texts differ from other texts in what they take
type Addend<T, I> =
  | I
  | number
  | (T extends AnyNumber ? AnyNumber | Value<AnyNumber | null> : never)
  | (T extends string ? Value<(Decimal extends I ? AnyNumber | string : T) | null> : never)
// what is not a decimal becomes one by a decimal
type Arithmetic<T, I, V> = Decimal extends I
  ? Column<T | NullOf<V>, I>
  : IsDecimal<V extends Value<infer E> ? E : V> extends true
    ? Column<Decimal | Extract<T, null> | NullOf<V>, Decimal | number | string>
    : Column<T | NullOf<V>, I>
// any (of a piece of SQL), and what may be of several kinds, is of no known kind
type IsDecimal<V> = number extends V ? false : Extract<V, Decimal> extends never ? false : true
type TextInput = string | Value<string | null>
/** Null if one of these operands can be NULL. */
// of a piece of SQL without a type nothing is known, and it does not make the rest any
// a query may find no row
export type NullOf<V> =
  V extends Expression<infer T>
    ? 0 extends 1 & T
      ? never
      : Extract<T, null>
    : V extends Subquery
      ? null
      : Extract<V, null>

/** An expression with the operators of SQL. `T` is the type of its value, `I` what it can be compared with. */
export interface Column<T = unknown, I = InputFor<T>> extends Expression<T> {
  /** Equal: `=`, or IS NULL for null. */
  eq(value: Operand<T, I> | null): Predicate
  /** Not equal: `<>`, or IS NOT NULL for null. As in SQL, `<>` drops rows where the column is NULL. */
  ne(value: Operand<T, I> | null): Predicate
  /** Greater than: `>`. */
  gt(value: Operand<T, I>): Predicate
  /** Greater than or equal: `>=`. */
  gte(value: Operand<T, I>): Predicate
  /** Less than: `<`. */
  lt(value: Operand<T, I>): Predicate
  /** Less than or equal: `<=`. */
  lte(value: Operand<T, I>): Predicate
  /** IN a list or a subquery. An empty list matches no row. */
  in(values: readonly I[] | Subquery<Alike<T> | null>): Predicate
  /** NOT IN a list or a subquery. An empty list matches every row. Otherwise it drops rows where the column is NULL. */
  notIn(values: readonly I[] | Subquery<Alike<T> | null>): Predicate
  /** BETWEEN, both ends included. */
  between(low: Operand<T, I>, high: Operand<T, I>): Predicate
  /** NOT BETWEEN: outside the range. */
  notBetween(low: Operand<T, I>, high: Operand<T, I>): Predicate
  /** LIKE: `%` and `_` in the pattern are wildcards. */
  like(pattern: string): Predicate
  /** NOT LIKE: `%` and `_` in the pattern are wildcards. */
  notLike(pattern: string): Predicate
  /** Like `like`, but ignores case. */
  ilike(pattern: string): Predicate
  /** Contains this text; corm escapes `%` and `_`. Of a list (`Field.array`, JSON): contains this value, or all these values. */
  contains(value: Contained<I>): Predicate
  /** Like `contains`, but ignores case. */
  icontains(text: string): Predicate
  /** Starts with this text. corm escapes `%` and `_`. */
  startsWith(text: string): Predicate
  /** Like `startsWith`, but ignores case. */
  istartsWith(text: string): Predicate
  /** Ends with this text. corm escapes `%` and `_`. */
  endsWith(text: string): Predicate
  /** Like `endsWith`, but ignores case. */
  iendsWith(text: string): Predicate
  /** Matches a regular expression, in the syntax of the database. */
  regex(pattern: string | RegExp): Predicate
  /** Like `regex`, but ignores case. */
  iregex(pattern: string | RegExp): Predicate
  /** IS NULL. */
  isNull(): Predicate
  /** IS NOT NULL. */
  isNotNull(): Predicate
  /** Addition: `+`. */
  plus<V extends Addend<T, I>>(value: V): Arithmetic<T, I, V>
  /** Subtraction: `-`. */
  minus<V extends Addend<T, I>>(value: V): Arithmetic<T, I, V>
  /** Multiplication: `*`. */
  times<V extends Addend<T, I>>(value: V): Arithmetic<T, I, V>
  /** Division: `/`. */
  dividedBy<V extends Addend<T, I>>(value: V): Arithmetic<T, I, V>
  /** The remainder of a division. */
  mod<V extends Addend<T, I>>(value: V): Arithmetic<T, I, V>
  /** Appends texts. NULL if one of them is NULL, in every dialect. */
  concat<V extends readonly TextInput[]>(...values: V): Column<string | Extract<T, null> | NullOf<V[number]>>
  /** Converts the text to lower case. */
  lower(): Column<T, I>
  /** Converts the text to upper case. */
  upper(): Column<T, I>
  /** This value, or `value` if this is NULL. */
  coalesce<V extends I | NonNullable<T> | Subquery<Alike<NonNullable<T>> | null>>(
    value: V | Expression<V>,
  ): Column<NonNullable<T> | NullOf<V>, I>
  /** NULL if this equals `value`, otherwise this. */
  nullIf(value: Operand<T, I>): Column<T | null, I>
  /**
   * Converts to another type. Integers drop the fraction of a number. Booleans become 1 and 0, or the texts `true` and `false`.
   * Dates with time become their date in UTC.
   */
  cast<K extends keyof CastTypes>(to: K): Column<CastTypes[K] | Extract<T, null>>
  /** The number of characters, or of elements of an array. */
  length(): Column<number | Extract<T, null>>
  /** Removes spaces (U+0020) at both ends. */
  trim(this: TextLike): Column<string | Extract<T, null>>
  /** Removes spaces at the start. */
  ltrim(this: TextLike): Column<string | Extract<T, null>>
  /** Removes spaces at the end. */
  rtrim(this: TextLike): Column<string | Extract<T, null>>
  /** `length` characters from position `start`, or all characters from there. The first position is 1. */
  substring<A extends Whole, B extends Whole = number>(
    this: TextLike,
    start: A,
    length?: B,
  ): Column<string | Extract<T, null> | NullOf<A | B>>
  /** Replaces every `from` by `to`. It is case-sensitive. */
  replace<A extends TextInput, B extends TextInput>(
    this: TextLike,
    from: A,
    to: B,
  ): Column<string | Extract<T, null> | NullOf<A | B>>
  /** The position of `text`, from 1, or 0 if it does not occur. */
  position<V extends TextInput>(this: TextLike, text: V): Column<number | Extract<T, null> | NullOf<V>>
  /** The absolute value. */
  abs(this: NumberLike): Column<T, I>
  /** Rounds to `digits` after the point (default 0), halves away from zero. A decimal stays a decimal. */
  round(this: NumberLike, digits?: number): Column<T, I>
  /** Rounds down to a whole number. */
  floor(this: NumberLike): Column<T, I>
  /** Rounds up to a whole number. */
  ceil(this: NumberLike): Column<T, I>
  /** The sign: -1, 0 or 1. */
  sign(this: NumberLike): Column<number | Extract<T, null>>
  /** The year, in UTC or in `timeZone`. */
  year(this: DateLike, options?: ZoneOption): Column<number | Extract<T, null>>
  /** The quarter, 1 to 4. */
  quarter(this: DateLike, options?: ZoneOption): Column<number | Extract<T, null>>
  /** The month, 1 to 12. */
  month(this: DateLike, options?: ZoneOption): Column<number | Extract<T, null>>
  /** The week of ISO 8601, 1 to 53. Week 1 contains the first Thursday of the year. */
  week(this: DateLike, options?: ZoneOption): Column<number | Extract<T, null>>
  /** The day of the month, 1 to 31. */
  day(this: DateLike, options?: ZoneOption): Column<number | Extract<T, null>>
  /** The day of the year, 1 to 366. */
  dayOfYear(this: DateLike, options?: ZoneOption): Column<number | Extract<T, null>>
  /** The day of the week: 1 (Monday) to 7 (Sunday), as in ISO 8601. */
  weekday(this: DateLike, options?: ZoneOption): Column<number | Extract<T, null>>
  /** The hour, 0 to 23, in UTC or in `timeZone`. */
  hour(this: DateLike, options?: ZoneOption): Column<number | Extract<T, null>>
  /** The minute, 0 to 59. */
  minute(this: DateLike, options?: ZoneOption): Column<number | Extract<T, null>>
  /** The second, 0 to 59, without its fraction. */
  second(this: DateLike, options?: ZoneOption): Column<number | Extract<T, null>>
  /**
   * The start of the day, week (Monday), month and so on, in UTC or in `timeZone`.
   *
   *     c.at.truncate('day', { timeZone: 'Europe/Paris' })
   */
  truncate(this: DateLike, unit: DateUnit, options?: ZoneOption): Column<T, I>
  /** Adds these amounts: first years and months, at most to the last day of the month, then the rest. */
  add(this: DateLike, amounts: DateAmounts): Column<T, I>
  /** Subtracts these amounts. */
  subtract(this: DateLike, amounts: DateAmounts): Column<T, I>
  /** The seconds from another date and time to this one, with fraction. */
  secondsSince(this: Expression<Date | null>, other: Date | Expression<Date | null>): Column<number | null>
  /** The days from another date to this one. */
  daysSince(this: Expression<string | null>, other: string | Expression<string | null>): Column<number | null>
  /**
   * The value at a path in a JSON value. A text is one key, a number an index. A missing value and JSON null are NULL. You can
   * compare it with texts, numbers and booleans; a value of another type counts as NULL there.
   */
  json<V = never, const P extends JsonPath = JsonPath>(
    ...path: P
  ): Column<JsonValueAt<V, T, P> | null, JsonValueAt<V, T, P>>
  json<V = never, const P extends JsonPath = JsonPath>(
    path: P,
  ): Column<JsonValueAt<V, T, P> | null, JsonValueAt<V, T, P>>
  /** The JSON value with `value` set at a path, for `update`. It creates missing objects on the path. */
  jsonSet(path: string | readonly string[], value: unknown): Column<T, I>
  /** Sorts in ascending order, for `orderBy`. */
  asc(options?: { nulls?: 'first' | 'last' }): Order
  /** Sorts in descending order, for `orderBy`. */
  desc(options?: { nulls?: 'first' | 'last' }): Order
}

type TextLike = Expression<string | null>
type NumberLike = Expression<number | bigint | Decimal | string | null>
type DateLike = Expression<Date | string | null>
type Whole = number | Expression<number | null>

/** The units of `truncate`. */
export type DateUnit = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second'

/** The time zone of a date function. Default: UTC. */
interface ZoneOption {
  /** A name of the IANA database, like `Europe/Paris`. Only for values with date and time. */
  timeZone?: string
}

/** Amounts of time for `add` and `subtract`, as whole numbers. Dates without time take days and longer units only. */
export interface DateAmounts {
  years?: number
  months?: number
  weeks?: number
  days?: number
  hours?: number
  minutes?: number
  seconds?: number
  milliseconds?: number
}

type JsonPath = readonly (string | number)[]

/** What was said, else what the type of the field has in that place. */
type JsonValueAt<V, T, P extends JsonPath> = [V] extends [never] ? JsonAt<NonNullable<T>, P> : NoInfer<V>
type JsonAt<T, P extends JsonPath> = P extends readonly [infer K, ...infer R extends JsonPath]
  ? K extends keyof T
    ? JsonAt<NonNullable<T[K]>, R>
    : T extends readonly (infer E)[]
      ? JsonAt<NonNullable<E>, R>
      : unknown
  : number extends P['length']
    ? unknown
    : T

interface CastTypes {
  integer: number
  bigInteger: bigint
  float: number
  text: string
  date: string
}

/** A condition, or an object as `where` takes it. corm checks the names of the object when it builds the query. */
export type AnyCondition = Expression<boolean> | { readonly [name: string]: unknown }

/** A condition: what the callback of `where` returns. */
export interface Predicate extends Column<boolean> {
  /** Combines this and the others with AND. */
  and(...others: AnyCondition[]): Predicate
  /** Combines this and the others with OR. */
  or(...others: AnyCondition[]): Predicate
  /** Negates this condition. */
  not(): Predicate
}

/** An expression with a direction, for `orderBy`. */
export interface Order {
  readonly [COL]: 'order'
}

/** Raw SQL, written with the `sql` tag. Its values are sent as parameters, never as text. */
export interface Sql<out T = unknown> extends Subquery<T> {
  readonly [COL]: T
}

// any: its text says nothing of its type, so it must fit wherever an expression does. unknown would fit nowhere, and of never a
// query would read never
type AnySql = Sql<any>

/** The type of `sql`. */
export interface SqlTag {
  /**
   * Writes raw SQL. Values become parameters. Columns and other `sql` pieces are inserted as SQL.
   *
   *     Author.query().whereRaw(sql`length(${Author.columns.name}) > ${10}`)
   *     // select … from "authors" where length("authors"."name") > ?
   */
  // any, as in AnySql: without a type argument it fits wherever an expression is expected
  <T = any>(
    text: TemplateStringsArray,
    ...values: readonly unknown[]
  ): Sql<T> & Column<T> & Pick<Predicate, 'and' | 'or' | 'not'>
  /** Returns a quoted identifier: `sql.id('authors', 'name')` is `"authors"."name"`. */
  id(...names: string[]): AnySql
  /** Joins pieces with a separator. Default: a comma. */
  join(parts: readonly unknown[], separator?: Sql): AnySql
  /** Inserts text into the SQL as it is. Never pass text from a client: that allows SQL injection. */
  raw(text: string): AnySql
}

/** An operator as a value, for the object form of conditions: `where({ age: gt(18) })`. */
export interface Operator<out V = unknown> {
  readonly [OP]: V
}

/** The operator `contains`: for texts, and for lists of such values. */
export type ContainsOperator<V> = Operator<(V extends readonly (infer E)[] ? E : V)[]> &
  (V extends string ? Operator<string> : unknown)

/** The types of the operator functions: `eq`, `gt`, `oneOf` and so on. */
export interface Operators {
  /** Equal: `where({ name: eq('Ada') })`. Null means IS NULL. */
  eq<const V>(value: V): Operator<V>
  /** Greater than: `where({ age: gt(18) })`. */
  gt<const V>(value: V): Operator<V>
  /** Greater than or equal: `where({ age: gte(18) })`. */
  gte<const V>(value: V): Operator<V>
  /** Less than: `where({ age: lt(18) })`. */
  lt<const V>(value: V): Operator<V>
  /** Less than or equal: `where({ age: lte(18) })`. */
  lte<const V>(value: V): Operator<V>
  /** In a range, both ends included: `where({ age: between(18, 30) })`. */
  between<const V>(low: V, high: V): Operator<V>
  /** IN: `where({ role: oneOf(['writer', 'editor']) })`. An empty list matches no row. */
  oneOf<const V>(values: readonly V[]): Operator<V>
  /** LIKE: `%` and `_` in the pattern are wildcards. */
  like(pattern: string): Operator<string>
  /** Contains this text; corm escapes `%` and `_`. Of a list (`Field.array`, JSON): contains this value, or all these values. */
  contains<const V>(value: V): ContainsOperator<V>
  /** Like `contains`, but ignores case. */
  icontains(text: string): Operator<string>
  /** Starts with this text. corm escapes `%` and `_`. */
  startsWith(text: string): Operator<string>
  /** Like `startsWith`, but ignores case. */
  istartsWith(text: string): Operator<string>
  /** Ends with this text. corm escapes `%` and `_`. */
  endsWith(text: string): Operator<string>
  /** Like `endsWith`, but ignores case. */
  iendsWith(text: string): Operator<string>
  /** Negates a condition, an operator or a value: `where({ role: not('editor') })`. */
  not: Negate
  /** Combines conditions with AND. */
  and(...predicates: AnyCondition[]): Predicate
  /** Combines conditions with OR. */
  or(...predicates: AnyCondition[]): Predicate
}

/** The type of `not`. */
export interface Negate {
  (predicate: Expression<boolean>): Predicate
  <const V>(operator: Operator<V>): Operator<V>
  <const V>(value: V): Operator<V> & (V extends { readonly [name: string]: unknown } ? Predicate : unknown)
}

/** Operators that compare two values. */
export type CompareOp = '=' | '!=' | '<' | '<=' | '>' | '>='
/** Operators on text. */
export type TextOp =
  | 'like'
  | 'not like'
  | 'ilike'
  | 'icontains'
  | 'startsWith'
  | 'istartsWith'
  | 'endsWith'
  | 'iendsWith'
/** Operators on text that take a regular expression of the database. */
export type RegexOp = 'regex' | 'iregex'
/** Operators that take a list or a subquery. */
export type ListOp = 'in' | 'not in'
/** Operators that take the two ends of a range. */
export type RangeOp = 'between' | 'not between'
/** Every operator of `where(key, operator, value)`. */
export type WhereOp = CompareOp | TextOp | ContainsOp | RegexOp | ListOp | RangeOp
/** The value that an operator takes for a field of type `V`. */
export type OpValue<V, O extends WhereOp> = OpValues<V>[O]
type ComparisonInput<V> = NonNullable<V> | Expression<Alike<V> | null> | Subquery<Alike<V> | null>
type ListInput<V> = readonly V[] | Subquery<Alike<V> | null>
type Range<V> = readonly [NonNullable<V>, NonNullable<V>]
// by name: a conditional type for each group of operators costs more
interface OpValues<V>
  extends Record<'=' | '!=', V | ComparisonInput<V> | null>,
    Record<'<' | '<=' | '>' | '>=', ComparisonInput<V>>,
    Record<TextOp, string>,
    Record<ContainsOp, Contained<NonNullable<V>>>,
    Record<RegexOp, string | RegExp>,
    Record<ListOp, ListInput<V>>,
    Record<RangeOp, Range<V>> {}
/** The value of `where(key, value)` and of the object form: one value or an operator, never a list of values. */
export type WhereValue<V> = V | Operator<V | null> | Expression<Alike<V> | null> | Subquery<Alike<V> | null> | null
