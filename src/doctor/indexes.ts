import type { CatalogForeignKey, CatalogIndex, CatalogTable, UnusedIndex } from '../dialect/catalog.js'
import type { Finding } from './finding.js'

/** What is wrong with the indexes of a table, by its definition. */
export function findInIndexes(table: CatalogTable): Finding[] {
  const findings = [...unindexedKeys(table), ...duplicates(table), ...invalid(table)]
  return findings.sort((a, b) => (a.at < b.at ? -1 : 1))
}

/** Indexes that a query could have used, and none did. Those that keep values unique, or serve a foreign key, are left out. */
export function findUnused(tables: ReadonlyMap<string, CatalogTable>, unused: readonly UnusedIndex[]): Finding[] {
  return unused.flatMap(({ table: name, index: indexName }) => {
    const table = tables.get(name)
    const index = table?.indexes.find((each) => each.name === indexName)
    if (table === undefined || index === undefined || index.unique || index.constraint) return []
    if (table.foreignKeys.some((key) => leads(index.columns, key.columns))) return []
    return {
      kind: 'unused-index',
      table: name,
      at: indexName,
      problem: 'No query has used this index since the server began to count.',
      remedy: 'If it is not for rare work such as reports, remove it: every write keeps it up to date.',
    }
  })
}

function unindexedKeys(table: CatalogTable): Finding[] {
  const lists = [table.primaryKey, ...table.indexes.filter(servesKeys).map(({ columns }) => columns)]
  return table.foreignKeys
    .filter((key) => !lists.some((columns) => leads(columns, key.columns)))
    .map((key) => unindexed(table, key))
}

function unindexed({ name }: CatalogTable, { columns, table }: CatalogForeignKey): Finding {
  return {
    kind: 'unindexed-foreign-key',
    table: name,
    at: columns.join(', '),
    problem: `It refers to ${table} and has no index: a delete there, and a relation, reads all rows of ${name}.`,
    remedy: 'Add an index that begins with it. A foreign key of a model has one, unless it says { index: false }.',
  }
}

/** Whether the database can use it to find the rows of any key. */
const servesKeys = ({ where, valid, method }: CatalogIndex): boolean =>
  where === null && valid && (method === 'btree' || method === 'hash')

/** Whether a list of columns begins with these, in whatever order. */
const leads = (list: readonly (string | null)[], columns: readonly string[]): boolean =>
  columns.length <= list.length && columns.every((column) => list.slice(0, columns.length).includes(column))

function duplicates({ name, primaryKey, indexes }: CatalogTable): Finding[] {
  const plain = indexes.filter((index) => index.plain && index.where === null && index.valid)
  return plain.flatMap((index, i) => {
    if (index.unique) return []
    const other =
      plain.find((each, j) => each !== index && begins(each.columns, index.columns) && isMore(each, index, j < i))
        ?.name ?? (begins(primaryKey, index.columns) ? 'the primary key' : undefined)
    if (other === undefined) return []
    return {
      kind: 'duplicate-index',
      table: name,
      at: index.name,
      problem: `${other === 'the primary key' ? 'The primary key' : `The index ${other}`} begins with the same columns, and finds the same rows.`,
      remedy: 'Remove this index: every write keeps it up to date.',
    }
  })
}

/** Of two indexes of the same columns, the unique one stays, or else the first. */
const isMore = (other: CatalogIndex, index: CatalogIndex, isFirst: boolean): boolean =>
  other.columns.length > index.columns.length || other.unique || isFirst

const begins = (list: readonly (string | null)[], columns: readonly (string | null)[]): boolean =>
  columns.length > 0 && columns.length <= list.length && columns.every((column, i) => list[i] === column)

const invalid = ({ name, indexes }: CatalogTable): Finding[] =>
  indexes
    .filter(({ valid }) => !valid)
    .map((index) => ({
      kind: 'invalid-index',
      table: name,
      at: index.name,
      problem: 'It could not be built, so queries do not use it, while every write keeps it up to date.',
      remedy: `Remove it and create it again: reindex index concurrently "${index.name}".`,
    }))
