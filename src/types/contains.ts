/** What `contains` takes: a text, or for an array an element or a list of elements. */
export type Contained<I> = I extends readonly (infer E)[] ? NonNullable<E> | readonly NonNullable<E>[] : string

/** The operator for a part of a text, or an element of an array. */
export type ContainsOp = 'contains'
