import type { ExpressionNode } from '../../ast/expression.js'
import { PermissionError } from '../../errors.js'
import type { Executor } from '../../execution/executor.js'
import type { ModelMetadata } from '../../metadata/metadata.js'
import type { ModelField } from '../../metadata/model-field.js'
import { lockedConditions, mayReadOf, surelyMeet } from '../../query/scopes/locked.js'
import { plannedFor } from '../read/send.js'
import { keyLists } from '../runtime/key-lists.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { canonical } from './canonical.js'
import type { CanonicalRow } from './prepare.js'

// The guard of locked global scopes. If the values of a row show that it stays in the scopes, no query is needed. Other rows are
// read through the scopes in the same transaction, which is rolled back if one is missing.

/** The indexes of new rows that may be outside the locked scopes. */
export function doubtful({ meta, source }: ModelRuntime, rows: readonly CanonicalRow[]): readonly number[] {
  if (meta.locked.size === 0 || rows.length === 0) return []
  const conditions = lockedConditions(meta, source.runner)
  return [...rows.keys()].filter((i) => !surelyMeet(conditions, ({ index }) => rows[i]?.[index]))
}

/** Whether a row may be outside the locked scopes after these fields of it are changed. */
export function mayLeave(
  { fields, values }: { readonly fields: readonly ModelField[]; readonly values: readonly unknown[] },
  conditions: readonly ExpressionNode[],
): boolean {
  if (
    !mayReadOf(
      conditions,
      fields.map(({ column }) => column),
    )
  )
    return false
  return !surelyMeet(conditions, (field) => {
    const place = fields.indexOf(field)
    return place < 0 ? undefined : values[place]
  })
}

/** Throws if one of these written rows can't be read through the locked scopes of the model. */
export async function requireKept(
  runtime: ModelRuntime,
  keys: readonly (readonly unknown[])[],
  action: 'create' | 'update',
  executor: Pick<Executor, 'run' | 'dialect'>,
): Promise<void> {
  const { meta } = runtime
  const { dialect } = executor
  const names = meta.primaryKey.map(({ name }) => name)
  for (const list of keyLists(meta.primaryKey, keys, dialect, { typeOf: canonical })) {
    const query = runtime
      .query()
      .everyRow()
      .restrict(list.condition)
      .select(...names)
    const { plan, values } = plannedFor(query, dialect)
    const { rows } = await executor.run(plan.statement(values))
    if (rows.length < list.keys.length) throw left(meta, action)
  }
}

/** The error for a row that a write would move out of the locked scopes. */
export function left({ name, locked }: ModelMetadata, action: 'create' | 'update'): PermissionError {
  const scopes = [...locked].map((scope) => `"${scope}"`).join(', ')
  const what = action === 'create' ? 'make a row outside it' : 'take a row out of it'
  return new PermissionError(
    name,
    action,
    `The global scope ${scopes} of "${name}" is locked, and this ${action} would ${what}. Nothing was written. Give the row values that the scope keeps.`,
  )
}
