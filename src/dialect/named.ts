import { UsageError } from '../errors.js'
import type { Dialect } from './dialect.js'
import { createMysqlDialect } from './mysql/index.js'
import { postgresDialect } from './postgres/index.js'
import { sqliteDialect } from './sqlite/index.js'

const dialects: Readonly<Record<string, () => Dialect>> = {
  sqlite: () => sqliteDialect,
  postgres: () => postgresDialect,
  mysql: once(() => createMysqlDialect({ mariadb: false, version: [8, 4, 0] })),
  mariadb: once(() => createMysqlDialect({ mariadb: true, version: [10, 11, 0] })),
}

function once(make: () => Dialect): () => Dialect {
  let made: Dialect | undefined
  return () => (made ??= make())
}

/** Finds a dialect by its name, to show SQL without a connection. */
export function dialectNamed(name: string): Dialect {
  const make = Object.hasOwn(dialects, name) ? dialects[name] : undefined
  if (make === undefined)
    throw new UsageError(
      `There is no dialect "${String(name).slice(0, 40)}". Choose one of: ${Object.keys(dialects).join(', ')}.`,
    )
  return make()
}
