import { SELECT, type SelectionNode, type SelectNode } from './expression.js'

/** A select that has only selections. */
export const bareSelect = (selections: readonly SelectionNode[]): SelectNode => ({ ...SELECT, selections })
