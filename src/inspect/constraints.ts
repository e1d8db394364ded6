import {
  type CatalogCheck,
  type CatalogIndex,
  type CatalogTable,
  type CatalogWords,
  EXCLUSION,
} from '../dialect/catalog.js'
import { isOwnIndex } from '../schema/catalog/to-state.js'
import { constraintName } from '../schema/names.js'
import { own } from '../util/own.js'
import { type FieldDraft, fieldDraftOf, type ModelDraft, SqlText } from './draft.js'

// Adds indexes and checks to drafts: to the options of a field if those can express them, and otherwise to the options of the
// model.

const isForeign = ({ maker }: FieldDraft) => maker === 'foreignKey' || maker === 'oneToOne'

/** Whether the index has the name that corm would choose. */
const isDefaultName = ({ name, unnamed, unique, columns }: CatalogIndex, table: string): boolean =>
  unnamed || name === constraintName(table, columns.map(String), unique ? 'unique' : 'index')

const INCLUDED =
  'Models have no words for that. The index stays as it is, and a new database gets it without them: write it with an sql operation there.'

export function applyIndexes(draft: ModelDraft, table: CatalogTable, words: CatalogWords): void {
  const includes = [{ name: 'of the primary key', includes: table.keyIncludes }, ...table.indexes]
  for (const { name, includes: text } of includes)
    if (text !== undefined) draft.notes.push(`The index ${name} also holds other columns: ${text}. ${INCLUDED}`)
  for (const index of table.indexes.filter(isOwnIndex(table))) applyIndex(index, { draft, table, words })
  const leading = new Set(
    table.indexes
      .filter((index) => index.where === null && index.method === 'btree' && index.ofColumns)
      .map(({ columns }) => columns[0]),
  )
  for (const field of draft.fields) {
    const { name } = field.column
    // otherwise corm would create an index for the foreign key
    if (isForeign(field) && !leading.has(name) && table.primaryKey[0] !== name) field.options.index = false
  }
}

interface TableContext {
  readonly draft: ModelDraft
  readonly table: CatalogTable
  readonly words: CatalogWords
}

function applyIndex(index: CatalogIndex, { draft, table, words }: TableContext): void {
  const { columns, unique, where, method, name, unnamed, keys } = index
  if (method === EXCLUSION) {
    draft.left.add(name)
    draft.notes.push(
      `The constraint ${name} (${index.text}) is not in the model. Let a migration create it with an sql operation.`,
    )
    return
  }
  if (own(index).hidden === true) {
    draft.left.add(name)
    draft.notes.push(
      `The index ${name} is over a hidden column, and not in the model. If it is that of a translated field, write Field.translated() with { index: 'shown' }.`,
    )
    return
  }
  if (applyToVector(draft, index, words)) return
  const isPlain = index.ofColumns && where === null && method === 'btree'
  const fields = index.ofColumns
    ? columns.flatMap((column) => (column === null ? [] : (fieldDraftOf(draft, column) ?? [])))
    : fieldsIn(draft, words.namesIn(keys))
  const [field, ...more] = fields
  if (field === undefined) {
    draft.notes.push(`The index ${name} (${keys}) is not in the model.`)
    return
  }
  if (isPlain && isDefaultName(index, table.name)) {
    if (more.length === 0 && draft.fields.filter(({ options }) => options.primaryKey === true).length !== 1) {
      applyToField(field, unique)
      return
    }
    if (more.length === 0 && field.options.primaryKey !== true) return applyToField(field, unique)
  }
  const names = fields.map((each) => each.name)
  const isNamed = !unnamed && !(isPlain && isDefaultName(index, table.name))
  draft.indexes.push(indexOptions(index, names, { isSql: !index.ofColumns, isNamed }))
}

/** The options of an index in a model: the columns or expression unless the fields imply them, and the name. */
export function indexOptions(
  { unique, where, method, name, keys }: CatalogIndex,
  fields: readonly string[],
  { isSql, isNamed }: { readonly isSql: boolean; readonly isNamed: boolean },
): ModelDraft['indexes'][number] {
  // an index that corm would create differently is written as SQL
  const isFullText = method === 'fulltext' && !isSql
  return {
    fields,
    ...(unique && { unique }),
    ...(isSql && { sql: keys }),
    ...(where !== null && { where: new SqlText(where) }),
    ...(isFullText ? { fullText: true } : method !== 'btree' && { method }),
    ...(isNamed && { name }),
  }
}

/** The same index as SQL of the database. Null if it is SQL already. */
export function indexAsSql(
  { found }: ModelDraft,
  index: ModelDraft['indexes'][number],
): ModelDraft['indexes'][number] | null {
  const known = found.indexes.find(({ name }) => name === index.name)
  return known === undefined || index.sql !== undefined
    ? null
    : indexOptions(known, index.fields, { isSql: true, isNamed: true })
}

/** Adds the index of a vector as an option of its field. */
function applyToVector(draft: ModelDraft, { columns, keys, method }: CatalogIndex, words: CatalogWords): boolean {
  const field = columns.length === 1 ? fieldDraftOf(draft, columns[0] ?? '') : undefined
  const metric = words.metricOf(keys)
  if (field?.maker !== 'vector' || metric === null) return false
  field.options.index = { method, metric }
  return true
}

function applyToField(field: FieldDraft, unique: boolean): void {
  if (!unique) {
    if (!isForeign(field)) field.options.index = true
  } else if (field.maker === 'foreignKey') field.maker = 'oneToOne'
  else field.options.unique = true
}

/** The fields whose columns occur in SQL. */
const fieldsIn = (draft: ModelDraft, names: ReadonlySet<string>): readonly FieldDraft[] =>
  draft.fields.filter(({ column }) => names.has(column.name.toLowerCase()))

export function applyChecks(draft: ModelDraft, table: CatalogTable, words: CatalogWords): void {
  for (const [i, check] of table.checks.entries()) {
    const field = draft.fields.find(({ column }) => check.name === constraintName(table.name, [column.name], 'check'))
    if (field !== undefined && isOfType(field, check, words)) continue
    const [key, name] = namesOf(check, table.name, i)
    draft.checks.set(key, { check: new SqlText(check.predicate), ...(name !== null && { name }) })
  }
}

/** Whether the field implies this check, as an enum or a boolean does. */
function isOfType(field: FieldDraft, { predicate }: CatalogCheck, words: CatalogWords): boolean {
  if (field.options.sql !== undefined) return false
  if (field.maker === 'boolean' || field.maker === 'enum') return true
  if (field.maker !== 'string' && field.maker !== 'text') return false
  const values = words.valuesIn(predicate, field.column.name)
  if (values === null) return false
  field.maker = 'enum'
  field.first = [values]
  const { max: _, ...options } = field.options
  field.options = options
  return true
}

/** The name of a check in the model, and its name in the database if corm would not derive it. */
function namesOf({ name }: CatalogCheck, table: string, place: number): readonly [string, string | null] {
  if (name === null) return [`check${place + 1}`, null]
  const inner = /^(.+)_check$/.exec(name.startsWith(`${table}_`) ? name.slice(table.length + 1) : '')?.[1]
  return inner !== undefined && constraintName(table, [inner], 'check') === name ? [inner, null] : [name, name]
}
