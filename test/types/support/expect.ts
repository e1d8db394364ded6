/** Whether two types are the same, told apart also by readonly and optional. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles only when the value has exactly this type: `is<string>()(value)`. */
export declare function is<Expected>(): <Actual>(
  value: Actual,
  ...wrong: Same<Actual, Expected> extends true ? [] : [never]
) => void

/** Compiles when the value fits the type. */
export declare function fits<Expected>(value: Expected): void
