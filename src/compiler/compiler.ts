import type { ChangeNode } from '../ast/change.js'
import type { Languages } from '../ast/data-type.js'
import type { DefinitionNode } from '../ast/definition.js'
import type { ListNode, ParameterNode } from '../ast/expression.js'
import type { Gated } from '../ast/gated.js'
import { type Intent, intentOf } from '../ast/intent.js'
import { changeHandlers } from './change.js'
import { definitionHandlers } from './definition.js'
import { expressionHandlers } from './expression.js'
import { statementHandlers } from './statement.js'
import type { TableUse } from './used-columns.js'
import { type Binding, type Handlers, type SqlSyntax, SqlWriter } from './writer.js'

export interface CompiledQuery {
  readonly sql: string
  readonly bindings: readonly Binding[]
  readonly intent: Intent
  /** It contains raw SQL of the user, which may call functions that change the session. */
  readonly hasRawSql: boolean
  /** It changes settings of the session until its transaction ends. */
  readonly changesSettings: boolean
  /** Its translated fields: it is the statement of one order of their columns. */
  readonly languages: readonly Languages[]
  readonly uses: readonly TableUse[] | undefined
}

export interface Compiler {
  readonly syntax: SqlSyntax
  compile(statement: Gated, listSize?: (node: ListNode) => number): CompiledQuery
  /** Compiles the statement with its values written into the text. */
  compileInline(node: Gated | DefinitionNode | ChangeNode, read?: (node: ParameterNode | ListNode) => unknown): string
}

/** The handlers of standard SQL. */
export const standardHandlers: Handlers = {
  ...expressionHandlers,
  ...statementHandlers,
  ...definitionHandlers,
  ...changeHandlers,
}

/** Creates a compiler for standard SQL with the overrides of a dialect. */
export function createCompiler(syntax: SqlSyntax, overrides: Partial<Handlers> = {}): Compiler {
  const handlers: Handlers = { ...standardHandlers, ...overrides }
  return {
    syntax,
    compile(statement, listSize = (list) => list.values.length) {
      const out = new SqlWriter(syntax, handlers, listSize)
      out.node(statement)
      const { sql, bindings, hasRawSql, changesSettings, languages, used } = out
      const intent = intentOf(statement)
      return { sql, bindings, intent, hasRawSql, changesSettings, languages: [...languages], uses: used.list() }
    },
    compileInline(node, read = ownValue) {
      return new SqlWriter(syntax, handlers, (list) => list.values.length, read).node(node).sql
    },
  }
}

const ownValue = (node: ParameterNode | ListNode): unknown => (node.kind === 'list' ? node.values : node.value)
