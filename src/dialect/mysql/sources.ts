import { statementHandlers, writeAlias } from '../../compiler/statement.js'
import type { Handlers } from '../../compiler/writer.js'
import { UnsupportedError } from '../../errors.js'
import { hasIntersect, type MysqlServer, serverName } from './server.js'
import { targetOf, withTarget } from './syntax.js'

/** The handlers of tables and derived tables that differ from standard SQL. */
export function sourceOverrides(server: MysqlServer): Partial<Handlers> {
  return {
    join(node, out) {
      if (node.type === 'full')
        throw new UnsupportedError(
          'A full join',
          serverName(server),
          'Ask for the rows of a left join, and for those of the other table without a match, in two queries.',
        )
      statementHandlers.join(node, out)
    },
    compound(node, out) {
      const newer = node.operator === 'intersect' || node.operator === 'except'
      if (newer && !hasIntersect(server))
        throw new UnsupportedError(
          node.operator === 'except' ? 'EXCEPT' : 'INTERSECT',
          `${serverName(server)} ${server.version.join('.')}`,
          'It is there since MySQL 8.0.31. Use whereIn() or whereNotIn() with the other query.',
        )
      statementHandlers.compound(node, out)
    },
    derivedTable(node, out) {
      const { query } = node
      // the hint prevents merging it into the statement, which may change the table that it reads
      const apart =
        query.kind === 'compound' ||
        query.limit !== null ||
        query.offset !== null ||
        query.distinct ||
        query.groupBy.length > 0
      const target = targetOf(out)
      out.write('(')
      if (target?.hide === true && apart) withTarget(out, { ...target, hide: false }, () => out.node(query))
      else out.node(query)
      out.write(')')
      writeAlias(node, out)
    },
    table(node, out) {
      const target = targetOf(out)
      if (target?.hide === true && node.name === target.table)
        out
          .write('(select * from ')
          .identifier(node.name)
          .write(') as ')
          .identifier(out.frames.aliasOf(node) ?? node.name)
      else {
        out.identifier(node.name)
        writeAlias(node, out)
      }
    },
  }
}
