import type * as Zod from 'zod'
import { type Issue, quotedName, UsageError, ValidationError } from '../../errors.js'
import { describe } from '../../field/kind.js'
import { loadZod } from '../../field/zod.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { valueIssues } from '../../query/builder/write.js'
import { fromJson, messageFor } from '../../query/condition/from-json.js'
import { readableError } from '../../util/maybe-promise.js'
import { memo } from '../../util/memo.js'
import { isPlainObject, own } from '../../util/own.js'
import { userIssuesNow } from '../write/values.js'
import { castValue } from '../write/write-metadata.js'

type Result = { success: true; data: unknown } | { success: false; error: ValidationError }

interface Member {
  readonly name: string
  /** Null: a virtual attribute, which takes any value. */
  readonly field: ModelField | null
  readonly optional: boolean
}

/** The shape of a model's data, over a zod object of its fields' own checks. */
class ModelSchema {
  #zod: Zod.ZodObject | undefined

  constructor(
    private readonly meta: ModelMetadata,
    private readonly members: readonly Member[],
  ) {}

  get zod(): Zod.ZodObject {
    this.#zod ??= this.#build()
    return this.#zod
  }

  parse(data: unknown): unknown {
    const result = this.safeParse(data)
    if (result.success) return result.data
    throw result.error
  }

  safeParse(data: unknown): Result {
    const result = this.#read(data)
    if (result.success) return { success: true, data: result.data }
    return {
      success: false,
      error: new ValidationError(
        this.meta.name,
        result.error.issues.flatMap((issue) => toIssues(issue, data)),
      ),
    }
  }

  /** What can't even be looked at (a revoked proxy) is no object. */
  #read(data: unknown) {
    try {
      // zod reads what is inherited as well
      return this.zod.safeParse(isPlainObject(data) ? own(data) : data)
    } catch (error) {
      if (readableError(error) === error) throw error
      return this.zod.safeParse(undefined)
    }
  }

  pick(...names: string[]): ModelSchema {
    const fields = new Set(names.map((name) => this.#member(name)))
    return new ModelSchema(
      this.meta,
      this.members.filter((member) => fields.has(member)),
    )
  }

  omit(...names: string[]): ModelSchema {
    const fields = new Set(names.map((name) => this.#member(name)))
    return new ModelSchema(
      this.meta,
      this.members.filter((member) => !fields.has(member)),
    )
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
      validate: (value: unknown) => {
        const result = this.safeParse(value)
        if (result.success) return { value: result.data }
        return {
          issues: result.error.issues.map(({ path, message }) => ({
            message,
            path: path === '' ? [] : path.split('.'),
          })),
        }
      },
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

  #build(): Zod.ZodObject {
    const z = loadZod()
    const shape: Record<string, Zod.ZodType> = {}
    for (const { name, field, optional } of this.members) {
      const checked = field === null ? z.unknown() : fieldSchema(z, field)
      shape[name] = optional ? checked.optional() : checked
    }
    return z.strictObject(shape)
  }
}

function toIssues(issue: Zod.core.$ZodIssue, data: unknown): Issue[] {
  if (issue.path.length === 0 && issue.code === 'invalid_type')
    return [{ path: '', code: 'type', message: `expects an object, not ${describe(data)}` }]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((path) => ({ path, code: 'unknown', message: 'is not a field that can be set' }))
  const code = issue.code === 'custom' ? ((issue.params?.code as string | undefined) ?? 'custom') : issue.code
  return [{ path: issue.path.join('.'), code, message: issue.message }]
}

/** A field's checks and conversions as a zod type; JSON forms (ISO dates, digits, base64) are taken too. */
function fieldSchema(z: typeof Zod, field: ModelField): Zod.ZodType {
  return z.unknown().transform((given, context) => {
    const value = castValue(field, fromJson(field, given))
    const issues =
      value === undefined ? [{ path: '', code: 'required', message: 'is required' }] : [...valueIssues(field, value)]
    if (issues.length === 0) userIssuesNow(field, value, issues)
    for (const { path, code, message } of issues)
      context.addIssue({
        code: 'custom',
        message: messageFor(field, code, message),
        path: path.split('.').slice(1),
        params: { code },
      })
    return value
  })
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
      field.nullable || field.hasDefault || field.filledByDatabase || field.kind.automatic !== undefined
    const virtual = [...meta.attributes.values()]
      .filter(({ compute }) => compute === null)
      .map(({ name }): Member => ({ name, field: null, optional: true }))
    const members = (fields: readonly ModelField[], isOptional: (field: ModelField) => boolean) =>
      fields.map((field): Member => ({ name: field.name, field, optional: isOptional(field) }))
    return {
      insert: new ModelSchema(meta, [...members(written, optional), ...virtual]),
      update: new ModelSchema(meta, [...members(written, () => true), ...virtual]),
      select: new ModelSchema(
        meta,
        members(meta.fields, () => false),
      ),
    }
  })
}
