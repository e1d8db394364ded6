import type { LockNode, SelectNode, StatementNode } from '../../ast/statement.js'
import { UsageError } from '../../errors.js'
import { isModel, metadataOf } from '../../metadata/metadata.js'
import type { Context } from '../columns/context.js'
import { explainOptions, lockOptions } from '../options.js'
import type { ExplainHow } from '../runner/runner.js'
import type { Shape } from '../shape.js'

/** The lock and the comments, which any kind of statement can have. */
export interface Ending {
  /** How the rows are locked. Only a transaction can lock rows. */
  readonly lock: LockNode | null
  /** Comments in the SQL, which logs show. */
  readonly comments: readonly string[]
}

/** Collects all comments and the last lock. */
export function endingOf(shape: Shape): Ending {
  return { lock: shape.last('lock')?.lock ?? null, comments: shape.each('comment').map(({ text }) => text) }
}

/** Completes an assembled statement in place. Nothing else refers to it yet. */
export function ended<A extends { readonly statement: StatementNode }>(
  { lock, comments }: Ending,
  assembled: A,
): A & Ending {
  const ending: Ending = { lock, comments }
  return lock === null
    ? Object.assign(assembled, ending)
    : Object.assign(assembled, ending, { statement: locked(assembled.statement, lock) })
}

function locked(statement: StatementNode, lock: LockNode): StatementNode {
  if (statement.kind !== 'select')
    throw new UsageError(
      'lock() is for queries that read: update() and delete() lock their rows themselves. To take some rows and skip others, use updateReturning() or deleteReturning().',
    )
  return lockedSelect(statement, lock)
}

/** Puts the lock on the select that reads the table, which may be an inner one. */
function lockedSelect(select: SelectNode, lock: LockNode): SelectNode {
  if (select.from?.kind !== 'derivedTable') return { ...select, lock }
  if (select.from.query.kind === 'compound')
    throw new UsageError(
      "lock() can't be combined with a union: its rows are not rows of the table. Lock them with a separate query.",
    )
  return { ...select, from: { ...select.from, query: lockedSelect(select.from.query, lock) } }
}

export const locksRows = (shape: Shape): boolean => (shape.last('lock')?.lock ?? null) !== null

/** Refuses locks in subqueries. Only the query that returns a row can lock it. */
export function refuseInnerLock(shape: Shape): void {
  if (locksRows(shape))
    throw new UsageError(
      'lock() belongs to the query that is run: one that is a value or condition in it locks nothing.',
    )
}

export function parseLock(context: Context & { readonly shape: Shape }, mode: unknown, given: unknown): LockNode {
  if (mode !== 'update' && mode !== 'share') throw new UsageError("lock() takes 'update' or 'share'.")
  const { skipLocked = false, noWait = false, of } = lockOptions(given)
  if (skipLocked && noWait)
    throw new UsageError('lock() takes skipLocked or noWait, not both: rows are left out, or the query fails.')
  const held = skipLocked ? 'skip' : noWait ? 'fail' : 'wait'
  return {
    kind: 'lock',
    mode,
    held,
    of: of === undefined ? undefined : [of].flat().map((each) => tableIn(context, each)),
  }
}

/** The name of a table in the query, null for the table of its own model. */
function tableIn({ meta, joined, shape }: Context & { readonly shape: Shape }, given: unknown): string | null {
  const name = isModel(given) ? metadataOf(given).table : given
  if (name === meta.table) return null
  if (typeof name !== 'string' || joined === null || !Object.hasOwn(joined.columns, name))
    throw new UsageError(
      'The option "of" of lock() names tables of the query: its model, or tables joined before lock(), by alias or model.',
    )
  const outer = shape.each('join').some(({ join, table }) => table?.name === name && join.type !== 'inner')
  if (outer)
    throw new UsageError(
      `lock() can't lock "${name}", because an outer join has rows without one. Use join(), or lock those rows with a separate query.`,
    )
  return name
}

/**
 * Escapes a text for a comment, so that it can't end the comment, begin a nested one (PostgreSQL nests them) or break the line.
 * The space before it keeps servers from reading it as a hint or as code (`/*+`, `/*!`, `/*M!`).
 */
export function commentText(text: unknown): string {
  if (typeof text !== 'string') throw new UsageError("comment() takes a text: comment('list of books').")
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ')
    .replace(/\*(?=\/)/g, '* ')
    .replace(/\/(?=\*)/g, '/ ')
    .trim()
}

export function withComments(sql: string, { comments }: Ending): string {
  return sql + comments.map((text) => ` /* ${text} */`).join('')
}

export function parseExplain(given: unknown): ExplainHow {
  const { analyze = false, format = 'text' } = explainOptions(given)
  return { analyze, format }
}
