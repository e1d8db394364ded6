import type { SchemaState } from '../ast/schema.js'
import { DefinitionError, quoted } from '../errors.js'
import { type OptionType, type OptionTypes, optionReader, text } from '../util/options.js'
import { own } from '../util/own.js'
import type { Operation } from './definition.js'

type OptionValue<T> = T extends OptionType<infer V> ? V : never

/** The members of an operation, by the types that they are read with. */
type Members<Required, Optional> = { readonly [K in keyof Required]: OptionValue<Required[K]> } & {
  readonly [K in keyof Optional]?: OptionValue<Optional[K]> | undefined
}

/** Reads an operation from a file, without its `op`, for the schema at this point. */
export type ReadOperation = (given: object, state: SchemaState) => Operation

/**
 * Creates the reader of one kind of operation. It refuses unknown members, wrong types, and missing `required` members. Every
 * operation may have `safe`.
 */
export function operationReader<R extends OptionTypes, O extends OptionTypes>(
  op: string,
  { required, optional }: { readonly required: R; readonly optional: O },
  resolve: (given: Members<R, O>, state: SchemaState) => Operation,
): ReadOperation {
  const what = `The operation ${quoted(op)}`
  const types = own<OptionTypes>({ ...required, ...optional, safe: text })
  const read = optionReader<Record<string, unknown>>(what, types, DefinitionError)
  const needed = Object.keys(required)
  return (given, state) => {
    const members = read(given)
    const missing = needed.find((name) => members[name] === undefined)
    if (missing !== undefined) throw new DefinitionError(`${what} needs ${quoted(missing)}.`)
    // the reader has checked each member against its type
    return resolve(members as Members<R, O>, state)
  }
}
