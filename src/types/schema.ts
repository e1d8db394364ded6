/** One problem found in a value: where, a stable code, and a sentence. */
export interface Issue {
  readonly path: string
  readonly code: string
  readonly message: string
}

/** A validator of any library that follows the Standard Schema specification (zod, valibot, arktype, …). */
export interface StandardSchema<out T = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<T> | Promise<StandardResult<T>>
    readonly types?: { readonly input: unknown; readonly output: T } | undefined
  }
}

/** What a Standard Schema returns: the value, or the issues. */
export type StandardResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

/** One issue as the Standard Schema specification writes it. */
export interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What `safeParse` returns: the data, or an error that lists all issues. */
export type ParseResult<T> =
  | { readonly success: true; readonly data: T; readonly error?: undefined }
  | {
      readonly success: false
      readonly error: Error & { readonly issues: readonly Issue[] }
      readonly data?: undefined
    }

/** The zod object behind a schema: usable wherever zod takes a schema. */
export interface ZodSchema<T> extends StandardSchema<T> {
  // any: zod's own internals, typed by zod, which these types do not import
  readonly _zod: any
  parse(data: unknown): T
}

/**
 * The shape of a model's data, for checking input from outside: `Author.schema.insert.parse(body)`.
 * It is a Standard Schema, so forms, routers and API libraries take it as it is.
 */
export interface Schema<T> extends StandardSchema<T> {
  /** The checked and converted data. Throws `ValidationError` with all issues. */
  parse(data: unknown): T
  /** Like `parse`, but returns the error instead of throwing it. */
  safeParse(data: unknown): ParseResult<T>
  /** The same schema with these fields only. */
  pick<const K extends keyof T & string>(...fields: K[]): Schema<Pick<T, K>>
  /** The same schema without these fields. */
  omit<const K extends keyof T & string>(...fields: K[]): Schema<Omit<T, K>>
  /** The same schema with every field optional. */
  partial(): Schema<{ [K in keyof T]?: T[K] | undefined }>
  /** The zod object behind it, for `extend`, `refine` and the rest of zod. */
  readonly zod: ZodSchema<T>
}
