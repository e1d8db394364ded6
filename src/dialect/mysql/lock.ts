import type { SelectNode } from '../../ast/statement.js'
import { writeLocked } from '../../compiler/statement.js'
import type { SqlWriter } from '../../compiler/writer.js'
import { UnsupportedError } from '../../errors.js'
import { atLeast, type MysqlServer, serverName } from './server.js'

const since = (server: MysqlServer, mariadb: [number, number, number]) =>
  server.mariadb ? atLeast(server, ...mariadb) : atLeast(server, 8, 0, 1)

function refuseOld(option: string, server: MysqlServer): never {
  throw new UnsupportedError(
    `lock() with ${option}`,
    `${serverName(server)} ${server.version.join('.')}`,
    'Lock without it, or use a newer server.',
  )
}

/** MariaDB has only the older syntax, which also locks the joined tables. */
export function writeRowLock(node: SelectNode, out: SqlWriter, server: MysqlServer): void {
  const { lock } = node
  if (lock === undefined || lock === null) return
  if (lock.held === 'skip' && !since(server, [10, 6, 0])) refuseOld('skipLocked', server)
  if (lock.held === 'fail' && !since(server, [10, 3, 0])) refuseOld('noWait', server)
  if (lock.mode !== 'share') out.write(' for update')
  else out.write(server.mariadb ? ' lock in share mode' : ' for share')
  if (!server.mariadb) writeLocked(node, out)
  if (lock.held !== 'wait') out.write(lock.held === 'skip' ? ' skip locked' : ' nowait')
}
