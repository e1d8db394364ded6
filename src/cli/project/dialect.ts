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

/** The dialect of a database by its URL, null if the URL does not show it. */
export function dialectNameOf(url: string | undefined): string | null {
  const scheme = url?.slice(0, url.indexOf(':')).toLowerCase() ?? ''
  return Object.hasOwn(DIALECTS, scheme) ? (DIALECTS[scheme] ?? null) : null
}

export function dialectOfUrl(url: string | undefined): Dialect | null {
  const name = dialectNameOf(url)
  return name === null ? null : dialectNamed(name)
}
