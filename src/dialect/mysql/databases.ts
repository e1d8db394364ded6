import type { ServerDatabases } from '../dialect.js'
import { quote } from './syntax.js'

export const databases: ServerDatabases = {
  list: 'select schema_name from information_schema.schemata',
  create: (name) => `create database ${quote(name)}`,
  drop: (name) => `drop database if exists ${quote(name)}`,
  copying: null,
}
