import { nodeOf } from '../../ast/brand.js'
import { DatabaseError, type Issue, UsageError, ValidationError } from '../../errors.js'
import { isJsonNull } from '../../field/json.js'
import { originOf, rowOf } from '../../hydrate/state.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { ruleIssues } from '../../query/builder/write.js'
import type { StandardSchema } from '../../types/schema.js'
import { foundIssues } from '../../util/issues.js'
import { memo } from '../../util/memo.js'
import { isRecord } from '../../util/record.js'

export type Attributes = Record<string, unknown>

/** The canonical form of a value that is written. Problems are added to `issues`. */
export function writeValue(field: ModelField, value: unknown, issues: Issue[]): unknown {
  if ((value === null || value === undefined) && !(value === null && field.nullIsValue)) {
    if (!field.nullable) issues.push({ path: field.name, code: 'required', message: 'is required' })
    return null
  }
  try {
    const canonical = field.check(value)
    if (field.kind.rules !== undefined || field.options.choices !== undefined) issues.push(...ruleIssues(field, value))
    return canonical
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    issues.push(...foundIssues(error))
    return null
  }
}

/** The snapshot of a canonical value, which dirty checks compare with later. */
export function snapshotOf(field: ModelField, canonical: unknown): unknown {
  return ownSnapshot(field, detached(canonical))
}

/** The snapshot of a canonical value that no other code can change. */
export function ownSnapshot(field: ModelField, canonical: unknown): unknown {
  if (canonical === null) return null
  const { snapshot, load } = field.kind
  if (snapshot === 'date') return (canonical as Date).getTime()
  if (snapshot === 'value') return load === null ? canonical : load(canonical)
  return canonical
}

/** Copies a value that can be changed in place. Other values are returned unchanged. */
export function detached(canonical: unknown): unknown {
  if (typeof canonical !== 'object' || canonical === null) return canonical
  if (canonical instanceof Date) return new Date(canonical.getTime())
  if (canonical instanceof Float32Array) return new Float32Array(canonical)
  if (Array.isArray(canonical)) return canonical.map(detached)
  return canonical instanceof Uint8Array ? new Uint8Array(canonical) : canonical
}

/** Whether the canonical value is its own snapshot. */
export function isOwnSnapshot({ kind }: ModelField): boolean {
  return kind.snapshot === 'value' ? kind.load === null : kind.snapshot === 'canonical'
}

/** Whether a value is still what was stored. */
export function isUnchanged(field: ModelField, value: unknown, snapshot: unknown): boolean {
  if (value === null && field.nullIsValue) return isJsonNull(snapshot)
  if (value === null || value === undefined || snapshot === null) return (value ?? null) === snapshot
  const { kind } = field
  if (kind.snapshot === 'value') return Object.is(value, snapshot)
  if (kind.snapshot === 'date') return value instanceof Date && value.getTime() === snapshot
  return kind.same?.(value, snapshot) ?? false
}

/** The value of a snapshot, in the field's own form. */
export function fromSnapshot(field: ModelField, snapshot: unknown): unknown {
  if (snapshot === null || snapshot === undefined) return snapshot
  if (field.kind.snapshot === 'date') return new Date(snapshot as number)
  if (field.kind.snapshot === 'value') return snapshot
  return field.kind.load === null ? snapshot : field.kind.load(snapshot as never)
}

/** The canonical value of a snapshot. */
export function canonicalOf(field: ModelField, snapshot: unknown): unknown {
  if (snapshot === null || snapshot === undefined) return null
  const { kind } = field
  if (kind.snapshot === 'date') return new Date(snapshot as number)
  return kind.snapshot === 'value' && kind.load !== null ? field.check(snapshot) : snapshot
}

/** The known value of a field in the database, undefined if it was not read. */
export function originalOf(instance: object, field: ModelField): unknown {
  const place = originOf(instance)?.positions[field.index] ?? -1
  return place < 0 ? undefined : fromSnapshot(field, rowOf(instance)?.[place])
}

/** The primary key of the row in the database. The code may have assigned another key that is not saved yet. */
export const originalKey = ({ primaryKey }: ModelMetadata, instance: object): unknown[] =>
  primaryKey.map((field) => originalOf(instance, field))

/** Whether a field, or the elements of its arrays, have a check by the user. */
export const isValidated = ({ options, kind }: ModelField): boolean =>
  options.validate !== undefined || options.schema !== undefined || kind.element?.options.validate !== undefined

/** Fields with checks by the user; most models have none. */
const validated = new WeakMap<ModelMetadata, readonly ModelField[]>()

function validatedFields(meta: ModelMetadata): readonly ModelField[] {
  return memo(validated, meta, ({ fields }) => fields.filter(isValidated))
}

/** Runs the validators of these fields; a promise only when one of them is asynchronous. */
export function userIssues(
  meta: ModelMetadata,
  instance: Attributes,
  fields: (field: ModelField) => boolean,
  issues: Issue[],
): Promise<void> | undefined {
  const waiting: Promise<unknown>[] = []
  for (const field of validatedFields(meta)) {
    // checked first, because a field that was not loaded can't be read
    if (!fields(field)) continue
    const value = instance[field.name]
    if (value === null || value === undefined) continue
    waiting.push(...pendingChecks(field, value, issues))
  }
  return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => undefined)
}

const checksOf = (field: ModelField): readonly unknown[] =>
  [field.options.validate, field.options.schema].filter((option) => option !== undefined)

/** Runs the checks of a value and of the elements of an array. Returns the promises of asynchronous checks. */
function pendingChecks(field: ModelField, value: unknown, issues: Issue[], now = false): Promise<void>[] {
  const run = (checks: readonly unknown[], each: unknown, path: string) =>
    checks.flatMap((check) => (now && isAsync(check) ? [] : (validate(path, check, each, issues) ?? [])))
  const { element } = field.kind
  const inner = element?.options.validate
  const ofElements =
    inner === undefined || !Array.isArray(value)
      ? []
      : value.flatMap((each, i) => (each == null ? [] : run([inner], each, `${field.name}.${i}`)))
  return [...run(checksOf(field), value, field.name), ...ofElements]
}

/** Runs the synchronous validators of one value. Asynchronous ones are left to the write. */
export function userIssuesNow(field: ModelField, value: unknown, issues: Issue[]): void {
  if (value === null || value === undefined) return
  for (const pending of pendingChecks(field, value, issues, true)) pending.catch(() => undefined)
}

/** Refuses values of a row that no instance holds, such as pivot values, if a validator does. Expressions have none. */
export async function refuseInvalid(meta: ModelMetadata, values: Attributes): Promise<void> {
  const issues: Issue[] = []
  await userIssues(meta, values, (field) => nodeOf(values[field.name]) === undefined, issues)
  if (issues.length > 0) throw new ValidationError(meta.name, issues)
}

/** Whether a validator is an async function. Calling it to find out is not an option, because it may send a query. */
const isAsync = (validator: unknown) => Object.prototype.toString.call(validator) === '[object AsyncFunction]'

function validate(name: string, validator: unknown, value: unknown, issues: Issue[]): Promise<void> | undefined {
  const add = (message: string, path = name) => void issues.push({ path, code: 'custom', message })
  if (typeof validator === 'function') {
    let verdict: unknown
    try {
      verdict = (validator as (value: unknown) => unknown)(value)
    } catch (error) {
      return void refusal(error, add)
    }
    if (isThenable(verdict))
      return Promise.resolve(verdict).then(
        (later) => judge(later, add),
        (error: unknown) => refusal(error, add),
      )
    return void judge(verdict, add)
  }
  const result = (validator as StandardSchema)['~standard'].validate(value)
  const read = (outcome: Awaited<typeof result>) => {
    for (const issue of outcome.issues ?? []) add(issue.message, [name, ...(issue.path ?? []).map(segment)].join('.'))
  }
  return result instanceof Promise ? result.then(read) : void read(result)
}

const segment = (part: PropertyKey | { readonly key: PropertyKey }) =>
  String(typeof part === 'object' ? part.key : part)

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  isRecord(value) && typeof value.then === 'function'

/** An error from a validator is a problem of the value, except for a failed query, which says nothing about the value. */
function refusal(error: unknown, add: (message: string) => void): void {
  if (error instanceof DatabaseError || error instanceof UsageError) throw error
  add(error instanceof Error ? error.message : String(error))
}

function judge(verdict: unknown, add: (message: string) => void): void {
  if (verdict === false) add('is not valid')
  else if (typeof verdict === 'string') add(verdict)
}
