// Types that no value fits, whose names are read in the compiler's messages.

declare const HINT: unique symbol

/** A type that accepts no value. The text says what to do. */
export interface Refused<Hint extends string> {
  readonly [HINT]: Hint
}

/** A type that accepts no value. It shows the names that do exist. */
export interface DidYouMean<Names> {
  readonly [HINT]: Names
}

/** The names with the same first letter as `K`, or all names if there are none. */
export type Near<Names, K> = K extends `${infer First}${string}`
  ? Extract<Names, `${First}${string}`> extends infer Found
    ? [Found] extends [never]
      ? Names
      : Found
    : never
  : Names
/** `never` if `K` is an expected name, otherwise a hint with similar names. */
export type Miss<K, Expected, Names> = K extends Expected ? never : DidYouMean<Names>
