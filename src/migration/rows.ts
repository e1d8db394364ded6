import { nodeOf } from '../ast/brand.js'
import type { ColumnState, TableState } from '../ast/schema.js'
import { MigrationError, quoted } from '../errors.js'
import type { Executor } from '../execution/executor.js'
import { kindOfType } from '../field/from-type.js'
import { FieldDescriptor } from '../field/kind.js'
import type { ModelConstructor } from '../metadata/metadata.js'
import type { ModelField } from '../metadata/model-field.js'
import { Model } from '../model/face/define.js'
import { ModelBase } from '../model/face/model.js'
import { storedPage } from '../model/read/stored-rows.js'
import { type ModelRuntime, runtimeOf } from '../model/runtime/runtime.js'
import { insertData } from '../model/write/create.js'
import type { Query } from '../query/builder/query-builder.js'
import { columnOf } from '../query/columns/columns.js'
import { Expr } from '../query/expression/expression.js'
import { memo } from '../util/memo.js'
import { suggestion } from '../util/names.js'
import { emptyRecord } from '../util/record.js'
import { heldValue } from './column-value.js'

/** A row by the names of the columns. */
export type TableRow = Record<string, unknown>

/** A part of a table in the order of its primary key. */
export interface TablePage {
  readonly rows: readonly TableRow[]
  /** The key of the last row, in canonical form; null: there are no rows. */
  readonly last: readonly unknown[] | null
}

/** Names that a model may not give to a field. */
const REFUSED: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(ModelBase.prototype),
  ...Object.getOwnPropertyNames(Object.prototype),
  'then',
  'prototype',
  'fields',
  'extend',
])

const fieldName = (column: string, index: number): string =>
  /^[a-z_]\w*$/i.test(column) && !REFUSED.has(column) ? column : `column ${index + 1}`

function descriptorOf({ name, type, nullable, default: value, generated }: ColumnState, isKey: boolean) {
  const options = {
    column: name,
    nullable: nullable && !isKey,
    ...(isKey && { primaryKey: true }),
    ...(value !== null && { dbDefault: typeof value === 'string' ? value : new Expr(value) }),
    ...(generated !== null && { generated: new Expr(generated.expression), stored: generated.stored }),
  }
  return new FieldDescriptor({ type: type.name, options, kind: kindOfType(type, options.nullable) })
}

// the types of models come from fields in the source, and these fields are only known at runtime
const makeModel = Model as unknown as (fields: object, options: { readonly table: string }) => ModelConstructor

/** A model of a table as its state has it. It has no hooks, scopes, relations or validation rules. */
function modelOf(table: TableState): ModelConstructor {
  // a table without a primary key needs some key field, to be a model at all
  const keys = table.primaryKey.length > 0 ? table.primaryKey : table.columns.slice(0, 1).map(({ name }) => name)
  const fields = emptyRecord<FieldDescriptor>()
  for (const [index, column] of table.columns.entries())
    fields[fieldName(column.name, index)] = descriptorOf(column, keys.includes(column.name))
  const Rows = class extends makeModel(fields, { table: table.name }) {}
  Object.defineProperty(Rows, 'name', { value: table.name })
  return Rows
}

/** Reads and writes the rows of a table as its state has it. */
export class TableRows {
  readonly #runtime: ModelRuntime
  readonly #hasKey: boolean

  constructor(readonly table: TableState) {
    this.#runtime = runtimeOf(modelOf(table))
    this.#hasKey = table.primaryKey.length > 0
  }

  async rows(executor: Executor, where: TableRow): Promise<TableRow[]> {
    const fields = this.#fields
    const found = await this.#query(executor, where).valuesList(...fields.map(({ name }) => name))
    return found.map((values) => this.#row(values, (value) => value))
  }

  count(executor: Executor, where: TableRow): Promise<number> {
    return this.#query(executor, where).count()
  }

  insert(executor: Executor, rows: readonly TableRow[]): Promise<number> {
    return insertData(
      this.#runtime,
      rows.map((row) => this.#named(row, true)),
      executor,
    )
  }

  update(executor: Executor, where: TableRow, values: TableRow): Promise<number> {
    return this.#query(executor, where).update(this.#named(values, true))
  }

  delete(executor: Executor, where: TableRow): Promise<number> {
    return this.#query(executor, where).delete()
  }

  /** The next rows after a key. Throws MigrationError if the table has no primary key. */
  async page(executor: Executor, after: readonly unknown[] | null, count: number): Promise<TablePage> {
    if (!this.#hasKey)
      throw new MigrationError(
        `The table ${quoted(this.table.name)} has no primary key, by which batches are read. Use rows().`,
      )
    const fields = this.#fields
    const found = await storedPage(this.#runtime, executor, { fields, after, count })
    const last = found.at(-1)
    const { primaryKey } = this.#runtime.meta
    return {
      rows: found.map((values) => this.#row(values, (value, { load }) => (load === null ? value : load(value)))),
      last: last === undefined ? null : primaryKey.map(({ index }) => last[index]),
    }
  }

  get #fields(): readonly ModelField[] {
    return this.#runtime.meta.fields
  }

  #query(executor: Executor, where: TableRow): Query {
    const query = this.#runtime.query(executor)
    return Object.keys(where).length === 0 ? query.all() : query.where(this.#named(where))
  }

  /** A row with the names of the fields. Values to be written are read as those of migrations. */
  #named(row: TableRow, isWritten = false): TableRow {
    const named = emptyRecord()
    for (const [column, value] of Object.entries(row)) {
      const field = this.#runtime.meta.fieldOfColumn(column)
      if (field === undefined) {
        const columns = this.#fields.map((each) => each.column)
        throw new MigrationError(
          `The table ${quoted(this.table.name)} has no column ${quoted(column)} at this point of the migrations.${suggestion(column, columns)}`,
        )
      }
      named[field.name] = isWritten ? this.#written(value, field) : value
    }
    return named
  }

  /** `sql.id()` of a column is the column, with its type: its stored form may be another one. */
  #written(value: unknown, { dataType }: ModelField): unknown {
    const node = nodeOf(value)
    if (node === undefined) return heldValue(dataType, value)
    if (node.kind !== 'identifier' || node.path.length !== 1) return value
    const other = this.#runtime.meta.fieldOfColumn(node.path[0] ?? '')
    return other === undefined ? value : new Expr(columnOf(other))
  }

  #row(values: readonly unknown[], read: (value: unknown, field: ModelField) => unknown): TableRow {
    const row: TableRow = {}
    for (const [i, field] of this.#fields.entries()) {
      const value = values[i]
      // defined as a property, because a column may have any name, even __proto__
      Object.defineProperty(row, field.column, {
        value: value === null || value === undefined ? null : read(value, field),
        enumerable: true,
        writable: true,
        configurable: true,
      })
    }
    return row
  }
}

const known = new WeakMap<TableState, TableRows>()

/** The rows of a table of a state. */
export function rowsOf(table: TableState): TableRows {
  return memo(known, table, () => new TableRows(table))
}
