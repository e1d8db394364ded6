import { UnsupportedError } from '../../errors.js'
import { drawTable } from '../../util/table.js'
import type { Explainer } from '../dialect.js'
import { atLeast, type MysqlServer, serverName } from './server.js'

/** MySQL returns the plan as a drawn tree, MariaDB as a table. */
export function mysqlExplainer(server: MysqlServer): Explainer {
  return {
    prefix: server.mariadb ? mariadbPrefix : (how) => mysqlPrefix(how, server),
    text(rows, columns) {
      const texts = rows.map((row) => row.map((value) => (value === null ? '' : String(value))))
      return columns.length === 1
        ? texts
            .map(([line]) => line)
            .join('\n')
            .trimEnd()
        : drawTable(columns, texts)
    },
  }
}

const mariadbPrefix: Explainer['prefix'] = ({ analyze, format }) =>
  `${analyze ? 'analyze' : 'explain'}${format === 'json' ? ' format=json' : ''} `

function mysqlPrefix({ analyze, format }: Parameters<Explainer['prefix']>[0], server: MysqlServer): string {
  if (!analyze) return `explain format=${format === 'json' ? 'json' : 'tree'} `
  if (format === 'json')
    throw new UnsupportedError(
      "explain() with analyze and format 'json'",
      serverName(server),
      'Ask for one of the two.',
    )
  if (!atLeast(server, 8, 0, 18))
    throw new UnsupportedError('explain() with analyze', 'MySQL before 8.0.18', 'Explain without it.')
  return 'explain analyze '
}
