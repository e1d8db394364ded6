import type { TableCounter } from '../dialect/catalog.js'
import type { Finding } from './finding.js'

/** The share of the numbers from which on a counter is a finding. */
const NEAR = 0.75

/** Counters that have given most of their numbers. When none is left, every insert fails. */
export function findInCounters(counters: readonly TableCounter[]): Finding[] {
  return counters.flatMap(({ table, column, last, limit, extend }) => {
    const share = Number(last) / Number(limit)
    if (!(share > NEAR)) return []
    return {
      kind: 'counter',
      table,
      at: column,
      problem: `It has used ${Math.min(100, Math.floor(share * 100))} % of its numbers: ${last} of ${limit}. After the last one every insert fails.`,
      remedy:
        extend === null
          ? 'Make it a 64-bit integer: Field.bigId(), and Field.foreignKey() of the fields that refer to it follow.'
          : `The column takes more numbers than its counter gives. Run this statement: ${extend}`,
    }
  })
}
