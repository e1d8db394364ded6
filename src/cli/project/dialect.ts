import type { Dialect } from '../../dialect/dialect.js'
import { dialectNamed } from '../../dialect/named.js'

const DIALECTS: Readonly<Record<string, string>> = {
  sqlite: 'sqlite',
  postgres: 'postgres',
  postgresql: 'postgres',
  pglite: 'postgres',
  mysql: 'mysql',
  mariadb: 'mariadb',
}

/** The dialect of the database with this URL; null if the URL says none. */
export function dialectOfUrl(url: string | undefined): Dialect | null {
  const scheme = url?.slice(0, url.indexOf(':')).toLowerCase() ?? ''
  return Object.hasOwn(DIALECTS, scheme) ? dialectNamed(DIALECTS[scheme] ?? '') : null
}
