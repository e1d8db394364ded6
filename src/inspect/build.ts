import type {
  CatalogColumn,
  CatalogState,
  CatalogSupport,
  CatalogTable,
  CatalogWords,
  InspectedType,
} from '../dialect/catalog.js'
import { applyChecks, applyIndexes } from './constraints.js'
import type { DraftOptions, ModelDraft } from './draft.js'
import { fieldDraft } from './field-draft.js'
import { applyKeys, keysOf } from './keys.js'
import { classNameOf, DistinctNames, fieldNameOf, fileNameOf, isDefaultTable, withoutKey } from './names.js'
import { addRelations, type LinkedTable } from './relations.js'

/** The schema of a database as it was read, before models are written. */
export interface InspectedSchema {
  readonly catalog: CatalogState
  readonly viewColumns: ReadonlyMap<string, readonly CatalogColumn[]>
  /** Types by table and column. */
  readonly types: ReadonlyMap<string, ReadonlyMap<string, InspectedType>>
  readonly words: CatalogWords
  readonly typeText: CatalogSupport['typeText']
}

/** Names that fields may not have, and names that relations may not have. */
export interface ReservedNames {
  readonly fields: ReadonlySet<string>
  readonly relations: ReadonlySet<string>
}

const NO_TABLE = {
  primaryKey: [],
  keyText: null,
  indexes: [],
  foreignKeys: [],
  checks: [],
  comment: null,
  options: [],
} as const

/** Builds drafts of models for the wanted tables and views. */
export function buildModels(
  { catalog, viewColumns, types, words, typeText }: InspectedSchema,
  isWanted: (name: string) => boolean,
  reserved: ReservedNames,
): ModelDraft[] {
  const classes = new DistinctNames()
  const files = new DistinctNames()
  const tables: readonly (readonly [CatalogTable, boolean])[] = [
    ...[...catalog.tables.values()].map((table) => [table, false] as const),
    ...[...catalog.views.values()].map(
      ({ name }) => [{ ...NO_TABLE, name, columns: viewColumns.get(name) ?? [] }, true] as const,
    ),
  ]
  const models = tables
    .filter(([{ name, columns }]) => name !== '' && isWanted(name) && columns.length > 0)
    .map(([table, isView]) => {
      const name = classNameOf(table.name)
      const className = classes.take(name, `${name}Model`)
      const place = { className, file: files.take(fileNameOf(className)), isView }
      return {
        draft: draftOf(table, place, { types: types.get(table.name), words, typeText, reserved: reserved.fields }),
        table,
      }
    })
  const byTable = new Map(models.map((model) => [model.table.name, model]))
  const linked = models.map(({ draft, table }): LinkedTable => ({ draft, table, keys: keysOf(draft, table, byTable) }))
  applyKeys(linked.flatMap(({ keys }) => keys))
  for (const { draft, table } of linked) {
    applyIndexes(draft, table, words)
    applyChecks(draft, table, words)
  }
  addRelations(linked, reserved.relations)
  return models.map(({ draft }) => draft)
}

interface CatalogFacts {
  readonly types: ReadonlyMap<string, InspectedType> | undefined
  readonly words: CatalogWords
  readonly typeText: CatalogSupport['typeText']
  readonly reserved: ReadonlySet<string>
}

function draftOf(
  table: CatalogTable,
  { className, file, isView }: Pick<ModelDraft, 'className' | 'file' | 'isView'>,
  { types, words, typeText, reserved }: CatalogFacts,
): ModelDraft {
  const notes: string[] = []
  const primaryKey = table.primaryKey.length > 0 ? table.primaryKey : insteadOfKey(table, isView)
  const isKeyless = table.primaryKey.length === 0 && !hasUniqueKey(table, primaryKey)
  if (isKeyless)
    notes.push(
      `${isView ? 'The view' : 'The table'} has no key: corm takes ${primaryKey.join(', ')} for it. Choose columns that tell its rows apart.`,
    )
  const names = new DistinctNames()
  const fields = inKeyOrder(columnsOf(table, notes), primaryKey).map((column) => {
    const wanted = fieldNameOf(column.name)
    const name = names.take(...(reserved.has(wanted) ? [] : [wanted]), `${wanted}Field`)
    const inspected = types?.get(column.name) ?? { type: { name: 'text' } }
    if (inspected.note !== undefined) notes.push(`${column.name}: ${inspected.note}`)
    const isKey = primaryKey.includes(column.name)
    return fieldDraft(column, inspected, {
      name,
      isKey,
      isKeyless: isKeyless && !isView,
      isForeign: isForeign(column, table),
      words,
      typeText,
    })
  })
  const options: DraftOptions = {
    ...(isDefaultTable(className, table.name) ? {} : { table: table.name }),
    ...((isView || isKeyless) && { readOnly: true }),
    ...(isKeyless && !isView && { keyless: true }),
    ...(table.comment !== null && { comment: table.comment }),
  }
  return {
    ...{ table: table.name, isView, className, file, fields, options, notes },
    ...{ indexes: [], foreignKeys: [], checks: new Map(), relations: [], left: new Set<string>(), found: table },
  }
}

const isForeign = ({ name }: CatalogColumn, { foreignKeys }: CatalogTable): boolean =>
  foreignKeys.some(({ columns }) => columns.length === 1 && columns[0] === name)

/** The columns that a model can have. It skips columns without a name, and those whose names only differ by case. */
function columnsOf({ columns }: CatalogTable, notes: string[]): readonly CatalogColumn[] {
  const seen = new Set<string>()
  return columns.filter(({ name }) => {
    const lower = name.toLowerCase()
    const isNew = lower !== '' && !seen.has(lower)
    seen.add(lower)
    if (lower === '') notes.push('A column without a name is left out: the columns of a model have names.')
    else if (!isNew)
      notes.push(`The column ${JSON.stringify(name)} is left out: a model has one column of a name, in whatever case.`)
    return isNew
  })
}

/**
 * Reorders the key columns among themselves to match the primary key, because the key of a model follows the order of its
 * fields.
 */
function inKeyOrder(columns: readonly CatalogColumn[], key: readonly string[]): readonly CatalogColumn[] {
  const ordered = key.flatMap((name) => columns.find((column) => column.name === name) ?? [])
  let next = 0
  return columns.map((column) => (key.includes(column.name) ? (ordered[next++] ?? column) : column))
}

const uniqueKeys = ({ indexes, columns }: CatalogTable) =>
  indexes.filter(
    (index) =>
      index.unique &&
      index.where === null &&
      index.columns.length > 0 &&
      index.columns.every((name) => columns.some((column) => column.name === name && !column.nullable)),
  )

const hasUniqueKey = (table: CatalogTable, key: readonly string[]): boolean =>
  uniqueKeys(table).some(({ columns }) => columns.join('\0') === key.join('\0'))

/** The columns that replace a missing primary key: those of a unique index, or columns that look like a key. */
function insteadOfKey(table: CatalogTable, isView: boolean): readonly string[] {
  const [unique] = uniqueKeys(table)
  if (unique !== undefined) return unique.columns.map(String)
  const { columns } = table
  const id =
    columns.find(({ name }) => name.toLowerCase() === 'id') ??
    columns.find(({ name }) => withoutKey(fieldNameOf(name)) !== fieldNameOf(name))
  const needed = columns.filter(({ nullable }) => !nullable)
  if (isView || needed.length === 0) return [id ?? columns[0]].flatMap((column) => column?.name ?? [])
  return needed.map(({ name }) => name)
}
