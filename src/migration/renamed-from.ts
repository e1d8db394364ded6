import type { SchemaState, TableState } from '../ast/schema.js'
import type { ModelMetadata } from '../metadata/metadata.js'
import type { ModelField } from '../metadata/model-field.js'
import { namingOf } from '../metadata/naming.js'
import type { RenameAnswers } from './renames.js'

/** The renames that models name by `renamedFrom`, as far as the schema still has the old names. */
export function renamesOfModels(models: readonly ModelMetadata[], state: SchemaState): RenameAnswers {
  const tables = new Map<string, string>()
  const columns = new Map<string, string>()
  for (const meta of models) {
    const before = oldTable(meta, state)
    if (before === null) continue
    if (before.name !== meta.table) tables.set(before.name, meta.table)
    for (const field of meta.fields) {
      const column = oldColumn(meta, field, before)
      if (column !== null) columns.set(`${meta.table}.${column}`, field.column)
    }
  }
  return { tables, columns }
}

/** The table as the schema has it, under its present or its former name. */
function oldTable({ table, options: { renamedFrom } }: ModelMetadata, { tables }: SchemaState): TableState | null {
  const old = renamedFrom === undefined ? undefined : tables.get(renamedFrom)
  return tables.get(table) ?? (old?.retired === false ? old : null)
}

/** The column that the field had, if it is there and the present one is not. */
function oldColumn({ options, fields }: ModelMetadata, field: ModelField, { columns }: TableState): string | null {
  const name = formerName(field, fields)
  const has = (column: string) => columns.some((each) => each.name === column && !each.retired)
  if (name === null || columns.some((each) => each.name === field.column)) return null
  return [namingOf(options.naming)(name), name].find(has) ?? null
}

/** The former name of a field. Columns that corm adds to a field are renamed with it. */
function formerName(field: ModelField, fields: readonly ModelField[]): string | null {
  const { part } = field.descriptor
  const { renamedFrom } = field.options
  if (renamedFrom !== undefined) {
    if (part === null || part.isBase) return renamedFrom
    return `${renamedFrom}${field.name.slice(part.of.length)}`
  }
  const index = field.indexOf?.options.renamedFrom
  if (index !== undefined) return `${index}Index`
  const owner = fields.find(
    ({ name, descriptor: { embedding } }) =>
      embedding !== null &&
      field.name.startsWith(name) &&
      Object.hasOwn(embedding.companions, field.name.slice(name.length)),
  )
  const former = owner?.options.renamedFrom
  return owner === undefined || former === undefined ? null : `${former}${field.name.slice(owner.name.length)}`
}
