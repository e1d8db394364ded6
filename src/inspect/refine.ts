import type { CatalogColumn, CatalogIndex, CatalogSupport, CatalogTable } from '../dialect/catalog.js'
import type { Difference } from '../schema/catalog/difference.js'
import { constraintName } from '../schema/names.js'
import { indexOptions } from './constraints.js'
import { type DraftOptions, type FieldDraft, fieldDraftOf, type ModelDraft, optionKey, SqlText } from './draft.js'

// Starts with the simplest model of a table, compares it with the table, and adds what it lacks.

interface Refining {
  readonly draft: ModelDraft
  readonly table: CatalogTable
  readonly support: Pick<CatalogSupport, 'typeText'>
}

/** Changes a draft so that differences disappear. Returns whether anything was changed. */
export function refineAll(differences: readonly Difference[], refining: Refining): boolean {
  const isOption = ({ kind }: Difference) => kind === 'option'
  const changed = differences.filter((each) => !isOption(each)).map((each) => refine(each, refining))
  // options come last, because a custom column type may already change them
  return (
    changed.includes(true) ||
    differences
      .filter(isOption)
      .map((each) => refine(each, refining))
      .includes(true)
  )
}

function refine(difference: Difference, refining: Refining): boolean {
  const { draft, table } = refining
  const { kind, name } = difference
  if ((kind === 'index' || kind === 'check') && name !== null && draft.left.has(name)) return false
  const before = textOf(draft)
  if (kind === 'option') draft.options.tableOptions = [...table.options]
  else if (kind === 'comment') assign(draft.options, 'comment', table.comment)
  else if (kind === 'column') {
    const field = fieldDraftOf(draft, name ?? '')
    const column = table.columns.find((each) => each.name === name)
    if (field !== undefined && column !== undefined) refineColumn(difference, field, column, refining)
  } else if (kind === 'check') refineCheck(difference, refining)
  else if (kind === 'index') refineIndex(difference, refining)
  else if (kind === 'foreignKey') refineKey(difference, refining)
  return textOf(draft) !== before
}

const textOf = ({ found: _, ...draft }: ModelDraft) => JSON.stringify([draft, [...draft.checks]])

function assign(options: DraftOptions, name: string, value: unknown): void {
  if (value === null || value === undefined || value === false) delete options[name]
  else options[name] = value
}

function refineColumn(
  { property }: Difference,
  field: FieldDraft,
  column: CatalogColumn,
  { support, draft: { left, options: model } }: Refining,
): void {
  const { options } = field
  switch (property) {
    case 'type':
    case 'collation':
    case 'extra':
    case 'noted':
      options.sql = support.typeText(column)
      break
    case 'default':
      if (left.has(optionKey(column.name, 'dbDefault'))) break
      assign(options, 'dbDefault', column.default === null ? null : new SqlText(column.default))
      break
    case 'nullable':
      if (options.primaryKey !== true || model.keyless === true) assign(options, 'nullable', column.nullable)
      break
    case 'comment':
      assign(options, 'description', column.comment)
      break
    case 'numbered':
      if (!column.numbered && (field.maker === 'id' || field.maker === 'bigId')) options.reuse = true
      break
    case 'generated':
    case 'stored':
      if (left.has(optionKey(column.name, 'generated'))) break
      if (column.generated !== null) options.generated = new SqlText(column.generated.expression)
      assign(options, 'stored', column.generated?.stored)
      break
    default:
  }
}

function refineCheck({ change, name, found, property }: Difference, { draft, table, support }: Refining): void {
  const field = draft.fields.find(
    (each) =>
      (each.maker === 'boolean' || each.maker === 'enum') &&
      name?.endsWith('_check') === true &&
      each.options.sql === undefined &&
      nameIsOf(name, draft.table, each),
  )
  if (change === 'unexpected' || property === 'name') {
    const known = property === 'name' ? found : name
    const check = table.checks.find((each) => each.name === known && (known !== null || each.predicate === found))
    if (check === undefined) return
    const key = check.name ?? `check${draft.checks.size + 1}`
    if (property === 'name')
      for (const [other, { check: sql }] of draft.checks)
        if (sql instanceof SqlText && sql.text === check.predicate) draft.checks.delete(other)
    draft.checks.set(key, { check: new SqlText(check.predicate), ...(check.name !== null && { name: check.name }) })
  }
  if (field !== undefined && change !== 'unexpected') field.options.sql = support.typeText(field.column)
}

const nameIsOf = (name: string, table: string, { column }: FieldDraft) =>
  name === constraintName(table, [column.name], 'check')

/** Adds an index to the options of the draft, as SQL unless only its name differs. */
function refineIndex({ change, name, found, property }: Difference, { draft, table }: Refining): void {
  const known = property === 'name' ? found : name
  const index = table.indexes.find((each) => each.name === known)
  // a unique constraint of these columns with properties that an index can't have
  if (change === 'different' && index === undefined) return
  if (change === 'missing' || index === undefined) return withoutIndex(draft, name ?? '')
  const fields = fieldsOf(draft, index)
  withoutIndex(draft, name ?? '')
  if (fields.length === 0) return
  const isMade = property === 'name'
  draft.indexes.push(indexOptions(index, fields, { isSql: !isMade, isNamed: !index.unnamed }))
}

function fieldsOf(draft: ModelDraft, { columns }: CatalogIndex): readonly string[] {
  const named = columns.flatMap((column) => (column === null ? [] : (fieldDraftOf(draft, column)?.name ?? [])))
  return named.length > 0 ? named : draft.fields.slice(0, 1).map(({ name }) => name)
}

/** Removes the index of this name from a field or from the options of a draft. */
function withoutIndex(draft: ModelDraft, name: string): void {
  const at = draft.indexes.findIndex((each) => each.name === name)
  if (at >= 0) draft.indexes.splice(at, 1)
  for (const field of draft.fields) {
    const nameOf = (suffix: string) => constraintName(draft.table, [field.column.name], suffix)
    if (name === nameOf('index')) {
      if (field.maker === 'foreignKey') field.options.index = false
      else delete field.options.index
    }
    if (name === nameOf('unique')) {
      if (field.maker === 'oneToOne') field.maker = 'foreignKey'
      else delete field.options.unique
    }
  }
}

function refineKey({ property, found }: Difference, { draft, table }: Refining): void {
  if (property !== 'name' || found === null) return
  const key = table.foreignKeys.find((each) => each.name === found)
  const field = key?.columns.length === 1 ? fieldDraftOf(draft, key.columns[0] ?? '') : undefined
  if (field?.maker === 'foreignKey' || field?.maker === 'oneToOne') field.options.name = found
}
