import { UsageError, ValidationError } from '../../errors.js'
import type { CursorPage } from '../../types/page.js'
import { andThen, type MaybePromise } from '../../util/maybe-promise.js'
import { cursorOptions } from '../options.js'
import type { PageReader } from '../runner/runner.js'
import { markOf, pageOrders } from './computed.js'
import { readCursor, writeCursor } from './cursor.js'
import { afterValues, type KeysetColumn, keysetOf, turned } from './keyset.js'
import { checkPage, type Pageable, refuseCut, refuseDistinct, refuseGroups } from './pageable.js'
import { positionOf, valuesAt } from './position.js'
import { refuseRepeated } from './repeated.js'

const CALL = 'cursorPaginate'

/** The page after or before a cursor: as quick on the last page as on the first. */
export function cursorPaginate(query: Pageable, given: unknown): MaybePromise<CursorPage<object>> {
  const { after = null, before = null, size = 25 } = cursorOptions(given)
  if (after !== null && before !== null)
    throw new UsageError('cursorPaginate() takes "after" or "before", not both. Pass one of them.')
  refuseGroups(query, CALL)
  refuseCut(query, CALL)
  const { meta } = query.source
  checkPage(meta.name, { page: 1, size })
  const columns = keysetOf(meta, pageOrders(query, CALL), CALL)
  refuseDistinct(query, columns, CALL)
  return andThen(query.source.runner.pageReader(query), (reader) => {
    if (reader.maxRows !== undefined && size > reader.maxRows)
      throw new UsageError(
        `A page of ${size} is larger than maxRows allows (${reader.maxRows}). Ask for a smaller page, or raise maxRows.`,
      )
    const walked = before === null ? columns : turned(columns)
    const name = before === null ? 'after' : 'before'
    const order = { query, columns, reader }
    const values = after === null && before === null ? null : valuesOf(order, after ?? before, name)
    const rows = query.source.runner.entities(nextRows({ query, columns: walked, reader }, values, size + 1))
    return andThen(rows, (found) => pageOf(order, found, { size, from: values === null ? null : name }))
  })
}

/** A query whose rows are read page by page, in an order of these columns. */
export interface PagedQuery {
  readonly query: Pageable
  readonly columns: readonly KeysetColumn[]
  readonly reader: PageReader
}

/** The rows after some values of an order, or the first ones. Without an offset, no row is skipped or returned twice. */
export function nextRows(
  { query, columns, reader }: PagedQuery,
  values: readonly unknown[] | null,
  count: number,
): Pageable {
  const fields = columns.flatMap(({ field }) => field ?? [])
  const computed = columns.filter(({ field }) => field === null)
  const sliced = query
    .needing(fields)
    .sliced(columns.map(({ order }) => order))
    .carrying(computed.map(({ order, type }, i) => markOf(order.expression, type, i)))
  const kept = values === null ? sliced : sliced.restrictFurther(afterValues(columns, values, reader.nullsLargest))
  return kept.allOwn().limit(count)
}

function valuesOf({ query, columns, reader }: PagedQuery, cursor: unknown, name: string): unknown[] {
  const { meta } = query.source
  const values = valuesAt(columns, readCursor(meta, columns, cursor, reader.cursorSecret))
  if (values !== null) return values
  throw new ValidationError(meta.name, [
    { path: name, code: 'cursor', message: 'is not a cursor of this query and its order' },
  ])
}

function pageOf(
  { query, columns, reader }: PagedQuery,
  found: readonly object[],
  { size, from }: { readonly size: number; readonly from: 'after' | 'before' | null },
): CursorPage<object> {
  const { meta } = query.source
  const items = found.slice(0, size)
  const [last, next] = found.slice(size - 1).map((row) => positionOf(columns, row, reader))
  if (last !== undefined && next !== undefined) refuseRepeated(query, last, next, CALL)
  if (from === 'before') items.reverse()
  const more = found.length > size
  // the row of the cursor is on the other side
  const other = from !== null && items.length > 0
  const [hasNext, hasPrevious] = from === 'before' ? [other, more] : [more, other]
  const cursorOf = (row: object | undefined) =>
    row === undefined ? null : writeCursor(meta, columns, positionOf(columns, row, reader), reader.cursorSecret)
  return {
    items,
    size,
    nextCursor: hasNext ? cursorOf(items.at(-1)) : null,
    previousCursor: hasPrevious ? cursorOf(items[0]) : null,
    hasNext,
    hasPrevious,
  }
}
