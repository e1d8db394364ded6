import type { ValueType } from '../../ast/data-type.js'
import type { Codec } from '../../compiler/codec.js'
import { type Compiler, createCompiler } from '../../compiler/compiler.js'
import { expressionHandlers } from '../../compiler/expression.js'
import type { Handlers } from '../../compiler/writer.js'
import { definitionOverrides } from './definition.js'
import { expressionOverrides } from './expression.js'
import { writeMatch } from './full-text.js'
import type { MysqlServer } from './server.js'
import { sourceOverrides } from './sources.js'
import { statementOverrides } from './statement.js'
import { mysqlSyntax } from './syntax.js'
import { mysqlCodec } from './types.js'
import { vectorCodec, writeDistance, writeVector } from './vectors.js'

const isVector = (type: ValueType | null) => type?.dataType.name === 'vector' && type.dataType.sql === undefined

/** The codec of each type for one server. */
export const codecFor =
  (server: MysqlServer) =>
  (type: ValueType): Codec =>
    isVector(type) ? vectorCodec(type, server) : mysqlCodec(type)

/** Creates the compiler for one server; `returning` says whether its INSERT supports RETURNING. */
export function createMysqlCompiler(server: MysqlServer, returning: boolean): Compiler {
  const overrides: Partial<Handlers> = {
    ...expressionOverrides(server),
    ...statementOverrides(server, returning),
    ...sourceOverrides(server),
    ...definitionOverrides(server),
  }
  const { parameter = expressionHandlers.parameter } = overrides
  return createCompiler(
    { ...mysqlSyntax, codec: codecFor(server) },
    {
      ...overrides,
      parameter: (node, out) => (isVector(node.type) ? writeVector(node, out, server) : parameter(node, out)),
      match: writeMatch,
      distance: (node, out) => writeDistance(node, out, server),
    },
  )
}
