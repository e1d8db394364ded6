import type { ServerDatabases } from '../dialect.js'
import { postgresCompiler } from './compiler.js'

const quote = (name: string) => postgresCompiler.syntax.quote(name)

export const databases: ServerDatabases = {
  list: 'select datname::text from pg_catalog.pg_database',
  create: (name) => `create database ${quote(name)}`,
  drop: (name) => `drop database if exists ${quote(name)} with (force)`,
  copying: {
    create: (name, original) => `create database ${quote(name)} template ${quote(original)}`,
    rename: (name, to) => `alter database ${quote(name)} rename to ${quote(to)}`,
  },
}
