import { UnsupportedError } from '../../errors.js'
import type { Explainer } from '../dialect.js'

export const sqliteExplainer: Explainer = {
  prefix({ analyze, format }) {
    if (analyze)
      throw new UnsupportedError('explain() with analyze', 'SQLite', 'Explain without it, and measure the query.')
    if (format === 'json')
      throw new UnsupportedError("explain() with format 'json'", 'SQLite', "Leave it out for 'text'.")
    return 'explain query plan '
  },
  // id, parent, a column that is not used, detail
  text(rows) {
    const steps = rows.map(([id, parent, , detail]): Step => ({ id, parent, detail: String(detail) }))
    return ['QUERY PLAN', ...branches(steps, 0, '')].join('\n')
  },
}

interface Step {
  readonly id: unknown
  readonly parent: unknown
  readonly detail: string
}

function branches(steps: readonly Step[], parent: unknown, indent: string): string[] {
  const children = steps.filter((step) => step.parent === parent)
  return children.flatMap(({ id, detail }, i) => {
    const last = i === children.length - 1
    return [`${indent}${last ? '`--' : '|--'}${detail}`, ...branches(steps, id, `${indent}${last ? '   ' : '|  '}`)]
  })
}
