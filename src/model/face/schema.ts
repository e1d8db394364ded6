import type * as Zod from 'zod'
import { type Issue, quotedName, UsageError, ValidationError } from '../../errors.js'
import { jsonSchemaOf } from '../../field/json-schema.js'
import { describe } from '../../field/kind.js'
import { loadZod } from '../../field/zod.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { isFilled, type Translation } from '../../metadata/translation.js'
import { valueIssues } from '../../query/builder/write.js'
import { fromJson, messageFor } from '../../query/condition/from-json.js'
import { andThen, type MaybePromise, readableError } from '../../util/maybe-promise.js'
import { memo } from '../../util/memo.js'
import { isPlainObject, own } from '../../util/own.js'
import { missingTranslation } from '../write/translated.js'
import { userIssues, userIssuesNow } from '../write/values.js'
import { castValue } from '../write/write-metadata.js'

type SafeParseResult = { success: true; data: unknown } | { success: false; error: ValidationError }

interface Member {
  readonly name: string
  /** Null: a virtual attribute, which takes any value. */
  readonly field: ModelField | null
  readonly optional: boolean
}

/** The shape of a model's data, over a zod object of its fields' own checks. */
class ModelSchema {
  #zod: Zod.ZodObject | undefined
  #typed: Zod.ZodObject | undefined

  constructor(
    private readonly meta: ModelMetadata,
    private readonly members: readonly Member[],
    /** Translated fields that must have a text in one of their languages. */
    private readonly demanded: readonly Translation[] = [],
  ) {}

  get zod(): Zod.ZodObject {
    this.#zod ??= this.#build(true)
    return this.#zod
  }

  /** The same without the rules of the user, which may be asynchronous. */
  get #types(): Zod.ZodObject {
    this.#typed ??= this.#build(false)
    return this.#typed
  }

  parse(data: unknown): unknown {
    const result = this.safeParse(data)
    if (result.success) return result.data
    throw result.error
  }

  safeParse(data: unknown): SafeParseResult {
    const result = read(this.zod, data)
    const issues = result.success ? [] : result.error.issues.flatMap((issue) => toIssues(issue, data))
    issues.push(...this.#untranslated(data, issues))
    return result.success && issues.length === 0 ? { success: true, data: result.data } : this.#refused(issues)
  }

  async parseAsync(data: unknown): Promise<unknown> {
    const result = await this.#parseLater(data)
    if (result.success) return result.data
    throw result.error
  }

  async safeParseAsync(data: unknown): Promise<SafeParseResult> {
    return this.#parseLater(data)
  }

  /** Runs all rules; a promise only where one of them is asynchronous. */
  #parseLater(data: unknown): MaybePromise<SafeParseResult> {
    const result = read(this.#types, data)
    const issues = result.success ? [] : result.error.issues.flatMap((issue) => toIssues(issue, data))
    issues.push(...this.#untranslated(data, issues))
    const wrong = new Set(issues.map(({ path }) => path.split('.', 1)[0]))
    const values = result.success ? result.data : this.#readable(data, wrong)
    const pending = userIssues(this.meta, values, ({ name }) => Object.hasOwn(values, name) && !wrong.has(name), issues)
    const end = (): SafeParseResult => (issues.length === 0 ? { success: true, data: values } : this.#refused(issues))
    return pending === undefined ? end() : pending.then(end)
  }

  /** The translated fields that the data has no text for. One that was given and is wrong is not missing. */
  #untranslated(data: unknown, issues: readonly Issue[]): Issue[] {
    if (this.demanded.length === 0 || !isPlainObject(data)) return []
    const given = own(data)
    const isThere = (name: string) => isFilled(given[name]) || issues.some(({ path }) => path === name)
    return this.demanded.filter((each) => !this.#namesOf(each).some(isThere)).map(missingTranslation)
  }

  /** The names by which data can give a text of a translated field. */
  #namesOf({ name, fields }: Translation): string[] {
    const names = new Set([name, ...fields.map((field) => field.name)])
    return this.members.flatMap((member) => (names.has(member.name) ? member.name : []))
  }

  /** The same for other members. Without the field itself, nothing is demanded. */
  #withMembers(members: readonly Member[]): ModelSchema {
    const demanded = this.demanded.filter(({ name }) => members.some((member) => member.name === name))
    return new ModelSchema(this.meta, members, demanded)
  }

  /** What could be read of data that is not valid, so that all of its problems are found at once. */
  #readable(data: unknown, wrong: ReadonlySet<string | undefined>): Record<string, unknown> {
    if (!isPlainObject(data) || wrong.has('')) return {}
    const given = own(data)
    const members = this.members.filter(({ name }) => Object.hasOwn(given, name) && !wrong.has(name))
    const readOne = ({ name, field }: Member) =>
      field === null ? given[name] : castValue(field, fromJson(field, given[name]))
    return Object.fromEntries(members.map((member) => [member.name, readOne(member)]))
  }

  #refused(issues: readonly Issue[]): SafeParseResult {
    return { success: false, error: new ValidationError(this.meta.name, issues) }
  }

  pick(...names: string[]): ModelSchema {
    const fields = new Set(names.map((name) => this.#member(name)))
    return this.#withMembers(this.members.filter((member) => fields.has(member)))
  }

  omit(...names: string[]): ModelSchema {
    const fields = new Set(names.map((name) => this.#member(name)))
    return this.#withMembers(this.members.filter((member) => !fields.has(member)))
  }

  partial(): ModelSchema {
    return new ModelSchema(
      this.meta,
      this.members.map((member) => ({ ...member, optional: true })),
    )
  }

  /** https://standardschema.dev */
  get '~standard'(): object {
    return {
      version: 1,
      vendor: 'corm',
      validate: (value: unknown) => andThen(this.#parseLater(value), toStandard),
    }
  }

  #member(name: string): Member {
    const member = this.members.find((each) => each.name === name)
    if (member === undefined)
      throw new UsageError(
        `This schema of "${this.meta.name}" has no field ${quotedName(name)}. It leaves out guarded fields, generated keys and automatic times.`,
      )
    return member
  }

  #build(hasRules: boolean): Zod.ZodObject {
    const z = loadZod()
    const shape: Record<string, Zod.ZodType> = {}
    for (const { name, field, optional } of this.members) {
      const checked = field === null ? z.unknown() : fieldSchema(z, field, hasRules)
      shape[name] = optional ? checked.optional() : checked
    }
    const schema = z.strictObject(shape)
    if (this.demanded.length > 0)
      demandInJson(
        schema,
        this.demanded.map((each) => this.#namesOf(each)),
      )
    return schema
  }
}

/** Adds to the JSON Schema that one of these names must be there. */
function demandInJson(schema: Zod.ZodObject, groups: readonly (readonly string[])[]): void {
  const before = schema._zod.processJSONSchema
  schema._zod.processJSONSchema = (context, json, params) => {
    before?.(context, json, params)
    const [first, ...others] = groups.map((names) => ({ anyOf: names.map((name) => ({ required: [name] })) }))
    Object.assign(json, others.length === 0 ? first : { allOf: [first, ...others] })
  }
}

const toStandard = (result: SafeParseResult): object =>
  result.success
    ? { value: result.data }
    : {
        issues: result.error.issues.map(({ path, message }) => ({ message, path: path === '' ? [] : path.split('.') })),
      }

/** What can't even be looked at (a revoked proxy) is no object. */
function read(zod: Zod.ZodObject, data: unknown) {
  try {
    // zod reads what is inherited as well
    return zod.safeParse(isPlainObject(data) ? own(data) : data)
  } catch (error) {
    if (readableError(error) === error) throw error
    return zod.safeParse(undefined)
  }
}

function toIssues(issue: Zod.core.$ZodIssue, data: unknown): Issue[] {
  if (issue.path.length === 0 && issue.code === 'invalid_type')
    return [{ path: '', code: 'type', message: `expects an object, not ${describe(data)}` }]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((path) => ({ path, code: 'unknown', message: 'is not a field that can be set' }))
  const { code = issue.code, params } = (issue.code === 'custom' && (issue.params as Partial<Issue>)) || {}
  return [{ path: issue.path.join('.'), code, message: issue.message, ...(params && { params }) }]
}

/** A field's checks and conversions as a zod type; JSON forms (ISO dates, digits, base64) are taken too. */
function fieldSchema(z: typeof Zod, field: ModelField, hasRules: boolean): Zod.ZodType {
  const schema = z.unknown().transform((given, context) => {
    // a save stores the content of a file, and checks it then
    if (field.kind.isInput?.(given) === true) return given
    const value = castValue(field, fromJson(field, given))
    const issues =
      value === undefined ? [{ path: '', code: 'required', message: 'is required' }] : [...valueIssues(field, value)]
    if (hasRules && issues.length === 0) userIssuesNow(field, value, issues)
    for (const { path, code, message, params } of issues)
      context.addIssue({
        code: 'custom',
        message: messageFor(field, code, message),
        path: path.split('.').slice(1),
        params: { code, params },
      })
    return value
  })
  // zod has no JSON Schema for conversions, and asks a type for its own first
  schema._zod.processJSONSchema = (context, json) =>
    void Object.assign(json, jsonSchemaOf(field, context.io, context.target))
  return schema
}

export interface ModelSchemas {
  readonly insert: ModelSchema
  readonly update: ModelSchema
  readonly select: ModelSchema
}

const known = new WeakMap<ModelMetadata, ModelSchemas>()

/** Schemas for what `create` takes, what `update` takes, and what an instance holds. */
export function schemasOf(meta: ModelMetadata): ModelSchemas {
  return memo(known, meta, () => {
    const written = meta.fields.filter((field) => !field.guarded)
    const optional = (field: ModelField) =>
      field.nullable ||
      field.hasDefault ||
      field.filledByDatabase ||
      field.kind.automatic !== undefined ||
      field.descriptor.slug !== null
    const translated = (isOptional: (translation: Translation) => boolean) =>
      meta.translations.map((each): Member => ({ name: each.name, field: each.type, optional: isOptional(each) }))
    const virtual = [...meta.attributes.values()]
      .filter(({ compute }) => compute === null)
      .map(({ name }): Member => ({ name, field: null, optional: true }))
    const members = (fields: readonly ModelField[], isOptional: (field: ModelField) => boolean) =>
      fields.map((field): Member => ({ name: field.name, field, optional: isOptional(field) }))
    return {
      insert: new ModelSchema(
        meta,
        [...members(written, optional), ...translated(() => true), ...virtual],
        meta.translations.filter(({ nullable }) => !nullable),
      ),
      update: new ModelSchema(meta, [...members(written, () => true), ...translated(() => true), ...virtual]),
      select: new ModelSchema(
        meta,
        [...members(meta.fields, () => false), ...translated(() => false)].filter(
          ({ field }) => field?.hidden !== true,
        ),
      ),
    }
  })
}
