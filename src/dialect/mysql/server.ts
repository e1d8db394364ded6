/** What differs between the servers of this dialect. */
export interface MysqlServer {
  readonly mariadb: boolean
  readonly version: readonly [major: number, minor: number, patch: number]
  /** The step between generated numbers, which is more than 1 in some clusters. */
  readonly autoIncrementStep?: number
}

export function atLeast({ version }: MysqlServer, ...wanted: [number, number, number]): boolean {
  for (const [i, number] of version.entries()) {
    const least = wanted[i] ?? 0
    if (number !== least) return number > least
  }
  return true
}

/** The server's name in messages. */
export const serverName = (server: MysqlServer) => (server.mariadb ? 'MariaDB' : 'MySQL')

/** Compares by code points, trailing blanks included, as every other database does by default. */
export const collationOf = (server: MysqlServer) => (server.mariadb ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin')

/** MySQL has indexes over expressions since 8.0.13, MariaDB has none. */
export const hasExpressionIndexes = (server: MysqlServer) => !server.mariadb && atLeast(server, 8, 0, 13)

/** MariaDB has JSON_TABLE since 10.6, MySQL since 8.0.4. */
export const hasJsonTable = (server: MysqlServer) => !server.mariadb || atLeast(server, 10, 6, 0)

/**
 * Whether the server takes `insert … as incoming`. MySQL deprecates VALUES() in favour of it, and MariaDB has only
 * VALUES().
 */
export const hasRowAlias = (server: MysqlServer) => !server.mariadb && atLeast(server, 8, 0, 19)

/** https://dev.mysql.com/doc/relnotes/mysql/8.0/en/news-8-0-31.html; MariaDB has both since 10.3. */
export const hasIntersect = (server: MysqlServer) => server.mariadb || atLeast(server, 8, 0, 31)
