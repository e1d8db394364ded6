import { parseArgs } from 'node:util'

/** The options of the benchmarks of searches. */
export function searchOptions(defaults: { readonly rows: number; readonly rounds: number }) {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: String(defaults.rows) },
      dimensions: { type: 'string', default: '384' },
      rounds: { type: 'string', default: String(defaults.rounds) },
      db: { type: 'string', default: 'sqlite,pglite' },
    },
  })
  const { rows, dimensions, rounds, db } = values
  return { rows: Number(rows), dimensions: Number(dimensions), rounds: Number(rounds), db }
}
