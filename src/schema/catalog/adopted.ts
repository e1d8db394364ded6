import { type ColumnState, type SchemaState, type TableState, type ViewState, viewOptionsOf } from '../../ast/schema.js'
import type { CatalogColumn, CatalogForeignKey, CatalogState, CatalogTable } from '../../dialect/catalog.js'
import type { Dialect } from '../../dialect/dialect.js'
import type { Difference } from './difference.js'
import { checkIn, columnStateIn, foreignKeyIn, namedIndex, tableStateIn, viewStateIn } from './to-state.js'

/**
 * Takes these differences over from the database into the state. Differences that a state can't express are left out, such as a
 * primary key or an option of the table.
 */
export function adoptedState(
  state: SchemaState,
  found: CatalogState,
  differences: readonly Difference[],
  dialect: Pick<Dialect, 'name' | 'catalog'>,
): SchemaState {
  const tables = new Map(state.tables)
  const views = new Map(state.views)
  const isKnown = ({ table }: CatalogForeignKey) => found.tables.has(table)
  for (const difference of differences) {
    const { kind, change, table: name } = difference
    if (kind === 'view') {
      const view = found.views.get(name)
      if (view === undefined) views.delete(name)
      else views.set(name, withQuery(state.views.get(name), viewStateIn(view, dialect.name), dialect))
      continue
    }
    const has = found.tables.get(name)
    const table = tables.get(name)
    if (has === undefined) tables.delete(name)
    else if (kind === 'table' && change === 'unexpected')
      tables.set(name, tableStateIn({ ...has, foreignKeys: has.foreignKeys.filter(isKnown) }, dialect.catalog))
    else if (table !== undefined)
      tables.set(name, { ...table, ...partsOf(table, { has, difference, dialect, isKnown }) })
  }
  return { tables, views }
}

/** Replaces the query and the options of one dialect and keeps those of the others. */
function withQuery(
  view: ViewState | undefined,
  found: ViewState,
  { catalog: { viewOptions } }: Pick<Dialect, 'catalog'>,
): ViewState {
  const others = (view === undefined ? [] : viewOptionsOf(view)).filter((option) => !viewOptions.has(option))
  const options = [...others, ...viewOptionsOf(found)]
  return {
    name: found.name,
    sql: { ...view?.sql, ...found.sql, default: view?.sql.default ?? null },
    ...(options.length > 0 && { options }),
  }
}

interface Adopting {
  readonly has: CatalogTable
  readonly difference: Difference
  readonly dialect: Pick<Dialect, 'catalog'>
  /** Whether the key references a table that the state can contain, so not one of another database or schema. */
  readonly isKnown: (key: CatalogForeignKey) => boolean
}

type NamedObject = { readonly name: string }

/** The parts of a table that the difference changes. */
function partsOf(table: TableState, { has, difference, dialect, isKnown }: Adopting): Partial<TableState> {
  const { kind, name } = difference
  switch (kind) {
    case 'column':
      return { columns: columnsWith(table, { has, difference, dialect, isKnown }) }
    case 'index': {
      const given = has.indexes.find((each) => each.name === nameOf(difference))
      const index = given === undefined ? null : namedIndex(table.name, given)
      return given !== undefined && index === null ? {} : { indexes: replaced(table.indexes, name, index) }
    }
    case 'foreignKey': {
      const key = has.foreignKeys.find((each) => each.name === nameOf(difference))
      if (key !== undefined && !isKnown(key)) return {}
      return {
        foreignKeys: replaced(table.foreignKeys, name, key === undefined ? null : foreignKeyIn(table.name, key)),
      }
    }
    case 'check': {
      const place = has.checks.findIndex((each) => each.name === nameOf(difference))
      const check = has.checks[place]
      return { checks: replaced(table.checks, name, check === undefined ? null : checkIn(table.name, check, place)) }
    }
    case 'comment':
      return { comment: has.comment }
    default:
      return {}
  }
}

/** The name in the database. */
const nameOf = ({ name, property, found }: Difference): string | null => (property === 'name' ? found : name)

/** Replaces or removes the item of this name, or adds a new one. */
function replaced<T extends NamedObject>(items: readonly T[], name: string | null, item: T | null): readonly T[] {
  const rest = items.filter((each) => each.name !== name && each.name !== item?.name)
  return item === null ? rest : [...rest, item]
}

function columnsWith(table: TableState, { has, difference, dialect }: Adopting): readonly ColumnState[] {
  const { name } = difference
  const column = has.columns.find((each) => each.name === name)
  const before = table.columns.find((each) => each.name === name)
  if (column === undefined) return table.columns.filter((each) => each !== before)
  const found = columnStateIn(column, has, dialect.catalog)
  if (before === undefined) return [...table.columns, found]
  const after = { ...before, ...propertyOf(difference.property, found, column) }
  return table.columns.map((each) => (each === before ? after : each))
}

/** The new value of one property of a column, as the database has it. */
function propertyOf(property: string | null, found: ColumnState, column: CatalogColumn): Partial<ColumnState> {
  switch (property) {
    case 'nullable':
      return { nullable: found.nullable }
    case 'default':
      return { default: found.default }
    case 'comment':
      return { comment: found.comment }
    case 'generated':
    case 'stored':
      return { generated: found.generated, nullable: column.nullable }
    default:
      return { type: found.type }
  }
}
