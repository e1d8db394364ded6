/** Rows of one page, and its place among all pages: what `paginate` returns. */
export interface Page<out T> {
  readonly items: T[]
  /** The number of rows of all pages. */
  readonly total: number
  /** The number of this page, from 1. */
  readonly number: number
  /** The most rows of a page. */
  readonly size: number
  /** The number of pages; 0 where there are no rows. */
  readonly pages: number
  readonly hasNext: boolean
  readonly hasPrevious: boolean
}

/** Which page: `paginate({ page: 3, size: 50 })`. */
export interface PageOptions {
  /** Counted from 1. Default 1. */
  page?: number | undefined
  /** Rows of a page. Default 25. */
  size?: number | undefined
}

/** Rows of one page, and the cursors that lead on: what `cursorPaginate` returns. */
export interface CursorPage<out T> {
  readonly items: T[]
  /** The most rows of a page. */
  readonly size: number
  /** For `after`: the page that follows; null at the end. */
  readonly nextCursor: string | null
  /** For `before`: the page in front of this one; null at the beginning. */
  readonly previousCursor: string | null
  readonly hasNext: boolean
  readonly hasPrevious: boolean
}

/** Which page: after a cursor, before one, or the first. Null and undefined mean not given. */
export interface CursorOptions {
  after?: string | null | undefined
  before?: string | null | undefined
  /** Rows of a page. Default 25. */
  size?: number | undefined
}

/** How `stream` reads. */
export interface StreamOptions {
  /** Rows read at a time. Default 2000. */
  chunkSize?: number | undefined
}
