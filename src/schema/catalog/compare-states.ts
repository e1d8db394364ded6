import { type DialectSql, type SchemaState, viewOptionsOf } from '../../ast/schema.js'
import type { Ask, CatalogState, CatalogView } from '../../dialect/catalog.js'
import type { Dialect } from '../../dialect/dialect.js'
import { compareTable } from './compare.js'
import { type Difference, difference } from './difference.js'
import { expectedTables } from './expected.js'

export interface ComparedCatalog {
  readonly differences: readonly Difference[]
  /** What the database has. */
  readonly found: CatalogState
}

/**
 * Compares a schema with the tables of the database. This runs inside a transaction that is rolled back, because it creates the
 * schema there to see how the database describes it.
 */
export async function compareCatalog(state: SchemaState, dialect: Dialect, ask: Ask): Promise<ComparedCatalog> {
  const found = await dialect.catalog.read(ask)
  const common = new Set([...state.tables.keys()].filter((name) => found.tables.has(name)))
  const expected = await expectedTables(state, common, dialect, ask)
  const differences: Difference[] = []
  for (const { name, retired } of state.tables.values()) {
    const [wanted, has] = [expected.get(name), found.tables.get(name)]
    if (wanted !== undefined && has !== undefined)
      differences.push(...withoutRetired(compareTable(wanted, has, dialect.catalog), state, name))
    // retired tables may be gone already
    else if (!retired) differences.push(difference('table', 'missing', name))
  }
  for (const name of found.tables.keys())
    if (!state.tables.has(name)) differences.push(difference('table', 'unexpected', name))
  return { differences: [...differences, ...(await compareViews(state, found, { dialect, ask }))], found }
}

const withoutRetired = (
  differences: readonly Difference[],
  state: SchemaState,
  table: string,
): readonly Difference[] => {
  const columns = state.tables.get(table)?.columns ?? []
  const retired = new Set(columns.filter((column) => column.retired).map(({ name }) => name))
  return differences.filter(
    ({ kind, change, name }) => !(kind === 'column' && change === 'missing' && name !== null && retired.has(name)),
  )
}

interface Asking {
  readonly dialect: Dialect
  readonly ask: Ask
}

async function compareViews(state: SchemaState, found: CatalogState, { dialect, ask }: Asking): Promise<Difference[]> {
  const differences: Difference[] = []
  const wanted = new Map(
    [...state.views.values()].flatMap((view) => {
      const query = queryFor(view.sql, dialect.name)
      return query === null
        ? []
        : [
            [
              view.name,
              { query, options: viewOptionsOf(view).filter((option) => dialect.catalog.viewOptions.has(option)) },
            ] as const,
          ]
    }),
  )
  for (const [name, { query, options }] of wanted) {
    const has = found.views.get(name)
    if (has === undefined) {
      differences.push(difference('view', 'missing', name))
      continue
    }
    const described = await dialect.catalog.describeView(name, query, ask)
    const isSame = described === null || dialect.catalog.isSameText(described, has.sql)
    const expected = { sql: described ?? has.sql, options }
    if (!isSame || optionsText(expected) !== optionsText(has))
      differences.push(difference('view', 'different', name, { expected: viewText(expected), found: viewText(has) }))
  }
  for (const view of found.views.values())
    if (!wanted.has(view.name)) differences.push(difference('view', 'unexpected', view.name, { found: viewText(view) }))
  return differences
}

type ViewText = Pick<CatalogView, 'sql' | 'options'>

const optionsText = ({ options }: ViewText): string => [...options].sort().join(', ')

const viewText = (view: ViewText): string =>
  view.options.length === 0 ? view.sql : `${view.sql} (${optionsText(view)})`

/** The SQL for this dialect; null if there is none. */
const queryFor = (sql: DialectSql, dialect: string): string | null =>
  (Object.hasOwn(sql, dialect) ? sql[dialect] : sql.default) ?? null
