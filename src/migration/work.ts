import type { DialectSql, SchemaOperation, SchemaState } from '../ast/schema.js'
import { IrreversibleMigrationError, quoted } from '../errors.js'
import { applied, lossOf, reversed } from '../schema/operation/index.js'
import { type DataFunction, isSchema, type Operation } from './definition.js'
import type { ReplayedMigration } from './replay.js'

/** One piece of work in one direction, with the schema before it. */
export type Work =
  | {
      readonly kind: 'schema'
      readonly operation: SchemaOperation
      readonly before: SchemaState
      /** The reason why it is intended, although it may block programs or lose data. */
      readonly safe: string | null
    }
  | { readonly kind: 'sql'; readonly sql: DialectSql; readonly probe: DialectSql | null; readonly before: SchemaState }
  | {
      readonly kind: 'data'
      readonly name: string
      readonly run: DataFunction
      readonly before: SchemaState
    }

/** The work of running a migration. */
export const workOf = ({ steps }: ReplayedMigration): readonly Work[] =>
  steps.map(({ operation, before, safe }): Work => {
    if (isSchema(operation)) return { kind: 'schema', operation, before, safe }
    if (operation.op === 'sql') return { kind: 'sql', sql: operation.up, probe: operation.probe, before }
    return { kind: 'data', name: operation.name, run: operation.up, before }
  })

/** The work of reversing a migration, and what it can't restore. */
export interface Reversal {
  readonly work: readonly Work[]
  /** What can't be restored, as phrases. */
  readonly losses: readonly string[]
  readonly after: SchemaState
}

/** The work of reversing a migration. Throws IrreversibleMigrationError if a part of it can't be reversed. */
export function reversalOf({ id, steps, after }: ReplayedMigration): Reversal {
  const work: Work[] = []
  const losses: string[] = []
  let state = after
  for (const { operation, before, safe } of [...steps].reverse()) {
    if (!isSchema(operation)) {
      const undone = undoingOf(operation, state, id)
      if (undone !== null) work.push(undone)
      if (operation.op === 'data' && operation.down === null) losses.push(`what "${operation.name}" changed stays`)
      continue
    }
    const lost = lossOf(operation, before)
    if (lost !== null)
      losses.push(`${lost} ${lost.startsWith('all') || lost.startsWith('the') ? 'do' : 'does'} not come back`)
    for (const each of reversed(operation, before)) {
      work.push({ kind: 'schema', operation: each, before: state, safe })
      state = applied(each, state)
    }
  }
  return { work, losses, after: state }
}

function undoingOf(operation: Exclude<Operation, SchemaOperation>, before: SchemaState, id: string): Work | null {
  if (operation.op === 'data') {
    const { name, down } = operation
    return typeof down === 'function' ? { kind: 'data', name, run: down, before } : null
  }
  if (operation.down !== null) return { kind: 'sql', sql: operation.down, probe: null, before }
  throw new IrreversibleMigrationError(
    `The migration ${quoted(id)} has SQL that can't be reversed: its "down" is null. Nothing was run. Write a new migration instead.`,
  )
}
