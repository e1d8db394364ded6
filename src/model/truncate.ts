import type { DefinitionNode } from '../ast/definition.js'
import type { Executor, NamedStatement } from '../database/executor.js'

/** A schema statement: it takes no parameters and is not kept prepared. */
export function plainDefinition(executor: Executor, node: DefinitionNode): NamedStatement {
  return { sql: executor.dialect.compiler.compileInline(node), parameters: [], prepare: false, rows: false }
}
