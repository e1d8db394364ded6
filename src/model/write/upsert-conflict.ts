import { ASSIGNMENT } from '../../ast/bases.js'
import type { AssignmentNode, ConflictNode } from '../../ast/statement.js'
import { structureOf } from '../../ast/structure.js'
import { UsageError } from '../../errors.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { assignments, guardedError } from '../../query/builder/write.js'
import { columnsOf } from '../../query/columns/columns.js'
import { fieldOf } from '../../query/condition/where.js'
import { Expr } from '../../query/expression/expression.js'
import { gateExpressionNow } from '../../query/scopes/pass.js'
import type { UpsertOptions } from '../runtime/options.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { UpsertConflict } from './send/upsert.js'
import type { Attributes } from './values.js'

/** What an upsert does with an existing row, from its options and the fields of its data. */
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
    throw new UsageError(`upsert() can't write the table "${meta.table}": that is what SQL calls the incoming row.`)
  const names = typeof options.conflict === 'string' ? [options.conflict] : options.conflict
  const fields = names.map((name) => fieldOf(meta, name))
  const list = conflictAssignments(runtime, options, fields, given)
  const node: ConflictNode = { kind: 'conflict', columns: fields.map((field) => field.column), assignments: list }
  const { key, parameters: all } = structureOf(list.map((assignment) => assignment.value))
  const parameters = all.filter((parameter) => parameter.kind === 'parameter')
  if (key === null || parameters.length < all.length)
    throw new UsageError('The update of an upsert takes no lists, and no text made at run time.')
  const columns = (names: readonly string[]) => names.join('\0')
  const form = `${columns(node.columns)}:${columns(list.map((a) => a.column))}:${key}:${counted}`
  return { node, key: form, counted, fields, parameters }
}

function conflictAssignments(
  runtime: ModelRuntime,
  options: UpsertOptions,
  conflict: readonly ModelField[],
  given: ReadonlySet<string>,
): AssignmentNode[] {
  const { meta } = runtime
  const { update } = options
  if (update === false) return []
  if (typeof update === 'function') {
    const incoming = Object.fromEntries(
      meta.fields.map((field) => [field.name, new Expr({ kind: 'incoming', column: field.column, type: field })]),
    )
    // with the table's name: the incoming row has columns of the same names
    const data = update(columnsOf(meta, meta.table), incoming)
    // the statement is kept for other values: what scopes say now goes in with those of the queries in it
    return assignments(meta, data, options.guarded === true).map((each) => ({
      ...each,
      value: gateExpressionNow(each.value, runtime.source.runner),
    }))
  }
  const fields =
    update === undefined
      ? meta.fields.filter((field) => isUpdated(field, conflict, given))
      : withTouched(
          meta,
          update.map((name) => updatedField(meta, name, options.guarded === true)),
        )
  return fields.map((field) => ({
    ...ASSIGNMENT,
    column: field.column,
    value: { kind: 'incoming', column: field.column, type: field },
  }))
}

/** A field that data can't set can't be updated from the data either. */
function updatedField(meta: ModelMetadata, name: string, guarded: boolean): ModelField {
  const field = fieldOf(meta, name)
  if (field.guarded && !guarded) throw guardedError(field)
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
  return given.has(field.name) || field.kind.automatic?.on === 'save'
}

/** The condition that finds the row an upsert was about. */
export function conflictMatch(conflict: UpsertConflict, instance: Attributes): Record<string, unknown> {
  return Object.fromEntries(conflict.fields.map((field) => [field.name, instance[field.name]]))
}
