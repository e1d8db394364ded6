import type { CatalogForeignKey, CatalogIndex, CatalogSupport, CatalogTable, UnusedIndex } from '../dialect/catalog.js'
import type { Finding } from './finding.js'

type Support = Pick<CatalogSupport, 'servesKeys' | 'rebuildIndex' | 'words'>

/** What is wrong with the indexes of a table, by its definition. */
export function findInIndexes(table: CatalogTable, support: Support): Finding[] {
  const findings = [...unindexedKeys(table, support), ...duplicates(table), ...invalid(table, support)]
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

function unindexedKeys(table: CatalogTable, support: Support): Finding[] {
  const usable = table.indexes.filter(({ valid, method }) => valid && support.servesKeys(method))
  const serves = ({ columns, where }: CatalogIndex, key: CatalogForeignKey) =>
    leads(columns, key.columns) && (where === null || holdsRowsOf(key, where, support))
  return table.foreignKeys
    .filter((key) => !leads(table.primaryKey, key.columns) && !usable.some((index) => serves(index, key)))
    .map((key) => unindexed(table, key))
}

/** Whether a partial index leaves out nothing but rows without the key: `where author_id is not null`. No query looks for those. */
function holdsRowsOf({ columns }: CatalogForeignKey, where: string, { words }: Support): boolean {
  const filled = words.notNullIn(where)
  return columns.some((column) => column.toLowerCase() === filled)
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

/** Whether a list of columns begins with these, in whatever order. */
const leads = (list: readonly (string | null)[], columns: readonly string[]): boolean =>
  columns.length <= list.length && columns.every((column) => list.slice(0, columns.length).includes(column))

function duplicates({ name, primaryKey, indexes }: CatalogTable): Finding[] {
  const plain = indexes.filter((index) => index.plain && index.where === null && index.valid)
  const key = { columns: primaryKey, lengths: [] }
  return plain.flatMap((index, i) => {
    if (index.unique) return []
    const other = plain.find((each, j) => each !== index && covers(each, index) && stays(each, index, j < i))?.name
    if (other === undefined && !covers(key, index)) return []
    return {
      kind: 'duplicate-index',
      table: name,
      at: index.name,
      problem: `${other === undefined ? 'The primary key' : `The index ${other}`} begins with the same columns, and finds the same rows.`,
      remedy: 'Remove this index: every write keeps it up to date.',
    }
  })
}

/** Of two indexes that cover each other, the unique one stays, or else the first. */
const stays = (other: CatalogIndex, index: CatalogIndex, isFirst: boolean): boolean =>
  !covers(index, other) || other.unique || isFirst

/** Whether the first one begins with the columns of the other, and holds as much of each. */
const covers = (first: IndexColumns, { columns, lengths }: IndexColumns): boolean =>
  columns.length > 0 &&
  columns.every((column, i) => first.columns[i] === column && longest(first.lengths[i]) >= longest(lengths[i]))

type IndexColumns = Pick<CatalogIndex, 'columns' | 'lengths'>

const longest = (length: number | null | undefined): number => length ?? Number.POSITIVE_INFINITY

const invalid = ({ name, indexes }: CatalogTable, support: Support): Finding[] =>
  indexes
    .filter(({ valid }) => !valid)
    .map((index) => {
      const statement = support.rebuildIndex(index.name)
      return {
        kind: 'invalid-index',
        table: name,
        at: index.name,
        problem: 'It could not be built, so queries do not use it, while every write keeps it up to date.',
        remedy: statement === null ? 'Remove it and create it again.' : `Run this statement: ${statement}`,
      }
    })
