import { SELECT } from './bases.js'
import type { SelectionNode, SelectNode } from './expression.js'

/** A select that has only selections. */
export const bareSelect = (selections: readonly SelectionNode[]): SelectNode => ({
  ...SELECT,
  selections,
  from: null,
  distinct: false,
  where: null,
  groupBy: [],
  having: null,
  orderBy: [],
  limit: null,
  offset: null,
})
