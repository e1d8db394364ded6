import type { Explainer } from '../dialect.js'

/** One line for each row; JSON comes parsed from some drivers. */
export const postgresExplainer: Explainer = {
  prefix({ analyze, format }) {
    const options = [...(analyze ? ['analyze'] : []), ...(format === 'json' ? ['format json'] : [])]
    return options.length === 0 ? 'explain ' : `explain (${options.join(', ')}) `
  },
  text: (rows) => rows.map(([line]) => (typeof line === 'string' ? line : JSON.stringify(line, null, 2))).join('\n'),
}
