import type { Operation } from './definition.js'

/** With fewer rows than this nobody notices a scan or a rewrite. */
export const LARGE = 10_000

/** About how many rows a table has; undefined: that is not known, and the table counts as large. */
export type RowCounts = (table: string) => number | undefined

/** Which tables are large while operations run one after the other: what they create has no rows that anybody waits for. */
export class LargeTables {
  readonly #rows: RowCounts
  /** The names that tables had at first; null: they were not there. */
  readonly #earlier = new Map<string, string | null>()

  constructor(rows: RowCounts) {
    this.#rows = rows
  }

  /** Goes on to the tables as they are when this operation runs. */
  follow(operation: Operation): void {
    if (operation.op === 'createTable') this.#earlier.set(operation.table.name, null)
    if (operation.op !== 'renameTable') return
    this.#earlier.set(operation.to, this.#nameOf(operation.table))
    this.#earlier.delete(operation.table)
  }

  isNew(table: string): boolean {
    return this.#nameOf(table) === null
  }

  isLarge(table: string): boolean {
    const name = this.#nameOf(table)
    return name !== null && (this.#rows(name) ?? LARGE) >= LARGE
  }

  #nameOf(table: string): string | null {
    const found = this.#earlier.get(table)
    return found === undefined ? table : found
  }
}
