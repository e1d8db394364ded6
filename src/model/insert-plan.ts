import type { ExpressionNode, ParameterNode } from '../ast/expression.js'
import type { ConflictNode, InsertNode, SelectionNode } from '../ast/statement.js'
import type { CompiledQuery } from '../compiler/compiler.js'
import type { Dialect } from '../dialect/dialect.js'
import type { ModelMetadata } from '../metadata/metadata.js'
import type { ModelField } from '../metadata/model-field.js'
import { selectionOf } from '../query/assemble.js'
import { canonical } from './canonical.js'
import type { ModelRuntime } from './runtime.js'

/** How rows with values for exactly these fields are inserted, compiled once. */
export interface InsertPlan {
  readonly fields: readonly ModelField[]
  /** Canonical value → the driver's, by place. */
  readonly encoders: readonly ((canonical: unknown) => unknown)[]
  /** All canonical values of a column → one parameter, where rows go in as lists. */
  readonly listEncoders: readonly ((canonical: readonly unknown[]) => unknown)[]
  /** What the statement answers: fields that only the database knows. */
  readonly returning: readonly ModelField[]
  /** The key comes from the driver's insert id rather than from RETURNING. */
  readonly numbered: ModelField | null
  /** The text for so many rows in one statement, or for lists. */
  sql(rows: number | 'lists'): string
}

export function insertPlan(
  runtime: ModelRuntime,
  dialect: Dialect,
  fields: readonly ModelField[],
  conflict: ConflictNode | null = null,
  conflictKey = '',
): InsertPlan {
  const plans = plansOf(runtime, dialect)
  const key = `insert:${fields.map((field) => field.index).join()}:${conflictKey}`
  let plan = plans.get(key) as InsertPlan | undefined
  if (plan === undefined) plans.set(key, (plan = build(runtime.meta, dialect, fields, conflict)))
  return plan
}

export function plansOf(runtime: ModelRuntime, dialect: Dialect): Map<string, unknown> {
  let plans = runtime.writePlans.get(dialect)
  if (plans === undefined || plans.size > 500) runtime.writePlans.set(dialect, (plans = new Map()))
  return plans
}

function build(
  meta: ModelMetadata,
  dialect: Dialect,
  fields: readonly ModelField[],
  conflict: ConflictNode | null,
): InsertPlan {
  const { capabilities } = dialect
  const unknown = meta.fields.filter((field) => !fields.includes(field) && field.filledByDatabase)
  const [only, second] = unknown
  const alone =
    only !== undefined && second === undefined && only.dataType.autoIncrement === true && conflict === null
      ? only
      : null
  const bySingleId =
    alone !== null && capabilities.insertId && alone.dataType.name === 'integer' && capabilities.bulkInsert === 'repeat'
  const returning = bySingleId || !capabilities.returning ? [] : unknown
  const compile = (rows: number | 'lists') =>
    compileInsert(meta, dialect, fields, rows, conflict, returning.map(selectionOf))
  const texts = new Map<number | 'lists', string>()
  const lists = capabilities.bulkInsert === 'lists' ? compile('lists').bindings.map(({ encode }) => encode) : []
  return {
    fields,
    encoders: compile(1).bindings.map(({ encode }) => encode),
    listEncoders: lists as InsertPlan['listEncoders'],
    returning,
    numbered: returning.length > 0 ? null : alone,
    sql(rows) {
      let text = texts.get(rows)
      if (text === undefined) texts.set(rows, (text = compile(rows).sql))
      return text
    },
  }
}

function compileInsert(
  meta: ModelMetadata,
  dialect: Dialect,
  fields: readonly ModelField[],
  rows: number | 'lists',
  conflict: ConflictNode | null,
  returning: readonly SelectionNode[],
): CompiledQuery {
  const parameter = (field: ModelField): ParameterNode => ({ kind: 'parameter', type: canonical(field), value: null })
  const source: InsertNode['source'] =
    rows === 'lists'
      ? { kind: 'lists', lists: fields.map((field) => ({ kind: 'list', type: canonical(field), values: [] })) }
      : { kind: 'rows', rows: Array.from({ length: rows }, (): ExpressionNode[] => fields.map(parameter)) }
  const columns = fields.map((field) => ({ name: field.column, type: field }))
  const table = { kind: 'table', name: meta.table, alias: null } as const
  return dialect.compiler.compile({ kind: 'insert', table, columns, source, conflict, returning })
}
