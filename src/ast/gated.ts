import type { StatementNode } from './statement.js'

declare const GATED: unique symbol

/**
 * A statement in which every table has the conditions of its model. The gate alone makes it (`query/scopes/gate.ts`), and
 * nothing else is compiled.
 */
export type Gated<S extends StatementNode = StatementNode> = S & { readonly [GATED]: true }
