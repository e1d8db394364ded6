import type * as Zod from 'zod'
import type { DataType, DataTypeName } from '../ast/data-type.js'
import type { FieldKind } from './kind.js'
import type { FieldOptions } from './options.js'
import { loadZod } from './zod.js'

// Fields in JSON Schema (draft 2020-12): what requests may send, and what toJSON() writes.

export type SchemaDirection = 'input' | 'output'
type JsonSchema = Record<string, unknown>
type SchemaSource = { readonly kind: FieldKind; readonly options: FieldOptions; readonly dataType: DataType }

const DIGITS = '^-?\\d{1,19}$'
const DECIMAL = '^-?\\d+(\\.\\d+)?$'
const TIME = '^([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,6})?)?$'

/** The schema of a field's values. `target` is the dialect that is wanted; OpenAPI 3.0 has a way of its own to say null. */
export function jsonSchemaOf(given: SchemaSource, io: SchemaDirection, target: string): JsonSchema {
  const { plain } = given.kind
  const field = plain === undefined ? given : { kind: plain, options: given.options, dataType: plain.dataType }
  const { kind, options } = field
  const form = kind.jsonSchema?.(io) ?? typed(field, io, target)
  const own = { ...form, ...limits(kind, form), ...choices(options.choices) }
  const schema = options.description === undefined ? own : { ...own, description: options.description }
  if (options.nullable !== true || Object.keys(own).length === 0) return schema
  return target === 'openapi-3.0' ? { ...schema, nullable: true } : { anyOf: [schema, { type: 'null' }] }
}

const BY_TYPE: Readonly<
  Record<DataTypeName, (field: SchemaSource, io: SchemaDirection, target: string) => JsonSchema>
> = {
  smallInteger: () => ({ type: 'integer', minimum: -32_768, maximum: 32_767 }),
  integer: () => ({ type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 }),
  bigInteger: ({ options }, io) => digits(options.as, io, 'integer', DIGITS),
  float: () => ({ type: 'number' }),
  number: () => ({ type: 'number' }),
  decimal: ({ kind }, io) => digits(kind.form, io, 'number', DECIMAL),
  boolean: () => ({ type: 'boolean' }),
  string: text,
  text,
  char: text,
  uuid: () => ({ type: 'string', format: 'uuid' }),
  enum: ({ dataType }) => ({ enum: [...(dataType.values ?? [])] }),
  json: ({ options }, io) => (isZod(options.schema) ? ofZod(options.schema, io) : {}),
  date: () => ({ type: 'string', format: 'date' }),
  time: () => ({ type: 'string', pattern: TIME }),
  dateTime: () => ({ type: 'string', format: 'date-time' }),
  binary: () => ({ type: 'string', contentEncoding: 'base64' }),
  vector: ({ dataType: { length } }) => ({
    type: 'array',
    items: { type: 'number' },
    minItems: length,
    maxItems: length,
  }),
  array,
}

const typed = (field: SchemaSource, io: SchemaDirection, target: string): JsonSchema =>
  BY_TYPE[field.dataType.name](field, io, target)

function array(
  { kind: { element }, options: { min, max } }: SchemaSource,
  io: SchemaDirection,
  target: string,
): JsonSchema {
  return {
    type: 'array',
    ...(element !== undefined && { items: jsonSchemaOf(element, io, target) }),
    ...(min !== undefined && { minItems: min }),
    ...(max !== undefined && { maxItems: max }),
  }
}

function text({ options: { min, pattern, richText }, dataType: { length } }: SchemaSource): JsonSchema {
  return {
    type: 'string',
    ...(min !== undefined && { minLength: min }),
    ...(length !== undefined && { maxLength: length }),
    ...(pattern !== undefined && { pattern: pattern.source }),
    ...(richText === true && { contentMediaType: 'text/html' }),
  }
}

/** Numbers that JSON readers would round are written as their digits, and both are read. */
function digits(as: string | undefined, io: SchemaDirection, type: 'integer' | 'number', pattern: string): JsonSchema {
  if (as === 'number') return { type }
  return io === 'output' ? { type: 'string', pattern } : { anyOf: [{ type }, { type: 'string', pattern }] }
}

/** The bounds of numbers; JSON Schema has no words for those of texts. */
function limits({ range }: FieldKind, { type }: JsonSchema): JsonSchema {
  if (range === undefined || (type !== 'number' && type !== 'integer')) return {}
  const { min, max } = range
  return { ...(min !== undefined && { minimum: Number(min) }), ...(max !== undefined && { maximum: Number(max) }) }
}

function choices(list: readonly unknown[] | undefined): JsonSchema {
  return list === undefined ? {} : { enum: list.map((each) => (typeof each === 'bigint' ? String(each) : each)) }
}

const isZod = (schema: unknown): schema is Zod.ZodType =>
  typeof schema === 'object' && schema !== null && '_zod' in schema

function ofZod(schema: Zod.ZodType, io: SchemaDirection): JsonSchema {
  const { $schema: _, ...rest } = loadZod().toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
