import type { Operation } from './definition.js'

/** Below this number of rows, a scan or rewrite is too short to notice. */
export const LARGE = 10_000

/** The approximate number of rows in a table. Undefined: it is not known, and the table counts as large. */
export type RowCounts = (table: string) => number | undefined

/**
 * Tracks which tables are large while operations run one after the other. Tables that the operations create do not count as
 * large, because nobody uses them yet.
 */
export class LargeTables {
  readonly #rows: RowCounts
  /** The original names of tables, null for new ones. */
  readonly #earlier = new Map<string, string | null>()

  constructor(rows: RowCounts) {
    this.#rows = rows
  }

  /** Updates the names after an operation. */
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
