import { type Compiler, createCompiler } from '../../compiler/compiler.js'
import { definitionOverrides } from './definition.js'
import { expressionOverrides } from './expression.js'
import type { MysqlServer } from './server.js'
import { sourceOverrides } from './sources.js'
import { statementOverrides } from './statement.js'
import { mysqlSyntax } from './syntax.js'

/** The compiler for one server; `returning` says whether its INSERT can give rows back. */
export function createMysqlCompiler(server: MysqlServer, returning: boolean): Compiler {
  return createCompiler(mysqlSyntax, {
    ...expressionOverrides(server),
    ...statementOverrides(server, returning),
    ...sourceOverrides(server),
    ...definitionOverrides(server),
  })
}
