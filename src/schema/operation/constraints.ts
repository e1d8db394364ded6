import { changed, named, type OperationKind, refuseTwice, tableIn, without } from './kind.js'

// Index names are unique in a schema on PostgreSQL and SQLite, and in a table on MySQL. Two migrations that name the same index
// are therefore treated as touching the same thing on every database.

export const createIndex: OperationKind<'createIndex'> = {
  apply: ({ table, index }, state) =>
    changed(state, table, ({ indexes, columns }) => {
      for (const each of state.tables.values()) refuseTwice(each.indexes, index.name, 'an index called')
      for (const column of index.columns) named(columns, column, `column of "${table}" called`)
      return { indexes: [...indexes, index] }
    }),
  reverse: ({ table, index, concurrently }) => [{ op: 'dropIndex', table, name: index.name, concurrently }],
  loses: () => null,
  touches: ({ table, index }) => [index.name, ...index.columns.map((column) => `${table}.${column}`)],
  describe: ({ table, index }) => `create index ${index.name} on ${table}`,
}

export const dropIndex: OperationKind<'dropIndex'> = {
  apply: ({ table, name }, state) =>
    changed(state, table, ({ indexes }) => {
      named(indexes, name, `index of "${table}" called`)
      return { indexes: without(indexes, name) }
    }),
  reverse({ table, name, concurrently }, before) {
    const index = named(tableIn(before, table).indexes, name, `index of "${table}" called`)
    return [{ op: 'createIndex', table, index, concurrently }]
  },
  loses: () => null,
  touches: ({ name }) => [name],
  describe: ({ table, name }) => `drop index ${name} of ${table}`,
}

export const renameIndex: OperationKind<'renameIndex'> = {
  apply: ({ table, from, to }, state) =>
    changed(state, table, ({ indexes }) => {
      named(indexes, from, `index of "${table}" called`)
      for (const each of state.tables.values()) refuseTwice(each.indexes, to, 'an index called')
      return { indexes: indexes.map((index) => (index.name === from ? { ...index, name: to } : index)) }
    }),
  reverse: ({ table, from, to }) => [{ op: 'renameIndex', table, from: to, to: from }],
  loses: () => null,
  touches: ({ from, to }) => [from, to],
  describe: ({ table, from, to }) => `rename index ${from} of ${table} to ${to}`,
}

export const addForeignKey: OperationKind<'addForeignKey'> = {
  apply: ({ table, foreignKey }, state) =>
    changed(state, table, ({ foreignKeys, columns }) => {
      refuseTwice(foreignKeys, foreignKey.name, `a foreign key of "${table}" called`)
      for (const column of foreignKey.columns) named(columns, column, `column of "${table}" called`)
      const target = tableIn(state, foreignKey.table)
      for (const column of foreignKey.references) named(target.columns, column, `column of "${target.name}" called`)
      return { foreignKeys: [...foreignKeys, foreignKey] }
    }),
  reverse: ({ table, foreignKey }) => [{ op: 'dropForeignKey', table, name: foreignKey.name }],
  loses: () => null,
  touches: ({ table, foreignKey }) => [
    ...foreignKey.columns.map((column) => `${table}.${column}`),
    ...foreignKey.references.map((column) => `${foreignKey.table}.${column}`),
  ],
  describe: ({ table, foreignKey }) => `add foreign key ${foreignKey.name} to ${table}`,
}

export const dropForeignKey: OperationKind<'dropForeignKey'> = {
  apply: ({ table, name }, state) =>
    changed(state, table, ({ foreignKeys }) => {
      named(foreignKeys, name, `foreign key of "${table}" called`)
      return { foreignKeys: without(foreignKeys, name) }
    }),
  reverse({ table, name }, before) {
    const foreignKey = named(tableIn(before, table).foreignKeys, name, `foreign key of "${table}" called`)
    return [{ op: 'addForeignKey', table, foreignKey }]
  },
  loses: () => null,
  touches: ({ table, name }) => [`${table} (${name})`],
  describe: ({ table, name }) => `drop foreign key ${name} of ${table}`,
}

export const addCheck: OperationKind<'addCheck'> = {
  apply: ({ table, check }, state) =>
    changed(state, table, ({ checks }) => {
      refuseTwice(checks, check.name, `a check of "${table}" called`)
      return { checks: [...checks, check] }
    }),
  reverse: ({ table, check }) => [{ op: 'dropCheck', table, name: check.name }],
  loses: () => null,
  // a predicate may read any column
  touches: ({ table }) => [table],
  describe: ({ table, check }) => `add check ${check.name} to ${table}`,
}

export const dropCheck: OperationKind<'dropCheck'> = {
  apply: ({ table, name }, state) =>
    changed(state, table, ({ checks }) => {
      named(checks, name, `check of "${table}" called`)
      return { checks: without(checks, name) }
    }),
  reverse({ table, name }, before) {
    const check = named(tableIn(before, table).checks, name, `check of "${table}" called`)
    return [{ op: 'addCheck', table, check }]
  },
  loses: () => null,
  touches: ({ table, name }) => [`${table} (${name})`],
  describe: ({ table, name }) => `drop check ${name} of ${table}`,
}
