import type { ExpressionNode, OrderNode } from '../../ast/expression.js'
import type { SelectionNode } from '../../ast/statement.js'
import { type Issue, UsageError, ValidationError } from '../../errors.js'
import type { ModelField } from '../../metadata/model-field.js'
import { isWhole } from '../../util/number.js'
import type { QueryState } from '../runner/runner.js'
import type { StepPart, Token } from '../shape.js'

/** What pages need of a query; the builder is more than this. */
export interface Pageable extends QueryState {
  readonly self: Pageable
  /** A step that only adds fields to load. */
  needing(fields: readonly ModelField[]): Pageable
  /** Adds orders after the existing ones. */
  ordered(items: readonly OrderNode[]): Pageable
  /** The same rows in this order, without limit and offset. */
  sliced(order: readonly OrderNode[]): Pageable
  /** The same rows with these values, which no instance shows. */
  carrying(values: readonly SelectionNode[]): Pageable
  /** The limit or offset that was given last. */
  ownCount(kind: 'limit' | 'offset'): number | null
  select(...keys: unknown[]): Pageable
  restrictFurther(node: ExpressionNode): Pageable
  limit(count: number): Pageable
  offset(count: number): Pageable
  page(number: number, size: number): Pageable
  all(): Pageable
  /** The same, but `maxRows` still applies to the rows of its relations. */
  allOwn(): Pageable
  /** The same rows without a lock. */
  unlocked(): Pageable
  count(): Promise<number>
  /** One more step without a value. */
  step(token: Token, part: StepPart): Pageable
}

/** A number of rows, or its default. */
export function checkedSize(given: unknown, fallback: number, what: string): number {
  if (given === undefined) return fallback
  if (!isWhole(given) || given < 1) throw new UsageError(`${what} must be a whole number above 0.`)
  return given
}

/** Page numbers and sizes often come from a client, so a wrong one is a `ValidationError`. */
export function checkPage(model: string, page: Readonly<Record<'page' | 'size', number>>): void {
  const issues: Issue[] = []
  for (const path of ['page', 'size'] as const)
    if (!Number.isSafeInteger(page[path]) || page[path] < 1)
      issues.push({ path, code: 'range', message: 'must be a whole number above 0' })
  if (issues.length === 0 && !Number.isSafeInteger(page.page * page.size))
    issues.push({ path: 'page', code: 'range', message: 'is too large' })
  if (issues.length > 0) throw new ValidationError(model, issues)
}

export const isGrouped = (query: QueryState): boolean => query.shape.has('groupBy')

export function refuseGroups(query: Pageable, call: string): void {
  if (isGrouped(query))
    throw new UsageError(`${call}() returns rows, and a group is not a row. Use aggregate() after groupBy().`)
}

/** The computed values of an order are selected too, so DISTINCT would compare them as well. */
export function refuseDistinct(query: Pageable, columns: readonly { readonly field: unknown }[], call: string): void {
  if (query.shape.last('distinct')?.on === true && columns.some(({ field }) => field === null))
    throw new UsageError(
      `${call}() of distinct() rows continues by fields only. Order by fields, or leave distinct() out.`,
    )
}

export function refuseCut(query: Pageable, call: string): void {
  if (query.ownCount('limit') !== null || query.ownCount('offset') !== null)
    throw new UsageError(`${call}() sets limit and offset itself: remove limit(), offset() or page() before it.`)
}
