/** What `contains` takes: a part of a text, or for a list an element or a list of elements. An object contains neither. */
export type Contained<I> = I extends readonly (infer E)[]
  ? NonNullable<E> | readonly NonNullable<E>[]
  : I extends object
    ? never
    : string

/** The operator for a part of a text, or an element of a list. */
export type ContainsOp = 'contains'
