import type { Explainer } from '../dialect.js'

/** A text plan has one line per row. Some drivers return a JSON plan already parsed. */
export const postgresExplainer: Explainer = {
  prefix({ analyze, format }) {
    const options = [...(analyze ? ['analyze'] : []), ...(format === 'json' ? ['format json'] : [])]
    return options.length === 0 ? 'explain ' : `explain (${options.join(', ')}) `
  },
  text: (rows) => rows.map(([line]) => (typeof line === 'string' ? line : JSON.stringify(line, null, 2))).join('\n'),
}
