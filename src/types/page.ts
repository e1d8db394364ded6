/** The result of `paginate`: the rows of one page, and the totals. */
export interface Page<out T> {
  /** The rows of this page. */
  readonly items: T[]
  /** The number of rows on all pages. */
  readonly total: number
  /** The number of this page, from 1. */
  readonly number: number
  /** The maximum number of rows of a page. */
  readonly size: number
  /** The number of pages: 0 if there are no rows. */
  readonly pages: number
  /** Whether there is a page after this one. */
  readonly hasNext: boolean
  /** Whether there is a page before this one. */
  readonly hasPrevious: boolean
}

/** Options of `paginate`: `paginate({ page: 3, size: 50 })`. */
export interface PageOptions {
  /** The number of the page, from 1. Default 1. */
  page?: number | undefined
  /** The maximum number of rows of a page. Default 25. */
  size?: number | undefined
}

/** The result of `cursorPaginate`: the rows of one page, and the cursors of its neighbours. */
export interface CursorPage<out T> {
  /** The rows of this page. */
  readonly items: T[]
  /** The maximum number of rows of a page. */
  readonly size: number
  /** Pass it as `after` to read the next page. Null on the last page. */
  readonly nextCursor: string | null
  /** Pass it as `before` to read the previous page. Null on the first page. */
  readonly previousCursor: string | null
  /** Whether there is a page after this one. */
  readonly hasNext: boolean
  /** Whether there is a page before this one. */
  readonly hasPrevious: boolean
}

/** Options of `cursorPaginate`. Without a cursor it returns the first page. Null and undefined mean no cursor. */
export interface CursorOptions {
  /** Returns the page after this cursor. */
  after?: string | null | undefined
  /** Returns the page before this cursor. */
  before?: string | null | undefined
  /** The maximum number of rows of a page. Default 25. */
  size?: number | undefined
}

/** Options of `stream`. */
export interface StreamOptions {
  /** The number of rows that corm reads at a time. Default 2000. */
  chunkSize?: number | undefined
}
