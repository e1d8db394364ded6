import { AbortedError, UsageError } from '../../errors.js'
import type { Signal } from '../../types/database.js'
import { captureContext } from '../../util/ambient.js'
import { at } from '../../util/list.js'
import { promised } from '../../util/maybe-promise.js'
import { streamOptions } from '../options.js'
import type { PageReader } from '../runner/runner.js'
import { gather } from '../statement/parts.js'
import { pageOrders } from './computed.js'
import { nextRows, type PagedQuery } from './cursor-paginate.js'
import { keysetOf } from './keyset.js'
import { checkedSize, type Pageable, refuseDistinct, refuseGroups } from './pageable.js'
import { type Mark, positionOf, valuesAt } from './position.js'
import { mayRepeat, refuseRepeated } from './repeated.js'

/** All rows, one by one, read in chunks; nothing stays open between two chunks. */
export function stream(query: Pageable, given: unknown): AsyncIterableIterator<object> {
  const { chunkSize = 2000 } = streamOptions(given)
  const chunks = chunksOf(query, chunkSize, 'stream')
  const signal = query.limits?.signal ?? null
  return signal === null ? rowsOf(chunks) : rowsUnless(signal, chunks)
}

/** All rows in lists, in the query's order. */
export function batches(query: Pageable, size: unknown): AsyncIterableIterator<object[]> {
  return chunksOf(query, checkedSize(size, 100, 'The size of batches()'), 'batches')
}

/** All rows in lists, in the order of the primary key, so that changes of a row do not move it. */
export function idBatches(query: Pageable, size: unknown): AsyncIterableIterator<object[]> {
  const { meta } = query.source
  const cut = query.ownCount('limit') !== null || query.ownCount('offset') !== null
  if (cut && gather(meta, query.shape).order.length > 0)
    throw new UsageError('idBatches() orders by primary key, so the order before limit() would be lost. Use batches().')
  return chunksOf(query.sliced([]), checkedSize(size, 100, 'The size of idBatches()'), 'idBatches', query)
}

async function* rowsOf(chunks: AsyncIterableIterator<object[]>): AsyncGenerator<object> {
  for await (const chunk of chunks) yield* chunk
}

/** A signal ends the rows of a chunk that was read already. */
async function* rowsUnless(signal: Signal, chunks: AsyncIterableIterator<object[]>): AsyncGenerator<object> {
  for await (const chunk of chunks)
    for (const row of chunk) {
      if (signal.aborted) throw new AbortedError(signal.reason)
      yield row
    }
}

/**
 * Where it runs, and in whose name, is decided here, when it is called: the body of a generator runs in the context of who asks
 * for more, and one stream would show the rows of several.
 */
function chunksOf(query: Pageable, size: number, call: string, bounds: Pageable = query): AsyncGenerator<object[]> {
  refuseGroups(query, call)
  const { meta, runner } = query.source
  const parts = gather(meta, query.shape)
  const columns = keysetOf(meta, pageOrders(query, call), call)
  refuseDistinct(query, columns, call)
  const reader = promised(() => runner.pageReader(query))
  // reported when the first chunk is asked for
  reader.catch(() => undefined)
  return walk({
    query,
    columns,
    reader,
    inContext: captureContext(),
    size,
    limit: bounds.ownCount('limit') ?? Number.POSITIVE_INFINITY,
    offset: bounds.ownCount('offset') ?? 0,
    repeated: mayRepeat(parts) ? call : null,
  })
}

interface StreamWalk extends Omit<PagedQuery, 'reader'> {
  readonly reader: Promise<PageReader>
  readonly inContext: ReturnType<typeof captureContext>
  /** Rows of a chunk. */
  readonly size: number
  /** Rows in all. */
  readonly limit: number
  readonly offset: number
  /** The call, if the query may return a row several times. One more row is read then, to notice it. */
  readonly repeated: string | null
}

async function* walk({ query, columns, size, repeated, ...rest }: StreamWalk): AsyncGenerator<object[]> {
  const reader = await rest.reader
  const paged = { query, columns, reader }
  let last: Mark[] | null = null
  let left = rest.limit
  while (left > 0) {
    const count = Math.min(size, left)
    const ahead = repeated !== null && count < left ? 1 : 0
    const next = nextRows(paged, last && valuesAt(columns, last), count + ahead).all()
    const part = last === null && rest.offset > 0 ? next.offset(rest.offset) : next
    const rows = await rest.inContext(async () => reader.entities(part))
    if (rows.length === 0) return
    const after = rows.length > count ? rows.pop() : undefined
    last = moved(query, last, positionOf(columns, at(rows, rows.length - 1), reader))
    if (after !== undefined) refuseRepeated(query, last, positionOf(columns, after, reader), repeated ?? '')
    left -= rows.length
    const whole = rows.length === count
    yield rows
    if (!whole) return
  }
}

/** A column that keeps more digits than its field reads would give the same row again, for ever. */
function moved({ source: { meta } }: Pageable, last: Mark[] | null, now: Mark[]): Mark[] {
  if (last === null || last.some((mark, i) => mark !== now[i])) return now
  throw new UsageError(
    `A stream of "${meta.name}" does not advance, because a column of its order has more digits than its field. Give the field the precision of the column.`,
  )
}
