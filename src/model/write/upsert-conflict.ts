import { ASSIGNMENT } from '../../ast/bases.js'
import type { ExpressionNode } from '../../ast/expression.js'
import type { AssignmentNode, ConflictNode } from '../../ast/statement.js'
import { structureOf } from '../../ast/structure.js'
import { quoted, UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { assignments, guardedError, refuseReadonly } from '../../query/builder/write.js'
import { columnsOf } from '../../query/columns/columns.js'
import { nextVersion } from '../../query/columns/version.js'
import { fieldOf } from '../../query/condition/where.js'
import { Expr } from '../../query/expression/expression.js'
import { gateExpressionNow } from '../../query/scopes/pass.js'
import { refuseInUpserts } from '../../query/statement/aggregates.js'
import { constraintsOf } from '../../schema/constraints.js'
import type { UpsertOptions } from '../runtime/options.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { isGuarded } from './guards.js'
import type { UpsertConflict } from './send/upsert.js'
import type { Attributes } from './values.js'

/** Determines what an upsert does with an existing row, from its options and the fields of its data. */
export function conflictOf(
  runtime: ModelRuntime,
  options: UpsertOptions,
  given: ReadonlySet<string>,
  counted = false,
): UpsertConflict {
  const { meta } = runtime
  if (options.conflict === undefined)
    throw new UsageError(
      `upsert() of "${meta.name}" needs { conflict }: the unique field or fields by which a row counts as the same.`,
    )
  if (meta.table.toLowerCase() === 'excluded')
    throw new UsageError(
      `upsert() can't write the table "${meta.table}": that is what SQL calls the incoming row. Give the table another name, or use updateOrCreate().`,
    )
  const names = new Set(typeof options.conflict === 'string' ? [options.conflict] : options.conflict)
  // equal encrypted values only match in their blind index
  const fields = [...names].map((name) => fieldOf(meta, name)).map((field) => field.blindIndex ?? field)
  const others = otherKeys(meta, fields)
  const list = conflictAssignments(runtime, options, fields, given)
  const columns = fields.map((field) => field.column)
  const node: ConflictNode = { kind: 'conflict', columns, others, assignments: list }
  const { key, parameters: all } = structureOf(list.map((assignment) => assignment.value))
  const parameters = all.filter((parameter) => parameter.kind === 'parameter')
  if (key === null || parameters.length < all.length)
    throw new UsageError('The update of an upsert takes no lists, and no text made at run time.')
  const joined = (names: readonly string[]) => names.join('\0')
  const text = `${joined(columns)}:${joined(list.map((a) => a.column))}:${key}:${counted}${languagesOf(meta)}`
  return { node, key: text, counted, fields, parameters }
}

/** Part of the key of a cached statement: the order in which translated fields use their columns. */
const languagesOf = ({ translations }: ModelMetadata) => translations.map((each) => `:${each.key()}`).join('')

/**
 * The other unique keys of the model. Throws if the conflict fields are no unique key: databases would refuse the row or insert
 * it twice.
 */
function otherKeys(meta: ModelMetadata, fields: readonly ModelField[]): readonly (readonly string[])[] {
  const indexes = constraintsOf(meta).indexes.filter(({ unique, where }) => unique && where === null)
  const keys = [meta.primaryKey.map((field) => field.column), ...indexes.map((index) => index.columns)]
  const columns = fields.map((field) => field.column)
  const holds = (key: readonly string[]) => columns.every((column) => key.includes(column))
  // a key that contains all these columns can only conflict where this one does
  if (keys.some((key) => key.length === columns.length && holds(key)))
    return keys.filter((key) => key.length > 0 && !holds(key))
  throw new UsageError(
    `upsert() of "${meta.name}" can't use ${fields.map(({ name }) => quoted(name)).join(' and ')} as its conflict, which is not a unique key of the model. Name the fields of the primary key or of a unique key, or declare one with "unique" or "uniques".`,
  )
}

function conflictAssignments(
  runtime: ModelRuntime,
  options: UpsertOptions,
  conflict: readonly ModelField[],
  given: ReadonlySet<string>,
): AssignmentNode[] {
  const { meta } = runtime
  const list = updatedColumns(runtime, options, conflict, given).filter(({ column }) => column !== meta.version?.column)
  // computed from the existing row, because the incoming one has a version too
  return list.length === 0 ? list : [...list, ...nextVersion(meta, meta.table)]
}

function updatedColumns(
  runtime: ModelRuntime,
  options: UpsertOptions,
  conflict: readonly ModelField[],
  given: ReadonlySet<string>,
): AssignmentNode[] {
  const { meta } = runtime
  const { update } = options
  if (update === false) return []
  if (typeof update === 'function') {
    const incomingOf = (field: ModelField) => new Expr({ kind: 'incoming', column: field.column, type: field })
    const incoming = Object.fromEntries([
      ...meta.fields.map((field) => [field.name, incomingOf(field)] as const),
      ...meta.translations.flatMap(({ name, targetOrNull: field }) =>
        field === null ? [] : [[name, incomingOf(field)] as const],
      ),
    ])
    // qualified by the table, because the incoming row has columns of the same names
    const data = update(columnsOf(meta, meta.table), incoming)
    // the statement is cached for other values, so the current conditions of scopes are added like those of the queries in it
    const list = assignments(meta, data, options.guarded === true)
    refuseInUpserts(list.map(({ value }) => value))
    const moved = list.map(({ column, value }) => meta.fieldOfColumn(isOwn(value, column) ? '' : column))
    const key = moved.find((field) => field !== undefined && isKept(runtime, conflict, field))
    if (key !== undefined)
      throw new UsageError(
        `The update of an upsert can't set ${key}, because the row is found by it. Update the row with a query: ${meta.name}.where(…).update(…).`,
      )
    return list.map((each) => ({ ...each, value: gateExpressionNow(each.value, runtime.source.runner) }))
  }
  const written = new Set([...given].map((name) => meta.attributes.get(name)?.translation?.target.name ?? name))
  const fields =
    update === undefined
      ? meta.fields.filter((field) => isUpdated(field, conflict, written))
      : withTouched(
          meta,
          [...new Set(update)].flatMap((name) => {
            const field = updatedField(meta, name, options.guarded === true)
            return field.blindIndex === null ? [field] : [field, field.blindIndex]
          }),
        )
  return fields.map((field) => ({
    ...ASSIGNMENT,
    column: field.column,
    value: { kind: 'incoming', column: field.column, type: field },
  }))
}

/** Whether the column is set to the incoming value. If the row is found by this column, that value is unchanged. */
const isOwn = (value: ExpressionNode, column: string) => value.kind === 'incoming' && value.column === column

/** Whether the updated row is found again, or checked in its scopes, by this field. */
function isKept(runtime: ModelRuntime, conflict: readonly ModelField[], field: ModelField): boolean {
  return conflict.includes(field) && (field.primaryKey || isGuarded(runtime) || runtime.meta.primaryKey.length === 0)
}

/** Whether the update changes fields that the row is found by. */
export const movesKey = ({ node, fields }: UpsertConflict): boolean =>
  node.assignments.some(({ column, value }) => fields.some((field) => field.column === column) && !isOwn(value, column))

/** A field of the option `update`. Fields that data can't set can't be updated from the data either. */
function updatedField(meta: ModelMetadata, name: string, guarded: boolean): ModelField {
  const field = meta.attributes.get(name)?.translation?.target ?? fieldOf(meta, name)
  if (field.generated !== null)
    throw new UsageError(`${field} is generated by the database and can't be written. Leave it out.`)
  if (field.guarded && !guarded) throw guardedError(field)
  refuseReadonly(field)
  return field
}

/** Adds the fields that every save sets. */
function withTouched(meta: ModelMetadata, fields: readonly ModelField[]): readonly ModelField[] {
  if (fields.length === 0) return fields
  const touched = meta.fields.filter((field) => field.kind.automatic?.on === 'save' && !fields.includes(field))
  return [...fields, ...touched]
}

/** By default, an upsert updates the fields of its data and those that every save sets. */
function isUpdated(field: ModelField, conflict: readonly ModelField[], given: ReadonlySet<string>): boolean {
  if (conflict.includes(field) || field.primaryKey || field.readonly || field.generated !== null) return false
  return given.has((field.indexOf ?? field).name) || field.kind.automatic?.on === 'save'
}

/** The condition that finds the row of an upsert. */
export function conflictMatch(conflict: UpsertConflict, instance: Attributes): Record<string, unknown> {
  return Object.fromEntries(
    conflict.fields.map(({ name, indexOf }) => [indexOf?.name ?? name, instance[indexOf?.name ?? name]]),
  )
}
