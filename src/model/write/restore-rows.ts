import { ASSIGNMENT } from '../../ast/bases.js'
import type { AssignmentNode } from '../../ast/statement.js'
import { UsageError } from '../../errors.js'
import type { Executor } from '../../execution/executor.js'
import type { ModelField } from '../../metadata/model-field.js'
import { constraintsOf } from '../../schema/constraints.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import type { ChangedInstance } from './batch.js'
import { isGuarded } from './guards.js'
import { persistChanges, persistRows, persistUpsert } from './persist-rows.js'
import type { CanonicalRow } from './prepare.js'
import type { UpsertConflict } from './send/upsert.js'

// Stores rows as they were read earlier, with their keys, versions and times. They were checked before, and they pass the
// guards. No hook runs, and no field is filled in.

/** Rows with values for the same fields. */
export interface RestoredRows {
  readonly rows: readonly CanonicalRow[]
  readonly given: readonly ModelField[]
}

/** Inserts rows. With `update`, rows whose keys exist get the values of the given fields. */
export async function restoreRows(
  runtime: ModelRuntime,
  executor: Executor,
  { rows, given }: RestoredRows,
  update: boolean,
): Promise<void> {
  if (!update) await persistRows(runtime, executor, rows, undefined)
  else await persistUpsert(runtime, executor, { rows, conflict: conflictOf(runtime, given), most: undefined })
}

/** New values of some fields of a row, all canonical. */
export interface RestoredValues {
  readonly key: readonly unknown[]
  /** The version that the row was stored with; null: it is not known. */
  readonly version: number | null
  readonly values: readonly unknown[]
}

/** Sets fields of rows that have been stored. */
export function restoreValues(
  runtime: ModelRuntime,
  executor: Executor,
  fields: readonly ModelField[],
  rows: readonly RestoredValues[],
): Promise<void> {
  const hasVersion = runtime.meta.version !== null
  const changes = rows.map(({ key, version, values }): ChangedInstance => {
    // a version that is expected stays as it is
    const expected = hasVersion ? (version ?? 'any') : null
    const change = { fields, values, touched: [], key, expected, scoped: null, generated: null } as const
    return { instance: {}, change: { ...change } }
  })
  return persistChanges(runtime, executor, changes)
}

function conflictOf(runtime: ModelRuntime, given: readonly ModelField[]): UpsertConflict {
  const { meta } = runtime
  if (meta.table.toLowerCase() === 'excluded')
    throw new UsageError(
      `Rows of "${meta.table}" can't be updated by their keys: that is what SQL calls the incoming row. Give the table another name.`,
    )
  const columns = meta.primaryKey.map(({ column }) => column)
  const others = constraintsOf(meta)
    .indexes.filter(
      ({ unique, where, columns: own }) => unique && where === null && !columns.every((c) => own.includes(c)),
    )
    .map((index) => index.columns)
  const assignments = given
    .filter((field) => !field.primaryKey)
    .map(
      (field): AssignmentNode => ({
        ...ASSIGNMENT,
        column: field.column,
        value: { kind: 'incoming', column: field.column, type: field },
      }),
    )
  // guards have to know how many rows are new
  const counted = isGuarded(runtime)
  const key = `restore:${counted}:${assignments.map(({ column }) => column).join('\0')}`
  const node = { kind: 'conflict', columns, others, assignments } as const
  return { node, key, counted, fields: meta.primaryKey, parameters: [] }
}
