import { isSame } from '../../ast/canonical.js'
import type { AddColumnNode, AlterColumnNode, ChangeNode } from '../../ast/change.js'
import type { CreateIndexNode, DefinitionNode } from '../../ast/definition.js'
import type { TableState } from '../../ast/schema.js'
import { own } from '../../util/own.js'
import type { MigrationSupport } from '../migration.js'
import { isLongKey } from './key-length.js'
import { isChecked, keepsRows } from './locks.js'
import { atLeast, type MysqlServer } from './server.js'

// Measured on MariaDB 10.11; for MySQL as https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html says.

type Words = readonly [algorithm: string, lock?: string]

/** MySQL takes no LOCK with INSTANT. */
const INSTANT: Words = ['instant']
const INPLACE: Words = ['inplace', 'none']
const SHARED: Words = ['inplace', 'shared']

type SchemaChangeNode = DefinitionNode | ChangeNode

/** What the server can do at best; null: nothing better than to copy the table. */
type Best = (node: SchemaChangeNode, table: TableState) => Words | null

const isInnodb = ({ options }: TableState) => options?.every((each) => !/^engine (?!innodb$)/i.test(each)) ?? true

const hasWords = ({ indexes }: TableState) => indexes.some(({ fullText }) => fullText !== null)

function added({ column: { default: value, generated, type } }: AddColumnNode, table: TableState): Words | null {
  if (generated?.stored === true || value === 'uuid' || type.autoIncrement === true) return null
  return generated === null && hasWords(table) ? SHARED : INSTANT
}

function altered({ from, to, using }: AlterColumnNode, table: TableState, server: MysqlServer): Words | null {
  const isRetyped = !isSame(from.type, to.type)
  if (using !== null || isChecked(to.type) || !isSame(from.generated, to.generated)) return null
  if (isRetyped && !keepsRows(from.type, to.type)) return null
  if (from.nullable === to.nullable) return isRetyped && !server.mariadb ? INPLACE : INSTANT
  if (!hasWords(table)) return INPLACE
  return to.nullable ? SHARED : null
}

function indexed(node: CreateIndexNode, server: MysqlServer): Words | null {
  const { unique, method, types = [], vector = null } = node
  // it comes with a column
  if (isWithColumn(node, server)) return SHARED
  // a hash of the whole text is a column of its own
  if (vector !== null || (unique && types.some(isLongKey))) return null
  if (method !== null && /^(?:fulltext|spatial)$/i.test(method)) return SHARED
  return server.mariadb ? ['nocopy', 'none'] : INPLACE
}

const isWithColumn = ({ expression }: CreateIndexNode, { mariadb }: MysqlServer) => mariadb && expression !== null

const bestOf =
  (server: MysqlServer): Best =>
  (node, table) => {
    switch (node.kind) {
      case 'addColumn':
        return added(node, table)
      case 'alterColumn':
        return altered(node, table, server)
      case 'dropColumn':
        return hasWords(table) ? SHARED : INSTANT
      case 'swapColumns':
        return hasWords(table) || isChecked(node.column.type) || isChecked(node.other.type) ? null : INPLACE
      case 'renameColumn':
        return INSTANT
      case 'createIndex':
        return own(node).numbers === undefined ? indexed(node, server) : null
      case 'createFullText':
        return SHARED
      case 'dropIndex':
        if (own(node).numbers !== undefined) return null
        if (own(node).column !== undefined) return SHARED
        return server.mariadb ? ['nocopy', 'none'] : INPLACE
      case 'renameIndex':
      case 'dropForeignKey':
        return server.mariadb ? INSTANT : INPLACE
      case 'dropCheck':
      case 'comment':
        return server.mariadb ? INSTANT : null
      default:
        return null
    }
  }

const tableOf = (node: SchemaChangeNode): string | null =>
  node.kind === 'createFullText' ? node.index.table : 'table' in node ? node.table : null

/** MySQL drops columns at once since 8.0.29, and renames them at once since 8.0.28. */
export function onlineOf(server: MysqlServer): MigrationSupport['online'] {
  if (!server.mariadb && !atLeast(server, 8, 0, 29)) return null
  const best = bestOf(server)
  return (node, table) => {
    const words = table === undefined || !isInnodb(table) || tableOf(node) === null ? null : best(node, table)
    if (words === null) return null
    const [algorithm, lock] = words
    const clauses = [`algorithm=${algorithm}`, ...(lock === undefined ? [] : [`lock=${lock}`])]
    // these have no commas in CREATE INDEX
    return (node.kind === 'createIndex' && !isWithColumn(node, server)) || node.kind === 'createFullText'
      ? ` ${clauses.join(' ')}`
      : `, ${clauses.join(', ')}`
  }
}
