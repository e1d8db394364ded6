import type { Decimal } from 'decimal.js'

/** Marks what an expression reads. */
export declare const COL: unique symbol
/** Marks what a query or piece of SQL stands for as a value. */
export declare const SUB: unique symbol
/** Marks what an operator compares with. */
export declare const OP: unique symbol

/** Anything that stands for a value in SQL: a column, a function, a piece of `sql`. */
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
/** What a value that a query has named may be compared with. */
export type InputFor<T> = T extends Decimal ? Decimal | number | string : T
type AnyNumber = number | bigint | Decimal
// numbers of every kind are added to each other; decimals that are texts differ from other texts in what they take
type Addend<T, I> =
  | I
  | number
  | (T extends AnyNumber ? AnyNumber | Expression<AnyNumber | null> : never)
  | (T extends string ? Expression<(Decimal extends I ? AnyNumber | string : T) | null> : never)
// what is not a decimal becomes one by a decimal
type Arithmetic<T, I, V> = Decimal extends I
  ? Column<T | NullOf<V>, I>
  : IsDecimal<V extends Expression<infer E> ? E : V> extends true
    ? Column<Decimal | Extract<T, null> | NullOf<V>, Decimal | number | string>
    : Column<T | NullOf<V>, I>
// any (of a piece of SQL), and what may be of several kinds, is of no known kind
type IsDecimal<V> = number extends V ? false : Extract<V, Decimal> extends never ? false : true
type Text = string | Expression<string | null>
/** Null where one of these operands may be NULL. */
// of a piece of SQL without a type nothing is known, and it does not make the rest any
export type NullOf<V> = V extends Expression<infer T> ? (0 extends 1 & T ? never : Extract<T, null>) : Extract<V, null>

/** An expression with the operators of SQL. `T` is what it reads, `I` what it may be compared with. */
export interface Column<T = unknown, I = T> extends Expression<T> {
  /** `=`, or IS NULL for null. */
  eq(value: Operand<T, I> | null): Predicate
  /** `<>`, or IS NOT NULL for null. Rows where the column is NULL are not kept. */
  ne(value: Operand<T, I> | null): Predicate
  gt(value: Operand<T, I>): Predicate
  gte(value: Operand<T, I>): Predicate
  lt(value: Operand<T, I>): Predicate
  lte(value: Operand<T, I>): Predicate
  /** IN a list or a subquery. An empty list matches nothing. */
  in(values: readonly I[] | Subquery<Alike<T> | null>): Predicate
  /** NOT IN a list or a subquery. An empty list matches everything; NULL is not kept. */
  notIn(values: readonly I[] | Subquery<Alike<T> | null>): Predicate
  /** BETWEEN, both ends included. */
  between(low: Operand<T, I>, high: Operand<T, I>): Predicate
  notBetween(low: Operand<T, I>, high: Operand<T, I>): Predicate
  /** LIKE with the pattern as written: `%` and `_` are wildcards. */
  like(pattern: string): Predicate
  notLike(pattern: string): Predicate
  /** Like `like`, without regard to case. */
  ilike(pattern: string): Predicate
  /** Contains this text; `%` and `_` in it are ordinary characters. */
  contains(text: string): Predicate
  /** Like `contains`, without regard to case. */
  icontains(text: string): Predicate
  startsWith(text: string): Predicate
  /** Like `startsWith`, without regard to case. */
  istartsWith(text: string): Predicate
  endsWith(text: string): Predicate
  /** Like `endsWith`, without regard to case. */
  iendsWith(text: string): Predicate
  /** Matches a regular expression of the database. */
  regex(pattern: string | RegExp): Predicate
  /** Like `regex`, without regard to case. */
  iregex(pattern: string | RegExp): Predicate
  isNull(): Predicate
  isNotNull(): Predicate
  plus<V extends Addend<T, I>>(value: V): Arithmetic<T, I, V>
  minus<V extends Addend<T, I>>(value: V): Arithmetic<T, I, V>
  times<V extends Addend<T, I>>(value: V): Arithmetic<T, I, V>
  dividedBy<V extends Addend<T, I>>(value: V): Arithmetic<T, I, V>
  mod<V extends Addend<T, I>>(value: V): Arithmetic<T, I, V>
  /** Joins texts, in every dialect; NULL where one of them is. */
  concat<V extends readonly Text[]>(...values: V): Column<string | Extract<T, null> | NullOf<V[number]>>
  lower(): Column<T, I>
  upper(): Column<T, I>
  /** This value, or `value` where it is NULL. */
  coalesce<V extends I | NonNullable<T>>(value: V | Expression<V>): Column<NonNullable<T> | Extract<V, null>, I>
  /** NULL where this is `value`, else this. */
  nullIf(value: Operand<T, I>): Column<T | null, I>
  /**
   * Another type: numbers lose their fraction as integers, booleans are 1 and 0 or `true` and `false`, times give their
   * day in UTC.
   */
  cast<K extends keyof CastTypes>(to: K): Column<CastTypes[K] | Extract<T, null>>
  /** The number of characters. */
  length(): Column<number | Extract<T, null>>
  /** Without blanks (U+0020) at both ends. */
  trim(this: TextLike): Column<string | Extract<T, null>>
  /** Without blanks at the beginning. */
  ltrim(this: TextLike): Column<string | Extract<T, null>>
  /** Without blanks at the end. */
  rtrim(this: TextLike): Column<string | Extract<T, null>>
  /** `length` characters from `start`, or all that follow. The first character is 1. */
  substring<A extends Whole, B extends Whole = number>(
    this: TextLike,
    start: A,
    length?: B,
  ): Column<string | Extract<T, null> | NullOf<A | B>>
  /** Every `from` replaced by `to`; case counts. */
  replace<A extends Text, B extends Text>(
    this: TextLike,
    from: A,
    to: B,
  ): Column<string | Extract<T, null> | NullOf<A | B>>
  /** Where `text` begins, from 1; 0 where it is not in it. */
  position<V extends Text>(this: TextLike, text: V): Column<number | Extract<T, null> | NullOf<V>>
  abs(this: NumberLike): Column<T, I>
  /** To `digits` after the point (0), halves away from zero. A decimal stays one. */
  round(this: NumberLike, digits?: number): Column<T, I>
  /** The next whole number below. */
  floor(this: NumberLike): Column<T, I>
  /** The next whole number above. */
  ceil(this: NumberLike): Column<T, I>
  /** -1, 0 or 1. */
  sign(this: NumberLike): Column<number | Extract<T, null>>
  /** The parts of a date or moment, in UTC. */
  year(this: DateLike): Column<number | Extract<T, null>>
  /** 1 to 4. */
  quarter(this: DateLike): Column<number | Extract<T, null>>
  /** 1 to 12. */
  month(this: DateLike): Column<number | Extract<T, null>>
  /** The week of ISO 8601, 1 to 53: that of the year's first Thursday is 1. */
  week(this: DateLike): Column<number | Extract<T, null>>
  /** The day of the month. */
  day(this: DateLike): Column<number | Extract<T, null>>
  /** 1 to 366. */
  dayOfYear(this: DateLike): Column<number | Extract<T, null>>
  /** 1 on Monday to 7 on Sunday, as ISO 8601 has it. */
  weekday(this: DateLike): Column<number | Extract<T, null>>
  hour(this: DateLike): Column<number | Extract<T, null>>
  minute(this: DateLike): Column<number | Extract<T, null>>
  /** Whole seconds. */
  second(this: DateLike): Column<number | Extract<T, null>>
  /** The beginning of its day, week (Monday), month … in UTC. */
  truncate(this: DateLike, unit: DateUnit): Column<T, I>
  /** Later by these amounts: first months, to the last day of a shorter month, then the rest. */
  add(this: DateLike, amounts: DateAmounts): Column<T, I>
  /** Earlier by these amounts. */
  subtract(this: DateLike, amounts: DateAmounts): Column<T, I>
  /** The seconds from another moment to this one, with their fraction. */
  secondsSince(this: Expression<Date | null>, other: Date | Expression<Date | null>): Column<number | null>
  /** The days from another date to this one. */
  daysSince(this: Expression<string | null>, other: string | Expression<string | null>): Column<number | null>
  /**
   * A place in a JSON value: each text is exactly one key, a number an index. What is missing, and JSON null, is NULL. It
   * compares with texts, numbers and booleans, and is NULL there if it is of another type.
   */
  json<V = never, const P extends JsonPath = JsonPath>(
    ...path: P
  ): Column<JsonValueAt<V, T, P> | null, JsonValueAt<V, T, P>>
  json<V = never, const P extends JsonPath = JsonPath>(
    path: P,
  ): Column<JsonValueAt<V, T, P> | null, JsonValueAt<V, T, P>>
  /** The JSON value with `value` at one place; for `update`. Objects on the way are made where they are missing. */
  jsonSet(path: string | readonly string[], value: unknown): Column<T, I>
  /** Ascending order, for `orderBy`. */
  asc(options?: { nulls?: 'first' | 'last' }): Order
  /** Descending order, for `orderBy`. */
  desc(options?: { nulls?: 'first' | 'last' }): Order
}

type TextLike = Expression<string | null>
type NumberLike = Expression<number | bigint | Decimal | string | null>
type DateLike = Expression<Date | string | null>
type Whole = number | Expression<number | null>

/** A span that dates are cut to. */
export type DateUnit = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second'

/** What is added to a date: whole numbers. A date without a time takes days and longer. */
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

/** A CASE that is not ended yet. */
export interface CaseSteps<V> {
  /** The value where this is the first condition that holds. */
  when<W>(condition: Expression<boolean>, value: W | Expression<W>): CaseSteps<V | W>
  /** The value where no condition holds. */
  else<W>(value: W | Expression<W>): Column<V | W>
  /** Null where no condition holds. */
  end(): Column<V | null>
}

/** The type of `caseWhen`. */
export type CaseWhen = <V>(condition: Expression<boolean>, value: V | Expression<V>) => CaseSteps<V>

/** A condition, or an object of them as `where` takes it; its names are checked when the query is built. */
export type AnyCondition = Expression<boolean> | { readonly [name: string]: unknown }

/** A condition: what the callback of `where` returns. */
export interface Predicate extends Column<boolean> {
  /** This and all of the others. */
  and(...others: AnyCondition[]): Predicate
  /** This or any of the others. */
  or(...others: AnyCondition[]): Predicate
  not(): Predicate
}

/** An expression with a direction, for `orderBy`. */
export interface Order {
  readonly [COL]: 'order'
}

/** A piece of SQL made by the `sql` tag. Its values are parameters, never text. */
export interface Sql<out T = unknown> extends Subquery<T> {
  readonly [COL]: T
}

// any: its text says nothing of its type, so it must fit wherever an expression does. unknown would fit nowhere, and of never a
// query would read never
type AnySql = Sql<any>

/** The type of `sql`. */
export interface SqlTag {
  /**
   * Writes SQL by hand: values become parameters, columns and other pieces of `sql` are put in place.
   *
   *     Author.query().whereRaw(sql`length(${Author.columns.name}) > ${10}`)
   *     // select … from "authors" where length("authors"."name") > ?
   */
  // any, as in AnySql: without a type argument it fits wherever an expression is expected
  <T = any>(
    text: TemplateStringsArray,
    ...values: readonly unknown[]
  ): Sql<T> & Column<T> & Pick<Predicate, 'and' | 'or' | 'not'>
  /** A quoted identifier: `sql.id('authors', 'name')` is `"authors"."name"`. */
  id(...names: string[]): AnySql
  /** Pieces side by side, with a comma or the given separator between them. */
  join(parts: readonly unknown[], separator?: Sql): AnySql
  /** Text put into the SQL as it is: never pass text from outside. */
  raw(text: string): AnySql
}

/** An operator as a value, for the object form of conditions: `where({ age: gt(18) })`. */
export interface Operator<out V = unknown> {
  readonly [OP]: V
}

/** The types of the functions that make operators. */
export interface Operators {
  /** `where({ name: eq('Ada') })`: `=`. */
  eq<const V>(value: V): Operator<V>
  /** `where({ age: gt(18) })`: `>`. */
  gt<const V>(value: V): Operator<V>
  /** `where({ age: gte(18) })`: `>=`. */
  gte<const V>(value: V): Operator<V>
  /** `where({ age: lt(18) })`: `<`. */
  lt<const V>(value: V): Operator<V>
  /** `where({ age: lte(18) })`: `<=`. */
  lte<const V>(value: V): Operator<V>
  /** `where({ age: between(18, 30) })`: both ends included. */
  between<const V>(low: V, high: V): Operator<V>
  /** `where({ role: oneOf(['writer', 'editor']) })`: IN. An empty list matches nothing. */
  oneOf<const V>(values: readonly V[]): Operator<V>
  /** LIKE with the pattern as written. */
  like(pattern: string): Operator<string>
  /** Contains this text; `%` and `_` in it are ordinary characters. */
  contains(text: string): Operator<string>
  icontains(text: string): Operator<string>
  startsWith(text: string): Operator<string>
  istartsWith(text: string): Operator<string>
  endsWith(text: string): Operator<string>
  iendsWith(text: string): Operator<string>
  /** Turns a predicate, an operator or a value round: `where({ role: not('editor') })`. */
  not: Negate
  /** All of these predicates. */
  and(...predicates: AnyCondition[]): Predicate
  /** Any of these predicates. */
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
  | 'contains'
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
export type WhereOp = CompareOp | TextOp | RegexOp | ListOp | RangeOp
/** The value that an operator takes for a field of type `V`. */
export type OpValue<V, O extends WhereOp> = OpValues<V>[O]
type Compared<V> = NonNullable<V> | Expression<Alike<V> | null> | Subquery<Alike<V> | null>
type Listed<V> = readonly V[] | Subquery<Alike<V> | null>
type Range<V> = readonly [NonNullable<V>, NonNullable<V>]
// by name: a conditional type for each group of operators costs more
interface OpValues<V>
  extends Record<'=' | '!=', V | Compared<V> | null>,
    Record<'<' | '<=' | '>' | '>=', Compared<V>>,
    Record<TextOp, string>,
    Record<RegexOp, string | RegExp>,
    Record<ListOp, Listed<V>>,
    Record<RangeOp, Range<V>> {}
/** The value of `where(key, value)` and of the object form: one value or an operator, never a list of values. */
export type WhereValue<V> = V | Operator<V | null> | Expression<Alike<V> | null> | Subquery<Alike<V> | null> | null
