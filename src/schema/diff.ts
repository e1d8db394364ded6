import { isSame } from '../ast/canonical.js'
import {
  type ColumnState,
  type IndexState,
  mirrorsOf,
  type SchemaOperation,
  type SchemaState,
  type TableState,
  withMirrors,
} from '../ast/schema.js'
import { MigrationError, quoted } from '../errors.js'
import { isSameUnnamed, usersOf, usesColumn } from './mentions.js'
import { inOrder } from './order.js'

export interface DiffOptions {
  /** `soft` retires removed tables and columns, `hard` drops them. */
  readonly removal: 'soft' | 'hard'
  /** Also drops what was retired earlier. */
  readonly dropRetired: boolean
}

/** The kinds of changes, in the order in which databases accept them. */
const ORDER = [
  'dropForeignKeys',
  'dropChecks',
  'dropIndexes',
  'remake',
  'restore',
  'create',
  'addColumns',
  'mirrorColumns',
  'alterColumns',
  'addChecks',
  'renameIndexes',
  'createIndexes',
  'addForeignKeys',
  'removeColumns',
  'removeTables',
  'comments',
] as const
type OperationGroup = (typeof ORDER)[number]

/** The operations that turn one state into the other. Renamed tables and columns must have their new names in both states. */
export function diffStates(from: SchemaState, to: SchemaState, options: DiffOptions): SchemaOperation[] {
  const groups = new Map<OperationGroup, SchemaOperation[]>(ORDER.map((group) => [group, []]))
  const add = (group: OperationGroup, ...operations: readonly SchemaOperation[]) =>
    void groups.get(group)?.push(...operations)
  createTables(from, to, add)
  removeTables(from, to, options, add)
  const changedTypes = typesChanged(from, to)
  for (const table of to.tables.values()) {
    const before = from.tables.get(table.name)
    if (before !== undefined) new TableDiff(before, table, { options, changedTypes, add }).run()
  }
  return ORDER.flatMap((group) => groups.get(group) ?? [])
}

const keyText = (table: string, columns: readonly string[]) => JSON.stringify([table, columns])

type Add = (group: OperationGroup, ...operations: readonly SchemaOperation[]) => void

function createTables(from: SchemaState, to: SchemaState, add: Add): void {
  const made = [...to.tables.values()].filter(({ name }) => !from.tables.has(name))
  const { sorted, late } = inOrder(made)
  // a foreign key to columns other than the primary key needs their unique index first
  const keys = new Set(made.flatMap(({ foreignKeys }) => foreignKeys.map((key) => keyText(key.table, key.references))))
  for (const table of sorted) {
    const later = late.get(table.name) ?? []
    const foreignKeys = table.foreignKeys.filter((key) => !later.includes(key))
    add('create', { op: 'createTable', table: { ...withMirrors(table, []), foreignKeys, indexes: [] } })
    for (const mirror of mirrorsOf(table)) add('mirrorColumns', { op: 'mirrorColumn', table: table.name, ...mirror })
    for (const index of table.indexes)
      add(index.unique && keys.has(keyText(table.name, index.columns)) ? 'create' : 'createIndexes', {
        op: 'createIndex',
        table: table.name,
        index,
        concurrently: false,
      })
    for (const foreignKey of later) add('addForeignKeys', { op: 'addForeignKey', table: table.name, foreignKey })
  }
}

function removeTables(from: SchemaState, to: SchemaState, options: DiffOptions, add: Add): void {
  const gone = [...from.tables.values()].filter(({ name }) => !to.tables.has(name))
  const isDropped = ({ retired }: TableState) => (retired ? options.dropRetired : options.removal === 'hard')
  const { sorted, late } = inOrder(gone.filter(isDropped))
  for (const table of [...sorted].reverse()) {
    for (const { name } of late.get(table.name) ?? [])
      add('dropForeignKeys', { op: 'dropForeignKey', table: table.name, name })
    add('removeTables', { op: 'dropTable', table: table.name })
  }
  for (const table of gone)
    if (!isDropped(table) && !table.retired) add('removeTables', { op: 'retireTable', table: table.name })
}

/** The columns whose type changes, as `table.column`. Some databases refuse to change only one side of a foreign key. */
function typesChanged(from: SchemaState, to: SchemaState): ReadonlySet<string> {
  const changed = [...to.tables.values()].flatMap(({ name, columns }) => {
    const before = from.tables.get(name)?.columns ?? []
    return columns
      .filter((column) => {
        const other = before.find((each) => each.name === column.name)
        return other !== undefined && !isSame(other.type, column.type)
      })
      .map((column) => `${name}.${column.name}`)
  })
  return new Set(changed)
}

/** Sorts columns so that generated columns come after the columns that they are computed from. */
const computedLast = (columns: readonly ColumnState[]): readonly ColumnState[] => [
  ...columns.filter(({ generated }) => generated === null),
  ...columns.filter(({ generated }) => generated !== null),
]

const isComputedOtherwise = (a: ColumnState, b: ColumnState) => !isSame(a.generated, b.generated)

interface Comparing {
  readonly options: DiffOptions
  readonly changedTypes: ReadonlySet<string>
  readonly add: Add
}

/** The difference of one table that is in both states. */
class TableDiff {
  readonly #name: string
  readonly changedTypes: Comparing['changedTypes']
  readonly add: Add
  /** Columns that are removed and added again, because databases can't change the expression of a generated column. */
  readonly #remade: ReadonlySet<string>
  /** Columns of the old table that stay although the new one lacks them. */
  readonly #kept: ReadonlySet<string>

  constructor(
    readonly before: TableState,
    readonly after: TableState,
    { options, changedTypes, add }: Comparing,
  ) {
    this.changedTypes = changedTypes
    this.add = add
    this.#name = after.name
    const gone = before.columns.filter(({ name }) => !after.columns.some((column) => column.name === name))
    const isDropped = ({ retired }: ColumnState) => (retired ? options.dropRetired : options.removal === 'hard')
    this.#kept = new Set(gone.filter((column) => !isDropped(column)).map(({ name }) => name))
    this.#remade = new Set(
      after.columns
        .filter((column) => {
          const other = before.columns.find(({ name }) => name === column.name)
          return other !== undefined && (isComputedOtherwise(other, column) || this.#readsRetyped(column))
        })
        .map(({ name }) => name),
    )
  }

  /** Whether a generated column reads a column whose type changes. Databases refuse to change such a type. */
  #readsRetyped({ generated }: ColumnState): boolean {
    if (generated === null) return false
    return this.after.columns.some(
      ({ name }) => this.changedTypes.has(`${this.after.name}.${name}`) && usesColumn(generated.expression, name),
    )
  }

  run(): void {
    const { before, after, add } = this
    const table = this.#name
    if (!isSame(before.primaryKey, after.primaryKey))
      throw new MigrationError(
        `The primary key of ${quoted(table)} changed, which no migration can do in place. Create a table with the new key, copy the rows in a "data" operation, and rename the tables.`,
      )
    if (before.retired && !after.retired) add('restore', { op: 'restoreTable', table })
    this.#columns()
    this.#checks()
    this.#foreignKeys()
    this.#indexes()
    if (before.comment !== after.comment)
      add('comments', { op: 'alterComment', table, column: null, comment: after.comment })
  }

  #columns(): void {
    const { before, after, add } = this
    const table = this.#name
    for (const column of computedLast(after.columns)) {
      const other = before.columns.find(({ name }) => name === column.name)
      if (other === undefined) add('addColumns', { op: 'addColumn', table, column, fill: undefined })
      else if (this.#remade.has(column.name)) {
        add('remake', { op: 'removeColumn', table, column: column.name })
        add('addColumns', { op: 'addColumn', table, column, fill: undefined })
      } else if (!isSame({ ...other, comment: null }, { ...column, comment: null }))
        add('alterColumns', { op: 'alterColumn', table, column, using: null })
      else if (other.comment !== column.comment)
        add('comments', { op: 'alterComment', table, column: column.name, comment: column.comment })
    }
    for (const { name, retired } of [...computedLast(before.columns)].reverse()) {
      if (after.columns.some((column) => column.name === name)) continue
      if (!this.#kept.has(name)) add('removeColumns', { op: 'removeColumn', table, column: name })
      else if (!retired) add('removeColumns', { op: 'retireColumn', table, column: name })
    }
  }

  /** The names of definitions in the old table that use these columns. */
  #usersOf(columns: ReadonlySet<string>, kind: 'indexes' | 'checks' | 'foreignKeys'): ReadonlySet<string> {
    return new Set([...columns].flatMap((column) => usersOf(this.before, column)[kind]))
  }

  #checks(): void {
    const { before, after, add } = this
    const table = this.#name
    const { gone, made } = compare(before.checks, after.checks, this.#usersOf(this.#remade, 'checks'))
    const kept = this.#usersOf(this.#kept, 'checks')
    const taken = new Set(made.map(({ name }) => name))
    for (const { name } of gone)
      if (!kept.has(name) || taken.has(name)) add('dropChecks', { op: 'dropCheck', table, name })
    for (const check of made) add('addChecks', { op: 'addCheck', table, check })
  }

  #foreignKeys(): void {
    const { before, after, add } = this
    const table = this.#name
    const isChanged = ({ columns, references, table: target }: TableState['foreignKeys'][number]) =>
      columns.some((column) => this.changedTypes.has(`${table}.${column}`)) ||
      references.some((column) => this.changedTypes.has(`${target}.${column}`))
    const again = new Set([
      ...this.#usersOf(this.#remade, 'foreignKeys'),
      ...before.foreignKeys.filter(isChanged).map(({ name }) => name),
    ])
    const { gone, made } = compare(before.foreignKeys, after.foreignKeys, again)
    const kept = this.#usersOf(this.#kept, 'foreignKeys')
    const taken = new Set(made.map(({ name }) => name))
    for (const { name } of gone)
      if (!kept.has(name) || taken.has(name)) add('dropForeignKeys', { op: 'dropForeignKey', table, name })
    for (const foreignKey of made) add('addForeignKeys', { op: 'addForeignKey', table, foreignKey })
  }

  #indexes(): void {
    const { before, after, add } = this
    const table = this.#name
    const again = this.#usersOf(this.#remade, 'indexes')
    const kept = this.#usersOf(this.#kept, 'indexes')
    const { gone, made, renamed } = compareIndexes(before.indexes, after.indexes, again)
    const taken = new Set(made.map(({ name }) => name))
    for (const [from, to] of renamed) add('renameIndexes', { op: 'renameIndex', table, from, to })
    for (const { name } of gone)
      if (!kept.has(name) || taken.has(name)) add('dropIndexes', { op: 'dropIndex', table, name, concurrently: false })
    for (const index of made) add('createIndexes', { op: 'createIndex', table, index, concurrently: false })
  }
}

interface ListDifference<T> {
  readonly gone: readonly T[]
  readonly made: readonly T[]
}

/**
 * Compares constraints. One with the same content stays even if its name differs, because few databases can rename constraints.
 * Those in `again` are created again.
 */
function compare<T extends { readonly name: string }>(
  before: readonly T[],
  after: readonly T[],
  again: ReadonlySet<string>,
): ListDifference<T> {
  const left = new Set(before.filter(({ name }) => !again.has(name)))
  const without = (items: readonly T[], isEqual: (a: T, b: T) => boolean) =>
    items.filter((item) => {
      const same = [...left].find((other) => isEqual(other, item))
      return same === undefined || !left.delete(same)
    })
  const made = without(without(after, isSame), isSameUnnamed)
  return { gone: [...before.filter(({ name }) => again.has(name)), ...left], made }
}

function compareIndexes(before: readonly IndexState[], after: readonly IndexState[], again: ReadonlySet<string>) {
  const left = new Set(before.filter(({ name }) => !again.has(name)))
  const missing = after.filter((index) => {
    const same = [...left].find((other) => isSame(other, index))
    return same === undefined || !left.delete(same)
  })
  const renamed: [from: string, to: string][] = []
  const made = missing.filter((index) => {
    const same = index.fullText === null ? [...left].find((other) => isSameUnnamed(other, index)) : undefined
    if (same === undefined) return true
    left.delete(same)
    renamed.push([same.name, index.name])
    return false
  })
  return { gone: [...before.filter(({ name }) => again.has(name)), ...left], made, renamed }
}
