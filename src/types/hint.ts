// Types that no value fits, whose names are read in the compiler's messages.

declare const HINT: unique symbol

/** No value fits: the text says what to do. */
export interface Refused<Hint extends string> {
  readonly [HINT]: Hint
}

/** No value fits: there is nothing of this name, but of these. */
export interface DidYouMean<Names> {
  readonly [HINT]: Names
}

/** Those of the names that begin like `K`, else all: a message shows only some of many. */
export type Near<Names, K> = K extends `${infer First}${string}`
  ? Extract<Names, `${First}${string}`> extends infer Found
    ? [Found] extends [never]
      ? Names
      : Found
    : never
  : Names
/** Nothing where `K` is one of those that are expected, else what is near. */
export type Miss<K, Expected, Names> = K extends Expected ? never : DidYouMean<Names>
