/** Under which an instance has what is known of it. */
export declare const KNOWN: unique symbol
/** What is known of an instance in addition to its members: its model, and what a query loaded, selected and added. */
// no member has the type of a parameter, so that the compiler never compares two of these
export interface Known<_C, _P, _S, _X, _L> {
  readonly [KNOWN]: true
}
/** An instance of which that is known. */
export interface Knows<K> {
  readonly [KNOWN]: K
}
