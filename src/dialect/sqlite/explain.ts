import type { DriverRow } from '../../driver/driver.js'
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
  // the columns are id, parent, an unused one, and detail
  text(rows) {
    return ['QUERY PLAN', ...branches(stepsOf(rows), 0, '')].join('\n')
  },
}

interface ExplainStep {
  readonly id: unknown
  readonly parent: unknown
  readonly detail: string
}

const stepsOf = (rows: readonly DriverRow[]): ExplainStep[] =>
  rows.map(([id, parent, , detail]) => ({ id, parent, detail: String(detail) }))

/** Looks for a scan, or an automatic index, in a subquery that runs for each row. */
export function areFoundByIndex(plan: readonly DriverRow[]): boolean {
  const steps = stepsOf(plan)
  const repeated = new Set<unknown>()
  for (const { id, parent, detail } of steps) {
    if (!detail.startsWith('CORRELATED') && !repeated.has(parent)) continue
    repeated.add(id)
    if (detail.startsWith('SCAN') || detail.includes('AUTOMATIC')) return false
  }
  return true
}

function branches(steps: readonly ExplainStep[], parent: unknown, indent: string): string[] {
  const children = steps.filter((step) => step.parent === parent)
  return children.flatMap(({ id, detail }, i) => {
    const last = i === children.length - 1
    return [`${indent}${last ? '`--' : '|--'}${detail}`, ...branches(steps, id, `${indent}${last ? '   ' : '|  '}`)]
  })
}
