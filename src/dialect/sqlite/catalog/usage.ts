import type { TableCounter, UnusedIndex } from '../../catalog.js'

/** SQLite does not count how often an index is used. */
export const unusedIndexes = async (): Promise<readonly UnusedIndex[] | null> => null

/** Its numbers have 64 bits, whatever a table says of its key. */
export const counters = async (): Promise<readonly TableCounter[]> => []
