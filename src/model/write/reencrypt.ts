import type { ExpressionNode } from '../../ast/expression.js'
import type { AssignmentNode } from '../../ast/statement.js'
import { UsageError } from '../../errors.js'
import type { Executor, Using } from '../../execution/executor.js'
import { plainTypes } from '../../field/plain-type.js'
import { originOf, rowOf } from '../../hydrate/state.js'
import { atField } from '../../hydrate/unreadable.js'
import type { ModelField } from '../../metadata/model-field.js'
import { updateOf } from '../../query/builder/changes.js'
import type { Query } from '../../query/builder/query-builder.js'
import { columnOf } from '../../query/columns/columns.js'
import { holdsKey } from '../../query/link/key-condition.js'
import { allOf, anyOf, equals } from '../../query/link/logic.js'
import { present } from '../../util/expect.js'
import { executorFor, within } from '../runtime/run.js'
import type { ModelRuntime } from '../runtime/runtime.js'
import { canonical } from './canonical.js'
import { persistQuery } from './persist-query.js'
import { storedKey } from './written.js'

// Encrypts values of old keys again with the current key. Only these columns and their indexes change.

const BATCH = 500

/** A row whose values were encrypted again. */
interface ResealedRow {
  readonly key: readonly unknown[]
  /** The values that the row had. A value that another write has changed in the meantime is left as it is. */
  readonly before: readonly (readonly [ModelField, unknown])[]
  readonly list: readonly AssignmentNode[]
}

/** Rewrites the values of old keys, in batches by primary key, each in a transaction. Returns the number of changed rows. */
export async function reencrypt(runtime: ModelRuntime, using: Using, batch = BATCH): Promise<number> {
  const { meta } = runtime
  const fields = meta.fields.filter((field) => field.kind.plain !== undefined)
  if (fields.length === 0)
    throw new UsageError(
      `reencrypt() needs an encrypted field, and "${meta.name}" has none. Add a Field.encrypted() to it.`,
    )
  if (meta.primaryKey.length === 0)
    throw new UsageError(
      `reencrypt() finds rows by their primary key, and "${meta.name}" has none. Set { primaryKey: true } on a field.`,
    )
  const every = runtime.query(using, 'own').anyRow()
  const changed = await rewrite(runtime, using, { query: every, fields, batch, always: false })
  const indexed = fields.filter(({ blindIndex }) => blindIndex !== null)
  if (indexed.length === 0) return changed
  // rows that were written before the field had an index
  const query = every.restrict(anyOf(indexed.map(lacksIndex)))
  return changed + (await rewrite(runtime, using, { query, fields: indexed, batch, always: true }))
}

/** The condition that a row has a value, but no text of the current key in its index. */
function lacksIndex(field: ModelField): ExpressionNode {
  const index = columnOf(present(field.blindIndex, 'an encrypted field with an index'))
  const prefix = field.kind.blindPrefix?.() ?? ''
  const isNull = (operand: ExpressionNode, negated: boolean): ExpressionNode => ({ kind: 'nullTest', operand, negated })
  return allOf([
    isNull(columnOf(field), true),
    anyOf([
      isNull(index, false),
      {
        kind: 'pattern',
        mode: 'startsWith',
        operand: index,
        pattern: { kind: 'parameter', type: plainTypes.text, value: prefix },
        insensitive: false,
        negated: true,
      },
    ]),
  ])
}

interface Rewriting {
  readonly query: Query
  readonly fields: readonly ModelField[]
  readonly batch: number
  /** Whether values of the current key are encrypted again too. */
  readonly always: boolean
}

async function rewrite(
  runtime: ModelRuntime,
  using: Using,
  { query, fields, batch, always }: Rewriting,
): Promise<number> {
  const names = [...runtime.meta.primaryKey, ...fields].map(({ name }) => name)
  let count = 0
  for await (const rows of query.select(...names).idBatches(batch)) {
    const resealed = rows.flatMap((row) => resealedRow(runtime, row, fields, always) ?? [])
    if (resealed.length > 0) count += await store(runtime, await executorFor(runtime.meta, using), resealed)
  }
  return count
}

function resealedRow(
  runtime: ModelRuntime,
  instance: object,
  fields: readonly ModelField[],
  always: boolean,
): ResealedRow | null {
  const key = storedKey(runtime, instance)
  const before: [ModelField, unknown][] = []
  const list: AssignmentNode[] = []
  for (const field of fields) {
    const bytes = rowOf(instance)?.[originOf(instance)?.positions[field.index] ?? -1] ?? null
    const again = bytes === null ? null : resealed(field, bytes, always, key)
    if (again === null) continue
    before.push([field, bytes])
    list.push(assignment(field, again.bytes))
    if (field.blindIndex !== null) list.push(assignment(field.blindIndex, again.text))
  }
  return list.length === 0 ? null : { key, before, list }
}

function resealed(field: ModelField, bytes: unknown, always: boolean, key: readonly unknown[]) {
  try {
    return field.kind.reseal?.(bytes, always) ?? null
  } catch (error) {
    throw atField(error, field, key.length === 1 ? key[0] : key)
  }
}

const assignment = (field: ModelField, value: unknown): AssignmentNode => ({
  kind: 'assignment',
  column: field.column,
  value: { kind: 'parameter', type: canonical(field), value },
  type: field,
})

function store(runtime: ModelRuntime, executor: Executor, rows: readonly ResealedRow[]): Promise<number> {
  return executor.transaction(async (trx) => {
    const query = runtime.query(within(trx), 'own').anyRow()
    let count = 0
    for (const { key, before, list } of rows) {
      const same = before.map(([field, bytes]) =>
        equals(columnOf(field), { kind: 'parameter', type: canonical(field), value: bytes }),
      )
      const row = query.restrict(holdsKey(runtime.meta.primaryKey, key, canonical)).restrict(allOf(same))
      count += await persistQuery(row, updateOf(list), false)
    }
    return count
  })
}
