import type { StatementNode } from './statement.js'

declare const GATED: unique symbol

/**
 * A statement in which every table has the conditions of its model's scopes. Only the gate (`query/scopes/gate.ts`)
 * creates it, and compilers accept nothing else.
 */
export type Gated<S extends StatementNode = StatementNode> = S & { readonly [GATED]: true }
