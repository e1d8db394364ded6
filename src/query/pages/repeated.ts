import { UsageError } from '../../errors.js'
import type { QueryParts } from '../statement/parts.js'
import type { Pageable } from './pageable.js'
import type { Mark } from './position.js'

// A query may return a row several times. Cursors and chunks go on from the values of a row, so they would skip the repeats.

/** Whether rows of a query may have the same key. */
export const mayRepeat = ({ joins, source }: QueryParts): boolean => joins.length > 0 || source !== null

/** Throws if a row would be skipped: the last row of a chunk and the next one have the same position. */
export function refuseRepeated({ source: { meta } }: Pageable, last: Mark[], next: Mark[], call: string): void {
  if (last.some((mark, i) => mark !== next[i])) return
  throw new UsageError(
    `${call}() continues from the values of the last row, but this query returns a row of "${meta.name}" several times: from unionAll(), from a join, or because two rows are linked twice. Add distinct(), use union(), or replace the join by whereHas().`,
  )
}
