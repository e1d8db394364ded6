/** One problem with one field of an instance, a row or a filter, or with a value that a schema checks. */
export interface Issue {
  /** The name of the field. For JSON, a dotted path to the value. */
  readonly path: string
  /** A stable code for programs, `required`, `type`, `range`, `length`, `choice`, `pattern`, `custom` … */
  readonly code: string
  /** The problem as a sentence, without the name of the field. */
  readonly message: string
  /** The limits that the message names, such as `{ min: 2 }`. They never hold the value that was refused. */
  readonly params?: Readonly<Record<string, unknown>> | undefined
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

/** The result of a Standard Schema: the value, or the issues. */
export type StandardResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

/** One issue, in the form of the Standard Schema specification. */
export interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The result of `safeParse`: the data, or an error that lists all issues. */
export type ParseResult<T> =
  | { readonly success: true; readonly data: T; readonly error?: undefined }
  | {
      readonly success: false
      readonly error: Error & { readonly issues: readonly Issue[] }
      readonly data?: undefined
    }

/** What zod says of a schema in its types. */
// any: what zod keeps there for itself. Its own types would require the app to have declarations of Node or the DOM.
interface ZodInternals<out T> {
  readonly output: T
  readonly input: unknown
  readonly version: any
  readonly def: any
  readonly deferred: any
  readonly run: any
  readonly parse: any
  readonly traits: any
  readonly pattern: any
  readonly constr: any
  readonly bag: any
  readonly isst: any
}
/** Any schema of zod. */
interface AnyZod<out T = unknown> {
  readonly _zod: { readonly output: T }
}

/** A schema of zod that gives `T`. */
export interface ZodValue<out T> extends StandardSchema<T> {
  readonly _zod: ZodInternals<T>
  /** Validates and converts data, and returns it. Throws a `ZodError`. */
  parse(data: unknown): T
  /** Like `parse`, but returns the error instead of throwing it. */
  safeParse(data: unknown): ZodResult<T>
  /** Adds a check of the whole value. */
  refine(check: (value: T) => unknown, params?: string | { readonly message?: string; path?: PropertyKey[] }): this
  /** Converts the value. */
  transform<U>(convert: (value: T) => U): ZodValue<Awaited<U>>
  /** Allows undefined. */
  optional(): ZodValue<T | undefined>
  /** Allows null. */
  nullable(): ZodValue<T | null>
  /** Makes a list of it. */
  array(): ZodValue<T[]>
}
/** The result of `safeParse` of zod. */
export type ZodResult<T> =
  | { readonly success: true; readonly data: T; readonly error?: undefined }
  | { readonly success: false; readonly error: ZodProblems; readonly data?: undefined }
/** An error of zod. */
export interface ZodProblems extends Error {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly code: string; readonly message: string }[]
}

/** The zod object of a schema: use it with `z.infer`, `z.object`, `z.toJSONSchema`, and its own methods. */
export interface ZodSchema<out T> extends ZodValue<T> {
  /** Adds fields to it. */
  extend<const S extends Readonly<Record<string, AnyZod>>>(shape: S): ZodSchema<Extended<T, S>>
}
type Extended<T, S extends Readonly<Record<string, AnyZod>>> = Omit<T, keyof S> & {
  [K in keyof S]: S[K]['_zod']['output']
}

/**
 * A schema that validates data for a model, for example a request body: `Author.schema.insert.parse(body)`.
 * It is a Standard Schema, so you can pass it to form, router and API libraries.
 */
export interface Schema<T> extends StandardSchema<T> {
  /** Validates and converts data, and returns it. Throws `ValidationError` with all issues. */
  parse(data: unknown): T
  /** Like `parse`, but returns the error instead of throwing it. */
  safeParse(data: unknown): ParseResult<T>
  /** Like `parse`, but also runs async rules of `validate`. `parse` leaves these to `create` and `save`. */
  parseAsync(data: unknown): Promise<T>
  /** Like `safeParse`, but also runs async rules of `validate`. */
  safeParseAsync(data: unknown): Promise<ParseResult<T>>
  /** Returns a schema with these fields only. */
  pick<const K extends keyof T & string>(...fields: K[]): Schema<Pick<T, K>>
  /** Returns a schema without these fields. */
  omit<const K extends keyof T & string>(...fields: K[]): Schema<Omit<T, K>>
  /** Returns a schema in which every field is optional. */
  partial(): Schema<{ [K in keyof T]?: T[K] | undefined }>
  /**
   * The zod object of the schema, for `extend`, `refine` and other methods of zod. `z.toJSONSchema(Author.schema.insert.zod, { io:
   * 'input' })` is its JSON Schema, for OpenAPI: with `input` what clients send, with `output` what `toJSON()` writes.
   */
  readonly zod: ZodSchema<T>
}
