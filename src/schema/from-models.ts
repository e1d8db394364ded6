import { columnTypeIn } from '../ast/canonical.js'
import type { CreateIndexNode } from '../ast/definition.js'
import type { FullTextIndex } from '../ast/full-text.js'
import type { ColumnState, IndexState, SchemaState, TableState } from '../ast/schema.js'
import type { ModelMetadata } from '../metadata/metadata.js'
import type { ModelField } from '../metadata/model-field.js'
import { checkComments, checkModel } from './check.js'
import { constraintsOf } from './constraints.js'
import { withPivots } from './pivots.js'

/** The schema that these models, and the join tables between them, describe. */
export function stateOfModels(models: readonly ModelMetadata[]): SchemaState {
  const tables = withPivots(models).map((meta) => [meta.table, tableOf(meta)] as const)
  return { tables: new Map(tables), views: new Map() }
}

function tableOf(meta: ModelMetadata): TableState {
  checkModel(meta)
  checkComments(meta)
  const { indexes, fullText, foreignKeys, checks } = constraintsOf(meta)
  return {
    name: meta.table,
    columns: meta.fields.map(columnStateOf),
    primaryKey: meta.keyless ? [] : meta.primaryKey.map(({ column }) => column),
    indexes: [...indexes.map(indexOf), ...fullText.map(fullTextOf)],
    foreignKeys,
    checks,
    comment: meta.options.comment ?? null,
    options: meta.options.tableOptions ?? null,
    retired: false,
  }
}

/** The column of a field. */
export function columnStateOf(field: ModelField): ColumnState {
  const { column: name, generated, nullable, dbDefault } = field
  return {
    name,
    type: columnTypeIn(field.dataType),
    nullable,
    default: dbDefault,
    generated: generated === null ? null : { expression: generated, stored: field.options.stored === true },
    comment: field.options.description ?? null,
    retired: false,
  }
}

const indexOf = ({ name, columns, unique, where, expression, sql, method, vector }: CreateIndexNode): IndexState => ({
  name,
  columns,
  unique,
  where,
  expression,
  sql,
  method,
  vector,
  fullText: null,
})

const fullTextOf = ({ name, columns, language, weights }: FullTextIndex): IndexState => ({
  name,
  columns,
  unique: false,
  where: null,
  expression: null,
  sql: null,
  method: null,
  vector: null,
  fullText: { language, weights },
})
